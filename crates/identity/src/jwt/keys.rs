//! The keys an issuer publishes (RFC 7517).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use crate::presented::{Digest, sha256};

/// Claims every token must have. The crate checks that they are there, we check what they say.
pub(super) const REQUIRED: [&str; 4] = ["exp", "aud", "iss", "sub"];

/// More keys than any issuer has.
const MOST_KEYS: usize = 100;
/// Keys tried for one token: those that share its `kid` and its algorithm.
const MOST_CANDIDATES: usize = 4;
/// RSA moduli, in bytes: 2048 bits (NIST SP 800-131A) to 8192, above which verifying costs too much.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// The usable keys of one issuer.
pub(super) struct KeySet {
    keys: Vec<Key>,
    /// Tells one set from another.
    pub(super) print: Digest,
}

/// One key, and what it is for.
pub(super) struct Key {
    kid: Option<String>,
    pub(super) key: DecodingKey,
    pub(super) validation: Validation,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

/// A public key as it is published. Private parts, if an issuer is so careless, are not read.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads a set; `None` if it is none, has more than 100 keys, or none that we can use. Keys for other purposes and
    /// of other kinds are passed over: issuers publish those too.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let document: Document = serde_json::from_slice(body).ok()?;
        if document.keys.len() > MOST_KEYS {
            return None;
        }
        let mut material = Vec::new();
        let mut keys = Vec::new();
        for value in document.keys {
            let text = value.to_string();
            let Some(key) = serde_json::from_value(value).ok().and_then(Key::new) else { continue };
            keys.push(key);
            material.push(text);
        }
        material.sort_unstable();
        (!keys.is_empty()).then(|| Self { keys, print: sha256(material.join("\n").as_bytes()) })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether a token with this `kid` could be of one of the keys.
    pub(super) fn has(&self, kid: Option<&str>) -> bool {
        self.called(kid).next().is_some()
    }

    /// The keys a token of this `kid` and algorithm may be signed with. A token without a `kid` may be signed with any, as
    /// long as they are few.
    pub(super) fn candidates(&self, kid: Option<&str>, alg: &str) -> impl Iterator<Item = &Key> {
        self.called(kid).filter(move |key| key.is_for(alg)).take(MOST_CANDIDATES)
    }

    fn called(&self, kid: Option<&str>) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| kid.is_none() || key.kid.as_deref() == kid)
    }
}

impl Key {
    fn new(jwk: Jwk) -> Option<Self> {
        let algorithms = jwk.algorithms();
        let key = jwk.decoding_key()?;
        let first = *algorithms.first()?;
        let mut validation = Validation::new(first);
        validation.algorithms = algorithms;
        validation.set_required_spec_claims(&REQUIRED);
        // Times by our clock, names in their canonical form: both are checked by `Jwt::believe`.
        (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
        Some(Self { kid: jwk.kid, key, validation })
    }

    /// Whether the key is for the algorithm a token names.
    fn is_for(&self, alg: &str) -> bool {
        self.validation.algorithms.iter().any(|algorithm| name(*algorithm) == alg)
    }
}

impl Jwk {
    /// What the key may sign with: what it says, else what its type allows, out of those that we take (RFC 8725,
    /// section 3.1; the secret ones never).
    fn algorithms(&self) -> Vec<Algorithm> {
        let signs = self.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        let verifies = self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !signs || !verifies {
            return Vec::new();
        }
        let allowed: &[Algorithm] = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => &[Algorithm::RS256, Algorithm::PS256],
            ("EC", Some("P-256")) => &[Algorithm::ES256],
            ("EC", Some("P-384")) => &[Algorithm::ES384],
            ("OKP", Some("Ed25519")) => &[Algorithm::EdDSA],
            _ => &[],
        };
        let said = |algorithm: &&Algorithm| self.alg.as_deref().is_none_or(|alg| alg == name(**algorithm));
        allowed.iter().filter(said).copied().collect()
    }

    fn decoding_key(&self) -> Option<DecodingKey> {
        match self.kty.as_str() {
            "RSA" => {
                let (n, e) = (self.n.as_deref()?, self.e.as_deref()?);
                let modulus = BASE64_URL_SAFE_NO_PAD.decode(n).ok()?;
                let bytes = modulus.iter().skip_while(|byte| **byte == 0).count();
                RSA_BYTES.contains(&bytes).then(|| DecodingKey::from_rsa_components(n, e).ok())?
            }
            "EC" => DecodingKey::from_ec_components(self.x.as_deref()?, self.y.as_deref()?).ok(),
            "OKP" => DecodingKey::from_ed_components(self.x.as_deref()?).ok(),
            _ => None,
        }
    }
}

/// The name of an algorithm in RFC 7518 and RFC 8037.
fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::RS256 => "RS256",
        Algorithm::PS256 => "PS256",
        Algorithm::ES256 => "ES256",
        Algorithm::ES384 => "ES384",
        Algorithm::EdDSA => "EdDSA",
        _ => "none of ours",
    }
}
