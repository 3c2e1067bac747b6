//! `[identity]` and `[issuer.NAME]`: who may call.

use std::collections::BTreeMap;
use std::sync::Arc;

use call::{Caller, Clock};
use error::{Code, Error};
use identity::keys::KeyFile;
use identity::{Authenticator, IdentityConfig, IssuerConfig};
use outbound::{Kit, Route};

use super::Problem;
use super::document::{Document, Named};
use crate::LOCAL_CALLER;
use crate::cli::Failure;

/// Both tables, and where their keys stand.
#[derive(Debug)]
pub(crate) struct IdentityTables {
    identity: IdentityConfig,
    issuers: BTreeMap<String, IssuerConfig>,
    /// By path: `issuer.corp.audiences`.
    places: Vec<(String, String)>,
}

impl IdentityTables {
    pub(super) fn read(document: &mut Document<'_>) -> Result<Self, Problem> {
        let places = [document.paths("identity"), document.paths("issuer")].concat();
        let identity = document.table("identity")?;
        let issuers = document.tables("issuer", &[])?;
        let issuers = issuers.into_iter().map(|Named { name, value, .. }| (name, value)).collect();
        Ok(Self { identity, issuers, places })
    }

    /// Who tells callers apart; `None` where nobody does.
    pub(crate) fn authenticator(&self, clock: Clock) -> Result<Option<Arc<Authenticator>>, Failure> {
        let route = Route {
            name: "identity".to_owned(),
            partner: "the issuer",
            ca_file: self.identity.ca_file.clone(),
            proxy: self.identity.proxy.clone(),
        };
        let exchange = Kit::new(clock).exchange(&route).map_err(|error| self.failure(&error))?;
        let authenticator = Authenticator::new(self.identity.clone(), &self.issuers, &exchange, clock)
            .map_err(|error| self.failure(&error))?;
        if !authenticator.is_configured() && self.identity.revoked_file.is_some() {
            let problem =
                "there is nobody to shut out: no issuer, API keys or certificates are configured here";
            return Err(self.failure(&Error::invalid("identity/revoked_file", problem)));
        }
        Ok(authenticator.is_configured().then(|| Arc::new(authenticator)))
    }

    /// The person at the machine.
    pub(crate) fn local_caller(&self) -> Caller {
        self.identity.local_caller(LOCAL_CALLER)
    }

    /// The file of API keys.
    pub(crate) fn key_file(&self) -> Option<KeyFile> {
        self.identity.keys.as_ref().map(KeyFile::new)
    }

    /// Whether some callers are told by their certificate.
    pub(crate) fn takes_certificates(&self) -> bool {
        !self.identity.certificates.is_empty()
    }

    /// Where clients find this server, as it stands in their `Host` header.
    pub(crate) fn host(&self) -> Option<&str> {
        self.identity.resource.as_ref().and_then(|resource| resource.host_str())
    }

    /// What is wrong with the tables, at the key that it is about.
    pub(crate) fn failure(&self, error: &Error) -> Failure {
        if error.code() == Code::Internal {
            return Failure::Failed(crate::cli::told(error));
        }
        let wire = error.wire("");
        let path = wire.fields.first().map(|field| field.path.replace('/', ".")).unwrap_or_default();
        let problem = wire.fields.first().map_or(error.message(), |field| &field.problem);
        let cure = crate::cli::cure(error).map(|cure| format!(". {cure}")).unwrap_or_default();
        Failure::Usage(Problem::at(self.place(&path), format!("{path}: {problem}{cure}")).to_string())
    }

    /// The place of the key, or of the innermost table around it.
    fn place(&self, path: &str) -> String {
        let around = |known: &&(String, String)| {
            path.strip_prefix(known.0.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let nearest = self.places.iter().filter(around).max_by_key(|(known, _)| known.len());
        nearest.map_or_else(|| "configuration".to_owned(), |(_, place)| place.clone())
    }
}

#[cfg(test)]
mod tests;
