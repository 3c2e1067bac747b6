//! The backlog of the demo company, read from `shared/company/backlog.toml`, for the simulators.

use serde::Deserialize;

/// The company as its trackers see it. Days and hours are relative to the simulator's start; negative is the past.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// Everybody.
    #[serde(rename = "person")]
    pub people: Vec<Employee>,
    /// Projects and repositories.
    #[serde(rename = "project")]
    pub projects: Vec<Board>,
    /// Sprints.
    #[serde(rename = "iteration")]
    pub iterations: Vec<Sprint>,
    /// Versions and milestones.
    #[serde(rename = "release")]
    pub releases: Vec<Version>,
    /// Issues of all trackers.
    #[serde(rename = "issue")]
    pub issues: Vec<Story>,
    /// Pull requests.
    #[serde(rename = "pull")]
    pub pulls: Vec<Pull>,
}

/// A person.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the file explains its fields")]
pub struct Employee {
    pub handle: String,
    pub name: String,
    pub email: String,
    pub account_id: String,
    pub login: String,
}

/// A project or repository.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the file explains its fields")]
pub struct Board {
    pub tracker: String,
    pub key: String,
    pub name: String,
    pub types: Vec<String>,
    /// Custom fields that an issue of it must have.
    #[serde(default)]
    pub required: Vec<String>,
}

/// A sprint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the file explains its fields")]
pub struct Sprint {
    pub project: String,
    pub name: String,
    pub state: String,
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub goal: Option<String>,
}

/// A version or milestone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the file explains its fields")]
pub struct Version {
    pub project: String,
    pub name: String,
    pub due: Option<i64>,
    pub goal: Option<String>,
}

/// An issue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the file explains its fields")]
pub struct Story {
    pub project: String,
    pub number: u64,
    pub title: String,
    pub text: Option<String>,
    /// The text is repeated this often, to make a very long one.
    pub repeat: Option<usize>,
    #[serde(rename = "type")]
    pub kind: String,
    pub priority: Option<String>,
    pub status: String,
    /// On a tracker that knows only open and closed: somebody is on it.
    #[serde(default)]
    pub doing: bool,
    pub reason: Option<String>,
    pub assignee: Option<String>,
    pub reporter: String,
    #[serde(default)]
    pub labels: Vec<String>,
    pub iteration: Option<String>,
    pub release: Option<String>,
    #[serde(default)]
    pub flagged: bool,
    pub created: i64,
    pub updated_hours: i64,
    pub due: Option<i64>,
    pub severity_note: Option<String>,
    /// Relation and key.
    #[serde(default)]
    pub links: Vec<(String, String)>,
    #[serde(default)]
    pub comments: Vec<Remark>,
}

/// A comment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the file explains its fields")]
pub struct Remark {
    pub author: String,
    pub hours: i64,
    pub text: String,
    pub visibility: Option<String>,
}

/// A pull request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the file explains its fields")]
pub struct Pull {
    pub project: String,
    pub number: u64,
    pub title: String,
    pub text: Option<String>,
    pub state: String,
    pub author: String,
    #[serde(default)]
    pub closes: Vec<u64>,
    pub updated_hours: i64,
    /// Name and conclusion.
    #[serde(default)]
    pub checks: Vec<(String, String)>,
    /// Environment and state.
    #[serde(default)]
    pub deployments: Vec<(String, String)>,
}

impl Company {
    /// The demo company: the written core and, for bulk, `BULK` made-up issues in each project.
    #[must_use]
    pub fn halden() -> Self {
        let written: Result<Self, _> = toml::from_str(include_str!("../../../shared/company/backlog.toml"));
        let mut company = written.unwrap_or_else(|_| Self {
            people: Vec::new(),
            projects: Vec::new(),
            iterations: Vec::new(),
            releases: Vec::new(),
            issues: Vec::new(),
            pulls: Vec::new(),
        });
        let bulk: Vec<Story> = company.projects.iter().flat_map(|p| bulk(p, &company.people)).collect();
        company.issues.extend(bulk);
        for story in &mut company.issues {
            if let (Some(times), Some(text)) = (story.repeat, &story.text) {
                story.text = Some(text.repeat(times));
            }
        }
        company
    }

    /// The person with this handle.
    #[must_use]
    pub fn person(&self, handle: &str) -> Option<&Employee> {
        self.people.iter().find(|p| p.handle == handle)
    }

    /// The boards of one tracker.
    pub fn boards<'a>(&'a self, tracker: &'a str) -> impl Iterator<Item = &'a Board> {
        self.projects.iter().filter(move |p| p.tracker == tracker)
    }
}

/// Made-up issues a project, numbered from 101.
const BULK: u64 = 60;

/// The same issues on every run: the sequence starts from the project's name.
fn bulk(board: &Board, people: &[Employee]) -> Vec<Story> {
    const WHAT: [&str; 8] =
        ["login", "invoice list", "webhook", "ledger sync", "search", "settings page", "export", "cron job"];
    const HOW: [&str; 7] = [
        "is slow",
        "loses the filter",
        "logs too much",
        "fails on empty input",
        "needs a test",
        "shows the wrong time zone",
        "should be removed",
    ];
    let mut seed = board.key.bytes().fold(7u64, |s, b| s.wrapping_mul(31).wrapping_add(u64::from(b)));
    let mut pick = |n: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap_or(0) % n.max(1)
    };
    let jira = board.tracker == "jira";
    (0..BULK)
        .map(|i| {
            let status = match (jira, pick(10)) {
                (true, 0..=4) => "To Do",
                (true, 5..=6) => "In Progress",
                (true, _) => "Done",
                (false, 0..=6) => "open",
                (false, _) => "closed",
            };
            let person = |n: usize| people.get(n).map(|p| p.handle.clone());
            let age = i64::try_from(pick(300)).unwrap_or(0) + 10;
            Story {
                project: board.key.clone(),
                number: 101 + i,
                title: format!("The {} {}", WHAT[pick(WHAT.len())], HOW[pick(HOW.len())]),
                text: Some("Found while looking for something else.".into()),
                repeat: None,
                kind: board.types[pick(board.types.len().min(3))].clone(),
                priority: Some(["high", "medium", "medium", "low"][pick(4)].into()),
                status: status.into(),
                doing: status == "open" && pick(4) == 0,
                reason: (status == "closed").then(|| "completed".into()),
                assignee: person(pick(6)).filter(|h| h != "sandbox"),
                reporter: person(pick(4)).unwrap_or_default(),
                labels: vec![["maintenance", "backend", "frontend"][pick(3)].into()],
                iteration: None,
                release: None,
                flagged: false,
                created: -age,
                updated_hours: -(age * 24 - i64::try_from(pick(200)).unwrap_or(0)).max(30),
                due: None,
                severity_note: (!board.required.is_empty()).then(|| "Minor".into()),
                links: Vec::new(),
                comments: Vec::new(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_reads_and_names_only_what_it_holds() {
        let _: Company = toml::from_str(include_str!("../../../shared/company/backlog.toml")).unwrap();
        let company = Company::halden();
        assert!(company.issues.len() > 4 * 60);
        for story in &company.issues {
            assert!(company.person(&story.reporter).is_some(), "{}: {}", story.title, story.reporter);
            assert!(story.assignee.as_ref().is_none_or(|a| company.person(a).is_some()), "{}", story.title);
            assert!(company.projects.iter().any(|p| p.key == story.project), "{}", story.project);
        }
    }
}
