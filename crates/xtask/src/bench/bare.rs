//! The second floor: the least a server on the same SDK can do. It reads the vendor's rows into types and answers
//! them as structured content and as text: no schema, no policy, no audit, no resilience.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use rmcp::ErrorData;
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::floor::{self, Search};
use crate::Result;

/// Where the vendor is.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The vendor's base URL
    vendor: String,
}

impl Args {
    /// Serves until standard input ends.
    pub(super) fn run(self) -> Result {
        floor::serve_until_the_end(app(&self.vendor)?)
    }
}

/// The bare server in front of the vendor at this base URL.
pub(super) fn app(vendor: &str) -> Result<Router> {
    let handler = Bare(Arc::new(Search::at(vendor)?));
    let config =
        StreamableHttpServerConfig::default().with_legacy_session_mode(false).with_json_response(true);
    let sessions = Arc::<NeverSessionManager>::default();
    let service = StreamableHttpService::new(move || Ok(handler.clone()), sessions, config);
    Ok(Router::new().route_service("/mcp", service))
}

#[derive(Clone)]
struct Bare(Arc<Search>);

impl ServerHandler for Bare {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> std::result::Result<CallToolResponse, ErrorData> {
        let found = self.found().await.map_err(|e| ErrorData::internal_error(e.to_string(), None))?;
        Ok(CallToolResponse::Complete(found))
    }
}

impl Bare {
    async fn found(&self) -> Result<CallToolResult> {
        let body = self.0.ask().await?;
        let page: Page<'_> = serde_json::from_str(str::from_utf8(&body)?)?;
        let rows: Vec<Row<'_>> = page.issues.iter().map(Issue::row).collect();
        Ok(CallToolResult::structured(json!({ "items": rows })))
    }
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    issues: Vec<Issue<'a>>,
}

#[derive(Deserialize)]
struct Issue<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(borrow)]
    fields: Fields<'a>,
}

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    summary: Cow<'a, str>,
    #[serde(borrow)]
    status: Named<'a>,
    #[serde(borrow)]
    priority: Named<'a>,
    #[serde(borrow)]
    assignee: Person<'a>,
    #[serde(borrow)]
    updated: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person<'a> {
    #[serde(borrow)]
    display_name: Cow<'a, str>,
}

/// A row as it leaves.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    title: &'a str,
    status: &'a str,
    priority: &'a str,
    assignee: &'a str,
    updated: &'a str,
}

impl Issue<'_> {
    fn row(&self) -> Row<'_> {
        let Fields { summary, status, priority, assignee, updated } = &self.fields;
        Row {
            id: &self.key,
            title: summary,
            status: &status.name,
            priority: &priority.name,
            assignee: &assignee.display_name,
            updated,
        }
    }
}
