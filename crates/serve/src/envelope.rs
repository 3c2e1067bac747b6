//! The outside of a JSON-RPC message, checked before rmcp sees it.
//!
//! rmcp answers whatever it cannot decode with a plain 415 over HTTP and with silence over stdio; a client is better
//! served by the JSON-RPC error. What passes here means the same to every parser behind: valid UTF-8, no repeated envelope
//! field, bounded depth.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::error::Category;
use serde_json::value::RawValue;

/// The codes of JSON-RPC 2.0, section 5.1. MCP reserves the server range, so there are no others of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rpc {
    Parse = -32700,
    InvalidRequest = -32600,
    InvalidParams = -32602,
    Internal = -32603,
}

/// What the guard needs to know of a message.
#[derive(Debug)]
pub(crate) struct Envelope<'a> {
    /// The id a request is answered with; notifications and responses are not answered.
    pub(crate) id: Option<Box<RawValue>>,
    /// Empty for a response.
    pub(crate) method: Cow<'a, str>,
    /// An object, unread.
    pub(crate) params: Option<&'a RawValue>,
}

/// Why a message is none.
#[derive(Debug)]
pub(crate) struct Malformed {
    pub(crate) rpc: Rpc,
    pub(crate) message: &'static str,
    /// Whom the answer is for, where the message could be read that far.
    pub(crate) id: Option<Box<RawValue>>,
}

impl<'a> Envelope<'a> {
    /// Reads the outside of `message`.
    pub(crate) fn read(message: &'a [u8], depth: usize) -> Result<Self, Malformed> {
        let text = str::from_utf8(message).map_err(|_| malformed(Rpc::Parse, "the message is not UTF-8"))?;
        if is_deeper_than(depth, message) {
            return Err(malformed(Rpc::InvalidRequest, "the JSON is nested too deeply"));
        }
        if text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('[') {
            return Err(malformed(Rpc::InvalidRequest, "batches are not served; send one message at a time"));
        }
        let outside: Outside<'a> = serde_json::from_str(text).map_err(|e| match e.classify() {
            Category::Data => malformed(Rpc::InvalidRequest, "this is not a JSON-RPC message"),
            _ => malformed(Rpc::Parse, "the message is not JSON"),
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
    fn check(self) -> Result<Envelope<'a>, Malformed> {
        if self.jsonrpc != "2.0" {
            return Err(malformed(Rpc::InvalidRequest, "jsonrpc must be \"2.0\""));
        }
        if !self.id.is_none_or(is_id) {
            return Err(malformed(Rpc::InvalidRequest, "id must be a string or an integer"));
        }
        let id = self.id.map(ToOwned::to_owned);
        let Some(method) = self.method else {
            let answers = self.result.is_some() || self.error.is_some();
            let missing = Malformed { id, ..malformed(Rpc::InvalidRequest, "method is missing") };
            let answer = Envelope { id: None, method: Cow::Borrowed(""), params: None };
            return if answers { Ok(answer) } else { Err(missing) };
        };
        if self.params.is_some_and(|params| !params.get().starts_with('{')) {
            return Err(Malformed { id, ..malformed(Rpc::InvalidParams, "params must be an object") });
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

fn malformed(rpc: Rpc, message: &'static str) -> Malformed {
    Malformed { rpc, message, id: None }
}

/// MCP's `JSONRPCErrorResponse`: an id that could not be read is left out, never null.
pub(crate) fn failure(rpc: Rpc, message: &str, id: Option<&RawValue>) -> Vec<u8> {
    let failed = Failed { jsonrpc: "2.0", id, error: Reason { code: rpc as i32, message } };
    serde_json::to_vec(&failed).unwrap_or_default()
}

#[derive(Serialize)]
struct Failed<'a> {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a RawValue>,
    error: Reason<'a>,
}

#[derive(Serialize)]
struct Reason<'a> {
    code: i32,
    message: &'a str,
}
