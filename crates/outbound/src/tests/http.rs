//! The client against a well-behaved vendor.

use ::http::header::AUTHORIZATION;
use call::Cx;
use error::{Code, Error};
use oauth::{BodyFormat, CredentialsIn};
use serde::Deserialize;
use serde_json::json;
use wiremock::matchers::{body_json, body_string, header, header_exists, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{PROFILE, client, cx, settings};
use crate::{Auth, Kit, Profile, Reply, Request, Secret, Verdict, by_status};

#[tokio::test]
async fn a_request_arrives_as_written_and_its_reply_may_be_borrowed_from() {
    let vendor = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/base/issue/PAY%2F1"))
        .and(query_param("fields", "a,b"))
        .and(header("authorization", "Bearer canary-token"))
        .and(header("accept", "application/json"))
        .and(header("x-api", "3"))
        .and(header("x-own", "mine"))
        .and(header_exists("traceparent"))
        .and(body_json(json!({ "a": 1 })))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "key": "PAY-1" })))
        .expect(1)
        .mount(&vendor)
        .await;
    let profile = Profile { headers: &[("x-api", "3"), ("x-own", "theirs")], ..PROFILE };
    let settings = settings(&format!("{}/base/", vendor.uri()));
    let client = Kit::new(call::Clock::for_test()).client(&settings, profile).unwrap();
    let request = Request::post("/issue/{key}", &["PAY/1"])
        .query("fields", "a,b")
        .header("x-own", "mine")
        .json(&json!({ "a": 1 }))
        .reads();
    let reply = client.send(&cx(), request).await.unwrap();
    #[derive(Deserialize)]
    struct Issue<'a> {
        key: &'a str,
    }
    assert_eq!(reply.json::<Issue<'_>>().unwrap().key, "PAY-1");
}

#[tokio::test]
async fn the_trace_goes_on() {
    let vendor = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(204)).mount(&vendor).await;
    let cx = Cx::for_test();
    client(&settings(&vendor.uri())).send(&cx, Request::get("/", &[])).await.unwrap();
    let sent = &vendor.received_requests().await.unwrap()[0];
    let trace = sent.headers["traceparent"].to_str().unwrap();
    assert!(trace.starts_with(&format!("00-{}-", cx.trace().trace_id)), "{trace}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let vendor = MockServer::start().await;
    let elsewhere = ResponseTemplate::new(302).insert_header("location", "/elsewhere");
    Mock::given(path("/issue")).respond_with(elsewhere).expect(1).mount(&vendor).await;
    Mock::given(path("/elsewhere")).respond_with(ResponseTemplate::new(200)).expect(0).mount(&vendor).await;
    let error = client(&settings(&vendor.uri())).send(&cx(), Request::get("/issue", &[])).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamGarbled);
}

#[tokio::test]
async fn a_vendors_judge_knows_more_than_the_status() {
    fn judge(reply: &Reply) -> Verdict {
        match reply.header("x-reason") {
            Some("quota") => Verdict::Exhausted { wait: None },
            Some("gone") => Verdict::Refuse(Error::new(Code::Unsupported, "issues are disabled")),
            _ => by_status(reply),
        }
    }
    let vendor = MockServer::start().await;
    for (route, reason) in [("/quota", "quota"), ("/gone", "gone"), ("/plain", "none")] {
        let reply = ResponseTemplate::new(403).insert_header("x-reason", reason);
        Mock::given(path(route)).respond_with(reply).mount(&vendor).await;
    }
    let client = client(&settings(&vendor.uri()));
    let mut codes = Vec::new();
    for template in ["/gone", "/plain", "/quota"] {
        let request = Request::get(template, &[]).judge(judge);
        codes.push(client.send(&cx(), request).await.unwrap_err().code());
    }
    assert_eq!(codes, [Code::Unsupported, Code::Permission, Code::QuotaExhausted]);
}

