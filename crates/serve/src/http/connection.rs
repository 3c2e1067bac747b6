//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use call::CancellationToken;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use identity::Certificate;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::task::TaskTracker;

use super::conduit::{Conduit, Patience, Turn, Turns};
use super::held::Held;
use super::refusal::Body;
use super::{Endpoint, Peer};

/// How a connection is told to end.
#[derive(Clone)]
pub(super) struct Ending {
    /// After the request it is answering.
    pub(super) drain: CancellationToken,
    /// At once.
    pub(super) hang_up: CancellationToken,
    /// Has a token of every connection whose client has not taken all that was written to it.
    pub(super) unsent: TaskTracker,
}

impl Ending {
    pub(super) fn new(drain: CancellationToken) -> Self {
        Self { drain, hang_up: CancellationToken::new(), unsent: TaskTracker::new() }
    }
}

/// Bytes of a request's head; longer ones get 431. It is also the most that is read ahead of a body.
const HEAD_BYTES: usize = 64 << 10;

/// Who is at the other end.
#[derive(Clone)]
pub(super) struct Guest {
    pub(super) peer: Peer,
    /// What the client showed in the TLS handshake.
    pub(super) certificate: Option<Arc<Certificate>>,
}

/// Serves requests on `io` until the client leaves, is too slow, or `ending` comes.
pub(super) async fn serve<T>(io: T, guest: Guest, endpoint: Endpoint, ending: Ending)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = endpoint.limits();
    let patience = Patience { head: limits.head, idle: limits.idle, stall: limits.stall };
    let turns = Turns::new();
    let conduit = Conduit::new(io, patience, turns.clone(), ending.unsent.clone());
    let peer = guest.peer;
    let service = service_fn(move |request| {
        let turn = turns.begin();
        let (endpoint, guest) = (endpoint.clone(), guest.clone());
        async move { Ok::<_, Infallible>(respond(&endpoint, guest, request, turn).await) }
    });
    let mut connection = pin!(
        http1::Builder::new()
            // The conduit keeps the time, see there.
            .header_read_timeout(None)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(conduit), service)
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = ending.drain.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection => ended,
                () = ending.hang_up.cancelled() => Ok(()),
            }
        }
    };
    if let Err(error) = ended {
        // Clients that leave or dawdle are everyday; nothing of it is for the operator.
        tracing::debug!(peer = %peer.address, %error, "a connection ended early");
    }
}

async fn respond(
    endpoint: &Endpoint,
    guest: Guest,
    mut request: Request<Incoming>,
    turn: Turn,
) -> Response<Held<Body, Turn>> {
    request.extensions_mut().insert(guest.peer);
    if let Some(certificate) = guest.certificate {
        request.extensions_mut().insert(certificate);
    }
    endpoint.handle(request).await.map(|body| Held { body, _guard: turn })
}
