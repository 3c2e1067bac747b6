//! Drafts, edits of sections, comments.

use call::Cx;
use content::{Author, FreeText};
use error::{Candidate, Code, Error, Result};
use futures::future::try_join;
use outbound::Request;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tool::{Mark, Moment, RecordId};

use super::hub::{Known, Space};
use super::query::{Filter, Is, Sort};
use super::wire::{self, List, Page, plain};
use super::{Notion, flavor, map};
use crate::library::{NewDocument, Replaced};
use crate::markdown::{Edit, Outline};
use crate::model::{Comment, Document};

/// UTF-16 units of one piece of rich text (developers.notion.com/reference/request-limits).
const PIECE: usize = 2000;

/// Pages of 100 comments that are looked through for a mark.
const COMMENT_PAGES: usize = 5;

/// What is said when a page is not what the caller read.
const CHANGED: &str = "somebody changed the page since it was read";

/// What a comment of ours ends with, before the operation.
const COMMENT_MARK: &str = "\n\n(ref ";

impl Notion {
    /// The data source that drafts for `space` go to.
    pub(super) fn drafts<'k>(&self, known: &'k Known, space: Option<&str>) -> Result<&'k Space> {
        let name = space.or(self.mapping.drafts.as_deref());
        let found = name.and_then(|name| known.spaces().iter().find(|s| s.is_called(name)));
        let Some(space) = found else {
            return Err(Error::new(Code::Unsupported, "this source has no place for drafts").hint(
                "ask the operator to set `map.drafts` to a data source that is shared with the connection",
            ));
        };
        let has =
            |name: &Option<String>, kinds| name.as_deref().is_some_and(|n| space.kind(n, kinds).is_some());
        let names = &self.mapping.properties;
        match has(&names.mark, &["rich_text"]) && has(&names.status, &["status", "select"]) {
            true => Ok(space),
            false => Err(Error::new(
                Code::Unsupported,
                "this data source has no properties to tell drafts by; a page in it would be published at once",
            )),
        }
    }

    /// The page of `space` that bears the mark.
    pub(super) async fn marked(&self, cx: &Cx, space: Option<&str>, mark: &Mark) -> Result<Option<Document>> {
        #[derive(Serialize)]
        struct Ask {
            filter: Filter,
            sorts: [Sort; 1],
            page_size: u32,
        }
        let known = self.hub.known(cx).await?;
        let space = self.drafts(&known, space)?;
        let name = self.mapping.properties.mark.as_deref().unwrap_or_default();
        let sought = sought(mark);
        let ask = Ask {
            filter: Filter::on(name, "rich_text", Is::Contains(sought.clone())),
            sorts: [Sort { property: space.only("last_edited_time").map(str::to_owned), newest: true }],
            page_size: 10,
        };
        let request =
            Request::post("/v1/data_sources/{data_source_id}/query", &[&space.id]).json(&ask).reads();
        let reply = self.hub.send(cx, request).await?;
        let list: List<Page<'_>> = reply.json()?;
        let rows = list
            .results
            .iter()
            .map(|page| map::row(page, self.hub.source(), &self.mapping, &known, cx.now()));
        Ok(rows.into_iter().find(|row| row.marks.split(' ').any(|m| m == sought)).map(|row| row.document))
    }

    /// The data source, the labels and the text of a draft to be.
    pub(super) async fn draft_to_be<'k>(
        &self,
        cx: &Cx,
        known: &'k Known,
        new: &NewDocument,
    ) -> Result<(&'k Space, Map<String, Value>, String)> {
        if new.parent.is_some() {
            let message = "a page below another is seen by that one's readers at once; drafts have a place of their own";
            return Err(Error::new(Code::Unsupported, message));
        }
        let space = self.drafts(known, new.space.as_deref())?;
        let labels = self.labels(space, &new.labels)?;
        let template = match &new.template {
            Some(name) => self.template(cx, space, name).await?,
            None => String::new(),
        };
        Ok((space, labels, template + &flavor::escape(&new.text)))
    }

    /// Creates a draft, text and mark in one request.
    pub(super) async fn draft(&self, cx: &Cx, new: &NewDocument, mark: &Mark) -> Result<Document> {
        let known = self.hub.known(cx).await?;
        let (space, labels, text) = self.draft_to_be(cx, &known, new).await?;
        let mut properties = self.properties(space, &new.title, mark);
        properties.extend(labels);
        let body = json!({ "parent": parent(&known, space), "properties": properties, "markdown": text });
        let reply = self.hub.send(cx, Request::post("/v1/pages", &[]).json(&body)).await?;
        let page: Page<'_> = reply.json()?;
        Ok(map::row(&page, self.hub.source(), &self.mapping, &known, cx.now()).document)
    }

    fn properties(&self, space: &Space, title: &str, mark: &Mark) -> Map<String, Value> {
        let names = &self.mapping.properties;
        let text = |text: &str| json!([{ "text": { "content": text } }]);
        let mut properties = Map::new();
        let name = space.only("title").unwrap_or("title");
        properties.insert(name.to_owned(), json!({ "title": text(title) }));
        if let Some(name) = &names.mark {
            properties.insert(name.clone(), json!({ "rich_text": text(&bears(mark)) }));
        }
        if let (Some(name), Some(draft)) = (&names.status, self.mapping.options.draft.first()) {
            let kind = space.kind(name, &["status", "select"]).unwrap_or("status");
            properties.insert(
                name.clone(),
                Value::Object(Map::from_iter([(kind.to_owned(), json!({ "name": draft }))])),
            );
        }
        properties
    }

    /// The property of a page with these labels; none for none.
    fn labels(&self, space: &Space, labels: &[String]) -> Result<Map<String, Value>> {
        if labels.is_empty() {
            return Ok(Map::new());
        }
        let name = self.mapping.properties.labels.as_deref();
        let name = name.filter(|name| space.kind(name, &["multi_select"]).is_some());
        let name = name.ok_or_else(|| Error::new(Code::Unsupported, "this data source has no labels"))?;
        if labels.iter().any(|label| label.contains(',')) {
            return Err(Error::invalid("labels", "Notion allows no comma in a label"));
        }
        let options: Vec<Value> = labels.iter().map(|label| json!({ "name": label })).collect();
        Ok(Map::from_iter([(name.to_owned(), json!({ "multi_select": options }))]))
    }

    /// The text of a template, by name.
    async fn template(&self, cx: &Cx, space: &Space, name: &str) -> Result<String> {
        let request =
            Request::get("/v1/data_sources/{data_source_id}/templates", &[&space.id]).query("page_size", 100);
        let reply = self.hub.send(cx, request).await?;
        let templates = reply.json::<wire::Templates<'_>>()?.templates;
        let same = |t: &&wire::Template<'_>| t.name.to_lowercase() == name.trim().to_lowercase();
        let Some(found) = templates.iter().find(same) else {
            let mut near: Vec<_> = templates.iter().collect();
            near.sort_by_key(|t| strsim::osa_distance(&t.name.to_lowercase(), &name.to_lowercase()));
            let candidate = |t: &wire::Template<'_>| Candidate::new(t.id.to_string(), t.name.to_string());
            let error = Error::new(Code::NotFound, "this data source has no such template");
            return Err(near.into_iter().take(3).map(candidate).fold(error, Error::candidate));
        };
        let text = self.content(cx, &found.id).await?.text;
        Ok(if text.is_empty() { text } else { text + "\n" })
    }

    /// Replaces one section of exactly this version.
    pub(super) async fn replace(&self, cx: &Cx, id: &str, edit: &Edit, version: &str) -> Result<Replaced> {
        let (now, before) = try_join(self.content(cx, id), self.get(cx, id)).await?;
        if now.version() != version {
            return Err(Error::new(Code::Conflict, CHANGED));
        }
        edit.apply(&now.text)?;
        let (old, new) = replacement(&now.text, edit);
        let body = match old.trim().is_empty() {
            true => json!({ "type": "replace_content", "replace_content": { "new_str": new } }),
            false => json!({
                "type": "update_content",
                "update_content": { "content_updates": [{ "old_str": old, "new_str": new }] },
            }),
        };
        let request = Request::patch("/v1/pages/{page_id}/markdown", &[id]).json(&body);
        let reply = match self.hub.send(cx, request).await {
            // Notion finds the old text no more: somebody was faster by a moment.
            Err(error) if error.code() == Code::InvalidArgument => {
                return Err(match self.content(cx, id).await?.version() == version {
                    true => error,
                    false => Error::new(Code::Conflict, CHANGED),
                });
            }
            reply => reply?,
        };
        let content: wire::Content<'_> = reply.json()?;
        let version = super::version(&content.markdown);
        // It is changed: what was known of the page is better than an error that says it may not be.
        let row = self.get(cx, id).await.unwrap_or(before);
        let document = Document { version: Some(version), ..row.document };
        let stays = |line: &str| edit.after.lines().any(|after| after == line);
        let comes_back = edit.before.lines().all(|line| stays(line) || flavor::comes_back(line));
        Ok(Replaced { document, comes_back })
    }

    /// Comments on a page.
    pub(super) async fn post(&self, cx: &Cx, id: &str, text: &str, mark: &Mark) -> Result<Comment> {
        let marked = format!("{text}{COMMENT_MARK}{})", mark.operation);
        let pieces: Vec<Value> =
            pieces(&marked).into_iter().map(|piece| json!({ "text": { "content": piece } })).collect();
        let body = json!({ "parent": { "page_id": id }, "rich_text": pieces });
        // Before it is written, so that nothing but the answer decides whether it was.
        let known = self.hub.known(cx).await?;
        let reply = self.hub.send(cx, Request::post("/v1/comments", &[]).json(&body)).await?;
        Ok(self.told(&reply.json()?, &known))
    }

    /// The comment on a page that bears the mark.
    pub(super) async fn marked_comment(&self, cx: &Cx, id: &str, mark: &Mark) -> Result<Option<Comment>> {
        let known = self.hub.known(cx).await?;
        let end = format!("{COMMENT_MARK}{})", mark.operation);
        let mut cursor = None::<String>;
        for _ in 0..COMMENT_PAGES {
            let request = Request::get("/v1/comments", &[]).query("block_id", id).query("page_size", 100);
            let request = match &cursor {
                Some(cursor) => request.query("start_cursor", cursor),
                None => request,
            };
            let reply = self.hub.send(cx, request).await?;
            let list: List<wire::Comment<'_>> = reply.json()?;
            if let Some(found) = list.results.iter().find(|c| plain(&c.rich_text).ends_with(&end)) {
                return Ok(Some(self.told(found, &known)));
            }
            cursor = list.next();
            if cursor.is_none() {
                break;
            }
        }
        Ok(None)
    }

    fn told(&self, comment: &wire::Comment<'_>, known: &Known) -> Comment {
        let text = plain(&comment.rich_text);
        let shown = text.rfind(COMMENT_MARK).map_or(text.as_str(), |at| &text[..at]);
        Comment {
            id: RecordId::new(self.hub.source(), &*comment.id),
            author: comment.created_by.as_ref().and_then(|user| known.name(user)),
            created: Moment(comment.created_time),
            section: None,
            text: FreeText::new(shown, Author::Internal),
        }
    }
}

