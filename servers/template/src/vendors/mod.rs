//! The meters behind the port. One folder each; a folder and its two lines here can be deleted.

#[cfg(test)]
#[cfg(feature = "sandbox")]
pub(crate) mod memory;
pub mod warehouse;

use outbound::Vendor;

use crate::meter::Meter;

/// Every vendor of the domain.
#[must_use]
pub fn all() -> Vec<Vendor<Meter>> {
    vec![
        warehouse::VENDOR, // a plain JSON API
    ]
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn the_example_configuration_connects() {
        serve::testing::assert_example(&super::all(), include_str!("../../config.example.toml"));
    }
}
