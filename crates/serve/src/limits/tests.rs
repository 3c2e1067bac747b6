use std::time::Duration;

use call::{Caller, Scopes};
use error::{Code, Error};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tool::Answer;

use crate::trial::{Act, Terms, Trial};

fn somebody(subject: &str) -> Caller {
    Caller { scopes: Scopes::All, issuer: Some("https://i.example".into()), ..Caller::new(subject, "jwt") }
}

fn of(tenant: &str, subject: &str) -> Caller {
    Caller { tenant: Some(tenant.to_owned()), ..somebody(subject) }
}

fn limited(limits: &'static str) -> Trial {
    Trial::on(&Terms { limits, ..Terms::default() })
}

async fn read(trial: &Trial, caller: &Caller, workflow: &str) -> Result<Answer, Error> {
    trial.call_by(caller, workflow, "get_item", json!({ "id": "shelf:1" })).await
}

async fn write(trial: &Trial, caller: &Caller, workflow: &str, text: &str) -> Result<Answer, Error> {
    trial.call_by(caller, workflow, "add_item", json!({ "text": text })).await
}

/// What a refused call says, and in how many milliseconds it may come again.
fn told(answer: Result<Answer, Error>) -> (String, Option<u64>) {
    let error = answer.expect_err("there must be no room");
    assert_eq!(error.code(), Code::RateLimited, "{error:?}");
    let wire = error.wire("");
    (wire.message, wire.retry_after_ms)
}

#[tokio::test(start_paused = true)]
async fn a_caller_has_its_rate_and_another_one_its_own() {
    let trial = limited("caller = { per_second = 2, burst = 2 }");
    for _ in 0..2 {
        read(&trial, &somebody("a"), "").await.unwrap();
    }
    let refused = told(read(&trial, &somebody("a"), "").await);
    assert_eq!(refused, ("the caller's limit of 2 calls a second is reached".into(), Some(500)));
    read(&trial, &somebody("b"), "").await.unwrap();
    tokio::time::advance(Duration::from_millis(500)).await;
    read(&trial, &somebody("a"), "").await.unwrap();
    let refusal = &trial.tape.records()[2];
    assert!(format!("{refusal:?}").contains("rate_limited"), "a refusal is evidence: {refusal:?}");
}

#[tokio::test(start_paused = true)]
async fn the_callers_of_a_tenant_share_its_rate() {
    let trial = limited("tenant = { per_second = 1, burst = 3 }");
    for subject in ["a", "b", "c"] {
        read(&trial, &of("acme", subject), "").await.unwrap();
    }
    let (why, _) = told(read(&trial, &of("acme", "d"), "").await);
    assert_eq!(why, "the tenant's limit of 1 calls a second is reached");
    read(&trial, &of("other", "a"), "").await.unwrap();
    for _ in 0..5 {
        read(&trial, &somebody("a"), "").await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_workflow_that_was_named_has_its_calls_and_its_writes() {
    let trial = limited("workflow = { calls_per_hour = 4, writes_per_hour = 2 }");
    let a = somebody("a");
    write(&trial, &a, "w", "1").await.unwrap();
    write(&trial, &a, "w", "2").await.unwrap();
    let (why, wait) = told(write(&trial, &a, "w", "3").await);
    assert_eq!(
        (why.as_str(), wait),
        ("the workflow's limit of 2 writes an hour is reached", Some(1_800_000))
    );
    read(&trial, &a, "w").await.unwrap();
    read(&trial, &a, "w").await.unwrap();
    assert!(told(read(&trial, &a, "w").await).0.contains("4 calls an hour"));
    read(&trial, &a, "v").await.unwrap();
    read(&trial, &somebody("b"), "w").await.unwrap();
    for _ in 0..9 {
        read(&trial, &a, "").await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_has_its_rate_for_each_tool_and_what_it_refuses_costs_nobody_else() {
    let trial = limited("tool = { writes_per_second = 1 }\ncaller = { per_second = 1, burst = 7 }");
    let a = somebody("a");
    for n in 0..5 {
        write(&trial, &a, "", &n.to_string()).await.unwrap();
    }
    for _ in 0..9 {
        assert!(told(write(&trial, &a, "", "more").await).0.contains("the tool's limit"));
    }
    trial.call_by(&a, "", "set_item", json!({ "text": "x" })).await.unwrap();
    read(&trial, &a, "").await.unwrap();
    assert!(told(read(&trial, &a, "").await).0.contains("the caller's limit"), "seven in all");
}

/// A read that is under way until the sender of its end is dropped.
async fn under_way(trial: &Trial, caller: &Caller) -> tokio::task::JoinHandle<()> {
    let (touched, touch) = oneshot::channel();
    trial.shelf.then(Act::Hang(touched));
    let cx = call::Cx::new("get_item", caller.clone(), call::Clock::for_test());
    let arguments: serde_json::Map<String, Value> =
        serde_json::from_value(json!({ "id": "shelf:1" })).unwrap();
    let (front, ask) = (trial.front.clone(), tool::Call { tool: "get_item".into(), arguments });
    let task = tokio::spawn(async move {
        drop(front.call(cx, ask, &call::CancellationToken::new()).await);
    });
    touch.await.unwrap();
    task
}

#[tokio::test(start_paused = true)]
async fn a_caller_has_so_many_calls_under_way() {
    let trial = limited("caller = { in_flight = 2 }");
    let a = somebody("a");
    let (first, _second) = (under_way(&trial, &a).await, under_way(&trial, &a).await);
    assert_eq!(
        told(read(&trial, &a, "").await),
        ("2 calls of this caller are under way, as many as may be".into(), Some(1_000))
    );
    read(&trial, &somebody("b"), "").await.unwrap();
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    while read(&trial, &a, "").await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn reports_go_first_then_reads_then_writes() {
    let trial = Trial::on(&Terms { capacity: 4, ..Terms::default() });
    let report = async || trial.call_by(&somebody("z"), "", "count_items", json!({})).await;
    let mut busy = vec![under_way(&trial, &somebody("1")).await];
    report().await.unwrap();
    busy.push(under_way(&trial, &somebody("2")).await);
    trial.shelf.then(Act::Oblige);
    assert_eq!(told(report().await).0, "the server is at its limit");
    read(&trial, &somebody("z"), "").await.unwrap();
    busy.push(under_way(&trial, &somebody("3")).await);
    assert_eq!(told(read(&trial, &somebody("z"), "").await).0, "the server is at its limit");
    write(&trial, &somebody("z"), "", "still").await.unwrap();
    assert_eq!(busy.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_person_at_the_machine_is_spared_by_the_defaults() {
    let trial = limited("caller = { per_second = 1, burst = 1 }");
    for _ in 0..50 {
        trial.call("get_item", json!({ "id": "shelf:1" })).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_answered_is_charged_and_a_spent_budget_says_when_it_renews() {
    let trial = limited("day = { caller = { bytes = 60 } }");
    let a = somebody("a");
    read(&trial, &a, "").await.unwrap();
    let mut refused = read(&trial, &a, "").await;
    while refused.is_ok() {
        refused = read(&trial, &a, "").await;
    }
    let wire = refused.unwrap_err().wire("");
    assert_eq!(wire.code, Code::QuotaExhausted);
    assert!(wire.message.starts_with("the caller's budget of 60 bytes a day is used up; it renews at "));
    assert!(wire.retry_after_ms.is_some_and(|wait| wait <= 24 * 3600 * 1000));
    read(&trial, &somebody("b"), "").await.unwrap();
}
