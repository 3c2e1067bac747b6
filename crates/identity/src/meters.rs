//! What is counted.

use metrics::{Unit, counter, describe_counter};

use crate::Refusal;

const AUTHENTICATIONS: &str = "chancery_authentications_total";
const JWKS_FETCHES: &str = "chancery_jwks_fetches_total";
const INTROSPECTIONS: &str = "chancery_introspections_total";

/// Says what the counters of this crate count, for the recorder that is installed.
pub fn describe() {
    describe_counter!(AUTHENTICATIONS, Unit::Count, "Credentials looked at, by kind and by what was found.");
    describe_counter!(JWKS_FETCHES, Unit::Count, "Fetches of issuers' keys.");
    describe_counter!(INTROSPECTIONS, Unit::Count, "Questions to issuers about opaque tokens.");
}

/// A credential was looked at and was of `method`, or was refused.
pub(crate) fn authenticated(method: Result<&'static str, &Refusal>) {
    let (method, outcome) = match method {
        Ok(method) => (method, "ok"),
        Err(refusal) => ("none", refusal.name()),
    };
    counter!(AUTHENTICATIONS, "method" => method, "outcome" => outcome).increment(1);
}

/// An issuer's keys were fetched, or could not be.
pub(crate) fn fetched(succeeded: bool) {
    counter!(JWKS_FETCHES, "outcome" => outcome(succeeded)).increment(1);
}

/// An issuer was asked about a token, or could not be.
pub(crate) fn introspected(succeeded: bool) {
    counter!(INTROSPECTIONS, "outcome" => outcome(succeeded)).increment(1);
}

fn outcome(succeeded: bool) -> &'static str {
    if succeeded { "ok" } else { "failed" }
}
