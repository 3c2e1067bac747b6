//! `get_document`.

use call::Cx;
use content::{Author, FreeText};
use error::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Meta, Sources, Tool};

use crate::library::{Library, Manuscript};
use crate::markdown::Outline;
use crate::model::DocumentDetail;
use crate::reference;

/// Reads one document (a page, handbook, runbook, policy): its whole text as Markdown, one section of it, or only its
/// outline with the anchor of each section. The version goes with the text into update_document_section.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetDocument {
    /// Id, URL or exact title
    #[schemars(length(min = 1, max = 512))]
    document: String,
    /// Anchor or title of one section, such as steps
    #[schemars(length(min = 1, max = 200))]
    section: Option<String>,
    /// All if absent
    view: Option<View>,
}

/// How much of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum View {
    /// Outline and text.
    All,
    /// The outline alone.
    Outline,
}

impl Tool for GetDocument {
    type Port = Library;
    type Out = DocumentDetail;
    const META: Meta = Meta::read("get_document", "Get a document", "docs:read");

    async fn run(self, cx: &Cx, sources: &Sources<Library>) -> Result<DocumentDetail> {
        let meant = reference::document(cx, sources, &self.document).await?;
        let manuscript = meant.source.port.read(cx, &meant.native).await?;
        let detail = self.part(manuscript)?;
        Ok(fit(detail, cx.budget()))
    }
}

impl GetDocument {
    /// What was asked for, of any size.
    fn part(&self, manuscript: Manuscript) -> Result<DocumentDetail> {
        let Manuscript { mut document, text, version, partial } = manuscript;
        let outline = Outline::of(&text);
        let (section, shown) = match (&self.section, self.view) {
            (Some(name), _) => {
                let span = outline.find(name)?;
                (Some(span.section.anchor.clone()), Some(outline.whole(span)))
            }
            (None, Some(View::Outline)) => (None, None),
            (None, _) => (None, Some(text.as_str())),
        };
        document.version = Some(version);
        document.snippet = None;
        let text = shown.map(|t| FreeText::new(t, Author::Internal));
        let left =
            shown.map_or(0, |t| t.trim().len()).saturating_sub(text.as_ref().map_or(0, |t| t.as_str().len()));
        // Cleaning shortens too; only a text at the limit was cut.
        let cut = text.as_ref().is_some_and(|t| t.as_str().len() + 4 > FreeText::LIMIT) && left > 0;
        let outline = if section.is_some() { Vec::new() } else { outline.sections() };
        Ok(DocumentDetail {
            document,
            outline,
            section,
            text,
            truncated: cut || partial,
            omitted: cut.then_some(left),
        })
    }
}

/// Shortens the text, then the outline from its end, until the answer is within `budget` bytes: the outline tells how
/// to go on, so it goes last.
fn fit(detail: DocumentDetail, budget: usize) -> DocumentDetail {
    tool::fit(detail, budget, |detail| {
        detail.truncated = true;
        let text = detail.text.as_mut().filter(|t| t.as_str().len() > 256);
        if let Some(text) = text {
            let (before, half) = (text.as_str().len(), text.as_str().len() * 3 / 4);
            text.shorten(half);
            *detail.omitted.get_or_insert(0) += before - text.as_str().len();
            return true;
        }
        detail.outline.len() > 1 && detail.outline.pop().is_some()
    })
}
