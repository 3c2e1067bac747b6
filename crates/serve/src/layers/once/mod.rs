//! Writes happen once.

mod memory;
mod operations;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next, Operation};
use error::{Code, Error, Result};
use serde_json::{Map, Value};
use tool::{Answer, Call, Repeat, Status};

pub(crate) use memory::InMemory;
pub(crate) use operations::{Claim, End, Operations};

use crate::offer::Offer;

/// Runs a write once however often it is called: a repeat returns the first answer, a write whose fate is unknown
/// is looked for and never blindly sent again.
pub(crate) struct Once {
    offer: Arc<Offer>,
    operations: Arc<dyn Operations>,
}

impl Once {
    pub(crate) fn new(offer: Arc<Offer>, operations: Arc<dyn Operations>) -> Self {
        Self { offer, operations }
    }

    async fn run(&self, cx: &Cx, ask: Call, repeat: Repeat, next: Next<'_, Call, Answer>) -> Result<Answer> {
        let operation = cx.require_operation()?;
        let digest = digest(&ask.arguments);
        loop {
            match self.operations.begin(&operation.id, &digest).await? {
                Claim::Fresh => return self.attempt(cx, ask, operation, false, next).await,
                Claim::Unknown => return self.again(cx, ask, operation, repeat, next).await,
                Claim::Done(answer) => return Ok(replay(*answer)),
                Claim::OtherArguments => return Err(conflict()),
                Claim::Running(ended) => wait(cx, ended).await?,
            }
        }
    }

    /// The same call after one whose fate is unknown.
    async fn again(
        &self,
        cx: &Cx,
        ask: Call,
        operation: &Operation,
        repeat: Repeat,
        next: Next<'_, Call, Answer>,
    ) -> Result<Answer> {
        match repeat {
            Repeat::ByNature => self.attempt(cx, ask, operation, true, next).await,
            Repeat::Reconcile => {
                let cx = cx.clone().with_operation(operation.clone().resume());
                self.attempt(&cx, ask, operation, true, next).await
            }
            Repeat::Unsafe => {
                self.operations.finish(&operation.id, End::Unknown).await?;
                Err(unknown(&operation.id))
            }
        }
    }

    async fn attempt(
        &self,
        cx: &Cx,
        ask: Call,
        operation: &Operation,
        was_unknown: bool,
        next: Next<'_, Call, Answer>,
    ) -> Result<Answer> {
        // A panic unwinds through here: what was begun and not finished is then of unknown fate.
        let mut begun = Begun { operations: &*self.operations, id: &operation.id, open: true };
        let answer = next.run(cx, ask).await;
        begun.open = false;
        self.operations.finish(&operation.id, end(cx, &answer, was_unknown)).await?;
        answer
            .map_err(|e| if e.code() == Code::OutcomeUnknown { e.operation(operation.id.clone()) } else { e })
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
            Some(meta) => Box::pin(self.run(cx, ask, meta.repeat, next)),
            None => next.run(cx, ask),
        }
    }
}

/// The operation that a call of a write is: of the caller's key, or of one derived from what is asked for. A
/// workflow id that we derived changes with the clock and is left out, or a retry might miss its first attempt.
pub(crate) fn operation(cx: &Cx, call: &Call) -> Operation {
    let caller = cx.caller().key();
    let key = match call.arguments.get("idempotency_key").and_then(Value::as_str) {
        Some(key) => format!("key {key}"),
        None => {
            let workflow = if cx.workflow().derived { "" } else { cx.workflow().id.as_str() };
            format!("derived {} {workflow}", digest(&call.arguments))
        }
    };
    Operation::derive(&[&caller, &call.tool], &key)
}

/// Digest of the arguments that decide what is done: members in order, nulls and the envelope left out.
fn digest(arguments: &Map<String, Value>) -> String {
    let meant = arguments.iter().filter(|(name, value)| {
        !value.is_null() && !matches!(name.as_str(), "idempotency_key" | "plan" | "max_bytes")
    });
    let ordered: std::collections::BTreeMap<&String, Value> = meant.map(|(k, v)| (k, in_order(v))).collect();
    audit::digest(&serde_json::to_vec(&ordered).unwrap_or_default())
}

fn in_order(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(in_order).collect(),
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            Value::Object(sorted.into_iter().map(|(k, v)| (k.clone(), in_order(v))).collect())
        }
        other => other.clone(),
    }
}

/// What is kept of an attempt.
fn end(cx: &Cx, answer: &Result<Answer>, was_unknown: bool) -> End {
    match answer {
        Ok(answer) => match answer.facts.as_ref().map(|f| f.status) {
            Some(Status::Unknown) => End::Unknown,
            // What was only shown is never stored as the answer.
            Some(Status::Preview | Status::PendingApproval) => End::Nothing,
            _ => End::Done(Box::new(answer.clone())),
        },
        // An attempt that looked for a former one and failed has learned nothing about it.
        Err(error) if was_unknown || error.code() == Code::OutcomeUnknown || may_have_acted(cx) => {
            End::Unknown
        }
        Err(_) => End::Nothing,
    }
}

/// Whether a vendor did a part of a write that failed: something that may change a record was accepted. What was
/// not answered is no evidence here: where it may have been received, the error says `outcome_unknown`.
fn may_have_acted(cx: &Cx) -> bool {
    let accepted = |status: Option<u16>| status.is_some_and(|s| (200..400).contains(&s));
    cx.journal().entries().iter().any(|sent| sent.write && accepted(sent.status))
}

fn replay(mut answer: Answer) -> Answer {
    if let Value::Object(members) = &mut answer.value {
        members.insert("status".into(), "replayed".into());
        let note =
            "this was done before and is the first answer; to do it again, send a new `idempotency_key`";
        members.insert("note".into(), note.into());
    }
    answer.write();
    if let Some(facts) = &mut answer.facts {
        facts.status = Status::Replayed;
    }
    answer
}

async fn wait(cx: &Cx, ended: operations::Ended) -> Result<()> {
    let busy = || Error::new(Code::InProgress, "the same write is being done by an earlier call");
    match cx.deadline() {
        Some(deadline) => tokio::time::timeout_at(deadline, ended).await.map_err(|_| busy()),
        None => {
            ended.await;
            Ok(())
        }
    }
}

fn conflict() -> Error {
    Error::new(Code::IdempotencyConflict, "this `idempotency_key` belongs to a call with other arguments")
}

/// `outcome_unknown` for one operation.
pub(crate) fn unknown(operation: &str) -> Error {
    Error::new(Code::OutcomeUnknown, "the write was sent and nobody can say whether it was done")
        .operation(operation)
}

/// Marks an attempt that ended without a word.
struct Begun<'a> {
    operations: &'a dyn Operations,
    id: &'a str,
    open: bool,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if self.open {
            self.operations.abandon(self.id);
        }
    }
}
