//! The MCP server: what the protocol asks, answered from the catalogue and the front.

mod asking;
mod context;
mod contract;
mod listing;
mod needs;
mod resource;
mod result;
mod view;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use call::{Caller, CancellationToken, Clock, Cx};
use error::{Code, Error, Result};
use rmcp::ErrorData;
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult,
    CompletionInfo, CustomRequest, CustomResult, DiscoverResult, ErrorCode, GetPromptRequestParams,
    GetPromptResponse, GetPromptResult, Implementation, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, PromptMessage, ProtocolVersion,
    ReadResourceRequestParams, ReadResourceResponse, Role, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use tool::{Answer, Call};

use crate::catalogue::Playbook;
use crate::front::Front;
use crate::offer::{CalledAs, current_name, former_name};
use asking::Asking;
pub(crate) use contract::{contract, digest};
use listing::{FRESH, Lists, PRIVATE};
pub(crate) use needs::{needed, read_scope};
use result::Results;

/// Methods with parameters that this server answers in every revision; 2026-07-28 has no `initialize`.
const METHODS: [&str; 8] = [
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "prompts/list",
    "prompts/get",
    "completion/complete",
];

/// One handler serves every connection and request: cloning it clones a pointer.
#[derive(Clone)]
pub(crate) struct Handler(Arc<Inner>);

struct Inner {
    front: Arc<Front>,
    /// Who calls where the transport found nobody.
    otherwise: Arc<Caller>,
    lists: Lists,
    results: Results,
    /// Made when it is first asked for: most clients never do.
    digest: OnceLock<String>,
    clock: Clock,
}

impl Handler {
    /// The handler in front of `front`. Calls that no gate let in are those of `otherwise`: the person at the machine,
    /// or, behind a gate, somebody to whom nothing was granted.
    pub(crate) fn new(front: Arc<Front>, otherwise: Caller) -> Self {
        let catalogue = front.catalogue.clone();
        let (lists, results) = (Lists::of(&catalogue), Results::of(&catalogue));
        let (digest, clock) = (OnceLock::new(), Clock::system());
        Self(Arc::new(Inner { front, otherwise: Arc::new(otherwise), lists, results, digest, clock }))
    }

    /// The context of a call that came in a request.
    fn cx(&self, tool: &str, request: &RequestContext<RoleServer>) -> Cx {
        context::cx(tool, request, &self.0.otherwise, self.0.clock)
    }

    /// Refuses a cursor: every list has one page, so this server gave none (MCP, "Pagination", Error Handling).
    fn only_page(
        &self,
        method: &str,
        asked: Option<PaginatedRequestParams>,
        request: &RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if asked.and_then(|asked| asked.cursor).is_none() {
            return Ok(());
        }
        let error = Error::invalid("cursor", "is none of this server's: each of its lists has one page");
        Err(self.0.results.protocol_error(&self.cx(method, request), &error))
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let catalogue = &self.0.front.catalogue;
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_prompts()
            .enable_completions();
        ServerConfig::new(capabilities.build())
            .with_server_info(Implementation::new(catalogue.program(), catalogue.version))
            .with_instructions(catalogue.instructions)
    }

    async fn discover(&self, _: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        let mut found = DiscoverResult::from_server_info(versions, self.get_info());
        (found.ttl_ms, found.cache_scope) = (listing::FRESH_MS, CacheScope::Private);
        let digest = self.0.digest.get_or_init(|| digest(&self.0.front.catalogue));
        found
            .meta
            .get_or_insert_default()
            .0
            .insert("dev.chancery/catalogue_digest".into(), digest.as_str().into());
        Ok(found)
    }

    async fn list_tools(
        &self,
        asked: Option<PaginatedRequestParams>,
        request: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        self.only_page("tools/list", asked, &request)?;
        let shown = self.tools_for(context::caller(&request, &self.0.otherwise));
        let (meta, list) = (Some(self.0.results.meta()), ListToolsResult::with_all_items(shown));
        Ok(ListToolsResult { meta, ttl_ms: FRESH, cache_scope: PRIVATE, ..list })
    }

