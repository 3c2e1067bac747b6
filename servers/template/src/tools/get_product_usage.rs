//! `get_product_usage`.

use std::collections::BTreeMap;

use call::Cx;
use error::{Error, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Meta, SourceReport, Sources, Tool};

use crate::meter::{Meter, UsageQuery};
use crate::model::{CustomerUsage, ProductUsage};
use crate::reference::{self, Meant};

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
        let (meant, failed) =
            reference::customers(cx, sources, self.source.as_deref(), &self.customer).await?;
        let queries = &self.queries(cx, sources, &meant).await?;
        let asked = meant.iter().map(|m| m.source).filter(|source| queries.contains_key(&source.name));
        let asked = sources.ask(cx, asked.collect(), |source| {
            Box::pin(async move { source.port.usage(cx, &queries[&source.name]).await })
        });
        let (mut products, mut reports, mut last) = (Vec::new(), Vec::new(), None);
        for (source, answer) in asked.await {
            match answer {
                Ok(rows) => {
                    reports.push(SourceReport::ok(source, cx.now()));
                    products.extend(rows);
                }
                Err(error) => {
                    reports.push(SourceReport::failed(source, &error));
                    last = Some(error);
                }
            }
        }
        if let (true, Some(error)) = (products.is_empty(), last) {
            return Err(error);
        }
        reports.extend(failed.iter().map(|(source, error)| SourceReport::failed(source, error)));
        answer(cx, meant, products, reports)
    }
}

impl GetProductUsage {
    /// What is asked of each source, in its own terms; one that does not count the product is not asked.
    async fn queries(
        &self,
        cx: &Cx,
        sources: &Sources<Meter>,
        meant: &[Meant<'_>],
    ) -> Result<BTreeMap<String, UsageQuery>> {
        let products = match &self.product {
            Some(text) => Some(reference::products(cx, sources, self.source.as_deref(), text).await?),
            None => None,
        };
        let query = |m: &Meant<'_>| {
            let product = match &products {
                Some(known) => Some(known.get(&m.source.name)?.clone()),
                None => None,
            };
            let customer = m.customer.id.native().to_owned();
            let weeks = self.weeks.unwrap_or(8) as usize;
            Some((m.source.name.clone(), UsageQuery { customer, product, weeks }))
        };
        Ok(meant.iter().filter_map(query).collect())
    }
}

fn answer(
    cx: &Cx,
    meant: Vec<Meant<'_>>,
    products: Vec<ProductUsage>,
    sources: Vec<SourceReport>,
) -> Result<CustomerUsage> {
    let first = meant.into_iter().next().ok_or_else(|| Error::internal("nobody was meant"))?;
    let full = CustomerUsage {
        customer: first.customer,
        matched_by: first.matched_by,
        products,
        truncated: false,
        sources,
    };
    Ok(tool::fit(full, cx.budget(), shed))
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
