//! An authorization server in memory, and the tokens it signs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use call::{BoxFuture, Exchange};
use error::{Code, Error, Result};
use http::{Request, Response};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::NOW;

/// Its name.
pub const ISSUER: &str = "https://id.example/realms/corp";
/// The server it vouches to.
pub const RESOURCE: &str = "https://crm.example/mcp";
/// Where its keys are.
pub const JWKS: &str = "https://id.example/jwks";

/// Answers by URL; counts what it is asked.
#[derive(Default)]
pub struct Issuer {
    answers: Mutex<BTreeMap<String, (u16, String)>>,
    /// Every question, in order.
    pub asked: Mutex<Vec<Request<Bytes>>>,
    down: Mutex<bool>,
}

impl Issuer {
    /// One that publishes `keys` and says where.
    #[must_use]
    pub fn publishing(keys: &[&SigningKey]) -> Arc<Self> {
        let issuer = Arc::new(Self::default());
        let metadata = json!({
            "issuer": ISSUER, "jwks_uri": JWKS, "introspection_endpoint": "https://id.example/introspect",
        });
        issuer.answer(&format!("{ISSUER}/.well-known/openid-configuration"), 200, metadata);
        issuer.publish(keys);
        issuer
    }

    /// Replaces its keys.
    pub fn publish(&self, keys: &[&SigningKey]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.jwk.clone()).collect();
        self.answer(JWKS, 200, json!({ "keys": keys }));
    }

    /// Answers `url` so from now on.
    pub fn answer(&self, url: &str, status: u16, body: Value) {
        self.answers.lock().unwrap().insert(url.to_owned(), (status, body.to_string()));
    }

    /// Whether it cannot be reached from now on.
    pub fn set_down(&self, down: bool) {
        *self.down.lock().unwrap() = down;
    }

    /// How often `url` was asked for.
    #[must_use]
    pub fn count(&self, url: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|request| request.uri() == url).count()
    }
}

impl Exchange for Issuer {
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let url = request.uri().to_string();
            self.asked.lock().unwrap().push(request);
            if *self.down.lock().unwrap() {
                return Err(Error::new(Code::UpstreamUnavailable, "cannot be reached"));
            }
            let answer = self.answers.lock().unwrap().get(&url).cloned();
            let (status, body) = answer.unwrap_or((404, String::new()));
            // It may answer otherwise before this answer arrives.
            tokio::task::yield_now().await;
            Ok(Response::builder().status(status).body(Bytes::from(body)).unwrap())
        })
    }
}

/// A key of an issuer, both halves.
pub struct SigningKey {
    /// Its name.
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    key: EncodingKey,
    /// What is published of it.
    pub jwk: Value,
}

impl SigningKey {
    /// One for ES256.
    #[must_use]
    pub fn ec(kid: &str) -> Self {
        let pem = rcgen::KeyPair::generate().unwrap().serialize_pem();
        Self::new(kid, Algorithm::ES256, EncodingKey::from_ec_pem(pem.as_bytes()).unwrap())
    }

    /// One for RS256.
    #[must_use]
    pub fn rsa(kid: &str) -> Self {
        let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048);
        let pem = pair.unwrap().serialize_pem();
        Self::new(kid, Algorithm::RS256, EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap())
    }

    fn new(kid: &str, algorithm: Algorithm, key: EncodingKey) -> Self {
        let jwk = Jwk::from_encoding_key(&key, algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        (jwk["kid"], jwk["use"]) = (json!(kid), json!("sig"));
        Self { kid: kid.to_owned(), algorithm, key, jwk }
    }

    /// A token with these claims and an ordinary header.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(claims, "at+jwt")
    }

    /// A token with these claims that says `typ` of itself; none if it is empty.
    #[must_use]
    pub fn sign_with(&self, claims: &Value, typ: &str) -> String {
        let mut header = Header::new(self.algorithm);
        header.typ = (!typ.is_empty()).then(|| typ.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }

    /// A token whose header and payload are written out, whatever they hold.
    #[must_use]
    pub fn sign_raw(&self, header: &str, payload: &str) -> String {
        let encoded = |part: &str| BASE64_URL_SAFE_NO_PAD.encode(part);
        let message = format!("{}.{}", encoded(header), encoded(payload));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }
}

/// The claims of a good token (RFC 9068), with changes; `null` takes a claim away.
#[must_use]
pub fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "sub": "alice", "aud": RESOURCE, "client_id": "agent", "jti": "t-1",
        "iat": NOW, "exp": NOW + 600, "scope": "crm:read",
    });
    let object = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(object.remove(name)),
            value => drop(object.insert(name.clone(), value.clone())),
        }
    }
    claims
}
