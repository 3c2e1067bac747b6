//! The crate as its users see it, against an issuer in memory.

mod jwks;
mod keys;
mod opaque;
mod profiles;
mod revoked;
mod table;

use std::sync::Arc;

use call::Caller;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Uri};

use crate::testing::{
    Case, ISSUER, Issuer, JWKS, NOW, RESOURCE, SigningKey, accepted, cases, claims, clock, configured,
    present, trusting,
};
use crate::{Authenticator, IssuerConfig, Refusal};

async fn seconds(seconds: u64) {
    tokio::time::advance(std::time::Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn twenty_thousand_changes_of_a_good_token_are_all_refused() {
    assert_eq!(accepted(&SigningKey::ec("ec"), 10_000, 1).await, 0);
    assert_eq!(accepted(&SigningKey::rsa("rsa"), 10_000, 2).await, 0);
}
