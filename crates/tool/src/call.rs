//! A call and its answer, as the tool stack passes them.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::Facts;

/// One call of a tool. Arguments are as the client sent them, the envelope's included.
#[derive(Clone, Debug)]
pub struct Call {
    /// The tool's name.
    pub tool: String,
    /// The arguments.
    pub arguments: Map<String, Value>,
}

/// The answer of a tool.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The structured content.
    pub value: Value,
    /// The same as compact JSON, written once: whoever changes `value` calls [`Answer::write`].
    pub text: String,
    /// What a write did.
    pub facts: Option<Facts>,
    /// Rows in the answer.
    pub rows: usize,
    /// Records the answer names.
    pub links: Vec<Link>,
}

impl Answer {
    /// An answer that is `value`.
    #[must_use]
    pub fn new(value: Value, facts: Option<Facts>, rows: usize, links: Vec<Link>) -> Self {
        let text = value.to_string();
        Self { value, text, facts, rows, links }
    }

    /// Writes `text` anew after `value` changed.
    pub fn write(&mut self) {
        self.text = self.value.to_string();
    }
}

/// A record that a host may read as a resource: `chancery://<domain>/<source>/<kind>/<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The resource kind: `issue`.
    pub kind: &'static str,
    /// The record.
    pub id: crate::RecordId,
    /// What a person would call it.
    pub label: String,
}
