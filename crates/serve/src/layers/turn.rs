//! Writes under one key of the caller's own take turns.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Error, Result};
use serde_json::Value;
use store::{Begin, Claim, End, Held, Operations, Scope};
use tool::{Answer, Call};

use super::once::wait;

/// The arguments by which callers know again what a tool makes; the vendor keeps them with the record.
const KEYS: [&str; 2] = ["external_key", "dedup_key"];

/// Lets one write at a time through under one key of the caller's own, whoever of a tenant calls and on whichever
/// replica. A tool looks for the key at the vendor before it makes anything, so that the second finds what the first
/// made; to `Once` two calls with other arguments are two operations, which may run side by side.
pub(crate) struct Turn {
    operations: Arc<dyn Operations>,
}

impl Turn {
    pub(crate) fn new(operations: Arc<dyn Operations>) -> Self {
        Self { operations }
    }

    async fn run(&self, cx: &Cx, ask: Call, key: &str, next: Next<'_, Call, Answer>) -> Result<Answer> {
        let held = self.take(cx, key).await?;
        let answer = next.run(cx, ask).await;
        if let Err(error) = self.operations.finish(held, End::Nothing).await {
            tracing::warn!(?error, "a turn could not be given back; others wait until it lapses");
        }
        answer
    }

    /// Waits for the turn: an operation of nobody's, of which nothing ever comes.
    async fn take(&self, cx: &Cx, key: &str) -> Result<Held> {
        let scope = Scope::of(cx)?.of_all_callers();
        let id = scope.operation(&format!("turn {key}")).id;
        let begin = Begin { scope: &scope, id: &id, digest: "", arguments: b"" };
        loop {
            match self.operations.begin(begin).await? {
                // One whose holder died is free, too: what it was held for is looked for at the vendor.
                Claim::Fresh(held) | Claim::Unknown(held) => return Ok(held),
                Claim::Running(ended) => wait(cx, ended, "another write under the same key runs").await?,
                Claim::Done(_) | Claim::OtherArguments => {
                    return Err(Error::internal("a turn has neither an answer nor arguments"));
                }
            }
        }
    }
}

impl Layer<Call, Answer> for Turn {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        // A read is no operation, and a preview makes nothing that another write could miss.
        let makes = cx.operation().is_some_and(|operation| !operation.preview);
        match key(&ask).filter(|_| makes) {
            Some(key) => Box::pin(async move { self.run(cx, ask, &key, next).await }),
            None => next.run(cx, ask),
        }
    }
}

/// The caller's own key.
fn key(ask: &Call) -> Option<String> {
    KEYS.iter().find_map(|name| ask.arguments.get(*name).and_then(Value::as_str)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use call::Clock;
    use error::Code;
    use serde_json::json;
    use store::Store;

    use super::*;
    use crate::trial::{Act, SANDBOX, Trial};

    #[tokio::test(start_paused = true)]
    async fn a_write_waits_for_another_under_its_key() {
        let store = Store::in_memory(Clock::for_test()).await.unwrap();
        let here = Trial::remembering(SANDBOX, store.clone());
        let there = here.replica(store.clone());
        here.shelf.then(Act::Take(Duration::from_secs(30)));
        let item = |text: &str, key: &str| json!({"text": text, "external_key": key});
        let (first, second) = tokio::join!(
            here.call("add_item", item("x", "k")),
            there.call_as("another", "add_item", item("y", "k")),
        );
        assert_eq!(first.unwrap_err().code(), Code::OutcomeUnknown, "it runs for longer than anybody waits");
        assert_eq!(second.unwrap_err().code(), Code::InProgress);
        assert_eq!(here.shelf.seen().len(), 1);

        there.call("add_item", item("y", "another key")).await.unwrap();
        assert_eq!(here.shelf.seen().len(), 2, "another key is another record");
        there.call_as("another", "add_item", item("y", "k")).await.unwrap();
        assert_eq!(here.call("add_item", item("x", "k")).await.unwrap().value["status"], "replayed");
        assert_eq!(here.shelf.seen().len(), 3, "the first had ended when the second ran");
        assert!(store.pending(None, 10).await.unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_fails_gives_its_turn_back() {
        let store = Store::in_memory(Clock::for_test()).await.unwrap();
        let here = Trial::remembering(SANDBOX, store.clone());
        for (key, act) in [("k1", Act::Fail(Error::internal("for the test"))), ("k2", Act::Panic)] {
            here.shelf.then(act);
            here.call("add_item", json!({"text": "x", "external_key": key})).await.unwrap_err();
            here.call_as("another", "add_item", json!({"text": "y", "external_key": key})).await.unwrap();
        }
    }
}
