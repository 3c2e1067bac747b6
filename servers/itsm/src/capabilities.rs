//! What each desk is able to do: the tables in the vendors' READMEs.

use capabilities::{Ability, argument, check, field, value, values};

use crate::desk::{Able, Desk};

/// With `CHANCERY_BLESS=1` the tables are written, else they are compared.
#[tokio::test]
async fn tables_say_what_vendors_are_able_to_do() {
    let (catalog, vendors) = (crate::tools::catalog(), crate::vendors::all());
    check(env!("CARGO_MANIFEST_DIR"), catalog, &vendors, abilities).unwrap();
}

fn abilities(desk: &Desk) -> Vec<Ability> {
    let Able {
        text,
        priority,
        customer,
        empty,
        states,
        total,
        alerts,
        changes,
        change_risk,
        on_call,
        slas,
        remediations,
        urgencies,
        customer_updates,
        actions,
        assign_group,
        close_code,
    } = desk.able();
    let mut all = vec![
        argument("search_incidents", "text", text),
        argument("search_incidents", "priority", priority),
        argument("search_incidents", "customer", customer),
        field("get_incident_context", "alerts", alerts),
        field("get_incident_context", "changes", changes),
        field("get_incident_context", "on_call", on_call),
        field("get_incident_context", "slas", slas),
        field("get_incident_context", "remediations", remediations),
        argument("list_service_changes", "risk", change_risk),
        value("post_incident_update", "audience", "customer", customer_updates),
        argument("change_incident_state", "group", assign_group),
        argument("change_incident_state", "close_code", close_code),
    ];
    let most = Able::ALL;
    all.extend(values("search_incidents", "state", most.states, states));
    all.extend(values("search_incidents", "where_empty", most.empty, empty));
    all.extend(values("open_incident", "urgency", most.urgencies, urgencies));
    all.extend(values("change_incident_state", "action", most.actions, actions));
    let lists = ["search_incidents", "list_service_changes", "list_sla_breaches"];
    all.extend(lists.map(|tool| field(tool, "total", total)));
    all
}
