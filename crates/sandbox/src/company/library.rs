//! What is written.

use serde::{Deserialize, Serialize};

/// Where documents live: a Confluence space or a Notion data source.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Space {
    /// The key: `OPS`.
    pub key: String,
    /// `confluence` or `notion`.
    pub home: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub text: String,
    /// The teams that may read it; empty for everybody.
    #[serde(default)]
    pub readers: Vec<String>,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The key: `runbook-checkout-pool`.
    pub key: String,
    /// `confluence` or `notion`.
    pub home: String,
    /// The space's key.
    pub space: String,
    /// The key of the document it lies under.
    pub parent: Option<String>,
    /// `page`, `runbook`, `policy`, `contract`, `meeting` or `template`.
    pub kind: String,
    /// One line.
    pub title: String,
    /// Markdown.
    pub text: String,
    /// The text is repeated this often.
    pub repeat: Option<usize>,
    /// `current`, `draft` or `archived`.
    pub status: String,
    /// Labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Handle.
    pub owner: Option<String>,
    /// Runbooks: the service's key.
    pub service: Option<String>,
    /// Runbooks: the alert or error they are for.
    pub alert: Option<String>,
    /// Policies: what about.
    pub topic: Option<String>,
    /// Policies: in force since.
    pub effective_days: Option<i64>,
    /// To be looked through by.
    pub review_days: Option<i64>,
    /// When it was created.
    pub created_days: i64,
    /// Its changes, oldest first, the creation included.
    #[serde(default)]
    pub edits: Vec<Edit>,
    /// Handles of those who alone may read it; empty for the space's readers.
    #[serde(default)]
    pub readers: Vec<String>,
    /// Handles of those who alone may edit it.
    #[serde(default)]
    pub editors: Vec<String>,
    /// The world can read it.
    #[serde(default)]
    pub public: bool,
    /// What was said about it.
    #[serde(default)]
    pub comments: Vec<Remark>,
}

/// A change of a document.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Handle.
    pub author: String,
    /// When.
    pub hours: i64,
    /// What, in a few words.
    #[serde(default)]
    pub message: String,
}

/// Something said about a document.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// Handle.
    pub author: String,
    /// When.
    pub hours: i64,
    /// What.
    pub text: String,
}
