//! Keeps reports for a while: what sums up many records is asked again sooner than it changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use call::{BoxFuture, Cx, Layer, Next};
use error::Result;
use tokio::time::Instant;
use tool::{Answer, Call, Deadline, Terms};

use crate::offer::Offer;

/// How long a report is given again (design, section 5).
const FRESH: Duration = Duration::from_secs(5 * 60);
/// Reports kept at once; the oldest goes first.
const MOST: usize = 64;

/// Answers a report that the same caller had within five minutes with what they had; `as_of` in it says when the
/// vendors were asked. A report in which a source is missing is not kept, and a write of this process forgets all, those
/// included that were begun before it ended.
pub(crate) struct Reports {
    offer: Arc<Offer>,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    kept: HashMap<String, Kept>,
    /// Writes that ended.
    writes: u64,
}

struct Kept {
    answer: Answer,
    since: Instant,
}

impl Reports {
    pub(crate) fn new(offer: Arc<Offer>) -> Self {
        Self { offer, shelf: Mutex::default() }
    }

    /// The caller, the tool and its arguments, and what the caller may reach and how they are shown it, by role and by
    /// tenant: that may have changed since.
    fn key(&self, cx: &Cx, ask: &Call) -> String {
        let arguments = serde_json::to_string(&ask.arguments).unwrap_or_default();
        let role = Terms::of(cx).map(|terms| (&terms.sources, &terms.masks, &terms.fields));
        let tenant = self.offer.tenants.of(cx.caller()).ok().flatten();
        let tenant = tenant.as_ref().map(|tenant| (&tenant.terms.sources, tenant.terms.datamark));
        let caller = cx.caller().key();
        audit::digest(format!("{caller}\n{}\n{role:?}\n{tenant:?}\n{arguments}", ask.tool).as_bytes())
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn find(&self, key: &str) -> Option<Answer> {
        self.kept.get(key).filter(|kept| kept.since.elapsed() < FRESH).map(|kept| kept.answer.clone())
    }

    fn keep(&mut self, key: String, answer: &Answer) {
        self.kept.retain(|_, kept| kept.since.elapsed() < FRESH);
        if self.kept.len() >= MOST
            && let Some(oldest) =
                self.kept.iter().min_by_key(|(_, kept)| kept.since).map(|(key, _)| key.clone())
        {
            self.kept.remove(&oldest);
        }
        self.kept.insert(key, Kept { answer: answer.clone(), since: Instant::now() });
    }

    fn forget(&mut self) {
        self.kept.clear();
        self.writes += 1;
    }
}

impl Layer<Call, Answer> for Reports {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        let meta = self.offer.spec(&ask.tool).map(|spec| spec.meta);
        match meta {
            Some(meta) if meta.is_write() => Box::pin(async move {
                let answer = next.run(cx, ask).await;
                self.shelf().forget();
                answer
            }),
            Some(meta) if meta.deadline == Deadline::Report => Box::pin(async move {
                let key = self.key(cx, &ask);
                let (kept, writes) = {
                    let shelf = self.shelf();
                    (shelf.find(&key), shelf.writes)
                };
                if let Some(answer) = kept {
                    return Ok(answer);
                }
                let answer = next.run(cx, ask).await?;
                let mut shelf = self.shelf();
                if is_whole(&answer) && shelf.writes == writes {
                    shelf.keep(key, &answer);
                }
                Ok(answer)
            }),
            _ => next.run(cx, ask),
        }
    }
}

/// Whether every source that can do it answered.
fn is_whole(answer: &Answer) -> bool {
    let sources = answer.value.get("sources").and_then(|s| s.as_array());
    sources.into_iter().flatten().all(|s| s["status"] == "ok" || s["status"] == "unsupported")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::trial::{Act, SANDBOX, Trial};

    #[tokio::test(start_paused = true)]
    async fn a_report_is_given_again_for_five_minutes_unless_something_was_written() {
        let trial = Trial::new(SANDBOX);
        let count = async || {
            trial.call("count_items", json!({})).await.unwrap();
            trial.shelf.seen().len()
        };
        assert_eq!(count().await, 1);
        assert_eq!(count().await, 1, "the second is the first's");
        tokio::time::advance(FRESH).await;
        assert_eq!(count().await, 2, "it is old now");
        trial.call("add_item", json!({ "text": "vase" })).await.unwrap();
        assert_eq!(count().await, 4, "one write and, after it, a new report");
    }

    #[tokio::test(start_paused = true)]
    async fn a_report_that_was_begun_before_a_write_is_not_given_after_it() {
        let trial = Trial::new(SANDBOX);
        trial.shelf.then(Act::Take(Duration::from_secs(20)));
        let report = trial.call("count_items", json!({}));
        let written = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            trial.call("add_item", json!({ "text": "vase" })).await
        };
        let (before, written) = tokio::join!(report, written);
        assert_eq!(before.unwrap().value["text"], "late");
        written.unwrap();
        let after = trial.call("count_items", json!({})).await.unwrap();
        assert_eq!(after.value["text"], "as it was", "the shelf was asked again");
    }

    #[test]
    fn a_report_with_a_hole_is_not_kept() {
        let answer =
            |status: &str| Answer::new(json!({ "sources": [{ "status": status }] }), None, 0, Vec::new());
        assert!(is_whole(&answer("ok")) && is_whole(&answer("unsupported")));
        assert!(!is_whole(&answer("error")) && !is_whole(&answer("unsupported_filter")));
    }
}
