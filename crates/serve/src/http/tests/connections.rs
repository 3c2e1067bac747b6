//! Real sockets on real time: outcomes, no durations.

use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use super::super::listener::accept;
use super::*;

#[tokio::test]
async fn accepted_sockets_do_not_wait_to_fill_a_segment() {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let _client = TcpStream::connect(socket.local_addr().unwrap()).await.unwrap();
    let (accepted, _) = accept(&socket).await.unwrap();
    assert!(accepted.nodelay().unwrap());
}

#[tokio::test]
async fn a_connection_is_kept_and_its_peer_known() {
    let serving = serve(Probe::new().mount(Limits::default()));
    let mut client = TcpStream::connect(serving.address).await.unwrap();
    let expected = Peer { address: client.local_addr().unwrap(), tls: false };
    for _ in 0..3 {
        let (status, _, body) = ask(&mut client, "peer").await;
        assert_eq!(status, 200);
        assert!(body.contains(&format!("{:?}", Some(expected))), "{body}");
    }
}

#[tokio::test]
async fn a_connection_over_the_cap_is_closed_and_its_place_comes_free() {
    let serving = serve(Probe::new().mount(Limits { connections: 1, ..Limits::default() }));
    let mut first = TcpStream::connect(serving.address).await.unwrap();
    assert_eq!(ask(&mut first, "peer").await.0, 200);
    let mut second = TcpStream::connect(serving.address).await.unwrap();
    assert!(is_closed(&mut second).await);
    assert_eq!(ask(&mut first, "peer").await.0, 200, "the first did not notice");
    drop(first);
    // The server learns of the end in its own time.
    while !is_served(serving.address).await {}
}

async fn is_served(address: SocketAddr) -> bool {
    let mut client = TcpStream::connect(address).await.unwrap();
    let sent = client.write_all(&on_the_wire("peer")).await;
    sent.is_ok() && client.read_u8().await.is_ok()
}

#[tokio::test]
async fn five_hundred_half_open_connections_disturb_nobody() {
    let serving = serve(Probe::new().mount(Limits::default()));
    let mut half_open = Vec::new();
    for _ in 0..500 {
        let mut client = TcpStream::connect(serving.address).await.unwrap();
        client.write_all(b"POST /mcp HTTP/1.1\r\nHost: loc").await.unwrap();
        half_open.push(client);
    }
    let mut client = TcpStream::connect(serving.address).await.unwrap();
    assert_eq!(ask(&mut client, "peer").await.0, 200);
}

#[tokio::test]
async fn a_half_open_socket_is_freed() {
    let limits = Limits { connections: 1, head: Duration::from_millis(20), ..Limits::default() };
    let serving = serve(Probe::new().mount(limits));
    let mut half_open = TcpStream::connect(serving.address).await.unwrap();
    half_open.write_all(b"POST /mcp HTTP/1.1\r\n").await.unwrap();
    assert!(is_closed(&mut half_open).await);
    while !is_served(serving.address).await {}
}

#[tokio::test]
async fn a_client_that_disconnects_cancels_its_call_only() {
    let probe = Probe::new();
    let serving = serve(probe.mount(Limits::default()));
    let (mut leaver, mut stayer) = (
        TcpStream::connect(serving.address).await.unwrap(),
        TcpStream::connect(serving.address).await.unwrap(),
    );
    leaver.write_all(&on_the_wire("wait")).await.unwrap();
    probe.begun().await;
    stayer.write_all(&on_the_wire("wait")).await.unwrap();
    probe.begun().await;
    drop(leaver);
    probe.cancelled().await;
    probe.release();
    assert_eq!(answer(&mut stayer).await.0, 200);
}

#[tokio::test]
async fn a_head_without_end_in_size_is_refused() {
    let serving = serve(Probe::new().mount(Limits::default()));
    let mut client = TcpStream::connect(serving.address).await.unwrap();
    let head = format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n", "a".repeat(100_000));
    // The server may close before everything is sent.
    let _sent = client.write_all(head.as_bytes()).await;
    let mut said = [0; 12];
    client.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"HTTP/1.1 431");
}

#[tokio::test]
async fn over_tls_a_call_is_answered_and_plain_text_is_not() {
    let (tls, connector) = crate::tls::tests::pair();
    let listener = Listener::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let (address, stop) = (listener.address(), CancellationToken::new());
    let endpoint = Probe::new().mount(Limits::default());
    let drained = tokio::spawn(listener.serve(endpoint, Some(tls), stop.clone()));
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(&on_the_wire("peer")).await.unwrap();
    let mut said = Vec::new();
    let _reset = plain.read_to_end(&mut said).await;
    assert!(!said.starts_with(b"HTTP"), "{said:?}");
    let client = TcpStream::connect(address).await.unwrap();
    let mut client = connector.connect("localhost".try_into().unwrap(), client).await.unwrap();
    let (status, _, body) = ask(&mut client, "peer").await;
    assert_eq!(status, 200);
    assert!(body.contains("tls: true"), "{body}");
    stop.cancel();
    assert_eq!(drained.await.unwrap(), Drained::Complete);
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let taken = Listener::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let refused = Listener::bind(taken.address()).unwrap_err();
    assert!(refused.message().contains(&taken.address().to_string()), "{}", refused.message());
}
