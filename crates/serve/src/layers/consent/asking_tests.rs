//! Confirmed, declined and forged: the person at the client.

use audit::ConsentSource;
use call::{Clock, Person, Reply, Said};
use error::Code;
use serde_json::{Value, json};
use store::{Approvals as _, Decision, Store, Verdict};
use tool::{Question, Seal};

use crate::approvals::{Means, Signer};
use crate::offer::Mode;
use crate::state::State;
use crate::trial::{REAL, SANDBOX, Trial};

async fn trial() -> (Trial, Store) {
    let store = Store::in_memory(Clock::for_test()).await.unwrap();
    (Trial::remembering(REAL, store.clone()), store)
}

async fn question(trial: &Trial, text: &str) -> Question {
    let shown = trial.call_with(Person::Present, "local", "lend_item", json!({"text": text})).await.unwrap();
    assert_eq!(shown.value["status"], "preview");
    shown.question.unwrap_or_else(|| panic!("no question: {}", shown.value))
}

/// A call as the handler makes it of an answered question.
fn answered(question: &Question, said: Said, text: &str) -> (Person, Value) {
    let reply = Reply { seal: question.seal.clone(), said };
    (Person::Asked(reply), json!({"text": text, "plan": question.plan}))
}

#[tokio::test(start_paused = true)]
async fn what_the_person_confirmed_is_done_once_and_the_record_says_who() {
    let (trial, store) = trial().await;
    let question = question(&trial, "x").await;
    assert!(question.text.starts_with("Lend item: x") && question.text.contains("text: nothing -> x"));
    assert_eq!(trial.shelf.done(), 0);
    let again = async || {
        let (person, call) = answered(&question, Said::Yes, "x");
        trial.call_with(person, "local", "lend_item", call).await.unwrap().value["status"].clone()
    };
    assert_eq!(again().await, "committed");
    assert_eq!(again().await, "replayed", "a state that is used twice does nothing twice");
    assert_eq!(trial.shelf.done(), 1);
    assert!(store.waiting("", None, 10).await.unwrap().is_empty(), "nobody else is asked");
    let records = trial.tape.records();
    let consent = |phase| records.iter().find(|r| r.phase == phase).unwrap().consent.as_ref().unwrap().source;
    assert_eq!(consent(audit::Phase::Intent), ConsentSource::Client);
}

#[tokio::test(start_paused = true)]
async fn what_the_person_declined_is_not_done_and_on_record() {
    for said in [Said::No, Said::Nothing] {
        let (trial, _) = trial().await;
        let (person, call) = answered(&question(&trial, "x").await, said, "x");
        let refused = trial.call_with(person, "local", "lend_item", call).await.unwrap_err();
        assert_eq!((refused.code(), trial.shelf.done()), (Code::ApprovalDenied, 0));
        let result = trial.tape.records().pop().unwrap().result.unwrap();
        assert_eq!((result.status, &*result.error_code.unwrap()), (audit::Status::Denied, "approval_denied"));
    }
}

#[tokio::test(start_paused = true)]
async fn anothers_answer_and_an_altered_one_are_as_unknown_as_none() {
    let (trial, _) = trial().await;
    let mine = question(&trial, "x").await;
    let told = async |caller: &str, plan: &str, seal: &str| {
        let person = Person::Asked(Reply { seal: seal.into(), said: Said::Yes });
        let call = json!({"text": "x", "plan": plan});
        let refused = trial.call_with(person, caller, "lend_item", call).await.unwrap_err();
        assert_eq!(refused.code(), Code::PlanMismatch);
        let mut wire = refused.wire("");
        wire.preview.as_mut().unwrap().as_object_mut().unwrap().remove("plan").unwrap();
        serde_json::to_value(wire).unwrap()
    };
    let unknown = told("mallory", &"a".repeat(26), &mine.seal).await;
    assert_eq!(told("mallory", &mine.plan, &mine.seal).await, unknown);
    let first = if mine.seal.starts_with('A') { "B" } else { "A" };
    let altered = format!("{first}{}", &mine.seal[1..]);
    for seal in ["", "A", &altered, &mine.seal[1..]] {
        assert_eq!(told("local", &mine.plan, seal).await, unknown, "{seal}");
    }
    // Another plan of the same caller, and an answer without any plan.
    let other = question(&trial, "x").await;
    assert_eq!(told("local", &other.plan, &mine.seal).await, unknown);
    let person = Person::Asked(Reply { seal: mine.seal.clone(), said: Said::Yes });
    let refused = trial.call_with(person, "local", "lend_item", json!({"text": "x"})).await.unwrap_err();
    assert_eq!((refused.code(), trial.shelf.done()), (Code::PlanMismatch, 0));
}