#[tokio::test]
async fn a_token_is_got_from_the_vendor_and_used() {
    let vendor = MockServer::start().await;
    let granted = json!({ "access_token": "canary-granted", "expires_in": 3600, "token_type": "bearer" });
    Mock::given(path("/oauth/token"))
        .and(body_string("grant_type=client_credentials&client_id=id&client_secret=canary-secret"))
        .respond_with(ResponseTemplate::new(200).set_body_json(granted))
        .expect(1)
        .mount(&vendor)
        .await;
    Mock::given(path("/issue"))
        .and(header(AUTHORIZATION, "Bearer canary-granted"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({})))
        .expect(20)
        .mount(&vendor)
        .await;
    let mut settings = settings(&vendor.uri());
    settings.auth = asking(&vendor);
    let client = client(&settings);
    client.authenticate().await.unwrap();
    let cx = cx();
    let calls = (0..20).map(|_| client.send(&cx, Request::get("/issue", &[])));
    for reply in futures::future::join_all(calls).await {
        reply.unwrap();
    }
    let shown = format!("{client:?} {settings:?}");
    assert!(!shown.contains("canary"), "{shown}");
}

fn asking(vendor: &MockServer) -> Auth {
    Auth::ClientCredentials {
        token_url: Some(format!("{}/oauth/token", vendor.uri()).parse().unwrap()),
        client_id: "id".into(),
        client_secret: Secret::literal("canary-secret"),
        scope: None,
        audience: None,
        body: BodyFormat::Form,
        credentials_in: CredentialsIn::Body,
    }
}

#[tokio::test]
async fn a_request_goes_to_the_instance_that_its_token_names() {
    let (login, instance) = (MockServer::start().await, MockServer::start().await);
    let granted = json!({ "access_token": "canary-granted", "instance_url": instance.uri() });
    let granted = ResponseTemplate::new(200).set_body_json(granted);
    Mock::given(path("/oauth/token")).respond_with(granted).mount(&login).await;
    let there = Mock::given(path("/issue/PAY-1")).and(query_param("q", "a b"));
    there.respond_with(ResponseTemplate::new(200).set_body_json(json!({}))).mount(&instance).await;
    let mut settings = settings(&login.uri());
    settings.auth = asking(&login);
    let profile = Profile { trusted_suffixes: &["127.0.0.1"], ..PROFILE };
    let client = Kit::new(call::Clock::for_test()).client(&settings, profile).unwrap();
    client.send(&cx(), Request::get("/issue/{key}", &["PAY-1"]).query("q", "a b")).await.unwrap();
    assert_eq!(login.received_requests().await.unwrap().len(), 1, "for the token alone");
}

#[tokio::test]
async fn a_request_id_is_kept_short_and_harmless() {
    let vendor = MockServer::start().await;
    let id = format!("abc <script>{}", "x".repeat(500));
    let reply = ResponseTemplate::new(404).insert_header("x-request-id", id.as_str());
    Mock::given(method("GET")).respond_with(reply).mount(&vendor).await;
    let error = client(&settings(&vendor.uri())).send(&cx(), Request::get("/", &[])).await.unwrap_err();
    let id = error.vendor().unwrap().request_id.clone().unwrap();
    assert!(id.starts_with("abcscriptx") && id.len() == 128, "{id}");
}

#[test]
fn a_client_that_could_not_work_is_not_built() {
    let kit = Kit::new(call::Clock::for_test());
    let failing =
        |settings: &crate::Settings| kit.client(settings, PROFILE).unwrap_err().message().to_owned();
    let mut nowhere = settings("https://jira.example");
    nowhere.base_url = None;
    assert!(failing(&nowhere).contains("source/jira-eu/base_url"));
    assert!(failing(&settings("http://jira.example")).contains("https"));
    assert!(failing(&settings("https://169.254.169.254/")).contains("metadata"));
    let mut no_ca = settings("https://jira.example");
    no_ca.ca_file = Some("no/such/file.pem".into());
    assert!(failing(&no_ca).contains("no/such/file.pem"));
}
