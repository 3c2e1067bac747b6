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
    use call::Clock;
    use outbound::{Kit, Settings};

    use super::all;

    /// What the example shows must work: every vendor stands in it and connects.
    #[tokio::test]
    async fn the_example_configuration_connects() {
        let example: toml::Table = toml::from_str(include_str!("../../config.example.toml")).unwrap();
        let tables = example["source"].as_table().unwrap();
        for vendor in all() {
            let (name, table) =
                tables.iter().find(|(_, t)| t["vendor"].as_str() == Some(vendor.name)).unwrap();
            let settings: Settings = table.clone().try_into().unwrap();
            let settings = Settings { name: name.clone(), ..settings };
            (vendor.connect)(&settings, &Kit::new(Clock::system())).map(drop).unwrap();
        }
    }
}
