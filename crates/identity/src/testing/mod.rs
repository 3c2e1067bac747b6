//! An issuer in memory, good and bad tokens, and what becomes of them: for the tests of this crate and of those that
//! depend on it.

#![allow(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails here"
)]

mod cases;
mod issuer;
mod mutation;

use std::collections::BTreeMap;
use std::sync::Arc;

use call::{Caller, Clock, Exchange};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Uri};
use serde_json::{Value, json};

pub use self::cases::{Case, cases};
pub use self::issuer::{ISSUER, Issuer, JWKS, RESOURCE, SigningKey, claims};
pub use self::mutation::{accepted, mutations};
use crate::{Authenticator, IdentityConfig, IssuerConfig, Refusal};

/// When the tests take place, in seconds since 1970.
pub const NOW: i64 = 1_795_000_000;

/// A clock that shows [`NOW`].
#[must_use]
pub fn clock() -> Clock {
    Clock::starting_at(jiff::Timestamp::from_second(NOW).unwrap())
}

/// An authenticator that trusts `issuer`, with these keys in its table.
#[must_use]
pub fn trusting(issuer: &Arc<Issuer>, table: Value) -> Authenticator {
    configured(issuer, json!({ "resource": RESOURCE }), &[("corp", table)]).unwrap()
}

/// An authenticator for these tables: `[identity]`, and those below `[issuer]` with [`ISSUER`] where they name none.
///
/// # Errors
/// Those of [`Authenticator::new`].
pub fn configured(
    issuer: &Arc<Issuer>,
    identity: Value,
    tables: &[(&str, Value)],
) -> error::Result<Authenticator> {
    let identity: IdentityConfig = serde_json::from_value(identity).unwrap();
    let table = |(name, extra): &(&str, Value)| {
        let mut table = json!({ "issuer": ISSUER });
        table.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        ((*name).to_owned(), serde_json::from_value::<IssuerConfig>(table).unwrap())
    };
    let tables: BTreeMap<_, _> = tables.iter().map(table).collect();
    let exchange: Arc<dyn Exchange> = Arc::clone(issuer) as _;
    Authenticator::new(identity, &tables, &exchange, clock())
}

/// What becomes of a request with `Authorization: Bearer token`.
pub async fn present(authenticator: &Authenticator, token: &str) -> Result<Arc<Caller>, Refusal> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}")).unwrap());
    authenticator.authenticate(&Uri::from_static("/mcp"), &headers, None).await
}
