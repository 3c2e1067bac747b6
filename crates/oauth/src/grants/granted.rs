//! What a token endpoint grants (RFC 6749, section 5.1).

use std::time::Duration;

use error::Result;
use oauth2::basic::BasicTokenType;
use oauth2::{AccessToken, RefreshToken, Scope, TokenResponse};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Issued, Life};
use crate::Token;

/// A granted token, read as leniently as vendors write it: `expires_in` as number or string, `scope` in any shape.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Granted {
    access_token: AccessToken,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    /// Where the account's API is, where the vendor says so (Salesforce).
    #[serde(default)]
    instance_url: Option<String>,
}

impl Granted {
    /// The token and its life; a life that is not said is unknown.
    pub(super) fn issued(self) -> Result<Issued> {
        let life = self.expires_in.map_or(Life::Unknown, |s| Life::For(Duration::from_secs(s)));
        let token = Token::new("Bearer ", self.access_token.secret())?;
        Ok(Issued { token: token.at(self.instance_url), life })
    }
}

impl TokenResponse for Granted {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }
    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }
    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }
    fn refresh_token(&self) -> Option<&RefreshToken> {
        None
    }
    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

/// A life of no or negative seconds counts as unknown: such a token could not be used at all.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(f64),
        Text(String),
    }
    let seconds = match Option::<Seconds>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Seconds::Number(number)) => number,
        Some(Seconds::Text(text)) => text.trim().parse().map_err(serde::de::Error::custom)?,
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a year before")]
    Ok((seconds >= 1.0).then(|| seconds.min(31_536_000.0) as u64))
}
