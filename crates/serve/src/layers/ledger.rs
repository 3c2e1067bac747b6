//! The audit log as the tool stack uses it: intents before writes, outcomes after every call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use audit::{Consent, ConsentSource, Decision, Effect, Mode, Outcome, Phase, Record, Target};
use call::{BoxFuture, Cx};
use error::{Code, Error, Result};
use serde::Deserialize;
use tool::{Answer, Call, Facts};
use uuid::Uuid;

use super::redact::{kept, redact};
use super::validate::MOST_BYTES;

/// Bytes of a tool's name that are looked through for what a record must not hold.
const LONGEST_NAME: usize = 1024;

/// Where records go. The log of `audit`; tests put their own here.
pub(crate) trait Append: Send + Sync {
    /// Makes a record durable and returns its event id.
    fn append(&self, record: Record) -> BoxFuture<'_, Result<Uuid>>;
}

/// How reads are recorded (`[audit] reads`). Writes are always recorded before they are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reads {
    /// A read is answered when its record is durable, and not at all if it cannot be.
    #[default]
    Durable,
    /// The same, but a read whose record cannot be written is answered all the same.
    BestEffort,
    /// A read is answered at once; its record follows. A crash loses the records of the last moments.
    Async,
}

/// Records calls. Clones nothing of an answer but what the record says.
pub(crate) struct Ledger {
    log: Arc<dyn Append>,
    reads: Reads,
    /// What layers noted of calls that wait for their outcome, by correlation id.
    notes: Mutex<HashMap<String, Note>>,
}

/// What is noted of a call on its way down, for its outcome.
#[derive(Default)]
struct Note {
    /// The event id of its intent, and the operation that it names: that of a plan may be known only then.
    intent: Option<(Uuid, Option<String>)>,
    /// Who agreed to it.
    consent: Option<Consent>,
    /// What policy said to it.
    decision: Option<Decision>,
}

impl Ledger {
    pub(crate) fn new(log: Arc<dyn Append>, reads: Reads) -> Self {
        Self { log, reads, notes: Mutex::default() }
    }

    /// Notes who agreed to a write that is about to be done.
    pub(crate) fn agreed(&self, cx: &Cx, consent: Consent) {
        self.notes().entry(cx.correlation_id().to_owned()).or_default().consent = Some(consent);
    }

    /// Notes what policy said to a call; of several decisions the last one counts.
    pub(crate) fn decided(&self, cx: &Cx, decision: Decision) {
        self.notes().entry(cx.correlation_id().to_owned()).or_default().decision = Some(decision);
    }

    /// Makes the intent of a write durable, or fails the write with `audit_unavailable`.
    pub(crate) async fn intend(&self, cx: &Cx, call: &Call) -> Result<()> {
        let mut record = of(cx, Phase::Intent, call, Some(Effect::Write));
        if let Some(note) = self.notes().get(cx.correlation_id()) {
            record.consent = note.consent.clone().or(record.consent);
            record.decision = note.decision.clone();
        }
        let operation = record.op.as_ref().map(|op| op.id.clone());
        let event = self.log.append(record).await.map_err(unavailable)?;
        self.notes().entry(cx.correlation_id().to_owned()).or_default().intent = Some((event, operation));
        Ok(())
    }

    /// Records how a call ended and returns what may be answered now. `asked` is the record that [`outcome_of`]
    /// began before the call ran.
    pub(crate) async fn settle(&self, cx: &Cx, mut record: Record, answer: Result<Answer>) -> Result<Answer> {
        let note = self.notes().remove(cx.correlation_id()).unwrap_or_default();
        if let Some((event, operation)) = note.intent {
            record.intent = Some(event);
            if let (Some(op), Some(id)) = (&mut record.op, operation) {
                op.id = id;
            }
        }
        record.consent = note.consent.or(record.consent);
        refused_late(&mut record, note.decision);
        let is_write = record.effect == Some(Effect::Write);
        repeat_of_unknown(&mut record);
        if !is_write && self.reads == Reads::Async {
            let log = self.log.clone();
            tokio::spawn(async move {
                if let Err(error) = log.append(record).await {
                    tracing::error!(?error, "the record of a read is lost");
                }
            });
            return answer;
        }
        let Err(error) = self.log.append(record).await else { return answer };
        // The write happened or was refused: hiding that would make it happen again.
        tracing::error!(
            ?error,
            tool = cx.tool(),
            correlation_id = cx.correlation_id(),
            "an outcome is not recorded"
        );
        metrics::counter!("chancery_unrecorded_outcomes_total").increment(1);
        match answer {
            Ok(_) if !is_write && self.reads == Reads::Durable => Err(unavailable(error)),
            answer => answer,
        }
    }

    fn notes(&self) -> std::sync::MutexGuard<'_, HashMap<String, Note>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unavailable(cause: Error) -> Error {
    Error::new(Code::AuditUnavailable, "the call cannot be recorded, so it was not done").source(cause)
}

/// What is known of a call before it ran: the arguments are the stack's from here on.
pub(crate) fn outcome_of(cx: &Cx, call: &Call, effect: Option<Effect>) -> Record {
    of(cx, Phase::Outcome, call, effect)
}

