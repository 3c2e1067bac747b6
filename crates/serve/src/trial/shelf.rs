//! The domain: a shelf, and tools that read it and write on it.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use call::{Cx, Sent};
use content::Label;
use error::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tool::{
    Alias, Catalog, Change, Consent, Link, Meta, Output, Prompt, RecordId, Repeat, Sources, Tool, Undo,
    WriteKind, Written,
};

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
    /// Notes a write whose first attempt got no answer and whose second was refused, then fails.
    SendTwiceThenFail(Error),
}

/// One touch of the shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) tool: String,
    pub(crate) operation: Option<String>,
    /// What a vendor would be marked with.
    pub(crate) mark: Option<String>,
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
            mark: cx.operation().map(|o| o.mark.clone()),
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
            Act::SendTwiceThenFail(error) => {
                cx.journal().note(Sent { attempts: 2, unclear: true, ..sent("POST", Some(409)) });
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
        unclear: false,
        latency_ms: 3,
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Item {
    id: RecordId,
    #[schemars(extend("x-untrusted" = true))]
    text: String,
}

impl Output for Item {
    fn links(&self) -> Vec<Link> {
        vec![Link { kind: "item".into(), id: self.id.clone(), label: "An item".into() }]
    }
}

const FORMER: &[Alias] = &[Alias { name: "read_item", removed_in: "2.0.0" }];

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
    const META: Meta = Meta::read("get_item", "Get item", "shelf:read").aliases(FORMER);

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
            /// The caller's own key.
            #[allow(dead_code, reason = "the stack reads it")]
            external_key: Option<String>,
            /// How often.
            #[allow(dead_code, reason = "the stack reads it")]
            copies: Option<u32>,
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

write_tool!(
    AddItem,
    Meta::write("add_item", "Add item", "shelf:write", WriteKind::Additive)
        .aliases(&[Alias { name: "put_item", removed_in: "2.0.0" }])
);
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

write_tool!(
    LendItem,
    Meta::write("lend_item", "Lend item", "shelf:write", WriteKind::StateChange).consent(Consent::Confirm)
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

pub(crate) fn catalog() -> Catalog<Shelf> {
    Catalog::new()
        .with::<GetItem>()
        .with::<CountItems>()
        .with::<AddItem>()
        .with::<SetItem>()
        .with::<BurnItem>()
        .with::<SellItem>()
        .with::<LendItem>()
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
