//! The floor: the least a server can do for a search call. It reads JSON-RPC, asks the vendor and passes the
//! vendor's body on as text: no protocol checks, no schema, no policy, no audit, no resilience.

use std::io::Read;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::serve::ListenerExt;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::net::TcpListener;

use super::process::{self, Listening};
use super::rows;
use crate::Result;

/// Where the vendor is.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The vendor's base URL
    vendor: String,
}

impl Args {
    /// Serves until standard input ends.
    pub(super) fn run(self) -> Result {
        process::raise_file_limit();
        std::thread::spawn(end_with_the_run);
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            Listening::at(listener.local_addr()?).announce()?;
            serve(listener, &self.vendor).await
        })
    }
}

struct Floor {
    http: reqwest::Client,
    search: String,
    ask: Bytes,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
}

#[derive(Serialize)]
struct Answer<'a> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    result: Passed<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Passed<'a> {
    content: [Text<'a>; 1],
    is_error: bool,
}

#[derive(Serialize)]
struct Text<'a> {
    r#type: &'static str,
    text: &'a str,
}

/// Answers whoever comes.
pub(super) async fn serve(listener: TcpListener, vendor: &str) -> Result {
    let jql = format!("project = {} ORDER BY updated DESC", rows::PROJECT);
    let ask = serde_json::json!({ "jql": jql, "maxResults": 10, "fields": ["*all"] });
    let floor = Arc::new(Floor {
        http: reqwest::Client::builder().no_proxy().build()?,
        search: format!("{vendor}/rest/api/3/search/jql"),
        ask: ask.to_string().into(),
    });
    // Without it every second answer waits 40 ms for the client's delayed ACK, and the floor would be a cellar.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("floor: {error}");
        }
    });
    let app = axum::Router::new().route("/mcp", post(call)).with_state(floor);
    Ok(axum::serve(listener, app).await?)
}

async fn call(State(floor): State<Arc<Floor>>, body: Bytes) -> Response {
    match floor.pass(&body).await {
        Ok(json) => ([(CONTENT_TYPE, "application/json")], json).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

impl Floor {
    async fn pass(&self, body: &[u8]) -> Result<Vec<u8>> {
        let call: Call<'_> = serde_json::from_slice(body)?;
        let ask =
            self.http.post(&self.search).header(CONTENT_TYPE, "application/json").body(self.ask.clone());
        let rows = ask.send().await?.error_for_status()?.bytes().await?;
        let content = [Text { r#type: "text", text: str::from_utf8(&rows)? }];
        let result = Passed { content, is_error: false };
        Ok(serde_json::to_vec(&Answer { jsonrpc: "2.0", id: call.id, result })?)
    }
}

fn end_with_the_run() {
    let _end = std::io::stdin().lock().read_to_end(&mut Vec::new());
    std::process::exit(0);
}
