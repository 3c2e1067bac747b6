//! Ends reads that take too long.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next};
use error::Result;
use tool::{Answer, Call};

use crate::offer::Offer;

/// Drops a read at the deadline of its context, which the front set, or when its caller left. A write may have
/// been sent: it is not dropped here but runs to its end, and the vendor clients heed the deadline themselves.
pub(crate) struct Deadline {
    offer: Arc<Offer>,
}

impl Deadline {
    pub(crate) fn new(offer: Arc<Offer>) -> Self {
        Self { offer }
    }
}

impl Layer<Call, Answer> for Deadline {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        if self.offer.spec(&ask.tool).is_some_and(|s| s.meta.is_write()) {
            return next.run(cx, ask);
        }
        Box::pin(cx.bounded(next.run(cx, ask)))
    }
}
