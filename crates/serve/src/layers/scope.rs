//! Refuses callers who were not granted a tool's scope.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use tool::{Answer, Call};

use crate::offer::Offer;

/// Lets through only calls whose caller was granted the scope of the tool, or one that includes it.
pub(crate) struct Scope {
    offer: Arc<Offer>,
}

impl Scope {
    pub(crate) fn new(offer: Arc<Offer>) -> Self {
        Self { offer }
    }
}

impl Layer<Call, Answer> for Scope {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        match self.offer.spec(&ask.tool).map(|spec| spec.meta.scope) {
            Some(scope) if !cx.caller().scopes.grant(scope) => {
                let error = not_granted(scope);
                Box::pin(async { Err(error) })
            }
            _ => next.run(cx, ask),
        }
    }
}

/// `permission`, which names the scope that was not granted.
pub(crate) fn not_granted(scope: &str) -> Error {
    Error::new(Code::Permission, format!("this call needs the scope `{scope}`, which was not granted"))
        .hint("Ask whoever runs the agent for a token with that scope; repeating the call changes nothing.")
}
