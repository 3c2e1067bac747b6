//! The trackers behind the port. One folder each; a folder and its two lines here can be deleted.

pub mod github;
pub mod jira;
#[cfg(test)]
pub(crate) mod memory;

use outbound::Vendor;

use crate::tracker::Tracker;

/// Every vendor of the domain.
#[must_use]
pub fn all() -> Vec<Vendor<Tracker>> {
    vec![
        github::VENDOR, // through octocrab
        jira::VENDOR,   // Cloud and Data Center
    ]
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn the_example_configuration_connects() {
        serve::testing::assert_example(&super::all(), include_str!("../../config.example.toml"));
    }
}
