//! One span a call, and one line in the log when it ends.

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use tokio::time::Instant;
use tool::{Answer, Call};
use tracing::Instrument as _;

/// Opens the call's span. What an agent must not see of an error is logged here and nowhere else.
pub(crate) struct Trace;

impl Layer<Call, Answer> for Trace {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        let span = tracing::info_span!(
            "tool_call",
            tool = content::cut(cx.tool(), 60),
            correlation_id = cx.correlation_id(),
            trace_id = cx.trace().trace_id,
            caller = cx.caller().subject,
            workflow = content::cut(&cx.workflow().id, 60),
        );
        let work = async move {
            let begun = Instant::now();
            let answer = next.run(cx, ask).await;
            log(&answer, begun);
            answer
        };
        Box::pin(work.instrument(span))
    }
}

fn log(answer: &Result<Answer>, begun: Instant) {
    let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    match answer {
        // The audit log has every call; the log is for what an operator may have to look into.
        Ok(answer) => tracing::debug!(outcome = "ok", rows = answer.rows, duration_ms, "answered"),
        Err(error) if is_ours(error) => {
            tracing::error!(outcome = %error.code(), ?error, duration_ms, "failed")
        }
        Err(error) => tracing::info!(outcome = %error.code(), ?error, duration_ms, "refused or failed"),
    }
}

/// Whether an operator has to look at it.
fn is_ours(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::Internal | Code::AuditUnavailable | Code::UpstreamAuth | Code::OutcomeUnknown
    )
}
