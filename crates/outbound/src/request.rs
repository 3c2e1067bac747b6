//! What a vendor client asks for.

use std::fmt::Display;

use bytes::Bytes;
use error::{Error, Result};
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use crate::encode::{form, percent_encode};
use crate::{Reply, Verdict, by_status};

/// What a request does at the vendor; bulkhead, breaker and timeouts are kept per class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Changes nothing.
    Read,
    /// May change something.
    Write,
}

impl Class {
    /// `read` or `write`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// Whether a request may be sent again after its bytes may have reached the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Twice is as good as once.
    Safe,
    /// Never once sent: its fate is `outcome_unknown` if no clear reply came.
    Once,
}

/// One request to a vendor. Mistakes made while building it (a parameter that would change the path, a body that
/// cannot be written) surface when it is sent.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) template: &'static str,
    pub(crate) route: String,
    pub(crate) absolute: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) class: Class,
    pub(crate) repeat: Repeat,
    pub(crate) judge: fn(&Reply) -> Verdict,
    pub(crate) bucket: &'static str,
    pub(crate) defect: Option<Error>,
}

impl Request {
    /// Reads `template` (`/issue/{key}`, relative to the source's base URL), each `{...}` replaced by the next of
    /// `params` as one path segment or a part of one. An empty parameter, `.` and `..` are `invalid_argument`.
    pub fn get(template: &'static str, params: &[&str]) -> Self {
        Self::new(Method::GET, Class::Read, Repeat::Safe, template, params)
    }

    /// A write that is never repeated once sent; see [`Request::reads`] and [`Request::idempotent`].
    pub fn post(template: &'static str, params: &[&str]) -> Self {
        Self::new(Method::POST, Class::Write, Repeat::Once, template, params)
    }

    /// As [`Request::post`]: whether a `PUT` may be repeated is for the vendor's documents to say.
    pub fn put(template: &'static str, params: &[&str]) -> Self {
        Self::new(Method::PUT, Class::Write, Repeat::Once, template, params)
    }

    /// As [`Request::post`].
    pub fn patch(template: &'static str, params: &[&str]) -> Self {
        Self::new(Method::PATCH, Class::Write, Repeat::Once, template, params)
    }

    /// As [`Request::post`].
    pub fn delete(template: &'static str, params: &[&str]) -> Self {
        Self::new(Method::DELETE, Class::Write, Repeat::Once, template, params)
    }

    fn new(method: Method, class: Class, repeat: Repeat, template: &'static str, params: &[&str]) -> Self {
        let (route, defect) = match fill(template, params) {
            Ok(route) => (route, None),
            Err(defect) => (String::new(), Some(defect)),
        };
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        Self {
            method,
            template,
            route,
            absolute: None,
            headers,
            body: Bytes::new(),
            class,
            repeat,
            judge: by_status,
            bucket: "",
            defect,
        }
    }

    /// Adds `name=value` to the query; both are percent-encoded.
    pub fn query(mut self, name: &str, value: impl Display) -> Self {
        self.route.push(if self.route.contains('?') { '&' } else { '?' });
        percent_encode(&mut self.route, name);
        self.route.push('=');
        percent_encode(&mut self.route, &value.to_string());
        self
    }

    /// A JSON body.
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.with_body("application/json", bytes),
            Err(e) => {
                self.defect = Some(Error::internal("a request body cannot be written").source(e));
                self
            }
        }
    }

    /// A body of form fields.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = form(fields);
        self.with_body("application/x-www-form-urlencoded", body)
    }

    fn with_body(mut self, kind: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        self.body = body.into();
        self
    }

    /// Sets a header. `authorization` and `host` are the stack's and are ignored here.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            // The value is not repeated: it may be a person's text.
            _ => self.defect = Some(Error::invalid(name, "has characters that no header can carry")),
        }
        self
    }

    /// What the reply should be; default `application/json`.
    pub fn accept(self, kind: &str) -> Self {
        self.header("accept", kind)
    }

    /// A `POST` that only reads (a search with a body).
    pub fn reads(mut self) -> Self {
        (self.class, self.repeat) = (Class::Read, Repeat::Safe);
        self
    }

    /// A write that may be sent again even if it may have reached the vendor: by nature (the same state twice) or
    /// because the vendor takes an idempotency key.
    pub fn idempotent(mut self) -> Self {
        self.repeat = Repeat::Safe;
        self
    }

    /// How the reply is read; default [`by_status`].
    pub fn judge(mut self, judge: fn(&Reply) -> Verdict) -> Self {
        self.judge = judge;
        self
    }

    /// The vendor's quota that this request draws on, where it keeps several (GitHub's `search`); an exhausted one
    /// holds back only its own requests. Default: the common one.
    pub fn bucket(mut self, name: &'static str) -> Self {
        self.bucket = name;
        self
    }

    /// Goes to a URL out of a vendor's reply (`next`, `Link`) instead of the template, which stays its name in
    /// metrics and audit. The URL must have the source's origin or a host the vendor's profile trusts, else the
    /// request is refused when sent.
    pub fn absolute(mut self, url: impl Into<String>) -> Self {
        self.absolute = Some(url.into());
        self
    }

    /// Path and query, encoded, relative to the base URL: for clients that ride the stack through
    /// [`crate::Client::tower`] and want the route as text.
    pub fn route(&self) -> Result<&str> {
        match &self.defect {
            Some(defect) => Err(defect.clone()),
            None => Ok(&self.route),
        }
    }
}

/// Fills the template. Literal parts are ours and stay as they are.
fn fill(template: &'static str, params: &[&str]) -> Result<String> {
    let mut route = String::with_capacity(template.len() + 32);
    let mut params = params.iter();
    let mut rest = template;
    while let Some((literal, tail)) = rest.split_once('{') {
        let (name, tail) = tail
            .split_once('}')
            .ok_or_else(|| Error::internal(format!("an unclosed parameter in {template}")))?;
        let param =
            params.next().ok_or_else(|| Error::internal(format!("no value for {name} in {template}")))?;
        route.push_str(literal);
        if param.is_empty() {
            return Err(Error::invalid(name, "must not be empty"));
        }
        percent_encode(&mut route, param);
        rest = tail;
    }
    route.push_str(rest);
    if params.next().is_some() {
        return Err(Error::internal(format!("more values than parameters in {template}")));
    }
    // Dots need no encoding and survive it; a segment of nothing else would climb the path.
    let path = route.split('?').next().unwrap_or_default();
    if path.split('/').any(|segment| segment == "." || segment == "..") {
        return Err(Error::invalid("id", "must not be `.` or `..`"));
    }
    Ok(route)
}
