//! Counts and times calls.

use std::collections::HashMap;

use call::{BoxFuture, Cx, Layer, Next};
use error::Result;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use tokio::time::Instant;
use tool::{Answer, Call};

use crate::offer::Offer;

/// `chancery_tool_calls_total{tool,outcome}`, `chancery_tool_call_seconds{tool}` and
/// `chancery_tool_calls_in_flight`. The label of a tool that does not exist is `unknown`: labels come from us.
pub(crate) struct Meter {
    in_flight: Gauge,
    tools: HashMap<&'static str, OfTool>,
    unknown: OfTool,
}

/// Handles are looked up once: a lookup by name and labels costs more than the count.
struct OfTool {
    name: &'static str,
    answered: Counter,
    seconds: Histogram,
}

impl Meter {
    /// Counts calls of the offered tools, in the recorder that is installed now.
    pub(crate) fn new(offer: &Offer) -> Self {
        let names = offer.toolbox.specs().iter().map(|spec| spec.meta.name);
        Self {
            in_flight: gauge!("chancery_tool_calls_in_flight"),
            tools: names.map(|name| (name, OfTool::new(name))).collect(),
            unknown: OfTool::new("unknown"),
        }
    }
}

impl OfTool {
    fn new(name: &'static str) -> Self {
        let seconds = histogram!("chancery_tool_call_seconds", "tool" => name);
        Self { name, answered: calls(name, "ok"), seconds }
    }

    fn ended(&self, answer: &Result<Answer>, begun: Instant) {
        match answer {
            Ok(_) => self.answered.increment(1),
            Err(error) => calls(self.name, error.code().as_str()).increment(1),
        }
        self.seconds.record(begun.elapsed());
    }
}

fn calls(tool: &'static str, outcome: &'static str) -> Counter {
    counter!("chancery_tool_calls_total", "tool" => tool, "outcome" => outcome)
}

impl Layer<Call, Answer> for Meter {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        let tool = self.tools.get(cx.tool()).unwrap_or(&self.unknown);
        Box::pin(async move {
            let _counted = InFlight::enter(&self.in_flight);
            let begun = Instant::now();
            let answer = next.run(cx, ask).await;
            tool.ended(&answer, begun);
            answer
        })
    }
}

/// Counted down when dropped, also by a panic.
struct InFlight<'a>(&'a Gauge);

impl<'a> InFlight<'a> {
    fn enter(gauge: &'a Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
