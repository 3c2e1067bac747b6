//! An authorization server on loopback, as far as a resource server sees one.

use identity::testing::{SigningKey, claims};
use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// What the servers are called in tokens.
const RESOURCE: &str = "https://chancery.example/mcp";

/// An issuer with one key.
pub struct Issuer {
    server: MockServer,
    key: SigningKey,
}

impl Issuer {
    pub async fn start() -> Self {
        let (server, key) = (MockServer::start().await, SigningKey::ec("k"));
        let issuer = server.uri();
        let metadata = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/jwks") });
        for (place, document) in
            [("/.well-known/openid-configuration", metadata), ("/jwks", json!({ "keys": [key.jwk] }))]
        {
            Mock::given(path(place))
                .respond_with(ResponseTemplate::new(200).set_body_json(document))
                .mount(&server)
                .await;
        }
        Self { server, key }
    }

    /// The tables that make a server trust it.
    pub fn config(&self) -> String {
        config(&self.server.uri())
    }

    /// A token that is good now, with these changes; `null` takes a claim away.
    pub fn token(&self, changes: Value) -> String {
        let now = jiff::Timestamp::now().as_second();
        let mut all = json!({ "iss": self.server.uri(), "aud": RESOURCE, "iat": now, "exp": now + 600 });
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        self.key.sign(&claims(&all))
    }
}

/// The tables that make a server trust `issuer`.
pub fn config(issuer: &str) -> String {
    format!("[identity]\nresource = \"{RESOURCE}\"\n[issuer.corp]\nissuer = \"{issuer}\"\n")
}
