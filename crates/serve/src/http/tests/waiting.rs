//! Connections whose client keeps us waiting: in memory, on a paused clock.

use std::time::Duration;

use tokio::io::DuplexStream;
use tokio::time::Instant;

use super::super::connection::{self, Ending};
use super::*;

/// The client's end of a connection that holds `capacity` bytes on their way.
fn connect(endpoint: Endpoint, capacity: usize) -> DuplexStream {
    let (client, server) = tokio::io::duplex(capacity);
    let peer = Peer { address: ([127, 0, 0, 1], 1).into(), tls: false };
    let ending = Ending::new(CancellationToken::new());
    tokio::spawn(connection::serve(server, connection::Guest { peer, certificate: None }, endpoint, ending));
    client
}

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_end_is_waited_for_ten_seconds() {
    let mut client = connect(Probe::new().mount(Limits::default()), 1024);
    let begun = Instant::now();
    for byte in b"POST /mcp HTTP/1.1\r\nHost: ".iter().cycle() {
        // A byte each second is activity, and is no excuse.
        if client.write_all(&[*byte]).await.is_err() {
            break;
        }
        tokio::time::advance(seconds(1)).await;
        tokio::task::yield_now().await;
    }
    assert!(is_closed(&mut client).await);
    assert!((seconds(10)..=seconds(12)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_at_all_is_let_go() {
    let mut client = connect(Probe::new().mount(Limits::default()), 1024);
    let begun = Instant::now();
    assert!(is_closed(&mut client).await);
    assert_eq!(begun.elapsed(), seconds(10));
}

#[tokio::test(start_paused = true)]
async fn a_connection_may_rest_between_requests_longer_than_within_one() {
    let mut client = connect(Probe::new().mount(Limits::default()), 4096);
    for rest in [0, 30, 119] {
        tokio::time::sleep(seconds(rest)).await;
        assert_eq!(ask(&mut client, "peer").await.0, 200, "after {rest} s");
    }
    let begun = Instant::now();
    assert!(is_closed(&mut client).await);
    assert_eq!(begun.elapsed(), seconds(120));
}

#[tokio::test(start_paused = true)]
async fn a_call_may_take_longer_than_a_connection_may_rest() {
    let probe = Probe::new();
    let limits = Limits { idle: seconds(5), answer: seconds(600), ..Limits::default() };
    let mut client = connect(probe.mount(limits), 4096);
    client.write_all(&on_the_wire("wait")).await.unwrap();
    probe.begun().await;
    tokio::time::sleep(seconds(300)).await;
    probe.release();
    assert_eq!(answer(&mut client).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_take_its_answer_is_let_go() {
    let mut client = connect(Probe::new().mount(Limits::default()), 64);
    let asked = on_the_wire("peer");
    client.write_all(&asked).await.unwrap();
    tokio::time::sleep(seconds(31)).await;
    let mut taken = Vec::new();
    client.read_to_end(&mut taken).await.unwrap();
    assert!(taken.len() <= 64, "the rest was given up: {taken:?}");
}
