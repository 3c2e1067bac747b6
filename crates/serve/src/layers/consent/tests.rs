use std::time::Duration;

use audit::{ConsentSource, Mode as OpMode};
use call::{Caller, Clock, Person};
use error::{Code, Error, Result, Wire};
use serde_json::{Value, json};
use store::{
    Approval, Approvals, Begin, Claim, Decision, End, Location, Operations as _, Request, Scope, Settings,
    Standing, Store, Verdict,
};
use tool::Answer;

use crate::layers::digest;
use crate::offer::Mode;
use crate::trial::{Act, REAL, SANDBOX, Trial};

async fn trial(mode: Mode) -> (Trial, Store) {
    let store = Store::in_memory(Clock::for_test()).await.unwrap();
    (Trial::remembering(mode, store.clone()), store)
}

/// The handle in a preview.
fn plan(preview: &Value) -> String {
    preview["plan"].as_str().unwrap_or_else(|| panic!("no plan in {preview}")).to_owned()
}

async fn proposed(trial: &Trial, tool: &str, text: &str) -> String {
    plan(&trial.call(tool, json!({"text": text})).await.unwrap().value)
}

async fn commit(trial: &Trial, tool: &str, text: &str, plan: &str) -> Result<Answer> {
    trial.call(tool, json!({"text": text, "plan": plan})).await
}

/// What a call that did not fit its plan is told.
fn mismatch(answer: Result<Answer>) -> Wire {
    let wire = answer.expect_err("this plan must not fit").wire("");
    assert_eq!(wire.code, Code::PlanMismatch, "{wire:?}");
    wire
}

async fn decide(store: &Store, id: &str, approver: &str, verdict: Verdict) -> Result<Approval> {
    let at = jiff::Timestamp::now();
    let decision = Decision { approver, verdict, reason: Some("as discussed"), at, signature: b"" };
    store.decide("", id, decision).await
}

