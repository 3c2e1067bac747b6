//! The person at the client: what they are asked, and what their answer is worth.
//!
//! The question goes out sealed and comes back through the client. The seal ties a yes to the caller, the tool, the
//! arguments and the plan that were shown, and to ten minutes; the plan itself is used once, in the store.

use std::fmt::Write as _;

use call::{Person, Reply, Said};
use error::{Code, Error, Result};
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::{NewPlan, Scope};
use tool::{Answer, Consent as Level, Question, Seal};

use super::proposal::{change, meant};
use crate::approvals::{binding, exact};

/// Bytes of a call's arguments that a question shows, and of each text in it. A plan with more than that is seen whole
/// by an approver; a client shows its call itself.
const SHOWN: usize = 1500;

/// Who agrees to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The agent, by its second look.
    Agent,
    /// The person at the client.
    Client,
    /// Another person, out of band.
    Approver,
}

/// The way to a consent of this level. A client that cannot ask its person gets no less than was wanted: another
/// person is asked.
pub(super) fn way(level: Level, person: &Person) -> Way {
    match level {
        Level::None | Level::Preview => Way::Agent,
        Level::Confirm if *person != Person::Absent => Way::Client,
        Level::Confirm | Level::Approve => Way::Approver,
    }
}

/// A preview as a question about its plan.
pub(super) fn asked(
    mut preview: Answer,
    title: &str,
    arguments: &Map<String, Value>,
    plan: &str,
    seal: String,
) -> Answer {
    let text = text(title, change(&preview), &meant(arguments));
    preview.question = Some(Question { text, plan: plan.to_owned(), seal });
    preview
}

/// The seal of a question about a plan of these arguments.
pub(super) fn sealed(seal: &Seal, scope: &Scope, plan: &str, digest: &str, now: Timestamp) -> Result<String> {
    let until = now.saturating_add(NewPlan::EXPIRY).map_or(i64::MAX, Timestamp::as_second);
    seal.close(until.to_string().as_bytes(), &bound(scope, plan, digest))
}

/// Whether a reply is to the question about this plan, and in time.
pub(super) fn answers(
    seal: &Seal,
    reply: &Reply,
    scope: &Scope,
    plan: &str,
    digest: &str,
    now: Timestamp,
) -> bool {
    let until = seal.reveal(&reply.seal, &bound(scope, plan, digest));
    let until = until.and_then(|bytes| str::from_utf8(&bytes).ok()?.parse::<i64>().ok());
    until.is_some_and(|until| until > now.as_second())
}

fn bound(scope: &Scope, plan: &str, digest: &str) -> Vec<u8> {
    binding(&["chancery question 1", scope.tenant(), scope.caller(), scope.tool(), plan, digest])
}

/// What a caller is told whose person did not agree.
pub(super) fn declined(said: Said) -> Error {
    let message = match said {
        Said::Nothing => "the person at the client did not answer; nothing was done",
        Said::Yes | Said::No => "the person at the client declined; nothing was done",
    };
    Error::new(Code::ApprovalDenied, message)
        .hint("do not repeat it unasked; ask the person what they want instead")
}

/// What a caller is told where nobody can agree at all.
pub(super) fn nobody_to_ask() -> Error {
    Error::new(Code::ApprovalRequired, "a person has to agree to this, and nobody can be asked").hint(
        "use a client that can ask its person (MCP elicitation), or tell the operator to `serve` with \
         `[approvals] listen`, or to configure a `[store]` that the `approvals` command reaches",
    )
}

/// The question as a person reads it: the tool, the record, each field before and after, and the arguments.
fn text(title: &str, change: &Value, arguments: &Map<String, Value>) -> String {
    let word = |value: &Value| value.as_str().map_or_else(|| "nothing".to_owned(), str::to_owned);
    let mut text = title.to_owned();
    if let Some(label) = change["record"]["label"].as_str() {
        // Writing into a `String` cannot fail.
        let _ = write!(text, ": {label} ({})", word(&change["record"]["id"]));
    }
    for field in change["fields"].as_array().into_iter().flatten() {
        let _ = write!(
            text,
            "\n{}: {} -> {}",
            word(&field["field"]),
            word(&field["before"]),
            word(&field["after"])
        );
    }
    let arguments = Value::Object(arguments.clone()).to_string();
    let cut = content::cut(&arguments, SHOWN);
    let more = if cut.len() < arguments.len() { "… (cut)" } else { "" };
    let _ = write!(text, "\nArguments: {}{more}", exact(cut));
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reply_answers_its_own_question_in_time() {
        let (seal, now) = (Seal::ephemeral(), "2026-11-21T10:00:00Z".parse::<Timestamp>().unwrap());
        let scope = |tenant: &str, caller: &str, tool: &str| Scope::new(tenant, caller, tool).unwrap();
        let alice = scope("acme", "alice", "sell");
        let reply = Reply { seal: sealed(&seal, &alice, "p", "d", now).unwrap(), said: Said::Yes };
        assert!(answers(&seal, &reply, &alice, "p", "d", now));
        for (other, plan, digest) in [
            (scope("zeta", "alice", "sell"), "p", "d"),
            (scope("acme", "mallory", "sell"), "p", "d"),
            (scope("acme", "alice", "burn"), "p", "d"),
            (alice.clone(), "q", "d"),
            (alice.clone(), "p", "e"),
        ] {
            assert!(!answers(&seal, &reply, &other, plan, digest, now), "{other:?} {plan} {digest}");
        }
        let late = now + jiff::SignedDuration::from_mins(10);
        assert!(!answers(&seal, &reply, &alice, "p", "d", late));
        assert!(!answers(&Seal::ephemeral(), &reply, &alice, "p", "d", now));
    }

    #[test]
    fn a_question_shows_what_would_be_done() {
        let change = json!({
            "record": {"id": "jira:OPS-1", "label": "Printer on fire"},
            "fields": [{"field": "text", "after": "We are on it."}],
        });
        let arguments = json!({"text": "We are\u{202E} on it.", "zeal": "x".repeat(5000)});
        let text = text("Comment on issue", &change, arguments.as_object().unwrap());
        let expected =
            "Comment on issue: Printer on fire (jira:OPS-1)\ntext: nothing -> We are on it.\nArguments: {";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.ends_with("… (cut)") && text.len() < 2000 && text.contains("[U+202E]"), "{text}");
    }
}
