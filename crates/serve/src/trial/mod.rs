//! A tiny domain for the tests of this crate: items on a shelf whose every move a test scripts.

mod shelf;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use audit::Record;
use call::{BoxFuture, Caller, CancellationToken, Clock, Cx, Operation, Person, Workflow};
use error::{Code, Error, Result};
use futures::FutureExt as _;
use serde_json::{Map, Value};
use store::Store;
use tokio::sync::watch;
use tool::{Answer, Call, Catalog, Seal, Source, Sources, Toolbox};
use uuid::Uuid;

use crate::catalogue::{Catalogue, Playbook};
use crate::config::PolicyTable;
use crate::front::{Front, House};
use crate::layers::{Append, Ledger, Reads, Redaction};
use crate::limits::{Limits, Plan, Rates};
use crate::offer::{Mode, Offer};
use crate::rules::Rules;
use crate::stack::stack;
use crate::state::State;
use crate::tenants::Tenants;

pub(crate) use shelf::{Act, Shelf, catalog};

/// The audit log of the tests.
#[derive(Default)]
pub(crate) struct Tape {
    records: Mutex<Vec<Record>>,
    torn: AtomicBool,
}

impl Tape {
    pub(crate) fn records(&self) -> Vec<Record> {
        self.records.lock().unwrap().clone()
    }

    /// Whether appending fails from now on.
    pub(crate) fn tear(&self, torn: bool) {
        self.torn.store(torn, Ordering::Relaxed);
    }
}

impl Append for Tape {
    fn append(&self, record: Record) -> BoxFuture<'_, Result<Uuid>> {
        Box::pin(async move {
            if self.torn.load(Ordering::Relaxed) {
                return Err(Error::new(Code::AuditUnavailable, "the tape is torn"));
            }
            self.records.lock().unwrap().push(record);
            Ok(Uuid::now_v7())
        })
    }
}

/// The whole house over one shelf.
pub(crate) struct Trial {
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) tape: Arc<Tape>,
    pub(crate) front: Arc<Front>,
    pub(crate) open: watch::Sender<Option<Result<Arc<House>>>>,
    house: Arc<House>,
    mode: Mode,
    clock: Clock,
}

pub(crate) const SANDBOX: Mode = Mode { sandbox: true, ..REAL };
pub(crate) const REAL: Mode = Mode { read_only: false, lockdown: false, sandbox: false, asking: false };

/// What a house holds its callers to.
pub(crate) struct Terms {
    /// `[limits]`, as far as it is about calls.
    pub(crate) limits: &'static str,
    /// A file of tenants.
    pub(crate) tenants: Option<&'static str>,
    /// Calls under way.
    pub(crate) capacity: usize,
    pub(crate) policy: PolicyTable,
    pub(crate) mode: Mode,
}

impl Default for Terms {
    fn default() -> Self {
        Self { limits: "", tenants: None, capacity: 1_000, policy: PolicyTable::default(), mode: SANDBOX }
    }
}

impl Trial {
    /// An open house.
    pub(crate) fn new(mode: Mode) -> Self {
        let trial = Self::closed(mode, Reads::default());
        trial.open();
        trial
    }

    /// A house whose doors are not open yet.
    pub(crate) fn closed(mode: Mode, reads: Reads) -> Self {
        Self::over(Arc::default(), &Terms { mode, ..Terms::default() }, reads, memory())
    }

    /// An open house that remembers in `state`.
    pub(crate) fn remembering(mode: Mode, state: impl Into<State>) -> Self {
        let terms = Terms { mode, ..Terms::default() };
        let trial = Self::over(Arc::default(), &terms, Reads::default(), state.into());
        trial.open();
        trial
    }

    /// Another process over the same shelf, which remembers in `state`.
    pub(crate) fn replica(&self, state: impl Into<State>) -> Self {
        let terms = Terms { mode: self.mode, ..Terms::default() };
        let trial = Self::over(self.shelf.clone(), &terms, Reads::default(), state.into());
        trial.open();
        trial
    }

    /// An open house on terms of its own.
    pub(crate) fn on(terms: &Terms) -> Self {
        let trial = Self::over(Arc::default(), terms, Reads::default(), memory());
        trial.open();
        trial
    }

