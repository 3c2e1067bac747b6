//! An MCP client of revision 2026-07-28, no more than the tests need: one POST a request, nothing kept.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

/// Speaks to one MCP endpoint.
#[derive(Clone)]
pub struct Client {
    url: String,
    http: reqwest::Client,
    caller: Option<String>,
    asks: bool,
    token: Option<String>,
}

/// A reply, taken apart.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The JSON-RPC message.
    pub message: Value,
}

static NEXT: AtomicU64 = AtomicU64::new(1);

impl Client {
    pub fn new(url: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().unwrap();
        Self { url: url.into(), http, caller: None, asks: false, token: None }
    }

    /// The same client within a workflow.
    #[must_use]
    pub fn in_workflow(mut self, id: &str) -> Self {
        self.caller = Some(id.into());
        self
    }

    /// The same client, which can ask its person.
    #[must_use]
    pub fn asking(mut self) -> Self {
        self.asks = true;
        self
    }

    /// The same client with an access token or API key.
    #[must_use]
    pub fn bearing(mut self, token: &str) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Any request.
    pub async fn request(&self, method: &str, mut params: Value) -> Reply {
        self.try_request(method, &mut params).await.unwrap()
    }

    /// Any request, which may break off.
    pub async fn try_request(&self, method: &str, params: &mut Value) -> Result<Reply, reqwest::Error> {
        let mut meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "it", "version": "1.0.0"},
        });
        if self.asks {
            meta["io.modelcontextprotocol/clientCapabilities"] = json!({"elicitation": {"form": {}}});
        }
        if let Some(workflow) = &self.caller {
            meta["baggage"] = format!("chancery.workflow={workflow}").into();
        }
        let name = params["name"].as_str().or(params["uri"].as_str()).unwrap_or_default().to_owned();
        params["_meta"] = meta;
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        let mut request = self
            .http
            .post(&self.url)
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", method);
        if matches!(method, "tools/call" | "prompts/get" | "resources/read") {
            request = request.header("mcp-name", name);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let reply = request.body(body.to_string()).send().await?;
        let status = reply.status().as_u16();
        let text = reply.text().await?;
        let message: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if message.get("id").is_some_and(|i| !i.is_null()) {
            assert_eq!(message["id"], id, "an answer to another request");
        }
        Ok(Reply { status, message })
    }

    /// Calls a tool; the structured content, or the error object.
    pub async fn call(&self, tool: &str, arguments: Value) -> Result<Value, Value> {
        let reply = self.request("tools/call", json!({"name": tool, "arguments": arguments})).await;
        outcome(&reply.message)
    }

    /// Calls a tool that must succeed.
    pub async fn ok(&self, tool: &str, arguments: Value) -> Value {
        self.call(tool, arguments.clone()).await.unwrap_or_else(|e| panic!("{tool} {arguments}: {e}"))
    }

    /// Calls a tool that must fail; the error object.
    pub async fn refused(&self, tool: &str, arguments: Value) -> Value {
        match self.call(tool, arguments.clone()).await {
            Err(error) => error,
            Ok(value) => panic!("{tool} {arguments} answered {value}"),
        }
    }
}

/// What a reply to `tools/call` says: the structured content, or the error object.
pub fn outcome(message: &Value) -> Result<Value, Value> {
    if let Some(error) = message.get("error") {
        return Err(error["data"].clone());
    }
    let result = &message["result"];
    let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {message}"));
    let said: Value = serde_json::from_str(text).unwrap();
    if result["isError"] == true {
        return Err(said);
    }
    assert_eq!(result["structuredContent"], said, "structured and text content are the same");
    Ok(said)
}
