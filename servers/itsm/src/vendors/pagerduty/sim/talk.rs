//! What is said about incidents: notes, logs, alerts, status updates, snoozing.

use sandbox::{Answer, Ask, Refusal, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::incidents::log;
use super::state::{Account, Incident, Log, Note};
use super::{from, ids, invalid, page, show};

pub(super) fn notes(account: &mut Account, ask: &Ask) -> Reply {
    let incident = account.incident(ask)?;
    let notes: Vec<Value> = incident.notes.iter().rev().map(|note| show::note(ask, account, note)).collect();
    Ok(Answer::json(200, json!({ "notes": notes })))
}

pub(super) fn add_note(account: &mut Account, ask: &Ask) -> Reply {
    #[derive(Deserialize)]
    struct Wrapped {
        note: Content,
    }
    #[derive(Deserialize)]
    struct Content {
        content: Option<String>,
    }
    let by = from(account, ask)?;
    let content = ask.json::<Wrapped>()?.note.content.filter(|text| !text.trim().is_empty());
    let content = content.ok_or_else(|| invalid(&["Content cannot be blank"]))?;
    let number = account.next();
    let incident = account.incident_mut(ask)?;
    let note = Note {
        id: ids::long("note", &format!("new/{number}")),
        user: Some(by.clone()),
        content: content.clone(),
        created: ask.now,
    };
    let entry = log(incident.number, incident.log.len(), "annotate", ask, Some(by), Some(content), &[]);
    incident.log.push(entry);
    incident.updated = ask.now;
    incident.notes.push(note.clone());
    Ok(Answer::json(201, json!({ "note": show::note(ask, account, &note) })))
}

pub(super) fn log_entries(account: &mut Account, ask: &Ask) -> Reply {
    let incident = account.incident(ask)?;
    let entries: Vec<&Log> = incident.log.iter().rev().collect();
    page::classic(ask, "log_entries", entries, |entry| show::log(ask, account, incident, entry))
}

/// The log of the whole account, newest first.
pub(super) fn all_log_entries(account: &mut Account, ask: &Ask) -> Reply {
    let entries = account
        .incidents
        .values()
        .flat_map(|incident| incident.log.iter().map(move |entry| (incident, entry)));
    let mut entries: Vec<(&Incident, &Log)> = entries.collect();
    entries.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.at));
    page::classic(ask, "log_entries", entries, |(incident, entry)| show::log(ask, account, incident, entry))
}

pub(super) fn alerts(account: &mut Account, ask: &Ask) -> Reply {
    let incident = account.incident(ask)?;
    let status = |open: bool| if open { "triggered" } else { "resolved" };
    let wanted: Vec<&str> = ask.query_all("statuses[]").collect();
    let mut alerts: Vec<_> = incident
        .alerts
        .iter()
        .filter(|alert| wanted.is_empty() || wanted.contains(&status(alert.open)))
        .filter(|alert| ask.query("alert_key").is_none_or(|key| alert.key == key))
        .collect();
    alerts.sort_by_key(|alert| alert.created);
    if ask.query("sort_by").is_some_and(|sort| sort.ends_with(":desc")) {
        alerts.reverse();
    }
    page::classic(ask, "alerts", alerts, |alert| show::alert(ask, account, incident, alert))
}

pub(super) fn alert(account: &mut Account, ask: &Ask) -> Reply {
    let incident = account.incident(ask)?;
    let alert = incident.alerts.iter().find(|alert| alert.id == ask.param("alert"));
    let alert = alert.ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    Ok(Answer::json(200, json!({ "alert": show::alert(ask, account, incident, alert) })))
}

pub(super) fn status_update(account: &mut Account, ask: &Ask) -> Reply {
    #[derive(Deserialize)]
    struct Message {
        message: String,
    }
    let by = from(account, ask)?;
    let message = ask.json::<Message>()?.message;
    account.incident(ask)?;
    let id = ids::short("status", &account.next().to_string());
    let sender = show::user_reference(account, ask, &by);
    let update = json!({ "id": id, "message": message, "created_at": show::time(ask.now), "sender": sender });
    Ok(Answer::json(200, json!({ "status_update": update })))
}

pub(super) fn snooze(account: &mut Account, ask: &Ask) -> Reply {
    #[derive(Deserialize)]
    struct Snooze {
        duration: u64,
    }
    from(account, ask)?;
    if !(1..=604_800).contains(&ask.json::<Snooze>()?.duration) {
        return Err(invalid(&["Duration must be between 1 and 604800 seconds"]));
    }
    let incident = account.incident_mut(ask)?;
    incident.status = "acknowledged".into();
    incident.updated = ask.now;
    let incident = account.incident(ask)?;
    Ok(Answer::json(201, json!({ "incident": show::incident(ask, account, incident) })))
}
