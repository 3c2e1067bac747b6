use axum::body::{Body, to_bytes};
use http::Request;
use serde_json::Value;
use tower::ServiceExt as _;

use super::*;

async fn get(readiness: &Readiness, path: &str) -> (StatusCode, String) {
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = routes(readiness.clone(), metrics).oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn readiness_names_what_is_missing() {
    let readiness = Readiness::new();
    let (audit, keys) = (readiness.require("audit"), readiness.require("keys"));
    keys.set(true);
    let (status, body) = get(&readiness, "/readyz").await;
    assert_eq!(status, 503);
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["missing"], json!(["audit"]));
    audit.set(true);
    assert_eq!(get(&readiness, "/readyz").await.0, 200);
    audit.set(false);
    assert_eq!(get(&readiness, "/readyz").await.0, 503, "and again when it is lost");
}

#[tokio::test]
async fn a_process_that_is_not_ready_is_alive() {
    let readiness = Readiness::new();
    let _condition = readiness.require("audit");
    assert_eq!(get(&readiness, "/healthz").await.0, 200);
}

#[tokio::test]
async fn metrics_are_rendered_with_their_help() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        crate::http::describe();
        metrics::counter!("chancery_http_connections_turned_away_total").increment(3);
    });
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let response = routes(Readiness::new(), handle).oneshot(request).await.unwrap();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(text.contains("# HELP chancery_http_connections_turned_away_total"), "{text}");
    assert!(text.contains("chancery_http_connections_turned_away_total 3"), "{text}");
}

#[tokio::test]
async fn nothing_else_is_served() {
    for path in ["/", "/mcp", "/readyz/", "/debug"] {
        assert_eq!(get(&Readiness::new(), path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn it_serves_on_a_port_of_its_own_until_told_to_stop() {
    let admin = Admin::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let (address, stop) = (admin.address(), CancellationToken::new());
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let serving = tokio::spawn(admin.serve(Readiness::new(), metrics, stop.clone()));
    let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
    let ask = b"GET /healthz HTTP/1.1\r\nHost: probe\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut client, ask).await.unwrap();
    let mut said = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut client, &mut said).await.unwrap();
    assert_eq!(&said, b"HTTP/1.1 200");
    stop.cancel();
    serving.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
