//! The time all attempts of a request have together.

use std::time::Duration;

use call::{BoxFuture, Cx, Layer, Next};
use error::Result;
use tokio::time::Instant;

use crate::Class;
use crate::answer::Answer;
use crate::ask::Ask;

/// Ends a read at the call's deadline or when nobody waits for it any more. A write is never cut off from here:
/// its attempts are timed to end before the deadline, and what was sent is awaited.
pub(crate) struct Deadline;

impl Layer<Ask, Answer> for Deadline {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Ask,
        next: Next<'a, Ask, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let class = ask.plan.class;
            // A call without a deadline gets that of its class (design, section 5).
            let cx = match cx.deadline() {
                Some(_) => cx.clone(),
                None => cx.clone().with_deadline(Instant::now() + longest(class)),
            };
            match class {
                Class::Read => cx.bounded(next.run(&cx, ask)).await,
                Class::Write => next.run(&cx, ask).await,
            }
        })
    }
}

fn longest(class: Class) -> Duration {
    Duration::from_secs(match class {
        Class::Read => 10,
        Class::Write => 20,
    })
}
