//! Who calls, through which agent, in which workflow.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::Scopes;

/// The verified identity on whose behalf a call runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller {
    /// Stable id within the issuer: `local` on stdio and on loopback without identity.
    pub subject: String,
    /// Who vouches for the subject; absent for the local principal.
    pub issuer: Option<String>,
    /// The tenant the caller belongs to.
    pub tenant: Option<String>,
    /// The OAuth client that acts, where there is one: the agent's own registration, or the service itself.
    pub client: Option<String>,
    /// What the caller was granted.
    pub scopes: Scopes,
    /// The claims that roles are told from (`roles`, `groups`), each with its values.
    pub claims: BTreeMap<String, BTreeSet<String>>,
    /// How the identity was established: `local`, `jwt`, `introspection`, `key`, `mtls`.
    pub method: &'static str,
    /// The id of the token or key (`jti`), for the record; never the token.
    pub token_id: Option<String>,
    /// When the identity ends; absent for the local principal.
    pub expires: Option<Timestamp>,
}

/// How the local principal is established.
const LOCAL: &str = "local";

impl Caller {
    /// The local principal of stdio and of an unauthenticated loopback listener: everything is granted to it.
    #[must_use]
    pub fn local(subject: impl Into<String>) -> Self {
        Self { scopes: Scopes::All, ..Self::new(subject, LOCAL) }
    }

    /// A caller of whom nothing is known but `subject` and `method`; it was granted nothing.
    #[must_use]
    pub fn new(subject: impl Into<String>, method: &'static str) -> Self {
        Self {
            subject: subject.into(),
            issuer: None,
            tenant: None,
            client: None,
            scopes: Scopes::none(),
            claims: BTreeMap::new(),
            method,
            token_id: None,
            expires: None,
        }
    }

    /// Whether this is the local principal, whom nobody vouches for.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.method == LOCAL
    }

    /// One string that tells callers apart across issuers and tenants, for keys and bindings.
    #[must_use]
    pub fn key(&self) -> String {
        // An issuer may know one person in several tenants, who is then somebody else in each.
        match (&self.issuer, &self.tenant) {
            (Some(issuer), Some(tenant)) => format!("{tenant}#{issuer}#{}", self.subject),
            (Some(issuer), None) => format!("{issuer}#{}", self.subject),
            (None, Some(tenant)) => format!("{tenant}#{}", self.subject),
            (None, None) => self.subject.clone(),
        }
    }

    /// The caller that `key` tells apart, with the rights of the local principal: for who takes up what a caller left,
    /// with nothing but the store in hand. The tenant is kept beside the key, since a key does not say where it ends.
    #[must_use]
    pub fn of_key(key: &str, tenant: Option<&str>) -> Self {
        let own = tenant.and_then(|tenant| key.strip_prefix(tenant)?.strip_prefix('#')).unwrap_or(key);
        // An issuer is a URL without a fragment; what else stands before a `#` is a part of the name.
        let vouched = own.split_once('#').filter(|(issuer, _)| is_url(issuer));
        let (issuer, subject) = vouched.map_or((None, own), |(issuer, subject)| (Some(issuer), subject));
        Self { issuer: issuer.map(str::to_owned), tenant: tenant.map(str::to_owned), ..Self::local(subject) }
    }
}

fn is_url(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme))
}

/// The program that speaks for the caller, as it calls itself (`clientInfo`): asserted, never trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// `claude-code`; empty when the client did not say.
    pub name: String,
    /// The client's version.
    pub version: String,
}

/// The piece of work that a call belongs to, across servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workflow {
    /// The id the client gave, or one derived from caller, client and a window of 30 minutes.
    pub id: String,
    /// Whether the id was derived by us.
    pub derived: bool,
}

/// W3C trace context of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// The caller's span, 16 hexadecimal digits; absent when the trace starts here.
    pub parent: Option<String>,
}

impl Trace {
    /// A trace that starts here.
    #[must_use]
    pub fn start() -> Self {
        Self { trace_id: uuid::Uuid::new_v4().simple().to_string(), parent: None }
    }

    /// Reads a `traceparent` header (W3C Trace Context, section 3.2); `None` if it is malformed.
    #[must_use]
    pub fn parse(traceparent: &str) -> Option<Self> {
        let mut parts = traceparent.split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let hex = |s: &str, n: usize| {
            s.len() == n && s.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        let zero = |s: &str| s.bytes().all(|b| b == b'0');
        let extra = parts.next().is_some();
        let valid = hex(version, 2)
            && version != "ff"
            && (version != "00" || !extra)
            && hex(trace, 32)
            && !zero(trace)
            && hex(span, 16)
            && !zero(span)
            && hex(flags, 2);
        valid.then(|| Self { trace_id: trace.to_owned(), parent: Some(span.to_owned()) })
    }

    /// The `traceparent` to send on, with a fresh span id.
    #[must_use]
    pub fn traceparent(&self) -> String {
        let span = uuid::Uuid::new_v4();
        format!("00-{}-{}-01", self.trace_id, crate::hex(&span.as_bytes()[..8]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_at_another_issuer_or_tenant_is_somebody_else() {
        let named = |issuer: Option<&str>, tenant: Option<&str>| Caller {
            issuer: issuer.map(str::to_owned),
            tenant: tenant.map(str::to_owned),
            ..Caller::new("alice", "key")
        };
        let keys = [
            named(None, None),
            named(None, Some("a")),
            named(None, Some("b")),
            named(Some("https://one.example"), None),
            named(Some("https://two.example"), Some("a")),
            named(Some("https://two.example"), Some("b")),
        ];
        assert_eq!(keys.iter().map(Caller::key).collect::<BTreeSet<_>>().len(), keys.len());
    }

    #[test]
    fn a_key_says_again_whose_it_is() {
        for issuer in [None, Some("https://idp.example/realm"), Some("http://localhost:8080")] {
            for tenant in [None, Some("acme"), Some("https://tenant.example")] {
                for subject in ["alice", "uri:spiffe://acme/agent", "team#7", "acme#alice"] {
                    let caller = Caller {
                        issuer: issuer.map(str::to_owned),
                        tenant: tenant.map(str::to_owned),
                        ..Caller::local(subject)
                    };
                    assert_eq!(Caller::of_key(&caller.key(), tenant), caller, "{}", caller.key());
                }
            }
        }
    }

    #[test]
    fn traceparent_round_trips_and_refuses_nonsense() {
        let trace = Trace::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
        assert_eq!(Trace::parse(&trace.traceparent()).unwrap().trace_id, trace.trace_id);
        for bad in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        ] {
            assert!(Trace::parse(bad).is_none(), "{bad}");
        }
    }
}
