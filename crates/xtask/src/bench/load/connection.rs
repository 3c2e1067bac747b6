//! An HTTP/1.1 connection to an MCP endpoint.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Plan;
use super::dialect::{Dialect, Message, SESSION};
use super::reply::{Answer, Checker};

/// Where calls go and what they say.
pub(super) struct Endpoint {
    address: SocketAddr,
    uri: Uri,
    host: HeaderValue,
    dialect: Dialect,
    call: Message,
    next_id: Cell<u64>,
    checker: RefCell<Checker>,
    authorization: Option<HeaderValue>,
}

/// An open connection, with its session where the server insists on one.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    session: Option<HeaderValue>,
}

/// Why a call failed.
#[derive(Debug)]
pub(super) enum Fault {
    Connect,
    Timeout,
    /// The connection broke.
    Lost,
    Status(StatusCode, Bytes),
    /// Not the reply to this request, or no JSON-RPC at all.
    Garbled(&'static str, Bytes),
    Rpc(i64, Bytes),
    /// The tool's result is an error with this code.
    Tool(String, Bytes),
    WrongRows(Bytes),
}

impl Endpoint {
    /// The endpoint of a plan. Only this machine is ever put under load.
    pub(super) fn of(plan: &Plan) -> crate::Result<Self> {
        let uri: Uri = plan.url.parse()?;
        let authority = uri.authority().ok_or("the URL has no host")?;
        let address: SocketAddr = authority.as_str().parse()?;
        if !address.ip().is_loopback() {
            return Err("the benchmark only loads this machine: give a loopback address".into());
        }
        let host = HeaderValue::from_str(authority.as_str())?;
        let call = plan.dialect.call(&plan.tool, &plan.arguments)?;
        let path = uri.path().parse()?;
        let bearer = |token: &String| HeaderValue::from_str(&format!("Bearer {token}"));
        let authorization = plan.token.as_ref().map(bearer).transpose()?;
        Ok(Self {
            address,
            uri: path,
            host,
            dialect: plan.dialect,
            call,
            next_id: Cell::new(1),
            checker: RefCell::default(),
            authorization,
        })
    }

    fn next_id(&self) -> u64 {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        id
    }

    fn request(&self, message: &Message, id: u64, session: Option<&HeaderValue>) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(message.with_id(id)));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.uri.clone();
        let mut headers: HeaderMap = message.headers().clone();
        headers.insert(header::HOST, self.host.clone());
        if let Some(session) = session {
            headers.insert(SESSION, session.clone());
        }
        if let Some(authorization) = &self.authorization {
            headers.insert(header::AUTHORIZATION, authorization.clone());
        }
        *request.headers_mut() = headers;
        request
    }
}

impl Connection {
    /// Connects, and shakes hands if the dialect has it.
    pub(super) async fn open(endpoint: &Endpoint) -> Result<Self, Fault> {
        let stream = TcpStream::connect(endpoint.address).await.map_err(|_| Fault::Connect)?;
        stream.set_nodelay(true).map_err(|_| Fault::Connect)?;
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|_| Fault::Connect)?;
        tokio::task::spawn_local(connection);
        let mut open = Self { sender, session: None };
        for message in endpoint.dialect.greeting() {
            let reply =
                open.send(endpoint.request(&message, endpoint.next_id(), open.session.as_ref())).await?;
            if let Some(session) = reply.headers().get(SESSION) {
                open.session = Some(session.clone());
            }
        }
        Ok(open)
    }

    /// Whether it can carry another call.
    pub(super) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Makes the plan's call and checks the reply.
    pub(super) async fn call(&mut self, endpoint: &Endpoint) -> Result<Answer, Fault> {
        let id = endpoint.next_id();
        let reply = self.send(endpoint.request(&endpoint.call, id, self.session.as_ref())).await?;
        endpoint.checker.borrow_mut().check(id, &reply)
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Fault> {
        self.sender.ready().await.map_err(|_| Fault::Lost)?;
        let reply = self.sender.send_request(request).await.map_err(|_| Fault::Lost)?;
        let (head, body) = reply.into_parts();
        let body = body.collect().await.map_err(|_| Fault::Lost)?.to_bytes();
        if head.status.is_success() {
            return Ok(Response::from_parts(head, body));
        }
        Err(Fault::Status(head.status, body))
    }
}

impl Fault {
    /// The body that shows it, if there was one.
    pub(super) fn body(&self) -> Option<&Bytes> {
        match self {
            Self::Connect | Self::Timeout | Self::Lost => None,
            Self::Status(_, body)
            | Self::Garbled(_, body)
            | Self::Rpc(_, body)
            | Self::Tool(_, body)
            | Self::WrongRows(body) => Some(body),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("connect"),
            Self::Timeout => f.write_str("timeout"),
            Self::Lost => f.write_str("lost"),
            Self::Status(status, _) => write!(f, "status {}", status.as_u16()),
            Self::Garbled(what, _) => write!(f, "garbled: {what}"),
            Self::Rpc(code, _) => write!(f, "rpc {code}"),
            Self::Tool(code, _) => write!(f, "tool: {code}"),
            Self::WrongRows(_) => f.write_str("wrong rows"),
        }
    }
}
