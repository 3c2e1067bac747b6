//! What a handler is asked.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::{Answer, Clock, Denial, Principal, Refusal, Scheme, Tokens};

/// The vendor's shape of a [`Refusal`].
pub(crate) type Errors = Box<dyn Fn(&Ask, &Refusal) -> Answer + Send + Sync>;

/// What every request of one simulator shares.
pub(crate) struct Kit {
    pub(crate) clock: Arc<Clock>,
    pub(crate) tokens: Tokens,
    pub(crate) errors: Errors,
}

/// One request, read and decoded.
pub struct Ask {
    /// The method.
    pub method: Method,
    /// The path as it was sent, not decoded and without the query.
    pub path: String,
    /// The `{named}` segments of the route, percent-decoded.
    pub params: Vec<(String, String)>,
    /// The query in the order it was sent, decoded; names may repeat.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Bytes,
    /// Whom the presented token belongs to; `None` on open routes.
    pub caller: Option<Principal>,
    /// The simulator's time at arrival.
    pub now: Timestamp,
    /// Scheme, host and port the client used (`http://127.0.0.1:41234`), for links in answers.
    pub origin: String,
    pub(crate) kit: Arc<Kit>,
}

impl Ask {
    pub(crate) fn new(request: Request<Bytes>, origin: String, kit: Arc<Kit>) -> Self {
        let (head, body) = request.into_parts();
        Self {
            method: head.method,
            path: head.uri.path().to_owned(),
            params: Vec::new(),
            query: pairs(head.uri.query().unwrap_or_default().as_bytes()),
            headers: head.headers,
            body,
            caller: None,
            now: kit.clock.now(),
            origin,
            kit,
        }
    }

    /// A `{named}` segment of the route; empty when the route has no such name.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        first(&self.params, name).unwrap_or_default()
    }

    /// A `{named}` segment as a number or the like. Errors: the vendor's 404, since no such record can exist.
    pub fn param_as<T: FromStr>(&self, name: &str) -> Result<T, Answer> {
        self.param(name).parse().map_err(|_| self.refuse(Refusal::NoRoute))
    }

    /// The first query parameter of this name.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// Every query parameter of this name, in order.
    pub fn query_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A query parameter as a number, a flag or the like. Errors: the vendor's 400 when it does not parse.
    pub fn query_as<T: FromStr>(&self, name: &str) -> Result<Option<T>, Answer> {
        let Some(text) = self.query(name) else { return Ok(None) };
        let unreadable = |_| self.refuse(Refusal::Malformed(format!("the parameter {name} is not valid")));
        text.parse().map(Some).map_err(unreadable)
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON. Errors: the vendor's 400 with the parser's reason.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Answer> {
        serde_json::from_slice(&self.body).map_err(|fault| self.refuse(Refusal::Malformed(fault.to_string())))
    }

    /// The body as a form, decoded; names may repeat.
    #[must_use]
    pub fn form(&self) -> Vec<(String, String)> {
        pairs(&self.body)
    }

    /// Whether the body is declared as JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.header(header::CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with("application/json"))
    }

    /// The caller's name; empty on open routes.
    #[must_use]
    pub fn who(&self) -> &str {
        self.caller.as_ref().map(|caller| caller.name.as_str()).unwrap_or_default()
    }

    /// Errors: the vendor's 403 unless the caller's token carries `scope`.
    pub fn require_scope(&self, scope: &str) -> Result<(), Answer> {
        match &self.caller {
            Some(caller) if caller.may(scope) => Ok(()),
            _ => Err(self.refuse(Refusal::Forbidden(scope.to_owned()))),
        }
    }

    /// A refusal in the vendor's shape.
    #[must_use]
    pub fn refuse(&self, refusal: Refusal) -> Answer {
        (self.kit.errors)(self, &refusal)
    }

    /// Whom the credential belongs to, shown in the first of these schemes that the request uses.
    /// Errors: why it does not count.
    pub fn check(&self, schemes: &[Scheme]) -> Result<Principal, Denial> {
        let presented =
            schemes.iter().find_map(|scheme| scheme.read(&self.headers)).ok_or(Denial::Missing)?;
        self.kit.tokens.check(&presented)
    }

    /// The simulator's token registry.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.kit.tokens
    }
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).map(|(key, value)| (owned(key), owned(value))).collect()
}

fn owned(text: Cow<'_, str>) -> String {
    text.into_owned()
}
