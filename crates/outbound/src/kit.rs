//! From settings to a client.

use std::path::PathBuf;
use std::sync::Arc;

use call::{Clock, Exchange};
use error::{Error, Result};
use oauth::{Defaults, Tokens};
use url::Url;

use crate::stack::{Source, stack};
use crate::transport::Transport;
use crate::{Client, Profile, Settings, address};

/// What vendors' clients are built with.
#[derive(Clone, Debug)]
pub struct Kit {
    clock: Clock,
}

/// The way to somebody who is no source: an identity provider, a webhook.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// Whose name stands in the log.
    pub name: String,
    /// Who answers there, as errors call them: `the issuer`.
    pub partner: &'static str,
    /// Private certificate authorities, PEM; trusted besides the platform's. Default: none.
    pub ca_file: Option<PathBuf>,
    /// An HTTP proxy; default: `HTTPS_PROXY` and `NO_PROXY`. Loopback is never proxied.
    pub proxy: Option<Url>,
}

impl Kit {
    /// A kit that lives by `clock`.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock }
    }

    /// The clock to live by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Plain HTTP along `route`: no token, no retries, no redirects, 4 s and 1 MB at most.
    ///
    /// # Errors
    /// `invalid_argument` if `ca_file` cannot be read.
    pub fn exchange(&self, route: &Route) -> Result<Arc<dyn Exchange>> {
        Ok(Arc::new(Transport::along(route)?))
    }

    /// A client for a source. Cheap: no connection, no token, no certificate store before the first request.
    ///
    /// `invalid_argument` if an address is missing or not allowed or `ca_file` cannot be read.
    pub fn client(&self, settings: &Settings, profile: Profile) -> Result<Client> {
        let base = base_url(settings, &profile)?;
        let token_url = match profile.default_token_url {
            Some(url) => {
                Some(Url::parse(url).map_err(|e| Error::internal("a profile's token URL").source(e))?)
            }
            None => None,
        };
        if let oauth::Config::ClientCredentials { token_url: Some(url), .. }
        | oauth::Config::JwtBearer { token_url: Some(url), .. } = &settings.auth
        {
            address::check_configured(&format!("source/{}/auth/token_url", settings.name), url)?;
        }
        let transport = Transport::new(settings, &profile)?;
        let exchange: Arc<dyn Exchange> = Arc::new(transport.clone());
        let defaults = Defaults { token_url, api_base: base.clone() };
        let tokens = Arc::new(Tokens::new(settings.auth.clone(), &defaults, exchange, self.clock)?);
        let (name, limits) = (settings.name.clone(), settings.limits.clone());
        let source = Source { name, profile, base: base.clone(), limits };
        let stack = stack(&source, Arc::clone(&tokens), transport);
        Ok(Client::new(settings.name.clone(), base, profile, tokens, stack))
    }
}

fn base_url(settings: &Settings, profile: &Profile) -> Result<Url> {
    let key = format!("source/{}/base_url", settings.name);
    let url = match (&settings.base_url, profile.default_base_url) {
        (Some(url), _) => url.clone(),
        (None, Some(url)) => {
            Url::parse(url).map_err(|e| Error::internal("a profile's base URL").source(e))?
        }
        (None, None) => return Err(Error::invalid(key, "is required: this vendor has no common address")),
    };
    address::check_configured(&key, &url)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::invalid(key, "must end with a path"));
    }
    Ok(url)
}
