//! The demo company as PagerDuty sees it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sandbox::company;

use super::ids;
use super::state::{
    Account, Action, Alert, Change, Incident, Log, Named, Note, OnCall, Policy, Service, User,
};

const HOME: &str = "pagerduty";

/// The account at `now`.
pub(super) fn account(now: Timestamp) -> Account {
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let mut account = Account {
        users: Vec::new(),
        teams: Vec::new(),
        services: Vec::new(),
        policies: Vec::new(),
        oncalls: Vec::new(),
        incidents: BTreeMap::new(),
        changes: Vec::new(),
        actions: Vec::new(),
        invocations: Vec::new(),
        last: 0,
    };
    people(&mut account);
    services(&mut account);
    account.oncalls =
        company::on_call().iter().filter(|on| on.home == HOME).map(|on| on_call(on, now)).collect();
    for story in company::incidents().iter().filter(|story| story.home == HOME) {
        let incident = incident(&account, story, now);
        account.incidents.insert(incident.id.clone(), incident);
    }
    for story in company::alerts().iter().filter(|story| story.home == HOME) {
        add_alert(&mut account, story, now);
    }
    for story in company::changes().iter().filter(|story| story.home == HOME) {
        account.changes.push(Change {
            id: ids::long("change", &story.key),
            summary: story.title.clone(),
            service: ids::short("service", &story.service),
            source: story.requester.clone().unwrap_or_else(|| "pipeline".into()),
            at: hours(now, story.start_hours),
            link: story.link.clone(),
        });
    }
    account
}

/// The user of a handle.
pub(super) fn user(handle: &str) -> String {
    ids::short("user", handle)
}

/// Every team of the company has a policy of its name: who is called for what it runs.
fn people(account: &mut Account) {
    for person in company::people().iter().filter(|person| !person.left) {
        let team = ids::short("team", &person.team);
        if !account.teams.iter().any(|known| known.id == team) {
            account.teams.push(Named { id: team.clone(), name: person.team.clone() });
        }
        account.users.push(User {
            id: user(&person.handle),
            name: person.name.clone(),
            email: person.email.clone(),
            title: person.title.clone(),
            team: Some(team),
        });
    }
    account.policies = account
        .teams
        .iter()
        .map(|team| Policy {
            id: ids::short("policy", &team.name),
            name: team.name.clone(),
            team: team.id.clone(),
        })
        .collect();
}

fn services(account: &mut Account) {
    for story in company::services().iter().filter(|story| story.home.iter().any(|home| home == HOME)) {
        let id = ids::short("service", &story.key);
        let action = |action: &company::Remediation| Action {
            id: ids::ulid("action", &action.key),
            name: action.name.clone(),
            description: action.text.clone(),
            service: id.clone(),
            helps: action.helps,
        };
        account.actions.extend(story.remediations.iter().map(action));
        account.services.push(Service {
            id,
            name: story.name.clone(),
            description: story.text.clone(),
            team: ids::short("team", &story.team),
            policy: ids::short("policy", &story.team),
        });
    }
}

fn on_call(on: &company::OnCall, now: Timestamp) -> OnCall {
    OnCall {
        policy: ids::short("policy", &on.team),
        level: on.level,
        schedule: Named { id: ids::short("schedule", &on.schedule), name: on.schedule.clone() },
        user: user(&on.person),
        start: hours(now, on.from_hours),
        end: hours(now, on.until_hours),
    }
}

fn incident(account: &Account, story: &company::Incident, now: Timestamp) -> Incident {
    let created = hours(now, story.opened_hours);
    let service = story.service.as_deref().map(|key| ids::short("service", key)).unwrap_or_default();
    let team = match account.service(&service) {
        Some(service) => service.team.clone(),
        None => story.team.as_deref().map(|team| ids::short("team", team)).unwrap_or_default(),
    };
    let policy = account.policies.iter().find(|policy| policy.team == team).map(|policy| policy.id.clone());
    let assignees: Vec<String> = story.assignee.iter().map(|handle| user(handle)).collect();
    let resolved = story.resolved_hours.map(|at| hours(now, at));
    let mut log = Vec::new();
    let mut enter = |kind, at, agent: Option<&String>, text: Option<&String>| {
        log.push(Log {
            id: ids::long("log", &format!("{}/{}", story.key, log.len())),
            kind,
            at,
            agent: agent.map(|handle| user(handle)),
            text: text.cloned(),
            assignees: assignees.clone(),
        });
    };
    enter("trigger", created, story.opener.as_ref(), None);
    enter("assign", created, None, None);
    if story.state != "triggered" {
        enter("acknowledge", minutes(created, 4), story.assignee.as_ref(), None);
    }
    let note = |(n, note): (usize, &company::Note)| Note {
        id: ids::long("note", &format!("{}/{n}", story.key)),
        user: note.author.as_deref().map(user),
        content: note.text.clone(),
        created: hours(now, note.hours),
    };
    for note in &story.notes {
        enter("annotate", hours(now, note.hours), note.author.as_ref(), Some(&note.text));
    }
    if let Some(at) = resolved {
        enter("resolve", at, story.assignee.as_ref(), story.resolution.as_ref());
    }
    log.sort_by_key(|entry| entry.at);
    let updated = log.last().map_or(created, |entry| entry.at);
    Incident {
        id: ids::long("incident", &story.key),
        number: story.key.parse().unwrap_or_default(),
        title: story.title.clone(),
        details: story.text.as_ref().map(|text| text.repeat(story.repeat.unwrap_or(1))),
        service,
        policy: policy.unwrap_or_default(),
        team,
        priority: Some(story.priority),
        urgency: if story.priority <= 2 { "high".into() } else { "low".into() },
        status: story.state.clone(),
        key: None,
        assignees: if resolved.is_some() { Vec::new() } else { assignees.clone() },
        created,
        updated,
        resolved,
        notes: story.notes.iter().enumerate().map(note).collect(),
        log,
        alerts: Vec::new(),
    }
}

/// Every alert has an incident at PagerDuty; one that the company tells of without stays untold.
fn add_alert(account: &mut Account, story: &company::Alert, now: Timestamp) {
    let Some(key) = &story.incident else { return };
    let alert = Alert {
        id: ids::long("alert", &story.key),
        title: story.title.clone(),
        severity: story.severity.clone(),
        open: story.state == "open",
        key: story.key.clone(),
        source: story.monitor.clone(),
        sample: story.sample.clone(),
        fired: story.count,
        created: minutes(now, story.first_minutes),
        updated: minutes(now, story.last_minutes),
    };
    if let Some(incident) = account.incidents.get_mut(&ids::long("incident", key)) {
        incident.alerts.push(alert);
    }
}

fn hours(now: Timestamp, hours: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(now)
}

fn minutes(now: Timestamp, minutes: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(now)
}
