//! The last look at an answer.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next};
use content::{Label, People, Redactor, Tally, TokenKey, Treatments};
use error::Result;
use serde_json::{Value, json};
use tool::{Answer, Call, Terms};

use crate::offer::Offer;

/// Cleans every text of an answer, treats it for its reader, and holds the whole against the hard cap. What is
/// stored and recorded is the treated answer.
pub(crate) struct Content {
    offer: Arc<Offer>,
}

/// What answers are treated with where no role says otherwise.
pub(crate) struct Redaction {
    /// What tokens are made with.
    pub(crate) key: TokenKey,
    /// What everybody may see.
    pub(crate) house: Treatments,
}

impl Content {
    pub(crate) fn new(offer: Arc<Offer>) -> Self {
        Self { offer }
    }

    /// What becomes of values for this caller: what its role says, else what the house says.
    fn treatments(&self, cx: &Cx) -> Treatments {
        let house = &self.offer.redaction.house;
        let (masks, fields) = Terms::of(cx)
            .map_or_else(|| (house.masks, Arc::default()), |terms| (terms.masks, terms.fields.clone()));
        let tenant = self.offer.tenants.of(cx.caller()).ok().flatten();
        let datamark = house.datamark || tenant.is_some_and(|tenant| tenant.terms.datamark);
        Treatments { masks, fields, datamark }
    }

    fn redactor<'a>(&'a self, cx: &'a Cx, treatments: &'a Treatments, people: &'a People) -> Redactor<'a> {
        let tenant = cx.caller().tenant.as_deref().unwrap_or_default();
        Redactor { treatments, key: &self.offer.redaction.key, tenant, people }
    }

    /// Treats an answer that was kept, for whoever reads it now: it was treated when it was given, perhaps for an
    /// operator or by masks that were looser. To treat it twice changes nothing.
    pub(super) fn treat_again(&self, cx: &Cx, tool: &str, answer: &mut Answer) {
        let first = std::mem::take(&mut answer.tally);
        self.treat(cx, tool, answer);
        let redacted = first.redacted + answer.tally.redacted;
        answer.tally = Tally { redacted, ..first };
    }

    fn treat(&self, cx: &Cx, tool: &str, answer: &mut Answer) {
        // As the tool gave it: a text that loses characters on its way out is no former text any more.
        let former = answer.value.pointer("/undo/args").cloned();
        let cleaned = content::scrub(&mut answer.value);
        if cleaned > 0 {
            // A vendor's text left a tool as a plain string instead of `FreeText` or `Label`.
            tracing::warn!(cleaned, "hidden characters reached the last look");
        }
        let Some(spec) = self.offer.spec(tool) else { return };
        let treatments = self.treatments(cx);
        let people = std::mem::take(&mut answer.people);
        let redactor = self.redactor(cx, &treatments, &people);
        answer.tally = redactor.answer(&mut answer.value, &spec.fields);
        redact_undo(&mut answer.value, former.as_ref());
        redact_facts(answer, &redactor);
        if cleaned > 0 || answer.tally != Tally::default() || redactor.treatments.datamark {
            answer.write();
        }
        // Known again where the answer is given again, perhaps by stricter masks.
        answer.people = people;
    }
}

impl Layer<Call, Answer> for Content {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let tool = ask.tool.clone();
            let answer = next.run(cx, ask).await;
            let mut answer = answer.map_err(|error| {
                let (treatments, nobody) = (self.treatments(cx), People::new());
                let redactor = self.redactor(cx, &treatments, &nobody);
                error.with_people(|name| redactor.person(name)).rewritten(|text| redactor.text(text))
            })?;
            self.treat(cx, &tool, &mut answer);
            content::bounded(&answer.text)?;
            Ok(answer)
        })
    }
}

/// A call that puts a masked value back would destroy the true one: such a write is undone by hand.
fn redact_undo(answer: &mut Value, former: Option<&Value>) {
    if former.is_some() && answer.pointer("/undo/args") != former {
        answer["undo"] =
            json!({ "manual": "put the former values back by hand: they hold what is not shown here" });
    }
}

/// The record and the links say what the answer says.
fn redact_facts(answer: &mut Answer, redactor: &Redactor<'_>) {
    for link in &mut answer.links {
        link.label = redactor.label(&link.label).into_owned();
    }
    let changes = answer.facts.iter_mut().flat_map(|facts| &mut facts.changes);
    for label in changes.flat_map(|change| [&mut change.before, &mut change.after]).flatten() {
        *label = Label::new(&redactor.label(label.as_str()));
    }
}

#[cfg(test)]
mod tests;
