//! The service desks behind the port. One folder each; a folder and its two lines here can be deleted.

#[cfg(test)]
pub(crate) mod memory;
pub mod pagerduty;
pub mod servicenow;

use outbound::Vendor;

use crate::desk::Desk;

/// Every vendor of the domain.
#[must_use]
pub fn all() -> Vec<Vendor<Desk>> {
    vec![
        servicenow::VENDOR, // the Table API
        pagerduty::VENDOR,  // REST v2
    ]
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn the_example_configuration_connects() {
        serve::testing::assert_example(&super::all(), include_str!("../../config.example.toml"));
    }
}
