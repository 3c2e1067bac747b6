//! The floor: the least a server can do for a search call. It reads JSON-RPC, asks the vendor and passes the
//! vendor's body on as text: no protocol checks, no schema, no policy, no audit, no resilience.

use std::io::Read;
use std::sync::Arc;

use axum::Router;
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
        serve_until_the_end(app(&self.vendor)?)
    }
}

/// The one question all floors ask the vendor.
pub(super) struct Search {
    http: reqwest::Client,
    url: String,
    body: Bytes,
}

impl Search {
    /// Asks the vendor at this base URL.
    pub(super) fn at(vendor: &str) -> Result<Self> {
        let jql = format!("project = {} ORDER BY updated DESC", rows::PROJECT);
        let body = serde_json::json!({ "jql": jql, "maxResults": 10, "fields": ["*all"] });
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().build()?,
            url: format!("{vendor}/rest/api/3/search/jql"),
            body: body.to_string().into(),
        })
    }

    /// The vendor's answer as it came.
    pub(super) async fn ask(&self) -> Result<Bytes> {
        let ask = self.http.post(&self.url).header(CONTENT_TYPE, "application/json").body(self.body.clone());
        Ok(ask.send().await?.error_for_status()?.bytes().await?)
    }
}

/// Serves `app` on a free port of loopback until standard input ends.
pub(super) fn serve_until_the_end(app: Router) -> Result {
    process::raise_file_limit();
    std::thread::spawn(end_with_the_run);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        Listening::at(listener.local_addr()?).announce()?;
        serve(listener, app).await
    })
}

/// Answers whoever comes.
pub(super) async fn serve(listener: TcpListener, app: Router) -> Result {
    // Without it every second answer waits 40 ms for the client's delayed ACK, and the floor would be a cellar.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("floor: {error}");
        }
    });
    Ok(axum::serve(listener, app).await?)
}

/// The floor in front of the vendor at this base URL.
pub(super) fn app(vendor: &str) -> Result<Router> {
    Ok(Router::new().route("/mcp", post(call)).with_state(Arc::new(Search::at(vendor)?)))
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

async fn call(State(search): State<Arc<Search>>, body: Bytes) -> Response {
    match pass(&search, &body).await {
        Ok(json) => ([(CONTENT_TYPE, "application/json")], json).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn pass(search: &Search, body: &[u8]) -> Result<Vec<u8>> {
    let call: Call<'_> = serde_json::from_slice(body)?;
    let rows = search.ask().await?;
    let content = [Text { r#type: "text", text: str::from_utf8(&rows)? }];
    let result = Passed { content, is_error: false };
    Ok(serde_json::to_vec(&Answer { jsonrpc: "2.0", id: call.id, result })?)
}

fn end_with_the_run() {
    let _end = std::io::stdin().lock().read_to_end(&mut Vec::new());
    std::process::exit(0);
}
