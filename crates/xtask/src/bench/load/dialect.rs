//! What is said on the wire: requests of both eras of MCP.

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Result;

/// The session of a handshake era server that keeps sessions.
pub(super) const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

const MODERN: &str = "2026-07-28";
const HANDSHAKE: &str = "2025-06-18";

/// The era a server is spoken to in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::bench) enum Dialect {
    /// 2026-07-28: no handshake, every request says who speaks.
    Modern,
    /// 2025-06-18: initialize first, then calls in the session that the server may have opened.
    Handshake,
}

/// A request without its id.
pub(super) struct Message {
    headers: HeaderMap,
    before_id: Bytes,
    after_id: Bytes,
}

impl Message {
    fn new(version: &'static str, message: &Value) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        headers.insert("mcp-protocol-version", HeaderValue::from_static(version));
        let text = message.to_string();
        let (before, after) = text.split_once("\"ID\"").unwrap_or((&text, ""));
        let (before_id, after_id) =
            (Bytes::copy_from_slice(before.as_bytes()), Bytes::copy_from_slice(after.as_bytes()));
        Self { headers, before_id, after_id }
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body. A notification has no place for an id.
    pub(super) fn with_id(&self, id: u64) -> Bytes {
        if self.after_id.is_empty() {
            return self.before_id.clone();
        }
        let mut body = BytesMut::with_capacity(self.before_id.len() + self.after_id.len() + 20);
        body.put_slice(&self.before_id);
        body.put_slice(id.to_string().as_bytes());
        body.put_slice(&self.after_id);
        body.freeze()
    }
}

impl Dialect {
    /// What a client says on a new connection before its first call.
    pub(super) fn greeting(self) -> Vec<Message> {
        let client = json!({ "name": "bench", "version": "1" });
        let initialize = json!({ "jsonrpc": "2.0", "id": "ID", "method": "initialize", "params": {
            "protocolVersion": HANDSHAKE, "capabilities": {}, "clientInfo": client,
        } });
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        match self {
            Self::Modern => Vec::new(),
            Self::Handshake => {
                vec![Message::new(HANDSHAKE, &initialize), Message::new(HANDSHAKE, &initialized)]
            }
        }
    }

    /// A call of `tool`.
    pub(super) fn call(self, tool: &str, arguments: &Value) -> Result<Message> {
        let mut params = json!({ "name": tool, "arguments": arguments });
        if self == Self::Handshake {
            let call = json!({ "jsonrpc": "2.0", "id": "ID", "method": "tools/call", "params": params });
            return Ok(Message::new(HANDSHAKE, &call));
        }
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "1" },
        });
        let call = json!({ "jsonrpc": "2.0", "id": "ID", "method": "tools/call", "params": params });
        let mut message = Message::new(MODERN, &call);
        message.headers.insert("mcp-method", HeaderValue::from_static("tools/call"));
        message.headers.insert("mcp-name", HeaderValue::from_str(tool)?);
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_has_its_place_in_a_request_and_none_in_a_notification() {
        let call = Dialect::Modern.call("search_issues", &json!({})).unwrap();
        let sent: Value = serde_json::from_slice(&call.with_id(42)).unwrap();
        assert_eq!((&sent["id"], &sent["params"]["name"]), (&json!(42), &json!("search_issues")));
        let greeting = Dialect::Handshake.greeting();
        let sent: Value = serde_json::from_slice(&greeting[1].with_id(43)).unwrap();
        assert!(sent.get("id").is_none(), "{sent}");
    }
}
