//! Opaque tokens: asking, believing for a while, and what an outage means.

use serde_json::{Value, json};

use super::*;
use crate::Flaw;

const ENDPOINT: &str = "https://id.example/introspect";

fn asking(answer: Value) -> (Arc<Issuer>, Authenticator, tempfile::TempDir) {
    let issuer = Issuer::publishing(&[]);
    issuer.answer(ENDPOINT, 200, answer);
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "s&cret").unwrap();
    let reference = format!("file:{}", secret.display());
    let table = json!({ "introspection": { "client_id": "crm", "client_secret": reference } });
    let authenticator = trusting(&issuer, table);
    (issuer, authenticator, dir)
}

fn active(changes: Value) -> Value {
    let mut answer = claims(&changes);
    answer["active"] = json!(true);
    answer
}

#[tokio::test(start_paused = true)]
async fn an_active_token_is_believed_for_thirty_seconds() {
    let (issuer, authenticator, _dir) = asking(active(json!({})));
    for _ in 0..3 {
        let caller = present(&authenticator, "opaque-1").await.unwrap();
        assert_eq!((caller.subject.as_str(), caller.method), ("alice", "introspection"));
    }
    assert_eq!(issuer.count(ENDPOINT), 1);
    let question = issuer.asked.lock().unwrap().last().unwrap().clone();
    assert_eq!(question.body().as_ref(), b"token=opaque-1&token_type_hint=access_token");
    // `crm:s%26cret`, RFC 6749, section 2.3.1.
    assert_eq!(question.headers()[AUTHORIZATION], "Basic Y3JtOnMlMjZjcmV0");
    issuer.answer(ENDPOINT, 200, json!({ "active": false }));
    seconds(31).await;
    assert_eq!(present(&authenticator, "opaque-1").await, Err(Refusal::Invalid(Flaw::Inactive)));
}

#[tokio::test(start_paused = true)]
async fn a_client_without_a_user_is_its_own_subject() {
    let (_issuer, authenticator, _dir) = asking(active(json!({ "sub": null })));
    assert_eq!(present(&authenticator, "opaque").await.unwrap().subject, "agent");
}

#[tokio::test(start_paused = true)]
async fn an_answer_must_name_issuer_audience_and_client() {
    for (answer, flaw) in [
        (json!({ "active": false }), Flaw::Inactive),
        (json!({ "active": "true" }), Flaw::Inactive),
        (json!({}), Flaw::Inactive),
        (active(json!({ "iss": null })), Flaw::Claim("iss")),
        (active(json!({ "iss": "https://evil.example" })), Flaw::Issuer),
        (active(json!({ "aud": null })), Flaw::Audience),
        (active(json!({ "aud": "https://itsm.example/mcp" })), Flaw::Audience),
        (active(json!({ "client_id": null })), Flaw::Claim("client_id")),
        (active(json!({ "exp": NOW - 1 })), Flaw::Expired),
    ] {
        let (_issuer, authenticator, _dir) = asking(answer.clone());
        assert_eq!(present(&authenticator, "opaque").await, Err(Refusal::Invalid(flaw)), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_no_verdict_on_the_token() {
    let (issuer, authenticator, _dir) = asking(active(json!({})));
    issuer.set_down(true);
    for _ in 0..20 {
        let refusal = present(&authenticator, "opaque").await.unwrap_err();
        let resource = authenticator.resource("crm", vec!["crm:read".into()]).unwrap();
        let challenge = resource.challenge(&refusal, &[]);
        assert_eq!((challenge.status.as_u16(), challenge.retry_after), (503, Some(5)));
        assert_eq!(challenge.www_authenticate, None);
    }
    assert!(issuer.asked.lock().unwrap().len() <= 6, "left alone after three failures");
    issuer.set_down(false);
    seconds(5).await;
    present(&authenticator, "opaque").await.unwrap();
    issuer.answer(ENDPOINT, 401, json!({ "error": "invalid_client" }));
    assert!(matches!(present(&authenticator, "another").await, Err(Refusal::Unavailable(_))));
}

#[tokio::test(start_paused = true)]
async fn a_question_that_is_not_taken_makes_nobody_else_wait() {
    let (issuer, authenticator, _dir) = asking(active(json!({})));
    let unavailable = |found: Result<_, Refusal>| matches!(found, Err(Refusal::Unavailable(_)));
    for status in [400, 404, 413, 414, 431] {
        issuer.answer(ENDPOINT, status, json!({ "error": "invalid_request" }));
        for turn in 0..5 {
            assert!(unavailable(present(&authenticator, &format!("{status}-{turn}")).await));
        }
    }
    issuer.answer(ENDPOINT, 200, active(json!({})));
    present(&authenticator, "good").await.unwrap();
    for status in [401, 403, 408, 429, 500, 503] {
        issuer.answer(ENDPOINT, status, json!({}));
        let asked = issuer.count(ENDPOINT);
        for turn in 0..5 {
            assert!(unavailable(present(&authenticator, &format!("{status}-{turn}")).await));
        }
        assert_eq!(issuer.count(ENDPOINT), asked + 3, "{status} is an outage");
        issuer.answer(ENDPOINT, 200, active(json!({})));
        seconds(5).await;
        present(&authenticator, &format!("after-{status}")).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn all_who_come_with_one_token_at_once_ask_once() {
    let (issuer, authenticator, _dir) = asking(active(json!({})));
    let found = futures::future::join_all((0..200).map(|_| present(&authenticator, "opaque"))).await;
    assert!(found.iter().all(Result::is_ok));
    assert_eq!(issuer.count(ENDPOINT), 1);
}

#[tokio::test(start_paused = true)]
async fn an_issuer_of_opaque_tokens_needs_no_keys() {
    let (issuer, authenticator, _dir) = asking(active(json!({})));
    issuer.answer(JWKS, 404, json!({}));
    assert!(authenticator.is_ready(), "opaque tokens are asked about one by one");
    assert!(!trusting(&issuer, json!({})).is_ready(), "without them its keys have to come first");
}
