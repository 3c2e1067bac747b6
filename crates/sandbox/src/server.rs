//! A simulator on a real socket.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::engine::Engine;
use crate::wire::{Delivery, Line, Step, play};
use crate::{Answer, Control, Credential, control, keys, tls};

/// The longest request body, in bytes.
const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// A client must send its request head within this time.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the listener rests when the process has no file descriptor left.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);

/// Where and how to serve.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Serve TLS with the demo certificate, which [`keys::CA_CERTIFICATE`] vouches for.
    pub tls: bool,
}

/// Where a simulator is and how to sign in: what a client of it has to know.
#[derive(Clone, Debug, Serialize)]
pub struct Directions {
    /// The vendor's name.
    pub vendor: &'static str,
    /// What a source's `base_url` is set to.
    pub base_url: String,
    /// The token endpoint, if the vendor has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_url: Option<String>,
    /// The control plane, with a slash at the end.
    pub control_url: String,
    /// The demo credentials of every way in.
    pub credentials: Vec<Credential>,
    /// A token that is valid now and after every reset, for clients that bring their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
}

impl Directions {
    /// To `engine` serving at `origin`: `http://127.0.0.1:4711`.
    pub(crate) fn to(engine: &Engine, origin: &str) -> Self {
        Self {
            vendor: engine.vendor,
            base_url: format!("{origin}{}", engine.base_path),
            token_url: engine.token_path.as_ref().map(|path| format!("{origin}{path}")),
            control_url: format!("{origin}{}", control::ROOT),
            credentials: engine.credentials.clone(),
            access_token: engine.ready_token.clone(),
        }
    }
}

/// A serving simulator. As JSON it is what `sandbox VENDOR` prints. Dropping it ends the service at once.
#[derive(Serialize)]
pub struct Running {
    /// The bound address.
    pub addr: SocketAddr,
    /// Where it is and how to sign in.
    #[serde(flatten)]
    pub directions: Directions,
    /// The certificate to trust when serving TLS, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_certificate: Option<&'static str>,
    /// The control plane from inside the process.
    #[serde(skip)]
    pub control: Control,
    #[serde(skip)]
    tasks: TaskTracker,
    #[serde(skip)]
    stop: DropGuard,
}

impl std::ops::Deref for Running {
    type Target = Directions;

    fn deref(&self) -> &Directions {
        &self.directions
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), tls: false }
    }
}

impl Running {
    pub(crate) async fn start(engine: Arc<Engine>, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen).await?;
        let addr = listener.local_addr()?;
        let acceptor = options.tls.then(tls::acceptor).transpose()?;
        let origin = format!("{}://{}", scheme(options.tls), reachable(addr));
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let door = Door { engine: engine.clone(), acceptor, tasks: tasks.clone(), stop: stop.clone() };
        tasks.spawn(door.accept(listener));
        Ok(Self {
            addr,
            directions: Directions::to(&engine, &origin),
            ca_certificate: options.tls.then_some(keys::CA_CERTIFICATE),
            control: Control { engine },
            tasks,
            stop: stop.drop_guard(),
        })
    }

    /// Closes the listener and every connection, and waits until they are gone.
    pub async fn stop(self) {
        drop(self.stop);
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// What the listener and its connections share.
#[derive(Clone)]
struct Door {
    engine: Arc<Engine>,
    acceptor: Option<TlsAcceptor>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Door {
    async fn accept(self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((socket, peer)) => {
                    let (door, stop) = (self.clone(), self.stop.clone());
                    self.tasks.spawn(async move {
                        tokio::select! {
                            () = stop.cancelled() => {}
                            () = door.welcome(socket, peer) => {}
                        }
                    });
                }
                Err(fault) => {
                    tracing::warn!(%fault, "a simulator cannot accept a connection");
                    tokio::time::sleep(AFTER_FAILED_ACCEPT).await;
                }
            }
        }
    }

    async fn welcome(self, socket: TcpStream, peer: SocketAddr) {
        // Without it a small answer waits 40 ms for the client's delayed acknowledgment.
        if let Err(fault) = socket.set_nodelay(true) {
            tracing::debug!(%fault, "a connection was gone before it began");
            return;
        }
        match &self.acceptor {
            None => converse(self.engine, socket, peer, false).await,
            Some(acceptor) => match acceptor.accept(socket).await {
                Ok(line) => converse(self.engine, line, peer, true).await,
                Err(fault) => tracing::debug!(%fault, "a TLS handshake failed"),
            },
        }
    }
}

/// Serves HTTP on one connection, until the client leaves or a fault takes the connection over.
async fn converse<L: Line>(engine: Arc<Engine>, line: L, peer: SocketAddr, tls: bool) {
    let (hijack, mut hijacked) = mpsc::channel::<Vec<Step>>(1);
    let service = service_fn(move |request| {
        let (engine, hijack) = (engine.clone(), hijack.clone());
        async move {
            let delivery = received(&engine, request, peer.ip(), tls).await?;
            Ok::<_, hyper::Error>(delivered(delivery, &hijack).await)
        }
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(line), service);
    tokio::select! {
        ended = &mut connection => if let Err(fault) = ended {
            tracing::debug!(%fault, "a connection ended early");
        },
        Some(steps) = hijacked.recv() => play(connection.into_parts().io.into_inner(), steps).await,
    }
}

async fn received(
    engine: &Arc<Engine>,
    request: Request<Incoming>,
    peer: IpAddr,
    tls: bool,
) -> Result<Delivery, hyper::Error> {
    let (head, body) = request.into_parts();
    let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let origin = format!("{}://{host}", scheme(tls));
    match Limited::new(body, LONGEST_BODY).collect().await {
        Ok(body) => Ok(engine.handle(Request::from_parts(head, body.to_bytes()), peer, origin)),
        Err(fault) if fault.is::<LengthLimitError>() => {
            Ok(Delivery::Answer(engine.too_large(Request::from_parts(head, Bytes::new()), origin)))
        }
        Err(fault) => match fault.downcast::<hyper::Error>() {
            Ok(fault) => Err(*fault),
            Err(_) => Ok(Delivery::Never),
        },
    }
}

/// Hands the answer to hyper, or the connection to a fault; then this future is never finished.
async fn delivered(delivery: Delivery, hijack: &mpsc::Sender<Vec<Step>>) -> Response<Full<Bytes>> {
    match delivery {
        Delivery::Answer(answer) => response(answer),
        Delivery::Late(answer, late) => {
            tokio::time::sleep(late).await;
            response(answer)
        }
        Delivery::Never => never().await,
        Delivery::Raw(steps) => {
            let _ = hijack.send(steps).await;
            never().await
        }
    }
}

async fn never() -> Response<Full<Bytes>> {
    match std::future::pending::<Infallible>().await {}
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = answer.status;
    answer.headers.into_iter().for_each(|(name, value)| {
        response.headers_mut().append(name, value);
    });
    response
}

fn scheme(tls: bool) -> &'static str {
    if tls { "https" } else { "http" }
}

/// The address a client on this machine uses: a listener on every address is reached through loopback.
fn reachable(addr: SocketAddr) -> SocketAddr {
    match addr.ip().is_unspecified() {
        true if addr.is_ipv4() => SocketAddr::from((Ipv4Addr::LOCALHOST, addr.port())),
        true => SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, addr.port())),
        false => addr,
    }
}
