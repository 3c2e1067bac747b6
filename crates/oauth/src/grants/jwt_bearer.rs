//! A signed assertion is exchanged for a token (RFC 7523, section 2.1).
//!
//! The `oauth2` crate cannot express this grant (it would send `grant_type` twice), so the form is our own.

use std::sync::Arc;

use call::{Clock, Exchange};
use error::{Code, Error, Result};
use http::Request;
use http::header::{ACCEPT, CONTENT_TYPE};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rand::Rng as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use url::{Url, form_urlencoded};

use super::granted::Granted;
use super::{Issued, post};
use crate::{Config, Defaults, Secret};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// How far ahead an assertion ends, in seconds. Salesforce refuses one that ends more than three to five minutes
/// ahead by its own clock, and clocks differ ("OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration").
const VALID: i64 = 150;

pub(crate) struct JwtBearer {
    token_url: Url,
    client_id: String,
    client_secret: Option<Secret>,
    subject: String,
    audience: String,
    private_key: Secret,
    key_id: Option<String>,
    scope: Option<String>,
}

impl JwtBearer {
    pub(super) fn new(config: Config, defaults: &Defaults) -> Result<Self> {
        let Config::JwtBearer {
            token_url,
            client_id,
            client_secret,
            subject,
            audience,
            private_key,
            key_id,
            scope,
        } = config
        else {
            return Err(Error::internal("not a jwt_bearer grant"));
        };
        let token_url = token_url
            .or_else(|| defaults.token_url.clone())
            .ok_or_else(|| Error::invalid("auth/token_url", "is required: this vendor has no common one"))?;
        // RFC 7523, section 3: the endpoint's URL is a name that every server knows itself by.
        let audience = audience.unwrap_or_else(|| token_url.to_string());
        Ok(Self { token_url, client_id, client_secret, subject, audience, private_key, key_id, scope })
    }

    pub(super) async fn ask(&self, exchange: &Arc<dyn Exchange>, clock: &Clock) -> Result<Issued> {
        let form = self.form(&self.assertion(clock.now())?)?;
        let request = Request::post(self.token_url.as_str())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        post::<Granted>(exchange, clock, request, form).await?.into_body().issued()
    }

    fn form(&self, assertion: &SecretString) -> Result<String> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", GRANT_TYPE).append_pair("assertion", assertion.expose_secret());
        if let Some(secret) = &self.client_secret {
            form.append_pair("client_id", &self.client_id)
                .append_pair("client_secret", secret.resolve()?.expose_secret());
        }
        if let Some(scope) = &self.scope {
            form.append_pair("scope", scope);
        }
        Ok(form.finish())
    }

    fn assertion(&self, now: Timestamp) -> Result<SecretString> {
        let pem = self.private_key.resolve()?;
        let key = EncodingKey::from_rsa_pem(pem.expose_secret().as_bytes()).map_err(|_| self.bad_key())?;
        let serial: u128 = rand::rng().random();
        let now = now.as_second();
        let claims = Claims {
            iss: &self.client_id,
            sub: &self.subject,
            aud: &self.audience,
            iat: now,
            exp: now + VALID,
            jti: format!("{serial:032x}"),
        };
        let header = Header { kid: self.key_id.clone(), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, &claims, &key).map(SecretString::from).map_err(|_| self.bad_key())
    }

    fn bad_key(&self) -> Error {
        Error::new(Code::UpstreamAuth, format!("{:?} is not an RSA private key in PEM", self.private_key))
            .hint("Tell the operator: put the private key there whose certificate the vendor was given.")
    }
}

/// RFC 7523, section 3; `jti` because some vendors demand one.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
}
