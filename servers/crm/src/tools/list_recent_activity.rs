//! `list_recent_activity`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Detail, Listing, Meta, Page, Source, Sources, Tool, When, Window};

use crate::book::{ActivityQuery, Book};
use crate::listing;
use crate::model::{Activity, ActivityKind, Noun};
use crate::reference;

/// Calls, meetings, e-mails, notes and tasks with a customer, newest first: who last spoke or wrote to them, when, and
/// about what.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListRecentActivity {
    /// Account, contact, opportunity or case: id, URL, name, domain, e-mail or number
    #[schemars(length(max = 512))]
    record: Option<String>,
    #[schemars(length(min = 1, max = 5))]
    kinds: Option<Vec<ActivityKind>>,
    /// P30D if absent
    since: Option<When>,
    until: Option<When>,
    detail: Option<Detail>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for ListRecentActivity {
    type Port = Book;
    type Out = Page<Activity>;
    const META: Meta = Meta::read("list_recent_activity", "List recent activity", "crm:read");

    async fn run(mut self, cx: &Cx, sources: &Sources<Book>) -> Result<Page<Activity>> {
        let cursor = self.cursor.take();
        let mut listing = Listing {
            query: format!("{self:?}"),
            limit: self.limit,
            cursor,
            source: self.source.take(),
            only: None,
        };
        let begun = sources.begun(cx, &listing)?;
        let since = self.since.unwrap_or_else(|| When::from("P30D"));
        let window = Window::resolve(Some(&since), self.until.as_ref(), begun, ["since", "until"])?;
        let mut query = ActivityQuery {
            about: None,
            kinds: self.kinds.unwrap_or_default(),
            after: window.after,
            before: window.before,
        };
        let mut about = None;
        if let Some(text) = &self.record {
            let meant = reference::record(cx, sources, "record", Noun::ALL, text).await?;
            listing.narrow([meant.source.name.clone()]);
            query.about = Some(meant.native.clone());
            about = Some(meant);
        }
        let (query, full) = (&query, self.detail == Some(Detail::Full));
        let fetch = |source, page| -> call::BoxFuture<'_, _> {
            Box::pin(async move {
                let source: &Source<Book> = source;
                let found = source.port.activities(cx, query, page).await?;
                Ok(if full { found } else { found.map(Activity::brief) })
            })
        };
        let page = sources.page(cx, &listing, listing::newest, fetch).await?;
        // Nothing done about a record is an answer; nothing done about no record is a mistake.
        if let Some(meant) = about.filter(|_| page.items.is_empty()) {
            reference::must_exist(cx, &meant).await?;
        }
        Ok(page)
    }
}
