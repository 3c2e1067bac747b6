//! A write is on record before the vendor hears of it.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next};
use error::Result;
use tool::{Answer, Call};

use super::Ledger;
use crate::offer::Offer;

/// Makes the intent of a write durable; a write that cannot be recorded is not done (`audit_unavailable`).
pub(crate) struct Intent {
    offer: Arc<Offer>,
    ledger: Arc<Ledger>,
}

impl Intent {
    pub(crate) fn new(offer: Arc<Offer>, ledger: Arc<Ledger>) -> Self {
        Self { offer, ledger }
    }
}

impl Layer<Call, Answer> for Intent {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        // A preview sends nothing that could change a record.
        if cx.is_preview() || !self.offer.spec(&ask.tool).is_some_and(|s| s.meta.is_write()) {
            return next.run(cx, ask);
        }
        Box::pin(async move {
            self.ledger.intend(cx, &ask).await?;
            next.run(cx, ask).await
        })
    }
}
