use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore as Gate;
use tokio::task::JoinHandle;

use super::*;

/// A hall that serves `routes` to everybody.
async fn serving(routes: Router) -> (SocketAddr, CancellationToken, JoinHandle<()>) {
    let hall = Hall::bind("server.admin", ([127, 0, 0, 1], 0).into()).await.unwrap();
    let (address, stop) = (hall.address(), CancellationToken::new());
    let serving = hall.serve(routes, None, |_| true, stop.clone());
    (address, stop, tokio::spawn(serving))
}

fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// All that is said on a connection until it ends; one that is reset ends, too.
async fn said(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8(said).unwrap()
}

#[tokio::test]
async fn a_connection_beyond_the_places_is_closed_and_a_place_comes_free() {
    let (address, ..) = serving(hello()).await;
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        held.push(TcpStream::connect(address).await.unwrap());
    }
    let mut late = TcpStream::connect(address).await.unwrap();
    assert_eq!(said(&mut late).await, "");
    let mut first = held.remove(0);
    first.write_all(ASK).await.unwrap();
    assert!(said(&mut first).await.ends_with("hello"));
    loop {
        let mut next = TcpStream::connect(address).await.unwrap();
        let _ = next.write_all(ASK).await;
        if said(&mut next).await.ends_with("hello") {
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_says_nothing_is_let_go() {
    let (address, ..) = serving(hello()).await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    silent.write_all(b"GET / HT").await.unwrap();
    assert_eq!(said(&mut silent).await, "", "time passes while nobody has anything to do");
}

#[tokio::test]
async fn whoever_does_not_take_its_answer_gives_its_place_back() {
    let large = Router::new().route("/", get(async || "x".repeat(64 << 20)));
    let (address, stop, serving) = serving(large).await;
    let mut greedy = TcpStream::connect(address).await.unwrap();
    greedy.write_all(ASK).await.unwrap();
    let mut first = [0; 1];
    greedy.read_exact(&mut first).await.unwrap();
    tokio::time::pause();
    tokio::time::sleep(WAIT * 2).await;
    stop.cancel();
    let begun = tokio::time::Instant::now();
    serving.await.unwrap();
    assert!(begun.elapsed() < LEAVING, "nobody is left to be waited for");
}

#[tokio::test]
async fn the_end_waits_for_what_is_being_answered() {
    let (asked, release) = (Arc::new(Gate::new(0)), Arc::new(Gate::new(0)));
    let (seen, held) = (Arc::clone(&asked), Arc::clone(&release));
    let slow = get(async move || {
        seen.add_permits(1);
        held.acquire().await.unwrap().forget();
        "done"
    });
    let (address, stop, serving) = serving(Router::new().route("/", slow)).await;
    let mut idle = TcpStream::connect(address).await.unwrap();
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    asked.acquire().await.unwrap().forget();
    stop.cancel();
    assert_eq!(said(&mut idle).await, "", "nobody is waited for who asked nothing");
    assert!(!serving.is_finished());
    release.add_permits(1);
    assert!(said(&mut client).await.ends_with("done"));
    serving.await.unwrap();
}
