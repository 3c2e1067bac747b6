//! `search_documents`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Detail, Listing, Meta, Page, Sources, Tool, When, Window};

use crate::library::{Library, Query};
use crate::listing::{self, Scope};
use crate::model::{Document, Status};
use crate::reference;

/// Finds documents and wiki pages in Confluence and Notion: a handbook page, how-to, design, meeting notes, the signed
/// paper of a contract; what a person wrote about a subject. Newest change first. Not for tickets or customer records.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchDocuments {
    /// Words in title or text; all must occur
    #[schemars(length(max = 500))]
    text: Option<String>,
    /// Space or data source: key or name
    #[schemars(length(max = 200))]
    space: Option<String>,
    /// E-mail, full name, user id or `me`
    #[schemars(length(max = 200))]
    owner: Option<String>,
    /// All of them
    #[schemars(length(max = 10), inner(length(min = 1, max = 100)))]
    labels: Option<Vec<String>>,
    /// Published (current) if absent
    status: Option<Status>,
    /// Date, date-time, or period back such as P7D
    updated_after: Option<When>,
    updated_before: Option<When>,
    /// Only these documents: ids or URLs
    #[schemars(length(min = 1, max = 10), inner(length(max = 512)))]
    ids: Option<Vec<String>>,
    detail: Option<Detail>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// `next_cursor` of the last page
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    /// One configured source only
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for SearchDocuments {
    type Port = Library;
    type Out = Page<Document>;
    const META: Meta = Meta::read("search_documents", "Search documents", "docs:read").placed();

    fn stakes(&self) -> tool::Stakes {
        tool::Stakes { place: tool::Within::named([&self.space]), ..tool::Stakes::default() }
    }

    async fn run(mut self, cx: &Cx, sources: &Sources<Library>) -> Result<Page<Document>> {
        let cursor = self.cursor.take();
        let listing = Listing {
            query: format!("{self:?}"),
            limit: self.limit,
            cursor,
            source: self.source.clone(),
            only: None,
        };
        let begun = sources.begun(cx, &listing)?;
        let (after, before) = (self.updated_after.as_ref(), self.updated_before.as_ref());
        let window = Window::resolve(after, before, begun, ["updated_after", "updated_before"])?;
        let query = Query {
            text: self.text,
            labels: self.labels.unwrap_or_default(),
            status: self.status,
            updated_after: window.after,
            updated_before: window.before,
            full: self.detail == Some(Detail::Full),
            ..Query::default()
        };
        let mut scope = Scope { space: self.space, owner: self.owner, ids: Vec::new() };
        for text in self.ids.iter().flatten() {
            scope.ids.push(reference::document(cx, sources, text).await?.id());
        }
        listing::documents(cx, sources, listing, query, scope).await
    }
}
