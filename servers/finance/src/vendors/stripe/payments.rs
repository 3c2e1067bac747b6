//! Payments: charges, each an attempt to collect money.

use call::Cx;
use error::{Code, Error, Result};
use futures::future::try_join_all;
use outbound::Request;
use tool::{Fetch, Rows};

use super::Stripe;
use super::connection::{Asked, next};
use super::money::bound;
use super::query::Search;
use super::trace;
use super::wire::{Charge, Intent, List};
use crate::ledger::PaymentQuery;
use crate::model::{Payment, PaymentStatus};

/// Payments, newest first. Those asked for by id also know their invoice and payout.
pub(super) async fn list(
    stripe: &Stripe,
    cx: &Cx,
    query: &PaymentQuery,
    fetch: &Fetch,
) -> Result<Rows<Payment>> {
    if !query.ids.is_empty() {
        return by_id(stripe, cx, query).await;
    }
    let reply = stripe.account.read(cx, asked(query).page(fetch)?).await?;
    let list: List<Charge<'_>> = reply.json()?;
    let now = cx.now();
    let mut rows = Vec::new();
    for charge in &list.data {
        rows.extend(Some(stripe.mapper.payment(charge, now)?).filter(|row| holds(query, row)));
    }
    Ok(Rows { rows, next: next(&list, |charge| &charge.id), total: None, as_of: now })
}

/// A list knows customer and time, a search amount and status too.
fn asked(query: &PaymentQuery) -> Asked {
    let expanded = |template| Request::get(template, &[]).query("expand[]", "data.customer");
    if query.amounts.is_some() || query.status.is_some() {
        return Asked::Search(expanded("/v1/charges/search"), search(query));
    }
    let mut request = expanded("/v1/charges");
    if let Some(customer) = &query.customer {
        request = request.query("customer", customer);
    }
    if let Some(after) = query.window.after {
        request = request.query("created[gte]", after.as_second());
    }
    if let Some(before) = query.window.before {
        request = request.query("created[lt]", before.as_second());
    }
    Asked::List(request)
}

fn search(query: &PaymentQuery) -> Search {
    let (after, before) = (query.window.after, query.window.before);
    let mut search =
        Search::default().within("created", after.map(|t| t.as_second()), before.map(|t| t.as_second()));
    if let Some(amounts) = query.amounts {
        let least = amounts.min.and_then(|min| bound(min, amounts.currency, true));
        let most = amounts.max.and_then(|max| bound(max, amounts.currency, false));
        let currency = amounts.currency.code().to_ascii_lowercase();
        search = search.is("currency", &currency).within("amount", least, most);
    }
    if let Some(customer) = &query.customer {
        search = search.is("customer", customer);
    }
    match query.status {
        None => search,
        Some(PaymentStatus::Failed) => search.is("status", "failed"),
        // Authorized money is `succeeded` to Stripe, and no search knows whether it was captured.
        Some(PaymentStatus::Pending) => search.flag("disputed", false).flag("refunded", false),
        Some(PaymentStatus::Disputed) => search.is("status", "succeeded").flag("disputed", true),
        // A payment that was given back in part is not `refunded` to Stripe: those are told by their amounts.
        Some(PaymentStatus::Refunded) => search.is("status", "succeeded").flag("disputed", false),
        Some(PaymentStatus::Paid) => {
            search.is("status", "succeeded").flag("disputed", false).flag("refunded", false)
        }
    }
}

/// Whether a row is what was asked for: a search looks things up in an index that may be a minute old.
fn holds(query: &PaymentQuery, row: &Payment) -> bool {
    let customer = row.customer.as_ref().map(|customer| customer.id.native());
    query.customer.as_deref().is_none_or(|wanted| customer == Some(wanted))
        && query.status.is_none_or(|status| row.status == status)
        && query.amounts.is_none_or(|span| span.has(&row.amount))
        && query.window.holds(row.at.0)
}

async fn by_id(stripe: &Stripe, cx: &Cx, query: &PaymentQuery) -> Result<Rows<Payment>> {
    let found = try_join_all(query.ids.iter().map(|id| one(stripe, cx, id))).await?;
    let mut rows: Vec<Payment> = found.into_iter().flatten().filter(|row| holds(query, row)).collect();
    rows.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.id.cmp(&b.id)));
    rows.dedup_by(|a, b| a.id == b.id);
    Ok(Rows { rows, next: None, total: None, as_of: cx.now() })
}

async fn one(stripe: &Stripe, cx: &Cx, id: &str) -> Result<Option<Payment>> {
    if id.starts_with("pi_") {
        return of_intent(stripe, cx, id).await;
    }
    let request = Request::get("/v1/charges/{id}", &[id])
        .query("expand[]", "customer")
        .query("expand[]", "balance_transaction");
    let Some(reply) = stripe.account.find(cx, request).await? else { return Ok(None) };
    traced(stripe, cx, &reply.json()?).await.map(Some)
}

/// The last attempt of a payment intent; `None` before the first.
async fn of_intent(stripe: &Stripe, cx: &Cx, id: &str) -> Result<Option<Payment>> {
    let request = Request::get("/v1/payment_intents/{id}", &[id])
        .query("expand[]", "latest_charge.customer")
        .query("expand[]", "latest_charge.balance_transaction");
    let Some(reply) = stripe.account.find(cx, request).await? else { return Ok(None) };
    let intent: Intent<'_> = reply.json()?;
    match intent.latest_charge.as_ref() {
        None => Ok(None),
        Some(charge) => {
            let unexpanded =
                || Error::new(Code::UpstreamGarbled, "Stripe did not expand what it was asked to");
            traced(stripe, cx, charge.whole().ok_or_else(unexpanded)?).await.map(Some)
        }
    }
}

async fn traced(stripe: &Stripe, cx: &Cx, charge: &Charge<'_>) -> Result<Payment> {
    let mut payment = stripe.mapper.payment(charge, cx.now())?;
    let (invoice, payout) =
        futures::future::try_join(trace::invoice(stripe, cx, charge), trace::payout(stripe, cx, charge))
            .await?;
    (payment.invoice, payment.payout) = (invoice, payout);
    Ok(payment)
}
