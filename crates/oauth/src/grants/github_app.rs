//! GitHub App: a signed assertion is exchanged for the token of an installation.
//!
//! Source: GitHub Docs, "Authenticating as a GitHub App installation" and "Generating a JSON Web Token".

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use call::{Clock, Exchange};
use error::{Code, Error, Result};
use http::Request;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Issued, Life, post};
use crate::{Config, Defaults, Secret, Token};

/// The first version of the API in which tokens are long (`ghs_<app>_<jwt>`).
const VERSION: &str = "2026-03-10";
/// How far back an assertion is dated: GitHub refuses one from its future, and clocks differ.
const BACKDATE: i64 = 60;
/// How long an assertion is valid: GitHub allows ten minutes and counts by its own clock.
const VALID: i64 = 9 * 60;

pub(crate) struct GithubApp {
    token_url: Url,
    app_id: String,
    private_key: Secret,
    body: Bytes,
}

impl GithubApp {
    pub(super) fn new(config: Config, defaults: &Defaults) -> Result<Self> {
        let Config::GithubApp { app_id, installation_id, private_key, permissions, repositories } = config
        else {
            return Err(Error::internal("not a github_app grant"));
        };
        let base = defaults.api_base.as_str().trim_end_matches('/');
        let token_url = Url::parse(&format!("{base}/app/installations/{installation_id}/access_tokens"))
            .map_err(|e| Error::internal("the URL of the installation cannot be built").source(e))?;
        let narrowed = Narrowed { permissions: &permissions, repositories: &repositories };
        let body = serde_json::to_vec(&narrowed)
            .map_err(|e| Error::internal("the token request cannot be written").source(e))?;
        Ok(Self { token_url, app_id: app_id.to_string(), private_key, body: body.into() })
    }

    pub(super) async fn ask(&self, exchange: &Arc<dyn Exchange>, clock: &Clock) -> Result<Issued> {
        let assertion = self.assertion(clock.now())?;
        let request = Request::post(self.token_url.as_str())
            .header(ACCEPT, "application/vnd.github+json")
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "chancery")
            .header("x-github-api-version", VERSION)
            .header(AUTHORIZATION, Token::new("Bearer ", assertion.expose_secret())?.header());
        let reply = post::<Granted>(exchange, clock, request, self.body.clone()).await?;
        // GitHub names an instant of its own clock; so does its `Date`, and the difference has no skew.
        let now = call::written_at(reply.headers()).unwrap_or_else(|| clock.now());
        let granted = reply.into_body();
        let left = Duration::try_from(granted.expires_at.duration_since(now)).unwrap_or(Duration::ZERO);
        Ok(Issued { token: Token::new("Bearer ", granted.token.expose_secret())?, life: Life::For(left) })
    }

    fn assertion(&self, now: Timestamp) -> Result<SecretString> {
        let pem = self.private_key.resolve()?;
        let key = EncodingKey::from_rsa_pem(pem.expose_secret().as_bytes()).map_err(|_| self.bad_key())?;
        let now = now.as_second();
        let claims = Claims { iss: &self.app_id, iat: now - BACKDATE, exp: now + VALID - BACKDATE };
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key)
            .map(SecretString::from)
            .map_err(|_| self.bad_key())
    }

    fn bad_key(&self) -> Error {
        Error::new(Code::UpstreamAuth, format!("{:?} is not an RSA private key in PEM", self.private_key))
            .hint("Tell the operator: put the app's private key there as GitHub issued it.")
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    iat: i64,
    exp: i64,
}

#[derive(Serialize)]
struct Narrowed<'a> {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    permissions: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    repositories: &'a [String],
}

#[derive(Deserialize)]
struct Granted {
    token: SecretString,
    expires_at: Timestamp,
}
