//! `get_supplier_invoice_history`.

use std::cmp::Reverse;

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Day, Listing, Meta, Page, RecordId, Sources, Tool, When};

use crate::ledger::{Days, Ledger, Noun, SupplierInvoiceQuery};
use crate::model::{PaymentBlock, SupplierInvoice, SupplierInvoiceStatus};
use crate::reference;

/// Lists the bills (invoices, accounts payable) that suppliers sent us, newest first: whether a bill is parked, open,
/// blocked with the reason, or paid. Not invoices to customers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetSupplierInvoiceHistory {
    #[schemars(length(max = 200))]
    supplier: Option<String>,
    /// On or after: date or period back such as P90D
    posted_after: Option<When>,
    posted_before: Option<When>,
    status: Option<SupplierInvoiceStatus>,
    blocked_because: Option<PaymentBlock>,
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

impl Tool for GetSupplierInvoiceHistory {
    type Port = Ledger;
    type Out = Page<SupplierInvoice>;
    const META: Meta =
        Meta::read("get_supplier_invoice_history", "Get a supplier's invoices", "finance:read");

    fn able(port: &Ledger) -> bool {
        port.able().supplier_invoices
    }

    async fn run(mut self, cx: &Cx, sources: &Sources<Ledger>) -> Result<Page<SupplierInvoice>> {
        let cursor = self.cursor.take();
        let query = format!("{self:?}");
        let mut listing = Listing { query, limit: self.limit, cursor, source: self.source, only: None };
        let begun = sources.begun(cx, &listing)?;
        let (after, before) = (self.posted_after.as_ref(), self.posted_before.as_ref());
        let posted = Days::resolve(after, before, begun, ["posted_after", "posted_before"])?;
        let ids = self.ids.as_deref();
        let ids = reference::documents(cx, sources, &mut listing, Noun::SupplierInvoice, ids).await?;
        let supplier = reference::one_supplier(cx, sources, &mut listing, self.supplier.as_deref()).await?;
        let query = |source: &str| SupplierInvoiceQuery {
            ids: ids.of(source),
            supplier: supplier.clone(),
            posted,
            status: self.status,
            block: self.blocked_because,
        };
        sources
            .page(cx, &listing, newest_first, |source, page| {
                let query = query(&source.name);
                Box::pin(async move { source.port.supplier_invoices(cx, &query, page).await })
            })
            .await
    }
}

fn newest_first(invoice: &SupplierInvoice) -> (Reverse<Day>, &RecordId) {
    (Reverse(invoice.posted), &invoice.id)
}
