//! Tools and a prompt that ask back (MRTR, SEP-2322): the client answers by calling again.

use std::collections::BTreeMap;

use error::Error;
use rmcp::ErrorData;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ClientCapabilities, GetPromptRequestParams, GetPromptResponse,
    InputRequiredResult, InputResponses, RequestStateCodec, SealOptions,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{complete, failure, said, text, typed};

/// The tools answered here.
pub(crate) const TOOLS: [(&str, &str); 13] = [
    ("test_elicitation", "Asks the user, in revisions where a server may."),
    ("test_sampling", "Asks the model, in revisions where a server may."),
    ("test_elicitation_sep1034_defaults", "Asks with defaults, in revisions where a server may."),
    ("test_elicitation_sep1330_enums", "Asks with choices, in revisions where a server may."),
    ("test_streaming_elicitation", "Asks for a name."),
    ("test_input_required_result_elicitation", "Asks for a name."),
    ("test_input_required_result_sampling", "Asks for the capital of France."),
    ("test_input_required_result_list_roots", "Asks for the roots."),
    ("test_input_required_result_request_state", "Asks for a confirmation and remembers that it did."),
    ("test_input_required_result_multiple_inputs", "Asks three things at once."),
    ("test_input_required_result_multi_round", "Asks one thing after the other."),
    ("test_input_required_result_tampered_state", "Asks for a confirmation and notices a forged memory."),
    ("test_input_required_result_capabilities", "Asks what the client is able to answer."),
];

/// What these do, only a session makes possible.
const NEEDS_A_SESSION: [&str; 4] = [
    "test_elicitation",
    "test_sampling",
    "test_elicitation_sep1034_defaults",
    "test_elicitation_sep1330_enums",
];

/// What is asked under which name: an MCP request as it stands in `inputRequests`.
type Questions = BTreeMap<&'static str, Value>;

/// A conversation in rounds. With memory, the round travels with the client in a sealed `requestState`.
struct Script {
    rounds: Vec<Questions>,
    memory: bool,
}

/// Where a dialogue stands after a call.
pub(crate) enum Turn {
    /// The client must answer and call again.
    Ask(InputRequiredResult),
    /// Everything was answered.
    Done(InputResponses),
}

pub(crate) struct Dialogues {
    codec: RequestStateCodec,
}

impl Dialogues {
    pub(crate) fn new() -> Result<Self, Error> {
        let key = [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes).concat();
        let codec = RequestStateCodec::try_new(key).map_err(|e| Error::internal("no codec").source(e))?;
        Ok(Self { codec })
    }

    /// Answers `ask` if its tool is one of ours.
    pub(crate) fn call(
        &self,
        ask: &CallToolRequestParams,
        cx: &RequestContext<RoleServer>,
    ) -> Result<Option<CallToolResponse>, ErrorData> {
        if NEEDS_A_SESSION.contains(&ask.name.as_ref()) {
            // Without a session there is no way to ask a client of the handshake revisions anything.
            return failure("This server keeps no sessions, so it cannot ask back here.").map(Some);
        }
        let client = cx.client_capabilities().unwrap_or_default();
        let Some(script) = script(&ask.name, &client) else { return Ok(None) };
        let turn =
            self.next(&script, &ask.name, ask.input_responses.as_ref(), ask.request_state.as_deref())?;
        Ok(Some(match turn {
            Turn::Ask(questions) => questions.into(),
            Turn::Done(answers) => text(format!("state-ok: {}", json!(answers)))?,
        }))
    }

    /// Answers `ask` if its prompt is the one that asks back.
    pub(crate) fn prompt(
        &self,
        ask: &GetPromptRequestParams,
        cx: &RequestContext<RoleServer>,
    ) -> Result<Option<GetPromptResponse>, ErrorData> {
        if ask.name != "test_input_required_result_prompt" {
            return Ok(None);
        }
        let client = cx.client_capabilities().unwrap_or_default();
        let Some(script) = script(&ask.name, &client) else { return Ok(None) };
        let turn =
            self.next(&script, &ask.name, ask.input_responses.as_ref(), ask.request_state.as_deref())?;
        Ok(Some(match turn {
            Turn::Ask(questions) => questions.into(),
            Turn::Done(answers) => {
                let content = said(json!(answers).to_string());
                GetPromptResponse::Complete(complete(
                    json!({ "messages": [{ "role": "user", "content": content }] }),
                )?)
            }
        }))
    }

