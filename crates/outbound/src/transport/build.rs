//! Building the HTTP clients of a source.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use error::{Error, Result};
use reqwest::{Certificate, ClientBuilder, Proxy, redirect};
use tokio::sync::OnceCell;
use url::Url;

use crate::address::{Guarded, is_loopback};
use crate::{Limits, Profile, Route, Settings};

/// The HTTP clients of a source: one for loopback, which is never proxied, one for the world. Each is built when
/// it is first needed: reading the platform's certificates takes 15 ms.
pub(super) struct Clients {
    recipe: Arc<Recipe>,
    near: OnceCell<reqwest::Client>,
    far: OnceCell<reqwest::Client>,
}

struct Recipe {
    source: String,
    limits: Limits,
    http2: bool,
    proxy: Option<Url>,
    authorities: Vec<Certificate>,
}

impl Clients {
    /// Reads `ca_file`, so that a wrong one is found at the start.
    pub(super) fn new(settings: &Settings, profile: &Profile) -> Result<Self> {
        let recipe = Recipe {
            source: settings.name.clone(),
            limits: settings.limits.clone(),
            http2: profile.http2,
            proxy: settings.proxy.clone(),
            authorities: authorities(settings.ca_file.as_ref())?,
        };
        Ok(Self::by(recipe))
    }

    /// Clients for whoever is no source.
    pub(super) fn along(route: &Route) -> Result<Self> {
        Ok(Self::by(Recipe {
            source: route.name.clone(),
            limits: Limits::default(),
            http2: false,
            proxy: route.proxy.clone(),
            authorities: authorities(route.ca_file.as_ref())?,
        }))
    }

    fn by(recipe: Recipe) -> Self {
        Self { recipe: Arc::new(recipe), near: OnceCell::new(), far: OnceCell::new() }
    }

    /// The client for `url`.
    pub(super) async fn reaching(&self, url: &Url) -> Result<&reqwest::Client> {
        let is_near = is_loopback(url);
        let cell = if is_near { &self.near } else { &self.far };
        cell.get_or_try_init(|| async {
            let recipe = Arc::clone(&self.recipe);
            // Certificates are read from many files.
            tokio::task::spawn_blocking(move || recipe.build(is_near))
                .await
                .map_err(|e| Error::internal("building an HTTP client died").source(e))?
        })
        .await
    }
}

impl Recipe {
    fn build(&self, is_near: bool) -> Result<reqwest::Client> {
        let with_platform = self.settings(is_near)?.tls_certs_merge(self.authorities.iter().cloned()).build();
        let built = match with_platform {
            Ok(client) => Ok(client),
            Err(error) => {
                // An image without certificates still reaches loopback, and whatever `ca_file` vouches for.
                tracing::warn!(source = self.source, %error, "the platform's certificates cannot be used");
                self.settings(is_near)?.tls_certs_only(self.authorities.iter().cloned()).build()
            }
        };
        built.map_err(|e| Error::internal("the HTTP client cannot be built").source(e.without_url()))
    }

    fn settings(&self, is_near: bool) -> Result<ClientBuilder> {
        let millis = Duration::from_millis;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("chancery/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .dns_resolver(Guarded)
            .tcp_nodelay(true)
            .tcp_keepalive(Duration::from_secs(30))
            .connect_timeout(millis(self.limits.connect_ms))
            .pool_max_idle_per_host(32)
            // Shorter than load balancers wait, so that we close first and send nothing into a closed connection.
            .pool_idle_timeout(Duration::from_secs(60));
        if !self.http2 {
            builder = builder.http1_only();
        }
        if is_near {
            return Ok(builder.no_proxy());
        }
        match &self.proxy {
            None => Ok(builder),
            Some(url) => {
                let proxy = Proxy::all(url.clone()).map_err(|e| {
                    let key = format!("source/{}/proxy", self.source);
                    Error::invalid(key, "is not a proxy's URL").source(e.without_url())
                })?;
                Ok(builder.proxy(proxy))
            }
        }
    }
}

fn authorities(file: Option<&PathBuf>) -> Result<Vec<Certificate>> {
    let Some(path) = file else { return Ok(Vec::new()) };
    let wrong = |problem: &str| Error::invalid("ca_file", format!("{} {problem}", path.display()));
    let pem = std::fs::read(path).map_err(|e| wrong("cannot be read").source(e))?;
    let found = Certificate::from_pem_bundle(&pem)
        .map_err(|e| wrong("does not hold certificates in PEM").source(e.without_url()))?;
    if found.is_empty() { Err(wrong("does not hold certificates in PEM")) } else { Ok(found) }
}
