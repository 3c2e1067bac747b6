//! What is known of every request afterwards: span, metrics, the call's journal, the vendor's side of an error.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next, Sent};
use error::{Error, Result, Upstream};
use metrics::{counter, histogram};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::answer::{Answer, Failure};
use crate::ask::{Ask, Plan};
use crate::stack::Source;

/// Notes how a request ended, however it ended.
pub(crate) struct Trace {
    source: String,
    vendor: &'static str,
}

impl Trace {
    pub(crate) fn new(source: &Source) -> Self {
        Self { source: source.name.clone(), vendor: source.profile.vendor }
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

fn outcome(answer: &Result<Answer>) -> &'static str {
    match answer {
        Ok(Answer::Done(_)) => "ok",
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
        let (source, vendor, class) = (layer.source.clone(), layer.vendor, plan.class.as_str());
        let (attempts, took) = (plan.tally.attempts(), self.start.elapsed());
        counter!("chancery_upstream_requests_total",
            "source" => source.clone(), "vendor" => vendor, "class" => class, "outcome" => self.outcome)
        .increment(1);
        counter!("chancery_upstream_attempts_total",
            "source" => source.clone(), "vendor" => vendor, "class" => class)
        .increment(attempts.into());
        histogram!("chancery_upstream_seconds", "source" => source.clone(), "vendor" => vendor, "class" => class)
            .record(took.as_secs_f64());
        if attempts == 0 {
            return; // Nothing was said to the vendor.
        }
        let last = plan.tally.last();
        self.cx.journal().note(Sent {
            source,
            vendor,
            host: plan.host().to_owned(),
            method: plan.method.to_string(),
            write: plan.class == crate::Class::Write,
            path_template: plan.template,
            status: last.status,
            request_id: last.request_id,
            attempts,
            latency_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        });
    }
}
