//! What is written by hand, read without the bulk.

use std::{fs, path::Path};

use sandbox::company::{Account, Contact, Incident, Person, Service, Supplier};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Result;

/// The sections that the bulk refers to; grows by what is made.
pub(super) struct Core {
    pub(super) people: Vec<Person>,
    pub(super) accounts: Vec<Account>,
    pub(super) contacts: Vec<Contact>,
    pub(super) services: Vec<Service>,
    pub(super) incidents: Vec<Incident>,
    pub(super) suppliers: Vec<Supplier>,
}

impl Core {
    /// Reads `shared/company` below `root`.
    pub(super) fn read(root: &Path) -> Result<Self> {
        Ok(Self {
            people: section(root, "people")?,
            accounts: section(root, "accounts")?,
            contacts: section(root, "contacts")?,
            services: section(root, "services")?,
            incidents: section(root, "incidents")?,
            suppliers: section(root, "suppliers")?,
        })
    }

    /// The handles of those of a team who still work there.
    pub(super) fn team(&self, team: &str) -> Vec<&str> {
        let members = self.people.iter().filter(|p| p.team == team && !p.left);
        members.map(|p| p.handle.as_str()).collect()
    }
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Written<T> {
    record: Vec<T>,
}

fn section<T: DeserializeOwned>(root: &Path, name: &str) -> Result<Vec<T>> {
    let text = fs::read_to_string(root.join(format!("shared/company/{name}.toml")))?;
    let written: Written<T> = toml::from_str(&text).map_err(|e| format!("{name}.toml: {e}"))?;
    Ok(written.record)
}
