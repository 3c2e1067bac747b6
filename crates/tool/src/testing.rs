//! What the tests of every server do with its tools, behind the feature `testing`: for dev-dependencies alone.
//!
//! A [`Bench`] runs tools over sources in memory and holds each answer against the tool's own output schema; the
//! assertions hold a whole catalogue to what every catalogue promises.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

use std::collections::BTreeSet;
use std::sync::Arc;

use call::{Caller, Clock, Cx, Operation};
use error::{Error, Result};
use serde_json::{Map, Value};

use crate::{Answer, Call, Catalog, Consent, Seal, Source, Sources, Spec, Toolbox};

/// Bytes that a model may read of a catalogue: names, descriptions and inputs.
const READ: usize = 12_000;

/// Bytes that a whole list of tools may have.
const LISTED: usize = 40_000;

/// What stands in a list beside name, description and schemas: title, annotations and their names.
const BESIDE: usize = 390;

/// The texts that this crate's own types carry, none of them a vendor's.
const OURS: &[&str] = &[
    "amount",
    "as_of",
    "billing_customer",
    "code",
    "currency",
    "domain",
    "erp_customer",
    "field",
    "from",
    "id",
    "kind",
    "manual",
    "matched_by",
    "message",
    "next_cursor",
    "none",
    "note",
    "plan",
    "source",
    "status",
    "tool",
    "url",
    "vendor",
];

/// A domain's tools over sources of its reference implementation.
#[derive(Clone)]
pub struct Bench {
    tools: Arc<dyn Toolbox>,
}

impl Bench {
    /// The tools of `catalog` over `sources`.
    #[must_use]
    pub fn new<P: ?Sized + Send + Sync + 'static>(catalog: Catalog<P>, sources: Vec<Source<P>>) -> Self {
        Self { tools: Arc::new(catalog).bind(Sources::new(sources, Seal::ephemeral())) }
    }

    /// Runs the tool that `cx` is for, as a server would: arguments are checked before it, and its answer is held
    /// against its output schema.
    pub async fn run(&self, cx: &Cx, arguments: Value) -> Result<Answer> {
        let arguments = object(arguments);
        let spec = self.tools.specs().iter().find(|spec| spec.meta.name == cx.tool()).unwrap();
        spec.check(&arguments)?;
        let answer = self.tools.run(cx, Call { tool: cx.tool().to_owned(), arguments }).await?;
        conforms(spec, &answer.value);
        Ok(answer)
    }

    /// What a tool answers.
    pub async fn ask(&self, tool: &str, arguments: Value) -> Value {
        self.run(&cx(tool, "k"), arguments).await.unwrap().value
    }

    /// How a tool refuses.
    pub async fn refused(&self, tool: &str, arguments: Value) -> Error {
        self.run(&cx(tool, "k"), arguments).await.unwrap_err()
    }

    /// Shows each write before it does it, and fails where showing it did it: the write that follows commits, and
    /// what a field was before is the same in both answers. Every write that is offered must be among them.
    pub async fn previews(&self, writes: &[(&str, Value)]) {
        let is_offered = |spec: &&Spec| spec.meta.is_write() && self.tools.offered(spec.meta.name);
        for spec in self.tools.specs().iter().filter(is_offered) {
            assert!(
                writes.iter().any(|(tool, _)| *tool == spec.meta.name),
                "{} is not shown",
                spec.meta.name
            );
        }
        for (tool, arguments) in writes {
            let cx = cx(tool, "preview");
            let shown = cx.clone().with_operation(Operation::derive(&[tool], "preview").preview());
            let shown = self.run(&shown, arguments.clone()).await.unwrap().value;
            assert_eq!(shown["status"], "preview", "{tool}: {shown}");
            assert!(shown["record"].is_null() && shown["undo"].is_null(), "{tool}: {shown}");
            let fields = |answer: &Value| answer["change"]["fields"].as_array().cloned().unwrap_or_default();
            assert!(!fields(&shown).is_empty(), "{tool}: {shown}");
            let done = self.run(&cx, arguments.clone()).await.unwrap().value;
            assert_eq!(done["status"], "committed", "{tool}: {done}");
            for field in fields(&shown).iter().filter(|field| field["before"].is_string()) {
                let same = |f: &Value| f["field"] == field["field"] && f["before"] == field["before"];
                assert!(fields(&done).iter().any(same), "{tool}: {field} is not in {done}");
            }
        }
    }

    /// The consent that this very call needs.
    #[must_use]
    pub fn consent(&self, tool: &str, arguments: Value) -> Consent {
        self.tools.consent(&Call { tool: tool.to_owned(), arguments: object(arguments) }).unwrap()
    }

    /// Whether any source can do it.
    #[must_use]
    pub fn offered(&self, tool: &str) -> bool {
        self.tools.offered(tool)
    }
}

