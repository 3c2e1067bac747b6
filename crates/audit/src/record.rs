//! What one record says: plain data, filled by whoever acts, stamped and chained by the log.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::consent::{Approval, Consent};
use crate::{Admin, Decision, chain};

/// What was asked, by whom, and how it ended. Empty parts are not written; parts that a later version adds are
/// ignored when read. Version, sequence number, time, event id and the server's identity are the log's to add
/// (see [`Entry`](crate::Entry)).
///
/// Whoever fills it redacts first: the log writes what it is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Before the act, after it, or about the log itself.
    pub phase: Phase,
    /// For whom.
    #[serde(skip_serializing_if = "is_default")]
    pub caller: Caller,
    /// Through which program.
    #[serde(skip_serializing_if = "is_default")]
    pub agent: Agent,
    /// As part of which work.
    #[serde(skip_serializing_if = "is_default")]
    pub workflow: Workflow,
    /// W3C trace id, 32 hexadecimal digits.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub trace_id: String,
    /// The id that answer, log and record share.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub correlation_id: String,
    /// The tool called.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tool: String,
    /// Whether the tool changes anything; absent where the tool is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// The write this is; absent for reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op: Option<Op>,
    /// On an outcome: the event id of the intent it answers ([`Receipt::event_id`](crate::Receipt)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<Uuid>,
    /// The arguments, redacted. Above 64 KiB the log keeps only their digest and says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<Value>,
    /// Digest of the arguments, see [`digest`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub args_sha256: String,
    /// The record at the vendor that was read or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// What changed in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub change: Vec<Change>,
    /// What policy said to it, and by which rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Who agreed to a write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// What was decided about a request for approval; only in the phase `decision`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// What was said to vendors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upstream: Vec<Upstream>,
    /// How it ended; absent on an intent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Outcome>,
    /// From the call's arrival to its end, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// What the log did to itself; only in the phase `admin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<Admin>,
}

impl Record {
    /// What the context of a call knows about it: caller, agent, workflow, ids, tool, operation, and what was
    /// said to vendors so far.
    #[must_use]
    pub fn of(cx: &call::Cx, phase: Phase) -> Self {
        Self {
            phase,
            caller: cx.caller().into(),
            agent: cx.agent().into(),
            workflow: cx.workflow().into(),
            trace_id: cx.trace().trace_id.clone(),
            correlation_id: cx.correlation_id().to_owned(),
            tool: cx.tool().to_owned(),
            op: cx.operation().map(Op::from),
            upstream: cx.journal().entries().into_iter().map(Upstream::from).collect(),
            ..Self::default()
        }
    }
}

/// SHA-256 of `bytes` in hexadecimal, the form of `args_sha256`.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    chain::Hash::of(&[bytes]).to_string()
}

/// Where in the life of a call a record stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// A write is about to be sent. Durable before the vendor hears of it.
    Intent,
    /// A call ended or was refused.
    #[default]
    Outcome,
    /// Somebody decides about a write that waits for approval; `caller` is who decides.
    Decision,
    /// The log writes about itself.
    Admin,
    /// A phase of a later version.
    #[serde(other)]
    Other,
}

/// Whether a tool changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Effect {
    Read,
    Write,
    /// A class of a later version.
    #[serde(other)]
    Other,
}

/// The caller as verified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Caller {
    /// Stable id within the issuer.
    pub sub: String,
    /// Who vouches for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// The caller's tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The OAuth client that acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The id of its token or key, never the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_id: Option<String>,
    /// How it was verified: `local`, `jwt`.
    pub method: String,
}

impl From<&call::Caller> for Caller {
    fn from(caller: &call::Caller) -> Self {
        Self {
            sub: caller.subject.clone(),
            iss: caller.issuer.clone(),
            tenant: caller.tenant.clone(),
            client: caller.client.clone(),
            token_id: caller.token_id.clone(),
            method: caller.method.to_owned(),
        }
    }
}