    /// The dialogue that leads to a task: asks for a name.
    pub(crate) fn name(&self, ask: &CallToolRequestParams) -> Result<Turn, ErrorData> {
        let script = Script { rounds: vec![name()], memory: true };
        self.next(&script, &ask.name, ask.input_responses.as_ref(), ask.request_state.as_deref())
    }

    fn next(
        &self,
        script: &Script,
        about: &str,
        answers: Option<&InputResponses>,
        state: Option<&str>,
    ) -> Result<Turn, ErrorData> {
        let round = self.round(script, about, state)?;
        let answered = |questions: &Questions| {
            questions
                .iter()
                .all(|(key, question)| answers.and_then(|a| a.get(*key)).is_some_and(|a| fits(question, a)))
        };
        let Some(questions) = script.rounds.get(round) else { return Ok(Turn::Done(InputResponses::new())) };
        if !answered(questions) {
            return self.ask(script, about, round, questions);
        }
        match script.rounds.get(round + 1) {
            Some(questions) => self.ask(script, about, round + 1, questions),
            None => Ok(Turn::Done(answers.cloned().unwrap_or_default())),
        }
    }

    /// The round a client says it is in; what it sends is trusted only as far as the seal holds.
    fn round(&self, script: &Script, about: &str, state: Option<&str>) -> Result<usize, ErrorData> {
        let Some(state) = state.filter(|_| script.memory) else { return Ok(0) };
        self.codec
            .open_json_with(state, about.as_bytes())
            .map_err(|_| ErrorData::invalid_params("requestState was not made here", None))
    }

    fn ask(
        &self,
        script: &Script,
        about: &str,
        round: usize,
        questions: &Questions,
    ) -> Result<Turn, ErrorData> {
        let state = if script.memory {
            let sealed =
                self.codec.seal_json_with(&round, &SealOptions::new().associated_data(about.as_bytes()));
            Some(sealed.map_err(|e| ErrorData::internal_error(e.to_string(), None))?)
        } else {
            None
        };
        Ok(Turn::Ask(InputRequiredResult::new(Some(typed(json!(questions))?), state)))
    }
}

fn script(about: &str, client: &ClientCapabilities) -> Option<Script> {
    let once = |questions| Some(Script { rounds: vec![questions], memory: false });
    let remembered = |rounds| Some(Script { rounds, memory: true });
    match about.strip_prefix("test_input_required_result_").unwrap_or(about) {
        "elicitation" | "test_streaming_elicitation" => once(name()),
        "sampling" => once(capital()),
        "list_roots" => once(roots()),
        "prompt" => once(form("user_context", "What context should the prompt use?", "context", "string")),
        "request_state" | "tampered_state" => {
            remembered(vec![form("confirm", "Please confirm", "ok", "boolean")])
        }
        "multiple_inputs" => remembered(vec![[name(), capital(), roots()].into_iter().flatten().collect()]),
        "multi_round" => remembered(vec![
            form("step1", "Step 1: What is your name?", "name", "string"),
            form("step2", "Step 2: What is your favorite color?", "color", "string"),
        ]),
        "capabilities" => {
            let possible = [
                client.elicitation.is_some().then(name),
                client.sampling.is_some().then(capital),
                client.roots.is_some().then(roots),
            ];
            once(possible.into_iter().flatten().flatten().collect())
        }
        _ => None,
    }
}

fn name() -> Questions {
    form("user_name", "What is your name?", "name", "string")
}

fn capital() -> Questions {
    let question =
        json!({ "role": "user", "content": { "type": "text", "text": "What is the capital of France?" } });
    let params = json!({ "messages": [question], "maxTokens": 100 });
    Questions::from([("capital_question", json!({ "method": "sampling/createMessage", "params": params }))])
}

fn roots() -> Questions {
    Questions::from([("client_roots", json!({ "method": "roots/list", "params": {} }))])
}

fn form(key: &'static str, message: &str, field: &str, kind: &str) -> Questions {
    Questions::from([(key, elicitation(message, field, kind))])
}

/// A request for one field of a form.
pub(crate) fn elicitation(message: &str, field: &str, kind: &str) -> Value {
    let properties = json!({ field: { "type": kind } });
    let schema = json!({ "type": "object", "properties": properties, "required": [field] });
    json!({ "method": "elicitation/create", "params": { "mode": "form", "message": message, "requestedSchema": schema } })
}

/// Whether `answer` is one to `question` at all.
fn fits(question: &Value, answer: &Value) -> bool {
    match question["method"].as_str() {
        Some("elicitation/create") => answer["action"].is_string(),
        Some("sampling/createMessage") => answer["content"].is_object(),
        _ => answer["roots"].is_array(),
    }
}
