//! The site's records.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{Timestamp, civil::Date};
use sandbox::page::PageTokens;
use serde_json::Value;

use super::text::Body;

/// Everything one Jira site holds.
pub(super) struct Site {
    pub(super) users: Vec<User>,
    pub(super) projects: Vec<Project>,
    pub(super) versions: Vec<Version>,
    pub(super) sprints: Vec<Sprint>,
    /// By numeric id.
    pub(super) issues: BTreeMap<u64, Issue>,
    pub(super) links: Vec<Link>,
    pub(super) pages: PageTokens,
    last_id: u64,
}

/// An account.
pub(super) struct User {
    /// Cloud's id.
    pub(super) account_id: String,
    /// Data Center's name and key.
    pub(super) name: String,
    pub(super) email: String,
    /// The account shows its e-mail address to nobody (Cloud's profile visibility).
    pub(super) hides_email: bool,
    pub(super) display_name: String,
    pub(super) app: bool,
}

/// A project and what its create screens ask for.
pub(super) struct Project {
    pub(super) id: u64,
    pub(super) key: String,
    pub(super) name: String,
    /// Ids of [`TYPES`].
    pub(super) types: Vec<&'static str>,
    /// "Severity note" must be given for bugs.
    pub(super) wants_severity: bool,
    pub(super) last_number: u64,
    /// The scrum board, if it has one.
    pub(super) board: Option<u64>,
}

/// A release.
pub(super) struct Version {
    pub(super) id: u64,
    pub(super) project: String,
    pub(super) name: String,
    pub(super) released: bool,
    pub(super) date: Option<Date>,
}

/// A sprint of a project's board.
pub(super) struct Sprint {
    pub(super) id: u64,
    pub(super) board: u64,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) goal: Option<String>,
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
}

/// An issue.
#[derive(Clone)]
pub(super) struct Issue {
    pub(super) id: u64,
    pub(super) project: String,
    pub(super) number: u64,
    /// Of [`TYPES`].
    pub(super) kind: &'static str,
    pub(super) summary: String,
    pub(super) description: Option<Body>,
    /// Of [`PRIORITIES`].
    pub(super) priority: Option<&'static str>,
    /// Of [`STATUSES`].
    pub(super) status: &'static str,
    /// Account ids.
    pub(super) assignee: Option<String>,
    pub(super) reporter: String,
    pub(super) labels: Vec<String>,
    pub(super) due: Option<Date>,
    pub(super) versions: Vec<u64>,
    pub(super) sprints: Vec<u64>,
    pub(super) flagged: bool,
    pub(super) severity: Option<String>,
    pub(super) environment: Option<Body>,
    /// Fields that nothing but their screens knows, as they are shown.
    pub(super) other: BTreeMap<&'static str, Value>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) resolved: Option<Timestamp>,
    pub(super) comments: Vec<Comment>,
    /// Oldest first.
    pub(super) history: Vec<Change>,
    pub(super) remote_links: Vec<RemoteLink>,
}

impl Issue {
    pub(super) fn key(&self) -> String {
        format!("{}-{}", self.project, self.number)
    }

    pub(super) fn is_done(&self) -> bool {
        status(self.status).category == 3
    }
}

/// A comment.
#[derive(Clone)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) author: String,
    pub(super) body: Body,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    /// `role` or `group`, and its name.
    pub(super) visibility: Option<(String, String)>,
    /// Entity properties: key and value.
    pub(super) properties: Vec<(String, Value)>,
}

/// One entry of the changelog.
#[derive(Clone)]
pub(super) struct Change {
    pub(super) id: u64,
    pub(super) at: Timestamp,
    pub(super) author: String,
    pub(super) items: Vec<Item>,
}

/// One field of a change: id and text, before and after.
#[derive(Clone)]
pub(super) struct Item {
    pub(super) field: &'static str,
    pub(super) custom: bool,
    pub(super) from: (Option<String>, Option<String>),
    pub(super) to: (Option<String>, Option<String>),
}

/// A link to another system.
#[derive(Clone)]
pub(super) struct RemoteLink {
    pub(super) id: u64,
    pub(super) url: String,
    pub(super) title: String,
}

/// Two issues; `from` does the outward relation to `to`: `from` blocks `to`.
pub(super) struct Link {
    pub(super) id: u64,
    /// Of [`LINK_TYPES`].
    pub(super) kind: &'static str,
    pub(super) from: u64,
    pub(super) to: u64,
}

/// A status: id, name, category id.
pub(super) struct Status {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// 2 `new`, 4 `indeterminate`, 3 `done`.
    pub(super) category: u8,
}

/// The workflow's statuses; the first is where issues begin.
pub(super) const STATUSES: [Status; 3] = [
    Status { id: "10000", name: "To Do", category: 2 },
    Status { id: "3", name: "In Progress", category: 4 },
    Status { id: "10001", name: "Done", category: 3 },
];