/// A call of `tool` by the caller `agent`; another `key` makes it another operation.
#[must_use]
pub fn cx(tool: &str, key: &str) -> Cx {
    Cx::new(tool, Caller::local("agent"), Clock::for_test()).with_operation(Operation::derive(&[tool], key))
}

/// The same call once more, after its first outcome was lost.
#[must_use]
pub fn resumed(tool: &str, key: &str) -> Cx {
    cx(tool, key).with_operation(Operation::derive(&[tool], key).resume())
}

/// A source in memory where the caller `agent` is `user`; without one, `me` is nobody there.
#[must_use]
pub fn source<P: ?Sized>(name: &str, port: Arc<P>, user: Option<&str>) -> Source<P> {
    let users = user.map(|user| ("agent".to_owned(), user.to_owned()));
    Source { name: name.to_owned(), vendor: "memory", port, users: users.into_iter().collect() }
}

/// The ids of a page's rows, in their order.
#[must_use]
pub fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

/// Names of fields that tell who somebody is or how to reach them.
const PEOPLE: &[&str] = &[
    "assignee",
    "assignees",
    "author",
    "email",
    "owner",
    "people",
    "person",
    "phone",
    "requester",
    "updated_by",
];

/// Fails on a field that tells who somebody is and whose model does not say so.
fn assert_people_are_classed<P: ?Sized + Send + Sync + 'static>(catalog: &Catalog<P>) {
    for spec in catalog.specs().unwrap() {
        for (name, class) in spec.fields.texts() {
            let is_person = PEOPLE.contains(&name);
            assert!(!is_person || class.is_some(), "{}: the model of `{name}` says no class", spec.meta.name);
        }
    }
}

/// Fails on a text in an output that is neither marked untrusted (`FreeText`, `Label`) nor of our own making: one of
/// this crate's, or one of `ours`, the domain's. A name in `ours` that no output has fails too.
pub fn assert_texts_are_marked<P: ?Sized + Send + Sync + 'static>(catalog: &Catalog<P>, ours: &[&str]) {
    assert_people_are_classed(catalog);
    let mut plain = BTreeSet::new();
    for spec in catalog.specs().unwrap() {
        collect_plain("", &Value::Object((*spec.output).clone()), &mut plain);
    }
    let unknown: Vec<_> =
        plain.iter().filter(|name| ![OURS, ours].concat().contains(&name.as_str())).collect();
    assert!(unknown.is_empty(), "neither marked nor known to be ours: {unknown:?}");
    let unused: Vec<_> = ours.iter().filter(|name| !plain.contains(**name) || OURS.contains(name)).collect();
    assert!(unused.is_empty(), "no text of the domain's own: {unused:?}");
}

/// Adds the names of all texts in a schema that are not marked untrusted.
fn collect_plain(name: &str, schema: &Value, plain: &mut BTreeSet<String>) {
    if schema["properties"].get("untrusted").is_some() {
        return;
    }
    if schema["type"] == "string" && schema["x-untrusted"] != true {
        plain.insert(name.to_owned());
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        collect_plain(name, member, plain);
    }
    if let Some(items) = schema.get("items") {
        collect_plain(name, items, plain);
    }
}

/// Fails on a catalogue that is too large to be read, on an input that takes more than it names, and on a schema that
/// not every host understands.
pub fn assert_small_and_plain<P: ?Sized + Send + Sync + 'static>(catalog: &Catalog<P>) {
    let (mut read, mut listed) = (0, 0);
    for spec in catalog.specs().unwrap() {
        let (name, description) = (spec.meta.name, &spec.description);
        let input = serde_json::to_string(&spec.input).unwrap();
        let output = serde_json::to_string(&spec.output).unwrap();
        let own = name.len() + description.len() + input.len();
        read += own;
        listed += own + output.len() + BESIDE;
        assert_eq!(spec.input["additionalProperties"], false, "{name}");
        for unwanted in ["$ref", "\"null\"", "anyOf", "oneOf", "allOf"] {
            assert!(!input.contains(unwanted) && !output.contains(unwanted), "{name} has {unwanted}");
        }
        assert!(!description.is_empty() && description.len() < 400, "{name}: {description}");
    }
    assert!(read <= READ, "what a model reads has {read} bytes");
    assert!(listed <= LISTED, "the list has about {listed} bytes");
}

fn object(arguments: Value) -> Map<String, Value> {
    serde_json::from_value(arguments).unwrap()
}

fn conforms(spec: &Spec, value: &Value) {
    let validator = jsonschema::validator_for(&Value::Object((*spec.output).clone())).unwrap();
    let problems: Vec<_> = validator.iter_errors(value).map(|problem| problem.to_string()).collect();
    assert!(problems.is_empty(), "{}: {problems:?}", spec.meta.name);
}
