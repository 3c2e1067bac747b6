//! The port: what a document library must be able to do for the tools.
//!
//! Tools decide what is asked and how it is answered; vendors decide how the question is put to the vendor. Neither
//! names the other. Ids here are native: a page id. Texts are Markdown, and every heading that a reader would see as
//! one at the top level of the document stands in it as an ATX heading (`## Steps`), in order: sections are counted by
//! them (see [`crate::markdown`]). What Markdown cannot say is left to the vendor to render in some readable way and to
//! keep untouched by edits elsewhere.

mod able;

use call::{BoxFuture, Cx};
use content::Label;
use error::Result;
use jiff::{Timestamp, civil::Date};
use tool::{Fetch, Mark, Person, Place, Rows};

use crate::markdown::{Edit, Section};
use crate::model::{ChangedDocument, Comment, Document, Exposure, Kind, Reason, ReviewItem, Status};

pub use self::able::{Able, Reviews};

/// The port's type, as tools name it.
pub type Library = dyn DocumentLibrary;

/// Which documents. All filters hold together; an empty query matches every published document the source's account
/// may see. Archived documents and drafts are found only by `status`, or by their `ids`.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// These and no others (native ids, at most ten); other filters still hold.
    pub ids: Vec<String>,
    /// Containing all these words in title or text; only in the title where the library searches no more.
    pub text: Option<String>,
    /// In this space, by key.
    pub space: Option<String>,
    /// Owned by this person, by the library's id.
    pub owner: Option<String>,
    /// Bearing all these labels.
    pub labels: Vec<String>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// For this service, as its people call it: `Checkout API`, `checkout-api`.
    pub service: Option<String>,
    /// In force on this day: effective on or before it.
    pub effective_on: Option<Date>,
    /// This far; published if absent.
    pub status: Option<Status>,
    /// Changed at or after.
    pub updated_after: Option<Timestamp>,
    /// Changed before.
    pub updated_before: Option<Timestamp>,
    /// With text.
    pub full: bool,
}

/// Which changed documents.
#[derive(Clone, Debug)]
pub struct Changes {
    /// In this space, by key.
    pub space: Option<String>,
    /// Changed at or after.
    pub since: Timestamp,
    /// Changed before.
    pub until: Option<Timestamp>,
    /// Changes of each document, at most.
    pub revisions: u32,
}

/// Which documents should be looked through: those to which any of the criteria applies. Archived ones never.
#[derive(Clone, Debug, Default)]
pub struct Review {
    /// In this space, by key.
    pub space: Option<String>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Owned by this person, by the library's id.
    pub owner: Option<String>,
    /// The criteria; never empty.
    pub any_of: Vec<Criterion>,
}

/// One thing that may be wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// Nobody owns it.
    NoOwner,
    /// It has no label at all.
    NoLabels,
    /// It has no date by which to review it.
    NoReviewDate,
    /// That date lies before this day.
    ReviewBefore(Date),
    /// It is a draft not changed since.
    DraftSince(Timestamp),
    /// It lacks this label.
    Lacks(String),
}

impl Criterion {
    /// The reason it gives where it applies.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::NoOwner => Reason::NoOwner,
            Self::NoLabels => Reason::NoLabels,
            Self::NoReviewDate => Reason::NoReviewDate,
            Self::ReviewBefore(_) => Reason::ReviewOverdue,
            Self::DraftSince(_) => Reason::StaleDraft,
            Self::Lacks(_) => Reason::LabelMissing,
        }
    }

    /// Whether it applies to a document as it leaves.
    #[must_use]
    pub fn applies(&self, document: &Document) -> bool {
        match self {
            Self::NoOwner => document.owner.is_none(),
            Self::NoLabels => document.labels.is_empty(),
            Self::NoReviewDate => document.review_by.is_none(),
            Self::ReviewBefore(day) => document.review_by.is_some_and(|by| by.0 < *day),
            Self::DraftSince(since) => document.status == Status::Draft && document.updated.0 < *since,
            Self::Lacks(label) => {
                let wanted = Label::new(label).as_str().to_lowercase();
                !document.labels.iter().any(|l| l.as_str().to_lowercase() == wanted)
            }
        }
    }
}

impl Review {
    /// Every reason of this review that holds for a document, in order; empty if none does.
    #[must_use]
    pub fn reasons(&self, document: &Document) -> Vec<Reason> {
        let holding = self.any_of.iter().filter(|c| c.applies(document));
        let mut reasons: Vec<Reason> = holding.map(Criterion::reason).collect();
        reasons.sort();
        reasons.dedup();
        reasons
    }
}

