//! The tables `[identity]` and `[issuer.NAME]`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use call::{Caller, Scopes};
use secret::Secret;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::Profile;

/// `[identity]`: who may call, besides those whom an issuer vouches for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityConfig {
    /// This server as its issuers and clients call it: `https://crm.example.com/mcp` (RFC 8707). Needed with issuers.
    pub resource: Option<Url>,
    /// How far an issuer's clock may differ from ours, 0 to 120; default 30.
    pub leeway_seconds: Option<u64>,
    /// The longest life of a token that is trusted; default 24 h. Entra grants 28 h to clients that support
    /// continuous access evaluation.
    pub max_lifetime_seconds: Option<u64>,
    /// Private certificate authorities of issuers, PEM; trusted besides the platform's. Default: none.
    pub ca_file: Option<PathBuf>,
    /// An HTTP proxy to the issuers; default: `HTTPS_PROXY` and `NO_PROXY`. Loopback is never proxied.
    /// Without user name and password: a proxy that wants them is named in `HTTPS_PROXY`.
    #[serde(default, deserialize_with = "call::address::proxy")]
    pub proxy: Option<Url>,
    /// Ids of tokens (`jti`) and subjects that are let in no more, one a line; default: none. Read again every
    /// few seconds.
    pub revoked_file: Option<PathBuf>,
    /// API keys; default: none are taken.
    pub keys: Option<KeysConfig>,
    /// Certificates and whose they are; default: none are taken.
    #[serde(default)]
    pub certificates: Vec<CertificateConfig>,
    /// Who the person at the machine is, on stdio and on loopback without other identity; default `local`, with every
    /// scope.
    pub local: Option<LocalConfig>,
}

/// `[identity.keys]`: API keys for machines without an authorization server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysConfig {
    /// The file they stand in, hashed; `chancery-<domain> keys create` writes it.
    pub file: PathBuf,
    /// What they are hashed with, at least 16 characters, kept apart from the file.
    pub pepper: Secret,
}

/// One of `[[identity.certificates]]`: a client certificate and whose it is (RFC 8705).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateConfig {
    /// `uri:spiffe://example.com/agent` or `dns:agent.example.com` for an alternative name, or `sha256:` with the
    /// thumbprint in base64url.
    pub name: String,
    /// Who it is in the record; default: the name.
    #[serde(default, deserialize_with = "some_name")]
    pub subject: Option<String>,
    /// The tenant; default: none.
    pub tenant: Option<String>,
    /// What is granted.
    pub scopes: BTreeSet<String>,
    /// The roles, as an issuer's `roles` claim would say; default: none.
    #[serde(default)]
    pub roles: BTreeSet<String>,
}

/// `[identity.local]`: the person at the machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalConfig {
    /// Who it is in the record: an account name or e-mail address.
    #[serde(deserialize_with = "name")]
    pub subject: String,
    /// The tenant; default: none.
    pub tenant: Option<String>,
    /// What is granted; default: everything.
    pub scopes: Option<BTreeSet<String>>,
    /// The roles; default: none.
    #[serde(default)]
    pub roles: BTreeSet<String>,
}

/// `[issuer.NAME]`: an authorization server that is trusted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// What it does its own way; default `rfc9068`.
    #[serde(default)]
    pub profile: Profile,
    /// Its name in `iss`, to the letter: `https://login.example.com/realms/corp`.
    pub issuer: String,
    /// What it calls this server in `aud`; default: the resource alone.
    #[serde(default)]
    pub audiences: Vec<String>,
    /// Where its keys are; default: where its metadata says.
    pub jwks_url: Option<Url>,
    /// The `typ` of its access tokens; default: the profile's. `""` stands for none.
    pub typ: Option<Vec<String>>,
    /// The claims its scopes stand in; default: the profile's.
    pub scope_claims: Option<Vec<String>>,
    /// Its names for our scopes: `{ "Crm.Read.All" = "crm:read" }`; others are taken as they are. Clients are told its
    /// names, where it is the only issuer.
    #[serde(default)]
    pub scope_map: BTreeMap<String, OneOrMore>,
    /// The claims that roles are told from, with dots into objects (`realm_access.roles`); default: the profile's.
    pub role_claims: Option<Vec<String>>,
    /// The tenant of all its callers; default: what `tenant_claim` says.
    pub tenant: Option<String>,
    /// The claim the tenant stands in; default: the profile's.
    pub tenant_claim: Option<String>,
    /// How it is asked about opaque tokens; default: they are not taken.
    pub introspection: Option<IntrospectionConfig>,
}

/// `[issuer.NAME.introspection]`: asking about opaque tokens (RFC 7662).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntrospectionConfig {
    /// The endpoint; default: where the issuer's metadata says.
    pub url: Option<Url>,
    /// Our id at the issuer.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: Secret,
    /// Where the two stand; default `basic`.
    #[serde(default)]
    pub credentials_in: ClientAuthentication,
}

/// Where client id and secret stand in a request (RFC 6749, section 2.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// In an `Authorization: Basic` header.
    #[default]
    Basic,
    /// In the body.
    Body,
}

/// One text or several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// `"crm:read"`.
    One(String),
    /// `["crm:read", "crm:write"]`.
    More(Vec<String>),
}

impl OneOrMore {
    /// The texts.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::More(texts) => texts,
        }
    }
}

impl IdentityConfig {
    /// The person at the machine, on stdio and on a loopback listener without other identity. `subject` is who it is
    /// unless the configuration says.
    #[must_use]
    pub fn local_caller(&self, subject: &str) -> Caller {
        let Some(local) = &self.local else { return Caller::local(subject) };
        let scopes = local.scopes.as_ref().map_or(Scopes::All, |scopes| scopes.iter().collect());
        Caller {
            scopes,
            tenant: local.tenant.clone(),
            claims: role_claim(&local.roles),
            ..Caller::local(&local.subject)
        }
    }
}

/// A name that is not empty: a caller without one could not be told from nobody.
fn name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let name = String::deserialize(from)?;
    if name.is_empty() { Err(D::Error::custom("a name must not be empty")) } else { Ok(name) }
}

fn some_name<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    name(from).map(Some)
}

/// Roles that no issuer granted, as its claim would say them.
pub(crate) fn role_claim(roles: &BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
    if roles.is_empty() { BTreeMap::new() } else { BTreeMap::from([("roles".to_owned(), roles.clone())]) }
}