    /// What rmcp asks before each call, to hold `Mcp-Param-*` headers against the input schema and nothing else.
    fn get_tool(&self, name: &str) -> Option<Tool> {
        let mut specs = self.0.front.catalogue.specs().iter();
        let spec = specs.find(|spec| spec.meta.names().any(|known| known == name))?;
        Some(Tool::new(spec.meta.name, "", spec.input.clone()))
    }

    async fn call_tool(
        &self,
        mut asked: CallToolRequestParams,
        request: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let specs = self.0.front.catalogue.specs();
        let tool = current_name(specs, &asked.name).to_owned();
        let former = former_name(specs, &asked.name).map(|(spec, alias)| listing::deprecated(spec, &alias));
        let called = former.as_ref().map(|_| Arc::new(CalledAs(asked.name.clone().into_owned())));
        let asking = Asking::of(&request);
        let mut arguments = asked.arguments.take().unwrap_or_default();
        let mut person = asking::person(asking, &asked, &mut arguments);
        loop {
            let mut cx = self.cx(&tool, &request).with_person(person);
            if let Some(called) = &called {
                tracing::info!(
                    caller = cx.caller().subject,
                    name = called.0,
                    tool,
                    "called by a former name"
                );
                cx = cx.with_attached(called.clone());
            }
            let call = Call { tool: tool.clone(), arguments: arguments.clone() };
            let answer = self.0.front.call(cx.clone(), call, &request.ct).await;
            match answer.as_ref().ok().and_then(|answer| answer.question.as_ref()) {
                Some(question) if asking == Asking::InAnswer => {
                    return Ok(asking::in_answer(question, self.0.results.meta()).into());
                }
                // The time a person takes is not the call's: it is made again with what they said.
                Some(question) if asking == Asking::AtOnce => {
                    let reply = asking::at_once(question, &request).await;
                    person = asking::replied(&question.plan, reply, &mut arguments);
                }
                _ => {
                    let answer = answer.map(|answer| Answer {
                        links: if knows_links(&request) { answer.links } else { Vec::new() },
                        ..answer
                    });
                    let result = self.0.results.of_call(&cx, answer, former)?;
                    return Ok(CallToolResponse::Complete(result));
                }
            }
        }
    }

    async fn list_resources(
        &self,
        asked: Option<PaginatedRequestParams>,
        request: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        self.only_page("resources/list", asked, &request)?;
        // Records are found by searching, not by listing: the templates say how to name one.
        let (meta, list) = (Some(self.0.results.meta()), ListResourcesResult::with_all_items(Vec::new()));
        Ok(ListResourcesResult { meta, ttl_ms: FRESH, cache_scope: PRIVATE, ..list })
    }

    async fn list_resource_templates(
        &self,
        asked: Option<PaginatedRequestParams>,
        request: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        self.only_page("resources/templates/list", asked, &request)?;
        let shown = self.templates_for(context::caller(&request, &self.0.otherwise));
        let (meta, list) = (Some(self.0.results.meta()), ListResourceTemplatesResult::with_all_items(shown));
        Ok(ListResourceTemplatesResult { meta, ttl_ms: FRESH, cache_scope: PRIVATE, ..list })
    }

    async fn read_resource(
        &self,
        asked: ReadResourceRequestParams,
        request: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let unnamed = self.cx("resources/read", &request);
        let call = resource::call(&self.0.front.catalogue, &asked.uri)
            .map_err(|e| self.0.results.resource_error(&unnamed, &e))?;
        let cx = self.cx(&call.tool, &request);
        let one_of_a_list = resource::asks_for_one_of_a_list(&call);
        let answer = self.0.front.call(cx.clone(), call, &request.ct).await;
        let answer = answer.map_err(|error| match error.code() {
            Code::UnknownTool => resource::absent(&self.0.front.catalogue),
            _ => error,
        });
        self.0.results.of_resource(&cx, &asked.uri, one_of_a_list, answer).map(ReadResourceResponse::Complete)
    }

