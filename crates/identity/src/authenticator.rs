//! The way of a credential: read, recognized, verified, bound.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use call::{Caller, CancellationToken, Clock, Exchange};
use error::{Error, Result};
use futures::future::join_all;
use http::{HeaderMap, Uri};

use crate::certificate::{Certificate, Certificates};
use crate::introspection::Introspection;
use crate::jwt::{Jwt, Patience};
use crate::keys::{ApiKeys, KeyFile};
use crate::meters;
use crate::profile::Rules;
use crate::refusal::Flaw;
use crate::revoked::Revoked;
use crate::{Finding, Identity, IdentityConfig, IssuerConfig, Presented, Refusal, Resource, Verifier};

/// How often keys are looked after. A file system's notices do not cross mounts, a look does.
const LOOK: Duration = Duration::from_secs(5);

/// Tells who calls.
pub struct Authenticator {
    /// The first that recognizes a credential decides; the one for opaque tokens, which recognizes all, is last.
    verifiers: Vec<Arc<dyn Verifier>>,
    certificates: Certificates,
    revoked: Option<Revoked>,
    issuers: Vec<String>,
    /// The rules of the issuer, where there is one alone: clients are told scopes in its names.
    dialect: Option<Arc<Rules>>,
    config: IdentityConfig,
}

impl Authenticator {
    /// An authenticator for `[identity]` and the tables `[issuer.NAME]`. Issuers are asked over `exchange`, first by
    /// [`Authenticator::tend`].
    ///
    /// # Errors
    /// `invalid_argument` with the path of the key: `issuer/corp/audiences`.
    pub fn new(
        config: IdentityConfig,
        issuers: &BTreeMap<String, IssuerConfig>,
        exchange: &Arc<dyn Exchange>,
        clock: Clock,
    ) -> Result<Self> {
        let patience = patience(&config)?;
        let mut verifiers: Vec<Arc<dyn Verifier>> = Vec::new();
        let mut opaque: Option<(&str, Introspection)> = None;
        let mut dialect = None;
        if let Some(keys) = &config.keys {
            verifiers.push(Arc::new(ApiKeys::open(KeyFile::new(keys), clock)?));
        }
        for (name, issuer) in issuers {
            let resource = config.resource.as_ref().ok_or_else(|| {
                let problem = "name this server as the issuer calls it: `https://HOST/mcp`";
                Error::invalid("identity/resource", problem)
            })?;
            let rules = Arc::new(Rules::new(name, issuer, resource)?);
            dialect = (issuers.len() == 1).then(|| rules.clone());
            check_url(name, "jwks_url", issuer.jwks_url.as_ref())?;
            if let Some(introspection) = &issuer.introspection {
                check_url(name, "introspection/url", introspection.url.as_ref())?;
                if let Some((other, _)) = &opaque {
                    let problem =
                        format!("opaque tokens do not say whose they are, and `{other}` takes them");
                    return Err(Error::invalid(format!("issuer/{name}/introspection"), problem));
                }
                let exchange = Arc::clone(exchange);
                opaque =
                    Some((name, Introspection::new(rules.clone(), introspection.clone(), exchange, clock)));
            }
            let jwks_url = issuer.jwks_url.clone();
            let jwt = Jwt::new(rules, patience, jwks_url, Arc::clone(exchange), clock);
            verifiers.push(Arc::new(match issuer.introspection {
                Some(_) => jwt.beside_introspection(),
                None => jwt,
            }));
        }
        verifiers.extend(opaque.map(|(_, verifier)| Arc::new(verifier) as Arc<dyn Verifier>));
        let certificates = Certificates::new(&config.certificates)?;
        let revoked = config.revoked_file.as_deref().map(Revoked::open).transpose()?;
        let issuers = issuers.values().map(|issuer| issuer.issuer.clone()).collect();
        Ok(Self { verifiers, certificates, revoked, issuers, dialect, config })
    }

