//! What policy said to a call.

use serde::{Deserialize, Serialize};

/// A decision and why it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decision {
    /// Whether the call was allowed.
    pub allow: bool,
    /// The role that allowed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Who had to agree, if anybody: `preview`, `confirm`, `approve`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
    /// The rules that decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// A rule and what it said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reason {
    /// Where the rule stands: `role.buyer.ceilings`, `taint`.
    pub rule: String,
    /// In words.
    pub says: String,
}
