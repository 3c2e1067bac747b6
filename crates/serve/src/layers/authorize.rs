//! What policy says to a call: asked once its arguments have their shape, and again when its record is known.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use serde_json::Value;
use tool::{Answer, Call, Spec};

use super::Ledger;
use crate::offer::Offer;
use crate::rules::{Granted, told};

/// Lets through what policy allows, and sees to what its yes is bound to: sources within reach, places, rows, withheld
/// text, and what the workflow has read. Consent is seen to by the layer of that name.
pub(crate) struct Authorize {
    offer: Arc<Offer>,
    ledger: Arc<Ledger>,
}

impl Authorize {
    pub(crate) fn new(offer: Arc<Offer>, ledger: Arc<Ledger>) -> Self {
        Self { offer, ledger }
    }

    async fn run(&self, cx: &Cx, spec: &Spec, mut ask: Call, next: Next<'_, Call, Answer>) -> Result<Answer> {
        let stakes = self.offer.toolbox.stakes(&ask)?;
        let granted = self.offer.rules.ask(cx, &spec.meta, stakes);
        let decision = granted.decision();
        self.ledger.decided(cx, told(&decision));
        if let Some(refusal) = decision.error() {
            return Err(refusal);
        }
        if let Some(most) = decision.obligations.rows {
            fewer_rows(&mut ask, spec, most);
        }
        let answer = next.run(&granted.bind(cx), ask).await;
        let decision = granted.decision();
        self.ledger.decided(cx, told(&decision));
        let mut answer = shown(&granted, answer)?;
        // A question is read by a person, not by the agent.
        if answer.question.is_none() {
            granted.note(answer.tally.suspected > 0);
        }
        if let Some(most) = decision.obligations.rows {
            cut(&mut answer, spec.list, most);
        }
        if decision.obligations.withhold {
            withhold(&mut answer);
        }
        Ok(answer)
    }
}

impl Layer<Call, Answer> for Authorize {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        match self.offer.spec(&ask.tool) {
            Some(spec) if !is_by_operator(cx) => Box::pin(self.run(cx, spec, ask, next)),
            _ => next.run(cx, ask),
        }
    }
}

/// Marks a call that the operator makes with the store and the configuration in hand: no role says what they may do.
struct ByOperator;

/// A call that is the operator's own: it looks for a write that was begun before, or tries a source.
pub(crate) fn by_operator(cx: Cx) -> Cx {
    cx.with_attached(Arc::new(ByOperator))
}

pub(super) fn is_by_operator(cx: &Cx) -> bool {
    cx.attached::<ByOperator>().is_some()
}

/// What a caller is told. Where it keeps to some places, a record of another place and no record look the same.
fn shown(granted: &Granted, answer: Result<Answer>) -> Result<Answer> {
    let answer = match answer {
        // Its tool did not find out what the yes depends on.
        Ok(_) if granted.is_open() => Err(granted.unsettled()),
        answer => answer,
    };
    let Some(places) = granted.hidden_beyond() else { return answer };
    answer.map_err(|error| match error.code() {
        Code::Permission if granted.decision().is_allowed() => error,
        Code::NotFound | Code::Permission => {
            let message = format!("there is no such record within reach: {places}");
            Error::new(Code::NotFound, message)
        }
        // Its candidates may lie anywhere.
        Code::AmbiguousReference => Error::new(Code::AmbiguousReference, "this names more than one record")
            .hint("name the record by its id"),
        _ => error,
    })
}

/// Asks a list for no more rows than a role may have at once; its cursor then goes on where they end.
fn fewer_rows(ask: &mut Call, spec: &Spec, most: u32) {
    let limit = spec.input.get("properties").and_then(|properties| properties.get("limit"));
    if limit.is_none() {
        return;
    }
    let wanted = ask.arguments.get("limit").and_then(Value::as_u64).unwrap_or(tool::Listing::USUAL.into());
    if wanted > u64::from(most) {
        ask.arguments.insert("limit".into(), most.into());
    }
}

/// Cuts the rows of an answer that no limit could make shorter, and says so as lists do.
fn cut(answer: &mut Answer, list: Option<&str>, most: u32) {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let Value::Object(members) = &mut answer.value else { return };
    let Some(Value::Array(rows)) = list.and_then(|list| members.get_mut(list)) else { return };
    let cut = rows.len().saturating_sub(most);
    if cut == 0 {
        return;
    }
    rows.truncate(most);
    // Some may have been left out before, for their size.
    let before = members.get("omitted").and_then(Value::as_u64).unwrap_or(0);
    members.insert("truncated".into(), true.into());
    members.insert("omitted".into(), before.saturating_add(cut as u64).into());
    answer.rows = most;
    answer.write();
}

/// Lockdown. It is done here and not where answers are cleaned, because an answer may have been kept since before.
fn withhold(answer: &mut Answer) {
    answer.withheld = content::withhold(&mut answer.value);
    if answer.withheld > 0 {
        answer.write();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_list_that_is_named_is_cut_and_no_other() {
        let answer =
            || Answer::new(json!({"sources": [1, 2, 3], "suppliers": [4, 5, 6]}), None, 3, Vec::new());
        let mut some = answer();
        cut(&mut some, Some("suppliers"), 2);
        let left = json!({"sources": [1, 2, 3], "suppliers": [4, 5], "truncated": true, "omitted": 1});
        assert_eq!((&some.value, some.rows, &some.text), (&left, 2, &left.to_string()));
        cut(&mut some, Some("suppliers"), 1);
        assert_eq!(some.value["omitted"], 2);
        for (list, most) in [(Some("suppliers"), 3), (Some("absent"), 1), (None, 1)] {
            let mut all = answer();
            cut(&mut all, list, most);
            assert_eq!(all.value, answer().value);
        }
    }
}
