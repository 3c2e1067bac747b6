//! The vendor: a Jira that answers at once, late, with 503 or never, as the run tells it on standard input.
//!
//! It lives as long as its standard input is open, so it never outlives the run.

mod behavior;
mod search;

use std::convert::Infallible;
use std::io::BufRead;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Uri, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use super::process::{self, Listening};
use super::rows;
use crate::Result;

pub(super) use behavior::{Behavior, Fault, Kind};
use search::Search;

/// No arguments: everything is told on standard input, one [`Behavior`] a line, each answered by a [`Told`].
#[derive(clap::Args)]
pub(super) struct Args {}

/// The answer to a new behavior.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Told {
    /// When it began to hold, in milliseconds since 1970.
    pub(super) at_unix_ms: f64,
    /// Searches that came in since the process began.
    pub(super) searches: u64,
}

impl Args {
    /// Serves until standard input ends.
    pub(super) fn run(self) -> Result {
        process::raise_file_limit();
        let vendor = Arc::new(Vendor::new());
        let told = Arc::clone(&vendor);
        std::thread::spawn(move || obey(&told));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            Listening::at(listener.local_addr()?).announce()?;
            serve(listener, vendor).await
        })
    }
}

/// The vendor itself.
pub(super) struct Vendor {
    now: Mutex<(Instant, Behavior)>,
    searches: AtomicU64,
    cloud: Search,
    data_center: Search,
}

impl Vendor {
    pub(super) fn new() -> Self {
        Self {
            now: Mutex::new((Instant::now(), Behavior::default())),
            searches: AtomicU64::new(0),
            cloud: Search::over(rows::cloud()),
            data_center: Search::over(rows::data_center()),
        }
    }

    /// Behaves like this from now on.
    pub(super) fn behave(&self, behavior: Behavior) -> Told {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = (Instant::now(), behavior);
        Told { at_unix_ms: process::unix_ms(), searches: self.searches.load(Ordering::Relaxed) }
    }

    async fn answer(&self, ask: Request<Incoming>) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
        let (head, body) = ask.into_parts();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let path = head.uri.path();
        let is_search = path.ends_with("/search/jql") || path.ends_with("/api/2/search");
        if is_search {
            self.searches.fetch_add(1, Ordering::Relaxed);
        }
        let (delay, fault) = {
            let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
            (now.1.delay(), now.1.fault_at(now.0.elapsed()))
        };
        match fault {
            Some(Kind::Hang) => std::future::pending().await,
            Some(Kind::Unavailable) => {
                let body = json!({ "errorMessages": ["The service is unavailable."], "errors": {} });
                return Ok(reply(StatusCode::SERVICE_UNAVAILABLE, body.to_string().into()));
            }
            None if delay.is_zero() => {}
            None => tokio::time::sleep(delay).await,
        }
        Ok(self.route(&head.method, &head.uri, &body))
    }

    fn route(&self, method: &Method, uri: &Uri, body: &Bytes) -> Response<Full<Bytes>> {
        let path = uri.path();
        let known = match path {
            "/rest/api/3/search/jql" => return reply(StatusCode::OK, self.cloud.answer(uri, body)),
            "/rest/api/2/search" => return reply(StatusCode::OK, self.data_center.answer(uri, body)),
            _ => known(path),
        };
        if let Some(body) = known {
            return reply(StatusCode::OK, body.to_string().into());
        }
        eprintln!("mock: nothing at {method} {path}");
        let body = json!({ "errorMessages": ["Nothing is here."], "errors": {} });
        reply(StatusCode::NOT_FOUND, body.to_string().into())
    }
}

/// What clients read before they search: the same at both versions of the API.
fn known(path: &str) -> Option<Value> {
    let operation = path.strip_prefix("/rest/api/3/").or_else(|| path.strip_prefix("/rest/api/2/"))?;
    match operation {
        "project/search" => Some(json!({
            "startAt": 0, "maxResults": 50, "total": 1, "isLast": true, "values": [rows::project()],
        })),
        "project" => Some(json!([rows::project()])),
        "myself" => Some(rows::myself()),
        "field" => Some(json!([
            { "id": "summary", "key": "summary", "name": "Summary", "custom": false, "schema": { "type": "string" } },
        ])),
        "priority" => Some(rows::priorities()),
        "priority/search" => Some(
            json!({ "startAt": 0, "maxResults": 50, "total": 5, "isLast": true, "values": rows::priorities() }),
        ),
        "search/approximate-count" => Some(json!({ "count": 10 })),
        "serverInfo" => Some(json!({
            "baseUrl": "https://bench.atlassian.net", "version": "1001.0.0-SNAPSHOT", "deploymentType": "Cloud",
        })),
        _ => None,
    }
}

fn reply(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = status;
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json;charset=UTF-8"));
    reply
}

/// Answers whoever comes.
pub(super) async fn serve(listener: TcpListener, vendor: Arc<Vendor>) -> Result {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(attend(stream, Arc::clone(&vendor)));
    }
}

async fn attend(stream: TcpStream, vendor: Arc<Vendor>) {
    let service = service_fn(move |ask| {
        let vendor = Arc::clone(&vendor);
        async move { vendor.answer(ask).await }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    // A client that goes away mid-call is the client's business.
    let _ended = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}

/// Takes orders until there can be no more.
fn obey(vendor: &Vendor) {
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        match serde_json::from_str(&line) {
            Ok(behavior) => println!("{}", json!(vendor.behave(behavior))),
            Err(error) => eprintln!("mock: not a behavior: {error}"),
        }
    }
    std::process::exit(0);
}
