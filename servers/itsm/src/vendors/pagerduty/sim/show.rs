//! Records in PagerDuty's JSON (developer.pagerduty.com/api-reference).

use jiff::Timestamp;
use sandbox::Ask;
use serde_json::{Value, json};

use super::SITE;
use super::state::{
    Account, Action, Alert, Change, Incident, Invocation, Log, Note, OnCall, Policy, Service, User,
};

/// PagerDuty's times have no fractions.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A reference: `{id, type, summary, self, html_url}`.
pub(super) fn reference(ask: &Ask, kind: &str, path: &str, id: &str, summary: &str) -> Value {
    json!({
        "id": id,
        "type": format!("{kind}_reference"),
        "summary": summary,
        "self": format!("{}/{path}/{id}", ask.origin),
        "html_url": format!("{SITE}/{path}/{id}"),
    })
}

fn whole(ask: &Ask, kind: &str, path: &str, id: &str, summary: &str) -> Value {
    let mut value = reference(ask, kind, path, id, summary);
    value["type"] = json!(kind);
    value
}

pub(super) fn user_reference(account: &Account, ask: &Ask, id: &str) -> Value {
    let name = account.user(id).map_or("Deleted user", |user| user.name.as_str());
    reference(ask, "user", "users", id, name)
}

fn service_reference(account: &Account, ask: &Ask, id: &str) -> Value {
    let name = account.service(id).map_or("Deleted service", |service| service.name.as_str());
    reference(ask, "service", "services", id, name)
}

pub(super) fn team_reference(account: &Account, ask: &Ask, id: &str) -> Value {
    let name =
        account.teams.iter().find(|team| team.id == id).map_or("Deleted team", |team| team.name.as_str());
    reference(ask, "team", "teams", id, name)
}

pub(super) fn policy_reference(account: &Account, ask: &Ask, id: &str) -> Value {
    let name = account.policy(id).map_or("Deleted policy", |policy| policy.name.as_str());
    reference(ask, "escalation_policy", "escalation_policies", id, name)
}

fn includes(ask: &Ask, what: &str) -> bool {
    ask.query_all("include[]").any(|included| included == what)
}

pub(super) fn user(ask: &Ask, account: &Account, user: &User) -> Value {
    let mut value = whole(ask, "user", "users", &user.id, &user.name);
    value["name"] = json!(user.name);
    value["email"] = json!(user.email);
    value["job_title"] = json!(user.title);
    value["time_zone"] = json!("Europe/Stockholm");
    value["role"] = json!("user");
    value["teams"] = user.team.iter().map(|team| team_reference(account, ask, team)).collect();
    value
}

pub(super) fn service(ask: &Ask, account: &Account, service: &Service) -> Value {
    let mut value = whole(ask, "service", "services", &service.id, &service.name);
    value["name"] = json!(service.name);
    value["description"] = json!(service.description);
    value["status"] = json!("active");
    value["alert_creation"] = json!("create_alerts_and_incidents");
    value["escalation_policy"] = policy_reference(account, ask, &service.policy);
    value["teams"] = json!([team_reference(account, ask, &service.team)]);
    value
}

pub(super) fn policy(ask: &Ask, account: &Account, policy: &Policy) -> Value {
    let mut value = whole(ask, "escalation_policy", "escalation_policies", &policy.id, &policy.name);
    value["name"] = json!(policy.name);
    value["num_loops"] = json!(0);
    value["teams"] = json!([team_reference(account, ask, &policy.team)]);
    value
}

pub(super) fn on_call(ask: &Ask, account: &Account, on: &OnCall) -> Value {
    let person = match account.user(&on.user) {
        Some(found) if includes(ask, "users") => user(ask, account, found),
        _ => user_reference(account, ask, &on.user),
    };
    let called_by = match account.policy(&on.policy) {
        Some(found) if includes(ask, "escalation_policies") => policy(ask, account, found),
        _ => policy_reference(account, ask, &on.policy),
    };
    json!({
        "escalation_policy": called_by,
        "escalation_level": on.level,
        "schedule": reference(ask, "schedule", "schedules", &on.schedule.id, &on.schedule.name),
        "user": person,
        "start": time(on.start),
        "end": time(on.end),
    })
}

pub(super) fn priority(ask: &Ask, level: u8) -> Value {
    let name = format!("P{level}");
    let mut value = whole(ask, "priority", "priorities", &super::ids::short("priority", &name), &name);
    value["name"] = json!(name);
    value["description"] = json!(format!("Priority {level}"));
    value
}