#[tokio::test(start_paused = true)]
async fn a_yes_to_one_thing_is_no_yes_to_another() {
    let (trial, _) = trial().await;
    let first = question(&trial, "x").await;
    let (person, call) = answered(&first, Said::Yes, "y");
    let refused = trial.call_with(person, "local", "lend_item", call).await.unwrap_err();
    assert_eq!(refused.code(), Code::PlanMismatch);
    // What needs another person is not the client's to confirm, however well its plan is sealed.
    let shown = trial.call("sell_item", json!({"text": "x"})).await.unwrap().value;
    let call = json!({"text": "x", "plan": shown["plan"]});
    let person = Person::Asked(Reply { seal: first.seal.clone(), said: Said::Yes });
    let refused = trial.call_with(person, "local", "sell_item", call.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PlanMismatch);
    let refused = trial.call_with(Person::Present, "local", "sell_item", call).await.unwrap_err();
    assert_eq!(refused.code(), Code::ApprovalRequired);
    trial.shelf.age();
    let (person, call) = answered(&first, Said::Yes, "x");
    let refused = trial.call_with(person, "local", "lend_item", call).await.unwrap_err();
    assert!(refused.message().contains("changed since"), "{refused}");
    assert_eq!(trial.shelf.done(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_late_is_none() {
    let (trial, _) = trial().await;
    let (person, call) = answered(&question(&trial, "x").await, Said::Yes, "x");
    tokio::time::advance(std::time::Duration::from_secs(601)).await;
    let refused = trial.call_with(person, "local", "lend_item", call).await.unwrap_err();
    assert_eq!((refused.code(), trial.shelf.done()), (Code::PlanMismatch, 0));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_can_ask_is_asked_also_where_it_names_the_plan_itself() {
    let (trial, _) = trial().await;
    let first = question(&trial, "x").await;
    let call = json!({"text": "x", "plan": first.plan});
    let shown = trial.call_with(Person::Present, "local", "lend_item", call).await.unwrap();
    let question = shown.question.unwrap();
    assert_eq!((&question.plan, trial.shelf.done()), (&first.plan, 0));
    let (person, call) = answered(&question, Said::Yes, "x");
    trial.call_with(person, "local", "lend_item", call).await.unwrap();
    assert_eq!(trial.shelf.done(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_cannot_ask_needs_another_person_and_never_passes() {
    let (trial, store) = trial().await;
    let shown = trial.call("lend_item", json!({"text": "x"})).await.unwrap();
    assert_eq!((&shown.value["status"], shown.question), (&json!("pending_approval"), None));
    let call = json!({"text": "x", "plan": shown.value["plan"]});
    let refused = trial.call("lend_item", call).await.unwrap_err();
    assert_eq!((refused.code(), trial.shelf.done()), (Code::ApprovalRequired, 0));
    assert_eq!(store.waiting("", None, 10).await.unwrap().len(), 1);

    let means = Means { decidable: false, ..Means::default() };
    let alone = Trial::remembering(REAL, State { means, ..State::from(store) });
    for tool in ["lend_item", "sell_item"] {
        let refused = alone.call(tool, json!({"text": "x"})).await.unwrap_err();
        assert_eq!(refused.code(), Code::ApprovalRequired);
        assert!(refused.wire("").hint.contains("[approvals]"), "{refused:?}");
    }
    let asked = alone.call_with(Person::Present, "local", "lend_item", json!({"text": "x"})).await.unwrap();
    assert!(asked.question.is_some());
}

#[tokio::test(start_paused = true)]
async fn the_sandbox_confirms_only_where_it_is_to_ask() {
    let sandbox = Trial::new(SANDBOX);
    let done = sandbox.call_with(Person::Present, "local", "lend_item", json!({"text": "x"})).await.unwrap();
    assert_eq!((&done.value["status"], done.question), (&json!("committed"), None));
    let asking = Trial::new(Mode { asking: true, ..SANDBOX });
    question(&asking, "x").await;
}

#[tokio::test(start_paused = true)]
async fn a_decision_that_an_intruder_wrote_into_the_store_opens_nothing() {
    let store = Store::in_memory(Clock::for_test()).await.unwrap();
    let signer = Signer::new(Seal::ephemeral());
    let means = Means { signer: signer.clone(), ..Means::default() };
    let trial = Trial::remembering(REAL, State { means, ..State::from(store.clone()) });
    let decided = async |text: &str, forged: bool| {
        let shown = trial.call("sell_item", json!({"text": text})).await.unwrap().value;
        let request = store.waiting("", None, 10).await.unwrap().remove(0);
        let at = jiff::Timestamp::from_millisecond(1_700_000_000_000).unwrap();
        let signature = signer.sign(&request, "carol", Verdict::Approve, None, at).unwrap();
        let approver = if forged { "mallory" } else { "carol" };
        let decision =
            Decision { approver, verdict: Verdict::Approve, reason: None, at, signature: &signature };
        store.decide("", &request.id, decision).await.unwrap();
        trial.call("sell_item", json!({"text": text, "plan": shown["plan"]})).await
    };
    let refused = decided("x", true).await.unwrap_err();
    assert_eq!(refused.code(), Code::ApprovalDenied);
    assert_eq!(trial.shelf.done(), 0);
    assert_eq!(decided("y", false).await.unwrap().value["status"], "committed");
}
