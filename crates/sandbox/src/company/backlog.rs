//! The company's work, as its trackers see it: Jira projects and GitHub repositories.

use serde::{Deserialize, Serialize};

use super::{Person, people};

/// The work and who does it. Days and hours are relative to the simulator's start; negative is the past.
#[derive(Clone, Debug, Default)]
pub struct Backlog {
    /// Everybody who works there.
    pub people: Vec<Person>,
    /// Projects and repositories.
    pub projects: Vec<Board>,
    /// Sprints.
    pub iterations: Vec<Sprint>,
    /// Versions and milestones.
    pub releases: Vec<Version>,
    /// Issues of all trackers.
    pub issues: Vec<Story>,
    /// Pull requests.
    pub pulls: Vec<Pull>,
}

/// A project or repository.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// `jira` or `github`.
    pub tracker: String,
    /// `PAY`, `halden/web`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The types its issues have.
    pub types: Vec<String>,
    /// Custom fields that an issue of it must have.
    #[serde(default)]
    pub required: Vec<String>,
}

/// A sprint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sprint {
    /// The board's key.
    pub project: String,
    /// Its name.
    pub name: String,
    /// `closed`, `active` or `future`.
    pub state: String,
    /// First day.
    pub start: Option<i64>,
    /// Last day.
    pub end: Option<i64>,
    /// What it is for.
    pub goal: Option<String>,
}

/// A version or milestone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The board's key.
    pub project: String,
    /// `4.2`.
    pub name: String,
    /// Day.
    pub due: Option<i64>,
    /// What it is for.
    pub goal: Option<String>,
}

/// An issue.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// The board's key.
    pub project: String,
    /// Unique on its board.
    pub number: u64,
    /// One line.
    pub title: String,
    /// Markdown.
    pub text: Option<String>,
    /// The text is repeated this often, to make a very long one.
    pub repeat: Option<usize>,
    /// One of the board's types.
    #[serde(rename = "type")]
    pub kind: String,
    /// `critical`, `high`, `medium` or `low`.
    pub priority: Option<String>,
    /// Jira: `To Do`, `In Progress`, `Done`; GitHub: `open`, `closed`.
    pub status: String,
    /// On a tracker that knows only open and closed: somebody is on it.
    #[serde(default)]
    pub doing: bool,
    /// GitHub: why it is closed.
    pub reason: Option<String>,
    /// Handle.
    pub assignee: Option<String>,
    /// Handle.
    pub reporter: String,
    /// Labels; `customer:nordwind` names an account's key.
    #[serde(default)]
    pub labels: Vec<String>,
    /// The sprint's name.
    pub iteration: Option<String>,
    /// The version's name.
    pub release: Option<String>,
    /// Marked as impeded.
    #[serde(default)]
    pub flagged: bool,
    /// Day.
    pub created: i64,
    /// When it changed last.
    pub updated_hours: i64,
    /// Day.
    pub due: Option<i64>,
    /// The custom field of the project `PAY`.
    pub severity_note: Option<String>,
    /// Relation and key.
    #[serde(default)]
    pub links: Vec<(String, String)>,
    /// What was said.
    #[serde(default)]
    pub comments: Vec<Comment>,
}

/// Something said on an issue.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    /// Handle.
    pub author: String,
    /// When.
    pub hours: i64,
    /// What.
    pub text: String,
    /// `internal`, or absent for everybody who sees the issue.
    pub visibility: Option<String>,
}

/// A pull request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pull {
    /// The repository's key.
    pub project: String,
    /// Unique in the repository, issues included.
    pub number: u64,
    /// One line.
    pub title: String,
    /// Markdown.
    pub text: Option<String>,
    /// `open`, `draft`, `merged` or `closed`.
    pub state: String,
    /// Handle.
    pub author: String,
    /// The numbers of the issues it closes.
    #[serde(default)]
    pub closes: Vec<u64>,
    /// When it changed last.
    pub updated_hours: i64,
    /// Name and conclusion.
    #[serde(default)]
    pub checks: Vec<(String, String)>,
    /// Environment and state.
    #[serde(default)]
    pub deployments: Vec<(String, String)>,
}

/// The file written by hand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "project")]
    projects: Vec<Board>,
    #[serde(rename = "iteration")]
    iterations: Vec<Sprint>,
    #[serde(rename = "release")]
    releases: Vec<Version>,
    #[serde(rename = "issue")]
    issues: Vec<Story>,
    #[serde(rename = "pull")]
    pulls: Vec<Pull>,
}

/// The backlog of the demo company: the written core, then the bulk; long texts are written out.
#[must_use]
pub fn backlog() -> Backlog {
    read().unwrap_or_default()
}

impl Backlog {
    /// The person with this handle.
    #[must_use]
    pub fn person(&self, handle: &str) -> Option<&Person> {
        super::person(&self.people, handle)
    }

    /// The boards of one tracker.
    pub fn boards<'a>(&'a self, tracker: &'a str) -> impl Iterator<Item = &'a Board> {
        self.projects.iter().filter(move |p| p.tracker == tracker)
    }
}

/// The files, or why they do not read.
pub(super) fn read() -> Result<Backlog, String> {
    let written = include_str!("../../../../shared/company/backlog.toml");
    let Written { projects, iterations, releases, mut issues, pulls } =
        toml::from_str(written).map_err(|e| e.to_string())?;
    issues.extend(super::read("", include_str!("../../../../shared/company/bulk/issues.jsonl"))?);
    for story in &mut issues {
        if let (Some(times), Some(text)) = (story.repeat, &story.text) {
            story.text = Some(text.repeat(times));
        }
    }
    Ok(Backlog { people: people(), projects, iterations, releases, issues, pulls })
}
