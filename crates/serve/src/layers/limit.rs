//! Holds callers to their limits.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next};
use error::Result;
use tool::{Answer, Call};

use crate::limits::Limits;
use crate::offer::Offer;

/// Lets through only calls for which there is room in every limit that they fall under.
pub(crate) struct Limit {
    offer: Arc<Offer>,
    limits: Arc<Limits>,
}

impl Limit {
    pub(crate) fn new(offer: Arc<Offer>, limits: Arc<Limits>) -> Self {
        Self { offer, limits }
    }
}

impl Layer<Call, Answer> for Limit {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let Some(spec) = self.offer.spec(&ask.tool) else { return next.run(cx, ask).await };
            let tenant = self.offer.tenants.of(cx.caller())?;
            let admitted = self.limits.admit(cx, &spec.meta, tenant.as_deref()).await?;
            let answer = next.run(cx, ask).await;
            admitted.charge(&answer);
            answer
        })
    }
}
