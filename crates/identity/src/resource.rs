//! This server as a protected resource (RFC 9728).

use std::sync::Arc;

use error::{Error, Result};
use http::HeaderValue;
use serde::Serialize;
use url::Url;

use crate::profile::Rules;
use crate::{Challenge, Refusal};

/// What clients have to know of this server to get a token for it.
pub struct Resource {
    /// Nothing is published without a name of our own: then callers have API keys or certificates.
    identifier: Option<Url>,
    name: String,
    authorization_servers: Vec<String>,
    /// The least anybody needs.
    baseline: Vec<String>,
    /// What the one issuer calls our scopes; `None` tells them in our names.
    dialect: Option<Arc<Rules>>,
}

/// The document at [`Resource::paths`] (RFC 9728, section 2).
#[derive(Serialize)]
struct Document<'a> {
    resource: &'a str,
    authorization_servers: &'a [String],
    scopes_supported: &'a [String],
    bearer_methods_supported: [&'static str; 1],
    resource_name: &'a str,
}

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

impl Resource {
    /// The resource called `identifier`, whose tokens come from `authorization_servers`. `baseline` is the scope of the
    /// least call; more is asked for when it is needed.
    ///
    /// # Errors
    /// `invalid_argument` if the identifier has a fragment, a query or a scheme that is not `https`, loopback aside
    /// (RFC 8707, section 2).
    pub fn new(
        identifier: Option<Url>,
        name: impl Into<String>,
        authorization_servers: Vec<String>,
        baseline: Vec<String>,
    ) -> Result<Self> {
        if let Some(url) = &identifier {
            let problem = match call::address::check(url) {
                Err(problem) => Some(problem),
                Ok(()) if url.fragment().is_some() || url.query().is_some() => {
                    Some("must have neither query nor fragment")
                }
                Ok(()) => None,
            };
            if let Some(problem) = problem {
                return Err(Error::invalid("identity/resource", problem));
            }
        }
        Ok(Self { identifier, name: name.into(), authorization_servers, baseline, dialect: None })
    }

    /// The same, telling scopes as the one issuer calls them: a client asks it for what it reads here.
    pub(crate) fn in_dialect(self, dialect: Option<Arc<Rules>>) -> Self {
        Self { dialect, ..self }
    }

    /// Where the metadata is served: with the resource's own path at the end, then without (RFC 9728, section 3.1).
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let Some(url) = &self.identifier else { return Vec::new() };
        let mut paths =
            vec![format!("{WELL_KNOWN}{}", url.path().trim_end_matches('/')), WELL_KNOWN.to_owned()];
        paths.dedup();
        paths
    }

    /// The metadata, JSON.
    #[must_use]
    pub fn metadata(&self) -> Option<Vec<u8>> {
        let url = self.identifier.as_ref()?;
        let scopes = self.told(&self.baseline);
        let document = Document {
            resource: url.as_str().trim_end_matches('/'),
            authorization_servers: &self.authorization_servers,
            scopes_supported: &scopes,
            bearer_methods_supported: ["header"],
            resource_name: &self.name,
        };
        serde_json::to_vec(&document).ok()
    }

    /// The answer to a refused request. `needed` are the scopes of the call it was about, as far as that is known.
    #[must_use]
    pub fn challenge(&self, refusal: &Refusal, needed: &[&str]) -> Challenge {
        let scopes = match refusal {
            Refusal::Malformed(_) => Vec::new(),
            Refusal::Insufficient(needed) => self.told(needed),
            _ if needed.is_empty() => self.told(&self.baseline),
            _ => self.told(needed),
        };
        Challenge::new(refusal, self.metadata_url().as_deref(), &scopes.join(" "))
    }

    /// Scopes as clients have to ask for them.
    fn told(&self, scopes: &[impl AsRef<str>]) -> Vec<String> {
        let told = |scope: &str| match &self.dialect {
            Some(rules) => rules.asked_for(scope),
            None => scope.to_owned(),
        };
        scopes.iter().map(|scope| told(scope.as_ref())).collect()
    }

    /// The metadata in the form that names this resource among others of its host.
    fn metadata_url(&self) -> Option<String> {
        let mut url = self.identifier.clone()?;
        url.set_path(self.paths().first()?);
        HeaderValue::try_from(url.as_str()).ok().map(|_| url.into())
    }
}

/// An identifier in the form in which two of them are compared: scheme and host in lower case, the port left out where
/// it is the scheme's, no slash at the end (MCP authorization, "Canonical Server URI").
pub(crate) fn canonical(identifier: &str) -> String {
    match Url::parse(identifier) {
        Ok(url) if url.has_host() => url.as_str().trim_end_matches('/').to_owned(),
        _ => identifier.to_owned(),
    }
}
