//! Clients: one that sees whole answers, one that sees bytes.

use std::io::ErrorKind;

use sandbox::{Entry, Options, Running};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::notes;

/// A started simulator of notes and a client with its ready token.
pub(crate) struct Site {
    pub(crate) running: Running,
    pub(crate) http: reqwest::Client,
}

/// An answer as the client got it.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

/// What arrived on a raw connection, and how it ended; `None` for an orderly end.
pub(crate) struct Raw {
    pub(crate) text: String,
    pub(crate) broken: Option<ErrorKind>,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Site {
    pub(crate) async fn start() -> Self {
        let running = notes::simulator().start(Options::default()).await.unwrap();
        Self { running, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    pub(crate) fn token(&self) -> &str {
        self.running.access_token.as_deref().unwrap()
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Got {
        sent(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.send(self.http.get(format!("{}{path}", self.running.base_url)).bearer_auth(self.token())).await
    }

    pub(crate) async fn create(&self, text: &str) -> Got {
        let body = serde_json::json!({ "text": text }).to_string();
        let url = format!("{}/notes", self.running.base_url);
        self.send(self.http.post(url).bearer_auth(self.token()).body(body)).await
    }

    /// A request to the control plane.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &str) -> Got {
        let url = format!("{}{path}", self.running.control_url);
        self.send(self.http.request(method.parse().unwrap(), url).body(body.to_owned())).await
    }

    pub(crate) async fn log(&self) -> Vec<Entry> {
        let log = self.control("GET", "log", "").await;
        serde_json::from_str(&log.text).unwrap()
    }

    /// How many notes there are.
    pub(crate) async fn count(&self) -> u64 {
        self.get("/export").await.json()["total"].as_u64().unwrap()
    }

    /// Sends a request on a connection of its own.
    pub(crate) async fn connect(&self, method: &str, path: &str, body: &str) -> TcpStream {
        let mut socket = TcpStream::connect(self.running.addr).await.unwrap();
        let (token, length) = (self.token(), body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        socket
    }

    /// Sends a request and takes whatever comes.
    pub(crate) async fn raw(&self, method: &str, path: &str, body: &str) -> Raw {
        drained(self.connect(method, path, body).await).await
    }
}

pub(crate) async fn sent(request: reqwest::RequestBuilder) -> Got {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Got { status, headers, text: response.text().await.unwrap() }
}

/// Reads until the other side ends it.
pub(crate) async fn drained(mut socket: TcpStream) -> Raw {
    let mut bytes = Vec::new();
    let end = socket.read_to_end(&mut bytes).await;
    Raw { text: String::from_utf8_lossy(&bytes).into_owned(), broken: end.err().map(|fault| fault.kind()) }
}
