//! The demo credentials of a simulator, as `sandbox VENDOR` prints them.

use serde::{Deserialize, Serialize};

/// One way into a simulator. All of it is public: it opens nothing but a simulator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "grant", rename_all = "snake_case")]
pub enum Credential {
    /// OAuth 2 client credentials, for the simulator's token URL.
    ClientCredentials {
        /// The client.
        client_id: String,
        /// Its secret.
        client_secret: String,
        /// What it may ask for, space-separated.
        scope: String,
    },
    /// A client that signs an assertion (RFC 7523) and trades it for a token at the simulator's token URL.
    JwtBearer {
        /// The client, the assertion's issuer.
        client_id: String,
        /// The account it may act as.
        subject: String,
        /// Whom the assertion is for.
        audience: String,
        /// The client's private key, PEM.
        private_key: String,
    },
    /// HTTP Basic: a user or e-mail with a password or API token.
    Basic {
        /// The user.
        user: String,
        /// The password or API token.
        secret: String,
    },
    /// A static token: a personal access token or API key.
    Token {
        /// The token.
        token: String,
    },
    /// A GitHub-style app, which signs an assertion and trades it for an installation token.
    App {
        /// The app's number.
        app_id: u64,
        /// The app's client id, which may stand in for the number.
        client_id: String,
        /// The installation to act as.
        installation_id: u64,
        /// The app's private key, PEM.
        private_key: String,
    },
}
