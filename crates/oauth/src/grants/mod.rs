//! The grants: each yields a token and says how long it lives.

mod client_credentials;
mod fixed;
mod github_app;
mod granted;
mod jwt_bearer;

use std::sync::Arc;
use std::time::Duration;

use call::{Clock, Exchange};
use error::{Code, Error, Result};
use http::StatusCode;

use crate::{Config, Defaults, Token};

/// A token fresh from its origin.
pub(crate) struct Issued {
    pub(crate) token: Token,
    pub(crate) life: Life,
}

/// How long a token is good for, counted from the moment it was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// As the vendor said.
    For(Duration),
    /// Not said: until the vendor refuses it.
    Unknown,
    /// Ours, read from a place where it may change: to be read again now and then.
    Reread,
}

/// What a configured grant needs to know to ask.
pub(crate) enum Grant {
    ClientCredentials(client_credentials::ClientCredentials),
    JwtBearer(jwt_bearer::JwtBearer),
    GithubApp(github_app::GithubApp),
    Fixed(fixed::Fixed),
}

impl Grant {
    pub(crate) fn new(config: Config, defaults: &Defaults) -> Result<Self> {
        Ok(match config {
            Config::ClientCredentials { .. } => {
                Self::ClientCredentials(client_credentials::ClientCredentials::new(config, defaults)?)
            }
            Config::JwtBearer { .. } => Self::JwtBearer(jwt_bearer::JwtBearer::new(config, defaults)?),
            Config::GithubApp { .. } => Self::GithubApp(github_app::GithubApp::new(config, defaults)?),
            Config::Bearer { token } => Self::Fixed(fixed::Fixed::Bearer(token)),
            Config::Basic { user, password } => Self::Fixed(fixed::Fixed::Basic { user, password }),
            Config::Token { token } => Self::Fixed(fixed::Fixed::Token(token)),
        })
    }

    pub(crate) async fn ask(&self, exchange: &Arc<dyn Exchange>, clock: &Clock) -> Result<Issued> {
        match self {
            Self::ClientCredentials(grant) => grant.ask(exchange).await,
            Self::JwtBearer(grant) => grant.ask(exchange, clock).await,
            Self::GithubApp(grant) => grant.ask(exchange, clock).await,
            Self::Fixed(grant) => grant.read(),
        }
    }
}

/// What a token endpoint's refusal means. Bodies of token endpoints go nowhere, not even to the log: some quote
/// the credential.
fn refused(status: StatusCode, code: Option<&str>) -> Error {
    match status.as_u16() {
        200..=299 => Error::new(Code::UpstreamGarbled, "the token endpoint's answer is not a token"),
        429 => Error::new(Code::RateLimited, "the token endpoint allows no more requests now"),
        408 | 500.. => Error::new(Code::UpstreamUnavailable, "the token endpoint does not work now"),
        status => {
            // Only the codes of RFC 6749, section 5.2, are repeated; anything else is a vendor's free text.
            let known = ["invalid_client", "invalid_grant", "invalid_request", "invalid_scope"];
            let known = known.into_iter().chain(["unauthorized_client", "unsupported_grant_type"]);
            let reason = known.into_iter().find(|k| Some(*k) == code);
            let reason = reason.map_or_else(|| format!("status {status}"), str::to_owned);
            Error::new(Code::UpstreamAuth, format!("the token endpoint refuses the credential ({reason})"))
        }
    }
}
