//! `[tenants]`: where it stands who the tenants are.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use store::Store;

use super::Problem;
use crate::tenants::Place;

/// `[tenants]`. Without it no tenants are told apart, and every caller has what the server offers.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantsTable {
    /// A file with a table for each tenant.
    file: Option<PathBuf>,
    /// Whether they stand in the store, where `tenants set` puts them; no.
    #[serde(default)]
    in_store: bool,
}

impl TenantsTable {
    /// Where the tenants stand; `None` where nobody said.
    ///
    /// # Errors
    /// Where two places are named.
    pub(crate) fn place(&self, store: &Store) -> Result<Option<Place>, Problem> {
        match (&self.file, self.in_store) {
            (None, false) => Ok(None),
            (Some(path), false) => Ok(Some(Place::file(path.clone()))),
            (None, true) => Ok(Some(Place::Store(Arc::new(store.clone())))),
            (Some(_), true) => Err(Problem::at(
                "tenants",
                "tenants stand in one place: name `file`, or say `in_store = true`, and not both",
            )),
        }
    }
}
