//! What PagerDuty finds out by itself: past, related, changed.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use sandbox::{Answer, Ask, Refusal, Reply};
use serde_json::{Value, json};

use super::state::{Account, Change, Incident};
use super::{invalid, page, show};

/// Incidents of the same service with a similar title, by score.
pub(super) fn past(account: &mut Account, ask: &Ask) -> Reply {
    let incident = account.incident(ask)?;
    let limit = ask.query_as::<usize>("limit")?.unwrap_or(5).clamp(1, 999);
    let mut scored: Vec<(usize, &Incident)> = account
        .incidents
        .values()
        .filter(|other| {
            other.id != incident.id && other.service == incident.service && other.status == "resolved"
        })
        .map(|other| (score(incident, other), other))
        .filter(|(score, _)| *score > 0)
        .collect();
    scored.sort_by_key(|(score, other)| (std::cmp::Reverse(*score), std::cmp::Reverse(other.created)));
    let total = scored.len();
    let shown: Vec<Value> = scored
        .into_iter()
        .take(limit)
        .map(|(score, other)| {
            let short = json!({
                "id": other.id,
                "created_at": show::time(other.created),
                "self": format!("{}/incidents/{}", ask.origin, other.id),
                "title": other.title,
            });
            json!({ "incident": short, "score": 10.0 * f64::from(u32::try_from(score).unwrap_or(u32::MAX)) })
        })
        .collect();
    Ok(Answer::json(200, json!({ "past_incidents": shown, "total": total, "limit": limit })))
}

/// Words of both titles.
fn score(a: &Incident, b: &Incident) -> usize {
    let words = |incident: &Incident| -> HashSet<String> {
        let text = format!("{} {}", incident.title, incident.details.as_deref().unwrap_or_default());
        let long = |word: &&str| word.len() > 4;
        text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(long).map(str::to_lowercase).collect()
    };
    words(a).intersection(&words(b)).count()
}

/// Other open incidents of the same team.
pub(super) fn related(account: &mut Account, ask: &Ask) -> Reply {
    let incident = account.incident(ask)?;
    let alike = |other: &&Incident| {
        other.id != incident.id && other.team == incident.team && other.status != "resolved"
    };
    let shown: Vec<Value> = account
        .incidents
        .values()
        .filter(alike)
        .map(|other| {
            let relationship = json!({ "type": "machine_learning_inferred", "metadata": { "grouping_classification": "similar_contents" } });
            json!({ "incident": show::incident(ask, account, other), "relationships": [relationship] })
        })
        .collect();
    Ok(Answer::json(200, json!({ "related_incidents": shown })))
}

/// Changes of the service in the day before the incident.
pub(super) fn related_changes(account: &mut Account, ask: &Ask) -> Reply {
    let incident = account.incident(ask)?;
    let limit = ask.query_as::<usize>("limit")?.unwrap_or(10);
    let earliest =
        incident.created.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(incident.created);
    let near = |change: &&Change| {
        change.service == incident.service && change.at >= earliest && change.at <= incident.created
    };
    let shown: Vec<Value> = newest(account.changes.iter().filter(near))
        .into_iter()
        .take(limit)
        .map(|change| {
            let mut value = show::change(ask, account, change);
            value["correlation_reason"] = json!({ "reason": "most_recent" });
            value
        })
        .collect();
    Ok(Answer::json(200, json!({ "change_events": shown })))
}

pub(super) fn changes(account: &mut Account, ask: &Ask) -> Reply {
    let all = within(account.changes.iter(), ask)?;
    page::classic(ask, "change_events", all, |change| show::change(ask, account, change))
}

pub(super) fn service_changes(account: &mut Account, ask: &Ask) -> Reply {
    let service = account.service(ask.param("id")).ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    let all = within(account.changes.iter().filter(|change| change.service == service.id), ask)?;
    page::classic(ask, "change_events", all, |change| show::change(ask, account, change))
}

pub(super) fn change(account: &mut Account, ask: &Ask) -> Reply {
    let change = account.changes.iter().find(|change| change.id == ask.param("id"));
    let change = change.ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    Ok(Answer::json(200, json!({ "change_event": show::change(ask, account, change) })))
}

fn within<'a>(changes: impl Iterator<Item = &'a Change>, ask: &Ask) -> Result<Vec<&'a Change>, Answer> {
    let since = moment(ask, "since")?;
    let until = moment(ask, "until")?;
    let holds = |change: &&Change| {
        since.is_none_or(|since| change.at >= since) && until.is_none_or(|until| change.at < until)
    };
    Ok(newest(changes.filter(holds)))
}

fn newest<'a>(changes: impl Iterator<Item = &'a Change>) -> Vec<&'a Change> {
    let mut changes: Vec<_> = changes.collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.at));
    changes
}

pub(super) fn moment(ask: &Ask, name: &str) -> Result<Option<Timestamp>, Answer> {
    let Some(text) = ask.query(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| invalid(&[&format!("{name} is not a valid date")]))
}
