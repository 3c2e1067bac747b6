//! The sandbox: the domain's simulators, in this process or beside it, and sources that lead to them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use error::{Error, Result};
use oauth::Secret;
use outbound::Settings;
use sandbox::{Credential, Directions, Options, Running};

use crate::domain::Domain;

/// The simulators of a domain, serving on loopback.
pub(crate) struct Demo {
    /// Those of this process.
    pub(crate) running: Vec<Running>,
    /// Directions to all of them, as `sandbox VENDOR` prints them.
    pub(crate) directions: Vec<Directions>,
    /// One source for each, named as its vendor.
    pub(crate) sources: Vec<Settings>,
}

impl Demo {
    /// Starts a simulator of every vendor, except of those that another process serves at the address in `beside`.
    pub(crate) async fn start(domain: &Domain, beside: &BTreeMap<String, SocketAddr>) -> Result<Self> {
        let mut demo = Self { running: Vec::new(), directions: Vec::new(), sources: Vec::new() };
        for simulator in domain.vendors().iter().filter_map(|name| domain.simulator(name)) {
            let directions = match beside.get(simulator.vendor()) {
                Some(addr) => simulator.at(*addr),
                None => {
                    let started = simulator.start(Options::default()).await;
                    let running = started
                        .map_err(|e| Error::internal("a simulator cannot listen on loopback").source(e))?;
                    let directions = running.directions.clone();
                    demo.running.push(running);
                    directions
                }
            };
            demo.sources.push(domain.at_simulator(&directions)?);
            demo.directions.push(directions);
        }
        Ok(demo)
    }
}

/// Refuses what is no simulator of this domain: demo credentials go to loopback only.
pub(crate) fn check(domain: &Domain, beside: &BTreeMap<String, SocketAddr>) -> Result<()> {
    for (vendor, addr) in beside {
        if !domain.vendors().contains(&vendor.as_str()) {
            let known = domain.vendors().join(", ");
            return Err(Error::invalid(
                format!("sandbox/{vendor}"),
                format!("no such vendor; there is {known}"),
            ));
        }
        if !addr.ip().is_loopback() {
            return Err(Error::invalid(format!("sandbox/{vendor}"), "a simulator is on loopback"));
        }
    }
    Ok(())
}

/// How a source signs in to a simulator: by its best way in, which is one with tokens that end.
pub(crate) fn auth(directions: &Directions) -> Result<oauth::Config> {
    let best = directions.credentials.iter().min_by_key(|c| match c {
        Credential::ClientCredentials { .. } | Credential::JwtBearer { .. } | Credential::App { .. } => 0,
        Credential::Token { .. } => 1,
        Credential::Basic { .. } => 2,
    });
    let best = best.ok_or_else(|| Error::internal("a simulator has no credentials"))?;
    Ok(match best.clone() {
        Credential::ClientCredentials { client_id, client_secret, scope } => {
            oauth::Config::ClientCredentials {
                token_url: directions.token_url.as_deref().and_then(|u| u.parse().ok()),
                client_id,
                client_secret: Secret::literal(client_secret),
                scope: Some(scope).filter(|s| !s.is_empty()),
                audience: None,
                body: oauth::BodyFormat::default(),
                credentials_in: oauth::CredentialsIn::default(),
            }
        }
        Credential::JwtBearer { client_id, subject, audience, private_key } => oauth::Config::JwtBearer {
            token_url: directions.token_url.as_deref().and_then(|u| u.parse().ok()),
            client_id,
            client_secret: None,
            subject,
            audience: Some(audience),
            private_key: Secret::literal(private_key),
            key_id: None,
            scope: None,
        },
        Credential::App { app_id, installation_id, private_key, .. } => oauth::Config::GithubApp {
            app_id: oauth::AppId::Number(app_id),
            installation_id,
            private_key: Secret::literal(private_key),
            permissions: Default::default(),
            repositories: Vec::new(),
        },
        Credential::Token { token } => oauth::Config::Bearer { token: Secret::literal(token) },
        Credential::Basic { user, secret } => {
            oauth::Config::Basic { user, password: Secret::literal(secret) }
        }
    })
}

/// A fresh directory for the record of this process. It stays when the process ends, to be looked at.
pub(crate) fn audit_dir(domain: &Domain) -> PathBuf {
    let unique = uuid::Uuid::now_v7().simple().to_string();
    std::env::temp_dir().join(format!("{}-sandbox-{unique}", domain.catalogue().program())).join("audit")
}
