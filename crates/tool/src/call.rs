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
    /// What a write did.
    pub facts: Option<Facts>,
    /// Rows in the answer.
    pub rows: usize,
    /// Records the answer names.
    pub links: Vec<Link>,
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
