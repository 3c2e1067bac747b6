//! The systems behind the port. One folder each; a folder and its two lines here can be deleted.

pub mod hubspot;
#[cfg(test)]
#[cfg(feature = "sandbox")]
pub(crate) mod memory;
pub mod salesforce;

use outbound::Vendor;

use crate::book::Book;

/// Every vendor of the domain.
#[must_use]
pub fn all() -> Vec<Vendor<Book>> {
    vec![
        hubspot::VENDOR,    // dated and numbered paths
        salesforce::VENDOR, // Sales Cloud and Service Cloud, REST
    ]
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn the_example_configuration_connects() {
        serve::testing::assert_example(&super::all(), include_str!("../../config.example.toml"));
    }
}
