//! Who vouches for the callers of the gated server: a key, and a place where its public half can be read.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use identity::testing::SigningKey;
use serde_json::json;

use crate::Result;

/// Its name, and what it calls the server.
const NAME: &str = "https://id.bench.example";
const RESOURCE: &str = "https://chancery.bench.example/mcp";
/// No run takes longer.
const LIFE_SECONDS: i64 = 3 * 3600;

/// An authorization server, as far as a resource server sees one. Its thread ends with the process.
pub(super) struct Issuer {
    key: SigningKey,
    address: SocketAddr,
}

impl Issuer {
    /// One with a fresh key.
    pub(super) fn start() -> Result<Self> {
        let key = SigningKey::ec("bench");
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let keys = json!({ "keys": [key.jwk] }).to_string();
        std::thread::spawn(move || publish(&listener, &keys));
        Ok(Self { key, address })
    }

    /// The tables that make a server trust it.
    pub(super) fn tables(&self) -> String {
        format!(
            "[identity]\nresource = \"{RESOURCE}\"\n[issuer.bench]\nissuer = \"{NAME}\"\n\
             jwks_url = \"http://{}/jwks\"\ntenant_claim = \"org\"\n",
            self.address
        )
    }

    /// A token of somebody of a tenant.
    pub(super) fn token(&self, tenant: &str) -> String {
        let now = jiff::Timestamp::now().as_second();
        self.key.sign(&json!({
            "iss": NAME, "aud": RESOURCE, "sub": "agent", "org": tenant, "client_id": "bench",
            "jti": tenant, "scope": "issues:read", "iat": now, "exp": now + LIFE_SECONDS,
        }))
    }
}

/// Answers whoever asks, whatever it is, with the keys.
fn publish(listener: &TcpListener, keys: &str) {
    for mut stream in listener.incoming().flatten() {
        let mut head = [0; 4096];
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{keys}",
            keys.len()
        );
        // Whoever went away needs no keys.
        let _answered = stream.read(&mut head).and_then(|_| stream.write_all(answer.as_bytes()));
    }
}
