//! The generator against the floor and the mock vendor, all on real sockets.

use std::sync::Arc;

use axum::Router;
use serde_json::json;
use tokio::net::TcpListener;

use super::*;
use crate::bench::mock::{self, Behavior, Fault, Kind, Vendor};
use crate::bench::{bare, floor};

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// What `pace` over three connections to the floor finds when the vendor behaves like this, and how often the vendor
/// was asked.
fn outcome(behavior: Behavior, pace: Pace) -> (Outcome, u64) {
    outcome_of(floor::app, behavior, pace)
}

fn outcome_of(app: fn(&str) -> Result<Router>, behavior: Behavior, pace: Pace) -> (Outcome, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let vendor = Arc::new(Vendor::new());
        vendor.behave(behavior);
        let (at, vendor_url) = listen().await;
        tokio::spawn(mock::serve(at, Arc::clone(&vendor)));
        let (at, url) = listen().await;
        tokio::spawn(floor::serve(at, app(&vendor_url).unwrap()));
        let plan = Plan {
            url: format!("{url}/mcp"),
            dialect: Dialect::Modern,
            tool: "search_issues".to_owned(),
            arguments: json!({}),
            token: None,
            connections: 3,
            pace,
            warm_up_ms: 0,
            measure_ms: 200,
        };
        let outcome = carry_out(&plan).await.unwrap();
        (outcome, vendor.behave(Behavior::default()).searches)
    })
}

#[test]
fn every_call_is_answered_and_seen_by_the_vendor() {
    let (outcome, searches) = outcome(Behavior::default(), Pace::Times(5));
    assert_eq!((outcome.answered, &outcome.failed), (15, &Default::default()));
    // Each connection is used once before anything counts.
    assert_eq!((outcome.all_calls, searches), (18, 18));
}

#[test]
fn the_bare_server_answers_every_call_too() {
    let (outcome, searches) = outcome_of(bare::app, Behavior::default(), Pace::Times(5));
    assert_eq!((outcome.answered, searches), (15, 18), "{outcome:?}");
}

#[test]
fn no_call_that_was_due_is_left_out() {
    let (outcome, _) = outcome(Behavior::default(), Pace::Open { per_second: 500.0 });
    let counted = outcome.answered + outcome.failed.values().sum::<u64>();
    assert_eq!((counted, outcome.all_calls), (100, 103), "{outcome:?}");
}

#[test]
fn a_failing_vendor_fails_calls() {
    let faults = vec![Fault { after_ms: 0, for_ms: 60_000, kind: Kind::Unavailable }];
    let (outcome, _) = outcome(Behavior { delay_ms: 0, faults }, Pace::Times(2));
    assert_eq!((outcome.answered, outcome.connect_failed), (0, 3));
    assert_eq!(outcome.failed.get("status 502"), Some(&6), "{outcome:?}");
    assert!(outcome.last_failure_unix_ms.is_some());
}
