//! Refuses callers of tenants that are not served, and hides what their tenant does not have.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next};
use error::Result;
use tool::{Answer, Call};

use crate::offer::Offer;

/// Lets through only calls of tools that the caller's tenant has.
pub(crate) struct Tenant {
    offer: Arc<Offer>,
}

impl Tenant {
    pub(crate) fn new(offer: Arc<Offer>) -> Self {
        Self { offer }
    }

    fn check(&self, cx: &Cx, tool: &str) -> Result<()> {
        let Some(tenant) = self.offer.tenants.of(cx.caller())? else { return Ok(()) };
        match self.offer.visible(tool) {
            Some(_) if tenant.shows(tool) => Ok(()),
            // What is near must be something that the tenant has, too.
            _ => Err(self.offer.unknown_among(tool, |near| tenant.shows(near))),
        }
    }
}

impl Layer<Call, Answer> for Tenant {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        match self.check(cx, &ask.tool) {
            Ok(()) => next.run(cx, ask),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }
}
