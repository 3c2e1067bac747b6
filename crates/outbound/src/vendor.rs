//! A vendor as a domain lists it.

use std::sync::Arc;

use error::Result;

use crate::{Kit, Settings};

/// One vendor of a domain whose port is `P`: plain data, one constant in the vendor's folder.
pub struct Vendor<P: ?Sized> {
    /// The vendor's name in configuration: `jira`.
    pub name: &'static str,
    /// Builds the port over a source. It asks the network nothing and reads no secret.
    pub connect: fn(&Settings, &Kit) -> Result<Arc<P>>,
    /// Builds the vendor's simulator, filled with the demo company.
    #[cfg(feature = "sandbox")]
    pub simulate: fn() -> sandbox::Simulator,
    /// The keys of a source at that simulator beside address and credentials, as they stand in a configuration file:
    /// what `connect` requires, the demo company's words in `map`, and a user for the caller `local`.
    #[cfg(feature = "sandbox")]
    pub demo: &'static str,
}

// By hand: a derive would ask `P` to be `Copy` too.
impl<P: ?Sized> Clone for Vendor<P> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<P: ?Sized> Copy for Vendor<P> {}
