//! Searching issues.

use call::Cx;
use error::{Code, Error, Result};
use futures::future::join_all;
use outbound::{Reply, Request};
use tool::{Count, Fetch, Rows, Total};

use super::Jira;
use super::connection::Server;
use super::jql::{Clause, Field, Jql, has_words};
use super::lexicon::Lexicon;
use super::map::Lens;
use super::wire::{self, CountBody, OffsetPage, OffsetSearch, TokenPage, TokenSearch};
use crate::listing::newest_first;
use crate::model::{Emptiable, Issue, State};
use crate::tracker::Query;

/// A page as the vendor gave it.
pub(super) struct Found<T> {
    pub(super) rows: Vec<T>,
    pub(super) next: Option<String>,
    /// Where the vendor counts without being asked (Data Center).
    pub(super) total: Option<u64>,
}

/// What to search for, and how much of it.
pub(super) struct Hunt<'a> {
    pub(super) jql: &'a str,
    pub(super) fields: &'a [&'a str],
    pub(super) expand: Option<&'a str>,
    pub(super) page: &'a Fetch,
}

impl Jira {
    pub(super) async fn find(&self, cx: &Cx, query: &Query, mut page: Fetch) -> Result<Rows<Issue>> {
        let (server, lexicon) = self.ready(cx).await?;
        let mut query = query.clone();
        if !query.ids.is_empty() {
            query.ids.retain(|id| self.within_reach(id).is_ok());
            if query.ids.is_empty() {
                return Ok(self.nothing(cx));
            }
            // All at once: which of them exist may change between two pages, and Jira's token with it.
            page.limit = page.limit.max(u32::try_from(query.ids.len()).unwrap_or(u32::MAX));
        }
        match self.found(cx, &server, &lexicon, &query, &page).await {
            // Jira refuses a query that names an issue which does not exist; the others are still wanted.
            Err(error) if error.code() == Code::InvalidArgument && !query.ids.is_empty() => {
                query.ids = self.existing(cx, &server, &query.ids).await?;
                if query.ids.is_empty() {
                    return Ok(self.nothing(cx));
                }
                self.found(cx, &server, &lexicon, &query, &page).await
            }
            outcome => outcome,
        }
    }

    async fn found(
        &self,
        cx: &Cx,
        server: &Server,
        lexicon: &Lexicon,
        query: &Query,
        page: &Fetch,
    ) -> Result<Rows<Issue>> {
        let jql = restricted(self.scope(cx).await?, lexicon, query)?;
        let text = jql.text();
        let lens = Lens::new(self, server, lexicon, cx);
        let fields = if query.full { lens.full_fields() } else { lens.row_fields() };
        let hunt = Hunt { jql: &text, fields: &fields, expand: None, page };
        let found = self.hunt(cx, server, &hunt, |issue| lens.issue(issue, query.full)).await?;
        let mut rows = found.rows;
        // JQL cannot tell an open blocker from a finished one.
        rows.retain(|row| query.blocked.is_none_or(|blocked| row.blocked == blocked));
        rows.sort_by(|a, b| newest_first(a).cmp(&newest_first(b)));
        let total = match (query.blocked, page.token.is_none(), found.total) {
            (Some(_), ..) => None,
            (None, _, Some(count)) => Some(Total { count, kind: Count::Exact }),
            (None, true, None) if found.next.is_none() => {
                Some(Total { count: rows.len() as u64, kind: Count::Exact })
            }
            (None, true, None) => self.estimate(cx, server, &jql).await,
            (None, false, None) => None,
        };
        Ok(Rows { rows, next: found.next, total, as_of: cx.now() })
    }

