//! The `auth` table of a source.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use crate::Secret;

/// How a source proves who it is: `auth = { grant = "client_credentials", ... }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "grant", rename_all = "snake_case", deny_unknown_fields)]
pub enum Config {
    /// OAuth 2.0 client credentials (RFC 6749, section 4.4).
    ClientCredentials {
        /// The token endpoint; default: the vendor's.
        token_url: Option<Url>,
        /// The client's public id.
        client_id: String,
        /// The client's secret.
        client_secret: Secret,
        /// Scopes, separated as the vendor wants them; default: none are asked for.
        scope: Option<String>,
        /// Resource the token is for, where the vendor wants one.
        audience: Option<String>,
        /// How the request is written; default `form`, as the RFC has it.
        #[serde(default)]
        body: BodyFormat,
        /// Where id and secret stand; default `body`.
        #[serde(default)]
        credentials_in: CredentialsIn,
    },
    /// A signed assertion in the place of a secret (RFC 7523, section 2.1).
    JwtBearer {
        /// The token endpoint; default: the vendor's.
        token_url: Option<Url>,
        /// The client's public id, the assertion's issuer (`iss`).
        client_id: String,
        /// The client's secret, for vendors that want it besides; default: not sent.
        client_secret: Option<Secret>,
        /// The account to act as (`sub`): a user name or e-mail.
        subject: String,
        /// Whom the assertion is for (`aud`); default: the vendor's, else the token endpoint.
        audience: Option<String>,
        /// The RSA key whose certificate the vendor was given, PEM.
        private_key: Secret,
        /// Which of several keys it is (`kid`); default: not said.
        key_id: Option<String>,
        /// Scopes, separated as the vendor wants them; default: none are asked for.
        scope: Option<String>,
    },
    /// An installation of a GitHub App: a signed assertion is exchanged for a token of one hour.
    GithubApp {
        /// The app's id or client id.
        app_id: AppId,
        /// The installation, one per organization or account.
        installation_id: u64,
        /// The app's RSA key, PEM.
        private_key: Secret,
        /// Narrows the token: `{ issues = "write" }`; default: all that the installation was given.
        #[serde(default)]
        permissions: BTreeMap<String, String>,
        /// Narrows the token to repositories by name; default: all of the installation.
        #[serde(default)]
        repositories: Vec<String>,
    },
    /// `Authorization: Bearer <token>`.
    Bearer {
        /// A personal or service token.
        token: Secret,
    },
    /// `Authorization: Basic <user:password>` (RFC 7617).
    Basic {
        /// User name or e-mail.
        user: String,
        /// Password or API token.
        password: Secret,
    },
    /// `Authorization: Token token=<token>`.
    Token {
        /// An API key.
        token: Secret,
    },
}

/// How a token request is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`, as RFC 6749 has it.
    #[default]
    Form,
    /// `application/json`, as some vendors want it.
    Json,
}

/// Where client id and secret stand in a token request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialsIn {
    /// In the body.
    #[default]
    Body,
    /// In an `Authorization: Basic` header.
    Basic,
}

/// A GitHub App's id: a number, or the newer client id.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum AppId {
    /// `123456`.
    Number(u64),
    /// `Iv23li...`.
    Name(String),
}

impl std::fmt::Display for AppId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_are_the_rfc_and_unknown_keys_are_refused() {
        let minimal = json!({ "grant": "client_credentials", "client_id": "a", "client_secret": "env:S" });
        let Config::ClientCredentials { body, credentials_in, token_url, .. } =
            serde_json::from_value(minimal.clone()).unwrap()
        else {
            panic!("another grant")
        };
        assert_eq!((body, credentials_in, token_url), (BodyFormat::Form, CredentialsIn::Body, None));
        let mut typo = minimal;
        typo["scopes"] = json!("x");
        let error = serde_json::from_value::<Config>(typo).unwrap_err();
        assert!(error.to_string().contains("scopes"), "{error}");
    }

    #[test]
    fn an_app_id_is_a_number_or_a_name() {
        for id in [json!(17), json!("Iv23li")] {
            let config = json!({
                "grant": "github_app", "app_id": id, "installation_id": 4, "private_key": "file:/k.pem",
            });
            assert!(matches!(serde_json::from_value(config).unwrap(), Config::GithubApp { .. }));
        }
    }
}
