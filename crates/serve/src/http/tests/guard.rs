//! One request at a time, without a socket.

use std::convert::Infallible;
use std::time::Duration;

use http::StatusCode;
use http_body_util::StreamBody;
use proptest::prelude::*;

use super::*;
use crate::envelope::Envelope;

fn limits() -> Limits {
    Limits::default()
}

async fn refused(body_text: &str) -> (StatusCode, Value) {
    let response = Probe::new().mount(limits()).handle(request(body_text.to_owned())).await;
    (response.status(), body(response).await)
}

#[tokio::test]
async fn a_call_is_answered_in_plain_json() {
    let response = Probe::new().mount(limits()).handle(request(call("peer").to_string())).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(body(response).await["id"], 7);
}

#[tokio::test]
async fn every_revision_is_negotiated_without_a_session() {
    let endpoint = Probe::new().mount(limits());
    for revision in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let params = json!({ "protocolVersion": revision, "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
        let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
        let mut hello = request(hello.to_string());
        hello.headers_mut().remove("mcp-protocol-version");
        let response = endpoint.handle(hello).await;
        assert!(response.headers().get("mcp-session-id").is_none());
        assert_eq!(body(response).await["result"]["protocolVersion"], revision);
    }
    let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} });
    let hello =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": { "_meta": meta } });
    let mut hello = request(hello.to_string());
    hello.headers_mut().insert("mcp-protocol-version", "2026-07-28".parse().unwrap());
    hello.headers_mut().insert("mcp-method", "server/discover".parse().unwrap());
    let supported = body(endpoint.handle(hello).await).await["result"]["supportedVersions"].clone();
    assert!(supported.as_array().unwrap().contains(&json!("2026-07-28")), "{supported}");
}

#[tokio::test]
async fn foreign_hosts_and_pages_are_refused() {
    let endpoint = Probe::new().mount(limits());
    for (header, evil) in [("host", "evil.example"), ("origin", "https://evil.example"), ("origin", "null")] {
        let mut asked = request(call("peer").to_string());
        asked.headers_mut().insert(header, evil.parse().unwrap());
        assert_eq!(endpoint.handle(asked).await.status(), 403, "{header}: {evil}");
    }
    let mut local = request(call("peer").to_string());
    local.headers_mut().insert("origin", "http://localhost:5173".parse().unwrap());
    assert_eq!(endpoint.handle(local).await.status(), 200);
}

#[tokio::test]
async fn only_posts_of_json_to_the_one_path_are_served() {
    let endpoint = Probe::new().mount(limits());
    for method in ["GET", "DELETE", "PUT", "OPTIONS", "HEAD"] {
        let mut asked = request("");
        *asked.method_mut() = method.parse().unwrap();
        let response = endpoint.handle(asked).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["allow"]),
            (405, &"POST".parse().unwrap())
        );
    }
    for path in ["/", "/mcp/", "/mcp2", "/healthz"] {
        let mut asked = request(call("peer").to_string());
        *asked.uri_mut() = path.parse().unwrap();
        assert_eq!(endpoint.handle(asked).await.status(), 404, "{path}");
    }
    let mut asked = request(call("peer").to_string());
    asked.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(endpoint.handle(asked).await.status(), 415);
}

#[tokio::test]
async fn what_is_no_message_gets_the_json_rpc_error() {
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{}{}}}"#,
        r#"{"a":"#.repeat(64),
        "}".repeat(64)
    );
    for (sent, code) in [
        ("", -32700),
        ("{", -32700),
        ("hello", -32700),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping"} x"#, -32700),
        ("5", -32600),
        ("[]", -32600),
        (r#" [{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":99999999999999999999,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"error":5}"#, -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, -32602),
        (&deep, -32600),
    ] {
        let (status, error) = refused(sent).await;
        assert_eq!((status.as_u16(), &error["error"]["code"]), (400, &json!(code)), "{sent}: {error}");
    }
    let broken_text = Probe::new().mount(limits()).handle(request(&b"{\"\xff\":1}"[..])).await;
    assert_eq!(body(broken_text).await["error"]["code"], -32700);
}

#[tokio::test]
async fn brackets_in_texts_are_not_depth() {
    let mut asked = call("peer");
    asked["params"]["arguments"]["note"] = json!("[{\"".repeat(100));
    assert_eq!(Probe::new().mount(limits()).handle(request(asked.to_string())).await.status(), 200);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_announced_or_not() {
    let endpoint = Probe::new().mount(limits());
    let mut announced = request("");
    announced.headers_mut().insert("content-length", "2097153".parse().unwrap());
    let response = endpoint.handle(announced).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["connection"]),
        (413, &"close".parse().unwrap())
    );
    let long = " ".repeat((2 << 20) + 1);
    assert_eq!(endpoint.handle(request(long)).await.status(), 413);
    let padded = format!("{}{}", call("peer"), " ".repeat((2 << 20) - 200));
    assert_eq!(endpoint.handle(request(padded)).await.status(), 200, "just under it passes");
}

