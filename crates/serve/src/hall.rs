//! A listener beside MCP's, for probes or for people: few connections, short heads, and an end that waits for whoever
//! is still there.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use call::CancellationToken;
use error::{Error, Result};
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::http::{Ending, Host, Patience, attend};
use crate::tls::Tls;

/// Open connections; one more is closed at once. Approvers and probes are few.
const CONNECTIONS: usize = 256;

/// For whatever a client owes: its handshake, the head of a request, the next request, to take an answer.
const WAIT: Duration = Duration::from_secs(10);

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
        let ending = Ending::new(stop.clone());
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
            let (routes, tls, ending) = (routes.clone(), tls.clone(), ending.clone());
            guests.spawn(async move {
                let _until_it_ends = place;
                attend(stream, address, tls, routes, ending).await;
            });
        }
        drop(self.socket);
        guests.close();
        let _left = tokio::time::timeout(LEAVING, guests.wait()).await;
        ending.hang_up.cancel();
    }
}

impl Host for Router {
    type Body = axum::body::Body;

    const HEAD_BYTES: usize = 16 << 10;

    fn patience(&self) -> Patience {
        Patience { head: WAIT, idle: WAIT, stall: WAIT }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Self::Body> {
        let Ok(response) = self.clone().oneshot(request.map(axum::body::Body::new)).await;
        response
    }
}

#[cfg(test)]
mod tests;
