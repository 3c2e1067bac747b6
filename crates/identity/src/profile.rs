//! What issuers do differently.

use std::collections::{BTreeMap, BTreeSet};

use error::{Error, Result};
use serde::Deserialize;
use url::Url;

use crate::IssuerConfig;
use crate::claims::Claims;
use crate::refusal::Flaw;
use crate::resource::canonical;

/// The dialect of an issuer's access tokens. Each can be adjusted in `[issuer.NAME]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// As RFC 9068 has it: `typ` is `at+jwt`, scopes in `scope`, the client in `client_id`, a `jti`.
    #[default]
    Rfc9068,
    /// Microsoft Entra ID, versions 1 and 2: `typ` is `JWT`, delegated scopes in `scp`, application permissions in
    /// `roles`, the tenant in `tid` (learn.microsoft.com/entra/identity-platform/access-token-claims-reference).
    Entra,
    /// Okta custom authorization servers: no `typ`, scopes as a list in `scp`, the client in `cid`
    /// (developer.okta.com/docs/api/openapi/okta-oauth/guides/overview).
    Okta,
    /// Keycloak: `typ` is `JWT` in the head and `Bearer` among the claims, the client in `azp`
    /// (keycloak.org/docs/latest/securing_apps).
    Keycloak,
}

/// An issuer's dialect with all its adjustments: what a token must be, and where in it things stand.
pub(crate) struct Rules {
    profile: Profile,
    /// `iss`, to the letter; Entra has two names.
    pub(crate) issuers: Vec<String>,
    audiences: BTreeSet<String>,
    /// Accepted `typ`, in lower case, without `application/`; the empty one stands for none.
    types: Vec<String>,
    scope_claims: Option<Vec<String>>,
    scope_map: BTreeMap<String, Vec<String>>,
    /// What stands before its names for scopes when a client asks for them.
    scope_prefix: String,
    pub(crate) role_claims: Vec<String>,
    tenant: Option<String>,
    tenant_claim: Option<String>,
    /// Hosts besides the issuer's that its metadata may point to.
    pub(crate) trusted_hosts: &'static [&'static str],
}

impl Rules {
    /// The rules for `[issuer.name]` of the resource that we are.
    pub(crate) fn new(name: &str, config: &IssuerConfig, resource: &Url) -> Result<Self> {
        let profile = config.profile;
        let key = |key: &str| format!("issuer/{name}/{key}");
        let url = Url::parse(&config.issuer).map_err(|_| Error::invalid(key("issuer"), "must be a URL"))?;
        call::address::check(&url).map_err(|problem| Error::invalid(key("issuer"), problem))?;
        if profile == Profile::Entra && config.audiences.is_empty() {
            let problem =
                "name what Entra calls this server: its Application ID URI (`api://...`) and client id";
            return Err(Error::invalid(key("audiences"), problem));
        }
        let mut issuers = vec![config.issuer.clone()];
        if profile == Profile::Entra {
            let tenant = entra_tenant(&url).ok_or_else(|| {
                let problem = "must name one tenant: https://login.microsoftonline.com/TENANT-ID/v2.0";
                Error::invalid(key("issuer"), problem)
            })?;
            issuers.push(format!("https://sts.windows.net/{tenant}/"));
        }
        Ok(Self {
            profile,
            issuers,
            audiences: audiences(config, resource),
            types: config
                .typ
                .clone()
                .unwrap_or_else(|| owned(profile.types()))
                .iter()
                .map(|t| plain_type(t))
                .collect(),
            scope_claims: config.scope_claims.clone(),
            scope_map: config
                .scope_map
                .iter()
                .map(|(from, to)| (from.clone(), to.as_slice().to_vec()))
                .collect(),
            scope_prefix: scope_prefix(config, resource),
            role_claims: config.role_claims.clone().unwrap_or_else(|| owned(profile.role_claims())),
            tenant: config.tenant.clone(),
            tenant_claim: config.tenant_claim.clone().or_else(|| profile.tenant_claim().map(str::to_owned)),
            trusted_hosts: profile.trusted_hosts(),
        })
    }

    /// The issuer, for people.
    pub(crate) fn name(&self) -> &str {
        self.issuers.first().map(String::as_str).unwrap_or_default()
    }

    /// Whether an access token of this issuer says `typ` of itself.
    pub(crate) fn is_type(&self, typ: Option<&str>) -> bool {
        let typ = plain_type(typ.unwrap_or_default());
        self.types.contains(&typ)
    }

