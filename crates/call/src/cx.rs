//! The context of a call.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use error::{Code, Error, Result};
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{Agent, Caller, Clock, Journal, Operation, Person, Trace, Workflow};

/// Reports progress to a client that asked for it: steps done, steps in all if known, a word on the step.
pub type Progress = Arc<dyn Fn(f64, Option<f64>, &str) + Send + Sync>;

/// The context of a call: who calls, until when, as which operation. Cheap to clone; a layer that changes
/// something runs the rest with a changed copy, and all copies share journal and cancellation.
#[derive(Clone)]
pub struct Cx(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    tool: String,
    kept_as: Option<String>,
    /// Shared: it is the same in every copy, and what it was granted may be much.
    caller: Arc<Caller>,
    agent: Agent,
    workflow: Workflow,
    trace: Trace,
    correlation_id: String,
    deadline: Option<Instant>,
    waits_until: Option<Instant>,
    cancel: CancellationToken,
    operation: Option<Operation>,
    journal: Journal,
    budget: usize,
    clock: Clock,
    begun: Timestamp,
    progress: Option<Progress>,
    attached: Vec<Arc<dyn Any + Send + Sync>>,
    person: Person,
}

impl Cx {
    /// Result bytes a call may return unless it asks for less: 24 KiB (design, section 5).
    pub const DEFAULT_BUDGET: usize = 24 * 1024;

    /// What a fetch for everybody may take: as long as a report, the longest of calls.
    const DETACHED: Duration = Duration::from_secs(45);

    /// What it may spend on pauses before it says so: as long as a read, the shortest of calls that wait for it.
    const PATIENCE: Duration = Duration::from_secs(10);

