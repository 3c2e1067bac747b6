//! Vendors that fail while agents work: one refuses, one is slow, one says nothing.

use serde_json::{Value, json};
use workflows::{Fleet, Workflow};

use crate::Result;

/// Breaks vendors that the workflow needs.
pub(super) async fn strike(fleet: &Fleet, workflow: Workflow) -> Result {
    for (vendor, fault) in faults(workflow) {
        println!("\n[chaos] {vendor}: {fault}");
        fleet.break_vendor(vendor, fault).await?;
    }
    Ok(())
}

/// Heals all vendors.
pub(super) async fn heal(fleet: &Fleet) -> Result {
    for vendor in fleet.vendors() {
        fleet.heal_vendor(vendor).await?;
    }
    Ok(())
}

fn faults(workflow: Workflow) -> Vec<(&'static str, Value)> {
    let refuses = || json!({ "kind": "status", "status": 503 });
    let slow = || json!({ "kind": "latency", "ms": 800 });
    let silent = || json!({ "kind": "hang" });
    match workflow {
        Workflow::Procurement => vec![("confluence", refuses()), ("sap", slow())],
        Workflow::Operations => vec![("notion", silent()), ("pagerduty", slow())],
        Workflow::Sales => vec![("stripe", silent()), ("servicenow", refuses()), ("salesforce", slow())],
        Workflow::Compliance => vec![("hubspot", refuses()), ("pagerduty", silent()), ("notion", slow())],
        // It breaks Jira by itself.
        Workflow::Backlog => vec![("github", slow())],
        // It starts servers of its own.
        Workflow::Refund => Vec::new(),
    }
}
