//! One run of a workflow: an MCP client of every server, within one workflow and one trace.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use rmcp::model::{
    CallToolRequestParams, ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult,
    ElicitationAction, ElicitationCapability, FormElicitationCapability, Implementation, MetaObject,
    ProtocolVersion, RequestMetaObject,
};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _, RequestContext, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientHandler, ErrorData, RoleClient, ServiceError};
use serde_json::Value;

use crate::{Fleet, Result};

/// What a tool answered: its structured content, or its typed error.
pub type Outcome = Result<Value, Value>;

/// A scripted agent. Calls may run side by side.
pub struct Agent {
    /// The id of this run, which every call carries and every audit record has.
    pub workflow: String,
    traceparent: String,
    clients: BTreeMap<String, Client>,
    notes: Arc<Mutex<Notes>>,
}

type Client = RunningService<RoleClient, Host>;

/// Who sits at an agent's client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Person {
    /// Nobody: the client cannot ask.
    Absent,
    /// Somebody who agrees to what they are shown.
    Agrees,
}

/// The program around an agent, as a server sees it.
struct Host {
    config: ClientConfig,
}

/// What is remembered of the calls.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) calls: Vec<Call>,
    pub(crate) missing: Vec<String>,
    pub(crate) writes: Vec<Write>,
}

/// A call that was made.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) tool: String,
    pub(crate) took: Duration,
    pub(crate) failed: bool,
}

/// A write that was made, or would have been.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) tool: String,
    /// `committed`, `replayed`, or why not.
    pub(crate) status: String,
    /// The record, as a person would call it.
    pub(crate) target: String,
    /// Who would have to say yes outside of a sandbox.
    pub(crate) consent: &'static str,
}

impl Agent {
    /// Connects to every server of the fleet in revision 2026-07-28, for one run of the workflow `name`.
    pub async fn connect(fleet: &Fleet, name: &str) -> Result<Self> {
        let connecting = fleet.servers().iter().map(|server| async {
            let client = connect(server.mcp(), None, Person::Absent)
                .await
                .map_err(|e| format!("chancery-{}: {e}", server.domain))?;
            Ok::<_, crate::Error>((server.domain.clone(), client))
        });
        let clients = try_join_all(connecting).await?.into_iter().collect();
        let run = uuid::Uuid::now_v7().simple().to_string();
        Ok(Self {
            workflow: format!("{name}-{}", &run[20..]),
            traceparent: format!("00-{run}-{}-01", &run[16..]),
            clients,
            notes: Arc::default(),
        })
    }

    /// The same run under another identity: a client of one server that bears `key`.
    pub(crate) async fn with_key(
        &self,
        fleet: &Fleet,
        domain: &str,
        key: &str,
        person: Person,
    ) -> Result<Self> {
        let client = connect(fleet.server(domain)?.mcp(), Some(key), person).await?;
        Ok(Self {
            workflow: self.workflow.clone(),
            traceparent: self.traceparent.clone(),
            clients: BTreeMap::from([(domain.to_owned(), client)]),
            notes: self.notes.clone(),
        })
    }

    /// Reads: calls a tool, whatever comes of it. Sources that did not answer, and calls that failed, are noted as
    /// missing.
    pub async fn read(&self, domain: &str, tool: &'static str, arguments: Value) -> Outcome {
        let outcome = self.call(domain, tool, arguments).await;
        match &outcome {
            Ok(answer) => {
                for report in silent(answer) {
                    self.miss(tool, &report["source"], &report["error"]);
                }
            }
            Err(error) => self.miss(tool, &Value::Null, error),
        }
        outcome
    }

    /// Writes: calls a tool that changes something, and notes what came of it. `consent` says who would have to
    /// agree outside of a sandbox.
    pub async fn write(
        &self,
        domain: &str,
        tool: &'static str,
        consent: &'static str,
        arguments: Value,
    ) -> Outcome {
        let outcome = self.call(domain, tool, arguments).await;
        let (status, target) = match &outcome {
            Ok(done) => {
                (text(&done["status"]).to_owned(), text(&done["change"]["record"]["label"]).to_owned())
            }
            Err(error) => (format!("not done: {}", said(error)), String::new()),
        };
        self.notes().writes.push(Write { tool: tool.to_owned(), status, target, consent });
        outcome
    }

    /// Forgets the last write, which was refused for a reason that the next one mends.
    pub fn withdraw(&self) {
        self.notes().writes.pop();
    }

    /// Calls a tool; what came of it is for the caller alone to tell.
    pub(crate) async fn call(&self, domain: &str, tool: &'static str, arguments: Value) -> Outcome {
        let begun = Instant::now();
        let outcome = match self.clients.get(domain) {
            Some(client) => self.ask(client, tool, arguments).await,
            None => Err(fault(&format!("chancery-{domain} is not running"))),
        };
        let call = Call { tool: tool.to_owned(), took: begun.elapsed(), failed: outcome.is_err() };
        self.notes().calls.push(call);
        outcome
    }