/// A document with all its text, uncut and uncleaned: for outlines, sections and edits inside the server.
#[derive(Clone, Debug)]
pub struct Manuscript {
    /// The document.
    pub document: Document,
    /// Its text, Markdown.
    pub text: String,
    /// The version of exactly this text: a number, a content hash.
    pub version: String,
    /// The library gives no more of it, though there is more.
    pub partial: bool,
}

/// A section that was replaced.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// The document, with its new version.
    pub document: Document,
    /// The former text brings back all that was there: nothing went that it does not say.
    pub comes_back: bool,
}

/// A draft to be.
#[derive(Clone, Debug, Default)]
pub struct NewDocument {
    /// The space, by key: the parent's if there is one; the library's place for drafts if absent.
    pub space: Option<String>,
    /// The document it goes below, native id.
    pub parent: Option<String>,
    /// One line.
    pub title: String,
    /// Markdown. With a template, what is put below the template's text.
    pub text: String,
    /// Labels.
    pub labels: Vec<String>,
    /// A template to start from, by name; `not_found` names the nearest.
    pub template: Option<String>,
}

/// A document library.
pub trait DocumentLibrary: Send + Sync {
    /// What it can do.
    fn able(&self) -> Able;

    /// The native id that `reference` (an id or a URL of this very account) stands for; asks nobody.
    fn recognize(&self, reference: &str) -> Option<String>;

    /// The spaces or data sources within reach.
    fn spaces<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Vec<Place>>>;

    /// People whose e-mail address, id or full name is `text`; at most ten.
    fn people<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>>;

    /// The space a document lies in; `None` where it lies in none. `not_found` as in [`Self::read`].
    fn space_of<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Option<Place>>>;

    /// Documents, newest change first, then by id. `unsupported_filter` for a filter it cannot honor.
    fn search<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a Query,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Document>>>;

    /// One document with all its text; `not_found` if there is none or the account may not see it.
    fn read<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Manuscript>>;

    /// Published documents changed in a window, newest change first, then by id.
    fn changed<'a>(
        &'a self,
        cx: &'a Cx,
        changes: &'a Changes,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<ChangedDocument>>>;

    /// Documents to be looked through, longest unchanged first, then by id. `unsupported_filter` for a criterion it
    /// cannot honor.
    fn needing_review<'a>(
        &'a self,
        cx: &'a Cx,
        review: &'a Review,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<ReviewItem>>>;

    /// Who can read and edit a document; each half known or unknown.
    fn exposure<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Exposure>>;

    /// The document in `space` (in the library's place for drafts if `None`) that bears the mark: the external key if
    /// one is given, else the operation.
    fn find_marked<'a>(
        &'a self,
        cx: &'a Cx,
        space: Option<&'a str>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Document>>>;

    /// A draft of an earlier attempt with whatever that attempt did not come to give it. Nothing is missing where one
    /// request does it all.
    fn complete_draft<'a>(
        &'a self,
        _: &'a Cx,
        draft: Document,
        _labels: &'a [String],
        _: &'a Mark,
    ) -> BoxFuture<'a, Result<Document>> {
        Box::pin(async { Ok(draft) })
    }

    /// Refuses what [`Self::create_draft`] would refuse before it writes anything. Writes nothing.
    fn check_draft<'a>(&'a self, cx: &'a Cx, new: &'a NewDocument) -> BoxFuture<'a, Result<()>>;

    /// Creates a draft that bears the mark. Never publishes.
    fn create_draft<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewDocument,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Document>>;

    /// Replaces the text of one section of exactly that `version`, else `conflict`; the rest stays untouched. The edit
    /// bears the mark where the library has a place for it that is no text.
    fn replace_section<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        edit: &'a Edit,
        version: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Replaced>>;

    /// Whether the edit that was to bear the mark is done: its mark is found, or `edit`, made again of the text as it is
    /// now (absent where it cannot be), would change nothing in the library's own way of writing.
    fn edited<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        edit: Option<&'a Edit>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Comments on a document or one of its sections, in Markdown; the comment bears the mark. `unsupported` on a
    /// section where it comments on documents only, and on a draft where it comments on published documents only.
    fn comment<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        text: &'a str,
        on: Option<&'a Section>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Comment>>;

    /// The comment on a document (or a section of it) that bears the mark.
    fn find_marked_comment<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        on: Option<&'a Section>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Comment>>>;
}
