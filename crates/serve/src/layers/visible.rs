//! Hides tools: hidden is unknown.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next};
use error::Result;
use tool::{Answer, Call};

use crate::offer::Offer;

/// Lets through only calls of tools that `tools/list` shows.
pub(crate) struct Visible {
    offer: Arc<Offer>,
}

impl Visible {
    pub(crate) fn new(offer: Arc<Offer>) -> Self {
        Self { offer }
    }
}

impl Layer<Call, Answer> for Visible {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        if self.offer.visible(&ask.tool).is_some() {
            return next.run(cx, ask);
        }
        let error = self.offer.unknown(&ask.tool);
        Box::pin(async { Err(error) })
    }
}
