//! Invoices and what of them is overdue.

use call::Cx;
use error::Result;
use futures::future::try_join_all;
use outbound::Request;
use tool::{Fetch, Rows};

use super::Stripe;
use super::connection::{Asked, next};
use super::map::{self, begin, word};
use super::money::bound;
use super::query::Search;
use super::wire::{Invoice, Line, List};
use crate::ledger::{Amounts, CustomerInvoiceQuery, Days, ReceivableQuery, SWEEP, Sweep};
use crate::model::{CustomerInvoice, InvoiceLine, Receivable};

/// Invoices, newest first.
pub(super) async fn list(
    stripe: &Stripe,
    cx: &Cx,
    query: &CustomerInvoiceQuery,
    fetch: &Fetch,
) -> Result<Rows<CustomerInvoice>> {
    if !query.ids.is_empty() {
        return by_id(stripe, cx, query).await;
    }
    let reply = stripe.account.read(cx, asked(query).page(fetch)?).await?;
    let list: List<Invoice<'_>> = reply.json()?;
    let found = try_join_all(list.data.iter().map(|invoice| whole(stripe, cx, query, invoice))).await?;
    let rows = found.into_iter().flatten().collect();
    Ok(Rows { rows, next: next(&list, |invoice| &invoice.id), total: None, as_of: cx.now() })
}

/// An invoice, if it is what was asked for: with lines that it does not show itself, if they are wanted.
async fn whole(
    stripe: &Stripe,
    cx: &Cx,
    query: &CustomerInvoiceQuery,
    invoice: &Invoice<'_>,
) -> Result<Option<CustomerInvoice>> {
    let mut row = stripe.mapper.invoice(invoice, query.full, cx.now())?;
    if !holds(query, &row) {
        return Ok(None);
    }
    if query.full && invoice.lines.as_ref().is_some_and(|lines| lines.has_more) {
        row.lines = lines(stripe, cx, &invoice.id).await?;
    }
    Ok(Some(row))
}

/// Every line of an invoice.
async fn lines(stripe: &Stripe, cx: &Cx, invoice: &str) -> Result<Vec<InvoiceLine>> {
    let (mut lines, mut token) = (Vec::new(), None);
    loop {
        let request = Request::get("/v1/invoices/{id}/lines", &[invoice]);
        let page = Asked::List(request).page(&Fetch { token, limit: 100 })?;
        let reply = stripe.account.read(cx, page).await?;
        let list: List<Line<'_>> = reply.json()?;
        for line in &list.data {
            lines.push(map::line(line)?);
        }
        token = next(&list, |line| &line.id);
        if token.is_none() {
            return Ok(lines);
        }
    }
}

/// A list knows all filters but amounts and numbers; only a search knows those.
fn asked(query: &CustomerInvoiceQuery) -> Asked {
    match query.amounts.is_none() && query.number.is_none() {
        true => {
            let mut request = Request::get("/v1/invoices", &[]);
            request = days(request, "created", query.issued);
            if let Some(customer) = &query.customer {
                request = request.query("customer", customer);
            }
            if let Some(status) = query.status {
                request = request.query("status", word(status));
            }
            Asked::List(request)
        }
        false => Asked::Search(Request::get("/v1/invoices/search", &[]), search(query)),
    }
}

fn search(query: &CustomerInvoiceQuery) -> Search {
    let (after, before) = (query.issued.from.map(begin), query.issued.to.and_then(day_after));
    let mut search = Search::default().within("created", after, before.map(|end| end - 1));
    if let Some(Amounts { min, max, currency }) = query.amounts {
        let least = min.and_then(|min| bound(min, currency, true));
        let most = max.and_then(|max| bound(max, currency, false));
        search = search.is("currency", &currency.code().to_ascii_lowercase()).within("total", least, most);
    }
    if let Some(number) = &query.number {
        search = search.is("number", number);
    }
    if let Some(customer) = &query.customer {
        search = search.is("customer", customer);
    }
    if let Some(status) = query.status {
        search = search.is("status", word(status));
    }
    search
}

/// Whether a row is what was asked for: a search looks things up in an index that may be a minute old.
fn holds(query: &CustomerInvoiceQuery, row: &CustomerInvoice) -> bool {
    query.number.as_deref().is_none_or(|n| row.number.as_ref().is_some_and(|own| own.as_str() == n))
        && query.customer.as_ref().is_none_or(|c| row.customer.id.native() == c)
        && query.status.is_none_or(|s| row.status == Some(s))
        && query.issued.has(row.issued.0)
        && query.amounts.is_none_or(|span| span.has(&row.total))
}

async fn by_id(stripe: &Stripe, cx: &Cx, query: &CustomerInvoiceQuery) -> Result<Rows<CustomerInvoice>> {
    let one = |id: &String| {
        let request = Request::get("/v1/invoices/{id}", &[id]);
        async move {
            let Some(reply) = stripe.account.find(cx, request).await? else { return Ok(None) };
            whole(stripe, cx, query, &reply.json()?).await
        }
    };
    let found = try_join_all(query.ids.iter().map(one)).await?;
    let mut rows: Vec<_> = found.into_iter().flatten().collect();
    rows.sort_by(|a, b| b.issued.cmp(&a.issued).then_with(|| a.id.cmp(&b.id)));
    Ok(Rows { rows, next: None, total: None, as_of: cx.now() })
}

/// Every open invoice that is past due. Stripe cannot sort by due date, so all are read.
pub(super) async fn overdue(stripe: &Stripe, cx: &Cx, query: &ReceivableQuery) -> Result<Sweep<Receivable>> {
    let now = cx.now();
    let last = query.due.to.unwrap_or(query.today).min(query.today.yesterday().unwrap_or(query.today));
    let due = Days { from: query.due.from, to: Some(last) };
    let (mut rows, mut token, mut looked_at) = (Vec::new(), None, 0);
    loop {
        let mut request = days(Request::get("/v1/invoices", &[]).query("status", "open"), "due_date", due);
        if let Some(customer) = &query.customer {
            request = request.query("customer", customer);
        }
        let page = Asked::List(request).page(&Fetch { token, limit: 100 })?;
        let reply = stripe.account.read(cx, page).await?;
        let list: List<Invoice<'_>> = reply.json()?;
        looked_at += list.data.len();
        for invoice in &list.data {
            let row = stripe.mapper.receivable(invoice, query.today, now)?;
            rows.extend(row.filter(|row| query.currency.is_none_or(|c| row.open.currency == c)));
        }
        token = next(&list, |invoice| &invoice.id);
        cx.progress(looked_at as f64, None, "overdue invoices read");
        if token.is_none() || looked_at >= SWEEP {
            return Ok(Sweep { rows, complete: token.is_none(), as_of: now });
        }
    }
}

/// `field[gte]` and `field[lt]` for whole days in UTC.
fn days(mut request: Request, field: &str, days: Days) -> Request {
    if let Some(from) = days.from {
        request = request.query(&format!("{field}[gte]"), begin(from));
    }
    if let Some(end) = days.to.and_then(day_after) {
        request = request.query(&format!("{field}[lt]"), end);
    }
    request
}

/// The second in which the day after begins.
fn day_after(day: jiff::civil::Date) -> Option<i64> {
    day.tomorrow().ok().map(begin)
}
