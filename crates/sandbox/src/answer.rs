//! What a handler answers.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

/// What a handler may return when it uses `?`: both arms are answers, the second one ended it early.
pub type Reply = Result<Answer, Answer>;

/// One HTTP response, whole and in memory.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: StatusCode,
    /// Headers in order. `Content-Length` and `Date` are added on the wire.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
    /// The body holds a secret, so the log keeps its field names only.
    pub(crate) private: bool,
}

impl Answer {
    /// A JSON body. A value that cannot be serialized becomes a 500, as it would at a vendor.
    #[must_use]
    pub fn json(status: u16, value: impl Serialize) -> Self {
        match serde_json::to_vec(&value) {
            Ok(body) => Self::body(status, "application/json", body),
            Err(fault) => {
                tracing::error!(%fault, "a simulator's answer cannot be serialized");
                Self::empty(500)
            }
        }
    }

    /// A body of any media type.
    #[must_use]
    pub fn body(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut answer = Self::empty(status);
        answer.headers.push((header::CONTENT_TYPE, HeaderValue::from_static(content_type)));
        answer.body = body.into();
        answer
    }

    /// No body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, headers: Vec::new(), body: Bytes::new(), private: false }
    }

    /// The same with one header more. A name or value that HTTP forbids is left out and logged.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.push_header(name, value);
        self
    }

    /// Adds a header in place; see [`Answer::header`].
    pub fn push_header(&mut self, name: &str, value: impl ToString) {
        let value = HeaderValue::try_from(value.to_string());
        match (HeaderName::try_from(name), value) {
            (Ok(name), Ok(value)) => self.headers.push((name, value)),
            _ => tracing::error!(name, "a simulator's header is not valid HTTP"),
        }
    }

    /// Marks the body as holding a secret: the log redacts the secret fields of request and response.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// Whether the body may exist on the wire at all (RFC 9110, 6.4.1).
    pub(crate) fn may_have_body(&self) -> bool {
        !matches!(self.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        reply.unwrap_or_else(|early| early)
    }
}
