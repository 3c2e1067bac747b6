//! A tiny domain for the tests of this crate: items on a shelf whose every move a test scripts.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use audit::Record;
use call::{BoxFuture, CancellationToken, Clock, Cx, Sent};
use content::Label;
use error::{Code, Error, Result};
use futures::FutureExt as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::Store;
use tokio::sync::{oneshot, watch};
use tool::{
    Answer, Call, Catalog, Change, Consent, Link, Meta, Output, Prompt, RecordId, Repeat, Seal, Source,
    Sources, Tool, Undo, WriteKind, Written,
};
use uuid::Uuid;

use crate::catalogue::{Catalogue, Playbook};
use crate::front::{Front, House};
use crate::layers::{Append, Ledger, Reads};
use crate::offer::{Mode, Offer};
use crate::stack::stack;
use crate::state::State;

/// The port.
#[derive(Default)]
pub(crate) struct Shelf {
    script: Mutex<VecDeque<Act>>,
    seen: Mutex<Vec<Seen>>,
    /// The version of every record on it.
    version: AtomicU32,
}

/// What the shelf does at its next touch; it obliges when the script is at its end.
pub(crate) enum Act {
    Oblige,
    Say(String),
    Fail(Error),
    Panic,
    Take(Duration),
    /// Tells that it was touched, and never returns.
    Hang(oneshot::Sender<()>),
    /// Notes an exchange, then fails.
    SendThenFail(&'static str, Option<u16>, Error),
}

/// One touch of the shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) tool: String,
    pub(crate) operation: Option<String>,
    pub(crate) resumed: bool,
    pub(crate) preview: bool,
}

