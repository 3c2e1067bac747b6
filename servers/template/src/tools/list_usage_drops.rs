//! `list_usage_drops`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{CustomerPage, Listing, Meta, RecordId, Sources, Tool};

use crate::meter::{DropQuery, Meter};
use crate::model::UsageDrop;
use crate::reference;

/// Customers that use a product less than before (declining volume, churn risk), the steepest drop first: the last
/// week against the four weeks before.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListUsageDrops {
    /// Id, domain, ERP or billing number, or exact name
    #[schemars(length(min = 1, max = 512))]
    customer: Option<String>,
    /// One product alone
    #[schemars(length(max = 100))]
    product: Option<String>,
    /// Percent lost at least; 10 if absent
    #[schemars(range(min = 1, max = 100))]
    at_least_percent: Option<u32>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for ListUsageDrops {
    type Port = Meter;
    type Out = CustomerPage<UsageDrop>;
    const META: Meta = Meta::read("list_usage_drops", "List usage drops", "usage:read");

    async fn run(mut self, cx: &Cx, sources: &Sources<Meter>) -> Result<CustomerPage<UsageDrop>> {
        let cursor = self.cursor.take();
        let query = format!("{self:?}");
        let mut listing = Listing { query, limit: self.limit, cursor, source: self.source, only: None };
        let customers = &reference::customers(cx, sources, &mut listing, self.customer.as_deref()).await?;
        let products = &reference::products(cx, sources, &mut listing, self.product.as_deref()).await?;
        let at_least = self.at_least_percent.unwrap_or(10);
        let drops = sources.page(cx, &listing, steepest_first, |source, page| {
            Box::pin(async move {
                let product = products.of(source)?;
                let query = DropQuery { customer: customers.of(source)?, product, at_least };
                source.port.drops(cx, &query, page).await
            })
        });
        Ok(customers.page(drops.await?))
    }
}

fn steepest_first(row: &UsageDrop) -> (i64, &RecordId) {
    (row.change_percent, &row.id)
}