    fn over(shelf: Arc<Shelf>, terms: &Terms, reads: Reads, state: State) -> Self {
        let (tape, mode) = (Arc::new(Tape::default()), terms.mode);
        let catalog = Arc::new(catalog());
        let port = shelf.clone();
        let source = Source { name: "shelf".into(), vendor: "wood", port, users: Default::default() };
        let toolbox = catalog.clone().bind(Sources::new(vec![source], Seal::ephemeral()));
        let usual = Rates::default().with(&toml::from_str(terms.limits).unwrap());
        let listed = |text| crate::tenants::tests::listed(text, &toolbox, &usual);
        let tenants = Arc::new(terms.tenants.map_or_else(Tenants::default, listed));
        let rules = rules(&toolbox, terms);
        rules.serve(tenants.clone());
        let redaction =
            Redaction { key: content::TokenKey::new([7; 32]), house: content::Treatments::default() };
        let offer = Arc::new(Offer { toolbox, mode, rules: rules.clone(), redaction, tenants });
        let plan = Plan { usual, spared: Rates::default(), shared: None, capacity: terms.capacity };
        let limits = Arc::new(Limits::new(plan, Arc::new(store()), Clock::for_test()));
        let ledger = Arc::new(Ledger::new(tape.clone(), reads));
        let house = Arc::new(House { stack: stack(&offer, &ledger, &state, &limits), offer, limits });
        let (open, opening) = watch::channel(None);
        let front = Arc::new(Front::new(Arc::new(catalogue(&catalog)), mode, rules, opening));
        Self { shelf, tape, front, open, house, mode, clock: Clock::for_test() }
    }

    pub(crate) fn open(&self) {
        self.open.send_replace(Some(Ok(self.house.clone())));
    }

    /// Calls as the local caller whose client stays.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Result<Answer> {
        self.call_until(&CancellationToken::new(), tool, arguments).await
    }

    pub(crate) async fn call_until(
        &self,
        gone: &CancellationToken,
        tool: &str,
        arguments: Value,
    ) -> Result<Answer> {
        self.front.call(self.cx("local", tool), asked(tool, arguments), gone).await
    }

    /// Calls as `caller` through a client whose person stands so.
    pub(crate) async fn call_with(
        &self,
        person: Person,
        caller: &str,
        tool: &str,
        arguments: Value,
    ) -> Result<Answer> {
        let cx = self.cx(caller, tool).with_person(person);
        self.front.call(cx, asked(tool, arguments), &CancellationToken::new()).await
    }

    /// Calls as somebody else.
    pub(crate) async fn call_as(&self, caller: &str, tool: &str, arguments: Value) -> Result<Answer> {
        self.front.call(self.cx(caller, tool), asked(tool, arguments), &CancellationToken::new()).await
    }

    /// Calls as somebody who proved who they are, within a workflow.
    pub(crate) async fn call_by(
        &self,
        caller: &Caller,
        workflow: &str,
        tool: &str,
        arguments: Value,
    ) -> Result<Answer> {
        let workflow = Workflow { id: workflow.to_owned(), derived: workflow.is_empty() };
        let cx = Cx::new(tool, caller.clone(), self.clock).with_workflow(workflow);
        self.front.call(cx, asked(tool, arguments), &CancellationToken::new()).await
    }

    /// Looks for the effect of an operation, as an operator does.
    pub(crate) async fn resume(&self, tool: &str, id: &str, arguments: Value) -> Result<Answer> {
        let operation = Operation::known(id.to_owned()).resume();
        self.front.resume(self.cx("local", tool).with_operation(operation), asked(tool, arguments)).await
    }

    fn cx(&self, caller: &str, tool: &str) -> Cx {
        Cx::new(tool, Caller::local(caller), self.clock)
    }

    /// The code a call fails with.
    pub(crate) async fn refusal(&self, tool: &str, arguments: Value) -> Code {
        self.call(tool, arguments).await.expect_err("this call must fail").code()
    }
}

fn rules(toolbox: &Arc<dyn Toolbox>, terms: &Terms) -> Arc<Rules> {
    let tools = toolbox.specs().iter().map(|spec| spec.meta).collect();
    let fields = toolbox.specs().iter().flat_map(|spec| spec.fields.names()).collect();
    let sources = vec!["shelf".to_owned()];
    let house = policy::House { domain: "shelf".to_owned(), tools, fields, sources };
    Arc::new(Rules::of(house, &terms.policy, terms.mode, Clock::for_test()).unwrap())
}

/// Memory never waits, so opening it is no future in truth.
fn store() -> Store {
    Store::in_memory(Clock::for_test()).now_or_never().unwrap().unwrap()
}

fn memory() -> State {
    State::from(store())
}

fn asked(tool: &str, arguments: Value) -> Call {
    let arguments: Map<String, Value> = serde_json::from_value(arguments).unwrap();
    Call { tool: tool.to_owned(), arguments }
}

fn catalogue(catalog: &Arc<Catalog<Shelf>>) -> Catalogue {
    let playbooks = catalog.prompts().iter().map(|p| Playbook {
        name: p.name,
        title: p.title,
        description: p.description,
        arguments: p.arguments,
        render: p.render,
    });
    Catalogue {
        name: "shelf",
        version: "1.2.3",
        instructions: "Items on a shelf.",
        kinds: catalog.kinds().to_vec(),
        playbooks: playbooks.collect(),
        bare: catalog.clone().bind(Sources::new(Vec::new(), Seal::ephemeral())),
    }
}
