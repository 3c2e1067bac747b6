//! The end: nothing in flight is lost, nothing new is begun.

use std::time::Duration;

use tokio::net::TcpStream;

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
