//! From a page to a document, and whether a document is what a query asks for.

use std::collections::BTreeMap;

use content::Label;
use jiff::{Timestamp, civil::Date};
use tool::{Day, Moment, RecordId};

use super::hub::Known;
use super::settings::Mapping;
use super::wire::{Page, Property, plain};
use crate::library::Query;
use crate::model::{Document, Kind, Status};

/// A page as the domain sees it, with the ids that a document does not carry.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The document.
    pub(super) document: Document,
    /// Ids of its owners.
    pub(super) owners: Vec<String>,
    /// The data source it is in.
    pub(super) space: Option<String>,
    /// Where the world reads it.
    pub(super) public_url: Option<String>,
    /// Our marks on it.
    pub(super) marks: String,
}

/// The page as a row of `source`, seen at `as_of`.
pub(super) fn row(page: &Page<'_>, source: &str, mapping: &Mapping, known: &Known, as_of: Timestamp) -> Row {
    let names = &mapping.properties;
    let value = |name: &Option<String>| -> Option<&Property<'_>> {
        let name = name.as_deref()?;
        page.properties.get(name)
    };
    let space = page.parent.data_source_id.as_deref();
    let owners = value(&names.owner).and_then(|p| p.people.as_ref());
    let labels = value(&names.labels).and_then(|p| p.multi_select.as_ref());
    let option = value(&names.status).and_then(option);
    let document = Document {
        id: RecordId::new(source, &*page.id),
        title: Label::new(&title(&page.properties)),
        space: space.and_then(|id| known.space(id)).map(|s| s.name.clone()),
        status: match page.is_trashed() {
            true => Status::Archived,
            false => option.as_deref().map_or(Status::Current, |o| mapping.status(o)),
        },
        kind: kind(page, mapping, known, value(&names.kind)),
        owner: owners.into_iter().flatten().find_map(|user| known.name(user)),
        labels: labels.into_iter().flatten().map(|l| Label::new(&l.name)).collect(),
        service: value(&names.service).and_then(text).map(|s| Label::new(&s)),
        effective: value(&names.effective).and_then(day),
        review_by: value(&names.review).and_then(day),
        version: None,
        updated: Moment(page.last_edited_time),
        updated_by: page.last_edited_by.as_ref().and_then(|user| known.name(user)),
        url: page.url.to_string(),
        as_of: Moment(as_of),
        snippet: None,
        text: None,
    };
    Row {
        document,
        owners: owners.into_iter().flatten().map(|user| user.id.to_string()).collect(),
        space: space.map(str::to_owned),
        public_url: page.public_url.as_ref().map(ToString::to_string),
        marks: value(&names.mark).and_then(text).unwrap_or_default(),
    }
}

/// Whether the row is what the query asks for. Notion has filtered before where it can; where it cannot, this decides.
pub(super) fn matches(row: &Row, query: &Query) -> bool {
    let document = &row.document;
    let status = match (query.status, query.ids.is_empty()) {
        (Some(status), _) => document.status == status,
        (None, true) => document.status == Status::Current,
        (None, false) => true,
    };
    let title = folded(document.title.as_str());
    let has = |label: &String| document.labels.iter().any(|own| *own == Label::new(label));
    status
        && query.text.as_deref().is_none_or(|text| words(text).all(|word| title.contains(&folded(word))))
        && query.space.as_ref().is_none_or(|space| row.space.as_ref() == Some(space))
        && query.owner.as_ref().is_none_or(|owner| row.owners.contains(owner))
        && query.labels.iter().all(has)
        && query.kind.is_none_or(|kind| document.kind == Some(kind))
        && query.service.as_deref().is_none_or(|service| {
            document.service.as_ref().is_some_and(|own| same_service(own.as_str(), service))
        })
        && query.effective_on.is_none_or(|day| document.effective.is_some_and(|from| from.0 <= day))
        && query.updated_after.is_none_or(|t| document.updated.0 >= t)
        && query.updated_before.is_none_or(|t| document.updated.0 < t)
}

/// The words of a text that titles are searched for.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
}

/// `Checkout API`, `checkout-api` and `checkout_api` are one service.
pub(super) fn same_service(a: &str, b: &str) -> bool {
    let bare = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    bare(a) == bare(b)
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}

fn title(properties: &BTreeMap<std::borrow::Cow<'_, str>, Property<'_>>) -> String {
    properties.values().find_map(|p| p.title.as_deref()).map(plain).unwrap_or_default()
}

fn kind(page: &Page<'_>, mapping: &Mapping, known: &Known, value: Option<&Property<'_>>) -> Option<Kind> {
    let space = page.parent.data_source_id.as_deref().unwrap_or_default();
    let by_place = [Kind::Runbook, Kind::Policy].into_iter().find(|kind| known.hold(mapping, *kind, space));
    by_place.or_else(|| mapping.kind(&option(value?)?))
}

/// The option of a select or a status.
fn option(property: &Property<'_>) -> Option<String> {
    property.status.as_ref().or(property.select.as_ref()).map(|named| named.name.to_string())
}

/// Whatever a property says in words; nothing for an empty one.
fn text(property: &Property<'_>) -> Option<String> {
    let written = property.rich_text.as_deref().map(plain);
    written.filter(|t| !t.trim().is_empty()).or_else(|| option(property))
}

/// The day a date begins on.
fn day(property: &Property<'_>) -> Option<Day> {
    let start = &property.date.as_ref()?.start;
    start.get(..10)?.parse::<Date>().ok().map(Day)
}
