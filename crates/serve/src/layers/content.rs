//! The last look at an answer.

use call::{BoxFuture, Cx, Layer, Next};
use error::Result;
use tool::{Answer, Call};

/// Cleans every text of an answer and holds the whole against the hard cap. Redaction will stand here too.
pub(crate) struct Content;

impl Layer<Call, Answer> for Content {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let mut answer = next.run(cx, ask).await?;
            let cleaned = content::scrub(&mut answer.value);
            if cleaned > 0 {
                // A vendor's text left a tool as a plain string instead of `FreeText` or `Label`.
                tracing::warn!(cleaned, "hidden characters reached the last look");
                answer.write();
            }
            content::bounded(&answer.text)?;
            Ok(answer)
        })
    }
}