    async fn list_prompts(
        &self,
        asked: Option<PaginatedRequestParams>,
        request: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        self.only_page("prompts/list", asked, &request)?;
        let shown = self.prompts_for(context::caller(&request, &self.0.otherwise));
        let (meta, list) = (Some(self.0.results.meta()), ListPromptsResult::with_all_items(shown));
        Ok(ListPromptsResult { meta, ttl_ms: FRESH, cache_scope: PRIVATE, ..list })
    }

    async fn get_prompt(
        &self,
        asked: GetPromptRequestParams,
        request: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let cx = self.cx("prompts/get", &request);
        let refuse = |error: Error| self.0.results.protocol_error(&cx, &error);
        let playbook = self.playbook(cx.caller(), &asked.name).map_err(refuse)?;
        let given = arguments(playbook, asked.arguments.unwrap_or_default()).map_err(refuse)?;
        let mut result =
            GetPromptResult::new(vec![PromptMessage::new_text(Role::User, (playbook.render)(&given))]);
        result.description = Some(playbook.description.to_owned());
        result.meta = Some(self.0.results.meta());
        Ok(GetPromptResponse::Complete(result))
    }

    /// What rmcp could not read: a method of another server, or one of ours whose parameters have the wrong form.
    async fn on_custom_request(
        &self,
        asked: CustomRequest,
        request: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        if !METHODS.contains(&asked.method.as_str()) {
            return Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, "this server has no such method", None));
        }
        let malformed =
            Error::new(Code::InvalidArgument, "the request's `params` do not have the method's form")
                .hint("see the method in the MCP schema of your protocol version");
        Err(self.0.results.protocol_error(&self.cx(&asked.method, &request), &malformed))
    }

    async fn complete(
        &self,
        asked: CompleteRequestParams,
        request: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let cx = self.cx("completion/complete", &request);
        let cx = cx.with_deadline(tokio::time::Instant::now() + tool::Deadline::Read.duration());
        let _nobody_waits: tokio_util::sync::DropGuard = CancellationToken::clone(cx.cancel()).drop_guard();
        let refuse = |error: Error| self.0.results.protocol_error(&cx, &error);
        let _place = self.0.front.admit(&cx).await.map_err(refuse)?;
        let mut values =
            self.completions(&asked, &cx).await.map_err(|e| self.0.results.protocol_error(&cx, &e))?;
        let more = values.len() > CompletionInfo::MAX_VALUES;
        values.truncate(CompletionInfo::MAX_VALUES);
        let mut info = CompletionInfo::default();
        (info.values, info.has_more) = (values, Some(more));
        let mut result = CompleteResult::new(info);
        result.meta = Some(self.0.results.meta());
        Ok(result)
    }
}

/// Whether the client knows `resource_link`, which came with 2025-06-18: one that does not may refuse the whole result.
fn knows_links(request: &RequestContext<RoleServer>) -> bool {
    request.protocol_version().is_none_or(|version| version >= ProtocolVersion::V_2025_06_18)
}

/// The arguments of a playbook: all known, all texts, none missing.
fn arguments(
    playbook: &Playbook,
    given: serde_json::Map<String, serde_json::Value>,
) -> Result<BTreeMap<String, String>> {
    let known = playbook.arguments.iter().map(|a| a.name).collect::<Vec<_>>().join(", ");
    let mut texts = BTreeMap::new();
    for (name, value) in given {
        if !playbook.arguments.iter().any(|a| a.name == name) {
            let problem = format!("is not an argument of this prompt; it takes {known}");
            return Err(Error::invalid(content::cut(&name, 60), problem));
        }
        match value {
            serde_json::Value::String(text) => drop(texts.insert(name, text)),
            serde_json::Value::Null => {}
            _ => return Err(Error::invalid(name, "must be a text")),
        }
    }
    match playbook.arguments.iter().find(|a| a.required && !texts.contains_key(a.name)) {
        Some(missing) => Err(Error::invalid(missing.name, "is required")),
        None => Ok(texts),
    }
}
