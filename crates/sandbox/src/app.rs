//! GitHub-style apps: a signed assertion in, an installation token out.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{Answer, Ask, Credential, Denial, Issued, Principal, Refusal, Scheme, keys};

/// The assertion's longest life (docs.github.com, "Generating a JSON Web Token (JWT) for a GitHub App").
const LONGEST_ASSERTION: i64 = 10 * 60;

/// Clocks may differ by this much, in seconds.
const DRIFT: i64 = 60;

/// An app whose assertions are signed (RS256) with the public demo key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// The app's number.
    pub id: u64,
    /// The app's client id, which may be the issuer in place of the number.
    pub client_id: String,
    /// The installation that the demo credentials name.
    pub installation: u64,
}

#[derive(Deserialize)]
struct Claims {
    /// The app's number, as a number or text, or its client id.
    iss: Value,
    iat: i64,
    exp: i64,
}

impl App {
    /// An app with one installation.
    #[must_use]
    pub fn new(id: u64, client_id: impl Into<String>, installation: u64) -> Self {
        Self { id, client_id: client_id.into(), installation }
    }

    /// Errors: the vendor's 401 unless the request carries this app's assertion, in time by the simulator's
    /// clock. For the first line of handlers on open routes.
    pub fn verify(&self, ask: &Ask) -> Result<(), Answer> {
        self.judge(ask).map_err(|denial| ask.refuse(Refusal::Unauthenticated(denial)))
    }

    /// Issues an installation token of today's GitHub shape, `ghs_<app>_<JWT>`, about 520 characters long.
    /// Errors: the vendor's 500 if it cannot be signed.
    pub fn issue(&self, ask: &Ask, principal: Principal, lifetime: Duration) -> Result<Issued, Answer> {
        let unsigned = |fault| {
            tracing::error!(%fault, "an installation token cannot be signed");
            ask.refuse(Refusal::Injected(http::StatusCode::INTERNAL_SERVER_ERROR))
        };
        let serial: u128 = rand::random();
        let claims = json!({
            "iss": "sandbox", "sub": principal.name, "jti": format!("{serial:032x}"),
            "iat": ask.now.as_second(),
        });
        let signed = EncodingKey::from_rsa_pem(keys::APP_PRIVATE_KEY.as_bytes())
            .and_then(|key| jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key))
            .map_err(unsigned)?;
        Ok(ask.tokens().issue_as(format!("ghs_{}_{signed}", self.id), principal, lifetime))
    }

    pub(crate) fn credential(&self) -> Credential {
        Credential::App {
            app_id: self.id,
            client_id: self.client_id.clone(),
            installation_id: self.installation,
            private_key: keys::APP_PRIVATE_KEY.to_owned(),
        }
    }

    fn judge(&self, ask: &Ask) -> Result<(), Denial> {
        let assertion = Scheme::Bearer.read(&ask.headers).ok_or(Denial::Missing)?;
        let claims: Claims = decoded(&assertion.value)
            .ok_or_else(|| Denial::Assertion("A JSON web token could not be decoded".into()))?;
        let now = ask.now.as_second();
        let wrong = |claim: &str| Err(Denial::Assertion(claim.to_owned()));
        if !self.is_issuer(&claims.iss) {
            return wrong("'Issuer' claim ('iss') is not this app");
        }
        if claims.iat > now + DRIFT {
            return wrong("'Issued at' claim ('iat') must not lie in the future");
        }
        if claims.exp <= now {
            return wrong("'Expiration time' claim ('exp') must lie in the future");
        }
        if claims.exp > now + LONGEST_ASSERTION + DRIFT {
            return wrong("'Expiration time' claim ('exp') is too far in the future");
        }
        Ok(())
    }

    fn is_issuer(&self, issuer: &Value) -> bool {
        match issuer {
            Value::Number(number) => number.as_u64() == Some(self.id),
            Value::String(text) => *text == self.client_id || *text == self.id.to_string(),
            _ => false,
        }
    }
}

/// The claims, if the signature is right. Times are judged by the caller, on the simulator's clock.
pub(crate) fn decoded<C: DeserializeOwned>(assertion: &str) -> Option<C> {
    let key = DecodingKey::from_rsa_pem(keys::APP_PUBLIC_KEY.as_bytes()).ok()?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    jsonwebtoken::decode::<C>(assertion, &key, &validation).ok().map(|token| token.claims)
}
