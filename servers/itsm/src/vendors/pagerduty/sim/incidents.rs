//! Incidents: listed, opened, changed.

use sandbox::{Answer, Ask, Refusal, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::filter::Filter;
use super::state::{Account, Incident, Log};
use super::{from, ids, invalid, page, show};

#[derive(Deserialize)]
struct Wrapped<T> {
    incident: T,
}

#[derive(Deserialize)]
struct Many {
    incidents: Vec<Edit>,
}

#[derive(Deserialize)]
struct Reference {
    id: String,
}

#[derive(Deserialize)]
struct Body {
    details: Option<String>,
}

#[derive(Deserialize)]
struct Assignment {
    assignee: Reference,
}

#[derive(Deserialize)]
struct New {
    title: Option<String>,
    service: Option<Reference>,
    urgency: Option<String>,
    incident_key: Option<String>,
    body: Option<Body>,
    #[serde(default)]
    assignments: Vec<Assignment>,
}

#[derive(Deserialize)]
struct Edit {
    id: Option<String>,
    status: Option<String>,
    resolution: Option<String>,
    title: Option<String>,
    urgency: Option<String>,
    escalation_level: Option<u8>,
    assignments: Option<Vec<Assignment>>,
}

pub(super) fn list(account: &mut Account, ask: &Ask) -> Reply {
    let filter = Filter::read(&ask.query, ask.now).map_err(|fault| invalid(&[&fault]))?;
    let mut hits: Vec<&Incident> =
        account.incidents.values().filter(|incident| filter.holds(incident)).collect();
    hits.sort_by_key(|incident| (incident.created, incident.number));
    if filter.descending {
        hits.reverse();
    }
    page::classic(ask, "incidents", hits, |incident| show::incident(ask, account, incident))
}

pub(super) fn get(account: &mut Account, ask: &Ask) -> Reply {
    let incident = account.incident(ask)?;
    Ok(Answer::json(200, json!({ "incident": show::incident(ask, account, incident) })))
}

pub(super) fn open(account: &mut Account, ask: &Ask) -> Reply {
    let by = from(account, ask)?;
    let new = ask.json::<Wrapped<New>>()?.incident;
    let title = new
        .title
        .filter(|title| !title.trim().is_empty())
        .ok_or_else(|| invalid(&["Title cannot be blank."]))?;
    let service = new.service.as_ref().and_then(|service| account.service(&service.id));
    let service = service.ok_or_else(|| invalid(&["Service cannot be blank"]))?;
    let (service, team, policy) = (service.id.clone(), service.team.clone(), service.policy.clone());
    let urgency = new.urgency.unwrap_or_else(|| "high".into());
    if !matches!(urgency.as_str(), "high" | "low") {
        return Err(invalid(&["Urgency is not included in the list"]));
    }
    let same = |incident: &&Incident| {
        incident.service == service && incident.key == new.incident_key && incident.status != "resolved"
    };
    if new.incident_key.is_some() && account.incidents.values().any(|incident| same(&incident)) {
        return Err(invalid(&["Open incident with matching dedup key already exists on this service"]));
    }
    let number = account.next();
    let chosen: Vec<String> = new.assignments.into_iter().map(|one| one.assignee.id).collect();
    let assignees = if chosen.is_empty() { account.called(&policy, 1, ask.now) } else { chosen };
    let id = ids::long("incident", &format!("new/{number}"));
    let number = 90_000 + number;
    let entry = log(number, 0, "trigger", ask, Some(by), None, &assignees);
    let incident = Incident {
        id: id.clone(),
        number,
        title,
        details: new.body.and_then(|body| body.details),
        service,
        policy,
        team,
        priority: None,
        urgency,
        status: "triggered".into(),
        key: Some(new.incident_key.unwrap_or_else(|| id.to_lowercase())),
        assignees,
        created: ask.now,
        updated: ask.now,
        resolved: None,
        log: vec![entry],
        notes: Vec::new(),
        alerts: Vec::new(),
    };
    let shown = show::incident(ask, account, &incident);
    account.incidents.insert(id, incident);
    Ok(Answer::json(201, json!({ "incident": shown })))
}

pub(super) fn edit(account: &mut Account, ask: &Ask) -> Reply {
    let by = from(account, ask)?;
    let edit = ask.json::<Wrapped<Edit>>()?.incident;
    let changed = apply(account, ask, ask.param("id"), edit, &by)?;
    Ok(Answer::json(200, json!({ "incident": changed })))
}

pub(super) fn edit_many(account: &mut Account, ask: &Ask) -> Reply {
    let by = from(account, ask)?;
    let mut changed = Vec::new();
    for edit in ask.json::<Many>()?.incidents {
        let id = edit.id.clone().ok_or_else(|| invalid(&["Incident id cannot be blank"]))?;
        changed.push(apply(account, ask, &id, edit, &by)?);
    }
    Ok(Answer::json(200, json!({ "incidents": changed })))
}

fn apply(account: &mut Account, ask: &Ask, id: &str, edit: Edit, by: &str) -> Result<Value, Answer> {
    let Some(mut incident) = account.incidents.get(id).cloned() else {
        return Err(ask.refuse(Refusal::NoRoute));
    };
    if incident.status == "resolved" {
        return Err(invalid(&["Incident Already Resolved"]));
    }
    let enter = |incident: &mut Incident, kind, text| {
        let entry = log(
            incident.number,
            incident.log.len(),
            kind,
            ask,
            Some(by.to_owned()),
            text,
            &incident.assignees,
        );
        incident.log.push(entry);
        incident.updated = ask.now;
    };
    if let Some(title) = edit.title {
        incident.title = title;
    }
    if let Some(urgency) = edit.urgency {
        incident.urgency = urgency;
    }
    if let Some(assignments) = edit.assignments {
        let users: Vec<String> = assignments.into_iter().map(|one| one.assignee.id).collect();
        if users.is_empty() || users.iter().any(|id| account.user(id).is_none()) {
            return Err(invalid(&["Assignee is not a valid user"]));
        }
        incident.assignees = users;
        enter(&mut incident, "assign", None);
    }
    if let Some(level) = edit.escalation_level {
        let users = account.called(&incident.policy, level, ask.now);
        if users.is_empty() {
            return Err(invalid(&["Escalation level is not valid for this escalation policy"]));
        }
        incident.assignees = users;
        incident.status = "triggered".into();
        enter(&mut incident, "escalate", None);
    }
    match edit.status.as_deref() {
        None => {}
        Some("acknowledged") => {
            incident.status = "acknowledged".into();
            enter(&mut incident, "acknowledge", None);
        }
        Some("resolved") => {
            incident.status = "resolved".into();
            incident.resolved = Some(ask.now);
            incident.assignees.clear();
            incident.alerts.iter_mut().for_each(|alert| alert.open = false);
            enter(&mut incident, "resolve", edit.resolution);
        }
        Some(_) => return Err(invalid(&["Status is not included in the list"])),
    }
    let shown = show::incident(ask, account, &incident);
    account.incidents.insert(id.to_owned(), incident);
    Ok(shown)
}

pub(super) fn log(
    number: u64,
    at: usize,
    kind: &'static str,
    ask: &Ask,
    agent: Option<String>,
    text: Option<String>,
    assignees: &[String],
) -> Log {
    let id = ids::long("log", &format!("{number}/{at}/new"));
    Log { id, kind, at: ask.now, agent, text, assignees: assignees.to_vec() }
}
