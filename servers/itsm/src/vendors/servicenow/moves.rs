//! What can be done with an incident, and doing it.

use call::Cx;
use error::{Code, Error, Result};
use tool::Mark;

use super::ServiceNow;
use super::held::Held;
use crate::desk::{Changed, Move, Transition};
use crate::mark;
use crate::model::{Action, Incident, State};

/// In progress and resolved, on every instance (ServiceNow, "Incident state values").
const IN_PROGRESS: &str = "2";
const RESOLVED: &str = "6";

impl ServiceNow {
    pub(super) async fn ways(&self, cx: &Cx, id: &str) -> Result<Vec<Move>> {
        let held = self.held(cx, id).await?;
        let choices = self.choices(cx).await?;
        let codes = || choices.close_codes.clone();
        let way = |action| {
            let resolves = action == Action::Resolve;
            let close_codes = if resolves { codes() } else { Vec::new() };
            Move { action, close_codes, needs_notes: resolves }
        };
        Ok(open_to(&held).into_iter().map(way).collect())
    }

    pub(super) async fn moved(&self, cx: &Cx, id: &str, to: &Transition, mark: &Mark) -> Result<Changed> {
        let held = self.held(cx, id).await?;
        if !open_to(&held).contains(&to.action) {
            let message = format!("an incident that is `{}` cannot be changed so", held.incident.status);
            return Err(
                Error::new(Code::Conflict, message).hint("read the incident again; it says how far it is")
            );
        }
        let (impact, urgency) = raised(&held);
        let mut fields: Vec<(&str, &str)> = Vec::new();
        match to.action {
            Action::Acknowledge => fields.push(("state", IN_PROGRESS)),
            Action::Assign => {
                fields.extend(to.group.as_deref().map(|group| ("assignment_group", group)));
                fields.extend(to.assignee.as_deref().map(|user| ("assigned_to", user)));
            }
            Action::Escalate => fields.extend([("impact", &*impact), ("urgency", &*urgency)]),
            Action::Resolve => {
                fields.push(("state", RESOLVED));
                fields.extend(to.close_code.as_deref().map(|code| ("close_code", code)));
            }
        }
        if fields.is_empty() {
            return Err(Error::invalid("assignee", "is needed, or a group"));
        }
        let work_notes = marked_notes(to, mark);
        fields.extend(work_notes.as_deref().map(|text| ("work_notes", text)));
        if to.action == Action::Resolve {
            fields.extend(to.notes.as_deref().map(|text| ("close_notes", text)));
        }
        let after = self.write(cx, &held, &fields).await?;
        kept(to, &held, &after)?;
        Ok(held.changed_to(after))
    }

    pub(super) async fn found_moved(
        &self,
        cx: &Cx,
        id: &str,
        to: &Transition,
        mark: &Mark,
    ) -> Result<Option<Incident>> {
        let held = self.held(cx, id).await?;
        let done = shows(&held, to) || self.marked(cx, &held.sys_id, mark).await?.is_some();
        Ok(done.then_some(held.incident))
    }
}

/// The work notes of a change. They are written with it or not at all, so that their mark proves it. An escalation has
/// some in any case: how far an incident was raised does not tell by whom.
fn marked_notes(to: &Transition, mark: &Mark) -> Option<String> {
    let notes = to.notes.as_deref().filter(|_| to.action != Action::Resolve);
    let bare = (to.action == Action::Escalate).then_some("");
    notes.or(bare).map(|text| mark::put(text, &mark.operation).trim_start().to_owned())
}

/// Whether an incident is as a change leaves it.
fn shows(held: &Held, to: &Transition) -> bool {
    let group = held.incident.group_key.as_deref();
    match to.action {
        Action::Acknowledge => held.incident.state == State::InProgress,
        Action::Assign => {
            (to.assignee.is_none() || to.assignee == held.assignee)
                && (to.group.is_none() || to.group.as_deref() == group)
        }
        Action::Escalate => false,
        Action::Resolve => !held.incident.state.is_open(),
    }
}

/// What an incident in its state lets be done. The desk's own rules may still refuse.
fn open_to(held: &Held) -> Vec<Action> {
    let may_rise = held.impact > 1 || held.urgency > 1;
    let rise = may_rise.then_some(Action::Escalate);
    match held.incident.state {
        State::New | State::OnHold => {
            [Action::Acknowledge, Action::Assign].into_iter().chain(rise).chain([Action::Resolve]).collect()
        }
        State::InProgress => [Action::Assign].into_iter().chain(rise).chain([Action::Resolve]).collect(),
        State::Resolved | State::Closed => Vec::new(),
    }
}

/// Impact and urgency one step up: the vendor has no next level, but its priority follows from these two.
fn raised(held: &Held) -> (String, String) {
    match (held.impact, held.urgency) {
        (impact, urgency) if urgency > 1 => (impact.to_string(), (urgency - 1).to_string()),
        (impact, urgency) => (impact.saturating_sub(1).max(1).to_string(), urgency.to_string()),
    }
}

/// The vendor drops what it does not know and its rules change what they like: what was written is read again.
fn kept(to: &Transition, before: &Held, after: &Held) -> Result<()> {
    let raised = after.impact < before.impact || after.urgency < before.urgency;
    if shows(after, to) || to.action == Action::Escalate && raised {
        return Ok(());
    }
    let field = match to.action {
        Action::Acknowledge | Action::Resolve => "state",
        Action::Assign if to.assignee.is_some() && to.assignee != after.assignee => "assignee",
        Action::Assign => "group",
        Action::Escalate => "urgency",
    };
    let message = format!("the desk took the change and kept `{field}` as its own rules want it");
    Err(Error::new(Code::Conflict, message)
        .hint("read the incident; a person may have to change this at the desk"))
}
