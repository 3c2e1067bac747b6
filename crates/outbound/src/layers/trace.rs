//! What is known of every request afterwards: span, metrics, the call's journal, the vendor's side of an error.

use std::sync::Arc;
use std::time::Duration;

use call::{BoxFuture, Cx, Layer, Next, Sent};
use error::{Error, Result, Upstream};
use metrics::{Counter, Histogram, counter, histogram};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::Class;
use crate::answer::{Answer, Failure};
use crate::ask::{Ask, Plan};
use crate::stack::Source;

/// Notes how a request ended, however it ended.
pub(crate) struct Trace {
    source: String,
    vendor: &'static str,
    reads: Meters,
    writes: Meters,
}

/// What is counted of a class. Handles are looked up once: a lookup by name and labels costs more than the count.
struct Meters {
    answered: Counter,
    attempts: Counter,
    seconds: Histogram,
}

impl Meters {
    fn new(source: &Source, class: Class) -> Self {
        let (name, vendor, class) = (source.name.clone(), source.profile.vendor, class.as_str());
        Self {
            answered: requests(&name, vendor, class, "ok"),
            attempts: counter!("chancery_upstream_attempts_total",
                "source" => name.clone(), "vendor" => vendor, "class" => class),
            seconds: histogram!("chancery_upstream_seconds",
                "source" => name, "vendor" => vendor, "class" => class),
        }
    }
}

fn requests(source: &str, vendor: &'static str, class: &'static str, outcome: &'static str) -> Counter {
    counter!("chancery_upstream_requests_total",
        "source" => source.to_owned(), "vendor" => vendor, "class" => class, "outcome" => outcome)
}

impl Trace {
    pub(crate) fn new(source: &Source) -> Self {
        Self {
            source: source.name.clone(),
            vendor: source.profile.vendor,
            reads: Meters::new(source, Class::Read),
            writes: Meters::new(source, Class::Write),
        }
    }

    /// Counts a request that ended.
    fn count(&self, plan: &Plan, outcome: &'static str, took: Duration) {
        let meters = match plan.class {
            Class::Read => &self.reads,
            Class::Write => &self.writes,
        };
        match outcome {
            OK => meters.answered.increment(1),
            _ => requests(&self.source, self.vendor, plan.class.as_str(), outcome).increment(1),
        }
        meters.attempts.increment(plan.tally.attempts().into());
        meters.seconds.record(took);
    }

    /// Adds the vendor's side to an error, if the vendor was asked at all.
    fn mark(&self, plan: &Plan, error: Error) -> Error {
        if plan.tally.attempts() == 0 || error.vendor().is_some() {
            return error;
        }
        let last = plan.tally.last();
        let vendor = self.vendor.to_owned();
        error.upstream(Upstream { vendor, status: last.status, request_id: last.request_id })
    }
}

impl Layer<Ask, Answer> for Trace {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Ask,
        next: Next<'a, Ask, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        let plan = Arc::clone(&ask.plan);
        let span = tracing::info_span!(
            "vendor",
            source = self.source,
            method = %plan.method,
            template = plan.template,
            trace_id = cx.trace().trace_id,
        );
        let work = async move {
            let mut ending = Ending::new(self, cx, Arc::clone(&plan));
            let answer = next.run(cx, ask).await;
            ending.outcome = outcome(&answer);
            if let Ok(Answer::Failed(Failure { error, .. })) | Err(error) = &answer {
                tracing::warn!(?error, attempts = plan.tally.attempts(), "a vendor request failed");
            }
            Ok(match answer {
                Ok(Answer::Refused(error)) => Answer::Refused(self.mark(&plan, error)),
                Ok(Answer::Failed(failure)) => {
                    Answer::Failed(Failure { error: self.mark(&plan, failure.error), ..failure })
                }
                Ok(done) => done,
                Err(error) => return Err(self.mark(&plan, error)),
            })
        };
        Box::pin(work.instrument(span))
    }
}

/// The outcome of a request that was answered.
const OK: &str = "ok";

fn outcome(answer: &Result<Answer>) -> &'static str {
    match answer {
        Ok(Answer::Done(_)) => OK,
        Ok(Answer::Refused(error) | Answer::Failed(Failure { error, .. })) | Err(error) => {
            error.code().as_str()
        }
    }
}

/// Written when it goes out of scope: a request that was given up was sent all the same.
struct Ending<'a> {
    layer: &'a Trace,
    cx: &'a Cx,
    plan: Arc<Plan>,
    start: Instant,
    outcome: &'static str,
}

impl<'a> Ending<'a> {
    fn new(layer: &'a Trace, cx: &'a Cx, plan: Arc<Plan>) -> Self {
        Self { layer, cx, plan, start: Instant::now(), outcome: "given_up" }
    }
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let Self { layer, plan, .. } = self;
        let (attempts, took) = (plan.tally.attempts(), self.start.elapsed());
        layer.count(plan, self.outcome, took);
        if attempts == 0 {
            return; // Nothing was said to the vendor.
        }
        let last = plan.tally.last();
        self.cx.journal().note(Sent {
            source: layer.source.clone(),
            vendor: layer.vendor,
            host: plan.tally.host(),
            method: plan.method.to_string(),
            write: plan.class == Class::Write,
            path_template: plan.template,
            status: last.status,
            request_id: last.request_id,
            attempts,
            unclear: plan.tally.is_unclear(),
            latency_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        });
    }
}
