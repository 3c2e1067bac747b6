//! Who has to agree to a write.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use tool::{Answer, Call};

use crate::offer::Offer;

/// Asks the tool which consent this very call needs. There are no plans and no approvals yet: whatever needs
/// consent commits at once in the sandbox and is refused elsewhere.
pub(crate) struct Consent {
    offer: Arc<Offer>,
}

impl Consent {
    pub(crate) fn new(offer: Arc<Offer>) -> Self {
        Self { offer }
    }

    fn check(&self, call: &Call) -> Result<()> {
        if !self.offer.spec(&call.tool).is_some_and(|s| s.meta.is_write()) {
            return Ok(());
        }
        let level = self.offer.toolbox.consent(call)?;
        if call.arguments.get("plan").is_some_and(|p| !p.is_null()) {
            return Err(Error::new(Code::PlanMismatch, "this server holds no such plan")
                .hint("leave `plan` out and send the arguments themselves"));
        }
        if level == tool::Consent::None || self.offer.mode.sandbox {
            return Ok(());
        }
        let message = "this call needs somebody's consent, and this server cannot ask for it yet";
        Err(Error::new(Code::ConsentUnavailable, message))
    }
}

impl Layer<Call, Answer> for Consent {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        match self.check(&ask) {
            Ok(()) => next.run(cx, ask),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }
}
