//! Automation actions and their invocations.

use sandbox::{Answer, Ask, Refusal, Reply};
use serde::Deserialize;
use serde_json::json;

use super::state::{Account, Action, Invocation};
use super::{ids, invalid, page, show};

pub(super) fn actions(account: &mut Account, ask: &Ask) -> Reply {
    let wanted = |action: &&Action| {
        ask.query("service_id").is_none_or(|service| action.service == service)
            && ask.query("name").is_none_or(|name| action.name.to_lowercase().contains(&name.to_lowercase()))
    };
    let mut actions: Vec<&Action> = account.actions.iter().filter(wanted).collect();
    actions.sort_by_key(|action| &action.name);
    page::cursor(ask, "actions", actions, |action| show::action(account, ask, action))
}

pub(super) fn action(account: &mut Account, ask: &Ask) -> Reply {
    let action = account.actions.iter().find(|action| action.id == ask.param("id"));
    let action = action.ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    Ok(Answer::json(200, json!({ "action": show::action(account, ask, action) })))
}

pub(super) fn invoke(account: &mut Account, ask: &Ask) -> Reply {
    #[derive(Deserialize)]
    struct Wrapped {
        invocation: Asked,
    }
    #[derive(Deserialize)]
    struct Asked {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    struct Metadata {
        incident_id: Option<String>,
    }
    let action = account.actions.iter().find(|action| action.id == ask.param("id"));
    let action = action.ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    let (action, service, helps) = (action.id.clone(), action.service.clone(), action.helps);
    let incident = ask.json::<Wrapped>()?.invocation.metadata.incident_id;
    let incident = incident.ok_or_else(|| invalid(&["Incident ID is required"]))?;
    let known = account.incidents.get(&incident).ok_or_else(|| invalid(&["Incident ID is not valid"]))?;
    if known.service != service {
        return Err(invalid(&["The action is not associated with the service of this incident"]));
    }
    if helps {
        mend(account, &service, ask);
    }
    let number = account.next();
    let agent = account.users.iter().find(|user| user.email == ask.who()).map(|user| user.id.clone());
    let run = Invocation {
        id: ids::ulid("invocation", &number.to_string()),
        action,
        incident,
        agent: agent.unwrap_or_else(|| super::fill::user("sandbox")),
        at: ask.now,
    };
    let shown = show::invocation(ask, account, &run);
    account.invocations.push(run);
    Ok(Answer::json(201, json!({ "invocation": shown })))
}

/// The trouble ends: monitoring resolves its alerts. The incident is still somebody's to resolve.
fn mend(account: &mut Account, service: &str, ask: &Ask) {
    let of_service = account.incidents.values_mut().filter(|incident| incident.service == service);
    for alert in of_service.flat_map(|incident| incident.alerts.iter_mut()).filter(|alert| alert.open) {
        alert.open = false;
        alert.updated = ask.now;
    }
}

pub(super) fn invocations(account: &mut Account, ask: &Ask) -> Reply {
    let wanted = |run: &&Invocation| {
        ask.query("incident_id").is_none_or(|id| run.incident == id)
            && ask.query("action_id").is_none_or(|id| run.action == id)
    };
    let runs: Vec<&Invocation> = account.invocations.iter().rev().filter(wanted).collect();
    page::cursor(ask, "invocations", runs, |run| show::invocation(ask, account, run))
}

pub(super) fn invocation(account: &mut Account, ask: &Ask) -> Reply {
    let run = account.invocations.iter().find(|run| run.id == ask.param("id"));
    let run = run.ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    Ok(Answer::json(200, json!({ "invocation": show::invocation(ask, account, run) })))
}
