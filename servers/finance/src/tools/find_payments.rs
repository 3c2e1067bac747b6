//! `find_payments`.

use std::cmp::Reverse;

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{CustomerPage, Listing, Meta, Moment, Money, RecordId, Sources, Tool, When, Window};

use crate::customers;
use crate::ledger::{Amounts, Ledger, Noun, PaymentQuery};
use crate::model::{Payment, PaymentStatus};
use crate::reference;

/// Finds payments of customers (charges, card payments, incoming payments), newest first: paid, failed with the reason,
/// disputed (chargeback) or refunded, with the payout where known.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FindPayments {
    /// Name, domain, ERP or billing key, or id
    #[schemars(length(max = 200))]
    customer: Option<String>,
    /// Exactly this much
    amount: Option<Money>,
    after: Option<When>,
    before: Option<When>,
    status: Option<PaymentStatus>,
    /// Only these
    #[schemars(length(max = 10))]
    ids: Option<Vec<String>>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for FindPayments {
    type Port = Ledger;
    type Out = CustomerPage<Payment>;
    const META: Meta = Meta::read("find_payments", "Find payments", "finance:read");

    fn able(port: &Ledger) -> bool {
        !port.able().payments.is_empty()
    }

    async fn run(mut self, cx: &Cx, sources: &Sources<Ledger>) -> Result<CustomerPage<Payment>> {
        let cursor = self.cursor.take();
        let query = format!("{self:?}");
        let mut listing = Listing { query, limit: self.limit, cursor, source: self.source, only: None };
        let begun = sources.begun(cx, &listing)?;
        let (after, before) = (self.after.as_ref(), self.before.as_ref());
        let window = Window::resolve(after, before, begun, ["after", "before"])?;
        let ids = reference::documents(cx, sources, &mut listing, Noun::Payment, self.ids.as_deref()).await?;
        let customers = customers::find(cx, sources, &mut listing, self.customer.as_deref()).await?;
        let query = PaymentQuery {
            amounts: self.amount.map(Amounts::exactly),
            window,
            status: self.status,
            ..PaymentQuery::default()
        };
        let (query, ids, known) = (&query, &ids, &customers);
        let page = sources
            .page(cx, &listing, newest_first, |source, page| {
                Box::pin(async move {
                    let customer = known.of(source)?;
                    let query = PaymentQuery { ids: ids.of(&source.name), customer, ..query.clone() };
                    source.port.payments(cx, &query, page).await
                })
            })
            .await?;
        Ok(customers.page(page))
    }
}

fn newest_first(payment: &Payment) -> (Reverse<Moment>, &RecordId) {
    (Reverse(payment.at), &payment.id)
}
