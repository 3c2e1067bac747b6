//! Services and what happens to them.

use serde::{Deserialize, Serialize};

/// What is kept running.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The key: `checkout-api`.
    pub key: String,
    /// The desks that know it: `servicenow`, `pagerduty`, or both.
    pub home: Vec<String>,
    /// Its name: `Checkout API`.
    pub name: String,
    /// What it does.
    pub text: String,
    /// `critical`, `important` or `normal`.
    pub tier: String,
    /// The team that runs it, an assignment group.
    pub team: String,
    /// The configuration items it stands on, by name.
    #[serde(default)]
    pub items: Vec<String>,
    /// Pre-approved actions.
    #[serde(default)]
    pub remediations: Vec<Remediation>,
}

/// A pre-approved action.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Remediation {
    /// The key: `restart-checkout`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What it does.
    pub text: String,
    /// Running it ends the trouble in the demo.
    #[serde(default)]
    pub helps: bool,
}

/// What broke.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// The key: `INC0010023` at ServiceNow, a number at PagerDuty.
    pub key: String,
    /// `servicenow` or `pagerduty`.
    pub home: String,
    /// One line.
    pub title: String,
    /// What is known.
    pub text: Option<String>,
    /// The text is repeated this often.
    pub repeat: Option<usize>,
    /// The service's key.
    pub service: Option<String>,
    /// A configuration item of the service.
    pub item: Option<String>,
    /// `new`, `in_progress`, `on_hold`, `resolved` or `closed`; PagerDuty: `triggered`, `acknowledged`, `resolved`.
    pub state: String,
    /// 1 (critical) to 5 (planning).
    pub priority: u8,
    /// `outage`, `degradation`, `security`, `privacy`, `request`.
    pub category: String,
    /// The team it is assigned to.
    pub team: Option<String>,
    /// Handle.
    pub assignee: Option<String>,
    /// Handle of who opened it; absent for monitoring.
    pub opener: Option<String>,
    /// The key of the account concerned.
    pub account: Option<String>,
    /// When it began.
    pub opened_hours: i64,
    /// When it ended.
    pub resolved_hours: Option<i64>,
    /// How it ended.
    pub resolution: Option<String>,
    /// The key of the incident it belongs to.
    pub parent: Option<String>,
    /// The problem it shares with others: `PRB0040007`.
    pub problem: Option<String>,
    /// The error that shows in its alerts: `ERR_POOL_TIMEOUT`.
    pub signature: Option<String>,
    /// What was written since.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Its clocks.
    #[serde(default)]
    pub slas: Vec<Sla>,
}

/// Something written on an incident.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Handle; absent for machines.
    pub author: Option<String>,
    /// When.
    pub hours: i64,
    /// What.
    pub text: String,
    /// The customer sees it.
    #[serde(default)]
    pub public: bool,
}

/// A promise about an incident.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sla {
    /// `Priority 1 resolution (4 hours)`.
    pub name: String,
    /// `response` or `resolution`.
    pub target: String,
    /// When it is due.
    pub due_minutes: i64,
    /// `in_progress`, `paused`, `completed` or `breached`.
    pub stage: String,
}

/// What monitoring saw.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// The key, which also dedups.
    pub key: String,
    /// `servicenow` or `pagerduty`.
    pub home: String,
    /// The service's key.
    pub service: String,
    /// The incident's key.
    pub incident: Option<String>,
    /// `critical`, `error`, `warning` or `info`.
    pub severity: String,
    /// `open` or `closed`.
    pub state: String,
    /// One line.
    pub title: String,
    /// The monitor: `prometheus`.
    pub monitor: String,
    /// The error that shows: `ERR_POOL_TIMEOUT`.
    pub signature: Option<String>,
    /// A sample of what was seen, written by a machine.
    pub sample: Option<String>,
    /// How often it fired.
    pub count: u32,
    /// When first.
    pub first_minutes: i64,
    /// When last.
    pub last_minutes: i64,
}

/// What was changed.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRequest {
    /// The key: `CHG0030112`.
    pub key: String,
    /// `servicenow` or `pagerduty`.
    pub home: String,
    /// The service's key.
    pub service: String,
    /// One line.
    pub title: String,
    /// What is done and how it is undone.
    pub text: Option<String>,
    /// `deployment`, `standard`, `normal` or `emergency`.
    pub kind: String,
    /// `high`, `moderate` or `low`.
    pub risk: String,
    /// `scheduled`, `implementing`, `closed_successful`, `closed_failed` or `canceled`.
    pub state: String,
    /// Handle.
    pub requester: Option<String>,
    /// When it begins or began.
    pub start_hours: i64,
    /// When it ends or ended.
    pub end_hours: i64,
    /// Where a person can look: a pull request, a pipeline.
    pub link: Option<String>,
}

/// Who is called, and when.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OnCall {
    /// The key.
    pub key: String,
    /// `servicenow` or `pagerduty`.
    pub home: String,
    /// The team.
    pub team: String,
    /// The schedule's name.
    pub schedule: String,
    /// Escalation level, from 1.
    pub level: u8,
    /// Handle.
    pub person: String,
    /// Since.
    pub from_hours: i64,
    /// Until.
    pub until_hours: i64,
}
