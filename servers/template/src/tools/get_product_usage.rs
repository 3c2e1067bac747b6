//! `get_product_usage`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Listing, Meta, Sources, Tool};

use crate::meter::{Meter, UsageQuery};
use crate::model::CustomerUsage;
use crate::reference;

/// How much a customer uses each product: calls last week, the change against the four weeks before, the weekly
/// history (adoption, volume, trend) and what people noted about it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetProductUsage {
    /// Id, domain, ERP or billing number, or exact name
    #[schemars(length(min = 1, max = 512))]
    customer: String,
    /// One product alone
    #[schemars(length(max = 100))]
    product: Option<String>,
    /// Weeks back; 8 if absent
    #[schemars(range(min = 1, max = 26))]
    weeks: Option<u32>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for GetProductUsage {
    type Port = Meter;
    type Out = CustomerUsage;
    const META: Meta = Meta::read("get_product_usage", "Get product usage", "usage:read");

    async fn run(self, cx: &Cx, sources: &Sources<Meter>) -> Result<CustomerUsage> {
        let mut listing = Listing { source: self.source, ..Listing::default() };
        let customers = &reference::customers(cx, sources, &mut listing, Some(&self.customer)).await?;
        let products = &reference::products(cx, sources, &mut listing, self.product.as_deref()).await?;
        let weeks = self.weeks.unwrap_or(8) as usize;
        let used = sources.gather(cx, &listing, |source| {
            Box::pin(async move {
                let customer = customers.of(source)?.unwrap_or_default();
                let product = products.of(source)?;
                source.port.usage(cx, &UsageQuery { customer, product, weeks }).await
            })
        });
        let (used, sources) = used.await?;
        let products = used.into_iter().flatten().collect();
        let all = CustomerUsage { customers: customers.meant(), products, truncated: false, sources };
        Ok(tool::fit(all, cx.budget(), shed))
    }
}

/// The oldest annotation goes first, then the history, at last whole products.
fn shed(usage: &mut CustomerUsage) -> bool {
    usage.truncated = true;
    let annotated = usage.products.iter_mut().max_by_key(|p| p.annotations.len());
    if annotated.is_some_and(|p| p.annotations.pop().is_some()) {
        return true;
    }
    let longest = usage.products.iter_mut().max_by_key(|p| p.weeks.len());
    longest.is_some_and(|p| p.weeks.pop().is_some()) || usage.products.pop().is_some()
}
