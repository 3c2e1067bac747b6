//! Hides tools: hidden is unknown.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use tool::{Answer, Call, Spec};

use super::Ledger;
use super::authorize::is_by_operator;
use crate::offer::{CalledAs, Offer};
use crate::rules::told;

/// Lets through only calls of tools that `tools/list` shows to this caller, if their tenant is served at all. One who
/// lacks nothing but a scope is told which.
pub(crate) struct Visible {
    offer: Arc<Offer>,
    ledger: Arc<Ledger>,
}

impl Visible {
    pub(crate) fn new(offer: Arc<Offer>, ledger: Arc<Ledger>) -> Self {
        Self { offer, ledger }
    }

    fn check(&self, cx: &Cx, tool: &str) -> Result<()> {
        let called = cx.attached::<CalledAs>().map_or(tool, |called| called.0.as_str());
        let unknown = || self.offer.unknown(called, cx.caller());
        let tenant = self.offer.tenants.of(cx.caller())?;
        let has = |spec: &&Spec| tenant.as_deref().is_none_or(|tenant| tenant.shows(&spec.meta));
        let spec = self.offer.offered(tool).filter(has).ok_or_else(unknown)?;
        if is_by_operator(cx) {
            return Ok(());
        }
        let decision = self.offer.rules.listed(cx.caller(), &spec.meta);
        if decision.is_allowed() {
            return Ok(());
        }
        // The record says why; the caller only that there is no such tool.
        self.ledger.decided(cx, told(&decision));
        Err(decision.lacks.map_or_else(unknown, not_granted))
    }
}

impl Layer<Call, Answer> for Visible {
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

/// `permission`, which names the scope that was not granted.
pub(crate) fn not_granted(scope: &str) -> Error {
    Error::new(Code::Permission, format!("this call needs the scope `{scope}`, which was not granted"))
        .hint("Ask whoever runs the agent for a token with that scope; repeating the call changes nothing.")
}