/// Whether the section says already what the edit would have it say, written as Notion writes it.
pub(super) fn says_already(edit: &Edit) -> bool {
    edit.is_empty() || flavor::bare(&edit.before) == flavor::bare(&flavor::escape(&edit.after))
}

/// The page's new parent. A database is named where it has one data source only, which Notion allows in every version.
fn parent(known: &Known, space: &Space) -> Value {
    let siblings =
        |database: &&String| known.spaces().iter().filter(|s| s.database.as_ref() == Some(*database)).count();
    match space.database.as_ref().filter(|database| siblings(database) == 1) {
        Some(database) => json!({ "type": "database_id", "database_id": database }),
        None => json!({ "type": "data_source_id", "data_source_id": space.id }),
    }
}

/// The piece of the text that contains the section and occurs only once, and what it becomes.
fn replacement(text: &str, edit: &Edit) -> (String, String) {
    let outline = Outline::of(text);
    let after = flavor::escape(&edit.after);
    let Some(span) = outline.spans().iter().find(|span| span.heading == edit.heading) else {
        return (text.to_owned(), after);
    };
    let (mut start, end) = (span.head.start, span.body.end);
    // Wider by a line at a time until it cannot be mistaken for another place.
    while start > 0 && text.matches(&text[start..end]).nth(1).is_some() {
        start = text[..start - 1].rfind('\n').map_or(0, |at| at + 1);
    }
    (text[start..end].to_owned(), [&text[start..span.body.start], &after].concat())
}

/// A text in pieces that Notion takes, cut between characters; it counts as JavaScript does.
fn pieces(text: &str) -> Vec<String> {
    let (mut pieces, mut length) = (Vec::<String>::new(), PIECE);
    for c in text.chars() {
        if length + c.len_utf16() > PIECE {
            pieces.push(String::new());
            length = 0;
        }
        length += c.len_utf16();
        pieces.iter_mut().last().into_iter().for_each(|last| last.push(c));
    }
    pieces
}

/// By what a new page is found again: words that contain nothing but letters, digits and a colon.
fn bears(mark: &Mark) -> String {
    let external = mark.external_key.as_ref().map(|key| format!(" key:{}", digest(key)));
    format!("op:{}{}", mark.operation, external.unwrap_or_default())
}

/// What a mark is looked for by: the caller's own key wins over the operation.
fn sought(mark: &Mark) -> String {
    match &mark.external_key {
        Some(key) => format!("key:{}", digest(key)),
        None => format!("op:{}", mark.operation),
    }
}

fn digest(key: &str) -> String {
    call::hex(&Sha256::digest(key.as_bytes())[..16])
}