#[tokio::test]
async fn a_refusal_before_anybody_is_known_ends_the_connection() {
    let endpoint = Probe::new().mount(limits());
    let closes = async |change: fn(&mut Request<Full<Bytes>>)| {
        let mut asked = request(call("peer").to_string());
        change(&mut asked);
        let response = endpoint.handle(asked).await;
        (response.status().as_u16(), response.headers().get("connection").is_some_and(|said| said == "close"))
    };
    assert_eq!(closes(|_| ()).await, (200, false));
    assert_eq!(closes(|asked| *asked.uri_mut() = "/else".parse().unwrap()).await, (404, true));
    assert_eq!(closes(|asked| *asked.method_mut() = Method::GET).await, (405, true));
    let foreign = |asked: &mut Request<Full<Bytes>>| {
        asked.headers_mut().insert("host", "evil.example".parse().unwrap());
    };
    assert_eq!(closes(foreign).await, (403, true));
    let text = |asked: &mut Request<Full<Bytes>>| {
        asked.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    };
    assert_eq!(closes(text).await, (415, false), "its sender may be somebody");
}

#[tokio::test]
async fn bodies_together_have_a_limit_that_is_given_back() {
    let endpoint = Probe::new().mount(Limits { bodies: 100, ..limits() });
    for _ in 0..3 {
        let long = endpoint.handle(request(" ".repeat(101))).await;
        assert_eq!((long.status().as_u16(), &long.headers()["retry-after"]), (503, &"1".parse().unwrap()));
        assert_eq!(endpoint.handle(request("{}".to_owned() + &" ".repeat(98))).await.status(), 400);
    }
}

#[tokio::test]
async fn a_body_in_single_bytes_takes_its_length_of_the_allowance() {
    let endpoint = Probe::new().mount(Limits { bodies: 100, ..limits() });
    let dripping = |length: usize| {
        let bytes = std::iter::repeat_n(Bytes::from_static(b" "), length);
        let frames = bytes.map(|byte| Ok::<_, Infallible>(http_body::Frame::data(byte)));
        let (head, _) = request("").into_parts();
        Request::from_parts(head, StreamBody::new(futures::stream::iter(frames)))
    };
    for _ in 0..3 {
        assert_eq!(endpoint.handle(dripping(101)).await.status(), 503);
        assert_eq!(endpoint.handle(dripping(100)).await.status(), 400, "no message, and held in full");
    }
}

#[tokio::test]
async fn any_media_type_means_both() {
    let endpoint = Probe::new().mount(limits());
    for (accept, status) in [("*/*", 200), ("text/html", 406)] {
        let mut asked = request(call("peer").to_string());
        asked.headers_mut().insert("accept", accept.parse().unwrap());
        assert_eq!(endpoint.handle(asked).await.status(), status, "{accept}");
    }
}

#[tokio::test]
async fn a_call_over_the_cap_is_sent_away_and_a_place_is_given_back() {
    let probe = Probe::new();
    let endpoint = probe.mount(Limits { in_flight: 1, ..limits() });
    let first = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { endpoint.handle(request(call("wait").to_string())).await }
    });
    probe.begun().await;
    let second = endpoint.handle(request(call("peer").to_string())).await;
    assert_eq!((second.status().as_u16(), &second.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    assert_eq!(body(second).await["id"], 7);
    probe.release();
    drop(first.await.unwrap());
    assert_eq!(endpoint.handle(request(call("peer").to_string())).await.status(), 200);
}

#[tokio::test]
async fn a_caller_that_leaves_cancels_its_call() {
    let probe = Probe::new();
    let endpoint = probe.mount(limits());
    let call = tokio::spawn(async move { endpoint.handle(request(call("wait").to_string())).await });
    probe.begun().await;
    call.abort();
    probe.cancelled().await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_never_answered_ends_all_the_same() {
    let probe = Probe::new();
    let response = probe.mount(limits()).handle(request(call("never").to_string())).await;
    assert_eq!(response.status(), 504);
    assert_eq!(body(response).await["id"], 7);
    probe.cancelled().await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let endless = futures::stream::pending::<Result<http_body::Frame<Bytes>, Infallible>>();
    let asked = request("").map(|_| StreamBody::new(endless));
    let begun = tokio::time::Instant::now();
    assert_eq!(Probe::new().mount(limits()).handle(asked).await.status(), 408);
    assert_eq!(begun.elapsed(), Duration::from_secs(15));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_passes_is_a_message(sent in r#"(\{|\[|\}|\]|"|\\|:|,|"jsonrpc":"2.0"|"id":|"method":"m"|null|1|-|\.|\t|é){0,16}"#) {
        if Envelope::read(sent.as_bytes(), 64).is_ok() {
            let message: Value = serde_json::from_str(&sent).unwrap();
            prop_assert_eq!(&message["jsonrpc"], "2.0");
            prop_assert!(message.get("id").is_none_or(|id| id.is_string() || id.is_number()));
        }
    }

    #[test]
    fn no_bytes_upset_the_guard(sent in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _either = Envelope::read(&sent, 64);
    }
}
