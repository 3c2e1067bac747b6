//! Changes of an incident's state.
//!
//! PagerDuty keeps no mark on a change. What tells one is the incident, its log, and the note that follows the change:
//! the note bears the mark and is written last, so that where it stands all was done.

use call::Cx;
use error::{Code, Error, Result};
use jiff::SignedDuration;
use outbound::{Reply, Request};
use serde_json::{Value, json};
use tool::Mark;

use super::account::{self, Account};
use super::{incident, on_call, wire};
use crate::desk::{Changed, Move, Transition};
use crate::model::{Action, Audience, Incident, State};

/// An escalation by hand as young as this may be the lost attempt's.
const YOUNG: SignedDuration = SignedDuration::from_mins(10);

/// What can be done with an incident: nothing once it is resolved.
pub(super) async fn moves(account: &Account, cx: &Cx, id: &str) -> Result<Vec<Move>> {
    let incident = incident::get(account, cx, id, false).await?;
    let offered: &[Action] = match incident.state {
        State::New => &[Action::Acknowledge, Action::Assign, Action::Escalate, Action::Resolve],
        State::InProgress | State::OnHold => &[Action::Assign, Action::Escalate, Action::Resolve],
        State::Resolved | State::Closed => &[],
    };
    let a_move = |action: &Action| Move { action: *action, close_codes: Vec::new(), needs_notes: false };
    Ok(offered.iter().map(a_move).collect())
}

/// Does it. Notes go into the resolution, or after any other change into a note of their own.
pub(super) async fn change(
    account: &Account,
    cx: &Cx,
    id: &str,
    to: &Transition,
    mark: &Mark,
) -> Result<Changed> {
    let reply = read(account, cx, id).await?;
    let now = reply.json::<wire::OneIncident<'_>>()?.incident;
    let before = account.incident(&now, cx.now());
    let assignee_before = sole(&now.assignments);
    let edit = edit(account, cx, &now, to).await?;
    let after = put(account, cx, id, edit).await?;
    if let Some(text) = note(to) {
        incident::post(account, cx, id, text, Audience::Internal, mark).await?;
    }
    Ok(Changed { before, after, assignee_before })
}

/// The incident, if the operation has changed it so; the note is made up for.
pub(super) async fn find_changed(
    account: &Account,
    cx: &Cx,
    id: &str,
    to: &Transition,
    mark: &Mark,
) -> Result<Option<Incident>> {
    let reply = read(account, cx, id).await?;
    let now = reply.json::<wire::OneIncident<'_>>()?.incident;
    let text = note(to);
    let noted = text.is_some() && incident::find_posted(account, cx, id, mark).await?.is_some();
    if !noted && !shows(account, cx, &now, to).await? {
        return Ok(None);
    }
    if let Some(text) = text.filter(|_| !noted) {
        incident::post(account, cx, id, text, Audience::Internal, mark).await?;
    }
    Ok(Some(account.incident(&now, cx.now())))
}

/// What is said in a note: notes of a resolution are part of it.
fn note(to: &Transition) -> Option<&str> {
    to.notes.as_deref().filter(|_| to.action != Action::Resolve)
}

/// Whether an incident is as a change leaves it.
async fn shows(account: &Account, cx: &Cx, now: &wire::Incident<'_>, to: &Transition) -> Result<bool> {
    let state = account.incident(now, cx.now()).state;
    Ok(match to.action {
        Action::Acknowledge => state == State::InProgress,
        Action::Assign => now.assignments.iter().any(|a| a.assignee.id.as_deref() == to.assignee.as_deref()),
        Action::Escalate => escalated_of_late(account, cx, &now.id).await?,
        Action::Resolve => !state.is_open(),
    })
}

