//! The crate as its users see it, against an issuer in memory.

mod issuer;
mod jwks;
mod keys;
mod mutation;
mod opaque;
mod profiles;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use call::{Caller, Clock, Exchange};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Uri};
use serde_json::{Value, json};

use self::issuer::{ISSUER, Issuer, RESOURCE};
use crate::{Authenticator, IdentityConfig, IssuerConfig, Refusal};

const NOW: i64 = 1_795_000_000;

fn clock() -> Clock {
    Clock::starting_at(jiff::Timestamp::from_second(NOW).unwrap())
}

/// An authenticator that trusts `issuer`, with these keys in its table.
fn trusting(issuer: &Arc<Issuer>, table: Value) -> Authenticator {
    configured(issuer, json!({ "resource": RESOURCE }), &[("corp", table)]).unwrap()
}

fn configured(
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
async fn present(authenticator: &Authenticator, token: &str) -> Result<Arc<Caller>, Refusal> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}")).unwrap());
    authenticator.authenticate(&Uri::from_static("/mcp"), &headers, None).await
}

async fn seconds(seconds: u64) {
    tokio::time::advance(std::time::Duration::from_secs(seconds)).await;
}