#[tokio::test(start_paused = true)]
async fn a_preview_changes_nothing_and_its_plan_does_what_it_showed() {
    let (trial, _) = trial(REAL).await;
    let preview = trial.call("burn_item", json!({"text": "x"})).await.unwrap().value;
    assert_eq!(preview["status"], "preview");
    assert_eq!(preview["change"]["fields"][0]["after"], "x");
    assert!(preview.get("record").is_none());
    assert_eq!(trial.shelf.done(), 0);

    let done = commit(&trial, "burn_item", "x", &plan(&preview)).await.unwrap();
    assert_eq!((&done.value["status"], trial.shelf.done()), (&json!("committed"), 1));

    let records = trial.tape.records();
    let op = |i: usize| records[i].op.as_ref().unwrap().mode;
    assert_eq!(records.len(), 3, "a preview leaves no intent");
    assert_eq!((op(0), op(2)), (OpMode::Preview, OpMode::Commit));
    let consent = |i: usize| records[i].consent.as_ref().unwrap().source;
    assert_eq!(consent(0), ConsentSource::None);
    assert_eq!((consent(1), consent(2)), (ConsentSource::Agent, ConsentSource::Agent));
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_used_once_also_by_calls_at_once() {
    let (trial, _) = trial(REAL).await;
    let plan = proposed(&trial, "burn_item", "x").await;
    let again = || commit(&trial, "burn_item", "x", &plan);
    let answers: [_; 3] = tokio::join!(again(), again(), again()).into();
    let mut said: Vec<_> = answers.map(|answer| answer.unwrap().value["status"].to_string()).into();
    let late = again().await.unwrap().value;
    assert!(late["note"].as_str().unwrap().contains("leave `plan` out"), "{late}");
    said.push(late["status"].to_string());
    said.sort();
    assert_eq!(said, ["\"committed\"", "\"replayed\"", "\"replayed\"", "\"replayed\""]);
    assert_eq!(trial.shelf.done(), 1);
    let wire = mismatch(commit(&trial, "burn_item", "y", &plan).await);
    assert_ne!(wire.preview.unwrap()["plan"], json!(plan));
    assert_eq!(trial.shelf.done(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_is_one_write_however_many_plans_are_made_for_it() {
    let (trial, store) = trial(REAL).await;
    let keyed = |text: &str| json!({"text": text, "idempotency_key": "k"});
    let plan_of = async |text: &str| plan(&trial.call("burn_item", keyed(text)).await.unwrap().value);
    let (first, second, other) = (plan_of("x").await, plan_of("x").await, plan_of("y").await);
    // One leaves the key out: it is meant as the plan was made.
    let done = commit(&trial, "burn_item", "x", &first).await.unwrap().value;
    assert_eq!(done["status"], "committed");
    let mut with_plan = keyed("x");
    with_plan["plan"] = second.into();
    for repeat in [keyed("x"), with_plan, json!({"text": "x", "plan": first.clone()})] {
        let again = trial.call("burn_item", repeat).await.unwrap().value;
        assert_eq!((&again["status"], &again["record"]), (&json!("replayed"), &done["record"]));
        assert!(again["note"].as_str().unwrap().contains("new `idempotency_key`"), "{again}");
    }
    assert_eq!(trial.refusal("burn_item", keyed("y")).await, Code::IdempotencyConflict);
    assert_eq!(commit(&trial, "burn_item", "y", &other).await.unwrap_err().code(), Code::IdempotencyConflict);
    assert_eq!(trial.shelf.done(), 1);
    let sent = trial.shelf.seen().into_iter().find(|seen| !seen.preview).unwrap().operation.unwrap();
    assert_eq!(store.find(&sent).await.unwrap().len(), 1);
    let records = trial.tape.records();
    let (intent, outcome) = records.iter().zip(&records[1..]).find(|(_, o)| o.intent.is_some()).unwrap();
    let id = |record: &audit::Record| record.op.clone().unwrap().id;
    assert_eq!((id(intent), id(outcome)), (sent.clone(), sent));
}

#[tokio::test(start_paused = true)]
async fn a_repeat_of_what_came_to_nothing_is_not_done_unasked() {
    let (trial, store) = trial(REAL).await;
    let scope = Scope::new("", Caller::local("local").key(), "burn_item").unwrap();
    let agreed = scope.operation("key k").id;
    let begin = Begin { scope: &scope, id: &agreed, digest: "of other arguments", arguments: b"{}" };
    let keyed = || trial.call("burn_item", json!({"text": "x", "idempotency_key": "k"}));
    for digest in [begin.digest, &digest(json!({"text": "x"}).as_object().unwrap())] {
        let Claim::Fresh(held) = store.begin(Begin { digest, ..begin }).await.unwrap() else { panic!() };
        let ends = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            store.finish(held, End::Nothing).await.unwrap();
        };
        let (refused, ()) = tokio::join!(keyed(), ends);
        let code = refused.unwrap_err().code();
        assert!(matches!(code, Code::IdempotencyConflict | Code::InProgress), "{code:?}");
        assert!(trial.shelf.seen().is_empty());
    }
    assert_eq!(keyed().await.unwrap().value["status"], "preview");
}

#[tokio::test(start_paused = true)]
async fn anothers_plan_is_as_unknown_as_one_that_never_was() {
    let (trial, _) = trial(REAL).await;
    let plan = proposed(&trial, "burn_item", "x").await;
    let told = async |plan: &str| {
        let call = json!({"text": "x", "plan": plan});
        let mut wire = mismatch(trial.call_as("mallory", "burn_item", call).await);
        let fresh = wire.preview.as_mut().unwrap().as_object_mut().unwrap();
        assert!(fresh.remove("plan").is_some_and(|handle| handle != plan));
        serde_json::to_value(wire).unwrap()
    };
    assert_eq!(told(&plan).await, told(&"a".repeat(26)).await);
    assert_eq!(trial.shelf.done(), 0);
    mismatch(commit(&trial, "sell_item", "x", &plan).await);
    commit(&trial, "burn_item", "x", &plan).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_paraphrase_is_shown_again_and_not_done() {
    let (trial, _) = trial(REAL).await;
    let first = proposed(&trial, "burn_item", "x").await;
    let fresh = mismatch(commit(&trial, "burn_item", "X", &first).await).preview.unwrap();
    assert_eq!((&fresh["status"], &fresh["change"]["fields"][0]["after"]), (&json!("preview"), &json!("X")));
    assert_eq!(trial.shelf.done(), 0);
    commit(&trial, "burn_item", "X", &plan(&fresh)).await.unwrap();
    commit(&trial, "burn_item", "x", &first).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_record_that_changed_since_is_shown_again() {
    let (trial, _) = trial(REAL).await;
    let stale = proposed(&trial, "burn_item", "x").await;
    trial.shelf.age();
    let wire = mismatch(commit(&trial, "burn_item", "x", &stale).await);
    assert!(wire.message.contains("changed"), "{}", wire.message);
    assert_eq!(trial.shelf.done(), 0);
    commit(&trial, "burn_item", "x", &plan(&wire.preview.unwrap())).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_late_preview_is_late_and_nothing_is_unknown() {
    let (trial, store) = trial(REAL).await;
    trial.shelf.then(Act::Take(Duration::from_secs(60)));
    assert_eq!(trial.refusal("burn_item", json!({"text": "x"})).await, Code::Deadline);
    assert!(store.pending(None, 10).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_plan_expires() {
    let (trial, _) = trial(REAL).await;
    let plan = proposed(&trial, "burn_item", "x").await;
    tokio::time::advance(Duration::from_secs(601)).await;
    mismatch(commit(&trial, "burn_item", "x", &plan).await);
    assert_eq!(trial.shelf.done(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_which_nothing_came_may_be_tried_again_while_it_lasts() {
    let (trial, _) = trial(REAL).await;
    let plan = proposed(&trial, "burn_item", "x").await;
    let busy = || Error::new(Code::RateLimited, "not now");
    trial.shelf.then(Act::Oblige);
    trial.shelf.then(Act::Fail(busy()));
    let refused = commit(&trial, "burn_item", "x", &plan).await.unwrap_err();
    assert_eq!(refused.code(), Code::RateLimited);
    commit(&trial, "burn_item", "x", &plan).await.unwrap();
    assert_eq!(trial.shelf.done(), 2, "the attempt that was refused, and the one that was not");

    let plan = proposed(&trial, "burn_item", "y").await;
    trial.shelf.then(Act::Oblige);
    trial.shelf.then(Act::Fail(busy()));
    commit(&trial, "burn_item", "y", &plan).await.unwrap_err();
    tokio::time::advance(Duration::from_secs(601)).await;
    mismatch(commit(&trial, "burn_item", "y", &plan).await);
    assert_eq!(trial.shelf.done(), 3);
}

#[tokio::test(start_paused = true)]
async fn another_person_approves_and_the_caller_then_commits() {
    let (trial, store) = trial(REAL).await;
    let preview = trial.call("sell_item", json!({"text": "x"})).await.unwrap().value;
    assert_eq!(preview["status"], "pending_approval");
    let handle = plan(&preview);
    let waiting = store.waiting("", None, 10).await.unwrap();
    let [request] = waiting.as_slice() else { panic!("{waiting:?}") };
    assert!(preview["note"].as_str().unwrap().contains(&request.id));
    let shown: Value = serde_json::from_slice(&request.shown).unwrap();
    assert_eq!((&shown["arguments"]["text"], &shown["change"]), (&json!("x"), &preview["change"]));

    let early = commit(&trial, "sell_item", "x", &handle).await.unwrap_err();
    assert_eq!((early.code(), early.is_retryable()), (Code::ApprovalRequired, true));
    let own = decide(&store, &request.id, "local", Verdict::Approve).await.unwrap_err();
    assert_eq!(own.code(), Code::Permission, "nobody approves what they asked for");
    assert_eq!(commit(&trial, "sell_item", "x", &handle).await.unwrap_err().code(), Code::ApprovalRequired);
    assert_eq!(trial.shelf.done(), 0);

    decide(&store, &request.id, "boss", Verdict::Approve).await.unwrap();
    mismatch(commit(&trial, "sell_item", "y", &handle).await);
    commit(&trial, "sell_item", "x", &handle).await.unwrap();
    assert_eq!(commit(&trial, "sell_item", "x", &handle).await.unwrap().value["status"], "replayed");
    assert_eq!(trial.shelf.done(), 1);

    let intents: Vec<_> =
        trial.tape.records().into_iter().filter(|r| r.phase == audit::Phase::Intent).collect();
    let consent = intents[0].consent.as_ref().unwrap();
    assert_eq!((consent.source, consent.by.as_deref()), (ConsentSource::Person, Some("boss")));
    let used = store.approval("", &request.id).await.unwrap().unwrap();
    assert_eq!(used.standing, Standing::Redeemed);
}

#[tokio::test(start_paused = true)]
async fn an_approved_change_of_which_nothing_came_needs_no_second_approval() {
    let (trial, store) = trial(REAL).await;
    let plan = proposed(&trial, "sell_item", "x").await;
    let request = store.waiting("", None, 10).await.unwrap().remove(0);
    decide(&store, &request.id, "boss", Verdict::Approve).await.unwrap();
    trial.shelf.then(Act::Oblige);
    trial.shelf.then(Act::Fail(Error::new(Code::RateLimited, "not now")));
    commit(&trial, "sell_item", "x", &plan).await.unwrap_err();
    assert_eq!(commit(&trial, "sell_item", "x", &plan).await.unwrap().value["status"], "committed");
    assert!(store.waiting("", None, 10).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_an_operator_looks_for_bears_the_mark_that_the_commit_left() {
    let (trial, store) = trial(REAL).await;
    let plan = proposed(&trial, "sell_item", "x").await;
    let waiting = store.waiting("", None, 10).await.unwrap();
    decide(&store, &waiting[0].id, "carol", Verdict::Approve).await.unwrap();
    trial.shelf.then(Act::Oblige);
    trial.shelf.then(Act::SendThenFail("POST", None, Error::new(Code::OutcomeUnknown, "no reply came")));
    assert_eq!(commit(&trial, "sell_item", "x", &plan).await.unwrap_err().code(), Code::OutcomeUnknown);
    let left = store.pending(None, 10).await.unwrap().remove(0);
    let arguments = serde_json::from_slice(&left.arguments).unwrap();
    trial.resume("sell_item", &left.id, arguments).await.unwrap();
    let seen = trial.shelf.seen();
    let [.., sent, looked] = seen.as_slice() else { panic!("{seen:?}") };
    assert!(looked.resumed && !sent.resumed);
    assert_eq!((&looked.operation, &looked.mark), (&sent.operation, &sent.mark));
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_is_not_done_and_the_caller_hears_why() {
    let (trial, store) = trial(REAL).await;
    let plan = proposed(&trial, "sell_item", "x").await;
    let request = store.waiting("", None, 10).await.unwrap().remove(0);
    decide(&store, &request.id, "boss", Verdict::Deny).await.unwrap();
    let refused = commit(&trial, "sell_item", "x", &plan).await.unwrap_err();
    assert_eq!(refused.code(), Code::ApprovalDenied);
    assert!(refused.message().contains("as discussed"), "{refused}");
    assert_eq!(trial.shelf.done(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_same_call_is_asked_for_once_while_it_waits() {
    let (trial, store) = trial(REAL).await;
    let first = proposed(&trial, "sell_item", "x").await;
    assert_eq!(proposed(&trial, "sell_item", "x").await, first);
    let fresh = mismatch(commit(&trial, "sell_item", "x", &"a".repeat(26)).await).preview.unwrap();
    assert_eq!((plan(&fresh), &fresh["status"]), (first.clone(), &json!("pending_approval")));
    assert_eq!(store.waiting("", None, 10).await.unwrap().len(), 1);

    let keyed = json!({"text": "x", "idempotency_key": "again"});
    assert_ne!(plan(&trial.call("sell_item", keyed).await.unwrap().value), first, "it means another write");
    let theirs = trial.call_as("mallory", "sell_item", json!({"text": "x"})).await.unwrap().value;
    assert_ne!(plan(&theirs), first);
    trial.shelf.age();
    let aged = proposed(&trial, "sell_item", "x").await;
    assert_ne!(aged, first, "nobody was asked about the record as it is now");
    let waiting = store.waiting("", None, 10).await.unwrap();
    assert_eq!(waiting.len(), 4);

    let request = waiting.iter().find(|request| request.plan.as_deref() == Some(aged.as_str())).unwrap();
    decide(&store, &request.id, "boss", Verdict::Approve).await.unwrap();
    assert_ne!(proposed(&trial, "sell_item", "x").await, aged, "what was decided is not asked for again");
    commit(&trial, "sell_item", "x", &aged).await.unwrap();
    assert_eq!(trial.shelf.done(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_for_whom_too_much_waits_is_told_to_have_some_decided() {
    let (trial, store) = trial(REAL).await;
    let first = proposed(&trial, "sell_item", "0").await;
    for n in 1..Request::MOST_OPEN {
        proposed(&trial, "sell_item", &n.to_string()).await;
    }
    let refused = trial.call("sell_item", json!({"text": "more"})).await.unwrap_err();
    assert_eq!((refused.code(), refused.is_retryable()), (Code::RateLimited, true));
    assert!(refused.wire("").hint.contains("let another person decide"), "{refused:?}");
    assert_eq!(proposed(&trial, "sell_item", "0").await, first, "what waits is told as before");
    proposed(&trial, "burn_item", "more").await;

    let request = store.waiting("", None, 1).await.unwrap().remove(0);
    decide(&store, &request.id, "boss", Verdict::Deny).await.unwrap();
    proposed(&trial, "sell_item", "more").await;
    assert_eq!(trial.refusal("sell_item", json!({"text": "even more"})).await, Code::RateLimited);
    trial.call_as("mallory", "sell_item", json!({"text": "more"})).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_needs_another_person_only_at_its_commit_waits_with_a_plan_that_lasts() {
    let (trial, store) = trial(REAL).await;
    // Its person could have confirmed it; the client that commits it cannot ask them.
    let shown = trial.call_with(Person::Present, "local", "lend_item", json!({"text": "x"})).await.unwrap();
    let short = shown.question.unwrap().plan;
    let raised = async || {
        let wire = commit(&trial, "lend_item", "x", &short).await.unwrap_err().wire("");
        assert_eq!(wire.code, Code::ApprovalRequired, "{wire:?}");
        wire.preview.unwrap()
    };
    let told = raised().await;
    let lasting = plan(&told);
    assert_eq!(told["status"], "pending_approval");
    assert_ne!(lasting, short);
    assert_eq!(plan(&raised().await), lasting, "asked again, it is the same request");
    let waiting = store.waiting("", None, 10).await.unwrap();
    let [request] = waiting.as_slice() else { panic!("{waiting:?}") };
    assert_eq!(request.plan.as_ref(), Some(&lasting));

    tokio::time::advance(Duration::from_secs(15 * 60)).await;
    decide(&store, &request.id, "boss", Verdict::Approve).await.unwrap();
    mismatch(commit(&trial, "lend_item", "x", &short).await);
    assert_eq!(trial.shelf.done(), 0);
    assert_eq!(commit(&trial, "lend_item", "x", &lasting).await.unwrap().value["status"], "committed");
    assert_eq!(trial.shelf.done(), 1);
}

#[tokio::test]
async fn a_plan_approved_on_one_replica_is_committed_on_another() {
    let folder = tempfile::tempdir().unwrap();
    let file = Location::File(folder.path().join("shelf.db"));
    let store = async || Store::open(&file, Settings::default(), Clock::for_test()).await.unwrap();
    let here = Trial::remembering(REAL, store().await);
    let there = here.replica(store().await);
    let plan = proposed(&here, "sell_item", "x").await;
    let desk = store().await;
    let request = desk.waiting("", None, 10).await.unwrap().remove(0);
    decide(&desk, &request.id, "boss", Verdict::Approve).await.unwrap();
    let (a, b) =
        tokio::join!(commit(&here, "sell_item", "x", &plan), commit(&there, "sell_item", "x", &plan));
    let said = [a.unwrap().value["status"].clone(), b.unwrap().value["status"].clone()];
    assert!(said.contains(&json!("committed")) && said.contains(&json!("replayed")), "{said:?}");
    assert_eq!(here.shelf.done(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_sandbox_asks_nobody_and_says_so_unless_it_is_to_ask() {
    let (sandbox, _) = trial(SANDBOX).await;
    for (tool, who) in [("burn_item", "preview"), ("sell_item", "another person")] {
        let done = sandbox.call(tool, json!({"text": "x"})).await.unwrap().value;
        assert_eq!(done["status"], "committed");
        assert!(done["note"].as_str().unwrap().contains(who), "{done}");
    }
    assert!(sandbox.call("add_item", json!({"text": "x"})).await.unwrap().value.get("note").is_none());
    let planned = json!({"text": "y", "plan": "a".repeat(26)});
    assert!(mismatch(sandbox.call("add_item", planned).await).preview.is_none());

    let (asking, _) = trial(Mode { asking: true, ..SANDBOX }).await;
    let shown = asking.call("burn_item", json!({"text": "x"})).await.unwrap().value;
    assert_eq!((&shown["status"], asking.shelf.done()), (&json!("preview"), 0));
}
