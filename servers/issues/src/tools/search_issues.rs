//! `search_issues`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Detail, Listing, Meta, Page, Sources, Tool, When, Window};

use crate::listing::{self, Scope};
use crate::model::{Emptiable, Issue, Priority, State};
use crate::reference;
use crate::tracker::{Query, Tracker};

/// Finds issues (bugs, tickets, tasks, stories, feature requests) in Jira projects and GitHub repositories, newest
/// change first: what was changed or updated in a window. Not for IT incidents, customer cases or pull requests.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchIssues {
    /// Project or repository: key or name
    #[schemars(length(max = 200))]
    project: Option<String>,
    state: Option<State>,
    /// E-mail, full name, user id or `me`
    #[schemars(length(max = 200))]
    assignee: Option<String>,
    /// All of them
    #[schemars(length(max = 10), inner(length(min = 1, max = 100)))]
    labels: Option<Vec<String>>,
    priority: Option<Priority>,
    /// Date, date-time, or period back such as P7D
    updated_after: Option<When>,
    updated_before: Option<When>,
    /// Words in title or text
    #[schemars(length(max = 500))]
    text: Option<String>,
    /// Only issues where this is missing
    where_empty: Option<Emptiable>,
    /// Only these issues: ids, keys or URLs
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

impl Tool for SearchIssues {
    type Port = Tracker;
    type Out = Page<Issue>;
    const META: Meta = Meta::read("search_issues", "Search issues", "issues:read").placed();

    fn stakes(&self) -> tool::Stakes {
        tool::Stakes { place: tool::Within::named([&self.project]), ..tool::Stakes::default() }
    }

    async fn run(mut self, cx: &Cx, sources: &Sources<Tracker>) -> Result<Page<Issue>> {
        let cursor = self.cursor.take();
        let listing = Listing {
            query: format!("{self:?}"),
            limit: self.limit,
            cursor,
            source: self.source.clone(),
            only: None,
        };
        let paths = ["updated_after", "updated_before"];
        let begun = sources.begun(cx, &listing)?;
        let updated =
            Window::resolve(self.updated_after.as_ref(), self.updated_before.as_ref(), begun, paths)?;
        let query = Query {
            state: self.state,
            labels: self.labels.unwrap_or_default(),
            priority: self.priority,
            updated_after: updated.after,
            updated_before: updated.before,
            text: self.text,
            where_empty: self.where_empty,
            full: self.detail == Some(Detail::Full),
            ..Query::default()
        };
        let mut scope = Scope { assignee: self.assignee, project: self.project, ids: Vec::new() };
        for text in self.ids.iter().flatten() {
            scope.ids.push(reference::issue(cx, sources, text).await?.id());
        }
        listing::issues(cx, sources, listing, query, scope).await
    }
}
