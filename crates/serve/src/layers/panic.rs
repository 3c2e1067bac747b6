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
        Box::pin(async move { caught(async move { next.run(cx, ask).await }).await? })
    }
}

/// What `work` comes to, or `internal` if it panics. Nothing of a call that panicked is used again: its context and its
/// arguments die with it.
pub(super) async fn caught<T>(work: impl Future<Output = T>) -> Result<T> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| Error::internal(text(&*panic)))
}

fn text(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("a tool panicked: {}", said.as_deref().unwrap_or("(no text)"))
}
