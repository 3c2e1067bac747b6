//! JWT bearer assertions at a token endpoint (RFC 7523).

use serde::Deserialize;
use serde_json::Value;

use crate::app::decoded;
use crate::{Ask, Credential, Principal, keys};

/// The grant's name (RFC 7523, section 2.1).
pub(crate) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Clocks may differ by this much, in seconds.
const DRIFT: i64 = 60;

/// A client that signs its assertions (RS256) with the public demo key, for one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtBearer {
    client_id: String,
    subject: String,
    audience: String,
    longest: i64,
    principal: Principal,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    /// A text, or a list of texts (RFC 7519, section 4.1.3).
    aud: Value,
    /// A number; some clients write it as text, and vendors read that too.
    exp: Value,
}

impl JwtBearer {
    /// A client (`iss`) that may sign in as `subject` (`sub`). The endpoint takes its own URL or origin as `aud`,
    /// and `audience`; an assertion may end at most `longest` seconds ahead.
    #[must_use]
    pub fn new(
        client_id: impl Into<String>,
        subject: impl Into<String>,
        audience: impl Into<String>,
        longest: i64,
        principal: Principal,
    ) -> Self {
        let (client_id, subject, audience) = (client_id.into(), subject.into(), audience.into());
        Self { client_id, subject, audience, longest, principal }
    }

    pub(crate) fn credential(&self) -> Credential {
        Credential::JwtBearer {
            client_id: self.client_id.clone(),
            subject: self.subject.clone(),
            audience: self.audience.clone(),
            private_key: keys::APP_PRIVATE_KEY.to_owned(),
        }
    }

    /// The account of an assertion, judged on the simulator's clock. Errors: what is wrong with it.
    pub(crate) fn judge(known: &[Self], assertion: &str, ask: &Ask) -> Result<Principal, &'static str> {
        let claims: Claims = decoded(assertion).ok_or("invalid assertion")?;
        let client = known.iter().find(|one| one.client_id == claims.iss).ok_or("invalid issuer")?;
        let own = format!("{}{}", ask.origin, ask.path);
        let known = [&client.audience, &own, &ask.origin];
        let meant = |audience: &Value| known.iter().any(|name| *audience == name.as_str());
        if !claims.aud.as_array().map_or_else(|| meant(&claims.aud), |all| all.iter().any(meant)) {
            return Err("audience is invalid");
        }
        let written = claims.exp.as_str().and_then(|text| text.parse().ok());
        let ends: i64 = claims.exp.as_i64().or(written).ok_or("invalid assertion")?;
        if ends <= ask.now.as_second() {
            return Err("assertion is expired");
        }
        if ends > ask.now.as_second() + client.longest + DRIFT {
            return Err("assertion expires too far ahead");
        }
        if claims.sub != client.subject {
            return Err("user hasn't approved this consumer");
        }
        Ok(client.principal.clone())
    }
}
