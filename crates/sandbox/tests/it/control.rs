//! The control plane over HTTP.

use crate::wire::{Site, sent};

#[tokio::test]
async fn the_log_tells_what_was_asked_and_answered() {
    let site = Site::start().await;
    site.create("läuft").await;
    site.get("/notes?label=a%26b&label=c").await;
    let log = site.log().await;
    let (create, list) = (&log[0], &log[1]);
    assert_eq!((create.n, create.method.as_str(), create.path.as_str()), (1, "POST", "/api/notes"));
    assert_eq!((create.status, create.applied, create.fault.as_deref()), (Some(201), true, None));
    assert_eq!(create.request_body, r#"{"text":"läuft"}"#);
    assert!(create.response_body.contains(r#""id":4"#));
    assert_eq!(create.caller.as_deref(), Some("robot@notes.example"));
    assert_eq!(create.response_headers["x-request-id"], "r-1");
    let query: Vec<_> = list.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(query, [("label", "a&b"), ("label", "c")]);
    let newer = site.control("GET", "log?since=1", "").await.json();
    assert_eq!((newer.as_array().unwrap().len(), newer[0]["n"].as_u64()), (1, Some(2)));
    assert_eq!(site.control("GET", "log?since=x", "").await.status, 400);
}

#[tokio::test]
async fn the_log_holds_no_secret() {
    let site = Site::start().await;
    let url = site.running.token_url.as_deref().unwrap();
    let form = "grant_type=client_credentials&client_id=demo&client_secret=s3cr%3At%7E%2B";
    let granted = sent(site.http.post(url).body(form)).await.json();
    let token = granted["access_token"].as_str().unwrap();
    sent(site.http.get(format!("{}/notes/1", site.running.base_url)).header("private-token", token)).await;
    site.get("/notes/1").await;
    let log = site.control("GET", "log", "").await.text;
    for secret in [token, site.token(), "s3cr"] {
        assert!(!log.contains(secret), "{log}");
    }
    let entries = site.log().await;
    assert!(entries[0].request_body.contains("client_id=demo&client_secret=%5Bredacted%5D"));
    assert!(entries[0].response_body.contains(r#""access_token":"[redacted]""#));
    assert_eq!(entries[1].request_headers["private-token"], "[redacted]");
    assert_eq!(entries[2].request_headers["authorization"], "Bearer [redacted]");
}

#[tokio::test]
async fn the_log_holds_no_secret_of_a_request_that_a_fault_struck() {
    let site = Site::start().await;
    let url = site.running.token_url.as_deref().unwrap();
    for (fault, path) in [
        (r#"{"fault":{"kind":"status","status":503},"times":1}"#, url.to_owned()),
        (r#"{"fault":{"kind":"reset_before"},"times":1}"#, url.to_owned()),
        (r#"{"fault":{"kind":"status","status":503},"times":1}"#, format!("{url}/revoke")),
    ] {
        site.control("POST", "faults", fault).await;
        let form = "grant_type=client_credentials&client_id=demo&client_secret=s3cr%3At%7E%2B&token=t0k3n";
        let struck = site.http.post(path).body(form).send().await;
        assert!(struck.is_err() || struck.unwrap().status() == 503);
    }
    let log = site.log().await;
    assert_eq!(log.len(), 3);
    for entry in log {
        assert!(entry.fault.is_some() && entry.request_body.contains("client_id=demo"), "{entry:?}");
        assert!(!entry.request_body.contains("s3cr") && !entry.request_body.contains("t0k3n"), "{entry:?}");
    }
}

#[tokio::test]
async fn a_bad_rule_is_refused_with_a_reason() {
    let site = Site::start().await;
    for (rule, reason) in [
        ("", "EOF"),
        (r#"{"fault":{"kind":"explode"}}"#, "unknown variant `explode`, expected one of `status`"),
        (r#"{"fault":{"kind":"hang","ms":5}}"#, "unknown field `ms`"),
        (r#"{"fault":{"kind":"latency"}}"#, "missing field `ms`"),
        (r#"{"fault":{"kind":"latency","ms":600001}}"#, "fault.ms must be at most 600000"),
        (r#"{"fault":{"kind":"status","status":99}}"#, "fault.status must be between 200 and 599"),
        (r#"{"fault":{"kind":"status","status":500,"headers":{"a b":"c"}}}"#, "a b is not a valid header"),
        (r#"{"fault":{"kind":"trickle","bytes_per_second":0}}"#, "at least 1"),
        (r#"{"fault":{"kind":"hang"},"times":0}"#, "times must be at least 1"),
        (r#"{"fault":{"kind":"hang"},"match":{"path":"/x"}}"#, "unknown field `path`"),
        (r#"{"fault":{"kind":"hang"},"match":{"path_prefix":"api"}}"#, "must begin with /"),
        (r#"{"fault":{"kind":"hang"},"match":{"method":"a b"}}"#, "not an HTTP method"),
        (r#"{"match":{}}"#, "missing field `fault`"),
    ] {
        let refused = site.control("POST", "faults", rule).await;
        assert_eq!(refused.status, 400, "{rule}");
        assert!(refused.json()["error"].as_str().unwrap().contains(reason), "{rule}: {}", refused.text);
    }
    assert_eq!(site.control("GET", "faults", "").await.text, "[]");
}

#[tokio::test]
async fn rules_are_listed_counted_and_cleared() {
    let site = Site::start().await;
    let rule = r#"{"match":{"path_prefix":"/api"},"fault":{"kind":"status","status":503},"times":3}"#;
    assert_eq!(site.control("POST", "faults", rule).await.status, 201);
    assert_eq!(site.get("/notes/1").await.status, 503);
    let listed = site.control("GET", "faults", "").await.json();
    assert_eq!(listed[0]["times"], 2);
    assert_eq!(site.control("DELETE", "faults", "").await.status, 204);
    assert_eq!(site.get("/notes/1").await.status, 200);
}

#[tokio::test]
async fn a_reset_brings_the_beginning_back() {
    let site = Site::start().await;
    let form = "grant_type=client_credentials&client_id=demo&client_secret=s3cr%3At%7E%2B";
    let granted = sent(site.http.post(site.running.token_url.as_deref().unwrap()).body(form)).await.json();
    site.create("fourth").await;
    site.get("/export").await;
    site.control("POST", "faults", r#"{"fault":{"kind":"status","status":503}}"#).await;
    site.control("POST", "clock", r#"{"advance_seconds": 30}"#).await;
    assert_eq!(site.control("POST", "reset", "").await.status, 204);
    assert!(site.log().await.is_empty());
    assert_eq!(site.control("GET", "clock", "").await.json()["ahead_seconds"], 0);
    let first = site.get("/export").await;
    assert_eq!((first.json()["total"].as_u64(), first.header("x-remaining")), (Some(3), "1"));
    assert!(site.log().await[0].n > 3, "numbers go on, so that since= never repeats an entry");
    let url = format!("{}/notes/1", site.running.base_url);
    let old = site.http.get(url).bearer_auth(granted["access_token"].as_str().unwrap());
    assert_eq!(sent(old).await.json()["message"], "the credential is not known");
    assert_eq!(site.create("again").await.json()["id"], 4);
}

#[tokio::test]
async fn wrong_ways_into_the_control_plane_are_told() {
    let site = Site::start().await;
    assert_eq!(site.control("GET", "nothing", "").await.status, 404);
    assert_eq!(site.control("PUT", "reset", "").await.status, 405);
    assert_eq!(site.control("POST", "clock", r#"{"seconds": 1}"#).await.status, 400);
    let free = r#"{"fault":{"kind":"status","status":503}}"#;
    site.control("POST", "faults", free).await;
    assert_eq!(site.control("GET", "faults", "").await.status, 200, "faults spare the control plane");
}
