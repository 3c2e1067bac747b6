use std::time::Duration;

use audit::Mode;
use error::{Code, Error};
use serde_json::json;

use crate::trial::{Act, SANDBOX, Trial};

fn unknown() -> Error {
    Error::new(Code::OutcomeUnknown, "no reply came")
}

#[tokio::test(start_paused = true)]
async fn a_repeat_returns_the_first_answer_and_says_so() {
    let trial = Trial::new(SANDBOX);
    let first = trial.call("add_item", json!({"text": "x"})).await.unwrap();
    let again = trial.call("add_item", json!({"text": "x", "plan": null})).await.unwrap();
    assert_eq!(first.value["status"], "committed");
    assert_eq!(again.value["status"], "replayed");
    assert!(again.value["note"].as_str().unwrap().contains("idempotency_key"));
    assert_eq!(again.value["record"], first.value["record"]);
    assert_eq!(trial.shelf.seen().len(), 1);

    trial.call("add_item", json!({"text": "y"})).await.unwrap();
    trial.call("add_item", json!({"text": "x", "idempotency_key": "on purpose"})).await.unwrap();
    assert_eq!(trial.shelf.seen().len(), 3, "other arguments and another key are other writes");
    let operation = |i: usize| trial.tape.records()[i].op.clone().unwrap();
    assert_eq!(operation(2).mode, Mode::Replay);
    assert_eq!(operation(1).id, operation(2).id);
}