    async fn ask(&self, client: &Client, tool: &'static str, arguments: Value) -> Outcome {
        let mut params = CallToolRequestParams::new(tool);
        params.arguments = arguments.as_object().cloned();
        params.meta = Some(self.meta());
        let result = client.call_tool(params).await.map_err(|error| refusal(&error))?;
        match (result.structured_content, result.is_error) {
            (Some(answer), Some(true) | None | Some(false)) if result.is_error != Some(true) => Ok(answer),
            _ => {
                let text = result.content.first().and_then(|c| c.as_text()).map(|t| t.text.clone());
                Err(text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_else(|| fault("no answer")))
            }
        }
    }

    fn meta(&self) -> RequestMetaObject {
        let mut meta = MetaObject::new();
        meta.insert("traceparent".into(), self.traceparent.clone().into());
        meta.insert("baggage".into(), format!("chancery.workflow={}", self.workflow).into());
        RequestMetaObject::from(meta)
    }

    fn miss(&self, tool: &str, source: &Value, error: &Value) {
        let who = source.as_str().map_or_else(|| tool.to_owned(), |source| format!("{tool} from {source}"));
        let missing = format!("{who}: {}", said(error));
        let mut notes = self.notes();
        if !notes.missing.contains(&missing) {
            notes.missing.push(missing);
        }
    }

    pub(crate) fn notes(&self) -> std::sync::MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(url: &str, key: Option<&str>, person: Person) -> Result<Client> {
    let newest = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
    let mut endpoint = StreamableHttpClientTransportConfig::with_uri(url);
    endpoint.auth_header = key.map(str::to_owned);
    let transport = StreamableHttpClientTransport::from_config(endpoint);
    Ok(Host::new(person).serve_with_lifecycle(transport, newest).await?)
}

impl Host {
    fn new(person: Person) -> Self {
        let myself = Implementation::new("chancery-workflows", env!("CARGO_PKG_VERSION"));
        let mut capabilities = ClientCapabilities::default();
        if person == Person::Agrees {
            let mut form = ElicitationCapability::new();
            form.form = Some(FormElicitationCapability::default());
            capabilities.elicitation = Some(form);
        }
        Self { config: ClientConfig::new(capabilities, myself) }
    }
}

impl ClientHandler for Host {
    fn get_info(&self) -> ClientConfig {
        self.config.clone()
    }

    /// Only whoever said that there is a person is asked, and that person agrees.
    async fn create_elicitation(
        &self,
        _: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        Ok(ElicitResult::new(ElicitationAction::Accept).with_content(serde_json::json!({})))
    }
}

/// The elements of a list, or none.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

/// The sources of an answer whose rows are missing. Whoever has no such thing by nature, as a payment service has no
/// suppliers, misses nothing.
pub(crate) fn silent(answer: &Value) -> impl Iterator<Item = &Value> {
    list(answer, "sources").filter(|s| s["status"] != "ok" && s["status"] != "unsupported")
}

/// Whether a list is all there is: every source answered, and no further page follows.
pub(crate) fn is_whole(answer: &Value) -> bool {
    !answer["next_cursor"].is_string() && silent(answer).next().is_none()
}

/// A text, plain or untrusted; empty if it is neither.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().or_else(|| value["untrusted"].as_str()).unwrap_or_default()
}

/// An error in a few words.
fn said(error: &Value) -> String {
    match (text(&error["code"]), text(&error["message"])) {
        ("", "") => "no reason given".to_owned(),
        (code, message) => format!("{message} ({code})"),
    }
}

/// What was refused before a tool was reached: our own words, where they came with it.
fn refusal(error: &ServiceError) -> Value {
    match error {
        ServiceError::McpError(ErrorData { data: Some(ours), .. }) => ours.clone(),
        other => fault(&other.to_string()),
    }
}

pub(crate) fn fault(message: &str) -> Value {
    serde_json::json!({ "code": "unreachable", "message": message })
}

#[cfg(test)]
mod scripted {
    use rmcp::model::{CallToolResponse, CallToolResult, ServerCapabilities, ServerConfig};
    use rmcp::{RoleServer, ServerHandler, ServiceExt as _};

    use super::*;

    /// What a tool answers to its arguments.
    type Script = Arc<dyn Fn(&str, &Value) -> Outcome + Send + Sync>;

    struct Scripted(Script);

    impl ServerHandler for Scripted {
        fn get_info(&self) -> ServerConfig {
            ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
        }

        async fn call_tool(
            &self,
            asked: CallToolRequestParams,
            _: RequestContext<RoleServer>,
        ) -> Result<CallToolResponse, ErrorData> {
            let answer = (self.0)(&asked.name, &Value::Object(asked.arguments.unwrap_or_default()));
            Ok(answer.map_or_else(CallToolResult::structured_error, CallToolResult::structured).into())
        }
    }

    impl Agent {
        /// An agent before servers of these domains that answer by a script.
        pub(crate) async fn scripted(
            domains: &[&str],
            script: impl Fn(&str, &Value) -> Outcome + Send + Sync + 'static,
        ) -> Self {
            let script: Script = Arc::new(script);
            let mut clients = BTreeMap::new();
            for domain in domains {
                let (ours, theirs) = tokio::io::duplex(4096);
                let server = Scripted(script.clone());
                tokio::spawn(async move { server.serve(theirs).await.unwrap().waiting().await });
                let client = Host::new(Person::Absent).serve(ours).await.unwrap();
                clients.insert((*domain).to_owned(), client);
            }
            Self {
                workflow: "scripted".to_owned(),
                traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
                clients,
                notes: Arc::default(),
            }
        }
    }
}
