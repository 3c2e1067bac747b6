//! The nouns of the domain, as they leave.

use content::{FreeText, Label};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Link, Moment, Output, RecordId};

/// How far a piece of work is, across trackers with their own words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not begun.
    Todo,
    /// Being worked on.
    Doing,
    /// Finished or given up.
    Done,
}

/// How much it matters, worst first, across trackers with their own words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Drop everything.
    Critical,
    /// Soon.
    High,
    /// In its turn.
    Medium,
    /// Some day.
    Low,
}

/// Who may read a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The company's own people.
    Internal,
    /// Everybody who sees the issue, customers included where they do.
    Public,
}

/// A field that may be empty, for compliance questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Emptiable {
    /// Nobody is assigned.
    Assignee,
    /// No label is set.
    Labels,
    /// No priority is set.
    Priority,
    /// No due date is set.
    Due,
}

/// An issue: a row of a list, or more of it where `detail` asks for more.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Issue {
    /// `jira:PAY-12`, `github:acme/web#7`.
    pub id: RecordId,
    /// Its title.
    pub title: Label,
    /// How far it is.
    pub state: State,
    /// The tracker's own word for it.
    pub status: Label,
    /// The tracker's own type: Bug, Story.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Label>,
    /// How much it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Who works on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub assignee: Option<Label>,
    /// Its labels, without our markers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// When it is due, an ISO date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Something open stands in its way.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub blocked: bool,
    /// When it changed last; give it back as `expected_updated_at`.
    pub updated: Moment,
    /// Where a person can look at it.
    pub url: String,
    /// When the tracker was asked; in a list it stands with the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Moment>,
    /// Its text, with `detail: full` and in single records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<FreeText>,
    /// Fields the tracker's owner added, with `detail: full` and in single records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custom_fields: Vec<CustomField>,
}

/// A field the tracker's owner added.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CustomField {
    /// Its name.
    pub name: Label,
    /// Its value as text.
    pub value: Label,
}

/// One issue with what surrounds it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct IssueDetail {
    /// The issue.
    pub issue: Issue,
    /// The newest comments, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Comment>,
    /// Related issues.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<IssueLink>,
    /// The newest changes, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<HistoryEntry>,
    /// Pull requests and the like, as far as the tracker itself knows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub development: Option<Delivery>,
    /// Something was left out or shortened for the size of the answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// How many comments, links and changes were left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omitted: Option<usize>,
}

impl Output for IssueDetail {
    fn links(&self) -> Vec<Link> {
        vec![Link { kind: "issue".into(), id: self.issue.id.clone(), label: self.issue.title.to_string() }]
    }
}

/// A comment on an issue.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Comment {
    /// `jira:10432`.
    pub id: RecordId,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub author: Option<Label>,
    /// When.
    pub created: Moment,
    /// Who may read it; absent where the tracker makes no difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// What it says.
    pub text: FreeText,
}

/// Another issue and how it is related.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct IssueLink {
    /// `blocks`, `is blocked by`, `duplicates`, in the tracker's words.
    pub relation: Label,
    /// The other issue.
    pub id: RecordId,
    /// Its title.
    pub title: Label,
    /// How far it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
}

/// One change of an issue.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HistoryEntry {
    /// When.
    pub at: Moment,
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub author: Option<Label>,
    /// Which field.
    pub field: Label,
    /// From what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Label>,
    /// To what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Label>,
}

/// A sprint or milestone. Numbers that the tracker does not know are absent, never zero.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Iteration {
    /// The source it is of.
    pub source: String,
    /// Its project or repository.
    pub project: Label,
    /// Its name.
    pub name: Label,
    /// `active`, `future`, `closed`.
    pub state: Label,
    /// Its goal or description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<FreeText>,
    /// First day, an ISO date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Last day, an ISO date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// Issues it began with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committed: Option<u32>,
    /// Issues finished in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<u32>,
    /// Issues moved out of it, or left open when it closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spilled: Option<u32>,
    /// Open issues in it with something in their way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked: Option<u32>,
    /// Open issues in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<u32>,
    /// Where a person can look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// An open issue that stands in a release's way, and why.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Blocker {
    /// The issue.
    #[serde(flatten)]
    pub issue: Issue,
    /// Why it blocks: its priority, a flag, a link, a label.
    pub reason: Label,
}

/// What carries an issue towards its users.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Delivery {
    /// Pull requests that name or close it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pull_requests: Vec<PullRequest>,
    /// Checks on the newest commit of its open pull requests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Deployments of its merged pull requests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deployments: Vec<Deployment>,
    /// Links that people put on the issue.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remote_links: Vec<RemoteLink>,
}

/// A pull request.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PullRequest {
    /// `github:acme/web#31`.
    pub id: RecordId,
    /// Its title.
    pub title: Label,
    /// `open`, `merged`, `closed`, `draft`.
    pub state: Label,
    /// Who opened it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub author: Option<Label>,
    /// Where a person can look at it.
    pub url: String,
}

/// A check on a commit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Check {
    /// Its name.
    pub name: Label,
    /// `success`, `failure`, `pending`.
    pub state: Label,
}

/// A deployment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Deployment {
    /// Where to.
    pub environment: Label,
    /// `success`, `failure`, `in_progress`.
    pub state: Label,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
}

/// A link that somebody put on an issue.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RemoteLink {
    /// Its title.
    pub title: Label,
    /// Where it leads; written by others, never followed by us.
    pub url: Label,
}
