//! Automation actions: the pre-approved remediations of a service (an add-on).

use call::Cx;
use content::{Author, FreeText, Label};
use error::Result;
use jiff::{SignedDuration, Timestamp};
use outbound::Request;
use serde_json::json;
use tool::Moment;

use super::account::Account;
use super::wire;
use crate::model::{Named, Remediation, Run};

/// PagerDuty keeps no mark on an invocation: one as young as this may be the lost attempt's.
const YOUNG: SignedDuration = SignedDuration::from_mins(10);

/// The actions associated with a service, at most a hundred.
pub(super) async fn remediations(account: &Account, cx: &Cx, service: &str) -> Result<Vec<Remediation>> {
    let request =
        Request::get("/automation_actions/actions", &[]).query("service_id", service).query("limit", 100);
    let reply = account.send(cx, request).await?;
    let found: wire::Actions<'_> = reply.json()?;
    let shown = |action: &wire::Action<'_>| Remediation {
        id: account.id(&*action.id),
        name: Label::new(&action.name),
        description: action.description.as_deref().map(|text| FreeText::new(text, Author::Internal)),
    };
    Ok(found.actions.iter().map(shown).collect())
}

/// Starts an action for an incident.
pub(super) async fn run(account: &Account, cx: &Cx, action: &str, incident: &str) -> Result<Run> {
    let body = json!({ "invocation": { "metadata": { "incident_id": incident } } });
    let request = Request::post("/automation_actions/actions/{id}/invocations", &[action]).json(&body);
    let reply = account.write(cx, request).await?;
    Ok(shown(account, &reply.json::<wire::OneInvocation<'_>>()?.invocation, cx.now()))
}

/// The newest young run of this action for this incident.
pub(super) async fn find_run(
    account: &Account,
    cx: &Cx,
    action: &str,
    incident: &str,
) -> Result<Option<Run>> {
    let request = Request::get("/automation_actions/invocations", &[])
        .query("incident_id", incident)
        .query("action_id", action);
    let reply = account.send(cx, request).await?;
    let found: wire::Invocations<'_> = reply.json()?;
    let started = |run: &wire::Invocation<'_>| run.timing.first().and_then(|step| step.creation_time);
    let young =
        |run: &&wire::Invocation<'_>| started(run).is_some_and(|at| cx.now().duration_since(at) <= YOUNG);
    let newest = found.invocations.iter().filter(young).max_by_key(|run| started(run));
    Ok(newest.map(|run| shown(account, run, cx.now())))
}

fn shown(account: &Account, run: &wire::Invocation<'_>, now: Timestamp) -> Run {
    let name = run.action_snapshot.as_ref().and_then(|snapshot| snapshot.name.as_deref());
    Run {
        id: run.id.clone().into_owned(),
        remediation: Named {
            id: account.id(&*run.action_id),
            name: Label::new(name.unwrap_or(&run.action_id)),
        },
        status: Label::new(&run.state),
        started: Moment(run.timing.first().and_then(|step| step.creation_time).unwrap_or(now)),
        url: None,
    }
}
