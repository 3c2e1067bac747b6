//! Which operation a call is.

use std::time::Duration;

use call::{Cx, Operation};
use error::Result;
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::Scope;
use tool::Call;

/// How long a repeat without a key gets the first answer (design, section 5).
const WINDOW: Duration = Duration::from_secs(10 * 60);

/// How long one with a key or a plan does (security, section 4.3): the caller says that it means the same write.
const NAMED_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// The operation that a call of a write is, by the strongest of its names: the caller's key, the plan that it commits,
/// or what is asked for. A key is one write however many plans were made for it. A workflow id that we derived changes
/// with the clock and is left out, or a retry might miss its first attempt.
///
/// # Errors
/// `invalid_argument` where a name of the caller is too long to be kept.
pub(crate) fn operation(cx: &Cx, call: &Call) -> Result<Operation> {
    let scope = Scope::of(cx)?;
    Ok(match (key(&call.arguments), plan(&call.arguments)) {
        (Some(key), _) => scope.operation(&format!("key {key}")),
        (None, Some(plan)) => planned(&scope, plan),
        (None, None) => {
            let workflow = if cx.workflow().derived { "" } else { cx.workflow().id.as_str() };
            scope.operation(&format!("derived {} {workflow}", digest(&call.arguments)))
        }
    })
}

/// The operation that a plan becomes when it is committed, unless its caller named that by a key.
pub(crate) fn planned(scope: &Scope, plan: &str) -> Operation {
    scope.operation(&format!("plan {plan}"))
}

/// How long the answer of a call is kept for its repeats.
pub(super) fn window(arguments: &Map<String, Value>) -> Duration {
    if is_named(arguments) { NAMED_WINDOW } else { WINDOW }
}

/// The operation with the mark that its attempts leave at the vendor, of which the first began at `begun_at`. Without a
/// name of the caller's the same arguments are another write once the window is over. Two such are never of one period;
/// a process that lost its memory of the first one within a period marks what it repeats the same.
pub(super) fn marked(operation: Operation, arguments: &Map<String, Value>, begun_at: Timestamp) -> Operation {
    if is_named(arguments) {
        return operation;
    }
    operation.begun_in(begun_at.as_second().div_euclid(WINDOW.as_secs().cast_signed()))
}

fn is_named(arguments: &Map<String, Value>) -> bool {
    plan(arguments).is_some() || key(arguments).is_some()
}

/// The plan that a call commits.
pub(crate) fn plan(arguments: &Map<String, Value>) -> Option<&str> {
    text(arguments, "plan")
}

/// The caller's own name of a write.
pub(crate) fn key(arguments: &Map<String, Value>) -> Option<&str> {
    text(arguments, "idempotency_key")
}

/// Digest of the arguments that decide what is done: members in order, nulls and the envelope left out.
pub(crate) fn digest(arguments: &Map<String, Value>) -> String {
    let meant = arguments.iter().filter(|(name, value)| {
        !value.is_null() && !matches!(name.as_str(), "idempotency_key" | "plan" | "max_bytes")
    });
    let ordered: std::collections::BTreeMap<&String, Value> = meant.map(|(k, v)| (k, in_order(v))).collect();
    audit::digest(&serde_json::to_vec(&ordered).unwrap_or_default())
}

fn text<'a>(arguments: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    arguments.get(name).and_then(Value::as_str)
}

/// The same value with the members of all its objects sorted by name.
pub(crate) fn in_order(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(in_order).collect(),
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            Value::Object(sorted.into_iter().map(|(k, v)| (k.clone(), in_order(v))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn id(caller: call::Caller, arguments: Value) -> String {
        let arguments = serde_json::from_value(arguments).unwrap();
        let cx = Cx::new("add_item", caller, call::Clock::for_test());
        operation(&cx, &Call { tool: "add_item".into(), arguments }).unwrap().id
    }

    fn ours(arguments: Value) -> String {
        id(call::Caller::local("a"), arguments)
    }

    #[test]
    fn the_strongest_name_decides() {
        let (plan, other) = ("a".repeat(26), "b".repeat(26));
        let planned = ours(json!({"plan": plan, "text": "x"}));
        assert_eq!(planned, ours(json!({"plan": plan, "text": "y"})));
        assert_ne!(planned, ours(json!({"plan": other, "text": "x"})));
        let keyed = ours(json!({"plan": plan, "idempotency_key": "k", "text": "x"}));
        assert_eq!(keyed, ours(json!({"plan": other, "idempotency_key": "k", "text": "x"})));
        assert_eq!(keyed, ours(json!({"idempotency_key": "k", "text": "x"})));
        assert_eq!(
            ours(json!({"idempotency_key": "k", "text": "x"})),
            ours(json!({"idempotency_key": "k", "text": "y"}))
        );
        assert_eq!(
            ours(json!({"text": "x", "more": {"a": 1, "b": 2}, "plan": null})),
            ours(json!({"more": {"b": 2, "a": 1}, "text": "x"}))
        );
    }

    #[test]
    fn tenants_with_callers_of_one_name_are_told_apart() {
        let of = |tenant: &str| call::Caller { tenant: Some(tenant.into()), ..call::Caller::local("a") };
        let arguments = json!({"idempotency_key": "k"});
        assert_ne!(id(of("acme"), arguments.clone()), id(of("zeta"), arguments));
    }
}
