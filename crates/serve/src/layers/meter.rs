//! Counts and times calls.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next};
use error::Result;
use tokio::time::Instant;
use tool::{Answer, Call};

use crate::offer::Offer;

/// `chancery_tool_calls_total{tool,outcome}`, `chancery_tool_call_seconds{tool}` and
/// `chancery_tool_calls_in_flight`. The label of a tool that does not exist is `unknown`: labels come from us.
pub(crate) struct Meter {
    offer: Arc<Offer>,
}

impl Meter {
    pub(crate) fn new(offer: Arc<Offer>) -> Self {
        Self { offer }
    }
}

impl Layer<Call, Answer> for Meter {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        let tool = self.offer.spec(cx.tool()).map_or("unknown", |s| s.meta.name);
        Box::pin(async move {
            let _counted = InFlight::enter();
            let begun = Instant::now();
            let answer = next.run(cx, ask).await;
            let outcome = answer.as_ref().map_or_else(|e| e.code().as_str(), |_| "ok");
            metrics::counter!("chancery_tool_calls_total", "tool" => tool, "outcome" => outcome).increment(1);
            metrics::histogram!("chancery_tool_call_seconds", "tool" => tool).record(begun.elapsed());
            answer
        })
    }
}

/// Counted down when dropped, also by a panic.
struct InFlight;

impl InFlight {
    fn enter() -> Self {
        metrics::gauge!("chancery_tool_calls_in_flight").increment(1.0);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!("chancery_tool_calls_in_flight").decrement(1.0);
    }
}
