//! The nouns of the domain, as they leave.

use content::{FreeText, Label};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Day, Link, Moment, Output, RecordId};

use crate::markdown::Section;

/// What kind of document, where the library's owner said how kinds are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What to do when something breaks.
    Runbook,
    /// What the company has decided to hold itself to.
    Policy,
}

/// How far a document is on its way from a draft to the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not published.
    Draft,
    /// What holds.
    Current,
    /// Kept for the record only.
    Archived,
}

/// Why a document should be looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nobody owns it.
    NoOwner,
    /// It has no label at all.
    NoLabels,
    /// It has no date by which to review it.
    NoReviewDate,
    /// That date has passed.
    ReviewOverdue,
    /// It is a draft that nobody has touched for long.
    StaleDraft,
    /// A label it should have is missing.
    LabelMissing,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoOwner => "missing owner",
            Self::NoLabels => "missing labels",
            Self::NoReviewDate => "missing review date",
            Self::ReviewOverdue => "review date",
            Self::StaleDraft => "age of drafts",
            Self::LabelMissing => "missing label",
        })
    }
}

/// A document: a row of a list, or more of it where `detail` asks for more.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Document {
    /// `confluence:98312`, `notion:6f1c...`.
    pub id: RecordId,
    /// Its title.
    pub title: Label,
    /// The space it is in, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub space: Option<Label>,
    /// How far it is.
    pub status: Status,
    /// What kind it is, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub owner: Option<Label>,
    /// Its labels, without our markers; of rows, with `detail: full`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// The service a runbook is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Label>,
    /// The day from which a policy holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective: Option<Day>,
    /// The day by which to review it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_by: Option<Day>,
    /// Its version, where a list knows it; single documents always have one. Give it back as `expected_version`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// When it changed last.
    pub updated: Moment,
    /// Who changed it last; of rows, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub updated_by: Option<Label>,
    /// Where a person can look at it.
    pub url: String,
    /// When the library was asked; of rows, `sources` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Moment>,
    /// Where the words asked for stand in it, if the library says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snippet: Option<FreeText>,
    /// Its text, Markdown, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<FreeText>,
}

impl Document {
    /// What a list needs of it.
    #[must_use]
    pub fn brief(self) -> Self {
        Self { labels: Vec::new(), version: None, updated_by: None, as_of: None, ..self }
    }
}

/// A document that changed, and its changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChangedDocument {
    /// The document.
    #[serde(flatten)]
    pub document: Document,
    /// Its changes in the window, newest first; empty where the library keeps no history.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<Revision>,
}

/// One change of a document.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Revision {
    /// The version it made.
    pub version: String,
    /// When.
    pub at: Moment,
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub author: Option<Label>,
    /// What, in the author's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Label>,
}

/// A document that should be looked through, and why.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReviewItem {
    /// The document.
    #[serde(flatten)]
    pub document: Document,
    /// Every reason that was asked for and holds.
    pub reasons: Vec<Reason>,
}

/// Who can read and who can edit a document, and whether the world can.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Exposure {
    /// The document.
    pub id: RecordId,
    /// Its title.
    pub title: Label,
    /// Where a person can look at it.
    pub url: String,
    /// Who can read it.
    pub readers: Access,
    /// Who can edit it.
    pub editors: Access,
    /// Whether it can be read without signing in.
    pub public_link: PublicLink,
    /// When the library was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Moment>,
}

impl Output for Exposure {
    fn links(&self) -> Vec<Link> {
        vec![Link { kind: "document".into(), id: self.id.clone(), label: self.title.to_string() }]
    }
}

/// Whether the library tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Knowledge {
    /// It does; what is said is all there is.
    Known,
    /// It does not; nothing can be concluded.
    Unknown,
}

/// How far a document is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Only to those named.
    Restricted,
    /// To those whom its space is open to.
    Space,
    /// To everybody who can sign in.
    Company,
    /// To the world.
    Public,
}

/// One half of an exposure.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Access {
    /// Whether the library tells.
    pub status: Knowledge,
    /// How far it is open; absent if unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// People named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-class" = "personal"))]
    pub people: Vec<Label>,
    /// Groups named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Label>,
    /// Documents above it whose restrictions it inherits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inherited_from: Vec<RecordId>,
}

impl Access {
    /// What a library says that does not tell.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            status: Knowledge::Unknown,
            audience: None,
            people: Vec::new(),
            groups: Vec::new(),
            inherited_from: Vec::new(),
        }
    }
}

/// Whether a document can be read without signing in.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PublicLink {
    /// Whether the library tells.
    pub status: Knowledge,
    /// The link, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A document with its text or a part of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DocumentDetail {
    /// The document; its version stands for everything below.
    pub document: Document,
    /// Its headings, in order, each with the anchor of its section.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outline: Vec<Section>,
    /// The anchor of the section that `text` is; absent if it is the whole document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<FreeText>,
    /// Something was left out or shortened for the size of the answer; read it by section.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// Bytes of text that were left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omitted: Option<usize>,
}

impl Output for DocumentDetail {
    fn links(&self) -> Vec<Link> {
        vec![link(&self.document)]
    }
}

/// The document as a resource that hosts may read.
#[must_use]
pub fn link(document: &Document) -> Link {
    Link { kind: "document".into(), id: document.id.clone(), label: document.title.to_string() }
}

/// A comment on a document.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Comment {
    /// `confluence:458812`.
    pub id: RecordId,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub author: Option<Label>,
    /// When.
    pub created: Moment,
    /// The anchor of the section it is on; absent if it is on the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// What it says.
    pub text: FreeText,
}
