//! Notion's JSON, as far as we read it (developers.notion.com/reference, version 2025-09-03).

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub(super) results: Vec<T>,
    #[serde(default)]
    pub(super) next_cursor: Option<String>,
    #[serde(default)]
    pub(super) has_more: bool,
}

impl<T> List<T> {
    /// The cursor of the next page, if there is one.
    pub(super) fn next(&self) -> Option<String> {
        self.next_cursor.clone().filter(|_| self.has_more)
    }
}

/// A page: a document.
#[derive(Debug, Deserialize)]
pub(super) struct Page<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) url: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) public_url: Option<Cow<'a, str>>,
    pub(super) last_edited_time: Timestamp,
    #[serde(borrow, default)]
    pub(super) last_edited_by: Option<User<'a>>,
    /// `in_trash` since version 2026-03-11.
    #[serde(default, alias = "archived")]
    archived_: Option<bool>,
    #[serde(default)]
    in_trash: Option<bool>,
    #[serde(borrow, default)]
    pub(super) parent: Parent<'a>,
    #[serde(borrow, default)]
    pub(super) properties: BTreeMap<Cow<'a, str>, Property<'a>>,
}

impl Page<'_> {
    /// Whether it lies in the trash.
    pub(super) fn is_trashed(&self) -> bool {
        self.in_trash.or(self.archived_).unwrap_or(false)
    }
}

/// What a page, a data source or a comment lies in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Parent<'a> {
    #[serde(borrow)]
    pub(super) data_source_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) database_id: Option<Cow<'a, str>>,
}

/// A property's value; one member is there, by its type.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Property<'a> {
    #[serde(borrow)]
    pub(super) title: Option<Vec<RichText<'a>>>,
    #[serde(borrow)]
    pub(super) rich_text: Option<Vec<RichText<'a>>>,
    #[serde(borrow)]
    pub(super) people: Option<Vec<User<'a>>>,
    #[serde(borrow)]
    pub(super) multi_select: Option<Vec<Named<'a>>>,
    #[serde(borrow)]
    pub(super) select: Option<Named<'a>>,
    #[serde(borrow)]
    pub(super) status: Option<Named<'a>>,
    #[serde(borrow)]
    pub(super) date: Option<Span<'a>>,
}

/// A piece of text.
#[derive(Debug, Deserialize)]
pub(super) struct RichText<'a> {
    #[serde(borrow)]
    pub(super) plain_text: Cow<'a, str>,
}

/// An option.
#[derive(Debug, Deserialize)]
pub(super) struct Named<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
}

/// A date, perhaps with a time.
#[derive(Debug, Deserialize)]
pub(super) struct Span<'a> {
    #[serde(borrow)]
    pub(super) start: Cow<'a, str>,
}

/// A person or a bot; without the capability to read users, an id and nothing else.
#[derive(Debug, Deserialize)]
pub(super) struct User<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) person: Option<Human<'a>>,
}

/// What a person has and a bot has not.
#[derive(Debug, Deserialize)]
pub(super) struct Human<'a> {
    #[serde(borrow, default)]
    pub(super) email: Option<Cow<'a, str>>,
}

/// A data source: a table of pages.
#[derive(Debug, Deserialize)]
pub(super) struct DataSource<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) title: Vec<RichText<'a>>,
    #[serde(borrow, default)]
    pub(super) parent: Parent<'a>,
    #[serde(borrow, default)]
    pub(super) properties: BTreeMap<Cow<'a, str>, Column<'a>>,
}

/// A property of a data source.
#[derive(Debug, Deserialize)]
pub(super) struct Column<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'a, str>,
}

/// A page's content.
#[derive(Debug, Deserialize)]
pub(super) struct Content<'a> {
    #[serde(borrow)]
    pub(super) markdown: Cow<'a, str>,
    #[serde(default)]
    pub(super) truncated: bool,
}

/// The templates of a data source.
#[derive(Debug, Deserialize)]
pub(super) struct Templates<'a> {
    #[serde(borrow)]
    pub(super) templates: Vec<Template<'a>>,
}

/// A page that new ones may start from.
#[derive(Debug, Deserialize)]
pub(super) struct Template<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
}

/// A comment.
#[derive(Debug, Deserialize)]
pub(super) struct Comment<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    pub(super) created_time: Timestamp,
    #[serde(borrow, default)]
    pub(super) created_by: Option<User<'a>>,
    #[serde(borrow)]
    pub(super) rich_text: Vec<RichText<'a>>,
}

/// A refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Refusal<'a> {
    #[serde(borrow)]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) message: Cow<'a, str>,
}

/// The whole of a text in pieces.
pub(super) fn plain(pieces: &[RichText<'_>]) -> String {
    pieces.iter().map(|piece| &*piece.plain_text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_without_copying_its_texts() {
        let page: Page<'_> = serde_json::from_str(include_str!("fixtures/page.json")).unwrap();
        assert!(matches!(page.id, Cow::Borrowed(_)) && matches!(page.url, Cow::Borrowed(_)));
        assert_eq!(plain(page.properties["Name"].title.as_ref().unwrap()), "Travel Policy");
        assert_eq!(
            page.properties["Owner"].people.as_ref().unwrap()[0].name.as_deref(),
            Some("Mei Tanaka 田中")
        );
        assert_eq!(page.properties["Effective"].date.as_ref().unwrap().start, "2026-01-15");
        assert!(page.properties["Service"].rich_text.as_ref().is_some_and(Vec::is_empty));
        assert!(page.properties["Review by"].date.is_none(), "an empty date is null");
        assert!(!page.is_trashed() && page.public_url.is_none());
    }

    #[test]
    fn the_other_shapes_are_read() {
        let search: List<DataSource<'_>> =
            serde_json::from_str(include_str!("fixtures/data_sources.json")).unwrap();
        assert_eq!(search.next(), None);
        assert_eq!((plain(&search.results[0].title).as_str(), search.results.len()), ("Handbook", 1));
        assert_eq!(search.results[0].properties["Owner"].kind, "people");
        let content: Content<'_> = serde_json::from_str(include_str!("fixtures/markdown.json")).unwrap();
        assert!(content.markdown.contains("## Hotels") && !content.truncated);
        let comments: List<Comment<'_>> =
            serde_json::from_str(include_str!("fixtures/comments.json")).unwrap();
        assert_eq!(plain(&comments.results[0].rich_text), "Still true?");
        let refusal: Refusal<'_> = serde_json::from_str(include_str!("fixtures/error.json")).unwrap();
        assert_eq!(refusal.code, "validation_error");
    }
}