/// Id, name, from status, to status.
pub(super) const TRANSITIONS: [(&str, &str, &str, &str); 7] = [
    ("11", "Start progress", "10000", "3"),
    ("15", "Resolve", "3", "10001"),
    ("21", "Done", "3", "10001"),
    ("31", "Stop progress", "3", "10000"),
    ("41", "Reopen", "10001", "10000"),
    ("51", "Close", "10000", "10001"),
    ("61", "Rework", "10001", "3"),
];

/// Transitions with a screen: id, and the field that it demands.
pub(super) const SCREENS: [(&str, &str, &str); 2] =
    [("15", "resolution", "Resolution"), ("61", SEVERITY, "Severity note")];

/// Issues that were moved: the former key, to which Jira still answers, and the present one.
const MOVED: [(&str, &str); 1] = [("PAY-900", "OPS-3")];

/// Id and name, worst first.
pub(super) const PRIORITIES: [(&str, &str); 5] =
    [("1", "Highest"), ("2", "High"), ("3", "Medium"), ("4", "Low"), ("5", "Lowest")];

/// Id and name.
pub(super) const TYPES: [(&str, &str); 4] =
    [("10004", "Bug"), ("10001", "Story"), ("10002", "Task"), ("10010", "Incident follow-up")];

/// Name, inward, outward.
pub(super) const LINK_TYPES: [(&str, &str, &str, &str); 3] = [
    ("10000", "Blocks", "is blocked by", "blocks"),
    ("10001", "Duplicate", "is duplicated by", "duplicates"),
    ("10002", "Relates", "relates to", "relates to"),
];

/// Custom fields.
pub(super) const SPRINT: &str = "customfield_10020";
pub(super) const FLAGGED: &str = "customfield_10021";
pub(super) const SEVERITY: &str = "customfield_10050";
pub(super) const CHANNEL: &str = "customfield_10060";

/// Security levels: id and name.
pub(super) const LEVELS: [(&str, &str); 2] = [("10300", "Staff only"), ("10301", "Reporter only")];

/// Options of the cascading field: id, name, and the name of the option below.
pub(super) const CHANNELS: [(&str, &str, &str); 2] =
    [("10400", "Online", "Web shop"), ("10401", "Stores", "Till")];

/// The status of this id.
pub(super) fn status(id: &str) -> &'static Status {
    STATUSES.iter().find(|s| s.id == id).unwrap_or(&STATUSES[0])
}

/// The key and name of a status category.
pub(super) fn category(id: u8) -> (&'static str, &'static str) {
    match id {
        3 => ("done", "Done"),
        4 => ("indeterminate", "In Progress"),
        _ => ("new", "To Do"),
    }
}

/// The row of a table whose id or name is `text`.
pub(super) fn named<const N: usize>(
    table: &'static [(&'static str, &'static str); N],
    text: &str,
) -> Option<&'static (&'static str, &'static str)> {
    table.iter().find(|(id, name)| *id == text || name.eq_ignore_ascii_case(text))
}

impl Site {
    pub(super) fn new() -> Self {
        Self {
            users: Vec::new(),
            projects: Vec::new(),
            versions: Vec::new(),
            sprints: Vec::new(),
            issues: BTreeMap::new(),
            links: Vec::new(),
            // "This token will expire in 7 days" (Jira Cloud REST v3, search/jql).
            pages: PageTokens::new(Duration::from_hours(7 * 24)),
            last_id: 10_100,
        }
    }

    /// The next id; one sequence serves all tables.
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The issue of a key or numeric id.
    pub(super) fn issue(&self, id_or_key: &str) -> Option<&Issue> {
        self.issues.get(&self.issue_id(id_or_key)?)
    }

    pub(super) fn issue_mut(&mut self, id_or_key: &str) -> Option<&mut Issue> {
        let id = self.issue_id(id_or_key)?;
        self.issues.get_mut(&id)
    }

    fn issue_id(&self, id_or_key: &str) -> Option<u64> {
        let moved = MOVED.iter().find(|(former, _)| former.eq_ignore_ascii_case(id_or_key));
        let id_or_key = moved.map_or(id_or_key, |(_, now)| now);
        if let Some((project, number)) = id_or_key.rsplit_once('-') {
            let number: u64 = number.parse().ok()?;
            let named = |i: &&Issue| i.number == number && i.project.eq_ignore_ascii_case(project);
            return self.issues.values().find(named).map(|i| i.id);
        }
        id_or_key.parse().ok().filter(|id| self.issues.contains_key(id))
    }

    pub(super) fn project(&self, id_or_key: &str) -> Option<&Project> {
        self.projects.iter().find(|p| p.key.eq_ignore_ascii_case(id_or_key) || p.id.to_string() == id_or_key)
    }

    /// The account of an account id (Cloud) or a name (Data Center).
    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|u| u.account_id == id || u.name == id)
    }

    /// The account behind a credential, which is known by its e-mail address.
    pub(super) fn caller(&self, who: &str) -> Option<&User> {
        self.users.iter().find(|u| u.email == who)
    }

    pub(super) fn version(&self, id: u64) -> Option<&Version> {
        self.versions.iter().find(|v| v.id == id)
    }

    pub(super) fn sprint(&self, id: u64) -> Option<&Sprint> {
        self.sprints.iter().find(|s| s.id == id)
    }
}
