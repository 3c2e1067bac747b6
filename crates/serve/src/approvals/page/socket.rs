//! The page's listener: few connections, short heads, and the same TLS as the MCP listener.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use call::CancellationToken;
use error::{Error, Result};
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use identity::Certificate;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use super::{Room, routes};
use crate::http::Peer;
use crate::tls::{Tls, shown};

/// Open connections; one more is closed at once. Approvers are people, and few.
const CONNECTIONS: usize = 256;

/// For the head of a request, the handshake likewise, and how long a connection may rest.
const HEAD: Duration = Duration::from_secs(10);

/// Bound, and not serving yet.
#[derive(Debug)]
pub(crate) struct Socket {
    socket: TcpListener,
    address: SocketAddr,
}

impl Socket {
    /// Binds `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// `invalid_argument` when the address cannot be bound.
    pub(crate) async fn bind(address: SocketAddr) -> Result<Self> {
        let bound = TcpListener::bind(address).await.and_then(|socket| Ok((socket.local_addr()?, socket)));
        let (address, socket) = bound.map_err(|e| {
            Error::invalid("approvals.listen", format!("cannot listen on {address}: {}", e.kind()))
                .hint("choose a free port and an address of this machine")
                .source(e)
        })?;
        Ok(Self { socket, address })
    }

    /// Where it is bound.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves the page until `stop`.
    pub(crate) async fn serve(self, room: Room, tls: Option<Tls>, stop: CancellationToken) {
        let (peers, places) = (Arc::clone(room.peers()), Arc::new(Semaphore::new(CONNECTIONS)));
        let routes = routes(Arc::new(room));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = self.socket.accept() => accepted,
            };
            let (stream, address) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::debug!(%error, "the page could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            };
            if !peers.may_connect(address) {
                continue;
            }
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
            let (routes, tls, stop) = (routes.clone(), tls.clone(), stop.clone());
            tokio::spawn(async move {
                let _until_it_ends = place;
                attend(stream, address, tls, routes, stop).await;
            });
        }
    }
}

/// Who is at the other end.
struct Guest {
    peer: Peer,
    certificate: Option<Arc<Certificate>>,
}

async fn attend(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<Tls>,
    routes: Router,
    stop: CancellationToken,
) {
    let Some(tls) = tls else {
        let guest = Guest { peer: Peer { address, tls: false }, certificate: None };
        return converse(stream, guest, routes, stop).await;
    };
    match tokio::time::timeout(HEAD, tls.accept(stream)).await {
        Ok(Ok(stream)) => {
            let guest = Guest { peer: Peer { address, tls: true }, certificate: shown(&stream) };
            converse(stream, guest, routes, stop).await;
        }
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake with the page failed"),
        Err(_) => tracing::debug!("a TLS handshake with the page took too long"),
    }
}

async fn converse<T>(io: T, guest: Guest, routes: Router, stop: CancellationToken)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(guest.peer);
        if let Some(certificate) = &guest.certificate {
            request.extensions_mut().insert(Arc::clone(certificate));
        }
        routes.clone().oneshot(request.map(axum::body::Body::new))
    });
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(16 << 10)
            .serve_connection(TokioIo::new(io), service)
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the page ended early");
    }
}