fn of(cx: &Cx, phase: Phase, call: &Call, effect: Option<Effect>) -> Record {
    let mut record = Record::of(cx, phase);
    // Nothing has been checked yet: what is looked through has to be short, whatever was sent.
    record.tool = content::cut(&kept(content::cut(&call.tool, LONGEST_NAME)), 128).to_owned();
    record.effect = effect;
    // The digest covers the arguments as the client sent them, in compact JSON.
    let sent = serde_json::to_vec(&call.arguments).unwrap_or_default();
    record.args_sha256 = audit::digest(&sent);
    record.args = (sent.len() <= MOST_BYTES).then(|| redact(&call.arguments));
    if effect == Some(Effect::Write) {
        // Unless the consent layer says otherwise; see [`Ledger::agreed`].
        record.consent = Some(ConsentSource::None.into());
    }
    if let Some(op) = &mut record.op {
        op.idempotency_key = call
            .arguments
            .get("idempotency_key")
            .and_then(|k| k.as_str())
            .map(|k| content::cut(k, 255).to_owned());
    }
    record
}

/// Adds to a begun record what the call said to vendors and how it ended.
pub(crate) fn complete(record: &mut Record, cx: &Cx, answer: &Result<Answer>) {
    record.upstream = cx.journal().entries().into_iter().map(Into::into).collect();
    match answer {
        Ok(answer) => {
            record.result = Some(answered(answer));
            record.target = target(answer);
            if let Some(facts) = &answer.facts {
                record.change = facts.changes.iter().map(change).collect();
                set_mode(record, facts);
            }
        }
        Err(error) => record.result = Some(failed(cx, error)),
    }
}

fn answered(answer: &Answer) -> Outcome {
    let unknown = answer.facts.as_ref().is_some_and(|f| f.status == tool::Status::Unknown);
    Outcome {
        status: if unknown { audit::Status::Unknown } else { audit::Status::Ok },
        rows: u64::try_from(answer.rows).ok(),
        bytes: u64::try_from(answer.text.len()).ok(),
        truncated: answer.value.get("truncated").is_some_and(|t| t == true),
        redacted: u64::try_from(answer.tally.redacted).unwrap_or(u64::MAX),
        suspected: u64::try_from(answer.tally.suspected).unwrap_or(u64::MAX),
        ..Outcome::default()
    }
}

fn failed(cx: &Cx, error: &Error) -> Outcome {
    let status = match error.code() {
        Code::OutcomeUnknown => audit::Status::Unknown,
        // Nothing was said to a vendor and the cause lies in the call, in policy or in our own state.
        code if is_refusal(code) && cx.journal().entries().is_empty() => audit::Status::Denied,
        _ => audit::Status::Error,
    };
    Outcome { status, error_code: Some(error.code().as_str().to_owned()), ..Outcome::default() }
}

fn is_refusal(code: Code) -> bool {
    !matches!(
        code,
        Code::Internal
            | Code::Deadline
            | Code::UpstreamAuth
            | Code::UpstreamUnavailable
            | Code::UpstreamGarbled
    )
}

/// What policy refused after a look at the record was refused all the same: nothing was done or shown.
fn refused_late(record: &mut Record, decision: Option<Decision>) {
    let failed = record.result.as_mut().filter(|result| result.status == audit::Status::Error);
    if let Some(result) = failed
        && decision.as_ref().is_some_and(|decision| !decision.allow)
    {
        result.status = audit::Status::Denied;
    }
    record.decision = decision;
}

/// A call without intent sent nothing: where it answers `outcome_unknown`, it repeats what a former one was told.
fn repeat_of_unknown(record: &mut Record) {
    let unknown = record.result.as_ref().is_some_and(|r| r.status == audit::Status::Unknown);
    if unknown
        && record.intent.is_none()
        && let Some(op) = &mut record.op
    {
        op.mode = Mode::Replay;
    }
}

fn target(answer: &Answer) -> Option<Target> {
    let facts = answer.facts.as_ref();
    let id = facts.map(|f| &f.target).or_else(|| answer.links.first().map(|l| &l.id))?;
    Some(Target {
        source: id.source().to_owned(),
        record_id: id.to_string(),
        url: facts.and_then(|f| f.url.clone()),
        version_after: facts.and_then(|f| f.version.clone()),
        ..Target::default()
    })
}

fn change(field: &tool::FieldChange) -> audit::Change {
    let text = |label: &Option<content::Label>| label.as_ref().map(|l| kept(l.as_str()).into());
    audit::Change { field: field.field.clone(), before: text(&field.before), after: text(&field.after) }
}

fn set_mode(record: &mut Record, facts: &Facts) {
    if let Some(op) = &mut record.op {
        op.mode = match facts.status {
            tool::Status::Preview | tool::Status::PendingApproval => Mode::Preview,
            tool::Status::Replayed => Mode::Replay,
            tool::Status::Committed | tool::Status::Unknown => Mode::Commit,
        };
    }
}