/// Whether somebody, and not the policy whose time was up, has escalated an incident lately.
async fn escalated_of_late(account: &Account, cx: &Cx, id: &str) -> Result<bool> {
    let request = Request::get("/incidents/{id}/log_entries", &[id]).query("limit", 100);
    let reply = account.send(cx, request).await?;
    let found: wire::LogEntries<'_> = reply.json()?;
    let by_hand = |entry: &wire::LogEntry<'_>| {
        entry.channel.as_ref().is_none_or(|channel| channel.kind.as_deref() != Some("timeout"))
    };
    Ok(found.log_entries.iter().any(|entry| {
        entry.kind == "escalate_log_entry"
            && by_hand(entry)
            && cx.now().duration_since(entry.created_at) <= YOUNG
    }))
}

/// The only one who has it: where several do, giving it back to one of them would take it from the others.
fn sole(assignments: &[wire::Assignment<'_>]) -> Option<String> {
    match assignments {
        [only] => only.assignee.id.as_deref().map(str::to_owned),
        _ => None,
    }
}

async fn read(account: &Account, cx: &Cx, id: &str) -> Result<Reply> {
    let request = Request::get("/incidents/{id}", &[id]);
    account.send(cx, request).await.map_err(|error| account::missing(id, error))
}

async fn edit(account: &Account, cx: &Cx, now: &wire::Incident<'_>, to: &Transition) -> Result<Value> {
    let mut edit = json!({ "type": "incident_reference" });
    match to.action {
        Action::Acknowledge => edit["status"] = json!("acknowledged"),
        Action::Resolve => {
            edit["status"] = json!("resolved");
            if let Some(notes) = &to.notes {
                edit["resolution"] = json!(notes);
            }
        }
        Action::Assign => {
            let Some(person) = &to.assignee else {
                return Err(Error::new(
                    Code::Unsupported,
                    "PagerDuty assigns incidents to people, not to teams",
                ));
            };
            edit["assignments"] = json!([{ "assignee": { "id": person, "type": "user_reference" } }]);
        }
        Action::Escalate => edit["escalation_level"] = json!(next_level(account, cx, now).await?),
    }
    Ok(edit)
}

async fn put(account: &Account, cx: &Cx, id: &str, edit: Value) -> Result<Incident> {
    let request = Request::put("/incidents/{id}", &[id]).json(&json!({ "incident": edit }));
    let reply = account.write(cx, request).await.map_err(|error| account::missing(id, error))?;
    Ok(account.incident(&reply.json::<wire::OneIncident<'_>>()?.incident, cx.now()))
}

/// The level after the highest one whose people have the incident now. PagerDuty does not tell an incident's level, but
/// who is on call at each.
async fn next_level(account: &Account, cx: &Cx, now: &wire::Incident<'_>) -> Result<u32> {
    let policy = now.escalation_policy.as_ref().and_then(|policy| policy.id.as_deref());
    let none = || Error::new(Code::Conflict, "the incident has no escalation policy");
    let has = |user: &str| now.assignments.iter().any(|a| a.assignee.id.as_deref() == Some(user));
    let (mut current, mut highest) = (1, 1);
    let see = |on: &wire::OnCall<'_>| {
        highest = highest.max(on.escalation_level);
        current = if has(&on.user.id) { current.max(on.escalation_level) } else { current };
    };
    on_call::each(account, cx, &[policy.ok_or_else(none)?], cx.now(), see).await?;
    if current >= highest {
        let message = format!("the incident is at level {current}, the highest of its escalation policy");
        return Err(Error::new(Code::Conflict, message).hint("assign it to a person instead"));
    }
    Ok(current + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sole_assignee_can_be_given_it_back() {
        let a = r#"{"assignee": {"id": "PA", "type": "user_reference"}}"#;
        let b = r#"{"assignee": {"id": "PB", "type": "user_reference"}}"#;
        for (list, before) in
            [(format!("[{a}]"), Some("PA")), (format!("[{a}, {b}]"), None), ("[]".to_owned(), None)]
        {
            let assignments: Vec<wire::Assignment<'_>> = serde_json::from_str(&list).unwrap();
            assert_eq!(sole(&assignments).as_deref(), before, "{list}");
        }
    }
}
