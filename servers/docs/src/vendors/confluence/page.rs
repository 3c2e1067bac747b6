//! One page: read whole, written as a draft, changed in one section.

use std::sync::PoisonError;

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use outbound::Request;
use sha2::{Digest as _, Sha256};
use tool::Mark;

use super::Confluence;
use super::cql::{Clause, Cql};
use super::feed::Feed;
use super::known::Space;
use super::site::is_id;
use super::wire::{ChangedPage, List, NewLabel, NewPage, NewVersion, Page, Template, Version, Written};
use super::{map, mark, storage};
use crate::library::{Manuscript, NewDocument, Replaced};
use crate::markdown::Edit;
use crate::model::{Document, Status};

/// Drafts and pages of our own, the newest, that are looked through for a mark in their text.
const OWN: u32 = 25;

/// Versions of a page, the newest, that are looked through for a mark.
const VERSIONS: u32 = 50;

/// Marks of drafts that are remembered until the search knows them.
const DRAFTED: usize = 200;

/// Templates of a space, at most.
const TEMPLATES: u32 = 100;

/// A page as Confluence keeps it.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) document: Document,
    pub(super) storage: String,
    pub(super) space: Space,
    /// The title as it is, for writing it back.
    title: String,
    number: u64,
}

impl Held {
    /// The version of exactly this text. A draft has no versions: its text stands for one.
    fn version(&self) -> String {
        match self.document.status {
            Status::Draft => digest(&self.storage),
            _ => self.number.to_string(),
        }
    }
}

fn digest(text: &str) -> String {
    format!("draft-{}", call::hex(&Sha256::digest(text.as_bytes())[..8]))
}

impl Confluence {
    /// The page as it was published last; the draft if it never was.
    pub(super) async fn held(&self, cx: &Cx, id: &str) -> Result<Held> {
        if !is_id(id) {
            return Err(Error::new(Code::NotFound, "that is no number of a Confluence page"));
        }
        let request = || {
            Request::get("/wiki/api/v2/pages/{id}", &[id])
                .query("body-format", "storage")
                .query("include-labels", true)
                .query("include-properties", true)
        };
        let reply = match self.site.send(cx, request()).await {
            Err(error) if error.code() == Code::NotFound => {
                self.site.send(cx, request().query("get-draft", true)).await?
            }
            reply => reply?,
        };
        let page: Page<'_> = reply.json()?;
        let space = self.space(cx, &page.space_id).await?;
        Ok(self.page(cx, &page, space).await)
    }

    /// A page of `space` in a reply. It cannot fail: a write that Confluence has answered is done.
    async fn page(&self, cx: &Cx, page: &Page<'_>, space: Space) -> Held {
        let (owner, author) = (page.owner_id.as_deref(), page.version.author_id.as_deref());
        let people: Vec<&str> = owner.into_iter().chain(author).collect();
        let names = self.writers(cx, &people).await;
        let lens = self.lens(cx);
        let mut document = lens.document(&page.id, &page.title, &page.status, page.version.created);
        let labels: Vec<&str> = page.labels.results.iter().map(|label| &*label.name).collect();
        lens.describe(&mut document, Some(&space.key), &labels, &map::listed(&page.properties.results));
        document.space = Some(space.name.clone());
        document.owner = owner.and_then(|id| names.get(id).cloned());
        document.updated_by = author.and_then(|id| names.get(id).cloned());
        document.url =
            self.site.url(page.links.base.as_ref(), page.links.webui.as_deref().unwrap_or_default());
        let mut held = Held {
            document,
            storage: page.body.text().to_owned(),
            space,
            title: page.title.to_string(),
            number: page.version.number,
        };
        held.document.version = Some(held.version());
        held
    }

    pub(super) async fn manuscript(&self, cx: &Cx, id: &str) -> Result<Manuscript> {
        let held = self.held(cx, id).await?;
        let text = storage::to_markdown(&held.storage)?;
        let version = held.version();
        Ok(Manuscript { document: held.document, text, version, partial: false })
    }

