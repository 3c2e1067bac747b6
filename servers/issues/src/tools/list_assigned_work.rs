//! `list_assigned_work`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Listing, Meta, Page, Sources, Tool, When};

use crate::listing::{self, Scope};
use crate::model::Issue;
use crate::tracker::{Query, Tracker};

/// Open issues assigned to one person (their tasks, what is on their plate, which are blocked), for a to-do list or a
/// stand-up, newest change first.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListAssignedWork {
    /// E-mail, full name, user id; `me` if absent
    #[schemars(length(max = 200))]
    user: Option<String>,
    /// Due on or before this date
    due_before: Option<When>,
    /// Only blocked or only free ones
    blocked: Option<bool>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for ListAssignedWork {
    type Port = Tracker;
    type Out = Page<Issue>;
    const META: Meta = Meta::read("list_assigned_work", "List assigned work", "issues:read");

    async fn run(mut self, cx: &Cx, sources: &Sources<Tracker>) -> Result<Page<Issue>> {
        let cursor = self.cursor.take();
        let listing = Listing {
            query: format!("{self:?}"),
            limit: self.limit,
            cursor,
            source: self.source,
            only: None,
        };
        let begun = sources.begun(cx, &listing)?;
        let query = Query {
            open: true,
            blocked: self.blocked,
            due_before: self.due_before.map(|w| w.day(begun, "due_before")).transpose()?,
            ..Query::default()
        };
        let scope = Scope { assignee: Some(self.user.unwrap_or_else(|| "me".into())), ..Scope::default() };
        listing::issues(cx, sources, listing, query, scope).await
    }
}