/// The program that called, as it names itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agent {
    /// `clientInfo.name`.
    pub name: String,
    /// `clientInfo.version`.
    pub version: String,
}

impl From<&call::Agent> for Agent {
    fn from(agent: &call::Agent) -> Self {
        Self { name: agent.name.clone(), version: agent.version.clone() }
    }
}

/// The work a call belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workflow {
    /// The client's id for it, or one that we derived.
    pub id: String,
    /// Whether we derived it.
    #[serde(skip_serializing_if = "is_default")]
    pub derived: bool,
}

impl From<&call::Workflow> for Workflow {
    fn from(workflow: &call::Workflow) -> Self {
        Self { id: workflow.id.clone(), derived: workflow.derived }
    }
}

/// A write as an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Op {
    /// The same on every attempt.
    pub id: String,
    /// The key the client gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// A former attempt was sent: this one looks for its effect.
    #[serde(skip_serializing_if = "is_default")]
    pub resumed: bool,
    /// Whether this call was to change anything.
    #[serde(skip_serializing_if = "is_default")]
    pub mode: Mode,
}

impl From<&call::Operation> for Op {
    fn from(operation: &call::Operation) -> Self {
        Self { id: operation.id.clone(), resumed: operation.resumed, ..Self::default() }
    }
}

/// What a call of a writing tool was to do. Only `commit` needs an intent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Change the vendor's record.
    #[default]
    Commit,
    /// Show what would change.
    Preview,
    /// Repeat an answer already given.
    Replay,
    /// A mode of a later version.
    #[serde(other)]
    Other,
}

/// The record at the vendor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// The configured source: `jira-eu`.
    pub source: String,
    /// `source:native`, as in answers.
    pub record_id: String,
    /// Where a person looks at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The vendor's version of it before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_before: Option<String>,
    /// The vendor's version of it after: ties this record to the vendor's own history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_after: Option<String>,
}

/// One field that changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Change {
    /// The field in our words.
    pub field: String,
    /// Its former value, redacted; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// Its new value, redacted; absent when it was cleared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// One exchange with a vendor: [`call::Sent`] as it is read back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Upstream {
    /// The configured source.
    pub source: String,
    /// `jira`, `github`.
    pub vendor: String,
    /// The vendor's host.
    pub host: String,
    /// HTTP method.
    pub method: String,
    /// The path without its parameters.
    pub path_template: String,
    /// Status of the last reply; absent when none came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The vendor's own request id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Attempts made.
    pub attempts: u32,
    /// From the first attempt to the last reply, in milliseconds.
    pub latency_ms: u64,
}

impl From<call::Sent> for Upstream {
    fn from(sent: call::Sent) -> Self {
        Self {
            source: sent.source,
            vendor: sent.vendor.to_owned(),
            host: sent.host,
            method: sent.method,
            path_template: sent.path_template.to_owned(),
            status: sent.status,
            request_id: sent.request_id,
            attempts: sent.attempts,
            latency_ms: sent.latency_ms,
        }
    }
}

/// How a call ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// In one word.
    pub status: Status,
    /// The error's code, as in [`error::Code::as_str`]; text, so that codes of later versions can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Rows answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Bytes answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Whether the answer was cut to its budget.
    #[serde(skip_serializing_if = "is_default")]
    pub truncated: bool,
    /// Values of the answer that its reader did not see as they are.
    #[serde(skip_serializing_if = "is_default")]
    pub redacted: u64,
    /// Texts of the answer that look like instructions to a model.
    #[serde(skip_serializing_if = "is_default")]
    pub suspected: u64,
}

/// How a call ended, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Answered.
    Ok,
    /// Refused by us: nothing was done.
    Denied,
    /// Failed.
    Error,
    /// A write was sent and its fate is unknown.
    #[default]
    Unknown,
    /// A status of a later version.
    #[serde(other)]
    Other,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
