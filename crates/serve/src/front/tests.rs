use std::time::Duration;

use audit::Status;
use call::CancellationToken;
use error::{Code, Error};
use serde_json::json;
use tokio::time::Instant;

use crate::layers::Reads;
use crate::trial::{Act, SANDBOX, Trial};

#[tokio::test(start_paused = true)]
async fn a_late_write_answers_outcome_unknown_and_runs_to_its_end() {
    let trial = Trial::new(SANDBOX);
    trial.shelf.then(Act::Take(Duration::from_secs(60)));
    let begun = Instant::now();
    let error = trial.call("add_item", json!({"text": "x"})).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown);
    assert_eq!(begun.elapsed(), Duration::from_secs(20));
    let operation = error.wire("").operation.unwrap();

    assert!(trial.front.drain(Duration::from_secs(120)).await);
    let records = trial.tape.records();
    assert_eq!(records[1].op.as_ref().unwrap().id, operation);
    assert_eq!(records[1].result.as_ref().unwrap().status, Status::Ok, "the record knows how it ended");
}

#[tokio::test(start_paused = true)]
async fn a_read_ends_with_its_caller_and_a_write_does_not() {
    let trial = Trial::new(SANDBOX);
    for (tool, arguments, outcome) in [
        ("get_item", json!({"id": "shelf:1"}), Status::Error),
        ("add_item", json!({"text": "x"}), Status::Ok),
    ] {
        trial.shelf.then(Act::Take(Duration::from_secs(5)));
        let gone = CancellationToken::new();
        let leave = async {
            tokio::time::advance(Duration::from_secs(1)).await;
            gone.cancel();
        };
        let (answer, ()) = tokio::join!(trial.call_until(&gone, tool, arguments), leave);
        assert_eq!(answer.unwrap_err().code(), Code::Deadline);
        tokio::time::sleep(Duration::from_secs(10)).await;
        let last = trial.tape.records().pop().unwrap();
        assert_eq!((last.tool.as_str(), last.result.unwrap().status), (tool, outcome));
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_read_ends_too() {
    let trial = Trial::new(SANDBOX);
    trial.shelf.then(Act::Take(Duration::from_secs(8)));
    let dropped =
        tokio::time::timeout(Duration::from_secs(1), trial.call("get_item", json!({"id": "shelf:1"})));
    assert!(dropped.await.is_err());
    let begun = Instant::now();
    assert!(trial.front.drain(Duration::from_secs(60)).await);
    assert!(begun.elapsed() < Duration::from_secs(1), "nobody waits for it, so it has ended");
}

#[tokio::test(start_paused = true)]
async fn calls_wait_until_the_house_is_open() {
    let trial = Trial::closed(SANDBOX, Reads::default());
    let open = async {
        tokio::time::advance(Duration::from_secs(2)).await;
        trial.open();
    };
    let (answer, ()) = tokio::join!(trial.call("get_item", json!({"id": "shelf:1"})), open);
    assert!(answer.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_house_that_cannot_be_opened_says_why_and_one_that_never_opens_lets_calls_go() {
    let trial = Trial::closed(SANDBOX, Reads::default());
    assert_eq!(trial.refusal("get_item", json!({"id": "shelf:1"})).await, Code::Deadline);
    trial.open.send_replace(Some(Err(Error::new(Code::AuditUnavailable, "no disk"))));
    assert_eq!(trial.refusal("get_item", json!({"id": "shelf:1"})).await, Code::AuditUnavailable);
}

#[tokio::test(start_paused = true)]
async fn draining_refuses_new_calls_and_waits_for_the_old() {
    let trial = Trial::new(SANDBOX);
    trial.shelf.then(Act::Take(Duration::from_secs(5)));
    let work = trial.call("get_item", json!({"id": "shelf:1"}));
    let drain = async {
        tokio::time::advance(Duration::from_secs(1)).await;
        let drained = trial.front.drain(Duration::from_secs(25));
        let refused = trial.refusal("get_item", json!({"id": "shelf:1"}));
        tokio::join!(drained, refused)
    };
    let (answer, (drained, refused)) = tokio::join!(work, drain);
    assert!(answer.is_ok() && drained);
    assert_eq!(refused, Code::ShuttingDown);
}
