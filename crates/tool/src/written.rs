//! The answer of a write.

use std::borrow::Cow;

use content::Label;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Link, Output, RecordId};

/// How a write stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is done.
    Committed,
    /// It would be done like this; commit it with `plan`.
    Preview,
    /// It waits for a person.
    PendingApproval,
    /// It was done before; this is the first call's answer.
    Replayed,
    /// It was sent and its fate is not known.
    Unknown,
}

/// The answer of every write: what was done to which record and how to undo it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Written<T> {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Change>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<Undo>,
    /// A word to the caller, such as how to repeat a replayed write on purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip)]
    version: Option<String>,
    #[serde(skip)]
    kind: &'static str,
}

impl<T> Written<T> {
    /// A write that is done: the record as it is now, what changed, how to undo it. `kind` is the resource kind of
    /// the record.
    #[must_use]
    pub fn committed(kind: &'static str, record: T, change: Change, undo: Undo) -> Self {
        Self {
            status: Status::Committed,
            record: Some(record),
            change: Some(change),
            plan: None,
            undo: Some(undo),
            note: None,
            version: None,
            kind,
        }
    }

    /// What a write would do if it were done now (`cx.is_preview()`).
    #[must_use]
    pub fn preview(kind: &'static str, change: Change) -> Self {
        Self {
            status: Status::Preview,
            record: None,
            change: Some(change),
            plan: None,
            undo: None,
            note: None,
            version: None,
            kind,
        }
    }

    /// The same for a write that was not done: what it would change, without a record as it would be.
    #[must_use]
    pub fn as_preview(self) -> Self {
        Self { status: Status::Preview, record: None, undo: None, ..self }
    }

    /// The same for a write that turned out to be done before: by an earlier attempt or under the same external key.
    #[must_use]
    pub fn replayed(mut self, note: impl Into<String>) -> Self {
        self.status = Status::Replayed;
        self.note = Some(note.into());
        self
    }

    /// The record's version after the write, for the audit record.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }
}

impl<T: Serialize + JsonSchema + Send> Output for Written<T> {
    fn facts(&self) -> Option<Facts> {
        let change = self.change.as_ref()?;
        Some(Facts {
            status: self.status,
            target: change.record.id.clone(),
            url: change.record.url.clone(),
            version: self.version.clone(),
            changes: change.fields.clone(),
        })
    }

    fn links(&self) -> Vec<Link> {
        let link = |change: &Change| Link {
            kind: self.kind.into(),
            id: change.record.id.clone(),
            label: change.record.label.to_string(),
        };
        self.change.as_ref().map(link).into_iter().collect()
    }
}

/// What a write meant and did.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Change {
    /// The record that was meant.
    pub record: Record,
    /// Field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// A record, named so that a person recognizes it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// What a person would call it.
    pub label: Label,
    /// Where a person can look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// One field before and after. Long texts are cut: this is for a reader, undo carries the values.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FieldChange {
    /// The field's name in the tool's input.
    pub field: String,
    /// The value before; absent if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Label>,
    /// The value after; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Label>,
}

impl FieldChange {
    /// A field that had no value before.
    #[must_use]
    pub fn new(field: &str, after: Label) -> Self {
        Self { field: field.to_owned(), before: None, after: Some(after) }
    }
}

/// How to take a write back.
#[derive(Clone, Debug)]
pub enum Undo {
    /// By calling a tool of this server.
    Call {
        /// Its name.
        tool: &'static str,
        /// Its arguments.
        args: Map<String, Value>,
    },
    /// By hand.
    Manual(Cow<'static, str>),
    /// Not at all, and why.
    None(Cow<'static, str>),
}

impl Serialize for Undo {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = to.serialize_map(None)?;
        match self {
            Self::Call { tool, args } => {
                map.serialize_entry("tool", tool)?;
                map.serialize_entry("args", args)?;
            }
            Self::Manual(text) => map.serialize_entry("manual", text)?,
            Self::None(reason) => map.serialize_entry("none", reason)?,
        }
        map.end()
    }
}

// One object with optional members: hosts cope badly with unions.
impl JsonSchema for Undo {
    fn schema_name() -> Cow<'static, str> {
        "Undo".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {
                "tool": { "type": "string" },
                "args": { "type": "object" },
                "manual": { "type": "string" },
                "none": { "type": "string" }
            }
        })
    }
}

/// What the record layer keeps of a write.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// How it stands.
    pub status: Status,
    /// The record changed.
    pub target: RecordId,
    /// Where a person can look at it.
    pub url: Option<String>,
    /// Its version after the write.
    pub version: Option<String>,
    /// Field by field.
    pub changes: Vec<FieldChange>,
}
