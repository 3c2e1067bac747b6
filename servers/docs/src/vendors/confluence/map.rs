//! From contents and pages to documents, and whether a document is what a query asks for.

use std::collections::BTreeMap;

use content::{Author, FreeText, Label};
use error::Result;
use jiff::{Timestamp, civil::Date};
use tool::{Day, Moment, RecordId};

use super::settings::Mapping;
use super::site::Site;
use super::wire::{Content, Hit, Text, Valued};
use super::{mark, storage};
use crate::library::Query;
use crate::model::{Document, Status};

/// What a document carries beside what leaves.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) document: Document,
    /// The owner's account id.
    pub(super) owner: Option<String>,
    /// The space's key.
    pub(super) space: Option<String>,
    /// Whether the mark that was looked for is in its text.
    pub(super) storage: Option<String>,
}

/// How contents are read: by whom, for whom.
pub(super) struct Lens<'a> {
    pub(super) site: &'a Site,
    pub(super) mapping: &'a Mapping,
    pub(super) as_of: Timestamp,
}

impl Lens<'_> {
    /// A search result as a row; nothing for what is no content, or came without what every row needs.
    pub(super) fn row(&self, hit: &Hit<'_>, base: Option<&Text<'_>>, full: bool) -> Result<Option<Row>> {
        let Some(content) = &hit.content else { return Ok(None) };
        let Some(version) = &content.version else { return Ok(None) };
        let space = content.space.as_ref();
        let labels: Vec<&str> = content.metadata.labels.results.iter().map(|l| &*l.name).collect();
        let mut document = self.document(&content.id, &content.title, &content.status, version.when);
        self.describe(&mut document, space.map(|s| &*s.key), &labels, &properties(content));
        document.space = space.map(|s| Label::new(if s.name.is_empty() { &s.key } else { &s.name }));
        document.owner = content.history.owner.as_ref().map(|user| Label::new(&user.name));
        document.updated_by = version.by.as_ref().map(|user| Label::new(&user.name));
        document.version = (document.status != Status::Draft).then(|| version.number.to_string());
        document.url = self.site.url(base, content.links.webui.as_deref().unwrap_or_default());
        document.snippet = snippet(&hit.excerpt);
        let written = content.body.storage.as_ref().map(|storage| storage.value.to_string());
        if let (true, Some(written)) = (full, &written) {
            document.text = Some(FreeText::new(&storage::to_markdown(written)?, Author::Internal));
        }
        Ok(Some(Row {
            document,
            owner: content.history.owner.as_ref().map(|user| user.id.to_string()),
            space: space.map(|s| s.key.to_string()),
            storage: written,
        }))
    }

    /// A document that says who it is and no more.
    pub(super) fn document(&self, id: &str, title: &str, status: &str, updated: Timestamp) -> Document {
        Document {
            id: RecordId::new(self.site.source(), id),
            title: Label::new(title),
            space: None,
            status: told(status),
            kind: None,
            owner: None,
            labels: Vec::new(),
            service: None,
            effective: None,
            review_by: None,
            version: None,
            updated: Moment(updated),
            updated_by: None,
            url: String::new(),
            as_of: Moment(self.as_of),
            snippet: None,
            text: None,
        }
    }

    /// What labels and properties say.
    pub(super) fn describe(
        &self,
        document: &mut Document,
        space: Option<&str>,
        labels: &[&str],
        properties: &BTreeMap<&str, &str>,
    ) {
        let names = &self.mapping.properties;
        let value = |name: &Option<String>| properties.get(name.as_deref()?).copied();
        let day = |name| value(name).and_then(|text| text.get(..10)?.parse::<Date>().ok()).map(Day);
        document.labels =
            labels.iter().filter(|label| !mark::is_label(label)).map(|l| Label::new(l)).collect();
        document.kind = self.mapping.kind(space, labels, document.title.as_str());
        document.service = value(&names.service).map(Label::new);
        document.effective = day(&names.effective);
        document.review_by = day(&names.review);
    }
}

fn properties<'c>(content: &'c Content<'_>) -> BTreeMap<&'c str, &'c str> {
    content.metadata.properties.iter().filter_map(|(key, value)| Some((&**key, value.text()?))).collect()
}

/// The same for a list of properties.
pub(super) fn listed<'c>(properties: &'c [Valued<'_>]) -> BTreeMap<&'c str, &'c str> {
    properties.iter().filter_map(|own| Some((&*own.key, own.text()?))).collect()
}

/// `historical` is how v1 calls what was current.
fn told(status: &str) -> Status {
    match status {
        "draft" => Status::Draft,
        "archived" | "trashed" | "deleted" => Status::Archived,
        _ => Status::Current,
    }
}

/// Where the words stand. Confluence marks them by `@@@hl@@@` and `@@@endhl@@@` and writes HTML's entities.
fn snippet(excerpt: &str) -> Option<FreeText> {
    let bare = excerpt.replace("@@@hl@@@", "").replace("@@@endhl@@@", "");
    let text = quick_xml::escape::unescape_with(&bare, quick_xml::escape::resolve_html5_entity);
    let text = FreeText::new(text.as_deref().unwrap_or(&bare).trim(), Author::Internal);
    (!text.as_str().is_empty()).then_some(text)
}

/// Whether the row is what the query asks for: Confluence has filtered before where it can, and this decides.
pub(super) fn matches(row: &Row, query: &Query) -> bool {
    let document = &row.document;
    let status = match (query.status, query.ids.is_empty()) {
        (Some(status), _) => document.status == status,
        (None, true) => document.status == Status::Current,
        (None, false) => true,
    };
    status
        && query.space.as_ref().is_none_or(|space| row.space.as_ref() == Some(space))
        && query.owner.as_ref().is_none_or(|owner| row.owner.as_ref() == Some(owner))
        && query.kind.is_none_or(|kind| document.kind == Some(kind))
        && query.service.as_deref().is_none_or(|service| {
            document.service.as_ref().is_some_and(|own| same_service(own.as_str(), service))
        })
        && query.effective_on.is_none_or(|day| document.effective.is_some_and(|from| from.0 <= day))
        && query.updated_after.is_none_or(|t| document.updated.0 >= t)
        && query.updated_before.is_none_or(|t| document.updated.0 < t)
}

/// `Checkout API`, `checkout-api` and `checkout_api` are one service.
fn same_service(a: &str, b: &str) -> bool {
    let bare = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    bare(a) == bare(b)
}
