//! Answers the transport gives itself, before or instead of rmcp.

use std::borrow::Cow;
use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use identity::Challenge;
use serde_json::value::RawValue;

use crate::envelope::{Malformed, Rpc, failure};

/// A body as rmcp makes it.
pub(super) type Body = BoxBody<Bytes, Infallible>;

/// Why a request is not answered by the handler.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    rpc: Rpc,
    message: Cow<'static, str>,
    id: Option<Box<RawValue>>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, rpc: Rpc, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, rpc, message: message.into(), id: None, headers: Vec::new() }
    }

    /// What a caller is told whose credential is missing, not good enough or cannot be verified now.
    pub(super) fn challenge(challenge: Challenge) -> Self {
        let rpc = if challenge.status.is_server_error() { Rpc::Internal } else { Rpc::InvalidRequest };
        let mut refusal = Self::new(challenge.status, rpc, challenge.message);
        refusal.headers.extend(challenge.www_authenticate.map(|value| (WWW_AUTHENTICATE, value)));
        refusal.headers.extend(challenge.retry_after.map(|seconds| (RETRY_AFTER, seconds.into())));
        refusal
    }

    /// Whom the answer is for, where the request could be read that far.
    pub(super) fn to(mut self, id: Option<Box<RawValue>>) -> Self {
        self.id = id;
        self
    }

    pub(super) fn host() -> Self {
        Self::new(StatusCode::FORBIDDEN, Rpc::InvalidRequest, "this server does not go by that Host")
    }

    pub(super) fn origin() -> Self {
        Self::new(StatusCode::FORBIDDEN, Rpc::InvalidRequest, "pages of that Origin may not use this server")
    }

    /// Where it comes from is no secret to the client: a wrong network is found sooner by being told.
    pub(super) fn address() -> Self {
        Self::new(StatusCode::FORBIDDEN, Rpc::InvalidRequest, "this server does not serve your network")
    }

    /// The client may come again after `wait`, in whole seconds at least one.
    pub(super) fn too_many(why: &'static str, wait: Duration) -> Self {
        let mut refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, Rpc::InvalidRequest, why);
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        refusal.headers.push((RETRY_AFTER, seconds.max(1).into()));
        refusal
    }

    /// Whether a credential was presented and is none.
    pub(super) fn is_unauthorized(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// The same for somebody whom nobody knows: the connection ends with it, and to be refused earns no rest on it.
    pub(super) fn parting(self) -> Self {
        self.with(CONNECTION, "close")
    }

    pub(super) fn path() -> Self {
        Self::new(StatusCode::NOT_FOUND, Rpc::InvalidRequest, "MCP is served at /mcp")
    }

    pub(super) fn method() -> Self {
        let refusal = Self::new(StatusCode::METHOD_NOT_ALLOWED, Rpc::InvalidRequest, "only POST is served");
        refusal.with(ALLOW, "POST")
    }

    pub(super) fn media_type() -> Self {
        let message = "Content-Type must be application/json";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Rpc::InvalidRequest, message)
    }

    /// The rest of the body stays unread, so the connection cannot serve another request.
    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, Rpc::InvalidRequest, "the request body is too large")
            .with(CONNECTION, "close")
    }

    /// As for [`Refusal::too_large`], the connection ends.
    pub(super) fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, Rpc::InvalidRequest, "the request body took too long")
            .with(CONNECTION, "close")
    }

    pub(super) fn broken_body() -> Self {
        Self::new(StatusCode::BAD_REQUEST, Rpc::InvalidRequest, "the request body broke off")
            .with(CONNECTION, "close")
    }

    pub(super) fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Rpc::Internal, "the server is at its limit; try again")
            .with(RETRY_AFTER, "1")
    }

    pub(super) fn shutting_down() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Rpc::Internal, "the server is shutting down; try again")
            .with(RETRY_AFTER, "1")
    }

    pub(super) fn unanswered() -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, Rpc::Internal, "the call was not answered in time")
    }

    pub(super) fn no_message() -> Self {
        Self::new(StatusCode::BAD_REQUEST, Rpc::InvalidRequest, "the body is not an MCP message")
    }

    pub(super) fn response(&self) -> Response<Body> {
        let text = failure(self.rpc, &self.message, self.id.as_deref());
        let mut response = Response::new(Full::new(Bytes::from(text)).boxed());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.extend(self.headers.clone());
        response
    }

    /// The same in plain words, for people at browsers.
    pub(crate) fn plain(self) -> Response<String> {
        let mut response = Response::new(self.message.into_owned());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.extend(self.headers);
        response
    }

    fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }
}

impl From<Malformed> for Refusal {
    fn from(Malformed { rpc, message, id }: Malformed) -> Self {
        Self::new(StatusCode::BAD_REQUEST, rpc, message).to(id)
    }
}
