//! One outcome in the audit log for every call, whatever became of it.

use std::sync::Arc;

use audit::Effect;
use call::{BoxFuture, Cx, Layer, Next};
use error::Result;
use tokio::time::Instant;
use tool::{Answer, Call};

use super::Ledger;
use super::ledger::{complete, outcome_of};
use super::redact::shown;
use crate::offer::Offer;

/// Records how a call ended before it is answered.
pub(crate) struct Record {
    offer: Arc<Offer>,
    ledger: Arc<Ledger>,
}

impl Record {
    pub(crate) fn new(offer: Arc<Offer>, ledger: Arc<Ledger>) -> Self {
        Self { offer, ledger }
    }

    fn effect(&self, tool: &str) -> Option<Effect> {
        let write = self.offer.spec(tool)?.meta.is_write();
        Some(if write { Effect::Write } else { Effect::Read })
    }
}

impl Layer<Call, Answer> for Record {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let begun = Instant::now();
            let mut record = outcome_of(cx, &ask, self.effect(&ask.tool));
            // What refused the call may repeat what its arguments said.
            let answer = next.run(cx, ask).await.map_err(|error| error.rewritten(shown));
            complete(&mut record, cx, &answer);
            record.duration_ms = u64::try_from(begun.elapsed().as_millis()).ok();
            self.ledger.settle(cx, record, answer).await
        })
    }
}
