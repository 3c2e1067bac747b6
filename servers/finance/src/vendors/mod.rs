//! The ledgers behind the port. One folder each; a folder and its two lines here can be deleted.

#[cfg(test)]
#[cfg(feature = "sandbox")]
pub(crate) mod memory;
pub mod sap;
pub mod stripe;

use outbound::Vendor;

use crate::ledger::Ledger;

/// Every vendor of the domain.
#[must_use]
pub fn all() -> Vec<Vendor<Ledger>> {
    vec![
        sap::VENDOR, // S/4HANA by OData
        stripe::VENDOR,
    ]
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn the_example_configuration_connects() {
        serve::testing::assert_example(&super::all(), include_str!("../../config.example.toml"));
    }
}
