//! What a caller and an approver are shown of a write that is not done yet.

use std::time::Duration;

use error::{Code, Error};
use serde_json::{Map, Value, json};
use store::{Approval, NewPlan, Standing};
use tool::{Answer, Call, Consent, Status};

use super::asking::Way;
use super::key;

/// How long a person has to decide, and the caller to commit after that: a working day. It is less than the answer
/// of a planned write is kept, so that no plan outlives what became of it.
const WORKING_DAY: Duration = Duration::from_secs(8 * 60 * 60);

/// When a caller may ask whether somebody decided.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// For how long a plan may be committed.
pub(super) fn expiry(way: Way) -> Duration {
    if way == Way::Approver { WORKING_DAY } else { NewPlan::EXPIRY }
}

/// Whether an answer shows what would be done. A call that finds its effect there already answers otherwise.
pub(super) fn is_preview(answer: &Answer) -> bool {
    answer.facts.as_ref().is_some_and(|facts| facts.status == Status::Preview)
}

/// The change that an answer tells of.
pub(super) fn change(answer: &Answer) -> &Value {
    answer.value.get("change").unwrap_or(&Value::Null)
}

/// What an approver is shown: the change, and every argument, since a change cuts long texts.
pub(super) fn shown(ask: &Call, preview: &Answer) -> Value {
    json!({ "change": change(preview), "arguments": meant(&ask.arguments) })
}

/// Whether the arguments of a commit repeat those of its plan. One that is left out is meant as it was shown.
pub(super) fn repeats(given: &Map<String, Value>, planned: &Map<String, Value>) -> bool {
    meant(given).iter().all(|(name, value)| planned.get(name) == Some(value))
}

/// The call that commits a plan: with the stored arguments, and the key that the commit or the plan was given.
pub(super) fn committed(ask: &Call, planned: Map<String, Value>, handle: &str) -> Call {
    let mut arguments = meant(&planned);
    let key = key(&ask.arguments).or_else(|| key(&planned));
    arguments.extend(key.map(|key| ("idempotency_key".to_owned(), key.into())));
    arguments.insert("plan".into(), handle.into());
    Call { tool: ask.tool.clone(), arguments }
}

/// The arguments that decide what is done.
pub(super) fn meant(arguments: &Map<String, Value>) -> Map<String, Value> {
    let envelope = |name: &str| matches!(name, "plan" | "idempotency_key" | "max_bytes");
    let meant = arguments.iter().filter(|(name, value)| !value.is_null() && !envelope(name));
    meant.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A preview with its plan, and with the approval it waits for.
pub(super) fn proposed(mut preview: Answer, handle: &str, approval: Option<&Approval>) -> Answer {
    let (status, note) = match approval {
        None => {
            (Status::Preview, "nothing is done yet: repeat the call with this `plan` to do it".to_owned())
        }
        Some(approval) => (
            Status::PendingApproval,
            format!(
                "nothing is done yet: another person has to approve request {}; then repeat the call with this `plan`",
                approval.id
            ),
        ),
    };
    if let Some(facts) = &mut preview.facts {
        facts.status = status;
    }
    tell(&mut preview, [("status", json!(status)), ("plan", handle.into()), ("note", note.into())]);
    preview
}

/// The answer of a sandbox that asked nobody, with a word on who is asked elsewhere.
pub(super) fn noted(level: Consent, mut answer: Answer) -> Answer {
    let who = match level {
        Consent::None => return answer,
        Consent::Preview => "the caller would see a preview and commit it",
        Consent::Confirm => "a person would confirm it",
        Consent::Approve => "another person would approve it",
    };
    let done = answer.facts.as_ref().is_some_and(|facts| facts.status == Status::Committed);
    if done && answer.value.get("note").is_none() {
        let note = format!("the sandbox asks nobody; with real sources {who} first");
        tell(&mut answer, [("note", note.into())]);
    }
    answer
}

fn tell<const N: usize>(answer: &mut Answer, members: [(&str, Value); N]) {
    if let Value::Object(object) = &mut answer.value {
        object.extend(members.map(|(name, value)| (name.to_owned(), value)));
    }
    answer.write();
}

/// What a commit is told that needs more than when its plan was made: what waits now, with its plan.
pub(super) fn raised(pending: Answer) -> Error {
    Error::new(Code::ApprovalRequired, "another person has to approve this by now, and was asked")
        .retryable(true)
        .retry_after(LOOK_AGAIN)
        .hint("repeat the call with the `plan` in `preview` once somebody approved it; the plan before it will not do")
        .preview(pending.value)
}

/// Why a commit has to wait for a person, or will never be done.
pub(super) fn ungranted(approval: &Approval) -> Error {
    let id = &approval.id;
    match approval.standing {
        Standing::Denied => {
            let why = approval.reason.as_deref().map(|why| format!(": {}", content::Label::new(why)));
            let message = format!("a person refused this change{}", why.unwrap_or_default());
            Error::new(Code::ApprovalDenied, message)
        }
        _ => Error::new(Code::ApprovalRequired, format!("nobody has approved request {id} yet"))
            .retryable(true)
            .retry_after(LOOK_AGAIN)
            .hint(format!(
                "another person decides with `approvals approve {id}`; then repeat this call with the same `plan`"
            )),
    }
}
