//! Why a caller is not let in.

use std::fmt;
use std::time::Duration;

/// Why a request is not answered. [`crate::Resource::challenge`] makes the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It says nothing of who calls: 401 without an error (RFC 6750, section 3.1).
    Missing,
    /// It cannot be read: 400.
    Malformed(&'static str),
    /// It was read and is not believed: 401.
    Invalid(Flaw),
    /// The caller is known and lacks a scope. All that the call needs: 403.
    Insufficient(Vec<String>),
    /// Whoever could tell does not answer; again after this time: 503. Never 401: the client would throw away a token
    /// that is good.
    Unavailable(Duration),
}

/// What is wrong with a credential. The texts go to the client, so they are ours throughout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// No configured verifier knows it: another issuer, or no token at all.
    Unknown,
    /// It is no JWT, or repeats a claim, or has a critical extension.
    Form,
    /// Its `typ` is another one: an ID token is no access token.
    Type,
    /// Its algorithm is not the key's.
    Algorithm,
    /// The issuer has no such key.
    Key,
    /// The signature is wrong.
    Signature,
    /// Another issuer's.
    Issuer,
    /// For another resource.
    Audience,
    /// For another tenant.
    Tenant,
    /// It ended.
    Expired,
    /// It has not begun, or was issued in the future.
    Early,
    /// It lives longer than we trust one.
    Lifetime,
    /// This claim is missing or not what it must be.
    Claim(&'static str),
    /// Its groups are left out because they are too many.
    GroupOverage,
    /// It is bound to a certificate or key that the client did not show.
    Binding,
    /// The issuer, asked, says that it is not active.
    Inactive,
    /// The API key was revoked, or an operator shuts out the token or its bearer.
    Revoked,
    /// The certificate is nobody's we know.
    Certificate,
}

impl Refusal {
    /// The label in metrics.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed(_) => "malformed",
            Self::Invalid(flaw) => flaw.name(),
            Self::Insufficient(_) => "insufficient",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

impl Flaw {
    /// One sentence for the developer of the client.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Unknown => "the credential is of no issuer that is trusted here",
            Self::Form => "the token is not well formed",
            Self::Type => "the token is not an access token",
            Self::Algorithm => "the token is signed with an algorithm its key is not for",
            Self::Key => "the token is signed with a key its issuer does not publish",
            Self::Signature => "the signature of the token is wrong",
            Self::Issuer => "the token is of another issuer",
            Self::Audience => "the token is for another resource",
            Self::Tenant => "the token is of another tenant",
            Self::Expired => "the token is expired",
            Self::Early => "the token is not valid yet",
            Self::Lifetime => "the token lives too long",
            Self::Claim(_) => "the token lacks a claim, or it is malformed",
            Self::GroupOverage => {
                "the token leaves its groups out because they are too many; let the issuer send app roles, or only \
                 the groups assigned to the application (Entra: groupMembershipClaims = ApplicationGroup)"
            }
            Self::Binding => "the token is bound to a certificate or key that was not shown",
            Self::Inactive => "the token is not active",
            Self::Revoked => "the credential was revoked",
            Self::Certificate => "the certificate is not known here",
        }
    }

    /// The label in metrics and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Form => "form",
            Self::Type => "type",
            Self::Algorithm => "algorithm",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Tenant => "tenant",
            Self::Expired => "expired",
            Self::Early => "early",
            Self::Lifetime => "lifetime",
            Self::Claim(_) => "claim",
            Self::GroupOverage => "group_overage",
            Self::Binding => "binding",
            Self::Inactive => "inactive",
            Self::Revoked => "revoked",
            Self::Certificate => "certificate",
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claim(name) => write!(f, "{} ({name})", self.description()),
            _ => f.write_str(self.description()),
        }
    }
}

impl From<Flaw> for Refusal {
    fn from(flaw: Flaw) -> Self {
        Self::Invalid(flaw)
    }
}
