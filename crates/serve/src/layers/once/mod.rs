//! Writes happen once.

mod operation;
#[cfg(test)]
mod replicas;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use serde_json::Value;
use store::{Begin, Claim, Consumed, End, Ended, Held, Scope};
use tool::{Answer, Call, Repeat, Status};

pub(crate) use operation::{digest, in_order, key, operation, plan, planned};

use super::Content;
use super::panic::caught;
use crate::offer::Offer;
use crate::state::State;

/// Runs a write once however often it is called, and on however many replicas: a repeat returns the first answer, a
/// write whose fate is unknown is looked for and never blindly sent again.
pub(crate) struct Once {
    offer: Arc<Offer>,
    state: State,
    content: Content,
}

impl Once {
    pub(crate) fn new(offer: Arc<Offer>, state: State) -> Self {
        Self { content: Content::new(offer.clone()), offer, state }
    }

    async fn run(&self, cx: &Cx, ask: Call, repeat: Repeat, next: Next<'_, Call, Answer>) -> Result<Answer> {
        let (scope, id) = (Scope::of(cx)?, cx.require_operation()?.id.as_str());
        let arguments = serde_json::to_vec(&ask.arguments)
            .map_err(|e| Error::internal("arguments cannot be stored").source(e))?;
        let begin =
            Begin { scope: &scope, id, digest: &digest(&ask.arguments), arguments: arguments.as_slice() };
        loop {
            match self.claim(cx, begin, plan(&ask.arguments)).await? {
                Claim::Fresh(held) if cx.attached::<Repeats>().is_some() => {
                    self.finish(held, End::Nothing).await;
                    return Err(in_progress("nothing came of the same write that an earlier call began"));
                }
                Claim::Fresh(held) => return self.attempt(cx, ask, held, next).await,
                Claim::Unknown(held) => return self.again(cx, ask, held, repeat, next).await,
                Claim::Done(answer) => {
                    let mut answer = Answer::from_bytes(&answer)?;
                    self.content.treat_again(cx, &ask.tool, &mut answer);
                    return Ok(replay(answer, &ask));
                }
                Claim::OtherArguments => return Err(conflict()),
                Claim::Running(ended) => wait(cx, ended, BUSY).await?,
            }
        }
    }

    /// Begins the operation. To consume a plan is to begin its operation: both happen or neither does.
    async fn claim(&self, cx: &Cx, begin: Begin<'_>, plan: Option<&str>) -> Result<Claim> {
        if cx.require_operation()?.resumed {
            let held = self.state.operations.resume(begin.scope, begin.id).await?;
            return held.map(Claim::Unknown).ok_or_else(not_pending);
        }
        let Some(plan) = plan else { return self.state.operations.begin(begin).await };
        match self.state.plans.consume(begin, plan).await? {
            Consumed::Now(_, claim) => Ok(claim),
            Consumed::Before(plan) if plan.operation.as_deref() == Some(begin.id) => {
                self.state.operations.begin(begin).await
            }
            // Another call was faster, and named it otherwise.
            Consumed::Before(_) => Err(in_progress(BUSY)),
            Consumed::Unknown => Err(no_plan()),
        }
    }

    /// The same call after one whose fate is unknown.
    async fn again(
        &self,
        cx: &Cx,
        ask: Call,
        held: Held,
        repeat: Repeat,
        next: Next<'_, Call, Answer>,
    ) -> Result<Answer> {
        match repeat {
            Repeat::ByNature => self.attempt(cx, ask, held, next).await,
            Repeat::Reconcile => {
                let operation = cx.require_operation()?.clone().resume();
                self.attempt(&cx.clone().with_operation(operation), ask, held, next).await
            }
            Repeat::Unsafe => {
                let error = unknown(held.id());
                self.finish(held, End::Unknown).await;
                Err(error)
            }
        }
    }

    /// Runs the write. One that panics may have been sent: it is of unknown fate like one without a reply.
    async fn attempt(&self, cx: &Cx, ask: Call, held: Held, next: Next<'_, Call, Answer>) -> Result<Answer> {
        let (keep, id) = (operation::window(&ask.arguments), held.id().to_owned());
        let operation = cx.require_operation()?.clone();
        let cx = &cx.clone().with_operation(operation::marked(operation, &ask.arguments, held.begun_at()));
        let ran = caught(async move { next.run(cx, ask).await }).await;
        let answer = ran.unwrap_or_else(|panic| Err(unknown(&id).detail(format!("{panic:?}"))));
        let stored = answer.as_ref().map(Answer::to_bytes);
        let fate = fate(cx, &answer, held.attempts() > 1);
        let end = match (&fate, &stored) {
            (Fate::Done, Ok(Ok(answer))) => End::Done { answer, keep },
            (Fate::Nothing, _) => End::Nothing,
            _ => End::Unknown,
        };
        self.finish(held, end).await;
        match (answer, fate) {
            (Err(error), Fate::Unknown) => Err(in_doubt(cx, error, &id)),
            (answer, _) => answer,
        }
    }

