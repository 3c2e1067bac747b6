//! The time one attempt has.

use std::time::Duration;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use tokio::time::Instant;

use crate::Limits;
use crate::answer::{Answer, Failure, Kind};
use crate::ask::{Ask, Last};
use crate::stack::Source;

/// No attempt begins with less time than this: it would only load the vendor.
pub(crate) const LEAST: Duration = Duration::from_millis(250);
/// What an attempt leaves of the call's time, to say how it went.
const REST: Duration = Duration::from_millis(100);

/// Counts attempts and ends each in time.
pub(crate) struct Attempt {
    source: String,
    limits: Limits,
}

impl Attempt {
    pub(crate) fn new(source: &Source) -> Self {
        Self { source: source.name.clone(), limits: source.limits.clone() }
    }
}

impl Layer<Ask, Answer> for Attempt {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Ask,
        next: Next<'a, Ask, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let remaining = cx.remaining().unwrap_or(Duration::MAX);
            if remaining < LEAST {
                let message = "too little time was left to ask the vendor";
                return Ok(Failure::new(Kind::HeldBack, Error::new(Code::Deadline, message)).into());
            }
            let plan = ask.plan.clone();
            let longest = self.limits.attempt(plan.class).min(remaining - REST);
            plan.tally.begin(ask.url().host_str().unwrap_or_default());
            let start = Instant::now();
            match tokio::time::timeout(longest, next.run(cx, ask)).await {
                Ok(answer) => answer,
                Err(_) => {
                    plan.tally.note(Last { took: start.elapsed(), ..Last::default() });
                    let message = format!("{} did not answer in time", self.source);
                    let error = Error::new(Code::UpstreamUnavailable, message);
                    Ok(Failure::new(Kind::Lost, error).into())
                }
            }
        })
    }
}
