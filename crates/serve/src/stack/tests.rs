use audit::{Effect, Phase, Status};
use error::{Code, Error};
use serde_json::json;

use crate::layers::Reads;
use crate::offer::Mode;
use crate::trial::{Act, REAL, SANDBOX, Trial};

#[tokio::test(start_paused = true)]
async fn hidden_and_unknown_tools_look_the_same() {
    let trial = Trial::new(Mode { read_only: true, ..REAL });
    let told = async |tool: &str| {
        let error = trial.call(tool, json!({})).await.unwrap_err();
        assert_eq!(error.code(), Code::UnknownTool);
        serde_json::to_value(error.wire("c"))
            .unwrap()
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(told("add_item").await, told("odd_item").await, "a write in --read-only, and nothing at all");
    let error = trial.call("get_itm", json!({})).await.unwrap_err();
    assert_eq!(error.wire("c").alternative_tool.as_deref(), Some("get_item"));
    assert!(trial.shelf.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_whole_number_with_a_point_is_an_integer() {
    let trial = Trial::new(SANDBOX);
    trial.call("get_item", json!({"id": "shelf:1", "words": 5.0})).await.unwrap();
    assert_eq!(
        trial.refusal("get_item", json!({"id": "shelf:1", "words": 5.5})).await,
        Code::InvalidArgument
    );
}

#[tokio::test(start_paused = true)]
async fn bad_arguments_are_refused_with_their_paths_and_reach_no_vendor() {
    let trial = Trial::new(SANDBOX);
    let fields = async |arguments| {
        let error = trial.call("get_item", arguments).await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        error.wire("").fields.into_iter().map(|f| f.path).collect::<Vec<_>>()
    };
    assert_eq!(fields(json!({"id": 3, "words": 10, "wrods": 1})).await.len(), 3);
    assert_eq!(fields(json!({})).await, ["id"]);
    let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
    for arguments in [json!({"id": "x".repeat(1 << 20)}), json!({"id": deep}), json!({"id": "PAY-12"})] {
        assert_eq!(trial.refusal("get_item", arguments).await, Code::InvalidArgument);
    }
    assert_eq!(trial.refusal("get_item", json!({"id": "other:1"})).await, Code::InvalidArgument);
    assert!(trial.shelf.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_panic_stays_in_its_call_and_its_text_in_the_log() {
    let trial = Trial::new(SANDBOX);
    trial.shelf.then(Act::Panic);
    let error = trial.call("get_item", json!({"id": "shelf:1"})).await.unwrap_err();
    assert_eq!(error.code(), Code::Internal);
    assert!(!serde_json::to_string(&error.wire("c")).unwrap().contains("secret plans"));
    assert!(error.log_detail().unwrap().contains("secret plans"));
    assert!(trial.call("get_item", json!({"id": "shelf:1"})).await.is_ok(), "the next call is not concerned");
}

#[tokio::test(start_paused = true)]
async fn a_late_read_ends_inside_its_class() {
    let trial = Trial::new(SANDBOX);
    trial.shelf.then(Act::Take(std::time::Duration::from_secs(3600)));
    let begun = tokio::time::Instant::now();
    assert_eq!(trial.refusal("get_item", json!({"id": "shelf:1"})).await, Code::Deadline);
    assert!(begun.elapsed() <= std::time::Duration::from_secs(10));
    assert_eq!(trial.tape.records()[0].result.as_ref().unwrap().error_code.as_deref(), Some("deadline"));
}

#[tokio::test(start_paused = true)]
async fn every_call_leaves_one_outcome_and_a_write_an_intent_before_it() {
    let trial = Trial::new(SANDBOX);
    trial.call("get_item", json!({"id": "shelf:1"})).await.unwrap();
    trial.call("add_item", json!({"text": "x".repeat(500), "idempotency_key": "k"})).await.unwrap();
    let _ = trial.call("no_tool", json!({"a": 1})).await;
    let _ = trial.call("get_item", json!({})).await;
    let records = trial.tape.records();
    let outcome = |i: usize| records[i].result.as_ref().unwrap();

    assert_eq!((records[0].phase, outcome(0).status), (Phase::Outcome, Status::Ok));
    assert_eq!(records[0].target.as_ref().unwrap().record_id, "shelf:1");
    assert_eq!(records[0].effect, Some(Effect::Read));

    assert_eq!(records[1].phase, Phase::Intent);
    assert!(records[1].result.is_none());
    let written = &records[2];
    assert!(written.intent.is_some());
    assert_eq!(written.op.as_ref().unwrap().idempotency_key.as_deref(), Some("k"));
    assert_eq!(written.op.as_ref().unwrap().id, records[1].op.as_ref().unwrap().id);
    assert_eq!(written.target.as_ref().unwrap().version_after.as_deref(), Some("2"));
    assert!(written.args.as_ref().unwrap()["text"].as_str().unwrap().ends_with("(500 bytes)"));
    assert_eq!(written.args_sha256.len(), 64);

    assert_eq!((records[3].tool.as_str(), outcome(3).status), ("no_tool", Status::Denied));
    assert_eq!(outcome(4).error_code.as_deref(), Some("invalid_argument"));
    assert_eq!(records.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn the_record_of_what_is_too_large_is_small() {
    let trial = Trial::new(SANDBOX);
    assert_eq!(trial.refusal("get_item", json!({"id": "x".repeat(200_000)})).await, Code::InvalidArgument);
    assert_eq!(trial.refusal(&"get_item".repeat(100_000), json!({})).await, Code::UnknownTool);
    let records = trial.tape.records();
    assert_eq!((records[0].args.is_none(), records[0].args_sha256.len()), (true, 64));
    assert_eq!(records[1].tool, "get_item".repeat(16));
}

#[tokio::test(start_paused = true)]
async fn without_audit_writes_are_not_done_and_reads_not_answered() {
    let trial = Trial::new(SANDBOX);
    trial.tape.tear(true);
    assert_eq!(trial.refusal("add_item", json!({"text": "x"})).await, Code::AuditUnavailable);
    assert!(trial.shelf.seen().is_empty(), "the vendor heard nothing");
    assert_eq!(trial.refusal("get_item", json!({"id": "shelf:1"})).await, Code::AuditUnavailable);

    trial.tape.tear(false);
    assert!(
        trial.call("add_item", json!({"text": "x"})).await.is_ok(),
        "nothing was begun, so nothing is in the way"
    );
}

#[tokio::test(start_paused = true)]
async fn reads_may_be_answered_without_audit_where_the_configuration_says_so() {
    for reads in [Reads::BestEffort, Reads::Async] {
        let trial = Trial::closed(SANDBOX, reads);
        trial.open();
        trial.tape.tear(true);
        assert!(trial.call("get_item", json!({"id": "shelf:1"})).await.is_ok(), "{reads:?}");
        assert_eq!(
            trial.refusal("add_item", json!({"text": "x"})).await,
            Code::AuditUnavailable,
            "{reads:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn answers_leave_clean_and_bounded() {
    let trial = Trial::new(SANDBOX);
    trial.shelf.then(Act::Say("a\u{202E}b".into()));
    let answer = trial.call("get_item", json!({"id": "shelf:1"})).await.unwrap();
    assert_eq!(answer.value["text"], "ab");
    trial.shelf.then(Act::Say("x".repeat(content::HARD_CAP)));
    assert_eq!(trial.refusal("get_item", json!({"id": "shelf:1"})).await, Code::TooBroad);
}

#[tokio::test(start_paused = true)]
async fn what_the_tool_says_passes_through() {
    let trial = Trial::new(SANDBOX);
    trial.shelf.then(Act::Fail(Error::new(Code::NotFound, "there is no such item")));
    assert_eq!(trial.refusal("get_item", json!({"id": "shelf:1"})).await, Code::NotFound);
    let recorded = trial.tape.records();
    assert_eq!(recorded[0].result.as_ref().unwrap().error_code.as_deref(), Some("not_found"));
}
