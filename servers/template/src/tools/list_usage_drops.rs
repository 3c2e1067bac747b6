//! `list_usage_drops`.

use std::collections::BTreeMap;

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{CustomerPage, Listing, MatchedCustomer, Meta, RecordId, Sources, Tool};

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
        let mut listing = Listing {
            query: format!("{self:?}"),
            limit: self.limit,
            cursor,
            source: self.source.clone(),
            only: None,
        };
        let mut customers: BTreeMap<String, Result<MatchedCustomer>> = BTreeMap::new();
        if let Some(text) = &self.customer {
            let (meant, failed) = reference::customers(cx, sources, self.source.as_deref(), text).await?;
            customers.extend(failed.into_iter().map(|(source, error)| (source.name.clone(), Err(error))));
            customers.extend(meant.iter().map(|m| (m.source.name.clone(), Ok(m.report()))));
            listing.narrow(customers.keys().cloned());
        }
        let products = match &self.product {
            Some(text) => reference::products(cx, sources, self.source.as_deref(), text).await?,
            None => BTreeMap::new(),
        };
        if self.product.is_some() {
            listing.narrow(products.keys().cloned());
        }
        let (at_least, customers, products) = (self.at_least_percent.unwrap_or(10), &customers, &products);
        let page = sources
            .page(cx, &listing, steepest_first, |source, page| {
                Box::pin(async move {
                    let customer = customers.get(&source.name).cloned().transpose()?;
                    let query = DropQuery {
                        customer: customer.map(|found| found.id.native().to_owned()),
                        product: products.get(&source.name).cloned(),
                        at_least,
                    };
                    source.port.drops(cx, &query, page).await
                })
            })
            .await?;
        let customers = customers.values().filter_map(|found| found.clone().ok()).collect();
        Ok(CustomerPage { page, customers })
    }
}

fn steepest_first(row: &UsageDrop) -> (i64, &RecordId) {
    (row.change_percent, &row.id)
}
