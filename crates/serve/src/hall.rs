//! A listener beside MCP's, for probes or for people: few connections, short heads, and an end that waits for whoever
//! is still there.

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
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::http::Peer;
use crate::tls::{Tls, shown};

/// Open connections; one more is closed at once. Approvers and probes are few.
const CONNECTIONS: usize = 256;

/// For the head of a request, the handshake likewise, and how long a connection may rest.
const HEAD: Duration = Duration::from_secs(10);

/// What those who are still there may take once nobody is let in any more.
pub(crate) const LEAVING: Duration = Duration::from_secs(5);

/// Bound, and not serving yet.
#[derive(Debug)]
pub(crate) struct Hall {
    socket: TcpListener,
    address: SocketAddr,
}

impl Hall {
    /// Binds `address`, which the configuration says at `key`; port 0 takes a free one.
    ///
    /// # Errors
    /// `invalid_argument` when the address cannot be bound.
    pub(crate) async fn bind(key: &str, address: SocketAddr) -> Result<Self> {
        let bound = TcpListener::bind(address).await.and_then(|socket| Ok((socket.local_addr()?, socket)));
        let (address, socket) = bound.map_err(|e| {
            Error::invalid(key, format!("cannot listen on {address}: {}", e.kind()))
                .hint("choose a free port and an address of this machine")
                .source(e)
        })?;
        Ok(Self { socket, address })
    }

    /// Where it is bound.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `routes` to whom `may_connect` lets in until `stop`, and then until the last of them has left, for as long
    /// as [`LEAVING`].
    pub(crate) async fn serve(
        self,
        routes: Router,
        tls: Option<Tls>,
        may_connect: impl Fn(SocketAddr) -> bool,
        stop: CancellationToken,
    ) {
        let (places, guests) = (Arc::new(Semaphore::new(CONNECTIONS)), TaskTracker::new());
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.socket.accept() => accepted,
            };
            let (stream, address) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::debug!(%error, at = %self.address, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            };
            if !may_connect(address) {
                continue;
            }
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
            let (routes, tls, stop) = (routes.clone(), tls.clone(), stop.clone());
            guests.spawn(async move {
                let _until_it_ends = place;
                attend(stream, address, tls, routes, stop).await;
            });
        }
        drop(self.socket);
        guests.close();
        let _left = tokio::time::timeout(LEAVING, guests.wait()).await;
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
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(HEAD, tls.accept(stream)) => shaken,
        () = stop.cancelled() => return,
    };
    match shaken {
        Ok(Ok(stream)) => {
            let guest = Guest { peer: Peer { address, tls: true }, certificate: shown(&stream) };
            converse(stream, guest, routes, stop).await;
        }
        Ok(Err(error)) => tracing::debug!(peer = %address, %error, "a TLS handshake failed"),
        Err(_) => tracing::debug!(peer = %address, "a TLS handshake took too long"),
    }
}

async fn converse<T>(io: T, guest: Guest, routes: Router, stop: CancellationToken)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let address = guest.peer.address;
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
        tracing::debug!(peer = %address, %error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests;
