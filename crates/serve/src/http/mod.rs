//! Our transport: MCP over HTTP around any rmcp `ServerHandler`.
//!
//! [`mount`] puts a guard in front of rmcp's Streamable HTTP service; [`Listener`] owns the sockets below it.
//! Every answer is stateless, so any replica serves any request, for MCP 2026-07-28 and the handshake revisions
//! before it. A guarded request reaches the handler with its [`Peer`], and behind a [`Gate`] its `Arc<call::Caller>`, in
//! the extensions of its `http::request::Parts`.

mod conduit;
mod connection;
mod endpoint;
mod file_limit;
mod gate;
mod held;
mod listener;
mod meters;
mod peers;
mod refusal;
mod trust;
mod visits;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rmcp::ServerHandler;

pub(crate) use conduit::Patience;
pub(crate) use connection::{Ending, Host, attend};
pub use endpoint::Endpoint;
pub use file_limit::check_file_limit;
pub use gate::{Gate, Needs, Pace};
pub use listener::{Drained, Listener};
pub use meters::describe;
pub(crate) use peers::Peers;
pub use peers::{PeerLimits, PeerRate};
pub(crate) use trust::Trust;

/// The path MCP is served at; every other path is unknown.
pub const PATH: &str = "/mcp";

/// Guards `handler` and makes it ready for a [`Listener`]. The handler is cloned for each request: keep its
/// state behind an `Arc`.
///
/// Metrics go to the recorder that is installed when this is called.
pub fn mount<H>(handler: H, config: Config) -> Endpoint
where
    H: ServerHandler + Clone + Send + Sync + 'static,
{
    Endpoint::new(handler, config)
}

/// Whom the transport answers, and how much of anything it takes. The default is fit for production.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Host names this server goes by besides the loopback names, as clients write them in `Host`: a name, or
    /// `name:port` to insist on the port. Everything else is refused, against DNS rebinding.
    pub hosts: Vec<String>,
    /// Web origins allowed besides the loopback ones: `https://app.example.com`, or `https://app.example.com:*`
    /// for any port. A request without `Origin` does not come from a browser and passes.
    pub origins: Vec<String>,
    /// How much of anything is taken.
    pub limits: Limits,
    /// From where requests may come, and how often.
    pub peers: PeerLimits,
    /// Who tells callers apart; none: nobody does, and whoever reaches the server may call.
    pub gate: Option<Arc<Gate>>,
}

/// How much of anything the transport takes.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections; one more is closed at once. 12,000.
    pub connections: usize,
    /// Requests being answered at the same time; one more gets 503 and `Retry-After`. 2,048.
    pub in_flight: usize,
    /// Bytes of one request body; more is 413. 2 MiB: what is too long to be an argument is told so by its tool.
    pub body: usize,
    /// Bytes of all request bodies held at the same time; more is 503. 64 MiB.
    pub bodies: usize,
    /// Nesting of a request's JSON; deeper is 400. 64.
    pub depth: usize,
    /// From the first byte of a request's head to its last, the TLS handshake likewise, and the wait for the
    /// first request of a new connection. 10 s.
    pub head: Duration,
    /// From the end of a request's head to the end of its body. 15 s.
    pub upload: Duration,
    /// How long a connection may rest between requests. 120 s.
    pub idle: Duration,
    /// How long a client may refuse to take the bytes of an answer. 30 s.
    pub stall: Duration,
    /// The last resort for a call that is never answered; the tool stack's own deadlines are shorter. 60 s.
    pub answer: Duration,
    /// How long calls in flight may take to end at shutdown, below the 30 s that orchestrators grant. 25 s.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 12_000,
            in_flight: 2_048,
            body: 2 << 20,
            bodies: 64 << 20,
            depth: 64,
            head: Duration::from_secs(10),
            upload: Duration::from_secs(15),
            idle: Duration::from_secs(120),
            stall: Duration::from_secs(30),
            answer: Duration::from_secs(60),
            drain: Duration::from_secs(25),
        }
    }
}

/// The other end of a request's connection, in the extensions of its `http::request::Parts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address. Behind a proxy this is the proxy's.
    pub address: SocketAddr,
    /// Whether this process terminated TLS.
    pub tls: bool,
}
