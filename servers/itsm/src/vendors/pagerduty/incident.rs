//! One incident: read, opened, annotated.

use call::Cx;
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use outbound::Request;
use serde_json::json;
use tool::{Mark, Moment};

use super::account::{self, Account};
use super::{query, wire};
use crate::desk::NewIncident;
use crate::mark;
use crate::model::{Audience, Entry, Incident, Update, Urgency};

/// One incident, with its text if `full`.
pub(super) async fn get(account: &Account, cx: &Cx, id: &str, full: bool) -> Result<Incident> {
    let request = Request::get("/incidents/{id}", &[id]);
    let request = if full { request.query("include[]", "body") } else { request };
    let reply = account.send(cx, request).await.map_err(|error| account::missing(id, error))?;
    Ok(account.incident(&reply.json::<wire::OneIncident<'_>>()?.incident, cx.now()))
}

/// The incident of this number (`#4821`), whatever its state and age: `GET /incidents/{id}` takes numbers too. None for a
/// text that is no number.
pub(super) async fn numbered(account: &Account, cx: &Cx, text: &str) -> Result<Option<Incident>> {
    let number = text.strip_prefix('#').unwrap_or(text);
    if number.is_empty() || number.len() > 12 || !number.bytes().all(|digit| digit.is_ascii_digit()) {
        return Ok(None);
    }
    match get(account, cx, number, false).await {
        Ok(incident) => Ok(Some(incident)),
        Err(error) if error.code() == Code::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The log, newest first.
pub(super) async fn timeline(account: &Account, cx: &Cx, id: &str, limit: u32) -> Result<Vec<Entry>> {
    let request = Request::get("/incidents/{id}/log_entries", &[id])
        .query("limit", limit.clamp(1, 100))
        .query("include[]", "channels");
    let reply = account.send(cx, request).await.map_err(|error| account::missing(id, error))?;
    let found: wire::LogEntries<'_> = reply.json()?;
    let mut entries: Vec<Entry> = found.log_entries.iter().map(entry).collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    entries.truncate(limit as usize);
    Ok(entries)
}

fn entry(entry: &wire::LogEntry<'_>) -> Entry {
    let what = entry.kind.strip_suffix("_log_entry").unwrap_or(&entry.kind);
    let is_note = what == "annotate";
    let said = entry.channel.as_ref().and_then(|channel| channel.summary.as_deref());
    let text =
        said.filter(|_| is_note || what == "resolve").map(mark::strip).filter(|text| !text.trim().is_empty());
    Entry {
        at: Moment(entry.created_at),
        what: Label::new(what),
        author: entry.agent.as_ref().and_then(|agent| agent.summary.as_deref()).map(Label::new),
        audience: is_note.then_some(Audience::Internal),
        text: text.map(|text| FreeText::new(text, Author::Internal)),
    }
}

/// Opens an incident under the caller's key. PagerDuty refuses a second open one under it, so that sending twice opens
/// once.
pub(super) async fn open(account: &Account, cx: &Cx, new: &NewIncident, mark: &Mark) -> Result<Incident> {
    let urgency = match new.urgency {
        Urgency::Low => "low",
        Urgency::High => "high",
        Urgency::Medium => return Err(Error::new(Code::Unsupported, "PagerDuty knows urgency high and low")),
    };
    let details = mark::put(new.description.as_deref().unwrap_or_default(), &mark.operation);
    let body = json!({ "incident": {
        "type": "incident",
        "title": new.title,
        "service": { "id": new.service, "type": "service_reference" },
        "urgency": urgency,
        "incident_key": mark.external_key.as_ref().unwrap_or(&mark.operation),
        "body": { "type": "incident_body", "details": details.trim_start() },
    }});
    let request = Request::post("/incidents", &[]).query("include[]", "body").json(&body).idempotent();
    let reply = account.write(cx, request).await?;
    let mut incident = account.incident(&reply.json::<wire::OneIncident<'_>>()?.incident, cx.now());
    if incident.description.is_none() {
        incident.description = new.description.as_deref().map(|text| FreeText::new(text, Author::Internal));
    }
    Ok(incident)
}

/// The open incident under the key, or the one that the operation opened.
pub(super) async fn find_opened(
    account: &Account,
    cx: &Cx,
    service: &str,
    mark: &Mark,
) -> Result<Option<Incident>> {
    let key = mark.external_key.as_ref().unwrap_or(&mark.operation);
    let reply = account.send(cx, query::keyed(service, key)).await?;
    let found: wire::Incidents<'_> = reply.json()?;
    let open = found.incidents.iter().find(|incident| incident.status != "resolved");
    let own = || found.incidents.iter().find(|incident| account::bears(incident, &mark.operation));
    Ok(open.or_else(own).map(|incident| account.incident(incident, cx.now())))
}

/// Adds a note, which nobody outside the account reads.
pub(super) async fn post(
    account: &Account,
    cx: &Cx,
    id: &str,
    text: &str,
    audience: Audience,
    mark: &Mark,
) -> Result<Update> {
    if audience == Audience::Customer {
        let message = "PagerDuty's notes stay inside; customers read a status page";
        return Err(Error::new(Code::Unsupported, message));
    }
    let content = mark::put(text, &mark.operation);
    let body = json!({ "note": { "content": content } });
    let request = Request::post("/incidents/{id}/notes", &[id]).json(&body);
    let reply = account.write(cx, request).await.map_err(|error| account::missing(id, error))?;
    Ok(update(account, &reply.json::<wire::OneNote<'_>>()?.note))
}

/// The note that bears the mark.
pub(super) async fn find_posted(account: &Account, cx: &Cx, id: &str, mark: &Mark) -> Result<Option<Update>> {
    let request = Request::get("/incidents/{id}/notes", &[id]);
    let reply = account.send(cx, request).await.map_err(|error| account::missing(id, error))?;
    let found: wire::Notes<'_> = reply.json()?;
    let marked = found.notes.iter().find(|note| mark::bears(&note.content, &mark.operation));
    Ok(marked.map(|note| update(account, note)))
}

fn update(account: &Account, note: &wire::Note<'_>) -> Update {
    Update {
        id: account.id(&*note.id),
        at: Moment(note.created_at),
        author: note.user.as_ref().and_then(|user| user.summary.as_deref()).map(Label::new),
        audience: Audience::Internal,
        text: FreeText::new(mark::strip(&note.content), Author::Internal),
    }
}
