//! Incidents and what is written on them.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Reference;

/// An incident.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Incident<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) id: Cow<'a, str>,
    pub(in crate::vendors::pagerduty) incident_number: u64,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) title: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) status: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) urgency: Option<Cow<'a, str>>,
    pub(in crate::vendors::pagerduty) created_at: Timestamp,
    pub(in crate::vendors::pagerduty) updated_at: Option<Timestamp>,
    pub(in crate::vendors::pagerduty) resolved_at: Option<Timestamp>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) html_url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) priority: Option<Reference<'a>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) service: Option<Reference<'a>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) escalation_policy: Option<Reference<'a>>,
    #[serde(borrow, default)]
    pub(in crate::vendors::pagerduty) teams: Vec<Reference<'a>>,
    #[serde(borrow, default)]
    pub(in crate::vendors::pagerduty) assignments: Vec<Assignment<'a>>,
    /// With `include[]=body`.
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) body: Option<Body<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Assignment<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) assignee: Reference<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Body<'a> {
    /// Text, or whatever an integration sent.
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) details: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Incidents<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) incidents: Vec<Incident<'a>>,
    #[serde(default)]
    pub(in crate::vendors::pagerduty) more: bool,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct OneIncident<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) incident: Incident<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Related<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) related_incidents: Vec<RelatedIncident<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct RelatedIncident<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) incident: Short<'a>,
    #[serde(borrow, default)]
    pub(in crate::vendors::pagerduty) relationships: Vec<Relationship<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Relationship<'a> {
    #[serde(borrow, rename = "type")]
    pub(in crate::vendors::pagerduty) kind: Cow<'a, str>,
}

/// An incident of which PagerDuty tells little more than its id.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Short<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) id: Cow<'a, str>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Past<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) past_incidents: Vec<PastIncident<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct PastIncident<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) incident: Short<'a>,
    pub(in crate::vendors::pagerduty) score: f64,
}

/// An entry of an incident's log.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct LogEntry<'a> {
    /// `acknowledge_log_entry`.
    #[serde(borrow, rename = "type")]
    pub(in crate::vendors::pagerduty) kind: Cow<'a, str>,
    pub(in crate::vendors::pagerduty) created_at: Timestamp,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) agent: Option<Reference<'a>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) channel: Option<Channel<'a>>,
}

/// How it came about; of a note, its text.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Channel<'a> {
    /// `api`, `note`; `timeout` where nobody acknowledged in time.
    #[serde(borrow, rename = "type")]
    pub(in crate::vendors::pagerduty) kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) summary: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct LogEntries<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) log_entries: Vec<LogEntry<'a>>,
}

/// A note.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Note<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) user: Option<Reference<'a>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) content: Cow<'a, str>,
    pub(in crate::vendors::pagerduty) created_at: Timestamp,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Notes<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) notes: Vec<Note<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct OneNote<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) note: Note<'a>,
}