#[tokio::test(start_paused = true)]
async fn one_number_is_one_write_however_it_is_written() {
    let trial = Trial::new(SANDBOX);
    let first = trial.call("add_item", json!({"text": "x", "copies": 5.0})).await.unwrap();
    let again = trial.call("add_item", json!({"text": "x", "copies": 5})).await.unwrap();
    assert_eq!((&first.value["status"], &again.value["status"]), (&json!("committed"), &json!("replayed")));
    assert_eq!(trial.shelf.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_window_ends() {
    let trial = Trial::new(SANDBOX);
    trial.call("add_item", json!({"text": "x"})).await.unwrap();
    tokio::time::advance(Duration::from_secs(601)).await;
    assert_eq!(trial.call("add_item", json!({"text": "x"})).await.unwrap().value["status"], "committed");
    let seen = trial.shelf.seen();
    assert_eq!(seen[0].operation, seen[1].operation);
    assert_ne!(seen[0].mark, seen[1].mark, "what the first left at the vendor is not the second's");
}

#[tokio::test(start_paused = true)]
async fn attempts_of_one_write_leave_one_mark_and_so_do_those_that_the_caller_named() {
    let trial = Trial::new(SANDBOX);
    for call in [json!({"text": "x"}), json!({"text": "x", "idempotency_key": "k"})] {
        trial.shelf.then(Act::Fail(unknown()));
        assert_eq!(trial.refusal("add_item", call.clone()).await, Code::OutcomeUnknown);
        tokio::time::advance(Duration::from_secs(3600)).await;
        trial.call("add_item", call).await.unwrap();
    }
    let seen = trial.shelf.seen();
    assert_eq!((&seen[0].mark, &seen[2].mark), (&seen[1].mark, &seen[3].mark));
    assert_eq!(seen[2].mark, seen[2].operation);
}

#[tokio::test(start_paused = true)]
async fn one_key_belongs_to_one_set_of_arguments() {
    let trial = Trial::new(SANDBOX);
    trial.call("add_item", json!({"text": "x", "idempotency_key": "k"})).await.unwrap();
    assert_eq!(
        trial.refusal("add_item", json!({"text": "y", "idempotency_key": "k"})).await,
        Code::IdempotencyConflict
    );
    trial.call("set_item", json!({"text": "y", "idempotency_key": "k"})).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_is_forgotten() {
    let trial = Trial::new(SANDBOX);
    let refused = || Error::new(Code::Permission, "not you");
    trial.shelf.then(Act::Fail(refused()));
    trial.shelf.then(Act::SendThenFail("POST", Some(403), refused()));
    // Nobody was there to take it; a vendor that comes back is asked as if for the first time.
    trial.shelf.then(Act::SendThenFail("POST", None, refused()));
    for _ in 0..3 {
        let call = json!({"text": "x", "idempotency_key": "k"});
        assert_eq!(trial.refusal("add_item", call).await, Code::Permission);
    }
    let call = json!({"text": "corrected", "idempotency_key": "k"});
    assert_eq!(trial.call("add_item", call).await.unwrap().value["status"], "committed");
    assert!(trial.shelf.seen().iter().all(|s| !s.resumed));
}

#[tokio::test(start_paused = true)]
async fn a_write_of_unknown_fate_is_looked_for_and_not_sent_again() {
    let trial = Trial::new(SANDBOX);
    trial.shelf.then(Act::SendThenFail("POST", None, unknown()));
    let error = trial.call("add_item", json!({"text": "x"})).await.unwrap_err();
    let operation = error.wire("").operation.unwrap();
    assert_eq!((error.code(), operation.len()), (Code::OutcomeUnknown, 26));

    trial.shelf.then(Act::Fail(Error::new(Code::UpstreamUnavailable, "down")));
    let down = trial.call("add_item", json!({"text": "x"})).await.unwrap_err();
    assert_eq!(down.code(), Code::UpstreamUnavailable, "what keeps us from looking says when to look again");
    assert_eq!(down.wire("").operation.as_deref(), Some(&*operation));
    trial.call("add_item", json!({"text": "x"})).await.unwrap();
    let seen = trial.shelf.seen();
    assert_eq!(seen.iter().map(|s| s.resumed).collect::<Vec<_>>(), [false, true, true]);
    assert!(seen.iter().all(|s| s.operation.as_deref() == Some(&operation)), "one write, one id: {seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_repeats_by_nature_is_simply_done_again() {
    let trial = Trial::new(SANDBOX);
    trial.shelf.then(Act::Fail(unknown()));
    assert_eq!(trial.refusal("set_item", json!({"text": "x"})).await, Code::OutcomeUnknown);
    trial.call("set_item", json!({"text": "x"})).await.unwrap();
    assert!(trial.shelf.seen().iter().all(|s| !s.resumed));
}

#[tokio::test(start_paused = true)]
async fn an_unsafe_write_stays_unknown() {
    let trial = Trial::new(SANDBOX);
    trial.shelf.then(Act::Fail(unknown()));
    for _ in 0..3 {
        assert_eq!(trial.refusal("burn_item", json!({"text": "x"})).await, Code::OutcomeUnknown);
    }
    assert_eq!(trial.shelf.seen().len(), 1);
    let modes: Vec<_> = trial.tape.records().iter().map(|r| r.op.clone().unwrap().mode).collect();
    assert_eq!(modes[1..], [Mode::Commit, Mode::Replay, Mode::Replay], "only the first was sent");
}

#[tokio::test(start_paused = true)]
async fn a_half_done_write_and_a_panicking_one_are_of_unknown_fate() {
    for act in [Act::SendThenFail("POST", Some(201), Error::new(Code::Permission, "second step")), Act::Panic]
    {
        let trial = Trial::new(SANDBOX);
        trial.shelf.then(act);
        let error = trial.call("add_item", json!({"text": "x"})).await.unwrap_err();
        assert_eq!(error.code(), Code::OutcomeUnknown);
        assert_eq!(error.wire("").operation, trial.shelf.seen()[0].operation, "the caller can look for it");
        let record = trial.tape.records()[1].clone();
        assert_eq!(record.result.unwrap().status, audit::Status::Unknown);
        trial.call("add_item", json!({"text": "x"})).await.unwrap();
        assert!(trial.shelf.seen()[1].resumed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_refused_after_an_attempt_without_an_answer_is_looked_for() {
    let trial = Trial::new(SANDBOX);
    trial.shelf.then(Act::SendTwiceThenFail(Error::new(Code::Conflict, "one is under way")));
    let error = trial.call("add_item", json!({"text": "x"})).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown, "the first attempt may still take effect");
    assert!(format!("{error:?}").contains("one is under way"), "{error:?}");
    trial.call("add_item", json!({"text": "x"})).await.unwrap();
    assert!(trial.shelf.seen()[1].resumed);
}

#[tokio::test(start_paused = true)]
async fn why_an_accepted_write_is_in_doubt_is_for_the_log() {
    let trial = Trial::new(SANDBOX);
    let garbled = Error::new(Code::UpstreamGarbled, "an answer of another shape");
    trial.shelf.then(Act::SendThenFail("POST", Some(201), garbled));
    let error = trial.call("add_item", json!({"text": "x"})).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown);
    assert!(format!("{error:?}").contains("another shape"), "{error:?}");
    assert!(!error.message().contains("another shape"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_concurrent_duplicate_waits_for_the_first() {
    let trial = Trial::new(SANDBOX);
    trial.shelf.then(Act::Take(Duration::from_secs(5)));
    let call = || trial.call("add_item", json!({"text": "x"}));
    let (first, second) = tokio::join!(call(), call());
    assert_eq!(first.unwrap().value["status"], "committed");
    assert_eq!(second.unwrap().value["status"], "replayed");
    assert_eq!(trial.shelf.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_does_not_wait_longer_than_it_may() {
    let trial = Trial::new(SANDBOX);
    trial.shelf.then(Act::Take(Duration::from_secs(60)));
    let call = || trial.call("add_item", json!({"text": "x"}));
    let (first, second) = tokio::join!(call(), call());
    assert_eq!(first.unwrap_err().code(), Code::OutcomeUnknown);
    let second = second.unwrap_err();
    assert_eq!((second.code(), second.wait()), (Code::InProgress, Some(Duration::from_secs(1))));
}
