//! Where calls enter: each is started once and awaited only as long as its caller may wait.

use std::sync::Arc;
use std::time::Duration;

use call::{Caller, CancellationToken, Cx, Serve as _, Stack};
use error::{Code, Error, Result};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tool::{Answer, Call, Deadline, Meta, Spec, Toolbox};

use crate::catalogue::Catalogue;
use crate::layers::{by_operator, operation, unknown};
use crate::limits::{Admitted, Limits};
use crate::offer::{Mode, Offer};
use crate::rules::Rules;

/// What is kept back of a call's time to record it after its deadline.
const MARGIN: Duration = Duration::from_millis(500);

/// The stack over connected sources.
pub(crate) struct House {
    pub(crate) offer: Arc<Offer>,
    pub(crate) stack: Stack<Call, Answer>,
    pub(crate) limits: Arc<Limits>,
}

/// The house while it is built: `None`, then the house or why there is none.
pub(crate) type Opening = watch::Receiver<Option<Result<Arc<House>>>>;

/// The way into the tool stack for every transport.
pub(crate) struct Front {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) mode: Mode,
    pub(crate) rules: Arc<Rules>,
    opening: Opening,
    calls: TaskTracker,
    draining: CancellationToken,
}

impl Front {
    pub(crate) fn new(catalogue: Arc<Catalogue>, mode: Mode, rules: Arc<Rules>, opening: Opening) -> Self {
        let (calls, draining) = (TaskTracker::new(), CancellationToken::new());
        Self { catalogue, mode, rules, opening, calls, draining }
    }

    /// Runs a call and waits for its answer until its class's time is up or `gone` says that nobody waits any
    /// more. A read ends then; a write runs to its end, and its caller is told how to look for it.
    pub(crate) async fn call(&self, cx: Cx, call: Call, gone: &CancellationToken) -> Result<Answer> {
        if self.draining.is_cancelled() {
            return Err(Error::new(Code::ShuttingDown, "this server is shutting down"));
        }
        let spec = self.spec(&call.tool);
        let meta = spec.map(|spec| spec.meta);
        let write = spec.filter(|spec| spec.meta.is_write());
        let answer_by = Instant::now() + meta.map_or(Deadline::Read, |m| m.deadline).duration();
        let mut cx = cx.with_deadline(answer_by - MARGIN);
        if let Some(spec) = write {
            cx = kept(cx, meta);
            // Named by its numbers as the tool will read them; the record has them as they were sent.
            let mut read = call.clone();
            spec.whole(&mut read.arguments);
            let operation = operation(&cx, &read)?;
            cx = cx.with_operation(operation);
        }
        // Cancels a read in every way in which this future can end, also by being dropped with its connection.
        let _nobody_waits = write.is_none().then(|| cx.cancel().clone().drop_guard());
        let answer = self.start(cx.clone(), call);
        tokio::select! {
            biased;
            done = answer => done.unwrap_or_else(|e| Err(Error::internal("a call was lost").source(e))),
            () = tokio::time::sleep_until(answer_by) => Err(late(&cx)),
            () = gone.cancelled() => Err(Error::new(Code::Deadline, "the caller gave up")),
        }
    }

    /// Looks for the effect of a write that was begun before: `cx` has its operation.
    pub(crate) async fn resume(&self, cx: Cx, call: Call) -> Result<Answer> {
        // It was allowed when it was begun, and the operator who asks now has the store and its keys.
        let cx = by_operator(cx).with_deadline(Instant::now() + Deadline::Write.duration());
        let cx = kept(cx, self.spec(&call.tool).map(|spec| spec.meta));
        let answer = self.start(cx, call).await;
        answer.unwrap_or_else(|e| Err(Error::internal("a call was lost").source(e)))
    }

    fn spec(&self, tool: &str) -> Option<&Spec> {
        self.catalogue.specs().iter().find(|spec| spec.meta.name == tool)
    }

    /// The house, as soon as it is open.
    pub(crate) async fn house(&self) -> Result<Arc<House>> {
        house(self.opening.clone()).await
    }

    /// The tools over the caller's sources, as soon as they are connected.
    pub(crate) async fn toolbox(&self, caller: &Caller) -> Result<Arc<dyn Toolbox>> {
        let offer = &self.house().await?.offer;
        let tenant = offer.tenants.of(caller)?;
        Ok(tenant.map_or_else(|| offer.toolbox.clone(), |tenant| tenant.toolbox.clone()))
    }

    /// A place for work that asks vendors and is no call of a tool.
    pub(crate) async fn admit(&self, cx: &Cx) -> Result<Admitted> {
        const OTHER: Meta = Meta::read("completion/complete", "", "");
        let house = self.house().await?;
        house.limits.admit(cx, &OTHER, house.offer.tenants.of(cx.caller())?.as_deref()).await
    }

    /// How long a caller has to wait who floods; see [`Limits::turn_away`]. While the house opens nobody is counted.
    pub(crate) fn turn_away(&self, caller: &Caller) -> Option<Duration> {
        let opening = self.opening.borrow();
        let Some(Ok(house)) = &*opening else { return None };
        // Whoever is of no tenant is refused behind the door, on record: as often as anybody else.
        let tenant = house.offer.tenants.of(caller).ok().flatten();
        house.limits.turn_away(caller, tenant.as_deref())
    }

    /// Whether the catalogue shows a tool to a caller now. Until sources are connected it is not known what they and
    /// the tenants can do.
    pub(crate) fn shows(&self, spec: &Spec, caller: &Caller) -> bool {
        match &*self.opening.borrow() {
            Some(Ok(house)) => house.offer.shows(spec, caller),
            _ => self.mode.shows(&spec.meta) && self.rules.listed(caller, &spec.meta).shows(),
        }
    }

    /// Waits until no call is under way.
    pub(crate) async fn idle(&self) {
        self.calls.close();
        self.calls.wait().await;
    }

    /// Takes no more calls and waits for those under way, for `patience` at most. Says whether all ended.
    pub(crate) async fn drain(&self, patience: Duration) -> bool {
        self.draining.cancel();
        tokio::time::timeout(patience, self.idle()).await.is_ok()
    }

    fn start(&self, cx: Cx, call: Call) -> tokio::task::JoinHandle<Result<Answer>> {
        let opening = self.opening.clone();
        self.calls.spawn(async move {
            let house = house(opening).await?;
            house.stack.serve(&cx, call).await
        })
    }
}

/// The context of a write that is kept under the first name of its tool.
fn kept(cx: Cx, meta: Option<Meta>) -> Cx {
    match meta {
        Some(meta) if meta.first_name() != meta.name => cx.with_kept_as(meta.first_name()),
        _ => cx,
    }
}

async fn house(mut opening: Opening) -> Result<Arc<House>> {
    let opened = opening.wait_for(Option::is_some).await;
    match opened.ok().as_deref() {
        Some(Some(house)) => house.clone(),
        _ => Err(Error::internal("nobody opens the house any more")),
    }
}

/// The answer when the time is up.
fn late(cx: &Cx) -> Error {
    match cx.operation() {
        Some(operation) => unknown(&operation.id),
        None => Error::new(Code::Deadline, "no answer came inside the time this call may take"),
    }
}

#[cfg(test)]
mod tests;
