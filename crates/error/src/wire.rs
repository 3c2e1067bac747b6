//! The shapes an agent sees.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Code;

/// An error on the wire: one compact JSON object, the text of a result with `isError: true`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "each field is documented on the setter of `Error`")]
pub struct Wire {
    pub code: Code,
    pub message: String,
    pub retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    pub hint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative_tool: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Upstream>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<serde_json::Value>,
    pub correlation_id: String,
}

/// One field of the input that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldError {
    /// Where: `limit`, `labels/2`.
    pub path: String,
    /// What is wrong with it and what would be right.
    pub problem: String,
}

/// A record that an ambiguous or unknown reference may have meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// `source:native`, accepted wherever the noun is.
    pub id: String,
    /// What a person would call it.
    pub label: String,
    /// Where a person can look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether the label names a person: not everybody may be told.
    #[serde(skip)]
    pub of_person: bool,
}

impl Candidate {
    /// A record that is no person, without a place to look at it.
    #[must_use]
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self { id: id.into(), label: label.into(), url: None, of_person: false }
    }
}

/// The vendor's side of a failure: enough to find it in the vendor's own log, and nothing of its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Upstream {
    /// `jira`, `github`.
    pub vendor: String,
    /// HTTP status; absent when no reply came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The vendor's own request id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}
