//! The systems behind the port. One folder each; a folder and its two lines here can be deleted.

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
        salesforce::VENDOR, // Sales Cloud and Service Cloud, REST
    ]
}
