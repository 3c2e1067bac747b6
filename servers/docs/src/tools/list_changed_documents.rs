//! `list_changed_documents`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Listing, Meta, Page, Sources, Tool, When, Window};

use crate::library::{Changes, Library};
use crate::listing::{self, Local, Scope};
use crate::model::ChangedDocument;

/// Changes of each document that are listed, at most.
const REVISIONS: u32 = 5;

/// Which documents and pages people edited or changed lately, newest first: who changed what, where the library keeps a
/// history; else who changed it last.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListChangedDocuments {
    /// Date, date-time, or period back such as P7D; P7D if absent
    since: Option<When>,
    until: Option<When>,
    /// Space or data source: key or name
    #[schemars(length(max = 200))]
    space: Option<String>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for ListChangedDocuments {
    type Port = Library;
    type Out = Page<ChangedDocument>;
    const META: Meta = Meta::read("list_changed_documents", "List changed documents", "docs:read");

    async fn run(mut self, cx: &Cx, sources: &Sources<Library>) -> Result<Page<ChangedDocument>> {
        let cursor = self.cursor.take();
        let listing = Listing {
            query: format!("{self:?}"),
            limit: self.limit,
            cursor,
            source: self.source,
            only: None,
        };
        let begun = sources.begun(cx, &listing)?;
        let week = When::from("P7D");
        let since = self.since.as_ref().unwrap_or(&week);
        let window = Window::resolve(Some(since), self.until.as_ref(), begun, ["since", "until"])?;
        let changes = Changes {
            space: None,
            since: window.after.unwrap_or(begun),
            until: window.before,
            revisions: REVISIONS,
        };
        let scope = Scope { space: self.space, ..Scope::default() };
        listing::over(cx, sources, listing, scope, listing::newest_change_first, |source, local, page| {
            let Local { space, .. } = local;
            let changes = Changes { space, ..changes.clone() };
            Box::pin(async move { source.port.changed(cx, &changes, page).await })
        })
        .await
    }
}
