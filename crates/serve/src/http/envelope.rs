//! The outside of a JSON-RPC message, checked before rmcp sees it.
//!
//! rmcp answers whatever it cannot decode with a plain 415; a client is better served by the JSON-RPC error. What
//! passes here means the same to every parser behind: valid UTF-8, no repeated envelope field, bounded depth.

use std::borrow::Cow;

use http::StatusCode;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::refusal::{Refusal, Rpc};

/// What the guard needs to know of a message.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    /// The id a request is answered with; notifications and responses are not answered.
    pub(super) id: Option<Box<RawValue>>,
    /// Empty for a response.
    pub(super) method: Cow<'a, str>,
    /// An object, unread.
    pub(super) params: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// Reads the outside of `body`.
    pub(super) fn read(body: &'a [u8], depth: usize) -> Result<Self, Refusal> {
        let text = str::from_utf8(body).map_err(|_| malformed(Rpc::Parse, "the body is not UTF-8"))?;
        if is_deeper_than(depth, body) {
            return Err(malformed(Rpc::InvalidRequest, "the JSON is nested too deeply"));
        }
        if text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('[') {
            return Err(malformed(
                Rpc::InvalidRequest,
                "batches are not served; send one message per request",
            ));
        }
        let outside: Outside<'a> = serde_json::from_str(text).map_err(|e| match e.classify() {
            Category::Data => malformed(Rpc::InvalidRequest, "the body is not a JSON-RPC message"),
            _ => malformed(Rpc::Parse, "the body is not JSON"),
        })?;
        outside.check()
    }
}

#[derive(Deserialize)]
struct Outside<'a> {
    #[serde(borrow)]
    jsonrpc: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    result: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

impl<'a> Outside<'a> {
    fn check(self) -> Result<Envelope<'a>, Refusal> {
        if self.jsonrpc != "2.0" {
            return Err(malformed(Rpc::InvalidRequest, "jsonrpc must be \"2.0\""));
        }
        if !self.id.is_none_or(is_id) {
            return Err(malformed(Rpc::InvalidRequest, "id must be a string or an integer"));
        }
        let id = self.id.map(ToOwned::to_owned);
        let Some(method) = self.method else {
            let answers = self.result.is_some() || self.error.is_some();
            let refusal = malformed(Rpc::InvalidRequest, "method is missing");
            let answer = Envelope { id: None, method: Cow::Borrowed(""), params: None };
            return if answers { Ok(answer) } else { Err(refusal.to(id)) };
        };
        if self.params.is_some_and(|params| !params.get().starts_with('{')) {
            return Err(malformed(Rpc::InvalidParams, "params must be an object").to(id));
        }
        Ok(Envelope { id, method, params: self.params })
    }
}

/// Tells `"id": null` from no id: `Option` alone takes both for none.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

/// MCP's `RequestId`: a string or an integer, never null.
fn is_id(raw: &RawValue) -> bool {
    raw.get().starts_with('"') || raw.get().parse::<i64>().is_ok()
}

/// Counts brackets outside of strings. Skipping a value is no recursion for the parser, decoding it later is.
fn is_deeper_than(limit: usize, json: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

fn malformed(rpc: Rpc, message: &'static str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, rpc, message)
}
