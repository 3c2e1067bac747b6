//! Giving money back.

use call::Cx;
use error::{Code, Error, Result};
use outbound::Request;
use tool::{Fetch, Mark};

use super::Stripe;
use super::connection::{Asked, next};
use super::money::to_minor;
use super::wire::{List, Refund};
use crate::ledger::{NewRefund, RefundReason};
use crate::model;

/// The metadata key that a refund bears its operation under.
const OPERATION: &str = "chancery_operation";

/// The metadata key of the note.
const NOTE: &str = "chancery_note";

/// The refund of a payment that an operation made.
pub(super) async fn find(
    stripe: &Stripe,
    cx: &Cx,
    payment: &str,
    mark: &Mark,
) -> Result<Option<model::Refund>> {
    let mut token = None;
    loop {
        let request =
            Request::get("/v1/refunds", &[]).query("charge", payment).query("expand[]", "data.charge");
        let page = Asked::List(request).page(&Fetch { token, limit: 100 })?;
        let reply = stripe.account.read(cx, page).await?;
        let list: List<Refund<'_>> = reply.json()?;
        let bears = |refund: &&Refund<'_>| refund.metadata.get(OPERATION) == Some(&mark.operation);
        if let Some(found) = list.data.iter().find(bears) {
            return stripe.mapper.refund(found, cx.now()).map(Some);
        }
        token = next(&list, |refund| &refund.id);
        if token.is_none() {
            return Ok(None);
        }
    }
}

/// Refunds a payment. The operation is the idempotency key and stands in the refund's metadata, where it outlives
/// Stripe's memory of keys.
pub(super) async fn issue(stripe: &Stripe, cx: &Cx, new: &NewRefund, mark: &Mark) -> Result<model::Refund> {
    if !stripe.refunds.enabled {
        return Err(Error::new(Code::Unsupported, "refunds are not enabled for this source"));
    }
    let amount = to_minor(&new.amount)?.to_string();
    let (operation, note) = (format!("metadata[{OPERATION}]"), format!("metadata[{NOTE}]"));
    let mut fields = vec![
        ("charge", &*new.payment),
        ("amount", &*amount),
        (&*operation, &*mark.operation),
        ("expand[]", "charge"),
    ];
    fields.extend(new.reason.map(|reason| ("reason", word(reason))));
    fields.extend(new.note.as_deref().map(|text| (&*note, text)));
    let request = Request::post("/v1/refunds", &[]).form(&fields);
    let reply = stripe.account.write(cx, request, &mark.operation).await?;
    stripe.mapper.refund(&reply.json()?, cx.now())
}

fn word(reason: RefundReason) -> &'static str {
    match reason {
        RefundReason::Duplicate => "duplicate",
        RefundReason::Fraudulent => "fraudulent",
        RefundReason::RequestedByCustomer => "requested_by_customer",
    }
}
