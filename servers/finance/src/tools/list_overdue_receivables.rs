//! `list_overdue_receivables`.

use std::collections::BTreeMap;

use call::Cx;
use error::{Code, Error, Result};
use jiff::civil::Date;
use jiff::{Span, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{
    Count, Currency, CustomerPage, Customers, Day, Fetch, Listing, Meta, Output, RecordId, Rows, Sources,
    Tool, Total, Totals,
};

use crate::customers;
use crate::ledger::{Days, Ledger, ReceivableQuery, Sweep};
use crate::model::Receivable;

/// Lists customers' unpaid invoices that are past due (overdue receivables, who owes us), the longest overdue first,
/// with totals per ageing bucket and currency.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListOverdueReceivables {
    #[schemars(length(max = 200))]
    customer: Option<String>,
    /// Days overdue
    bucket: Option<Bucket>,
    currency: Option<Currency>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

/// How long something is overdue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
enum Bucket {
    /// Up to a month.
    #[serde(rename = "1-30")]
    Month,
    /// Up to two.
    #[serde(rename = "31-60")]
    TwoMonths,
    /// Up to three.
    #[serde(rename = "61-90")]
    ThreeMonths,
    /// Longer.
    #[serde(rename = "over_90")]
    Longer,
}

impl Bucket {
    fn of(days: u32) -> Self {
        match days {
            0..=30 => Self::Month,
            31..=60 => Self::TwoMonths,
            61..=90 => Self::ThreeMonths,
            _ => Self::Longer,
        }
    }

    /// The due dates of what is in it today.
    fn due(self, today: Date) -> Days {
        let ago = |days: i64| Some(today.saturating_sub(Span::new().days(days)));
        let (from, to) = match self {
            Self::Month => (ago(30), ago(1)),
            Self::TwoMonths => (ago(60), ago(31)),
            Self::ThreeMonths => (ago(90), ago(61)),
            Self::Longer => (None, ago(91)),
        };
        Days { from, to }
    }
}

/// A page of receivables and what all of them come to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Receivables {
    #[serde(flatten)]
    list: CustomerPage<Receivable>,
    /// Of all that match, not only of this page.
    totals: Vec<BucketTotal>,
    /// The totals are of everything: no source failed or has more than is looked at.
    complete: bool,
}

/// What is overdue this long.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct BucketTotal {
    bucket: Bucket,
    invoices: usize,
    /// One for each currency.
    open: Totals,
}

impl Output for Receivables {
    const LIST: Option<&'static str> = CustomerPage::<Receivable>::LIST;

    fn rows(&self) -> usize {
        self.list.rows()
    }
}

impl Tool for ListOverdueReceivables {
    type Port = Ledger;
    type Out = Receivables;
    const META: Meta =
        Meta::read("list_overdue_receivables", "List overdue receivables", "finance:read").report();

    fn able(port: &Ledger) -> bool {
        port.able().receivables
    }

    async fn run(mut self, cx: &Cx, sources: &Sources<Ledger>) -> Result<Receivables> {
        let cursor = self.cursor.take();
        let query = format!("{self:?}");
        let mut listing = Listing { query, limit: self.limit, cursor, source: self.source, only: None };
        let customers = customers::find(cx, sources, &mut listing, self.customer.as_deref()).await?;
        let today = sources.begun(cx, &listing)?.to_zoned(TimeZone::UTC).date();
        let past = Days { from: None, to: today.yesterday().ok() };
        let query = ReceivableQuery {
            customer: None,
            due: self.bucket.map_or(past, |bucket| bucket.due(today)),
            currency: self.currency,
            today,
        };
        let sweeps = sweep(cx, sources, &listing, &customers, &query).await?;
        let page = sources
            .page(cx, &listing, oldest_first, |source, fetch| {
                let rows = sweeps.get(&source.name).map(|sweep| sweep.clone().map(|s| slice(&s, &fetch)));
                Box::pin(async move { rows.unwrap_or_else(|| Err(Error::internal("an unasked source"))) })
            })
            .await?;
        Ok(Receivables {
            list: customers.page(page),
            totals: totals(&sweeps),
            complete: sweeps.values().all(is_complete),
        })
    }
}

type Sweeps = BTreeMap<String, Result<Sweep<Receivable>>>;

/// Everything overdue of every source concerned, sorted.
async fn sweep(
    cx: &Cx,
    sources: &Sources<Ledger>,
    listing: &Listing,
    customers: &Customers,
    query: &ReceivableQuery,
) -> Result<Sweeps> {
    let answers = sources.ask(cx, sources.concerned(listing)?, |source| {
        Box::pin(async move {
            let query = ReceivableQuery { customer: customers.of(source)?, ..query.clone() };
            let mut sweep = source.port.receivables(cx, &query).await?;
            sweep.rows.sort_by(|a, b| oldest_first(a).cmp(&oldest_first(b)));
            Ok(sweep)
        })
    });
    Ok(answers.await.into_iter().map(|(source, answer)| (source.name.clone(), answer)).collect())
}

fn oldest_first(row: &Receivable) -> (Day, &RecordId) {
    (row.due, &row.id)
}

/// One page of a sweep. The token names the last row given, not a position, so that rows that are paid meanwhile make
/// the next page skip nothing. Of a page that was given in part (cut by the budget, or merged with another source's) the
/// cursor counts rows: each of those that is paid meanwhile hides one that follows until the list is read anew.
fn slice(sweep: &Sweep<Receivable>, fetch: &Fetch) -> Rows<Receivable> {
    let place = |row: &Receivable| format!("{} {}", row.due.0, row.id);
    let behind = |row: &&Receivable| fetch.token.as_ref().is_none_or(|last| place(row) > *last);
    let mut rows: Vec<Receivable> = sweep.rows.iter().filter(behind).cloned().collect();
    let more = rows.len() > fetch.limit as usize;
    rows.truncate(fetch.limit as usize);
    let count = sweep.rows.len() as u64;
    let kind = if sweep.complete { Count::Exact } else { Count::AtLeast };
    Rows {
        next: rows.last().filter(|_| more).map(place),
        rows,
        total: Some(Total { count, kind }),
        as_of: sweep.as_of,
    }
}

/// A ledger that knows no receivables leaves none out.
fn is_complete(sweep: &Result<Sweep<Receivable>>) -> bool {
    match sweep {
        Ok(sweep) => sweep.complete,
        Err(error) => error.code() == Code::Unsupported,
    }
}

fn totals(sweeps: &Sweeps) -> Vec<BucketTotal> {
    let mut buckets = BTreeMap::<Bucket, (usize, Totals)>::new();
    for row in sweeps.values().flatten().flat_map(|sweep| &sweep.rows) {
        let (invoices, open) = buckets.entry(Bucket::of(row.days_overdue)).or_default();
        *invoices += 1;
        open.add(row.open);
    }
    let total = |(bucket, (invoices, open))| BucketTotal { bucket, invoices, open };
    buckets.into_iter().map(total).collect()
}
