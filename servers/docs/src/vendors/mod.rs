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
    use outbound::{Kit, Settings};

    /// What the example shows must work: every source in it connects.
    #[tokio::test]
    async fn the_example_configuration_connects() {
        let example: toml::Table = toml::from_str(include_str!("../../config.example.toml")).unwrap();
        let sources = example["source"].as_table().unwrap();
        assert_eq!(sources.len(), super::all().len());
        for (name, table) in sources {
            let mut settings: Settings = table.clone().try_into().unwrap();
            settings.name.clone_from(name);
            let vendor = super::all().into_iter().find(|v| v.name == settings.vendor).unwrap();
            (vendor.connect)(&settings, &Kit::new(call::Clock::system())).map(drop).unwrap();
        }
    }
}
