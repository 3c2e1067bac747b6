//! What a broken vendor does to a call. Real sockets, real time: outcomes are asserted, not durations.

use error::Code;

use super::fault::{Fault, Vendor};
use super::{client, cx, settings};
use crate::{Client, Request};

fn impatient(vendor: &Vendor) -> Client {
    let mut settings = settings(&vendor.url());
    (settings.limits.read_attempt_ms, settings.limits.write_attempt_ms) = (700, 700);
    client(&settings)
}

async fn read(client: &Client) -> Result<(), Code> {
    client.send(&cx(), Request::get("/issue/{key}", &["PAY-1"])).await.map(drop).map_err(|e| e.code())
}

async fn write(client: &Client) -> Result<(), Code> {
    let request = Request::post("/issue", &[]).json(&serde_json::json!({ "title": "x" }));
    client.send(&cx(), request).await.map(drop).map_err(|e| e.code())
}

const PASSING: [Fault; 8] = [
    Fault::Reset,
    Fault::Close,
    Fault::ResetWithin,
    Fault::Truncate,
    Fault::Garbage,
    Fault::Nonsense,
    Fault::Trickle,
    Fault::Silence,
];

#[tokio::test]
async fn a_read_survives_each_fault_that_passes() {
    for fault in PASSING {
        let vendor = Vendor::start(move |n| if n < 3 { fault } else { Fault::None }).await;
        assert_eq!(read(&impatient(&vendor)).await, Ok(()), "{fault:?}");
        assert_eq!(vendor.asked(), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn a_read_ends_with_each_fault_that_stays() {
    for fault in PASSING {
        let vendor = Vendor::start(move |_| fault).await;
        assert_eq!(read(&impatient(&vendor)).await, Err(Code::UpstreamUnavailable), "{fault:?}");
        assert_eq!(vendor.asked(), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn a_write_is_sent_once_whatever_happens_to_its_answer() {
    for fault in PASSING {
        let vendor = Vendor::start(move |_| fault).await;
        assert_eq!(write(&impatient(&vendor)).await, Err(Code::OutcomeUnknown), "{fault:?}");
        assert_eq!(vendor.asked(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn silence_is_cut_short_within_a_body_and_not_before_the_head() {
    let client = |vendor: &Vendor| {
        let mut settings = settings(&vendor.url());
        settings.limits.read_idle_ms = 200;
        // No attempt ends by its own time: the first would take all of the call's.
        (settings.limits.read_attempt_ms, settings.limits.write_attempt_ms) = (60_000, 60_000);
        client(&settings)
    };
    let vendor = Vendor::start(|_| Fault::SilenceWithin).await;
    assert_eq!(read(&client(&vendor)).await, Err(Code::UpstreamUnavailable));
    assert_eq!(vendor.asked(), 3);
    let vendor = Vendor::start(|_| Fault::SilenceWithin).await;
    assert_eq!(write(&client(&vendor)).await, Err(Code::OutcomeUnknown));
    let vendor = Vendor::start(|_| Fault::Late).await;
    assert_eq!(write(&client(&vendor)).await, Ok(()));
    assert_eq!(vendor.asked(), 1);
}

#[tokio::test]
async fn a_connection_that_died_while_idle_loses_no_write() {
    // The vendor closes after each answer without saying so; the pool may hold the dead connection.
    let vendor = Vendor::start(|_| Fault::None).await;
    let client = impatient(&vendor);
    for _ in 0..20 {
        assert_eq!(write(&client).await, Ok(()));
    }
    assert_eq!(vendor.asked(), 20);
}

#[tokio::test]
async fn a_body_beyond_the_cap_is_refused_however_it_comes() {
    for fault in [Fault::Huge, Fault::Announced, Fault::Bomb] {
        let vendor = Vendor::start(move |_| fault).await;
        let client = client(&settings(&vendor.url()));
        assert_eq!(read(&client).await, Err(Code::UpstreamTooLarge), "{fault:?}");
        assert_eq!(vendor.asked(), 1, "{fault:?}: not asked again");
        assert_eq!(write(&client).await, Err(Code::OutcomeUnknown), "{fault:?}");
    }
}

#[tokio::test]
async fn nobody_listening_is_not_an_unknown_outcome() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let client = client(&settings(&url));
    assert_eq!(write(&client).await, Err(Code::UpstreamUnavailable));
    assert_eq!(read(&client).await, Err(Code::UpstreamUnavailable));
}

#[tokio::test]
async fn errors_show_neither_url_nor_token() {
    for fault in [Fault::Reset, Fault::Truncate, Fault::Silence] {
        let vendor = Vendor::start(move |_| fault).await;
        let request = Request::get("/issue/{key}", &["canary-key"]).query("jql", "canary-query");
        let error = impatient(&vendor).send(&cx(), request).await.unwrap_err();
        let shown = format!("{error} {error:?} {}", serde_json::to_string(&error.wire("c")).unwrap());
        assert!(!shown.contains("canary") && !shown.contains("127.0.0.1"), "{shown}");
    }
}
