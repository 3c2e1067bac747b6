//! The tool stack: the whole answer to what happens to a call.

use std::sync::Arc;

use call::{BoxFuture, Cx, Serve, Stack};
use error::Result;
use tool::{Answer, Call};

use crate::layers::{
    Authorize, Consent, Content, Deadline, Intent, Ledger, Limit, Meter, Once, Panic, Record, Reports, Trace,
    Turn, Validate, Visible,
};
use crate::limits::Limits;
use crate::offer::Offer;
use crate::state::State;

/// Builds the stack over the domain's tools.
pub(crate) fn stack(
    offer: &Arc<Offer>,
    ledger: &Arc<Ledger>,
    state: &State,
    limits: &Arc<Limits>,
) -> Stack<Call, Answer> {
    Stack::over(Bottom(offer.clone()))
        .layer(Trace) // outermost: whatever is logged below stands in the call's span
        .layer(Meter::new(offer)) // counts refusals too, so it stands above every layer that refuses
        .layer(Record::new(offer.clone(), ledger.clone())) // a refusal is evidence, and nothing is answered unrecorded
        .layer(Visible::new(offer.clone(), ledger.clone())) // before arguments: a hidden tool's schema tells nothing
        .layer(Limit::new(offer.clone(), limits.clone())) // counts calls of tools that exist, valid or not
        .layer(Validate::new(offer.clone())) // below here arguments have their shape
        .layer(Authorize::new(offer.clone(), ledger.clone())) // amounts, targets, places: it reads what has its shape
        .layer(Reports::new(offer.clone())) // inside the record: a report given again was read by somebody again
        .layer(Deadline::new(offer.clone())) // inside the record, so that a late read is recorded as late
        .layer(Panic) // inside the record too: a tool that panics is an outcome like any other
        .layer(Consent::new(offer.clone(), ledger.clone(), state.clone())) // what is only shown begins nothing below
        .layer(Once::new(offer.clone(), state.clone())) // begins what was agreed to, and answers its repeats
        .layer(Turn::new(state.operations.clone())) // a repeat needs no turn, and who waits for one has not begun to send
        .layer(Intent::new(offer.clone(), ledger.clone())) // durable before the vendor hears of the write
        .layer(Content::new(offer.clone())) // innermost: the answer that is stored and recorded is the cleaned one
}

/// The tools themselves, over the sources of the caller's tenant.
struct Bottom(Arc<Offer>);

impl Serve<Call, Answer> for Bottom {
    fn serve<'a>(&'a self, cx: &'a Cx, ask: Call) -> BoxFuture<'a, Result<Answer>> {
        match self.0.tenants.of(cx.caller()) {
            Ok(None) => self.0.toolbox.run(cx, ask),
            Ok(Some(tenant)) => Box::pin(async move { tenant.toolbox.run(cx, ask).await }),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }
}

#[cfg(test)]
mod tests;
