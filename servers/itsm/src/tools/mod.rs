//! The tools. One file each; adding one is its file and its two lines here.

mod change_incident_state;
mod get_alert_evidence;
mod get_incident_context;
mod get_on_call;
mod list_service_changes;
mod list_sla_breaches;
mod open_incident;
mod post_incident_update;
mod run_remediation;
mod search_incidents;
#[cfg(test)]
mod tests;

use tool::{Catalog, Kind};

use crate::desk::Desk;

/// Every tool of the domain, in the order clients see them.
#[must_use]
pub fn catalog() -> Catalog<Desk> {
    Catalog::new()
        .with::<search_incidents::SearchIncidents>()
        .with::<get_incident_context::GetIncidentContext>()
        .with::<get_alert_evidence::GetAlertEvidence>()
        .with::<list_service_changes::ListServiceChanges>()
        .with::<get_on_call::GetOnCall>()
        .with::<list_sla_breaches::ListSlaBreaches>()
        .with::<open_incident::OpenIncident>()
        .with::<post_incident_update::PostIncidentUpdate>()
        .with::<change_incident_state::ChangeIncidentState>()
        .with::<run_remediation::RunRemediation>()
        .kind(Kind {
            name: "incident",
            title: "Incident",
            tool: "get_incident_context",
            argument: "incident",
        })
}