    pub(super) async fn replace(
        &self,
        cx: &Cx,
        id: &str,
        edit: &Edit,
        version: &str,
        marks: &Mark,
    ) -> Result<Replaced> {
        let held = self.held(cx, id).await?;
        if held.version() != version {
            return Err(Error::new(Code::Conflict, "the page was changed since that version"));
        }
        let (status, number) = match held.document.status {
            Status::Current => ("current", held.number + 1),
            // "When you update a draft, the version number must be 1" (REST v2, PUT /pages/{id}).
            Status::Draft => ("draft", 1),
            Status::Archived => {
                return Err(Error::new(
                    Code::Unsupported,
                    "an archived page has to be restored before it is changed",
                ));
            }
        };
        let text = storage::replaced(&held.storage, edit)?;
        let comes_back = storage::comes_back(&held.storage, &text, edit);
        let body = ChangedPage {
            id,
            status,
            title: &held.title,
            body: Written::storage(&text),
            version: NewVersion { number, message: &mark::message(marks) },
        };
        let reply = self.site.send(cx, Request::put("/wiki/api/v2/pages/{id}", &[id]).json(&body)).await?;
        let changed = self.page(cx, &reply.json()?, held.space).await;
        // The reply tells neither labels nor properties, and they are what they were.
        let Document { version, updated, updated_by, as_of, .. } = changed.document;
        let version = match held.document.status {
            Status::Draft if changed.storage.is_empty() => Some(digest(&text)),
            _ => version,
        };
        Ok(Replaced {
            document: Document { version, updated, updated_by, as_of, ..held.document },
            comes_back,
        })
    }

    /// Whether an edit is done: it would change nothing, or one of the newest versions bears its mark.
    pub(super) async fn bears_edit(
        &self,
        cx: &Cx,
        id: &str,
        edit: Option<&Edit>,
        marks: &Mark,
    ) -> Result<bool> {
        if edit.is_some_and(storage::says_already) {
            return Ok(true);
        }
        let reply = self.versions(cx, id, VERSIONS).await?;
        let list: List<'_, Version<'_>> = reply.json()?;
        Ok(list.results.iter().filter_map(|v| v.message.as_deref()).any(|said| mark::is_message(said, marks)))
    }

    /// The space and the text of a draft to be.
    pub(super) async fn draft_to_be(&self, cx: &Cx, new: &NewDocument) -> Result<(Space, String)> {
        mark::check(&new.labels)?;
        let key = self.draft_space(new.space.as_deref())?;
        let space = self.space_called(cx, key).await?;
        let mut text = match &new.template {
            Some(name) => self.template(cx, &space.key, name).await?,
            None => String::new(),
        };
        text.push_str(&storage::from_markdown(&new.text));
        Ok((space, text))
    }

    pub(super) async fn draft(&self, cx: &Cx, new: &NewDocument, marks: &Mark) -> Result<Document> {
        let (space, mut text) = self.draft_to_be(cx, new).await?;
        text.push_str(&mark::anchors(marks));
        let title = new.title.split_whitespace().collect::<Vec<_>>().join(" ");
        let body = NewPage {
            space_id: &space.id,
            status: "draft",
            title: &title,
            parent_id: new.parent.as_deref(),
            body: Written::storage(&text),
        };
        let reply = self.site.send(cx, Request::post("/wiki/api/v2/pages", &[]).json(&body)).await?;
        let held = self.page(cx, &reply.json()?, space).await;
        self.remember(&held.space.key, held.document.id.native(), marks);
        self.labeled(cx, held.document, &new.labels, marks).await.map_err(|error| unlabeled(error, marks))
    }

    /// A draft with the labels that an earlier attempt may not have come to put on it. Labels that Confluence refuses
    /// stay away.
    pub(super) async fn completed(
        &self,
        cx: &Cx,
        draft: Document,
        labels: &[String],
        marks: &Mark,
    ) -> Result<Document> {
        let sound = if mark::check(labels).is_ok() { labels } else { &[] };
        match self.labeled(cx, draft.clone(), sound, marks).await {
            Err(error) if error.code() == Code::InvalidArgument => Ok(draft),
            labeled => labeled.map_err(|error| unlabeled(error, marks)),
        }
    }

    /// A draft with its labels, which go on by requests of their own: the marks by one, so that nothing that is wrong
    /// with a caller's label keeps them from it, and the caller's by another.
    async fn labeled(&self, cx: &Cx, draft: Document, labels: &[String], marks: &Mark) -> Result<Document> {
        let names = mark::names(marks);
        self.label(cx, draft.id.native(), &names).await?;
        if !labels.is_empty() {
            self.label(cx, draft.id.native(), labels).await?;
        }
        let labels = labels.iter().map(|label| Label::new(&label.to_lowercase())).collect();
        Ok(Document { labels, ..draft })
    }

    /// The key of the space that drafts go to.
    fn draft_space<'k>(&'k self, named: Option<&'k str>) -> Result<&'k str> {
        named.or(self.mapping.drafts.as_deref()).ok_or_else(|| {
            Error::invalid("space", "needed: the source has no place for drafts (`map.drafts`)")
        })
    }

