//! Every fault, seen on the wire.

use std::io::ErrorKind;

use sandbox::{Fault, Match, Rule};
use tokio::io::AsyncReadExt;

use crate::wire::{Raw, Site, drained};

const NOTE: &str = r#"{"text":"first","version":1}"#;
const CREATE: &str = r#"{"text":"fourth"}"#;

async fn struck_by(fault: &str) -> Site {
    let site = Site::start().await;
    let rule = format!(r#"{{"fault":{fault},"times":1}}"#);
    let set = site.control("POST", "faults", &rule).await;
    assert_eq!(set.status, 201, "{}", set.text);
    site
}

/// The fault, the site after it, and what a read of one note brought.
async fn read_under(fault: &str) -> (Site, Raw) {
    let site = struck_by(fault).await;
    let raw = site.raw("GET", "/api/notes/1", "").await;
    (site, raw)
}

fn body(raw: &Raw) -> &str {
    raw.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

fn states_length(raw: &Raw, length: usize) -> bool {
    raw.text.to_lowercase().contains(&format!("content-length: {length}\r\n"))
}

/// One entry: was it applied, and with what status.
async fn logged(site: &Site, kind: &str) -> (bool, Option<u16>) {
    let log = site.log().await;
    let entry = log.iter().find(|entry| entry.fault.as_deref() == Some(kind)).unwrap();
    (entry.applied, entry.status)
}

/// Waits for the log to hold a faulted entry, by asking again.
async fn until_logged(site: &Site) {
    while site.running.control.log(0).is_empty() {
        site.control("GET", "clock", "").await;
    }
}

#[tokio::test]
async fn status_has_the_vendors_body_unless_given_one() {
    let (site, raw) = read_under(r#"{"kind":"status","status":503,"headers":{"Retry-After":"1"}}"#).await;
    assert!(raw.text.starts_with("HTTP/1.1 503") && raw.text.contains("retry-after: 1\r\n"));
    assert_eq!(body(&raw), r#"{"message":"service unavailable"}"#);
    assert!(raw.text.contains("x-request-id"));
    assert_eq!(logged(&site, "status").await, (false, Some(503)));
    let (_, text) = read_under(r#"{"kind":"status","status":502,"body":"Bad Gateway"}"#).await;
    assert_eq!(body(&text), "Bad Gateway");
    let (_, json) = read_under(r#"{"kind":"status","status":409,"body":{"a":[1]}}"#).await;
    assert_eq!(body(&json), r#"{"a":[1]}"#);
}

#[tokio::test]
async fn latency_changes_nothing_else() {
    let (site, raw) = read_under(r#"{"kind":"latency","ms":1}"#).await;
    assert_eq!(body(&raw), NOTE);
    assert_eq!(logged(&site, "latency").await, (true, Some(200)));
}

#[tokio::test]
async fn reset_breaks_in_the_middle_of_the_body() {
    let (site, raw) = read_under(r#"{"kind":"reset"}"#).await;
    assert_eq!(raw.broken, Some(ErrorKind::ConnectionReset));
    assert!(states_length(&raw, NOTE.len()));
    assert_eq!(body(&raw), &NOTE[..NOTE.len() / 2]);
    assert_eq!(logged(&site, "reset").await, (true, Some(200)));
}

#[tokio::test]
async fn reset_before_leaves_no_byte_and_no_effect() {
    let site = struck_by(r#"{"kind":"reset_before"}"#).await;
    let raw = site.raw("POST", "/api/notes", CREATE).await;
    assert_eq!((raw.text.as_str(), raw.broken), ("", Some(ErrorKind::ConnectionReset)));
    assert_eq!(logged(&site, "reset_before").await, (false, None));
    assert_eq!(site.count().await, 3);
}

#[tokio::test]
async fn truncate_promises_more_than_it_sends() {
    let (_, raw) = read_under(r#"{"kind":"truncate"}"#).await;
    assert_eq!(raw.broken, None);
    assert!(states_length(&raw, NOTE.len()));
    assert_eq!(body(&raw), &NOTE[..NOTE.len() / 2]);
}

#[tokio::test]
async fn wrong_length_sends_more_than_it_promises() {
    let (_, raw) = read_under(r#"{"kind":"wrong_length"}"#).await;
    assert_eq!(raw.broken, None);
    assert!(states_length(&raw, NOTE.len() / 2));
    assert_eq!(body(&raw), NOTE);
}

#[tokio::test]
async fn trickle_sends_the_whole_body_in_its_time() {
    let (_, raw) = read_under(r#"{"kind":"trickle","bytes_per_second":1000}"#).await;
    assert_eq!((body(&raw), raw.broken), (NOTE, None));
}

#[tokio::test]
async fn a_slow_trickle_sends_the_head_and_a_byte_at_first() {
    let site = struck_by(r#"{"kind":"trickle","bytes_per_second":1}"#).await;
    let mut socket = site.connect("GET", "/api/notes/1", "").await;
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n{") {
        seen.push(socket.read_u8().await.unwrap());
    }
    site.running.stop().await;
    let rest = drained(socket).await;
    assert!(rest.text.len() < NOTE.len() - 1, "the simulator stopped long before the body was out");
}

#[tokio::test]
async fn garbage_is_broken_json_or_broken_http() {
    let (site, raw) = read_under(r#"{"kind":"garbage"}"#).await;
    assert!(raw.text.starts_with("HTTP/1.1 200") && raw.text.contains("content-type: application/json"));
    assert!(serde_json::from_str::<serde_json::Value>(body(&raw)).is_err());
    assert_eq!(logged(&site, "garbage").await, (false, Some(200)));
    let (_, framing) = read_under(r#"{"kind":"garbage","framing":true}"#).await;
    assert!(!framing.text.is_empty() && !framing.text.starts_with("HTTP"));
}

#[tokio::test]
async fn huge_body_goes_on_to_its_stated_length() {
    let (_, raw) = read_under(r#"{"kind":"huge_body","bytes":3000000}"#).await;
    assert!(states_length(&raw, 3_000_000));
    assert_eq!((body(&raw).len(), raw.broken), (3_000_000, None));
    assert!(body(&raw).starts_with(r#"{"values":[{"id":"#));
    let default: Rule = serde_json::from_str(r#"{"fault":{"kind":"huge_body"}}"#).unwrap();
    assert_eq!(default.fault, Fault::HugeBody { bytes: 104_857_600 });
}

#[tokio::test]
async fn html_comes_with_a_good_status() {
    let (site, raw) = read_under(r#"{"kind":"html_200"}"#).await;
    assert!(raw.text.starts_with("HTTP/1.1 200") && raw.text.contains("content-type: text/html"));
    assert!(body(&raw).starts_with("<!DOCTYPE html>"));
    assert_eq!(logged(&site, "html_200").await, (false, Some(200)));
}

#[tokio::test]
async fn hang_answers_nothing_and_does_nothing() {
    let site = struck_by(r#"{"kind":"hang"}"#).await;
    let socket = site.connect("POST", "/api/notes", CREATE).await;
    until_logged(&site).await;
    assert_eq!(logged(&site, "hang").await, (false, None));
    assert_eq!(site.count().await, 3);
    site.running.stop().await;
    assert_eq!(drained(socket).await.text, "");
}

#[tokio::test]
async fn apply_then_hang_does_the_work_and_says_nothing() {
    let site = struck_by(r#"{"kind":"apply_then_hang"}"#).await;
    let socket = site.connect("POST", "/api/notes", CREATE).await;
    until_logged(&site).await;
    assert_eq!(logged(&site, "apply_then_hang").await, (true, Some(201)));
    assert_eq!(site.count().await, 4);
    site.running.stop().await;
    assert_eq!(drained(socket).await.text, "");
}

#[tokio::test]
async fn apply_then_reset_does_the_work_and_breaks() {
    let site = struck_by(r#"{"kind":"apply_then_reset"}"#).await;
    let raw = site.raw("POST", "/api/notes", CREATE).await;
    assert_eq!((raw.text.as_str(), raw.broken), ("", Some(ErrorKind::ConnectionReset)));
    assert_eq!(logged(&site, "apply_then_reset").await, (true, Some(201)));
    assert_eq!(site.count().await, 4);
}

#[tokio::test]
async fn revoke_token_refuses_this_request_and_all_that_follow() {
    let site = struck_by(r#"{"kind":"revoke_token"}"#).await;
    let struck = site.create("fourth").await;
    assert_eq!((struck.status, struck.json()["message"].as_str()), (401, Some("the token was revoked")));
    assert_eq!(site.get("/notes/1").await.status, 401);
    site.running.control.reset();
    assert_eq!(site.count().await, 3, "a reset revives static tokens, and nothing was created");
}

#[tokio::test]
async fn faults_strike_what_they_match() {
    let site = Site::start().await;
    let only = Match { method: Some("POST".into()), path_prefix: Some("/oauth".into()) };
    let fault = Fault::Status { status: 500, headers: Default::default(), body: None };
    site.running.control.add_fault(Rule { only, fault, times: None }).unwrap();
    assert_eq!(site.get("/notes/1").await.status, 200);
    let url = site.running.token_url.as_deref().unwrap();
    assert_eq!(site.send(site.http.post(url)).await.status, 500);
}

#[tokio::test]
async fn an_answer_without_a_body_is_cut_in_its_head() {
    let site = struck_by(r#"{"kind":"reset"}"#).await;
    let raw = site.raw("HEAD", "/api/notes/1", "").await;
    assert!(raw.text.starts_with("HTTP/1.1 200") && !raw.text.contains("\r\n\r\n"));
    assert_eq!(raw.broken, Some(ErrorKind::ConnectionReset));
}
