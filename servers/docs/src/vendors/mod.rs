//! The libraries behind the port. One folder each; a folder and its two lines here can be deleted.

pub mod confluence;
#[cfg(test)]
#[cfg(feature = "sandbox")]
pub(crate) mod memory;
pub mod notion;

use outbound::Vendor;

use crate::library::Library;

/// Every vendor of the domain.
#[must_use]
pub fn all() -> Vec<Vendor<Library>> {
    vec![
        confluence::VENDOR, // Confluence Cloud
        notion::VENDOR,     // pages and data sources
    ]
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn the_example_configuration_connects() {
        serve::testing::assert_example(&super::all(), include_str!("../../config.example.toml"));
    }
}
