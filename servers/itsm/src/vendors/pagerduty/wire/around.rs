//! What surrounds an incident: alerts, changes, people on call, actions.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Reference, User};

/// An alert.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Alert<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) summary: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) status: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) severity: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) alert_key: Option<Cow<'a, str>>,
    pub(in crate::vendors::pagerduty) created_at: Timestamp,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) html_url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) service: Option<Reference<'a>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) incident: Option<Reference<'a>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) body: Option<AlertBody<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct AlertBody<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) details: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) cef_details: Option<CommonEvent<'a>>,
}

/// PagerDuty's common event format.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct CommonEvent<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) source_component: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) source_origin: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Alerts<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) alerts: Vec<Alert<'a>>,
    #[serde(default)]
    pub(in crate::vendors::pagerduty) more: bool,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct OneAlert<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) alert: Alert<'a>,
}

/// A change event.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Change<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) summary: Option<Cow<'a, str>>,
    pub(in crate::vendors::pagerduty) timestamp: Timestamp,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) source: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(in crate::vendors::pagerduty) services: Vec<Reference<'a>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) html_url: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Changes<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) change_events: Vec<Change<'a>>,
    #[serde(default)]
    pub(in crate::vendors::pagerduty) more: bool,
}

/// Somebody on call; always on call without `start` and `end`.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct OnCall<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) user: User<'a>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) escalation_policy: OnCallPolicy<'a>,
    pub(in crate::vendors::pagerduty) escalation_level: u32,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) schedule: Option<Reference<'a>>,
    pub(in crate::vendors::pagerduty) start: Option<Timestamp>,
    pub(in crate::vendors::pagerduty) end: Option<Timestamp>,
}

/// The policy that calls somebody, with its teams where they were asked for.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct OnCallPolicy<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) summary: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(in crate::vendors::pagerduty) teams: Vec<Reference<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct OnCalls<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) oncalls: Vec<OnCall<'a>>,
    #[serde(default)]
    pub(in crate::vendors::pagerduty) more: bool,
}

/// An automation action.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Action<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) description: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Actions<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) actions: Vec<Action<'a>>,
}

/// A run of an automation action.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Invocation<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) state: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) action_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) action_snapshot: Option<Snapshot<'a>>,
    #[serde(default)]
    pub(in crate::vendors::pagerduty) timing: Vec<Step>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Snapshot<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) name: Option<Cow<'a, str>>,
}

/// When a run came to a state; the first is its creation.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Step {
    #[serde(alias = "timestamp")]
    pub(in crate::vendors::pagerduty) creation_time: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct OneInvocation<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) invocation: Invocation<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Invocations<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) invocations: Vec<Invocation<'a>>,
}
