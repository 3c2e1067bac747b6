//! The libraries behind the port. One folder each; a folder and its two lines here can be deleted.

#[cfg(all(test, feature = "sandbox"))]
pub(crate) mod memory;
pub mod notion;

use outbound::Vendor;

use crate::library::Library;

/// Every vendor of the domain.
#[must_use]
pub fn all() -> Vec<Vendor<Library>> {
    vec![
        notion::VENDOR, // pages and data sources
    ]
}
