//! The transport around a handler that does what a test wants.

mod connections;
mod drain;
mod gate;
mod guard;
mod peers;
mod waiting;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use call::CancellationToken;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::{ErrorData, ServerHandler};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::{Config, Drained, Endpoint, Limits, Listener, Peer, mount};

/// `peer` says who called, `head` all that is known of the request, `wait` answers when released, anything else never.
#[derive(Clone)]
struct Probe(Arc<Signals>);

/// Semaphores without a permit: each event adds one, each look takes one.
struct Signals {
    begun: Semaphore,
    release: Semaphore,
    cancelled: Semaphore,
}

impl Probe {
    fn new() -> Self {
        let none = || Semaphore::new(0);
        Self(Arc::new(Signals { begun: none(), release: none(), cancelled: none() }))
    }

    fn mount(&self, limits: Limits) -> Endpoint {
        mount(self.clone(), Config { limits, ..Config::default() })
    }

    async fn begun(&self) {
        self.0.begun.acquire().await.unwrap().forget();
    }

    async fn cancelled(&self) {
        self.0.cancelled.acquire().await.unwrap().forget();
    }

    fn release(&self) {
        self.0.release.add_permits(1);
    }
}

impl ServerHandler for Probe {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        ask: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let head = cx.extensions.get::<http::request::Parts>().unwrap();
        let said = |text: String| Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into());
        if ask.name == "peer" {
            return said(format!("{:?}", head.extensions.get::<Peer>()));
        }
        if ask.name == "head" {
            return said(format!("{head:?} {:?}", head.extensions.get::<Arc<call::Caller>>()));
        }
        self.0.begun.add_permits(1);
        tokio::select! {
            released = self.0.release.acquire(), if ask.name == "wait" => {
                released.unwrap().forget();
                said("released".to_owned())
            }
            () = cx.ct.cancelled() => {
                self.0.cancelled.add_permits(1);
                Err(ErrorData::internal_error("cancelled", None))
            }
        }
    }
}

/// A call as a client of 2025-11-25 makes it.
fn call(tool: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": tool, "arguments": {} } })
}

/// A request that the guard lets pass.
fn request(body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::builder()
        .method(Method::POST)
        .uri("/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25")
        .body(Full::new(body.into()))
        .unwrap()
}

async fn body(response: Response<super::refusal::Body>) -> Value {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&bytes).unwrap_or_else(|_| panic!("not JSON: {bytes:?}"))
}

/// A call's bytes on a connection.
fn on_the_wire(tool: &str) -> Vec<u8> {
    let body = call(tool).to_string();
    let head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
        Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2025-11-25\r\n";
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// One answer, read off a connection: status, head, body.
async fn answer(io: &mut (impl AsyncRead + Unpin)) -> (u16, String, String) {
    let mut bytes = Vec::new();
    let head = loop {
        bytes.push(io.read_u8().await.expect("an answer"));
        if bytes.ends_with(b"\r\n\r\n") {
            break String::from_utf8(std::mem::take(&mut bytes)).unwrap().to_ascii_lowercase();
        }
    };
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
    bytes.resize(length.parse().unwrap(), 0);
    io.read_exact(&mut bytes).await.unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head, String::from_utf8(bytes).unwrap())
}

async fn ask(io: &mut (impl AsyncRead + AsyncWrite + Unpin), tool: &str) -> (u16, String, String) {
    io.write_all(&on_the_wire(tool)).await.unwrap();
    answer(io).await
}

/// Whether the other side closed the connection, having said nothing more.
async fn is_closed(io: &mut (impl AsyncRead + Unpin)) -> bool {
    let mut rest = Vec::new();
    // A connection that is reset was closed, too.
    io.read_to_end(&mut rest).await.map_or(true, |_| rest.is_empty())
}

/// A listener on loopback, under way.
struct Serving {
    address: SocketAddr,
    stop: CancellationToken,
    drained: JoinHandle<Drained>,
}

fn serve(endpoint: Endpoint) -> Serving {
    let listener = Listener::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let (address, stop) = (listener.address(), CancellationToken::new());
    let drained = tokio::spawn(listener.serve(endpoint, None, stop.clone()));
    Serving { address, stop, drained }
}
