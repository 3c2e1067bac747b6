//! The tools. One file each; adding one is its file and its two lines here.

mod annotate_usage;
mod get_product_usage;
mod list_usage_drops;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;

use tool::Catalog;

use crate::meter::Meter;

/// Every tool of the domain, in the order clients see them.
#[must_use]
pub fn catalog() -> Catalog<Meter> {
    Catalog::new()
        .with::<get_product_usage::GetProductUsage>()
        .with::<list_usage_drops::ListUsageDrops>()
        .with::<annotate_usage::AnnotateUsage>()
}
