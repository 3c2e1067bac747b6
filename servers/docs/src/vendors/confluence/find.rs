//! Lists of pages: searched, changed, to be looked through.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use futures::future::try_join_all;
use outbound::{Reply, Request};
use tool::{Count, Fetch, Moment, Rows, Total};

use super::Confluence;
use super::cql::{Clause, Cql, words};
use super::feed::Feed;
use super::map::{Row, matches};
use super::mark;
use super::site::is_id;
use super::wire::{List, Version};
use crate::library::{Changes, Criterion, Query, Review};
use crate::model::{ChangedDocument, Document, Kind, ReviewItem, Revision, Status};

/// Requests for histories under way at a time.
const AT_ONCE: usize = 12;

impl Confluence {
    pub(super) async fn find(&self, cx: &Cx, query: &Query, page: &Fetch) -> Result<Rows<Row>> {
        let mut query = query.clone();
        if !query.ids.is_empty() {
            query.ids.retain(|id| is_id(id));
            if query.ids.is_empty() {
                let total = Some(Total { count: 0, kind: Count::Exact });
                return Ok(Rows { rows: Vec::new(), next: None, total, as_of: cx.now() });
            }
        }
        let cql = self.cql(&query)?;
        let statuses: &[&str] = match (query.status, query.ids.is_empty()) {
            (Some(Status::Draft), _) => &["draft"],
            (Some(Status::Archived), _) => &["archived"],
            (None, false) => &["current", "archived", "draft"],
            (Some(Status::Current) | None, _) => &["current"],
        };
        let by_title = |kind: Kind| !self.mapping.rule(kind).titles.is_empty();
        let sorted_out = query.kind.is_some_and(by_title)
            || query.owner.is_some()
            || query.service.is_some()
            || query.effective_on.is_some()
            || query.updated_after.is_some()
            || query.updated_before.is_some();
        let feed = Feed {
            cql,
            statuses,
            newest: true,
            floor: query.updated_after,
            full: query.full,
            snippets: query.text.is_some(),
            counted: !sorted_out,
            keep: Box::new(|row| matches(row, &query)),
        };
        feed.page(self, cx, page).await
    }

    fn cql(&self, query: &Query) -> Result<Cql> {
        let names = &self.mapping.properties;
        require(query.service.is_none() || names.service.is_some(), "service", "properties.service")?;
        require(
            query.effective_on.is_none() || names.effective.is_some(),
            "effective date",
            "properties.effective",
        )?;
        let text = match query.text.as_deref().map(words) {
            Some(words) if words.is_empty() => {
                return Err(Error::invalid("text", "has no word to search for"));
            }
            words => words.unwrap_or_default(),
        };
        let cql = Cql::within(&self.keys.spaces)
            .and_all((!query.ids.is_empty()).then(|| Clause::Ids(query.ids.clone())))
            .and_all(query.space.clone().map(|key| Clause::Spaces(vec![key])))
            .and_all(query.labels.iter().cloned().map(Clause::Label))
            .and_all(query.kind.map(|kind| self.of_kind(kind)).transpose()?)
            .and_all(query.updated_after.map(Clause::From))
            .and_all(query.updated_before.map(Clause::Before))
            .and_all(text.into_iter().map(Clause::Word));
        Ok(cql)
    }

    fn of_kind(&self, kind: Kind) -> Result<Clause> {
        let rule = self.mapping.rule(kind);
        let (what, key) = match kind {
            Kind::Runbook => ("runbooks", "runbooks"),
            Kind::Policy => ("policies", "policies"),
        };
        require(rule.tells(), what, key)?;
        let labels = (!rule.labels.is_empty()).then(|| Clause::Labels(rule.labels.clone()));
        let spaces = (!rule.spaces.is_empty()).then(|| Clause::Spaces(rule.spaces.clone()));
        // That the title begins with them is seen in what is found.
        let titles = rule.titles.iter().map(|title| Clause::Titled(words(title)));
        Ok(Clause::AnyOf(labels.into_iter().chain(spaces).chain(titles).collect()))
    }

