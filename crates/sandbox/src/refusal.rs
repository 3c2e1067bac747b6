//! What the kit refuses by itself. Its shape on the wire is the vendor's.

use http::{Method, StatusCode};
use serde_json::json;

use crate::{Answer, Ask, Budget};

/// Why the kit did not let a request reach its handler, or stopped it there.
///
/// A vendor turns it into its own error body with [`crate::Builder::errors`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No valid credential: 401.
    Unauthenticated(Denial),
    /// The caller lacks this scope: 403.
    Forbidden(String),
    /// No such path: 404.
    NoRoute,
    /// The path exists for these methods only: 405.
    WrongMethod(Vec<Method>),
    /// The body or a query parameter cannot be read: 400, with the reason.
    Malformed(String),
    /// The body exceeds 16 MiB: 413.
    TooLarge,
    /// A limit is used up: 429.
    RateLimited(Budget),
    /// A fault rule asked for this status.
    Injected(StatusCode),
}

/// Why a credential was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// None was sent, or in a scheme that the vendor does not take.
    Missing,
    /// Never issued here, or forgotten by a reset.
    Unknown,
    /// Its lifetime is over.
    Expired,
    /// It was revoked.
    Revoked,
    /// A signed assertion is wrong, for this reason.
    Assertion(String),
}

impl Refusal {
    /// The status that fits; vendors with other habits choose their own.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Unauthenticated(_) => 401,
            Self::Forbidden(_) => 403,
            Self::NoRoute => 404,
            Self::WrongMethod(_) => 405,
            Self::Malformed(_) => 400,
            Self::TooLarge => 413,
            Self::RateLimited(_) => 429,
            Self::Injected(status) => status.as_u16(),
        }
    }

    /// A plain English sentence.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Unauthenticated(denial) => denial.message(),
            Self::Forbidden(scope) => format!("the token lacks the scope {scope}"),
            Self::NoRoute => "no such resource".into(),
            Self::WrongMethod(_) => "the method is not allowed here".into(),
            Self::Malformed(reason) => reason.clone(),
            Self::TooLarge => "the request body is too large".into(),
            Self::RateLimited(_) => "the rate limit is exceeded".into(),
            Self::Injected(status) => status.canonical_reason().unwrap_or("a fault").to_lowercase(),
        }
    }

    /// The shape of a vendor that has set none: `{"error": {"status", "message"}}`.
    pub(crate) fn plain(_: &Ask, refusal: &Self) -> Answer {
        let body = json!({ "error": { "status": refusal.status(), "message": refusal.message() } });
        let mut answer = Answer::json(refusal.status(), body);
        match refusal {
            Self::Unauthenticated(_) => answer.push_header("www-authenticate", "Bearer"),
            Self::RateLimited(budget) => answer.push_header("retry-after", budget.retry_after),
            Self::WrongMethod(allowed) => answer.push_header("allow", listed(allowed)),
            _ => {}
        }
        answer
    }
}

impl Denial {
    fn message(&self) -> String {
        match self {
            Self::Missing => "no credential was sent".into(),
            Self::Unknown => "the credential is not known".into(),
            Self::Expired => "the token has expired".into(),
            Self::Revoked => "the token was revoked".into(),
            Self::Assertion(reason) => reason.clone(),
        }
    }
}

fn listed(methods: &[Method]) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}
