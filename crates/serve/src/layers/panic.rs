//! Keeps a panic inside its call.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Error, Result};
use futures::FutureExt as _;
use tool::{Answer, Call};

/// Answers `internal` for a call that panics; the panic's text goes to the log only.
pub(crate) struct Panic;

impl Layer<Call, Answer> for Panic {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        // Nothing of a call that panicked is used again: its context and its arguments die with it.
        let work = AssertUnwindSafe(async move { next.run(cx, ask).await }).catch_unwind();
        Box::pin(async move { work.await.unwrap_or_else(|panic| Err(Error::internal(text(&*panic)))) })
    }
}

fn text(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("a tool panicked: {}", said.as_deref().unwrap_or("(no text)"))
}