    /// Whether one of the audiences is us (RFC 7519, section 4.1.3).
    pub(crate) fn is_for_us(&self, claims: &Claims) -> bool {
        claims.texts("aud").iter().any(|aud| self.audiences.contains(&canonical(aud)))
    }

    /// Refuses what is signed by the issuer and is no access token for a client: ID tokens above all.
    pub(crate) fn is_access_token(&self, claims: &Claims) -> Result<(), Flaw> {
        // What only an ID token has (OpenID Connect Core, sections 2 and 3.3.2.11).
        if ["at_hash", "c_hash", "s_hash"].iter().any(|mark| claims.has(mark)) {
            return Err(Flaw::Type);
        }
        match self.profile {
            Profile::Keycloak if claims.has("typ") && claims.text("typ") != Some("Bearer") => Err(Flaw::Type),
            Profile::Entra => entra_version(claims),
            _ => Ok(()),
        }
    }

    /// The OAuth client that acts. Every access token names one; ID tokens of Entra and Okta do not.
    pub(crate) fn client<'c>(&self, claims: &'c Claims) -> Result<&'c str, Flaw> {
        let names = self.profile.client_claims();
        let client = names.iter().find_map(|name| claims.text(name));
        client.ok_or(Flaw::Claim(names.first().copied().unwrap_or("client_id")))
    }

    /// The token's own id, for the record.
    pub(crate) fn token_id(&self, claims: &Claims) -> Result<Option<String>, Flaw> {
        let id = claims.text("jti").or_else(|| claims.text("uti"));
        match (id, self.profile) {
            (None, Profile::Rfc9068) => Err(Flaw::Claim("jti")),
            (id, _) => Ok(id.map(str::to_owned)),
        }
    }

    /// The caller's tenant. Entra tokens must be of the tenant their issuer is.
    pub(crate) fn tenant(&self, claims: &Claims) -> Result<Option<String>, Flaw> {
        if self.profile == Profile::Entra {
            let tid = claims.text("tid").ok_or(Flaw::Claim("tid"))?;
            if !claims
                .text("iss")
                .is_some_and(|iss| iss.split('/').any(|part| part.eq_ignore_ascii_case(tid)))
            {
                return Err(Flaw::Tenant);
            }
        }
        if self.tenant.is_some() {
            return Ok(self.tenant.clone());
        }
        Ok(self.tenant_claim.as_ref().and_then(|name| claims.text(name)).map(str::to_owned))
    }

    /// The scopes, in our names.
    pub(crate) fn scopes(&self, claims: &Claims) -> BTreeSet<String> {
        let names: Vec<&str> = match &self.scope_claims {
            Some(names) => names.iter().map(String::as_str).collect(),
            None => self.profile.scope_claims(claims).to_vec(),
        };
        names.iter().flat_map(|name| claims.words(name)).flat_map(|scope| self.scope(scope)).collect()
    }

    /// A scope of the issuer's in our names; one that is not mapped is taken as it is.
    pub(crate) fn scope(&self, scope: &str) -> Vec<String> {
        self.scope_map.get(scope).cloned().unwrap_or_else(|| vec![scope.to_owned()])
    }

    /// A scope of ours as a client has to ask the issuer for it.
    pub(crate) fn asked_for(&self, scope: &str) -> String {
        let mapped = self.scope_map.iter().find(|(_, ours)| ours.iter().any(|name| name == scope));
        let theirs = mapped.map_or(scope, |(name, _)| name.as_str());
        format!("{}{theirs}", self.scope_prefix)
    }

    /// The claims roles are told from, with their values.
    pub(crate) fn roles(&self, claims: &Claims) -> Result<BTreeMap<String, BTreeSet<String>>, Flaw> {
        let by_group = self.role_claims.iter().any(|name| name == "groups");
        if self.profile == Profile::Entra && by_group && groups_are_left_out(claims) {
            return Err(Flaw::GroupOverage);
        }
        let values = |name: &String| {
            let texts: BTreeSet<String> = claims.texts(name).into_iter().map(str::to_owned).collect();
            (!texts.is_empty()).then(|| (name.clone(), texts))
        };
        Ok(self.role_claims.iter().filter_map(values).collect())
    }
}

