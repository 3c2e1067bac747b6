//! What the simulated GitHub holds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sandbox::{Answer, Ask, Refusal};

/// The whole of it.
pub(super) struct Hub {
    /// Every account.
    pub(super) people: Vec<Person>,
    /// Every repository, also those the installation does not see.
    pub(super) repositories: Vec<Repository>,
    /// Former names of repositories, `owner/name`, and the id that has the name's place now.
    pub(super) moved: Vec<(String, u64)>,
    /// The last id given to any record.
    pub(super) last_id: u64,
}

/// An account.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) id: u64,
    pub(super) login: String,
    pub(super) name: String,
    /// Shown on the profile; most people hide it.
    pub(super) email: Option<String>,
    pub(super) kind: &'static str,
}

/// A repository.
pub(super) struct Repository {
    pub(super) id: u64,
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) has_issues: bool,
    /// Issue types of its organization.
    pub(super) types: Vec<String>,
    pub(super) labels: Vec<Label>,
    pub(super) milestones: Vec<Milestone>,
    /// Issues and pull requests, which share their numbers.
    pub(super) issues: BTreeMap<u64, Issue>,
    /// Files below `.github/ISSUE_TEMPLATE`.
    pub(super) templates: Vec<(&'static str, &'static str)>,
    pub(super) created: Timestamp,
}

/// A label.
pub(super) struct Label {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) color: &'static str,
}

/// A milestone.
pub(super) struct Milestone {
    pub(super) id: u64,
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) due: Option<Timestamp>,
    pub(super) created: Timestamp,
}

/// An issue or pull request.
pub(super) struct Issue {
    pub(super) id: u64,
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) body: Option<String>,
    pub(super) open: bool,
    pub(super) reason: Option<String>,
    pub(super) author: String,
    pub(super) closer: Option<String>,
    pub(super) labels: Vec<String>,
    pub(super) assignees: Vec<String>,
    pub(super) milestone: Option<u64>,
    pub(super) kind: Option<String>,
    pub(super) locked: bool,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) closed: Option<Timestamp>,
    pub(super) comments: Vec<Comment>,
    pub(super) events: Vec<Event>,
    /// Ids of the issues that block it.
    pub(super) blocked_by: Vec<u64>,
    pub(super) pull: Option<Pull>,
}

/// A comment.
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) author: String,
    pub(super) body: String,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

/// An entry of a timeline that is no comment.
pub(super) struct Event {
    pub(super) id: u64,
    pub(super) actor: String,
    pub(super) at: Timestamp,
    pub(super) what: What,
}

/// What an entry of a timeline says.
pub(super) enum What {
    Labeled(String),
    Unlabeled(String),
    Assigned(String),
    Unassigned(String),
    Milestoned(String),
    Demilestoned(String),
    Renamed {
        from: String,
        to: String,
    },
    Closed(Option<String>),
    Reopened,
    /// A pull request or issue of the same repository names this one.
    Mentioned(u64),
}

/// What a pull request has beyond an issue.
pub(super) struct Pull {
    pub(super) sha: String,
    pub(super) merged: Option<Timestamp>,
    pub(super) draft: bool,
    /// Name and conclusion.
    pub(super) checks: Vec<(String, String)>,
    /// Id, environment and state.
    pub(super) deployments: Vec<(u64, String, String)>,
}

impl Hub {
    /// The next free id.
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// An account by login, case aside.
    pub(super) fn person(&self, login: &str) -> Option<&Person> {
        self.people.iter().find(|one| one.login.eq_ignore_ascii_case(login))
    }

    /// Whom the caller writes as.
    pub(super) fn actor(&self, ask: &Ask) -> String {
        self.person(ask.who()).map_or_else(|| ask.who().to_owned(), |person| person.login.clone())
    }

    /// The place of the route's repository in the list. Errors: 404, also if the caller may not see it; a redirect
    /// if it was renamed.
    pub(super) fn find(&self, ask: &Ask) -> Result<usize, Answer> {
        let (owner, name) = (ask.param("owner"), ask.param("repo"));
        let asked =
            |one: &Repository| one.owner.eq_ignore_ascii_case(owner) && one.name.eq_ignore_ascii_case(name);
        let found = self.repositories.iter().position(|one| asked(one) && one.visible_to(ask));
        found.ok_or_else(|| {
            self.redirect(ask, &format!("{owner}/{name}")).unwrap_or_else(|| ask.refuse(Refusal::NoRoute))
        })
    }

    /// Where a repository went that had this name, for those who see it there (docs.github.com, "Best practices for
    /// using the REST API", "Follow redirects").
    fn redirect(&self, ask: &Ask, former: &str) -> Option<Answer> {
        let (_, id) = self.moved.iter().find(|(name, _)| name.eq_ignore_ascii_case(former))?;
        self.repositories.iter().find(|one| one.id == *id && one.visible_to(ask))?;
        Some(super::moved(ask, *id))
    }

    /// The route's repository.
    pub(super) fn repository(&self, ask: &Ask) -> Result<&Repository, Answer> {
        self.find(ask).map(|at| &self.repositories[at])
    }

    /// The route's issue and its repository.
    pub(super) fn issue(&self, ask: &Ask) -> Result<(&Repository, &Issue), Answer> {
        let repository = self.repository(ask)?;
        repository.open_for_issues(ask)?;
        let issue =
            repository.issues.get(&ask.param_as("number")?).ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
        Ok((repository, issue))
    }

    /// The issue of this id.
    pub(super) fn by_id(&self, id: u64) -> Option<(&Repository, &Issue)> {
        self.repositories
            .iter()
            .find_map(|one| Some((one, one.issues.values().find(|issue| issue.id == id)?)))
    }
}

impl Repository {
    /// `owner/name`.
    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Whether the caller's token reaches it.
    pub(super) fn visible_to(&self, ask: &Ask) -> bool {
        ask.caller.as_ref().is_some_and(|caller| caller.may(&format!("repo:{}", self.full_name())))
    }

    /// Errors: 410 where issues are switched off.
    pub(super) fn open_for_issues(&self, ask: &Ask) -> Result<(), Answer> {
        if self.has_issues {
            return Ok(());
        }
        Err(super::refusal(ask, 410, "Issues has been disabled in this repository.", &[]))
    }

    /// A label, case aside.
    pub(super) fn label(&self, name: &str) -> Option<&Label> {
        self.labels.iter().find(|one| one.name.to_lowercase() == name.to_lowercase())
    }

    /// A milestone.
    pub(super) fn milestone(&self, number: u64) -> Option<&Milestone> {
        self.milestones.iter().find(|one| one.number == number)
    }

    /// The next free number of an issue.
    pub(super) fn next_number(&self) -> u64 {
        self.issues.keys().next_back().copied().unwrap_or(0) + 1
    }
}
