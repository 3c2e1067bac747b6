//! Sending again what may be sent again.

mod budget;
mod delays;

use std::time::Duration;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};

use self::budget::Budget;
use self::delays::Delays;
pub(crate) use self::delays::spread;
use super::attempt::LEAST;
use crate::answer::{Answer, Failure, Kind};
use crate::ask::{Ask, Plan};
use crate::stack::Source;
use crate::{Class, Repeat};

/// Longest wait that a vendor's `Retry-After` is believed; a longer one is tried again then.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Longest wait until a quota renews that a caller is told.
pub(crate) const LONGEST_QUOTA: Duration = Duration::from_secs(24 * 3600);

/// Repeats failed attempts: few, jittered, within the deadline, out of a budget that a broken vendor empties, and
/// only where a second effect is impossible or harmless.
pub(crate) struct Retry {
    source: String,
    attempts: u32,
    reads: Budget,
    writes: Budget,
}

impl Retry {
    pub(crate) fn new(source: &Source) -> Self {
        Self {
            source: source.name.clone(),
            attempts: source.limits.attempts,
            reads: Budget::default(),
            writes: Budget::default(),
        }
    }

    async fn handle(&self, cx: &Cx, ask: Ask, next: Next<'_, Ask, Answer>) -> Result<Answer> {
        let plan = ask.plan.clone();
        let budget = match plan.class {
            Class::Read => &self.reads,
            Class::Write => &self.writes,
        };
        if cx.cancel().is_cancelled() {
            return Err(Error::new(Code::Deadline, "the caller gave up before anything was sent"));
        }
        let mut delays = Delays::default();
        let (mut made, mut paid) = (0, 0);
        let mut before: Option<Failure> = None;
        loop {
            let failure = match next.run(cx, ask.clone()).await? {
                Answer::Failed(failure) => failure.because_of(before.take()),
                // A refusal keeps its code, which a port may act on; that an attempt before it may have taken effect
                // is in the journal.
                answer => {
                    budget.refund(paid);
                    return Ok(answer);
                }
            };
            made += 1;
            if failure.kind.may_have_acted() {
                plan.tally.doubt();
            }
            let delay = delays.next(failure.kind, failure.wait);
            if made >= self.attempts || !cx.can_wait(delay + LEAST) || !may_repeat(&plan, failure.kind) {
                return Ok(self.give_up(cx, &plan, failure).into());
            }
            paid = budget::cost(failure.kind);
            if !budget.take(paid) {
                metrics::counter!("chancery_retry_budget_empty_total", "source" => self.source.clone())
                    .increment(1);
                return Ok(self.give_up(cx, &plan, failure).into());
            }
            before = Some(failure);
            tokio::time::sleep(delay).await;
        }
    }

    /// The end of a request without an answer.
    fn give_up(&self, cx: &Cx, plan: &Plan, failure: Failure) -> Failure {
        if plan.class == Class::Write && plan.tally.is_unclear() {
            let message = format!("the change was sent to {}, which gave no clear answer", self.source);
            // The cause goes along for the log, and what the vendor said with it: of a source only the text is shown.
            let said = failure.error.log_detail().map(str::to_owned);
            let mut error = Error::new(Code::OutcomeUnknown, message).source(failure.error);
            if let Some(said) = said {
                error = error.detail(said);
            }
            if let Some(operation) = cx.operation() {
                error = error.operation(operation.id.clone());
            }
            return Failure::new(failure.kind, error);
        }
        let wait = match failure.kind {
            // Nothing was said: by then the next second's allowance is there.
            Kind::Throttled | Kind::Busy => {
                Some(failure.wait.unwrap_or(Duration::from_secs(1)).min(LONGEST_WAIT))
            }
            Kind::Exhausted => failure.wait.map(|wait| wait.min(LONGEST_QUOTA)),
            _ => failure.wait.map(|wait| wait.min(LONGEST_WAIT)),
        };
        let Failure { kind, mut error, .. } = failure;
        if let Some(wait) = wait.filter(|_| error.wait().is_none()) {
            error = error.retry_after(wait);
        }
        Failure::after(kind, error, wait)
    }
}

impl Layer<Ask, Answer> for Retry {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Ask,
        next: Next<'a, Ask, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(self.handle(cx, ask, next))
    }
}

/// Whether a second attempt can do no harm.
fn may_repeat(plan: &Plan, kind: Kind) -> bool {
    match kind {
        // The vendor did nothing.
        Kind::Connect | Kind::NoToken | Kind::Throttled | Kind::Busy | Kind::Exhausted => true,
        Kind::Lost => plan.repeat == Repeat::Safe,
        // Another attempt would end the same way.
        Kind::TooLarge | Kind::Unauthorized | Kind::HeldBack => false,
    }
}

#[cfg(test)]
mod tests;
