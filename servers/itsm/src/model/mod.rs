//! The nouns of the domain, as they leave.

mod surroundings;

pub use surroundings::{
    Alert, Change, ChangeKind, OnCall, Remediation, Risk, Run, Severity, SlaClock, SlaState,
};

use content::{FreeText, Label};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Moment, RecordId};

/// How far an incident is, across desks with their own words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has taken it: new, triggered.
    New,
    /// Somebody has: in progress, acknowledged.
    InProgress,
    /// Waiting for somebody else.
    OnHold,
    /// Service is back.
    Resolved,
    /// Settled for good, or canceled.
    Closed,
}

impl State {
    /// Every state in which somebody still has work with it.
    pub const OPEN: [Self; 3] = [Self::New, Self::InProgress, Self::OnHold];

    /// Whether somebody still has work with it.
    #[must_use]
    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }

    /// Whether a desk's word for it is our own.
    fn is_called(self, word: &Label) -> bool {
        let own = match self {
            Self::New => "new",
            Self::InProgress => "in progress",
            Self::OnHold => "on hold",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        };
        word.as_str().eq_ignore_ascii_case(own)
    }
}

/// How bad it is and how soon it must be worked on, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Critical.
    P1,
    /// High.
    P2,
    /// Moderate.
    P3,
    /// Low.
    P4,
    /// Planning.
    P5,
}

/// How soon somebody is disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Now, at night too.
    High,
    /// Soon.
    Medium,
    /// In working hours.
    Low,
}

/// Who may read an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The people who work on it.
    Internal,
    /// The customer or the person who reported it, too.
    Customer,
}

/// What can be done with an incident's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Take note of it: in progress.
    Acknowledge,
    /// Give it to a person or a group.
    Assign,
    /// Call the next level.
    Escalate,
    /// Service is back.
    Resolve,
}

/// A field that may be empty, for compliance questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Emptiable {
    /// Nobody is assigned.
    Assignee,
    /// No group is assigned.
    Group,
    /// No service or configuration item is named.
    Service,
    /// No priority is set.
    Priority,
}

/// A record that is only named: a service, a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Named {
    /// Its id.
    pub id: RecordId,
    /// Its name.
    pub name: Label,
}

/// An incident: a row of a list, or more of it where `detail` asks for more.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Incident {
    /// `servicenow:INC0010023`, `pagerduty:Q1ABCDEF2GHIJK`.
    pub id: RecordId,
    /// The number people use, where the id is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Label>,
    /// Its title.
    pub title: Label,
    /// How far it is.
    pub state: State,
    /// The desk's own word for it, where it says more.
    #[serde(skip_serializing_if = "says_nothing")]
    pub status: Label,
    /// How bad it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// How soon somebody is disturbed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    /// The service or configuration item, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Label>,
    /// Its id, with `detail: full` and in single records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_id: Option<RecordId>,
    /// The assignment group or team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Label>,
    /// The desk's key of the group; stays inside, names are understood too.
    #[serde(skip)]
    pub group_key: Option<String>,
    /// Who works on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-class" = "personal"))]
    pub assignees: Vec<Label>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Label>,
    /// When it was opened.
    pub opened: Moment,
    /// When it changed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<Moment>,
    /// When it was resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved: Option<Moment>,
    /// How it is related to the record asked about, in lists of related incidents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<Label>,
    /// Where a person can look at it.
    pub url: String,
    /// When the desk was asked; of rows, `sources` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Moment>,
    /// Its text, with `detail: full` and in single records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<FreeText>,
    /// Fields the desk's owner added, with `detail: full` and in single records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custom_fields: Vec<CustomField>,
}

impl Incident {
    /// What a list needs of it.
    #[must_use]
    pub fn brief(mut self) -> Self {
        (self.updated, self.as_of) = (None, None);
        self.urgency = self.urgency.filter(|_| self.priority.is_none());
        self.number = self.number.filter(|number| number.as_str() != self.id.native());
        self.service_id = None;
        if self.state.is_called(&self.status) {
            self.status = Label::default();
        }
        self
    }
}

fn says_nothing(label: &Label) -> bool {
    label.as_str().is_empty()
}

/// A field the desk's owner added.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CustomField {
    /// Its name.
    pub name: Label,
    /// Its value as text.
    pub value: Label,
}

/// Something that happened to an incident.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Entry {
    /// When.
    pub at: Moment,
    /// What, in the desk's words: `acknowledge`, `work note`, `state`.
    pub what: Label,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub author: Option<Label>,
    /// Who may read it, if it is an update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<FreeText>,
}

/// A note or comment that was posted on an incident.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Update {
    /// Its id.
    pub id: RecordId,
    /// When.
    pub at: Moment,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub author: Option<Label>,
    /// Who may read it.
    pub audience: Audience,
    /// What it says.
    pub text: FreeText,
}