    pub(super) async fn changes(
        &self,
        cx: &Cx,
        asked: &Changes,
        page: &Fetch,
    ) -> Result<Rows<ChangedDocument>> {
        let query = Query {
            space: asked.space.clone(),
            updated_after: Some(asked.since),
            updated_before: asked.until,
            ..Query::default()
        };
        let found = self.find(cx, &query, page).await?;
        let mut rows = Vec::with_capacity(found.rows.len());
        let documents: Vec<Document> = found.rows.into_iter().map(|row| row.document).collect();
        for some in documents.chunks(AT_ONCE) {
            let histories =
                try_join_all(some.iter().map(|own| self.history(cx, own.id.native(), asked))).await?;
            let changed = some.iter().cloned().zip(histories);
            rows.extend(changed.map(|(document, revisions)| ChangedDocument { document, revisions }));
        }
        Ok(Rows { rows, next: found.next, total: found.total, as_of: found.as_of })
    }

    /// The newest versions of a page, newest first.
    pub(super) async fn versions(&self, cx: &Cx, id: &str, limit: u32) -> Result<Reply> {
        let request = Request::get("/wiki/api/v2/pages/{id}/versions", &[id])
            .query("sort", "-modified-date")
            .query("limit", limit);
        self.site.send(cx, request).await
    }

    /// The newest changes of a page in the window.
    async fn history(&self, cx: &Cx, id: &str, asked: &Changes) -> Result<Vec<Revision>> {
        if asked.revisions == 0 {
            return Ok(Vec::new());
        }
        let reply = match self.versions(cx, id, asked.revisions.min(50)).await {
            // The index lags: the page is in the list still, and gone.
            Err(error) if error.code() == Code::NotFound => return Ok(Vec::new()),
            reply => reply?,
        };
        let list: List<'_, Version<'_>> = reply.json()?;
        let within = |version: &&Version<'_>| {
            version.created >= asked.since && asked.until.is_none_or(|until| version.created < until)
        };
        let versions: Vec<&Version<'_>> = list.results.iter().filter(within).collect();
        let authors: Vec<&str> = versions.iter().filter_map(|v| v.author_id.as_deref()).collect();
        let names = self.writers(cx, &authors).await;
        let revision = |version: &&Version<'_>| Revision {
            version: version.number.to_string(),
            at: Moment(version.created),
            author: version.author_id.as_deref().and_then(|id| names.get(id).cloned()),
            message: version
                .message
                .as_deref()
                .map(|said| Label::new(mark::unmarked(said)))
                .filter(|said| !said.as_str().is_empty()),
        };
        Ok(versions.iter().map(revision).collect())
    }

    pub(super) async fn reviewed(&self, cx: &Cx, review: &Review, page: &Fetch) -> Result<Rows<ReviewItem>> {
        let dated = |c: &Criterion| matches!(c, Criterion::NoReviewDate | Criterion::ReviewBefore(_));
        let dates = self.mapping.properties.review.is_some();
        require(dates || !review.any_of.iter().any(dated), "review date", "properties.review")?;
        let cql = Cql::within(&self.keys.spaces)
            .and_all(review.space.clone().map(|key| Clause::Spaces(vec![key])))
            .and_all(review.kind.map(|kind| self.of_kind(kind)).transpose()?);
        let (cql, statuses): (Cql, &[&str]) = match review.any_of.as_slice() {
            [Criterion::DraftSince(since)] => (cql.and(Clause::Before(*since)), &["draft"]),
            // Labels are lower case; a name that none can have is lacking everywhere.
            [Criterion::Lacks(label)] => (cql.and(Clause::Lacks(label.clone())), &["current", "draft"]),
            _ => (cql, &["current", "draft"]),
        };
        let query = Query { owner: review.owner.clone(), kind: review.kind, ..Query::default() };
        let keep = |row: &Row| {
            let query = Query { status: Some(row.document.status), ..query.clone() };
            row.document.status != Status::Archived
                && matches(row, &query)
                && !review.reasons(&row.document).is_empty()
        };
        let feed = Feed {
            cql,
            statuses,
            newest: false,
            floor: None,
            full: false,
            snippets: false,
            counted: false,
            keep: Box::new(keep),
        };
        let found = feed.page(self, cx, page).await?;
        let items = found.rows.into_iter().map(|row| {
            let reasons = review.reasons(&row.document);
            ReviewItem { document: row.document, reasons }
        });
        Ok(Rows { rows: items.collect(), next: found.next, total: found.total, as_of: found.as_of })
    }
}

fn require(able: bool, what: &str, key: &str) -> Result<()> {
    if able {
        return Ok(());
    }
    let message = format!("this Confluence does not tell: {what}");
    Err(Error::new(Code::UnsupportedFilter, message)
        .hint(format!("`map.{key}` of the source can say what to go by")))
}
