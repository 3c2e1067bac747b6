//! The fixture of the official MCP conformance suite, mounted on our transport: what the suite judges here is the
//! transport, not a domain. `tests/conformance/run` starts it.
//!
//! It prints the URL it serves on a line of its own and runs until it is told to stop.

#![expect(deprecated, reason = "the handshake revisions still have logging, and the suite asks for it there")]

mod dialogue;
mod jobs;
mod prompts;
mod resources;
mod tools;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use call::CancellationToken;
use error::Error;
use rmcp::ErrorData;
use rmcp::ServerHandler;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, CancelTaskParams,
    CompleteRequestParams, CompleteResult, GetPromptRequestParams, GetPromptResponse, GetTaskParams,
    GetTaskResult, Implementation, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse,
    ServerCapabilities, ServerConfig, SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter,
    Tool, UnsubscribeRequestParams, UpdateTaskParams,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};
use rmcp::task_manager::TaskManager;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serve::http::{Config, Listener, PATH, mount};
use tokio::sync::broadcast;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _unheard = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Error> {
    let listener = Listener::bind(([127, 0, 0, 1], 0).into())?;
    let _unheard = writeln!(std::io::stdout(), "http://{}{PATH}", listener.address());
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        let _asked = tokio::signal::ctrl_c().await;
        stopped.cancel();
    });
    listener.serve(mount(Fixture::new()?, Config::default()), None, stop).await;
    Ok(())
}

/// The server the suite expects.
#[derive(Clone)]
struct Fixture(Arc<State>);

struct State {
    tools: Vec<Tool>,
    dialogues: dialogue::Dialogues,
    tasks: TaskManager,
    changes: broadcast::Sender<Change>,
}

/// What a diagnostic tool pretends to have changed.
#[derive(Clone, Copy)]
enum Change {
    Tools,
    Prompts,
}

impl Fixture {
    fn new() -> Result<Self, Error> {
        let tools = typed(tools::list()).map_err(|e| Error::internal(e.message))?;
        let changes = broadcast::Sender::new(16);
        let dialogues = dialogue::Dialogues::new()?;
        Ok(Self(Arc::new(State { tools, dialogues, tasks: TaskManager::new(), changes })))
    }
}

/// How long lists may be kept, so that the suite sees cache hints.
const TTL_MS: u64 = 60_000;

impl ServerHandler for Fixture {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_prompts()
            .enable_prompts_list_changed()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_completions()
            .enable_logging()
            .enable_tasks()
            .build();
        let fixture = Implementation::new("chancery-conformance", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(capabilities).with_server_info(fixture)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.0.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _cx: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = ListToolsResult::with_all_items(self.0.tools.clone());
        Ok(tools.with_ttl_ms(TTL_MS).with_cache_scope(CacheScope::Private))
    }

    async fn call_tool(
        &self,
        ask: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if let Some(answer) = self.0.dialogues.call(&ask, &cx)? {
            return Ok(answer);
        }
        if let Some(answer) = jobs::call(&self.0, &ask, &cx).await? {
            return Ok(answer);
        }
        tools::call(&self.0, &ask, &cx).await
    }

    async fn get_task(
        &self,
        ask: GetTaskParams,
        _cx: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        self.0.tasks.get_task(&ask.task_id).map(GetTaskResult::new)
    }

    async fn update_task(
        &self,
        ask: UpdateTaskParams,
        _cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.0.tasks.update_task(&ask.task_id, ask.input_responses)
    }

    async fn cancel_task(
        &self,
        ask: CancelTaskParams,
        _cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.0.tasks.cancel_task(&ask.task_id)
    }

    async fn list_prompts(
        &self,
        _page: Option<PaginatedRequestParams>,
        _cx: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let prompts = ListPromptsResult::with_all_items(typed(prompts::list())?);
        Ok(prompts.with_ttl_ms(TTL_MS).with_cache_scope(CacheScope::Private))
    }

    async fn get_prompt(
        &self,
        ask: GetPromptRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        if let Some(answer) = self.0.dialogues.prompt(&ask, &cx)? {
            return Ok(answer);
        }
        prompts::get(&ask)
    }

    async fn complete(
        &self,
        ask: CompleteRequestParams,
        _cx: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let values = ["test", "testimony", "trial"].map(str::to_owned);
        let fitting: Vec<_> = values.into_iter().filter(|v| v.starts_with(&ask.argument.value)).collect();
        complete(json!({ "completion": { "values": fitting, "hasMore": false } }))
    }

    async fn list_resources(
        &self,
        _page: Option<PaginatedRequestParams>,
        _cx: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resources = ListResourcesResult::with_all_items(typed(resources::list())?);
        Ok(resources.with_ttl_ms(TTL_MS).with_cache_scope(CacheScope::Private))
    }

    async fn list_resource_templates(
        &self,
        _page: Option<PaginatedRequestParams>,
        _cx: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let templates = ListResourceTemplatesResult::with_all_items(typed(resources::templates())?);
        Ok(templates.with_ttl_ms(TTL_MS).with_cache_scope(CacheScope::Private))
    }

    async fn read_resource(
        &self,
        ask: ReadResourceRequestParams,
        _cx: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let found = resources::read(&ask.uri)?;
        Ok(found.with_ttl_ms(TTL_MS).with_cache_scope(CacheScope::Private).into())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.supported_by(&self.get_info().capabilities))
    }

    async fn listen(&self, cx: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.0.changes.subscribe();
        loop {
            let change = tokio::select! {
                () = cx.cancelled() => return Ok(()),
                change = changes.recv() => change,
            };
            // Notices that the client did not subscribe to are refused by the sink, which is right.
            let _refused = match change {
                Ok(Change::Tools) => cx.sink().notify_tool_list_changed().await,
                Ok(Change::Prompts) => cx.sink().notify_prompt_list_changed().await,
                Err(_) => return Ok(()),
            };
        }
    }

    // The handshake revisions have these; without sessions there is nothing to remember, and the suite asks only
    // that they are answered.

    async fn set_level(
        &self,
        _ask: SetLevelRequestParams,
        _cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn subscribe(
        &self,
        _ask: SubscribeRequestParams,
        _cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(
        &self,
        _ask: UnsubscribeRequestParams,
        _cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }
}

/// The fixture's data is written as the suite's documentation writes it: in JSON.
fn typed<T: DeserializeOwned>(data: Value) -> Result<T, ErrorData> {
    serde_json::from_value(data)
        .map_err(|e| ErrorData::internal_error(format!("the fixture is wrong: {e}"), None))
}

/// A result that is complete, in the words of 2026-07-28; rmcp leaves them out for revisions before it.
fn complete<T: DeserializeOwned>(mut result: Value) -> Result<T, ErrorData> {
    result["resultType"] = json!("complete");
    typed(result)
}

/// A tool result that is one text.
fn text<R: From<CallToolResult>>(text: impl Into<String>) -> Result<R, ErrorData> {
    complete::<CallToolResult>(json!({ "content": [said(text)] })).map(R::from)
}

/// A tool result that tells of a failure.
fn failure<R: From<CallToolResult>>(text: impl Into<String>) -> Result<R, ErrorData> {
    complete::<CallToolResult>(json!({ "isError": true, "content": [said(text)] })).map(R::from)
}

/// A content block that is a text.
fn said(text: impl Into<String>) -> Value {
    json!({ "type": "text", "text": text.into() })
}
