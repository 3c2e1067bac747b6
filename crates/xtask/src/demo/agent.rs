//! A scripted agent: an MCP client that times what it does.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use rmcp::RoleClient;
use rmcp::model::{CallToolRequestParams, ClientCapabilities, ClientConfig, Implementation, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use serde_json::Value;

use crate::Result;

/// What a tool answered: its structured content, or its typed error.
pub(super) type Outcome = std::result::Result<Value, Value>;

/// One agent over one connection.
pub(super) struct Agent {
    client: RunningService<RoleClient, ClientConfig>,
    calls: RefCell<Vec<(String, Duration)>>,
}

impl Agent {
    /// Connects in revision 2026-07-28 and lists the tools.
    pub(super) async fn connect(url: &str) -> Result<Self> {
        let myself = Implementation::new("chancery-demo", env!("CARGO_PKG_VERSION"));
        let newest =
            ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
        let client = ClientConfig::new(ClientCapabilities::default(), myself)
            .serve_with_lifecycle(StreamableHttpClientTransport::from_uri(url), newest)
            .await?;
        let tools = client.list_all_tools().await?;
        let names: Vec<&str> = tools.iter().map(|t| t.name.as_ref()).collect();
        println!("Connected as an MCP client over HTTP. {} tools: {}\n", names.len(), names.join(", "));
        Ok(Self { client, calls: RefCell::new(Vec::new()) })
    }

    /// Calls a tool, whatever comes of it.
    pub(super) async fn call(&self, tool: &'static str, arguments: Value) -> Result<Outcome> {
        let Value::Object(arguments) = arguments else { return Err("arguments are an object".into()) };
        let begun = Instant::now();
        let result =
            self.client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments)).await?;
        self.calls.borrow_mut().push((tool.to_owned(), begun.elapsed()));
        let result = serde_json::to_value(&result)?;
        let text = result["content"][0]["text"].as_str().unwrap_or_default();
        let said = serde_json::from_str(text)?;
        Ok(if result["isError"] == true { Err(said) } else { Ok(said) })
    }

    /// Calls a tool that has to succeed.
    pub(super) async fn must(&self, tool: &'static str, arguments: Value) -> Result<Value> {
        self.call(tool, arguments).await?.map_err(|error| format!("{tool} failed: {error}").into())
    }

    /// What was called how often, and how long it took.
    pub(super) fn timings(&self) -> Vec<(String, Duration)> {
        self.calls.borrow().clone()
    }
}
