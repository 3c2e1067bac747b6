//! What a simulator was asked and answered: the oracle of exactly-once tests.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Answer, Ask, Fault};

/// At most so many entries are kept, the newest ones.
const MOST_ENTRIES: usize = 5_000;

/// At most so many bytes of bodies are kept.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Longer bodies are kept up to here.
const LONGEST_BODY: usize = 1024 * 1024;

/// Fields whose values never enter the log, in bodies of requests or answers that carry secrets.
const SECRET_FIELDS: [&str; 7] =
    ["access_token", "assertion", "client_assertion", "client_secret", "password", "refresh_token", "token"];

/// One request and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1; a reset does not start anew.
    pub n: u64,
    /// The simulator's time at arrival.
    pub at: Timestamp,
    /// The method.
    pub method: String,
    /// The path as it was sent.
    pub path: String,
    /// The decoded query: name and value, in order.
    pub query: Vec<(String, String)>,
    /// The headers, lower case; of credentials only the scheme.
    pub request_headers: BTreeMap<String, String>,
    /// The body as text.
    pub request_body: String,
    /// Whom the token belonged to.
    pub caller: Option<String>,
    /// Whether the request reached the vendor's logic. With it, the status says what the vendor did.
    pub applied: bool,
    /// The fault that struck it. What follows is then what the vendor meant to say, not what arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// The status; absent when a fault left none.
    pub status: Option<u16>,
    /// The answer's headers.
    pub response_headers: BTreeMap<String, String>,
    /// The answer's body as text.
    pub response_body: String,
}

/// The newest entries.
#[derive(Default)]
pub(crate) struct Log {
    ring: Mutex<Ring>,
}

#[derive(Default)]
struct Ring {
    kept: VecDeque<Kept>,
    bytes: usize,
    last: u64,
}

/// An entry before it is rendered: bodies are shared, not copied.
struct Kept {
    n: u64,
    at: Timestamp,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    request_headers: HeaderMap,
    request_body: Bytes,
    /// Whether the bodies carry credentials.
    secret: bool,
    caller: Option<String>,
    applied: bool,
    fault: Option<&'static str>,
    answer: Option<Answer>,
}

impl Log {
    /// Records a request; a `secret` one carries credentials in its body. `secret_headers` are the vendor's own headers
    /// of credentials.
    pub(crate) fn push(
        &self,
        ask: &Ask,
        secret: bool,
        answer: Option<&Answer>,
        applied: bool,
        fault: Option<&Fault>,
        secret_headers: &[HeaderName],
    ) {
        let mut ring = self.ring();
        ring.last += 1;
        let kept = Kept {
            n: ring.last,
            at: ask.now,
            method: ask.method.to_string(),
            path: ask.path.clone(),
            query: ask.query.clone(),
            request_headers: without_credentials(&ask.headers, secret_headers),
            request_body: bounded(&ask.body),
            secret: secret || answer.is_some_and(|answer| answer.private),
            caller: ask.caller.as_ref().map(|caller| caller.name.clone()),
            applied,
            fault: fault.map(Fault::kind),
            answer: answer.map(|answer| Answer { body: bounded(&answer.body), ..answer.clone() }),
        };
        ring.keep(kept);
    }

    /// The entries after number `since`.
    pub(crate) fn since(&self, since: u64) -> Vec<Entry> {
        self.ring().kept.iter().filter(|kept| kept.n > since).map(Kept::entry).collect()
    }

    pub(crate) fn clear(&self) {
        let mut ring = self.ring();
        ring.kept.clear();
        ring.bytes = 0;
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn keep(&mut self, kept: Kept) {
        self.bytes += kept.bytes();
        self.kept.push_back(kept);
        while self.kept.len() > MOST_ENTRIES || self.bytes > MOST_BYTES {
            let Some(oldest) = self.kept.pop_front() else { return };
            self.bytes -= oldest.bytes();
        }
    }
}

impl Kept {
    fn bytes(&self) -> usize {
        self.request_body.len() + self.answer.as_ref().map_or(0, |answer| answer.body.len())
    }

    fn entry(&self) -> Entry {
        let answered = self.answer.as_ref();
        Entry {
            n: self.n,
            at: self.at,
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            request_headers: texts(&self.request_headers),
            request_body: text(&self.request_body, self.secret),
            caller: self.caller.clone(),
            applied: self.applied,
            fault: self.fault.map(str::to_owned),
            status: answered.map(|answer| answer.status.as_u16()),
            response_headers: answered.map(|answer| texts_of(&answer.headers)).unwrap_or_default(),
            response_body: answered.map(|answer| text(&answer.body, self.secret)).unwrap_or_default(),
        }
    }
}

fn bounded(body: &Bytes) -> Bytes {
    if body.len() <= LONGEST_BODY { body.clone() } else { Bytes::copy_from_slice(&body[..LONGEST_BODY]) }
}

fn without_credentials(headers: &HeaderMap, secret_headers: &[HeaderName]) -> HeaderMap {
    let mut headers = headers.clone();
    if let Some(value) = headers.get_mut(header::AUTHORIZATION) {
        let scheme =
            value.to_str().ok().and_then(|text| text.split_once(' ')).map_or("", |(scheme, _)| scheme);
        *value =
            HeaderValue::try_from(format!("{scheme} [redacted]")).unwrap_or(HeaderValue::from_static("?"));
    }
    for name in secret_headers {
        if let Some(value) = headers.get_mut(name) {
            *value = HeaderValue::from_static("[redacted]");
        }
    }
    headers
}

fn texts(headers: &HeaderMap) -> BTreeMap<String, String> {
    joined(headers.iter())
}

fn texts_of(headers: &[(HeaderName, HeaderValue)]) -> BTreeMap<String, String> {
    joined(headers.iter().map(|(name, value)| (name, value)))
}

/// Repeated headers joined by commas (RFC 9110, 5.3).
fn joined<'a>(headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        texts
            .entry(name.to_string())
            .and_modify(|text| *text += &format!(", {value}"))
            .or_insert(value.into());
    }
    texts
}

/// A body as text. Of a secret one the secret fields are redacted, or all of it if it has no fields.
fn text(body: &Bytes, secret: bool) -> String {
    if !secret || body.is_empty() {
        return String::from_utf8_lossy(body).into_owned();
    }
    if let Ok(mut fields) = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(body) {
        let secrets = fields.iter_mut().filter(|(name, _)| is_secret(name));
        secrets.for_each(|(_, value)| *value = "[redacted]".into());
        return serde_json::Value::Object(fields).to_string();
    }
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(body) {
        form.append_pair(&name, if is_secret(&name) { "[redacted]" } else { &value });
    }
    form.finish()
}

fn is_secret(field: &str) -> bool {
    SECRET_FIELDS.contains(&field)
}