impl Shelf {
    pub(crate) fn then(&self, act: Act) {
        self.script.lock().unwrap().push_back(act);
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The touches that were no previews.
    pub(crate) fn done(&self) -> usize {
        self.seen().iter().filter(|seen| !seen.preview).count()
    }

    /// Somebody else changes every record.
    pub(crate) fn age(&self) {
        self.version.fetch_add(1, Ordering::Relaxed);
    }

    async fn touch(&self, cx: &Cx) -> Result<String> {
        self.seen.lock().unwrap().push(Seen {
            tool: cx.tool().to_owned(),
            operation: cx.operation().map(|o| o.id.clone()),
            resumed: cx.operation().is_some_and(|o| o.resumed),
            preview: cx.is_preview(),
        });
        let act = self.script.lock().unwrap().pop_front().unwrap_or(Act::Oblige);
        match act {
            Act::Oblige => Ok("as it was".to_owned()),
            Act::Say(text) => Ok(text),
            Act::Fail(error) => Err(error),
            Act::Panic => panic!("the shelf fell: secret plans"),
            Act::Take(time) => {
                tokio::time::sleep(time).await;
                Ok("late".to_owned())
            }
            Act::Hang(touched) => {
                touched.send(()).unwrap();
                std::future::pending().await
            }
            Act::SendThenFail(method, status, error) => {
                cx.journal().note(sent(method, status));
                Err(error)
            }
        }
    }
}

fn sent(method: &str, status: Option<u16>) -> Sent {
    Sent {
        source: "shelf".into(),
        vendor: "wood",
        host: "shelf.test".into(),
        method: method.into(),
        write: method != "GET",
        path_template: "/items/{id}",
        status,
        request_id: Some("r-1".into()),
        attempts: 1,
        latency_ms: 3,
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Item {
    id: RecordId,
    text: String,
}

impl Output for Item {
    fn links(&self) -> Vec<Link> {
        vec![Link { kind: "item".into(), id: self.id.clone(), label: "An item".into() }]
    }
}

/// Reads an item off the shelf.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GetItem {
    /// The item.
    id: RecordId,
    /// How many words.
    #[schemars(range(min = 1, max = 9))]
    #[allow(dead_code, reason = "only its schema is tested")]
    words: Option<u32>,
}

impl Tool for GetItem {
    type Port = Shelf;
    type Out = Item;
    const META: Meta = Meta::read("get_item", "Get item", "shelf:read").aliases(&["read_item"]);

    async fn run(self, cx: &Cx, sources: &Sources<Shelf>) -> Result<Item> {
        let text = sources.of(&self.id)?.port.touch(cx).await?;
        Ok(Item { id: self.id, text })
    }
}

/// Counts what is on the shelf.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountItems {}

impl Tool for CountItems {
    type Port = Shelf;
    type Out = Item;
    const META: Meta = Meta::read("count_items", "Count items", "shelf:read").report();

    async fn run(self, cx: &Cx, sources: &Sources<Shelf>) -> Result<Item> {
        let source = &sources.all()[0];
        Ok(Item { id: source.id("all"), text: source.port.touch(cx).await? })
    }
}

/// Defines a write of the shelf: they differ in their record alone.
macro_rules! write_tool {
    ($name:ident, $meta:expr) => {
        /// Writes on the shelf.
        #[derive(Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            /// What to write.
            text: String,
        }

        impl Tool for $name {
            type Port = Shelf;
            type Out = Written<Item>;
            const META: Meta = $meta;

            async fn run(self, cx: &Cx, sources: &Sources<Shelf>) -> Result<Written<Item>> {
                write(cx, sources, self.text).await
            }
        }
    };
}

write_tool!(AddItem, Meta::write("add_item", "Add item", "shelf:write", WriteKind::Additive));
write_tool!(
    SetItem,
    Meta::write("set_item", "Set item", "shelf:write", WriteKind::StateChange).repeat(Repeat::ByNature)
);
write_tool!(
    BurnItem,
    Meta::write("burn_item", "Burn item", "shelf:write", WriteKind::Destructive)
        .repeat(Repeat::Unsafe)
        .consent(Consent::Preview)
);

write_tool!(
    SellItem,
    Meta::write("sell_item", "Sell item", "shelf:write", WriteKind::StateChange).consent(Consent::Approve)
);

async fn write(cx: &Cx, sources: &Sources<Shelf>, text: String) -> Result<Written<Item>> {
    let source = &sources.all()[0];
    let said = source.port.touch(cx).await?;
    let id = source.id("7");
    let record = tool::Record { id: id.clone(), label: Label::new(&text), url: None };
    let fields = vec![tool::FieldChange::new("text", Label::new(&text))];
    let change = Change { record, fields };
    if cx.is_preview() {
        let version = source.port.version.load(Ordering::Relaxed);
        return Ok(Written::preview("item", change).version(version.to_string()));
    }
    Ok(Written::committed("item", Item { id, text: said }, change, Undo::None("it is a test".into()))
        .version("2"))
}

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

pub(crate) const SANDBOX: Mode = Mode { read_only: false, sandbox: true, asking: false };
pub(crate) const REAL: Mode = Mode { read_only: false, sandbox: false, asking: false };

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
        Self::over(Arc::default(), mode, reads, State::from(store))
    }

    /// An open house that remembers in `state`.
    pub(crate) fn remembering(mode: Mode, state: impl Into<State>) -> Self {
        let trial = Self::over(Arc::default(), mode, Reads::default(), state.into());
        trial.open();
        trial
    }

    /// Another process over the same shelf, which remembers in `state`.
    pub(crate) fn replica(&self, state: impl Into<State>) -> Self {
        let trial = Self::over(self.shelf.clone(), self.mode, Reads::default(), state.into());
        trial.open();
        trial
    }

    fn over(shelf: Arc<Shelf>, mode: Mode, reads: Reads, state: State) -> Self {
        let tape = Arc::new(Tape::default());
        let catalog = Arc::new(catalog());
        let port = shelf.clone();
        let source = Source { name: "shelf".into(), vendor: "wood", port, users: Default::default() };
        let toolbox = catalog.clone().bind(Sources::new(vec![source], Seal::ephemeral()));
        let offer = Arc::new(Offer { toolbox, mode });
        let ledger = Arc::new(Ledger::new(tape.clone(), reads));
        let house = Arc::new(House { stack: stack(&offer, &ledger, &state), offer });
        let (open, opening) = watch::channel(None);
        let front = Arc::new(Front::new(Arc::new(catalogue(&catalog)), mode, opening));
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

    /// Calls as somebody else.
    pub(crate) async fn call_as(&self, caller: &str, tool: &str, arguments: Value) -> Result<Answer> {
        self.front.call(self.cx(caller, tool), asked(tool, arguments), &CancellationToken::new()).await
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

pub(crate) fn catalog() -> Catalog<Shelf> {
    Catalog::new()
        .with::<GetItem>()
        .with::<CountItems>()
        .with::<AddItem>()
        .with::<SetItem>()
        .with::<BurnItem>()
        .with::<SellItem>()
        .prompt(Prompt {
            name: "tidy_shelf",
            title: "Tidy the shelf",
            description: "Puts items in order.",
            arguments: &[tool::Argument { name: "item", description: "Where to begin", required: true }],
            render: |given| format!("Tidy the shelf from {:?} on.", given["item"]),
            complete: |_, _, _, typed| {
                let typed = typed.to_owned();
                Box::pin(async move { Ok(vec![format!("{typed}-1"), format!("{typed}-2")]) })
            },
        })
        .kind(tool::Kind { name: "item", title: "Item", tool: "get_item", argument: "id" })
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
