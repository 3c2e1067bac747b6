//! The Table API: lists and single records, as stored and as shown.

use call::Cx;
use error::{Code, Error, Result};
use outbound::{Client, Reply, Request};
use serde::Serialize;
use tool::{Count, Fetch, Rows, Total};

use super::judge::judge;
use super::query::Encoded;
use super::wire::{Answered, Row};

/// Sends requests to the instance. Cheap to clone.
#[derive(Clone)]
pub(super) struct Tables(pub(super) Client);

/// A page of a list.
pub(super) struct Found<T> {
    pub(super) rows: Vec<T>,
    pub(super) next: Option<String>,
    pub(super) total: Option<Total>,
}

impl<T> Found<T> {
    /// The page as the port wants it.
    pub(super) fn rows(self, cx: &Cx) -> Rows<T> {
        Rows { rows: self.rows, next: self.next, total: self.total, as_of: cx.now() }
    }
}

/// The first `limit` rows.
pub(super) fn first(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

impl Tables {
    /// A page of a table, each row mapped while the body is at hand. Page tokens are offsets.
    pub(super) async fn list<T>(
        &self,
        cx: &Cx,
        table: &'static str,
        fields: &str,
        query: &Encoded<'_>,
        page: &Fetch,
        map: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Found<T>> {
        let offset: u64 = match &page.token {
            None => 0,
            Some(token) => {
                token.parse().map_err(|_| Error::new(Code::CursorExpired, "the page token is no number"))?
            }
        };
        let request = shown(Request::get(table, &[]), fields)
            .query("sysparm_query", query.text()?)
            .query("sysparm_limit", page.limit)
            .query("sysparm_offset", offset);
        let reply = self.send(cx, request).await?;
        let answered: Answered<Vec<Row<'_>>> = reply.json()?;
        let rows: Vec<T> = answered.result.iter().map(map).collect::<Result<_>>()?;
        // Rows that the account may not see are taken out of a page after it was cut: a short page need not be the
        // last, and the total counts them.
        let more = reply.next_link().is_some();
        let next = more.then(|| (offset + u64::from(page.limit)).to_string());
        let total = total(&reply, offset, rows.len() as u64, u64::from(page.limit));
        Ok(Found { rows, next, total })
    }

    /// Every row of a query that means few: the first `limit`.
    pub(super) async fn few<T>(
        &self,
        cx: &Cx,
        table: &'static str,
        fields: &str,
        query: &Encoded<'_>,
        limit: u32,
        map: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        Ok(self.list(cx, table, fields, query, &first(limit), map).await?.rows)
    }

    /// Changes a record; `table` is the path of one record. Errors: `outcome_unknown` if no clear answer came.
    pub(super) async fn patch<T>(
        &self,
        cx: &Cx,
        table: &'static str,
        sys_id: &str,
        fields: &str,
        body: &(impl Serialize + ?Sized),
        map: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        let reply = self.send(cx, shown(Request::patch(table, &[sys_id]), fields).json(body)).await?;
        map(&reply.json::<Answered<Row<'_>>>()?.result)
    }

    /// Creates a record.
    pub(super) async fn create<T>(
        &self,
        cx: &Cx,
        table: &'static str,
        fields: &str,
        body: &(impl Serialize + ?Sized),
        map: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        let reply = self.send(cx, shown(Request::post(table, &[]), fields).json(body)).await?;
        map(&reply.json::<Answered<Row<'_>>>()?.result)
    }

    /// Sends a request to the instance.
    pub(super) async fn send(&self, cx: &Cx, request: Request) -> Result<Reply> {
        self.0.send(cx, request.judge(judge)).await
    }
}

fn shown(request: Request, fields: &str) -> Request {
    request
        .query("sysparm_fields", fields)
        .query("sysparm_display_value", "all")
        .query("sysparm_exclude_reference_link", "true")
}

/// How many match, as the vendor counts: exact, unless rows of this very page were kept from the account.
fn total(reply: &Reply, offset: u64, rows: u64, limit: u64) -> Option<Total> {
    let count: u64 = reply.header("x-total-count")?.parse().ok()?;
    let expected = count.saturating_sub(offset).min(limit);
    Some(Total { count, kind: if rows == expected { Count::Exact } else { Count::Estimate } })
}
