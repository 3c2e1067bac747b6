//! `[policy]`: who may do what.

use std::path::PathBuf;

use serde::Deserialize;

/// `[policy]`. Both files are read again whenever they change.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyTable {
    /// The roles; those of the house, which leave it to a token's scopes.
    pub(crate) roles: Option<PathBuf>,
    /// The file that stops writes while the server runs; none.
    pub(crate) freeze: Option<PathBuf>,
}