impl Profile {
    fn types(self) -> &'static [&'static str] {
        match self {
            Self::Rfc9068 => &["at+jwt"],
            Self::Entra => &["jwt", "at+jwt"],
            // Keycloak writes `at+jwt` where the client asks for it.
            Self::Keycloak => &["jwt", "at+jwt"],
            Self::Okta => &["", "at+jwt", "okta-internal-at+jwt"],
        }
    }

    fn client_claims(self) -> &'static [&'static str] {
        match self {
            Self::Rfc9068 => &["client_id"],
            Self::Entra => &["azp", "appid"],
            Self::Okta => &["cid"],
            Self::Keycloak => &["azp", "client_id"],
        }
    }

    /// Application permissions of Entra stand where a user's roles would: they are scopes only of an application that
    /// acts for itself.
    fn scope_claims(self, claims: &Claims) -> &'static [&'static str] {
        match self {
            Self::Rfc9068 | Self::Keycloak => &["scope"],
            Self::Okta => &["scp"],
            Self::Entra if is_app_only(claims) => &["roles"],
            Self::Entra => &["scp"],
        }
    }

    fn role_claims(self) -> &'static [&'static str] {
        match self {
            // RFC 9068, section 2.2.3.1.
            Self::Rfc9068 => &["roles", "groups", "entitlements"],
            Self::Entra => &["roles", "groups"],
            Self::Okta => &["groups"],
            Self::Keycloak => &["realm_access.roles", "groups"],
        }
    }

    fn tenant_claim(self) -> Option<&'static str> {
        match self {
            Self::Entra => Some("tid"),
            Self::Rfc9068 | Self::Okta | Self::Keycloak => None,
        }
    }

    fn trusted_hosts(self) -> &'static [&'static str] {
        match self {
            Self::Entra => {
                &["login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"]
            }
            Self::Rfc9068 | Self::Okta | Self::Keycloak => &[],
        }
    }
}

/// What the issuer may call us. Entra's version 2 calls us by our client id alone, which `api://CLIENT-ID` contains.
fn audiences(config: &IssuerConfig, resource: &Url) -> BTreeSet<String> {
    if config.audiences.is_empty() {
        return BTreeSet::from([canonical(resource.as_str())]);
    }
    let mut audiences: BTreeSet<String> = config.audiences.iter().map(|aud| canonical(aud)).collect();
    if config.profile == Profile::Entra {
        let ids = config.audiences.iter().filter_map(|aud| aud.strip_prefix("api://"));
        audiences.extend(ids.filter(|id| is_guid(id)).map(str::to_owned));
    }
    audiences
}

/// Entra takes a scope without its API's name for one of Microsoft Graph, and refuses a `resource` that is not that name
/// (AADSTS9010010): where it calls us by our resource, clients are told that one.
fn scope_prefix(config: &IssuerConfig, resource: &Url) -> String {
    if config.profile != Profile::Entra {
        return String::new();
    }
    let resource = canonical(resource.as_str());
    let ours = config.audiences.iter().find(|aud| canonical(aud) == resource);
    let name = ours.or(config.audiences.first()).map(|aud| aud.trim_end_matches('/'));
    name.map(|name| format!("{name}/")).unwrap_or_default()
}

/// The first segment of the path, where it is one tenant and not `common`.
fn entra_tenant(issuer: &Url) -> Option<&str> {
    issuer.path_segments()?.next().filter(|tenant| is_guid(tenant))
}

fn entra_version(claims: &Claims) -> Result<(), Flaw> {
    let is_v2 = claims.text("iss").is_some_and(|iss| iss.ends_with("/v2.0"));
    match claims.text("ver") {
        Some("2.0") if is_v2 => Ok(()),
        Some("1.0") if !is_v2 => Ok(()),
        _ => Err(Flaw::Claim("ver")),
    }
}

/// `idtyp` is an optional claim; a delegated token always has `scp`.
fn is_app_only(claims: &Claims) -> bool {
    match claims.text("idtyp") {
        Some(kind) => kind == "app",
        None => !claims.has("scp"),
    }
}

/// Entra leaves groups out above 200 and points to its Graph API instead
/// (learn.microsoft.com/entra/identity-platform/access-token-claims-reference, "Groups overage claim").
fn groups_are_left_out(claims: &Claims) -> bool {
    claims.has("hasgroups") || claims.has("_claim_names.groups")
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && {
        text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
    }
}

/// `application/at+jwt` and `AT+JWT` are `at+jwt` (RFC 7515, section 4.1.9).
fn plain_type(typ: &str) -> String {
    let lower = typ.to_ascii_lowercase();
    lower.strip_prefix("application/").map_or_else(|| lower.clone(), str::to_owned)
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
