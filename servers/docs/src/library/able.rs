//! What a library can do.

use crate::model::Reason;

/// What a library can do. What it cannot is said in the answer, never faked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "a table of abilities")]
pub struct Able {
    /// Searches what documents say, not only their titles.
    pub full_text: bool,
    /// Filters by space.
    pub space: bool,
    /// Filters by owner.
    pub owner: bool,
    /// Filters by labels.
    pub labels: bool,
    /// Filters by status.
    pub status: bool,
    /// Knows which documents are runbooks.
    pub runbooks: bool,
    /// Knows which service a runbook is for.
    pub service: bool,
    /// Knows which documents are policies.
    pub policies: bool,
    /// Knows from when a policy holds.
    pub effective: bool,
    /// Knows who changed what before the last change.
    pub history: bool,
    /// Finds documents to look through, for these reasons.
    pub review: Reviews,
    /// Knows who can read and edit.
    pub access: bool,
    /// Knows whether the world can read.
    pub public_link: bool,
    /// Takes new drafts.
    pub drafts: bool,
    /// Puts a draft below a document of the caller's choice, where its readers do not see it yet.
    pub draft_parent: bool,
    /// Starts a draft from a template.
    pub templates: bool,
    /// Gives a draft labels.
    pub draft_labels: bool,
    /// Comments on a section, not only on the document.
    pub section_comments: bool,
    /// Counts matches.
    pub total: bool,
}

impl Able {
    /// Everything.
    pub const ALL: Self = Self {
        full_text: true,
        space: true,
        owner: true,
        labels: true,
        status: true,
        runbooks: true,
        service: true,
        policies: true,
        effective: true,
        history: true,
        review: Reviews::ALL,
        access: true,
        public_link: true,
        drafts: true,
        draft_parent: true,
        templates: true,
        draft_labels: true,
        section_comments: true,
        total: true,
    };
}

/// The reasons to look a document through that a library can find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "a table of abilities")]
pub struct Reviews {
    /// [`Reason::NoOwner`].
    pub owner: bool,
    /// [`Reason::NoLabels`] and [`Reason::LabelMissing`].
    pub labels: bool,
    /// [`Reason::NoReviewDate`] and [`Reason::ReviewOverdue`].
    pub dates: bool,
    /// [`Reason::StaleDraft`].
    pub drafts: bool,
}

impl Reviews {
    /// All of them.
    pub const ALL: Self = Self { owner: true, labels: true, dates: true, drafts: true };

    /// Whether any can be found.
    #[must_use]
    pub fn any(self) -> bool {
        self != Self::default()
    }

    /// Whether documents can be found for this reason.
    #[must_use]
    pub fn finds(self, reason: Reason) -> bool {
        match reason {
            Reason::NoOwner => self.owner,
            Reason::NoLabels | Reason::LabelMissing => self.labels,
            Reason::NoReviewDate | Reason::ReviewOverdue => self.dates,
            Reason::StaleDraft => self.drafts,
        }
    }
}
