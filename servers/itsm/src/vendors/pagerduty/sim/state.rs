//! What the account holds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sandbox::{Answer, Ask, Refusal};

/// One account.
pub(super) struct Account {
    pub(super) users: Vec<User>,
    pub(super) teams: Vec<Named>,
    pub(super) services: Vec<Service>,
    /// One escalation policy a team, of the same name.
    pub(super) policies: Vec<Policy>,
    pub(super) oncalls: Vec<OnCall>,
    pub(super) incidents: BTreeMap<String, Incident>,
    pub(super) changes: Vec<Change>,
    pub(super) actions: Vec<Action>,
    pub(super) invocations: Vec<Invocation>,
    /// Counts what comes into being after the fill.
    pub(super) last: u64,
}

/// An id and a name.
#[derive(Clone)]
pub(super) struct Named {
    pub(super) id: String,
    pub(super) name: String,
}

/// A user.
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) title: String,
    pub(super) team: Option<String>,
}

/// A technical service.
pub(super) struct Service {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) team: String,
    pub(super) policy: String,
}

/// An escalation policy.
pub(super) struct Policy {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) team: String,
}

/// Somebody on call for a policy.
pub(super) struct OnCall {
    pub(super) policy: String,
    pub(super) level: u8,
    pub(super) schedule: Named,
    pub(super) user: String,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
}

/// An incident.
#[derive(Clone)]
pub(super) struct Incident {
    pub(super) id: String,
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) details: Option<String>,
    pub(super) service: String,
    pub(super) policy: String,
    pub(super) team: String,
    pub(super) priority: Option<u8>,
    pub(super) urgency: String,
    pub(super) status: String,
    pub(super) key: Option<String>,
    pub(super) assignees: Vec<String>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) resolved: Option<Timestamp>,
    pub(super) log: Vec<Log>,
    pub(super) notes: Vec<Note>,
    pub(super) alerts: Vec<Alert>,
}

/// An entry of an incident's log.
#[derive(Clone)]
pub(super) struct Log {
    pub(super) id: String,
    /// `trigger`, `acknowledge`, `annotate`, `assign`, `escalate`, `resolve`.
    pub(super) kind: &'static str,
    pub(super) at: Timestamp,
    /// A user, or none for a service or an integration.
    pub(super) agent: Option<String>,
    /// The note's or resolution's text.
    pub(super) text: Option<String>,
    pub(super) assignees: Vec<String>,
}

/// A note.
#[derive(Clone)]
pub(super) struct Note {
    pub(super) id: String,
    pub(super) user: Option<String>,
    pub(super) content: String,
    pub(super) created: Timestamp,
}

/// An alert.
#[derive(Clone)]
pub(super) struct Alert {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) severity: String,
    pub(super) open: bool,
    pub(super) key: String,
    pub(super) source: String,
    pub(super) sample: Option<String>,
    pub(super) fired: u32,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

/// A change event.
pub(super) struct Change {
    pub(super) id: String,
    pub(super) summary: String,
    pub(super) service: String,
    pub(super) source: String,
    pub(super) at: Timestamp,
    pub(super) link: Option<String>,
}

/// An automation action of a service.
pub(super) struct Action {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) service: String,
    /// Running it ends the trouble.
    pub(super) helps: bool,
}

/// A run of an action.
pub(super) struct Invocation {
    pub(super) id: String,
    pub(super) action: String,
    pub(super) incident: String,
    pub(super) agent: String,
    pub(super) at: Timestamp,
}

impl Account {
    /// The next free number, for ids.
    pub(super) fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(super) fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    pub(super) fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.id == id)
    }

    /// The incident of the route. Errors: 404.
    pub(super) fn incident(&self, ask: &Ask) -> Result<&Incident, Answer> {
        self.incidents.get(ask.param("id")).ok_or_else(|| ask.refuse(Refusal::NoRoute))
    }

    /// The incident of the route, to be changed. Errors: 404.
    pub(super) fn incident_mut(&mut self, ask: &Ask) -> Result<&mut Incident, Answer> {
        self.incidents.get_mut(ask.param("id")).ok_or_else(|| ask.refuse(Refusal::NoRoute))
    }

    /// The users on call for a policy at this level and time.
    pub(super) fn called(&self, policy: &str, level: u8, at: Timestamp) -> Vec<String> {
        let is = |on: &&OnCall| on.policy == policy && on.level == level && on.start <= at && at < on.end;
        self.oncalls.iter().filter(is).map(|on| on.user.clone()).collect()
    }
}
