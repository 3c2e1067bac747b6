//! The sockets: accepting, and coming to an end without losing anything.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use call::CancellationToken;
use error::{Error, Result};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::Endpoint;
use super::connection::{Ending, attend};
use super::meters::OneMore;
use crate::tls::Tls;

/// A bound socket that does not accept yet.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

/// How a drain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Everything that was in flight got its answer.
    Complete,
    /// Time ran out; what was left was told so and cancelled.
    Cut,
}

/// Connections the kernel holds for us between two accepts: a burst of clients is queued, not refused.
const BACKLOG: u32 = 4096;

/// What an ended connection may take to hand its last bytes to the kernel.
const FLUSH: Duration = Duration::from_secs(1);

impl Listener {
    /// Binds `address`; port 0 takes a free one.
    pub fn bind(address: SocketAddr) -> Result<Self> {
        let bound = listen(address).and_then(|socket| Ok((socket.local_addr()?, socket)));
        let (address, socket) = bound.map_err(|e| {
            Error::invalid("server.listen", format!("cannot listen on {address}: {}", e.kind()))
                .hint("choose a free port and an address of this machine")
                .source(e)
        })?;
        Ok(Self { socket, address })
    }

    /// Where it is bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `endpoint` until `stop`, then drains: no new connections, requests in flight run to their end within
    /// [`super::Limits::drain`], kept-alive connections are told to close. Only what is left then is cut off.
    pub async fn serve(self, endpoint: Endpoint, tls: Option<Tls>, stop: CancellationToken) -> Drained {
        let hall = Hall::new(endpoint, tls, stop.clone());
        loop {
            let accepted = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                accepted = accept(&self.socket) => accepted,
            };
            match accepted {
                Ok((stream, address)) => hall.welcome(stream, address),
                Err(error) => pause_after(&error).await,
            }
        }
        // From here on the kernel refuses new clients, who go elsewhere.
        drop(self.socket);
        hall.empty().await
    }
}

/// The connections of a listener.
pub(super) struct Hall {
    places: Arc<Semaphore>,
    pub(super) guests: TaskTracker,
    pub(super) ending: Ending,
    pub(super) endpoint: Endpoint,
    tls: Option<Tls>,
}

impl Hall {
    pub(super) fn new(endpoint: Endpoint, tls: Option<Tls>, stop: CancellationToken) -> Self {
        let places = Arc::new(Semaphore::new(endpoint.limits().connections));
        Self { places, guests: TaskTracker::new(), ending: Ending::new(stop), endpoint, tls }
    }

    fn welcome(&self, stream: TcpStream, address: SocketAddr) {
        if !self.endpoint.peers().may_connect(address) {
            return;
        }
        let visit = self.endpoint.peers().visit(address);
        let (Some(visit), Ok(place)) = (visit, Arc::clone(&self.places).try_acquire_owned()) else {
            // Closed without a word: a reply would need what we have run out of.
            self.endpoint.meters().turned_away.increment(1);
            return;
        };
        let one_more = OneMore::of(&self.endpoint.meters().connections);
        let (endpoint, ending, tls) = (self.endpoint.clone(), self.ending.clone(), self.tls.clone());
        self.guests.spawn(async move {
            let _until_it_ends = (place, visit, one_more);
            attend(stream, address, tls, endpoint, ending).await;
        });
    }

    /// Waits for the last answer to be taken, and sends everybody else away.
    pub(super) async fn empty(self) -> Drained {
        self.guests.close();
        self.ending.unsent.close();
        let orderly = async {
            self.endpoint.quiet().await;
            // A request may have come in on an open connection while the last answer went out.
            let _left = tokio::time::timeout(FLUSH, self.guests.wait()).await;
            self.endpoint.quiet().await;
            // Whoever rests or dawdles has had its time; whoever is still taking an answer has all that is left.
            self.ending.unsent.wait().await;
        };
        let orderly = tokio::time::timeout(self.endpoint.limits().drain, orderly).await;
        self.endpoint.cut();
        if orderly.is_err() {
            let _told = tokio::time::timeout(FLUSH, self.guests.wait()).await;
        }
        self.ending.hang_up.cancel();
        self.guests.wait().await;
        if orderly.is_ok() { Drained::Complete } else { Drained::Cut }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart must not wait for the connections of the process before it. On Windows the option means
    // something else: that another process may take the port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts a connection that sends what it has at once: with Nagle's algorithm an answer in several writes waits
/// for the client's delayed ACK, 40 ms each time.
pub(super) async fn accept(socket: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (stream, address) = socket.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, address))
}

/// A client that left early concerns only itself. Everything else (no more files, no more memory) passes with
/// time, and accepting in a tight loop would only burn it.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, InvalidInput};
    if !matches!(error.kind(), ConnectionAborted | ConnectionReset | InvalidInput) {
        tracing::error!(%error, "cannot accept connections");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