    /// Labels have no call of their own in v2.
    async fn label(&self, cx: &Cx, id: &str, names: &[String]) -> Result<()> {
        let labels: Vec<NewLabel<'_>> =
            names.iter().map(|name| NewLabel { prefix: "global", name }).collect();
        // A label that is there is not added twice.
        let request = Request::post("/wiki/rest/api/content/{id}/label", &[id]).json(&labels).idempotent();
        self.site.send(cx, request).await.map(drop)
    }

    /// The text of the template called `name`; `not_found` names the nearest.
    async fn template(&self, cx: &Cx, space: &str, name: &str) -> Result<String> {
        let request = Request::get("/wiki/rest/api/template/page", &[])
            .query("spaceKey", space)
            .query("limit", TEMPLATES)
            .query("expand", "body");
        let reply = self.site.send(cx, request).await?;
        let list: List<'_, Template<'_>> = reply.json()?;
        let wanted = name.trim().to_lowercase();
        if let Some(found) = list.results.iter().find(|t| t.name.to_lowercase() == wanted) {
            return Ok(found.body.text().to_owned());
        }
        let mut near: Vec<&str> = list.results.iter().map(|t| &*t.name).collect();
        near.sort_by_key(|own| strsim::osa_distance(&own.to_lowercase(), &wanted));
        let error = Error::new(Code::NotFound, "the space has no template of that name");
        Err(near.into_iter().take(3).fold(error, |error, own| {
            let label = Label::new(own).to_string();
            error.candidate(error::Candidate::new(label.clone(), label))
        }))
    }

    /// The draft or page of our own that bears the mark: by its label, or by its text if it got no label.
    pub(super) async fn marked(
        &self,
        cx: &Cx,
        space: Option<&str>,
        marks: &Mark,
    ) -> Result<Option<Document>> {
        let key = self.draft_space(space)?.to_owned();
        let within = Cql::within(&self.keys.spaces).and(Clause::Spaces(vec![key.clone()]));
        let labeled = within.clone().and(Clause::Label(mark::sought(marks)));
        if let Some(found) = self.first_marked(cx, labeled, None).await? {
            return Ok(Some(found));
        }
        if let Some(id) = self.remembered(&key, marks) {
            match self.held(cx, &id).await {
                Ok(held) if held.document.status != Status::Archived => return Ok(Some(held.document)),
                Err(error) if error.code() != Code::NotFound => return Err(error),
                // A person has deleted it.
                _ => {}
            }
        }
        self.first_marked(cx, within.and(Clause::Own), Some(marks)).await
    }

    fn remember(&self, space: &str, id: &str, marks: &Mark) {
        let mut drafted = self.drafted.lock().unwrap_or_else(PoisonError::into_inner);
        drafted.extend(mark::names(marks).into_iter().map(|name| (format!("{space} {name}"), id.to_owned())));
        while drafted.len() > DRAFTED {
            drafted.pop_front();
        }
    }

    /// The last draft of this process that bears the mark: one before it was deleted.
    fn remembered(&self, space: &str, marks: &Mark) -> Option<String> {
        let name = format!("{space} {}", mark::sought(marks));
        let drafted = self.drafted.lock().unwrap_or_else(PoisonError::into_inner);
        drafted.iter().rev().find(|(own, _)| *own == name).map(|(_, id)| id.clone())
    }

    async fn first_marked(&self, cx: &Cx, cql: Cql, marks: Option<&Mark>) -> Result<Option<Document>> {
        let feed = Feed {
            cql,
            statuses: &["current", "draft"],
            newest: true,
            floor: None,
            full: marks.is_some(),
            snippets: false,
            counted: false,
            keep: Box::new(|row| {
                marks.is_none_or(|marks| row.storage.as_deref().is_some_and(|text| mark::is_in(text, marks)))
            }),
        };
        let found = feed.page(self, cx, &tool::Fetch { token: None, limit: OWN }).await?;
        let document = found.rows.into_iter().next().map(|row| row.document);
        Ok(document.map(|document| Document { text: None, ..document }))
    }
}

/// The draft is there, its labels are not: whoever repeats the call finds the draft by its text.
fn unlabeled(error: Error, marks: &Mark) -> Error {
    let detail = format!("labels: {}: {}", error.code(), error.log_detail().unwrap_or(error.message()));
    Error::new(Code::OutcomeUnknown, "the draft was written, but its labels could not be added")
        .hint("repeat the same call to find the draft and label it")
        .operation(marks.operation.clone())
        .detail(detail)
}
