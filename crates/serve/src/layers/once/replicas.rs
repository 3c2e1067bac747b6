//! Processes that share a file, die, and lose their store.

use std::path::Path;
use std::time::Duration;

use call::{BoxFuture, Clock};
use error::{Code, Error, Result};
use serde_json::json;
use store::{Begin, Claim, End, Held, Known, Location, Operations, Scope, Settings, Store};
use tokio::sync::oneshot;

use crate::state::State;
use crate::trial::{Act, SANDBOX, Trial};

/// A store over the file, whose clock is `ahead`.
async fn store(file: &Path, ahead: Duration) -> Store {
    let clock = Clock::starting_at(jiff::Timestamp::now() + ahead);
    Store::open(&Location::File(file.to_owned()), Settings::default(), clock).await.unwrap()
}

#[tokio::test]
async fn of_duplicates_on_two_replicas_one_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shelf.db");
    let here = Trial::remembering(SANDBOX, store(&file, Duration::ZERO).await);
    let there = here.replica(store(&file, Duration::ZERO).await);
    let item = || json!({"text": "x"});
    let (a, b, c, d) = tokio::join!(
        here.call("add_item", item()),
        there.call("add_item", item()),
        here.call("add_item", item()),
        there.call("add_item", item()),
    );
    let mut said: Vec<_> = [a, b, c, d].map(|answer| answer.unwrap().value["status"].to_string()).into();
    said.sort();
    assert_eq!(said, ["\"committed\"", "\"replayed\"", "\"replayed\"", "\"replayed\""]);
    assert_eq!(here.shelf.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_outlives_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shelf.db");
    let before = Trial::remembering(SANDBOX, store(&file, Duration::ZERO).await);
    let first = before.call("add_item", json!({"text": "x"})).await.unwrap();
    let after = before.replica(store(&file, Duration::ZERO).await);
    let again = after.call("add_item", json!({"text": "x"})).await.unwrap();
    assert_eq!(again.value["status"], "replayed");
    assert_eq!((&again.value["record"], &again.links), (&first.value["record"], &first.links));
    assert_eq!(before.shelf.seen().len(), 1);
}

#[test]
fn a_write_whose_process_died_is_looked_for_and_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shelf.db");
    let dying = tokio::runtime::Runtime::new().unwrap();
    let dead = dying.block_on(async {
        let trial = Trial::remembering(SANDBOX, store(&file, Duration::ZERO).await);
        let (touch, touched) = oneshot::channel();
        trial.shelf.then(Act::Hang(touch));
        tokio::select! {
            _ = trial.call("add_item", json!({"text": "x"})) => panic!("the shelf hangs"),
            touched = touched => touched.unwrap(),
        }
        trial
    });
    // Nothing of the process runs any more, and nobody said that it ended.
    dying.shutdown_timeout(Duration::from_secs(5));

    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let lapsed = store(&file, Settings::default().lease * 2).await;
        let after = dead.replica(lapsed.clone());
        let pending = lapsed.pending(None, 10).await.unwrap();
        assert_eq!((pending.len(), pending[0].attempts), (1, 1));
        after.call("add_item", json!({"text": "x"})).await.unwrap();
        let seen = after.shelf.seen();
        assert_eq!(seen.iter().map(|s| s.resumed).collect::<Vec<_>>(), [false, true]);
        assert_eq!(seen[0].operation, seen[1].operation);
        assert!(lapsed.pending(None, 10).await.unwrap().is_empty());
    });
}

#[tokio::test(start_paused = true)]
async fn an_operator_reconciles_without_the_caller() {
    let store = Store::in_memory(Clock::for_test()).await.unwrap();
    let trial = Trial::remembering(SANDBOX, store.clone());
    trial.shelf.then(Act::Fail(Error::new(Code::OutcomeUnknown, "no reply came")));
    let item = || json!({"text": "x"});
    trial.call("add_item", item()).await.unwrap_err();
    let id = store.pending(None, 10).await.unwrap().remove(0).id;

    let operator = trial.replica(store);
    assert_eq!(operator.resume("add_item", &id, item()).await.unwrap().value["status"], "committed");
    assert_eq!(trial.shelf.seen().iter().map(|s| s.resumed).collect::<Vec<_>>(), [false, true]);
    assert_eq!(trial.call("add_item", item()).await.unwrap().value["status"], "replayed");
    let done = operator.resume("add_item", &id, item()).await.unwrap_err();
    assert_eq!((done.code(), trial.shelf.seen().len()), (Code::Conflict, 2));
}

/// `add_item` was `put_item`, and a process that knows it by no other name may have begun the same write.
#[tokio::test(start_paused = true)]
async fn a_write_is_kept_under_the_first_name_of_its_tool() {
    let store = Store::in_memory(Clock::for_test()).await.unwrap();
    let trial = Trial::remembering(SANDBOX, store.clone());
    trial.shelf.then(Act::Fail(Error::new(Code::OutcomeUnknown, "no reply came")));
    trial.call("add_item", json!({"text": "x"})).await.unwrap_err();
    let begun = store.pending(None, 10).await.unwrap().remove(0);
    assert_eq!(begun.scope.tool(), "put_item");
    assert_eq!(
        trial.tape.records().last().unwrap().tool,
        "add_item",
        "the record says what it is called now"
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_reaches_its_caller_though_the_store_cannot_keep_it() {
    let store = Store::in_memory(Clock::for_test()).await.unwrap();
    let state =
        State { operations: std::sync::Arc::new(Forgetful(store.clone())), ..State::from(store.clone()) };
    let trial = Trial::remembering(SANDBOX, state);
    assert_eq!(trial.call("add_item", json!({"text": "x"})).await.unwrap().value["status"], "committed");
    let well = trial.replica(store);
    well.call("add_item", json!({"text": "x"})).await.unwrap();
    assert!(well.shelf.seen()[1].resumed, "what it became of is looked for");
}

/// A store that is gone when a write ends.
struct Forgetful(Store);

impl Operations for Forgetful {
    fn begin<'a>(&'a self, begin: Begin<'a>) -> BoxFuture<'a, Result<Claim>> {
        self.0.begin(begin)
    }

    fn resume<'a>(&'a self, scope: &'a Scope, id: &'a str) -> BoxFuture<'a, Result<Option<Held>>> {
        self.0.resume(scope, id)
    }

    fn finish<'a>(&'a self, _: Held, _: End<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Err(Error::new(Code::Internal, "the store is gone")) })
    }

    fn pending<'a>(&'a self, tenant: Option<&'a str>, most: u32) -> BoxFuture<'a, Result<Vec<Known>>> {
        self.0.pending(tenant, most)
    }

    fn find<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Vec<Known>>> {
        self.0.find(id)
    }
}
