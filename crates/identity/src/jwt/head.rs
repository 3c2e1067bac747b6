//! What a JWT says before it is believed.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::refusal::Flaw;

/// The header of a JWS (RFC 7515, section 4.1). It says which key to try and never how: `jku`, `x5u`, `jwk` and `x5c`
/// name keys of the token's own choice and are not read.
#[derive(Debug, Deserialize)]
pub(super) struct Head {
    pub(super) alg: String,
    pub(super) typ: Option<String>,
    pub(super) kid: Option<String>,
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Named {
    iss: String,
}

impl Head {
    pub(super) fn read(token: &str) -> Result<Self, Flaw> {
        let (head, _) = parts(token).ok_or(Flaw::Form)?;
        let head: Self = decoded(head).ok_or(Flaw::Form)?;
        // We know no extension, so none that is critical (RFC 7515, section 4.1.11).
        if head.crit.is_some() { Err(Flaw::Form) } else { Ok(head) }
    }
}

/// Whom the token names as its issuer, unverified: good for choosing who verifies it.
pub(crate) fn issuer_of(token: &str) -> Option<String> {
    let (head, payload) = parts(token)?;
    decoded::<IgnoredAny>(head)?;
    decoded::<Named>(payload).map(|named| named.iss)
}

/// Header and payload of a token in compact form (RFC 7515, section 3.1); an encrypted one has five parts.
fn parts(token: &str) -> Option<(&str, &str)> {
    let mut parts = token.split('.');
    let (head, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some((head, payload))
}

fn decoded<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}
