//! Asking the person at the client: in an answer that the client completes and sends back (MCP 2026-07-28), or with a
//! request of our own while the call waits (older revisions on stdio).

use std::time::Duration;

use call::{Person, Reply, Said};
use rmcp::model::{
    CallToolRequestParams, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationSchema, InputRequest, InputRequests, InputRequiredResult, MetaObject, ProtocolVersion,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::{Map, Value};
use tool::Question;

/// The name of our question among those of an answer.
const CONSENT: &str = "consent";

/// How long a person may take to answer a request of ours. The plan outlives it.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// How the person behind a request can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// Not at all: the client did not say that it can, or nothing can be sent to it.
    Never,
    /// By an answer that asks; the client calls again.
    InAnswer,
    /// By a request of ours while it waits.
    AtOnce,
}

impl Asking {
    /// What the client of this request can do, as it declares it.
    pub(super) fn of(request: &RequestContext<RoleServer>) -> Self {
        let elicitation = request.client_capabilities().and_then(|can| can.elicitation);
        // Neither form nor URL said is forms (2025-06-18 knew nothing else).
        let forms = elicitation.is_some_and(|kinds| kinds.form.is_some() || kinds.url.is_none());
        let is_modern = request.protocol_version().is_some_and(|v| v >= ProtocolVersion::V_2026_07_28);
        // Without a session no request of ours finds its way to an HTTP client.
        let over_http = request.extensions.get::<http::request::Parts>().is_some();
        match (forms, is_modern, over_http) {
            (true, true, _) => Self::InAnswer,
            (true, false, false) => Self::AtOnce,
            _ => Self::Never,
        }
    }
}

/// The person behind a call, and what they said to its question, if it answers one: then its plan is put among the
/// arguments, where every commit has it. The client may have altered all of it; the consent layer looks.
pub(super) fn person(
    asking: Asking,
    asked: &CallToolRequestParams,
    arguments: &mut Map<String, Value>,
) -> Person {
    let Some(state) = &asked.request_state else {
        return if asking == Asking::Never { Person::Absent } else { Person::Present };
    };
    let responses = asked.input_responses.as_ref();
    let said = responses.and_then(|all| all.get(CONSENT)).map_or(Said::Nothing, |response| {
        serde_json::from_value::<ElicitResult>(response.clone()).map_or(Said::Nothing, |result| said(&result))
    });
    let (plan, seal) = state.split_once('.').unwrap_or_default();
    replied(plan, Reply { seal: seal.to_owned(), said }, arguments)
}

/// A person who was asked about a plan.
pub(super) fn replied(plan: &str, reply: Reply, arguments: &mut Map<String, Value>) -> Person {
    let is_handle = plan.len() == 26 && plan.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    // A call that names another plan is about that one, and this answer will not fit it.
    if is_handle && arguments.get("plan").is_none_or(Value::is_null) {
        arguments.insert("plan".into(), plan.into());
    }
    Person::Asked(reply)
}

/// The answer that asks.
pub(super) fn in_answer(question: &Question, meta: MetaObject) -> InputRequiredResult {
    let request = InputRequest::Elicitation(ElicitRequest::new(form(question)));
    let state = format!("{}.{}", question.plan, question.seal);
    InputRequiredResult::new(Some(InputRequests::from([(CONSENT.to_owned(), request)])), Some(state))
        .with_meta(meta)
}

/// Asks now, and waits for the person.
pub(super) async fn at_once(question: &Question, request: &RequestContext<RoleServer>) -> Reply {
    let asked = request.peer.create_elicitation_with_timeout(form(question), Some(PATIENCE));
    let answer = tokio::select! {
        answer = asked => answer.map_err(|e| tracing::info!(error = %e, "the person at the client did not answer")),
        () = request.ct.cancelled() => Err(()),
    };
    let said = answer.map_or(Said::Nothing, |result| said(&result));
    Reply { seal: question.seal.clone(), said }
}

fn said(result: &ElicitResult) -> Said {
    match result.action {
        ElicitationAction::Accept => Said::Yes,
        ElicitationAction::Decline => Said::No,
        // Closed, or an action of a later version.
        _ => Said::Nothing,
    }
}

/// A form without fields: to accept it is to say yes.
fn form(question: &Question) -> ElicitRequestParams {
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: question.text.clone(),
        requested_schema: ElicitationSchema::new(Default::default()),
    }
}