pub(super) fn incident(ask: &Ask, account: &Account, incident: &Incident) -> Value {
    let summary = format!("[#{}] {}", incident.number, incident.title);
    let mut value = whole(ask, "incident", "incidents", &incident.id, &summary);
    let assignment =
        |id: &String| json!({ "at": time(incident.created), "assignee": user_reference(account, ask, id) });
    let more = json!({
        "incident_number": incident.number,
        "title": incident.title,
        "created_at": time(incident.created),
        "updated_at": time(incident.updated),
        "resolved_at": incident.resolved.map(time),
        "status": incident.status,
        "incident_key": incident.key,
        "urgency": incident.urgency,
        "priority": incident.priority.map(|level| priority(ask, level)),
        "service": service_reference(account, ask, &incident.service),
        "escalation_policy": policy_reference(account, ask, &incident.policy),
        "teams": [team_reference(account, ask, &incident.team)],
        "assignments": incident.assignees.iter().map(assignment).collect::<Value>(),
        "acknowledgements": [],
        "last_status_change_at": time(incident.updated),
        "pending_actions": [],
        "alert_counts": {
            "all": incident.alerts.len(),
            "triggered": incident.alerts.iter().filter(|alert| alert.open).count(),
            "resolved": incident.alerts.iter().filter(|alert| !alert.open).count(),
        },
        "is_mergeable": true,
    });
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    if includes(ask, "body") {
        value["body"] = json!({ "type": "incident_body", "details": incident.details });
    }
    value
}

pub(super) fn note(ask: &Ask, account: &Account, note: &Note) -> Value {
    let user = note.user.as_deref().map(|id| user_reference(account, ask, id));
    let bot = || json!({ "id": null, "type": "bot_user_reference", "summary": "PagerDuty" });
    json!({
        "id": note.id,
        "user": user.unwrap_or_else(bot),
        "channel": { "summary": "The PagerDuty website or APIs" },
        "content": note.content,
        "created_at": time(note.created),
    })
}

pub(super) fn log(ask: &Ask, account: &Account, incident: &Incident, entry: &Log) -> Value {
    let summary = match entry.kind {
        "trigger" => "Triggered through the website.".to_owned(),
        "annotate" => "Note added.".to_owned(),
        other => format!("{other}d."),
    };
    let agent = match &entry.agent {
        Some(id) => user_reference(account, ask, id),
        None => service_reference(account, ask, &incident.service),
    };
    let mut channel = json!({ "type": if entry.kind == "annotate" { "note" } else { "api" } });
    if includes(ask, "channels") {
        channel["summary"] = json!(entry.text);
    }
    json!({
        "id": entry.id,
        "type": format!("{}_log_entry", entry.kind),
        "summary": summary,
        "self": format!("{}/log_entries/{}", ask.origin, entry.id),
        "html_url": null,
        "created_at": time(entry.at),
        "agent": agent,
        "channel": channel,
        "incident": reference(ask, "incident", "incidents", &incident.id, &incident.title),
        "service": service_reference(account, ask, &incident.service),
        "teams": [team_reference(account, ask, &incident.team)],
        "contexts": [],
        "assignees": entry.assignees.iter().map(|id| user_reference(account, ask, id)).collect::<Value>(),
    })
}

pub(super) fn alert(ask: &Ask, account: &Account, incident: &Incident, alert: &Alert) -> Value {
    let mut value = whole(ask, "alert", "alerts", &alert.id, &alert.title);
    let more = json!({
        "created_at": time(alert.created),
        "updated_at": time(alert.updated),
        "status": if alert.open { "triggered" } else { "resolved" },
        "alert_key": alert.key,
        "severity": alert.severity,
        "suppressed": false,
        "service": service_reference(account, ask, &incident.service),
        "incident": reference(ask, "incident", "incidents", &incident.id, &incident.title),
        "body": {
            "type": "alert_body",
            "contexts": [],
            "details": { "sample": alert.sample, "num_fired": alert.fired },
            "cef_details": { "source_origin": alert.source, "severity": alert.severity, "dedup_key": alert.key },
        },
    });
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    value
}

pub(super) fn change(ask: &Ask, account: &Account, change: &Change) -> Value {
    let links = change.link.iter().map(|href| json!({ "href": href, "text": "View" })).collect::<Value>();
    let mut value = whole(ask, "change_event", "change_events", &change.id, &change.summary);
    value["timestamp"] = json!(time(change.at));
    value["source"] = json!(change.source);
    value["services"] = json!([service_reference(account, ask, &change.service)]);
    value["links"] = links;
    value["custom_details"] = json!({});
    value
}

pub(super) fn action(account: &Account, ask: &Ask, action: &Action) -> Value {
    json!({
        "id": action.id,
        "type": "action",
        "name": action.name,
        "description": action.description,
        "action_type": "script",
        "action_classification": "remediation",
        "services": [service_reference(account, ask, &action.service)],
        "teams": [],
    })
}

pub(super) fn invocation(ask: &Ask, account: &Account, run: &Invocation) -> Value {
    let action = account.actions.iter().find(|action| action.id == run.action);
    json!({
        "id": run.id,
        "type": "invocation",
        "state": "completed",
        "action_id": run.action,
        "action_snapshot": { "name": action.map(|action| &action.name), "action_type": "script" },
        "runner_id": super::ids::ulid("runner", "halden"),
        "timing": [
            { "creation_time": time(run.at), "state": "created" },
            { "creation_time": time(run.at), "state": "completed" },
        ],
        "duration": 1,
        "metadata": {
            "agent": user_reference(account, ask, &run.agent),
            "incident": { "id": run.incident, "type": "incident_reference" },
        },
    })
}
