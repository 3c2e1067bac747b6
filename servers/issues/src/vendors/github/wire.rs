//! GitHub's bodies, as far as we read and write them (docs.github.com/rest, version 2026-03-10).
//!
//! Owned strings: octocrab hands bodies over in a way that cannot be borrowed from.

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// An issue or, where `pull_request` stands, a pull request as issue lists show it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Issue {
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) body: Option<String>,
    pub(super) state: String,
    pub(super) state_reason: Option<String>,
    pub(super) user: Option<User>,
    /// What the author is to the repository: `MEMBER`, `NONE`.
    pub(super) author_association: Option<String>,
    #[serde(default)]
    pub(super) labels: Vec<Label>,
    #[serde(default)]
    pub(super) assignees: Vec<User>,
    pub(super) milestone: Option<Milestone>,
    #[serde(rename = "type")]
    pub(super) kind: Option<Kind>,
    #[serde(default)]
    pub(super) comments: u32,
    pub(super) html_url: String,
    pub(super) repository_url: String,
    pub(super) updated_at: Timestamp,
    pub(super) pull_request: Option<PullMark>,
    #[serde(default)]
    pub(super) draft: bool,
    pub(super) issue_dependencies_summary: Option<Dependencies>,
}

/// What makes an issue a pull request.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct PullMark {
    pub(super) merged_at: Option<Timestamp>,
}

/// How many issues depend on each other.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Dependencies {
    /// Open ones that block this one.
    pub(super) blocked_by: u32,
    /// All that block this one.
    pub(super) total_blocked_by: u32,
    /// All that this one blocks.
    pub(super) total_blocking: u32,
}

/// An account.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct User {
    pub(super) login: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    /// `User`, `Bot`.
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}

/// A label of an issue. Old ones may be a bare name.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Label {
    /// As it always is today.
    Whole { name: Option<String> },
    /// As the schema allows it.
    Bare(String),
}

/// An issue type.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Kind {
    pub(super) name: String,
}

/// A milestone.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Milestone {
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) state: String,
    pub(super) due_on: Option<Timestamp>,
    /// Pull requests included.
    pub(super) open_issues: u64,
    pub(super) html_url: String,
}

/// A comment.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) user: Option<User>,
    /// As of an issue.
    pub(super) author_association: Option<String>,
    pub(super) body: Option<String>,
    pub(super) created_at: Timestamp,
}

/// A page of `/search/issues`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Found {
    pub(super) total_count: u64,
    #[serde(default)]
    pub(super) incomplete_results: bool,
    pub(super) items: Vec<Issue>,
}

/// One entry of a timeline; which fields stand depends on `event`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Event {
    pub(super) event: Option<String>,
    pub(super) actor: Option<User>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) label: Option<Named>,
    pub(super) assignee: Option<User>,
    pub(super) milestone: Option<Titled>,
    pub(super) rename: Option<Rename>,
    pub(super) state_reason: Option<String>,
    pub(super) source: Option<Mention>,
}

/// Something with a name.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Named {
    pub(super) name: Option<String>,
}

/// Something with a title.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Titled {
    pub(super) title: String,
}

/// A new title.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Rename {
    pub(super) from: String,
    pub(super) to: String,
}

/// Where an issue was mentioned.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Mention {
    pub(super) issue: Option<Issue>,
}

/// A pull request, as far as its own page knows more than issue lists.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Pull {
    pub(super) state: String,
    #[serde(default)]
    pub(super) merged: bool,
    pub(super) merge_commit_sha: Option<String>,
    pub(super) head: Commit,
}

/// A commit a branch points to.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Commit {
    pub(super) sha: String,
}

/// The check runs of a commit.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct CheckRuns {
    pub(super) check_runs: Vec<CheckRun>,
}

/// One check run.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct CheckRun {
    pub(super) name: String,
    pub(super) status: String,
    pub(super) conclusion: Option<String>,
}

/// A deployment.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Deployment {
    pub(super) id: u64,
    pub(super) environment: String,
    pub(super) created_at: Timestamp,
}

/// How a deployment stands.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct DeploymentStatus {
    pub(super) state: String,
    pub(super) created_at: Timestamp,
}

/// A repository.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Repo {
    pub(super) full_name: String,
}

/// A file or folder of a repository.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) content: Option<String>,
}

/// The body of a refusal.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) errors: Vec<Fault>,
}

/// One reason of a 422. GitHub also sends bare sentences in its place.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Fault {
    /// A field and what is wrong with it.
    Field { field: Option<String>, code: String, message: Option<String> },
    /// A sentence, which stays in the log.
    Sentence(IgnoredAny),
}

/// A new issue.
#[derive(Clone, Debug, Serialize)]
pub(super) struct NewIssue<'a> {
    pub(super) title: &'a str,
    pub(super) body: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) labels: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) assignees: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) milestone: Option<u64>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'a str>,
}

/// A change of an issue. A list would replace what was there, which is why labels have requests of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Patch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) assignees: Option<Vec<String>>,
}

/// Labels beside those that an issue bears.
#[derive(Clone, Debug, Serialize)]
pub(super) struct MoreLabels<'a> {
    pub(super) labels: &'a [&'a str],
}

/// A new comment.
#[derive(Clone, Debug, Serialize)]
pub(super) struct NewComment<'a> {
    pub(super) body: &'a str,
}

impl Issue {
    /// The names of its labels.
    pub(super) fn label_names(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().filter_map(Label::name)
    }

    /// Whether it is a pull request.
    pub(super) fn is_pull(&self) -> bool {
        self.pull_request.is_some()
    }

    /// Whether it is open.
    pub(super) fn is_open(&self) -> bool {
        self.state == "open"
    }
}

impl Label {
    /// Its name.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Whole { name } => name.as_deref(),
            Self::Bare(name) => Some(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_and_a_pull_request_are_told_apart() {
        let list: Vec<Issue> = serde_json::from_str(include_str!("fixtures/issues.json")).unwrap();
        let shape: Vec<_> = list.iter().map(|i| (i.number, i.is_pull(), i.is_open())).collect();
        assert_eq!(shape, [(7, false, true), (31, true, true)]);
        assert_eq!(list[0].label_names().collect::<Vec<_>>(), ["bug", "old-style"]);
        assert_eq!(list[0].issue_dependencies_summary.unwrap().blocked_by, 1);
        assert_eq!(list[0].milestone.as_ref().unwrap().title, "4.2");
        assert!(list[1].user.is_none(), "a deleted account leaves nobody behind");
    }

    #[test]
    fn a_timeline_reads_whatever_else_is_in_it() {
        let events: Vec<Event> = serde_json::from_str(include_str!("fixtures/timeline.json")).unwrap();
        let names: Vec<_> = events.iter().map(|e| e.event.as_deref().unwrap_or("commit")).collect();
        assert_eq!(names, ["labeled", "renamed", "cross-referenced", "committed", "closed"]);
        let mention = events[2].source.as_ref().unwrap().issue.as_ref().unwrap();
        assert!(mention.is_pull() && mention.pull_request.as_ref().unwrap().merged_at.is_some());
    }

    #[test]
    fn both_forms_of_a_validation_error_read() {
        let refusal: Refusal = serde_json::from_str(include_str!("fixtures/validation_failed.json")).unwrap();
        assert!(
            matches!(&refusal.errors[0], Fault::Field { field: Some(f), code, .. } if f == "title" && code == "missing_field")
        );
        assert!(matches!(&refusal.errors[1], Fault::Sentence(_)));
    }
}
