//! A tiny domain for the tests of this crate: items on a shelf whose every move a test scripts.

mod shelf;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use audit::Record;
use call::{BoxFuture, CancellationToken, Clock, Cx, Operation, Person};
use error::{Code, Error, Result};
use futures::FutureExt as _;
use serde_json::{Map, Value};
use store::Store;
use tokio::sync::watch;
use tool::{Answer, Call, Catalog, Seal, Source, Sources};
use uuid::Uuid;

use crate::catalogue::{Catalogue, Playbook};
use crate::config::PolicyTable;
use crate::front::{Front, House};
use crate::layers::{Append, Ledger, Reads, Redaction};
use crate::offer::{Mode, Offer};
use crate::rules::Rules;
use crate::stack::stack;
use crate::state::State;

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

impl Trial {
    /// An open house.
    pub(crate) fn new(mode: Mode) -> Self {
        let trial = Self::closed(mode, Reads::default());
        trial.open();
        trial
    }

    /// A house whose doors are not open yet.
    pub(crate) fn closed(mode: Mode, reads: Reads) -> Self {
        // Memory never waits, so this is no future in truth.
        let store = Store::in_memory(Clock::system()).now_or_never().unwrap().unwrap();
        Self::over(Arc::default(), &PolicyTable::default(), mode, reads, State::from(store))
    }

    /// An open house that remembers in `state`.
    pub(crate) fn remembering(mode: Mode, state: impl Into<State>) -> Self {
        let trial = Self::over(Arc::default(), &PolicyTable::default(), mode, Reads::default(), state.into());
        trial.open();
        trial
    }

    /// Another process over the same shelf, which remembers in `state`.
    pub(crate) fn replica(&self, state: impl Into<State>) -> Self {
        let trial = Self::over(
            self.shelf.clone(),
            &PolicyTable::default(),
            self.mode,
            Reads::default(),
            state.into(),
        );
        trial.open();
        trial
    }

    /// An open house with policy files of its own.
    pub(crate) fn ruled(mode: Mode, table: &PolicyTable) -> Self {
        let store = Store::in_memory(Clock::system()).now_or_never().unwrap().unwrap();
        let trial = Self::over(Arc::default(), table, mode, Reads::default(), State::from(store));
        trial.open();
        trial
    }

    fn over(shelf: Arc<Shelf>, table: &PolicyTable, mode: Mode, reads: Reads, state: State) -> Self {
        let tape = Arc::new(Tape::default());
        let catalog = Arc::new(catalog());
        let port = shelf.clone();
        let source = Source { name: "shelf".into(), vendor: "wood", port, users: Default::default() };
        let toolbox = catalog.clone().bind(Sources::new(vec![source], Seal::ephemeral()));
        let tools = toolbox.specs().iter().map(|spec| spec.meta).collect();
        let sources = vec!["shelf".to_owned()];
        let rules = policy::House { domain: "shelf".to_owned(), tools, sources };
        let rules = Arc::new(Rules::of(rules, table, mode, Clock::system()).unwrap());
        let redaction =
            Redaction { key: content::TokenKey::new([7; 32]), house: content::Treatments::default() };
        let offer = Arc::new(Offer { toolbox, mode, rules: rules.clone(), redaction });
        let ledger = Arc::new(Ledger::new(tape.clone(), reads));
        let house = Arc::new(House { stack: stack(&offer, &ledger, &state), offer });
        let (open, opening) = watch::channel(None);
        let front = Arc::new(Front::new(Arc::new(catalogue(&catalog)), mode, rules, opening));
        Self { shelf, tape, front, open, house, mode, clock: Clock::system() }
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

    /// Looks for the effect of an operation, as an operator does.
    pub(crate) async fn resume(&self, tool: &str, id: &str, arguments: Value) -> Result<Answer> {
        let operation = Operation { id: id.to_owned(), resumed: true, preview: false };
        self.front.resume(self.cx("local", tool).with_operation(operation), asked(tool, arguments)).await
    }

    fn cx(&self, caller: &str, tool: &str) -> Cx {
        Cx::new(tool, call::Caller::local(caller), self.clock)
    }

    /// The code a call fails with.
    pub(crate) async fn refusal(&self, tool: &str, arguments: Value) -> Code {
        self.call(tool, arguments).await.expect_err("this call must fail").code()
    }
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
