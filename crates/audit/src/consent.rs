//! Who agreed to a write, and what was decided about one that waited.

use serde::{Deserialize, Serialize};

/// Who agreed to a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Where the agreement came from.
    pub source: ConsentSource,
    /// Who agreed, where that was a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The request for approval that they decided on, `approval.id` of the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

impl From<ConsentSource> for Consent {
    /// An agreement of nobody that is known by name.
    fn from(source: ConsentSource) -> Self {
        Self { source, by: None, request: None }
    }
}

/// Where an agreement came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentSource {
    /// The tool needs none.
    None,
    /// The agent's own second look.
    Agent,
    /// A person in the client.
    Client,
    /// Another person, out of band.
    Person,
    /// A source of a later version.
    #[serde(other)]
    Other,
}

/// A decision about a request for approval.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Approval {
    /// The request.
    pub id: String,
    /// Who asked for it.
    pub requester: String,
    /// What was decided.
    pub verdict: Verdict,
    /// Digest of the arguments that were decided on.
    pub digest: String,
    /// Why, in the approver's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What was decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It may be done.
    Approve,
    /// It may not.
    Deny,
    /// A verdict of a later version.
    #[default]
    #[serde(other)]
    Other,
}