    /// Whether anybody can be told from anybody else. If not, whoever reaches the server is the local principal.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        !self.verifiers.is_empty() || !self.certificates.is_empty()
    }

    /// Whether every issuer's keys were loaded once and are not too old.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.verifiers.iter().all(|verifier| verifier.is_ready())
    }

    /// Tries everything callers are told by: issuers, and the file of keys.
    pub async fn examine(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for verifier in &self.verifiers {
            findings.extend(verifier.examine().await);
        }
        findings
    }

    /// What clients have to know of this server, called `name`, whose least call needs `baseline`.
    ///
    /// # Errors
    /// `invalid_argument` if the configured resource is no resource identifier.
    pub fn resource(&self, name: &str, baseline: Vec<String>) -> Result<Resource> {
        let resource = Resource::new(self.config.resource.clone(), name, self.issuers.clone(), baseline)?;
        Ok(resource.in_dialect(self.dialect.clone()))
    }

    /// Who sent the request with this head. `certificate` is the client's, where it showed one in the TLS handshake.
    ///
    /// # Errors
    /// A [`Refusal`], which [`Resource::challenge`] answers.
    pub async fn authenticate(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        certificate: Option<&Certificate>,
    ) -> Result<Arc<Caller>, Refusal> {
        let found = match Presented::read(uri, headers) {
            Ok(Some(presented)) => self.verify(&presented, certificate).await,
            Ok(None) => match certificate.filter(|_| !self.certificates.is_empty()) {
                Some(certificate) => self.certificates.caller(certificate),
                None => Err(Refusal::Missing),
            },
            Err(refusal) => Err(refusal),
        };
        // Last: only who shows a good credential is told that it was revoked, and a finding may be remembered.
        let found = match (&self.revoked, found) {
            (Some(revoked), Ok(caller)) if revoked.has(&caller) => Err(Flaw::Revoked.into()),
            (_, found) => found,
        };
        note(&found);
        found
    }

    /// Whether an operator shuts out who goes by `name` and shows no credential of their own, as who comes by a link.
    #[must_use]
    pub fn shuts_out(&self, name: &str) -> bool {
        self.revoked.as_ref().is_some_and(|revoked| revoked.has_subject(name))
    }

    /// Whether `caller` may make a call that needs all of `needed`; if not, the refusal names all of them, so that the
    /// client asks its user once (MCP authorization, "Scope Challenge Handling").
    ///
    /// # Errors
    /// [`Refusal::Insufficient`].
    pub fn permit(caller: &Caller, needed: &[&str]) -> Result<(), Refusal> {
        if needed.iter().all(|scope| caller.scopes.grant(scope)) {
            return Ok(());
        }
        Err(Refusal::Insufficient(needed.iter().map(|scope| (*scope).to_owned()).collect()))
    }

    /// Keeps issuers' keys, key files and revocations up to date until `stop`.
    pub async fn tend(&self, stop: CancellationToken) {
        // An issuer may take its time; neither the others nor who is to be shut out wait for it.
        let keys = join_all(self.verifiers.iter().map(|verifier| async move {
            loop {
                verifier.tend().await;
                tokio::time::sleep(LOOK).await;
            }
        }));
        let revocations = async {
            loop {
                self.look_for_revocations().await;
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            _ = keys => {}
            () = revocations => {}
        }
    }

    pub(crate) async fn look_for_revocations(&self) {
        if let Some(revoked) = &self.revoked {
            revoked.tend().await;
        }
    }

    async fn verify(
        &self,
        presented: &Presented,
        certificate: Option<&Certificate>,
    ) -> Result<Arc<Caller>, Refusal> {
        let verifier = self.verifiers.iter().find(|verifier| verifier.recognizes(presented));
        let identity = verifier.ok_or(Flaw::Unknown)?.verify(presented).await?;
        check_binding(&identity, certificate)?;
        Ok(Arc::clone(&identity.caller))
    }
}

/// A token that is bound to a certificate is worth nothing without it (RFC 8705, section 3).
fn check_binding(identity: &Identity, certificate: Option<&Certificate>) -> Result<(), Flaw> {
    match &identity.bound_to {
        Some(thumbprint) if certificate.is_none_or(|shown| shown.thumbprint() != thumbprint) => {
            Err(Flaw::Binding)
        }
        _ => Ok(()),
    }
}

fn note(found: &Result<Arc<Caller>, Refusal>) {
    if let Err(Refusal::Invalid(flaw)) = found {
        tracing::info!(flaw = flaw.name(), "a credential was refused: {flaw}");
    }
    meters::authenticated(found.as_ref().map(|caller| caller.method));
}

fn patience(config: &IdentityConfig) -> Result<Patience> {
    let leeway = config.leeway_seconds.unwrap_or(30);
    if leeway > 120 {
        return Err(Error::invalid("identity/leeway_seconds", "must be at most 120"));
    }
    let life = config.max_lifetime_seconds.unwrap_or(24 * 3600);
    if !(60..=7 * 24 * 3600).contains(&life) {
        return Err(Error::invalid("identity/max_lifetime_seconds", "must be between 60 and 604800"));
    }
    // Both fit: they were bounded just now.
    let whole = |seconds: u64| i64::try_from(seconds).unwrap_or_default();
    Ok(Patience { leeway: whole(leeway), max_lifetime: whole(life) })
}

fn check_url(issuer: &str, key: &str, url: Option<&url::Url>) -> Result<()> {
    let checked = url.map_or(Ok(()), call::address::check);
    checked.map_err(|problem| Error::invalid(format!("issuer/{issuer}/{key}"), problem))
}
