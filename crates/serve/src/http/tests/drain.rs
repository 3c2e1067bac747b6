//! The end: nothing in flight is lost, nothing new is begun.

use std::time::Duration;

use tokio::net::TcpStream;

use super::super::connection;
use super::super::listener::Hall;
use super::*;

#[tokio::test]
async fn a_call_in_flight_is_answered_and_new_clients_are_refused() {
    let probe = Probe::new();
    let serving = serve(probe.mount(Limits::default()));
    let mut client = TcpStream::connect(serving.address).await.unwrap();
    client.write_all(&on_the_wire("wait")).await.unwrap();
    probe.begun().await;
    serving.stop.cancel();
    while TcpStream::connect(serving.address).await.is_ok() {}
    probe.release();
    let (status, head, body) = answer(&mut client).await;
    assert_eq!(status, 200);
    assert!(body.contains("released"), "{body}");
    assert!(head.contains("connection: close"), "{head}");
    assert!(is_closed(&mut client).await);
    assert_eq!(serving.drained.await.unwrap(), Drained::Complete);
}

#[tokio::test]
async fn connections_that_rest_or_dawdle_do_not_hold_up_the_end() {
    let serving = serve(Probe::new().mount(Limits::default()));
    let mut resting = TcpStream::connect(serving.address).await.unwrap();
    assert_eq!(ask(&mut resting, "peer").await.0, 200);
    let mut dawdling = TcpStream::connect(serving.address).await.unwrap();
    dawdling.write_all(b"POST /mcp HTTP/1.1\r\n").await.unwrap();
    serving.stop.cancel();
    assert_eq!(serving.drained.await.unwrap(), Drained::Complete);
    assert!(is_closed(&mut resting).await);
    assert!(is_closed(&mut dawdling).await);
}

#[tokio::test]
async fn a_call_that_does_not_end_is_cut_off_and_told_so() {
    let probe = Probe::new();
    let serving = serve(probe.mount(Limits { drain: Duration::from_millis(20), ..Limits::default() }));
    let mut client = TcpStream::connect(serving.address).await.unwrap();
    client.write_all(&on_the_wire("never")).await.unwrap();
    probe.begun().await;
    serving.stop.cancel();
    let (status, _, body) = answer(&mut client).await;
    assert_eq!(status, 503);
    assert!(body.contains("shutting down") && body.contains("\"id\":7"), "{body}");
    probe.cancelled().await;
    assert_eq!(serving.drained.await.unwrap(), Drained::Cut);
}

/// The end of a hall with one client, which has asked and has not taken a byte of its answer.
async fn ending_while_one_reads() -> (tokio::io::DuplexStream, JoinHandle<Drained>) {
    let stop = CancellationToken::new();
    let hall = Hall::new(Probe::new().mount(Limits::default()), None, stop.clone());
    let (mut client, server) = tokio::io::duplex(64);
    let peer = Peer { address: ([127, 0, 0, 1], 1).into(), tls: false };
    let guest = connection::Guest { peer, certificate: None };
    hall.guests.spawn(connection::serve(server, guest, hall.endpoint.clone(), hall.ending.clone()));
    client.write_all(&on_the_wire("peer")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.cancel();
    (client, tokio::spawn(hall.empty()))
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_being_taken_is_not_cut_off() {
    let (mut client, emptied) = ending_while_one_reads().await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(answer(&mut client).await.0, 200);
    assert_eq!(emptied.await.unwrap(), Drained::Complete);
}

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_holds_up_the_end_no_longer_than_a_call_may() {
    let (_client, emptied) = ending_while_one_reads().await;
    let begun = tokio::time::Instant::now();
    assert_eq!(emptied.await.unwrap(), Drained::Cut);
    assert!(begun.elapsed() <= Limits::default().drain + Duration::from_secs(1), "{:?}", begun.elapsed());
}
