//! Where a payment came from and went to: its invoice and its payout.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use jiff::{SignedDuration, tz::TimeZone};
use outbound::Request;
use tool::{Day, RecordId};

use super::Stripe;
use super::map::moment;
use super::wire::{Charge, InvoicePayment, List, Payout, Reference, Transaction};
use crate::model;

/// Schedules pay out daily, weekly or monthly: a payment is in a payout that arrives this soon after its money is
/// available.
const HORIZON: SignedDuration = SignedDuration::from_hours(35 * 24);

/// Payouts that are looked into for one payment, the earliest first.
const LOOKED_INTO: usize = 8;

/// The invoice that a payment is for, if any (docs.stripe.com/api/invoice-payment).
pub(super) async fn invoice(stripe: &Stripe, cx: &Cx, charge: &Charge<'_>) -> Result<Option<RecordId>> {
    let Some(intent) = &charge.payment_intent else { return Ok(None) };
    let request = Request::get("/v1/invoice_payments", &[])
        .query("payment[type]", "payment_intent")
        .query("payment[payment_intent]", intent.id())
        .query("limit", 1);
    let Some(reply) = permitted(stripe.account.read(cx, request).await)? else { return Ok(None) };
    let list: List<InvoicePayment<'_>> = reply.json()?;
    Ok(list.data.first().map(|payment| stripe.mapper.id(payment.invoice.id())))
}

/// The payout that a payment is in, if it left already.
pub(super) async fn payout(stripe: &Stripe, cx: &Cx, charge: &Charge<'_>) -> Result<Option<model::Payout>> {
    let Some(transaction) = charge.balance_transaction.as_ref().and_then(|t| t.whole()) else {
        return Ok(None);
    };
    let Some(reply) = permitted(stripe.account.read(cx, candidates(transaction)?).await)? else {
        return Ok(None);
    };
    let mut list: List<Payout<'_>> = reply.json()?;
    // Stripe lists what is in an automatic payout only, and refuses to say it of one that was made by hand.
    list.data.retain(|payout| payout.automatic);
    list.data.sort_by_key(|payout| payout.arrival_date);
    for payout in list.data.iter().take(LOOKED_INTO) {
        if is_in(stripe, cx, charge, payout).await? {
            return Ok(Some(model::Payout {
                id: stripe.mapper.id(&payout.id),
                arrives: Some(Day(moment(payout.arrival_date)?.to_zoned(TimeZone::UTC).date())),
                status: Some(Label::new(&payout.status)),
            }));
        }
    }
    Ok(None)
}

fn candidates(transaction: &Transaction) -> Result<Request> {
    let available = moment(transaction.available_on)?;
    Ok(Request::get("/v1/payouts", &[])
        .query("arrival_date[gte]", available.as_second())
        .query("arrival_date[lte]", (available + HORIZON).as_second())
        .query("limit", 100))
}

async fn is_in(stripe: &Stripe, cx: &Cx, charge: &Charge<'_>, payout: &Payout<'_>) -> Result<bool> {
    let request = Request::get("/v1/balance_transactions", &[])
        .query("payout", &payout.id)
        .query("source", &charge.id)
        .query("limit", 1);
    let Some(reply) = permitted(stripe.account.read(cx, request).await)? else { return Ok(false) };
    let list: List<Reference<'_>> = reply.json()?;
    Ok(!list.data.is_empty())
}

/// What Stripe refuses to tell is not known, and costs nobody the payment itself; silence is an error.
fn permitted<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_out_of_reach(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_out_of_reach(error: &Error) -> bool {
    matches!(error.code(), Code::Permission | Code::NotFound | Code::InvalidArgument | Code::Conflict)
}
