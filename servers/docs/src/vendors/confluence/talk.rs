//! Comments on pages and on sections.

use call::Cx;
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use outbound::{Reply, Request};
use tool::{Mark, Moment, RecordId};

use super::Confluence;
use super::site::is_id;
use super::wire::{self, List, NewComment, Selection, Written};
use super::{mark, storage};
use crate::markdown::{Outline, Section};
use crate::model::{Comment, Status};

/// Comments of a page, the newest, that are looked through for a mark.
const NEWEST: u32 = 100;

impl Confluence {
    pub(super) async fn post(
        &self,
        cx: &Cx,
        id: &str,
        text: &str,
        on: Option<&Section>,
        marks: &Mark,
    ) -> Result<Comment> {
        let body = format!("{}{}", storage::from_markdown(text), mark::anchors(marks));
        let body = Written::storage(&body);
        let request = match on {
            None => {
                let comment = NewComment { page_id: id, body, inline_comment_properties: None };
                Request::post("/wiki/api/v2/footer-comments", &[]).json(&comment)
            }
            Some(section) => {
                let spot = self.spot(cx, id, section).await?;
                let selection = Selection {
                    text_selection: &spot.selection,
                    text_selection_match_count: spot.total,
                    text_selection_match_index: spot.index,
                };
                let comment = NewComment { page_id: id, body, inline_comment_properties: Some(selection) };
                Request::post("/wiki/api/v2/inline-comments", &[]).json(&comment)
            }
        };
        let reply = match self.site.send(cx, request).await {
            Err(error) if matches!(error.code(), Code::InvalidArgument | Code::NotFound) => {
                return Err(self.unpublished(cx, id).await.unwrap_or(error));
            }
            reply => reply?,
        };
        let posted: wire::Comment<'_> = reply.json()?;
        self.told(cx, &posted, on, Some(text)).await
    }

    /// Why a comment was refused, if it is for the page not being published: Confluence refuses the comment as a whole.
    async fn unpublished(&self, cx: &Cx, id: &str) -> Option<Error> {
        let (what, cure) = match self.held(cx, id).await.ok()?.document.status {
            Status::Current => return None,
            Status::Draft => ("a draft", "a person has to publish it first"),
            Status::Archived => ("archived", "a person has to restore it first"),
        };
        let message = format!("Confluence takes comments on published pages only; this one is {what}");
        Some(Error::new(Code::Unsupported, message).hint(cure))
    }

    /// The text that a comment on a section is hung on.
    async fn spot(&self, cx: &Cx, id: &str, section: &Section) -> Result<storage::Spot> {
        let held = self.held(cx, id).await?;
        let page = storage::Page::read(&held.storage)?;
        let text = page.text();
        let outline = Outline::of(&text);
        let span = outline.find(&section.anchor)?;
        page.place_of(span.heading).ok_or_else(|| {
            Error::new(Code::Unsupported, "the section has no words that Confluence could hang a comment on")
                .hint("comment on the whole document")
        })
    }

    pub(super) async fn marked_comment(
        &self,
        cx: &Cx,
        id: &str,
        on: Option<&Section>,
        marks: &Mark,
    ) -> Result<Option<Comment>> {
        if !is_id(id) {
            return Ok(None);
        }
        let reply = self.comments(cx, id, on.is_some()).await?;
        let list: List<'_, wire::Comment<'_>> = reply.json()?;
        match list.results.iter().find(|comment| mark::is_in(comment.body.text(), marks)) {
            Some(found) => self.told(cx, found, on, None).await.map(Some),
            None => Ok(None),
        }
    }

    async fn comments(&self, cx: &Cx, id: &str, inline: bool) -> Result<Reply> {
        let request = match inline {
            true => Request::get("/wiki/api/v2/pages/{id}/inline-comments", &[id]),
            false => Request::get("/wiki/api/v2/pages/{id}/footer-comments", &[id]),
        };
        let request =
            request.query("body-format", "storage").query("sort", "-created-date").query("limit", NEWEST);
        self.site.send(cx, request).await
    }

    async fn told(
        &self,
        cx: &Cx,
        comment: &wire::Comment<'_>,
        on: Option<&Section>,
        text: Option<&str>,
    ) -> Result<Comment> {
        let author = comment.version.author_id.as_deref();
        let names = self.writers(cx, author.as_slice()).await;
        // The reply to a comment need not repeat it.
        let text = match (comment.body.text(), text) {
            ("", Some(written)) => written.to_owned(),
            (storage, _) => storage::to_markdown(storage)?,
        };
        let author: Option<Label> = author.and_then(|id| names.get(id).cloned());
        Ok(Comment {
            id: RecordId::new(self.site.source(), &*comment.id),
            author,
            created: Moment(comment.version.created),
            section: on.map(|section| section.anchor.clone()),
            text: FreeText::new(&text, Author::Internal),
        })
    }
}
