//! Tenants: which tools, sources and limits the callers of each have, changed without a restart.

mod book;
mod terms;

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use call::Caller;
use error::{Code, Error, Result};
use tool::{Meta, Toolbox};

use crate::limits::Rates;

pub(crate) use book::{Book, Place};
pub(crate) use terms::Terms;

/// Who the tenants are. Without a list there are none to tell apart, and every caller has what the server offers.
#[derive(Default)]
pub(crate) struct Tenants(Option<ArcSwap<List>>);

/// The tenants by name, as they are now.
type List = BTreeMap<String, Arc<Tenant>>;

/// A tenant of this server.
pub(crate) struct Tenant {
    pub(crate) terms: Terms,
    pub(crate) rates: Rates,
    /// The tools over no sources but its own.
    pub(crate) toolbox: Arc<dyn Toolbox>,
    domain: &'static str,
}

impl Tenants {
    /// The tenants of `list`, which [`Tenants::replace`] changes.
    pub(crate) fn listed(list: List) -> Self {
        Self(Some(ArcSwap::from_pointee(list)))
    }

    /// The tenant of a caller; `None` for one to whom no terms apply: where no tenants are listed, and for the person
    /// at the machine unless they were given a tenant.
    ///
    /// # Errors
    /// `permission`: the caller is of no tenant, of one that nobody knows, or of one that is not let in.
    pub(crate) fn of(&self, caller: &Caller) -> Result<Option<Arc<Tenant>>> {
        let Some(list) = &self.0 else { return Ok(None) };
        let Some(name) = &caller.tenant else {
            return match caller.is_local() {
                true => Ok(None),
                false => Err(refused("the caller is of no tenant, and this server serves tenants alone")),
            };
        };
        match list.load().get(name) {
            Some(tenant) if tenant.terms.enabled => Ok(Some(tenant.clone())),
            // Whether a tenant is unknown or shut out is nothing for a stranger.
            _ => Err(refused("the caller's tenant is not served here")),
        }
    }

    fn replace(&self, list: List) {
        if let Some(known) = &self.0 {
            known.store(Arc::new(list));
        }
    }
}

impl Tenant {
    /// Whether its callers see a tool; terms may name it as it was once called.
    pub(crate) fn shows(&self, tool: &Meta) -> bool {
        tool.names().any(|name| self.terms.shows(self.domain, name)) && self.toolbox.offered(tool.name)
    }
}

fn refused(why: &'static str) -> Error {
    Error::new(Code::Permission, why)
        .hint("Ask whoever runs this server to add or enable the tenant; repeating the call changes nothing.")
}

#[cfg(test)]
pub(crate) mod tests;