    /// What happened at the vendor is told to the caller, also where the store does not answer any more. The claim
    /// then lapses, and a repeat looks for the effect.
    async fn finish(&self, held: Held, end: End<'_>) {
        let id = held.id().to_owned();
        if let Err(error) = self.state.operations.finish(held, end).await {
            tracing::error!(?error, operation = id, "how a write ended is not stored");
            metrics::counter!("chancery_unstored_ends_total").increment(1);
        }
    }
}

impl Layer<Call, Answer> for Once {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        match self.offer.spec(&ask.tool).map(|s| s.meta).filter(tool::Meta::is_write) {
            // A preview begins nothing.
            Some(meta) if !cx.is_preview() => Box::pin(self.run(cx, ask, meta.repeat, next)),
            _ => next.run(cx, ask),
        }
    }
}

/// What became of an attempt.
enum Fate {
    Done,
    Unknown,
    Nothing,
}

fn fate(cx: &Cx, answer: &Result<Answer>, was_unknown: bool) -> Fate {
    match answer {
        Ok(answer) => match answer.facts.as_ref().map(|f| f.status) {
            Some(Status::Unknown) => Fate::Unknown,
            // What was only shown is never stored as the answer.
            Some(Status::Preview | Status::PendingApproval) => Fate::Nothing,
            _ => Fate::Done,
        },
        // An attempt that looked for a former one and failed has learned nothing about it.
        Err(error)
            if was_unknown || error.code() == Code::OutcomeUnknown || cx.journal().may_have_changed() =>
        {
            Fate::Unknown
        }
        Err(_) => Fate::Nothing,
    }
}

/// The error of a write of unknown fate. Where a vendor may have done a part of it, any other code would have the caller
/// believe that nothing was done. A look for a former attempt that failed keeps its code, which says what to do before
/// the next look.
fn in_doubt(cx: &Cx, error: Error, operation: &str) -> Error {
    if error.code() == Code::OutcomeUnknown || !cx.journal().may_have_changed() {
        return error.operation(operation);
    }
    let doubt = match error.vendor() {
        Some(upstream) => unknown(operation).upstream(upstream.clone()),
        None => unknown(operation),
    };
    doubt.detail(format!("{error:?}"))
}

/// The first answer, with a word on how to do it again on purpose.
fn replay(mut answer: Answer, ask: &Call) -> Answer {
    if let Value::Object(members) = &mut answer.value {
        members.insert("status".into(), "replayed".into());
        let note = match (key(&ask.arguments), plan(&ask.arguments)) {
            (None, Some(_)) => {
                "this was done before and is the first answer; to do it again, leave `plan` out"
            }
            _ => "this was done before and is the first answer; to do it again, send a new `idempotency_key`",
        };
        members.insert("note".into(), note.into());
    }
    answer.write();
    if let Some(facts) = &mut answer.facts {
        facts.status = Status::Replayed;
    }
    answer
}

const BUSY: &str = "the same write is being done by an earlier call";

/// Marks a call that nobody agreed to, because it repeats one that was. If nothing came of that one in the meantime,
/// this one is not to be the first.
struct Repeats;

/// `cx` for a call that repeats a write that was begun.
pub(crate) fn repeating(cx: &Cx) -> Cx {
    cx.clone().with_attached(Arc::new(Repeats))
}

/// Waits for the end of what is `busy`, as long as the call may take.
pub(super) async fn wait(cx: &Cx, Ended(ended): Ended, busy: &'static str) -> Result<()> {
    match cx.deadline() {
        Some(deadline) => tokio::time::timeout_at(deadline, ended).await.map_err(|_| in_progress(busy)),
        None => {
            ended.await;
            Ok(())
        }
    }
}

fn in_progress(busy: &'static str) -> Error {
    Error::new(Code::InProgress, busy).retry_after(Duration::from_secs(1))
}

fn conflict() -> Error {
    Error::new(Code::IdempotencyConflict, "this `idempotency_key` belongs to a call with other arguments")
}

fn not_pending() -> Error {
    Error::new(Code::Conflict, "this operation is done, is running, or was never begun")
        .hint("look at it before you reconcile it; nothing was sent now")
}

/// The same for a plan that never was, has expired, is another's, or was used for something else.
pub(crate) fn no_plan() -> Error {
    Error::new(Code::PlanMismatch, "this server holds no such plan")
}

/// `outcome_unknown` for one operation.
pub(crate) fn unknown(operation: &str) -> Error {
    Error::new(Code::OutcomeUnknown, "the write was sent and nobody can say whether it was done")
        .operation(operation)
}