    /// One page of a search, mapped while the body is at hand.
    pub(super) async fn hunt<T>(
        &self,
        cx: &Cx,
        server: &Server,
        hunt: &Hunt<'_>,
        map: impl Fn(&wire::Issue<'_>) -> Result<T>,
    ) -> Result<Found<T>> {
        if server.cloud {
            let reply = self.by_token(cx, server, hunt).await?;
            let page: TokenPage<'_> = reply.json()?;
            let rows = page.issues.iter().map(map).collect::<Result<_>>()?;
            return Ok(Found { rows, next: page.next.as_deref().map(str::to_owned), total: None });
        }
        let start = match &hunt.page.token {
            None => 0,
            Some(token) => {
                token.parse().map_err(|_| Error::new(Code::CursorExpired, "the page token is no number"))?
            }
        };
        let reply = self.by_offset(cx, server, hunt, start).await?;
        let page: OffsetPage<'_> = reply.json()?;
        let rows: Vec<T> = page.issues.iter().map(map).collect::<Result<_>>()?;
        let end = start + rows.len() as u64;
        let next = (end < page.total && !rows.is_empty()).then(|| end.to_string());
        Ok(Found { rows, next, total: Some(page.total) })
    }

    async fn by_token(&self, cx: &Cx, server: &Server, hunt: &Hunt<'_>) -> Result<Reply> {
        let recent = self.recent();
        let body = TokenSearch {
            jql: hunt.jql,
            next_page_token: hunt.page.token.as_deref(),
            max_results: hunt.page.limit,
            fields: hunt.fields,
            expand: hunt.expand,
            reconcile_issues: &recent,
        };
        let request =
            Request::post("/rest/api/{version}/search/jql", &[server.version()]).json(&body).reads();
        self.connection.send(cx, server, request).await.map_err(|error| {
            // A query that was good for the first page is refused later for its token alone.
            if hunt.page.token.is_some() && error.code() == Code::InvalidArgument {
                let detail = error.log_detail().unwrap_or_default().to_owned();
                return Error::new(
                    Code::CursorExpired,
                    "Jira no longer knows this page (tokens live seven days)",
                )
                .detail(detail);
            }
            error
        })
    }

    async fn by_offset(&self, cx: &Cx, server: &Server, hunt: &Hunt<'_>, start_at: u64) -> Result<Reply> {
        let body = OffsetSearch {
            jql: hunt.jql,
            start_at,
            max_results: hunt.page.limit,
            fields: hunt.fields,
            expand: hunt.expand.map(|e| [e]),
        };
        let request = Request::post("/rest/api/{version}/search", &[server.version()]).json(&body).reads();
        self.connection.send(cx, server, request).await
    }

    /// How many match, roughly. A list is worth more than its length: a failure leaves it out.
    async fn estimate(&self, cx: &Cx, server: &Server, jql: &Jql) -> Option<Total> {
        if self.configured.0.count == Some(false) {
            return None;
        }
        let body = CountBody { jql: &jql.condition() };
        let request = Request::post("/rest/api/{version}/search/approximate-count", &[server.version()])
            .json(&body)
            .reads();
        let reply = self.connection.send(cx, server, request).await.ok()?;
        let counted: wire::Count = reply.json().ok()?;
        Some(Total { count: counted.count, kind: Count::Estimate })
    }

    /// A query within the configured projects that this account sees: Jira refuses one that names another project, be it
    /// that it was deleted, and with it the search of all the others.
    pub(super) async fn scope(&self, cx: &Cx) -> Result<Jql> {
        let configured = &self.configured.0.projects;
        if configured.is_empty() {
            return Ok(Jql::within(&[]));
        }
        let seen = self.all_projects(cx).await?;
        let seen: Vec<String> = seen.into_iter().map(|place| place.key).collect();
        if seen.is_empty() {
            let message = "this account sees none of the projects that are configured for this source";
            return Err(Error::new(Code::NotFound, message));
        }
        Ok(Jql::within(&seen))
    }

    /// Those of the ids that exist; each is asked for by itself.
    async fn existing(&self, cx: &Cx, server: &Server, ids: &[String]) -> Result<Vec<String>> {
        let answers = join_all(ids.iter().map(|id| async move {
            let request = Request::get("/rest/api/{version}/issue/{key}", &[server.version(), id])
                .query("fields", "summary");
            match self.connection.send(cx, server, request).await {
                Ok(_) => Ok(Some(id.clone())),
                Err(error) if error.code() == Code::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        }));
        answers.await.into_iter().filter_map(Result::transpose).collect()
    }

    fn nothing<T>(&self, cx: &Cx) -> Rows<T> {
        Rows {
            rows: Vec::new(),
            next: None,
            total: Some(Total { count: 0, kind: Count::Exact }),
            as_of: cx.now(),
        }
    }
}

/// The query within a scope.
fn restricted(scope: Jql, lexicon: &Lexicon, query: &Query) -> Result<Jql> {
    if query.text.as_deref().is_some_and(|text| !has_words(text)) {
        return Err(Error::invalid("text", "has no word to search for"));
    }
    let priority = query.priority.map(|wanted| {
        let ids = lexicon.priority_ids(|p| p == wanted);
        if ids.is_empty() {
            let message = "this Jira has no priority that corresponds; `map.priorities` can name one";
            return Err(Error::new(Code::UnsupportedFilter, message));
        }
        Ok(Clause::In(Field::Priority, ids))
    });
    let state = query.state.map(|state| Clause::Is(Field::StatusCategory, category(state).into()));
    let labels = query.labels.iter().map(|label| Clause::Is(Field::Labels, label.clone()));
    let blocked = query.blocked == Some(true);
    let obstacle = blocked.then(|| {
        let message = "this Jira has neither a flag nor links that say what is blocked";
        maybe_blocked(lexicon).ok_or_else(|| Error::new(Code::UnsupportedFilter, message))
    });
    let jql = scope
        .and_some((!query.ids.is_empty()).then(|| Clause::In(Field::Key, query.ids.clone())))
        .and_some(query.project.clone().map(|p| Clause::Is(Field::Project, p)))
        .and_some(state)
        .and_some(query.open.then(|| Clause::IsNot(Field::StatusCategory, category(State::Done).into())))
        .and_some(query.assignee.clone().map(|a| Clause::Is(Field::Assignee, a)))
        .and_some(priority.transpose()?)
        .and_some(query.updated_after.map(|t| Clause::From(Field::Updated, t)))
        .and_some(query.updated_before.map(|t| Clause::Before(Field::Updated, t)))
        .and_some(query.due_before.map(|d| Clause::Until(Field::DueDate, d)))
        .and_some(obstacle.transpose()?)
        .and_some(query.text.clone().map(Clause::Words))
        .and_some(query.where_empty.map(|field| Clause::Empty(emptiable(field))));
    Ok(labels.fold(jql, Jql::and))
}

/// Flagged, or linked to something that may be in the way; `None` on a site that knows neither.
pub(super) fn maybe_blocked(lexicon: &Lexicon) -> Option<Clause> {
    let links = &lexicon.blocked_by;
    let linked = (!links.is_empty()).then(|| Clause::In(Field::IssueLinkType, links.clone()));
    let flagged = lexicon.flag_number().map(|number| Clause::Filled(Field::Custom(number)));
    let ways: Vec<Clause> = linked.into_iter().chain(flagged).collect();
    (!ways.is_empty()).then_some(Clause::Any(ways))
}

/// The category's id, which is the same on every site and in every language.
pub(super) fn category(state: State) -> &'static str {
    match state {
        State::Todo => "2",
        State::Doing => "4",
        State::Done => "3",
    }
}

fn emptiable(field: Emptiable) -> Field {
    match field {
        Emptiable::Assignee => Field::Assignee,
        Emptiable::Labels => Field::Labels,
        Emptiable::Priority => Field::Priority,
        Emptiable::Due => Field::DueDate,
    }
}
