//! The account: what is asked of it, and its words in ours.

use call::Cx;
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use jiff::Timestamp;
use outbound::{Client, Reply, Request};
use serde_json::value::RawValue;
use tool::{Moment, RecordId};

use super::settings::{Keys, Meanings};
use super::{judge, wire};
use crate::desk::Noun;
use crate::mark;
use crate::model::{self, Named, State, Urgency};
use crate::wakes::Wakes;

/// A PagerDuty account behind its client.
pub(super) struct Account {
    pub(super) client: Client,
    pub(super) keys: Keys,
    pub(super) meanings: Meanings,
    pub(super) wakes: Wakes,
}

impl Account {
    /// Sends a request as PagerDuty wants it (its version in `Accept`, a `Content-Type` on every request).
    pub(super) async fn send(&self, cx: &Cx, request: Request) -> Result<Reply> {
        let request = request
            .accept("application/vnd.pagerduty+json;version=2")
            .header("content-type", "application/json")
            .judge(judge::judge);
        self.client.send(cx, request).await
    }

    /// Sends a write in the name of the configured user.
    pub(super) async fn write(&self, cx: &Cx, request: Request) -> Result<Reply> {
        let request = match &self.keys.from {
            Some(from) => request.header("from", from),
            None => request,
        };
        self.send(cx, request).await
    }

    /// Our id of a record.
    pub(super) fn id(&self, native: impl Into<String>) -> RecordId {
        RecordId::new(self.client.source(), native)
    }

    /// The native id in a reference: the id itself, or the account's own page of it.
    pub(super) fn recognize(&self, noun: Noun, reference: &str) -> Option<String> {
        let page = format!("https://{}.{}pagerduty.com/", self.keys.subdomain, self.keys.region.infix());
        let native = match (reference.strip_prefix(&page), noun) {
            (None, _) => reference,
            (Some(path), Noun::Incident) => path.strip_prefix("incidents/")?.split(['/', '?', '#']).next()?,
            (Some(path), Noun::Service) => {
                let path =
                    path.strip_prefix("service-directory/").or_else(|| path.strip_prefix("services/"))?;
                path.split(['/', '?', '#']).next()?
            }
            (Some(_), _) => return None,
        };
        let is = match noun {
            Noun::Alert => {
                native.split_once('/').is_some_and(|(incident, alert)| is_id(incident) && is_id(alert))
            }
            Noun::Remediation => is_ulid(native),
            Noun::Incident | Noun::Service | Noun::Group => is_id(native),
        };
        is.then(|| native.to_owned())
    }

    /// An incident in our words; with its text where PagerDuty was asked for it.
    pub(super) fn incident(&self, incident: &wire::Incident<'_>, as_of: Timestamp) -> model::Incident {
        let team = incident.teams.first();
        let service = incident.service.as_ref().and_then(|service| self.named(service));
        model::Incident {
            id: self.id(&*incident.id),
            number: Some(Label::new(&format!("#{}", incident.incident_number))),
            title: Label::new(&incident.title),
            state: state(&incident.status),
            status: Label::new(&incident.status),
            priority: incident.priority.as_ref().and_then(|p| self.meanings.priority(p.summary.as_deref()?)),
            urgency: incident.urgency.as_deref().map(urgency),
            service: service.as_ref().map(|service| service.name.clone()),
            service_id: service.map(|service| service.id),
            group: team.and_then(|team| team.summary.as_deref()).map(Label::new),
            group_key: team.and_then(|team| team.id.as_deref()).map(str::to_owned),
            assignees: incident
                .assignments
                .iter()
                .filter_map(|a| a.assignee.summary.as_deref())
                .map(Label::new)
                .collect(),
            customer: None,
            opened: Moment(incident.created_at),
            updated: incident.updated_at.map(Moment),
            resolved: incident.resolved_at.map(Moment),
            relation: None,
            url: incident.html_url.as_deref().unwrap_or_default().to_owned(),
            as_of: Moment(as_of),
            description: incident.body.as_ref().and_then(|body| details(body.details?)),
            custom_fields: Vec::new(),
        }
    }

    /// A referred record that has an id.
    pub(super) fn named(&self, reference: &wire::Reference<'_>) -> Option<Named> {
        let id = reference.id.as_deref()?;
        Some(Named { id: self.id(id), name: Label::new(reference.summary.as_deref().unwrap_or(id)) })
    }
}

/// `P` or `Q` and capitals and digits, as all of PagerDuty's ids but those of automation.
pub(super) fn is_id(text: &str) -> bool {
    (7..=14).contains(&text.len())
        && text.starts_with(['P', 'Q', 'R'])
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Automation's ids.
fn is_ulid(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// PagerDuty's three states; there are no others.
fn state(status: &str) -> State {
    match status {
        "resolved" => State::Resolved,
        "acknowledged" => State::InProgress,
        _ => State::New,
    }
}

fn urgency(word: &str) -> Urgency {
    if word == "low" { Urgency::Low } else { Urgency::High }
}

/// Details as people or integrations left them: text as text, anything else as JSON, without our mark.
pub(super) fn details(raw: &RawValue) -> Option<FreeText> {
    let text: Option<String> = serde_json::from_str(raw.get()).ok();
    let (text, from) = match text {
        Some(text) => (text, Author::Internal),
        None if matches!(raw.get(), "null" | "{}" | "[]") => return None,
        None => (raw.get().to_owned(), Author::Machine),
    };
    let bare = mark::strip(&text);
    (!bare.trim().is_empty()).then(|| FreeText::new(bare, from))
}

/// The bare text of details, mark included, to see whose incident it is.
pub(super) fn bears(incident: &wire::Incident<'_>, operation: &str) -> bool {
    let text = || serde_json::from_str::<String>(incident.body.as_ref()?.details?.get()).ok();
    text().is_some_and(|text| mark::bears(&text, operation))
}

/// A `not_found` that names what is missing.
pub(super) fn missing(id: &str, error: Error) -> Error {
    if error.code() != Code::NotFound {
        return error;
    }
    let message = format!("there is no incident {id}, or this account may not see it");
    let named = Error::new(Code::NotFound, message);
    match error.vendor() {
        Some(upstream) => named.upstream(upstream.clone()),
        None => named,
    }
}