    /// The context of a fresh call.
    #[must_use]
    pub fn new(tool: impl Into<String>, caller: impl Into<Arc<Caller>>, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            tool: tool.into(),
            kept_as: None,
            caller: caller.into(),
            agent: Agent::default(),
            workflow: Workflow::default(),
            trace: Trace::start(),
            correlation_id: uuid::Uuid::now_v7().simple().to_string(),
            deadline: None,
            waits_until: None,
            cancel: CancellationToken::new(),
            operation: None,
            journal: Journal::default(),
            budget: Self::DEFAULT_BUDGET,
            begun: clock.now(),
            clock,
            progress: None,
            attached: Vec::new(),
            person: Person::Absent,
        }))
    }

    /// A context for tests: caller `tester`, no deadline, [`Clock::for_test`].
    #[must_use]
    pub fn for_test() -> Self {
        Self::new("test", Caller::local("tester"), Clock::for_test())
    }

    /// Copies what is shared and nothing else: a context that is still being made changes in place.
    fn change(mut self, edit: impl FnOnce(&mut Inner)) -> Self {
        edit(Arc::make_mut(&mut self.0));
        self
    }

    /// A context for what this call begins and others wait for too, such as reference data that is kept: it goes on
    /// when this call ends, which is why cancellation, deadline and journal are its own. It is no write, reports to
    /// nobody and has nothing of this call attached. The caller stays, so that limits and logs can name somebody. A
    /// vendor's pause is waited out only if whoever began could: all others are told of it, too.
    #[must_use]
    pub fn detached(&self) -> Self {
        self.clone().change(|cx| {
            cx.cancel = CancellationToken::new();
            let (now, begun_until) = (Instant::now(), cx.deadline);
            let patient_until = now + Self::PATIENCE;
            cx.deadline = Some(now + Self::DETACHED);
            cx.waits_until = Some(begun_until.map_or(patient_until, |end| end.min(patient_until)));
            cx.journal = Journal::default();
            cx.operation = None;
            cx.progress = None;
            cx.attached.clear();
            cx.person = Person::Absent;
        })
    }

    /// This context for another client program.
    #[must_use]
    pub fn with_agent(self, agent: Agent) -> Self {
        self.change(|cx| cx.agent = agent)
    }

    /// This context within a workflow.
    #[must_use]
    pub fn with_workflow(self, workflow: Workflow) -> Self {
        self.change(|cx| cx.workflow = workflow)
    }

    /// This context within a trace.
    #[must_use]
    pub fn with_trace(self, trace: Trace) -> Self {
        self.change(|cx| cx.trace = trace)
    }

    /// This context with an end, unless it already ends earlier.
    #[must_use]
    pub fn with_deadline(self, deadline: Instant) -> Self {
        self.change(|cx| cx.deadline = Some(cx.deadline.map_or(deadline, |d| d.min(deadline))))
    }

    /// This context as a write.
    #[must_use]
    pub fn with_operation(self, operation: Operation) -> Self {
        self.change(|cx| cx.operation = Some(operation))
    }

    /// This context with a result budget in bytes.
    #[must_use]
    pub fn with_budget(self, bytes: usize) -> Self {
        self.change(|cx| cx.budget = bytes)
    }

    /// This context with a way to report progress.
    #[must_use]
    pub fn with_progress(self, progress: Progress) -> Self {
        self.change(|cx| cx.progress = Some(progress))
    }

    /// This context with something for layers further down, which this crate need not know. Of one type the last
    /// one counts.
    #[must_use]
    pub fn with_attached<T: Any + Send + Sync>(self, thing: Arc<T>) -> Self {
        self.change(|cx| cx.attached.push(thing))
    }

    /// What was attached of this type.
    #[must_use]
    pub fn attached<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.0.attached.iter().rev().find_map(|thing| thing.downcast_ref())
    }

    /// This context with the person at the client.
    #[must_use]
    pub fn with_person(self, person: Person) -> Self {
        self.change(|cx| cx.person = person)
    }

    /// This context of a tool that had another name when it was new.
    #[must_use]
    pub fn with_kept_as(self, name: impl Into<String>) -> Self {
        self.change(|cx| cx.kept_as = Some(name.into()))
    }

    /// The name that the tool's writes are kept under: its first, so that a call before and after a change of name is one
    /// call, also where replicas of both versions run.
    #[must_use]
    pub fn kept_as(&self) -> &str {
        self.0.kept_as.as_deref().unwrap_or(&self.0.tool)
    }

    /// The tool called.
    #[must_use]
    pub fn tool(&self) -> &str {
        &self.0.tool
    }

    /// Who calls.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    /// The program that calls.
    #[must_use]
    pub fn agent(&self) -> &Agent {
        &self.0.agent
    }

    /// The workflow the call belongs to.
    #[must_use]
    pub fn workflow(&self) -> &Workflow {
        &self.0.workflow
    }

    /// The trace the call belongs to.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.0.trace
    }

    /// The id that ties answer, log and audit record together.
    #[must_use]
    pub fn correlation_id(&self) -> &str {
        &self.0.correlation_id
    }

    /// When the call must have been answered.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.0.deadline
    }

    /// What is left until the deadline; `None` if there is none.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.0.deadline.map(|d| d.saturating_duration_since(Instant::now()))
    }

    /// Whether a pause of `wait` ends while somebody waits for what comes after it.
    #[must_use]
    pub fn can_wait(&self, wait: Duration) -> bool {
        let after = Instant::now() + wait;
        [self.0.deadline, self.0.waits_until].into_iter().flatten().all(|end| after <= end)
    }

    /// Cancelled when nobody waits for the answer of a read any more. A write that was sent runs to its end.
    #[must_use]
    pub fn cancel(&self) -> &CancellationToken {
        &self.0.cancel
    }

    /// The write this call is; `None` for reads.
    #[must_use]
    pub fn operation(&self) -> Option<&Operation> {
        self.0.operation.as_ref()
    }

    /// The write this call is. An error of ours if the stack did not begin one.
    pub fn require_operation(&self) -> Result<&Operation> {
        self.operation().ok_or_else(|| Error::internal("a write ran outside `once`"))
    }

    /// Whether this call only shows what it would do: nothing may be changed anywhere.
    #[must_use]
    pub fn is_preview(&self) -> bool {
        self.operation().is_some_and(|operation| operation.preview)
    }

    /// The person at the client.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.0.person
    }

    /// What was said to vendors so far.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// How many bytes the result may have.
    #[must_use]
    pub fn budget(&self) -> usize {
        self.0.budget
    }

    /// The clock the call lives by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The present time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// When the call began: the same however long it takes.
    #[must_use]
    pub fn begun(&self) -> Timestamp {
        self.0.begun
    }

    /// Reports progress, if the client asked for it.
    pub fn progress(&self, done: f64, total: Option<f64>, step: &str) {
        if let Some(report) = &self.0.progress {
            report(done, total, step);
        }
    }

    /// Runs `work` until it ends, the deadline passes or the call is cancelled.
    pub async fn bounded<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let late = async {
            match self.0.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            done = work => done,
            () = late => Err(Error::new(Code::Deadline, "no answer came inside the time this call may take")),
            () = self.0.cancel.cancelled() => Err(Error::new(Code::Deadline, "the caller gave up")),
        }
    }
}

impl std::fmt::Debug for Cx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cx")
            .field("tool", &self.0.tool)
            .field("caller", &self.0.caller.subject)
            .field("correlation_id", &self.0.correlation_id)
            .finish_non_exhaustive()
    }
}
