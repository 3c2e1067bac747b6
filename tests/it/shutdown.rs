//! Nobody notices what happens to the others, and nothing in flight is lost.

use std::time::Duration;

use it::{Spawn, run};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_call_in_flight_survives_the_end_of_the_server() {
    let server = Spawn::sandbox("issues").start().await;
    let client = server.client();
    client.ok("search_issues", json!({"limit": 1})).await;
    let jira = server.simulator("jira");
    jira.fault("/", json!({"kind": "latency", "ms": 1500}), None).await;
    let slow = tokio::spawn({
        let client = client.clone();
        async move { client.ok("create_issue", json!({"project": "OPS", "title": "Late", "type": "Task"})).await }
    });
    while !jira.log().await.iter().any(|e| e["fault"].is_object() || e["fault"].is_string()) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.signal("TERM").await;
    let answer = slow.await.unwrap();
    assert_eq!(answer["status"], "committed", "{answer}");
    let (code, said, _home) = server.ended().await;
    assert_eq!(code, Some(0), "{said}");
}

#[tokio::test]
async fn a_server_may_be_stopped_as_soon_as_it_says_where_it_listens() {
    for _ in 0..5 {
        let server = Spawn::sandbox("issues").start().await;
        server.signal("TERM").await;
        let (code, said, _home) = server.ended().await;
        assert_eq!(code, Some(0), "{said}");
    }
}

#[tokio::test]
async fn half_open_connections_and_clients_that_leave_disturb_nobody() {
    let server = Spawn::sandbox("issues").start().await;
    let client = server.client();
    let mut half_open = Vec::new();
    for _ in 0..500 {
        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        socket.write_all(b"POST /mcp HTTP/1.1\r\nhost: 127").await.unwrap();
        half_open.push(socket);
    }
    server.simulator("jira").fault("/", json!({"kind": "latency", "ms": 500}), Some(20)).await;
    for _ in 0..20 {
        let client = client.clone();
        let leaving =
            tokio::spawn(async move { client.ok("search_issues", json!({"text": "safari"})).await });
        tokio::time::sleep(Duration::from_millis(5)).await;
        leaving.abort();
    }
    for _ in 0..10 {
        client.ok("search_issues", json!({"text": "safari", "source": "github"})).await;
    }
    assert_eq!(server.admin("/readyz").await.0, 200);
    drop(half_open);
}

#[tokio::test]
async fn health_and_metrics_tell() {
    let server = Spawn::sandbox("issues").start().await;
    server.client().ok("search_issues", json!({"limit": 1})).await;
    assert_eq!(server.admin("/healthz").await.0, 200);
    let probe = run("issues", &["health", "--admin", server.listening["admin"].as_str().unwrap()]).await;
    assert!(probe.status.success() && probe.stdout == b"ready\n", "{probe:?}");
    let (status, metrics) = server.admin("/metrics").await;
    assert_eq!(status, 200);
    for name in ["chancery_tool_calls_total", "chancery_upstream_requests_total", "chancery_audit_"] {
        assert!(metrics.contains(name), "{name} in {metrics}");
    }
}

#[tokio::test]
async fn a_foreign_page_in_a_browser_is_refused() {
    let server = Spawn::sandbox("issues").start().await;
    for header in ["origin: https://evil.example", "host: evil.example"] {
        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        let host = if header.starts_with("host") { "" } else { "host: 127.0.0.1\r\n" };
        let request = format!(
            "POST /mcp HTTP/1.1\r\n{host}{header}\r\ncontent-type: application/json\r\naccept: application/json, \
             text/event-stream\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut reply = String::new();
        socket.read_to_string(&mut reply).await.unwrap();
        assert!(reply.starts_with("HTTP/1.1 403"), "{header}: {reply}");
    }
}
