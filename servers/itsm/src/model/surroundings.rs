//! What surrounds an incident: alerts, changes, people on call, promises, remediations.

use content::{FreeText, Label};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Moment, RecordId};

use super::Named;

/// How bad a monitoring tool thinks it is, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Down.
    Critical,
    /// Broken in part.
    Error,
    /// Might break.
    Warning,
    /// Good to know.
    Info,
}

/// An alert of a monitoring tool.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Alert {
    /// Its id.
    pub id: RecordId,
    /// What the monitor says.
    pub title: Label,
    /// How bad it thinks it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Whether it is still raised.
    pub firing: bool,
    /// When it was raised.
    pub raised: Moment,
    /// The key by which the monitor tells its alerts apart: the `dedup_key` of an incident for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Label>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Named>,
    /// The host or component that is affected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<Label>,
    /// The incident it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<RecordId>,
    /// Details as the monitor sent them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<FreeText>,
    /// Where a person can look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// How likely a change is to break something, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Very likely, or with great damage.
    High,
    /// In between.
    Moderate,
    /// Hardly.
    Low,
}

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A deployment or another event a pipeline reported.
    Deployment,
    /// A change request.
    ChangeRequest,
}

/// A change to a service.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Change {
    /// Its id.
    pub id: RecordId,
    /// The number people use, where the id is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Label>,
    /// What kind.
    pub kind: ChangeKind,
    /// What was changed.
    pub title: Label,
    /// The desk's word for how far it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Label>,
    /// How likely it was to break something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// The service or configuration item, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Label>,
    /// Its id, in the context of an incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_id: Option<RecordId>,
    /// Who or what made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub author: Option<Label>,
    /// When it began, or will.
    pub start: Moment,
    /// When it ended, or will.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Moment>,
    /// Where a person can look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Change {
    /// What a list needs of it.
    #[must_use]
    pub fn brief(self) -> Self {
        Self {
            number: self.number.filter(|number| number.as_str() != self.id.native()),
            service_id: None,
            ..self
        }
    }
}

/// Somebody who is on call.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OnCall {
    /// Their name.
    #[schemars(extend("x-class" = "personal"))]
    pub person: Label,
    /// Their e-mail address, where the desk shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub email: Option<Label>,
    /// 1 is called first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u32>,
    /// The escalation policy, team or group.
    pub group: Named,
    /// The schedule or rota.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Label>,
    /// Since when; absent: always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Moment>,
    /// Until when; absent: always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Moment>,
}

/// How a promise stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlaState {
    /// The clock runs.
    Running,
    /// The clock stands still.
    Paused,
    /// Too late.
    Breached,
    /// Kept.
    Met,
}

/// The clock of a promise about an incident.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SlaClock {
    /// Its id.
    pub id: RecordId,
    /// What was promised.
    pub name: Label,
    /// How it stands.
    pub state: SlaState,
    /// When it is or was to be kept.
    pub due: Moment,
    /// The incident.
    pub incident: RecordId,
    /// The incident's number and title.
    pub title: Label,
    /// The incident's group, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Label>,
    /// Its id, in the context of an incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<RecordId>,
    /// Where a person can look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl SlaClock {
    /// What a list needs of it.
    #[must_use]
    pub fn brief(self) -> Self {
        Self { group_id: None, ..self }
    }
}

/// A pre-approved action of a service.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Remediation {
    /// Its id.
    pub id: RecordId,
    /// Its name.
    pub name: Label,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<FreeText>,
}

/// A remediation that was started.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Run {
    /// Its id.
    pub id: RecordId,
    /// What was started.
    pub remediation: Named,
    /// The desk's word for how far it is.
    pub status: Label,
    /// When it was started.
    pub started: Moment,
    /// Where a person can look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
