//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
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
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;

use super::Peer;
use super::conduit::{Conduit, Patience, Turn, Turns};
use super::held::Held;
use crate::tls::{Tls, shown};

/// Who answers the requests of a connection.
pub(crate) trait Host: Clone + Send + Sync + 'static {
    /// The bodies of its answers.
    type Body: http_body::Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static;

    /// Bytes of a request's head; longer ones get 431. It is also the most that is read ahead of a body.
    const HEAD_BYTES: usize;

    /// How long it waits for its client.
    fn patience(&self) -> Patience;

    /// Answers one request.
    fn answer(&self, request: Request<Incoming>) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// How a connection is told to end.
#[derive(Clone)]
pub(crate) struct Ending {
    /// After the request it is answering.
    drain: CancellationToken,
    /// At once.
    pub(crate) hang_up: CancellationToken,
    /// Has a token of every connection whose client has not taken all that was written to it.
    pub(super) unsent: TaskTracker,
}

impl Ending {
    pub(crate) fn new(drain: CancellationToken) -> Self {
        Self { drain, hang_up: CancellationToken::new(), unsent: TaskTracker::new() }
    }
}

/// Who is at the other end.
#[derive(Clone)]
pub(super) struct Guest {
    pub(super) peer: Peer,
    /// What the client showed in the TLS handshake.
    pub(super) certificate: Option<Arc<Certificate>>,
}

/// Serves a client that connected, after its handshake where there is `tls`.
pub(crate) async fn attend<H: Host>(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<Tls>,
    host: H,
    ending: Ending,
) {
    let Some(tls) = tls else {
        let guest = Guest { peer: Peer { address, tls: false }, certificate: None };
        return serve(stream, guest, host, ending).await;
    };
    let handshake = tokio::time::timeout(host.patience().head, tls.accept(stream));
    let shaken = tokio::select! {
        shaken = handshake => shaken,
        () = ending.drain.cancelled() => return,
    };
    match shaken {
        Ok(Ok(stream)) => {
            let guest = Guest { peer: Peer { address, tls: true }, certificate: shown(&stream) };
            serve(stream, guest, host, ending).await;
        }
        Ok(Err(error)) => tracing::debug!(peer = %address, %error, "a TLS handshake failed"),
        Err(_) => tracing::debug!(peer = %address, "a TLS handshake took too long"),
    }
}

/// Serves requests on `io` until the client leaves, is too slow, or `ending` comes.
pub(super) async fn serve<T, H>(io: T, guest: Guest, host: H, ending: Ending)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Host,
{
    let turns = Turns::new();
    let conduit = Conduit::new(io, host.patience(), turns.clone(), ending.unsent.clone());
    let peer = guest.peer;
    let service = service_fn(move |request| {
        let turn = turns.begin();
        let (host, guest) = (host.clone(), guest.clone());
        async move { Ok::<_, Infallible>(respond(&host, guest, request, turn).await) }
    });
    let mut connection = pin!(
        http1::Builder::new()
            // The conduit keeps the time, see there.
            .header_read_timeout(None)
            .max_buf_size(H::HEAD_BYTES)
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

async fn respond<H: Host>(
    host: &H,
    guest: Guest,
    mut request: Request<Incoming>,
    turn: Turn,
) -> Response<Held<H::Body, Turn>> {
    request.extensions_mut().insert(guest.peer);
    if let Some(certificate) = guest.certificate {
        request.extensions_mut().insert(certificate);
    }
    host.answer(request).await.map(|body| Held { body, _guard: turn })
}
