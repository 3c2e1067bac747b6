//! `search_customer_invoices`.

use std::cmp::Reverse;

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{CustomerPage, Day, Detail, Listing, Meta, Money, RecordId, Sources, Tool, When};

use crate::customers;
use crate::ledger::{Amounts, CustomerInvoiceQuery, Days, Ledger, Noun};
use crate::model::{CustomerInvoice, InvoiceStatus};
use crate::reference;

/// Finds invoices we send to customers (billing documents, accounts receivable), newest first: draft, open, paid, void
/// or given up. Not suppliers' invoices.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchCustomerInvoices {
    /// Name, domain, ERP or billing key, or id
    #[schemars(length(max = 200))]
    customer: Option<String>,
    issued_after: Option<When>,
    issued_before: Option<When>,
    status: Option<InvoiceStatus>,
    /// At least
    min_amount: Option<Money>,
    /// At most; the same currency
    max_amount: Option<Money>,
    /// Only these
    #[schemars(length(max = 10))]
    ids: Option<Vec<String>>,
    /// `full` adds lines and the note
    detail: Option<Detail>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for SearchCustomerInvoices {
    type Port = Ledger;
    type Out = CustomerPage<CustomerInvoice>;
    const META: Meta = Meta::read("search_customer_invoices", "Search customer invoices", "finance:read");

    fn able(port: &Ledger) -> bool {
        !port.able().customer_invoices.is_empty()
    }

    async fn run(mut self, cx: &Cx, sources: &Sources<Ledger>) -> Result<CustomerPage<CustomerInvoice>> {
        let cursor = self.cursor.take();
        let query = format!("{self:?}");
        let mut listing = Listing { query, limit: self.limit, cursor, source: self.source, only: None };
        let amounts = Amounts::between(self.min_amount, self.max_amount, ["min_amount", "max_amount"])?;
        let begun = sources.begun(cx, &listing)?;
        let (after, before) = (self.issued_after.as_ref(), self.issued_before.as_ref());
        let issued = Days::resolve(after, before, begun, ["issued_after", "issued_before"])?;
        let ids = self.ids.as_deref();
        let ids = reference::documents(cx, sources, &mut listing, Noun::CustomerInvoice, ids).await?;
        let customers = customers::find(cx, sources, &mut listing, self.customer.as_deref()).await?;
        let query = CustomerInvoiceQuery {
            issued,
            status: self.status,
            amounts,
            full: self.detail == Some(Detail::Full),
            ..CustomerInvoiceQuery::default()
        };
        let (query, ids, known) = (&query, &ids, &customers);
        let page = sources
            .page(cx, &listing, newest_first, |source, page| {
                Box::pin(async move {
                    let customer = known.of(source)?;
                    let query = CustomerInvoiceQuery { ids: ids.of(&source.name), customer, ..query.clone() };
                    let found = source.port.customer_invoices(cx, &query, page).await?;
                    Ok(if query.full { found } else { found.map(CustomerInvoice::brief) })
                })
            })
            .await?;
        Ok(customers.page(page))
    }
}

fn newest_first(invoice: &CustomerInvoice) -> (Reverse<Day>, &RecordId) {
    (Reverse(invoice.issued), &invoice.id)
}
