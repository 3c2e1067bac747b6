//! The grants: each yields a token and says how long it lives.

mod client_credentials;
mod fixed;
mod github_app;
mod granted;
mod jwt_bearer;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use call::{Clock, Exchange};
use error::{Code, Error, Result};
use http::Response;
use http::request::Builder;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

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
            Self::ClientCredentials(grant) => grant.ask(exchange, clock).await,
            Self::JwtBearer(grant) => grant.ask(exchange, clock).await,
            Self::GithubApp(grant) => grant.ask(exchange, clock).await,
            Self::Fixed(grant) => grant.read(),
        }
    }
}

/// Longest time a token endpoint is left alone at its own wish.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Sends a token request and reads what was granted.
async fn post<T: DeserializeOwned>(
    exchange: &Arc<dyn Exchange>,
    clock: &Clock,
    request: Builder,
    body: impl Into<Bytes>,
) -> Result<Response<T>> {
    let request =
        request.body(body.into()).map_err(|_| Error::internal("the token request cannot be written"))?;
    let (head, body) = granted(exchange.exchange(request).await?, clock)?.into_parts();
    let body = serde_json::from_slice(&body).map_err(|_| garbled())?;
    Ok(Response::from_parts(head, body))
}

/// A reply that grants something.
fn granted(reply: Response<Bytes>, clock: &Clock) -> Result<Response<Bytes>> {
    if reply.status().is_success() { Ok(reply) } else { Err(refused(&reply, clock.now())) }
}

/// What a token endpoint's refusal means, received at `now`. Bodies of token endpoints go nowhere, not even to the log:
/// some quote the credential.
fn refused(reply: &Response<Bytes>, now: Timestamp) -> Error {
    /// RFC 6749, section 5.2.
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let passing = |code, message| {
        let wait = call::retry_after(reply.headers(), now).map(|wait| wait.min(LONGEST_WAIT));
        wait.into_iter().fold(Error::new(code, message), Error::retry_after)
    };
    match reply.status().as_u16() {
        429 => passing(Code::RateLimited, "the token endpoint allows no more requests now"),
        408 | 500.. => passing(Code::UpstreamUnavailable, "the token endpoint does not work now"),
        status => {
            // Only the codes of RFC 6749, section 5.2, are repeated; anything else is a vendor's free text.
            let known = ["invalid_client", "invalid_grant", "invalid_request", "invalid_scope"];
            let known = known.into_iter().chain(["unauthorized_client", "unsupported_grant_type"]);
            let said = serde_json::from_slice::<Refusal>(reply.body()).ok();
            let reason =
                known.into_iter().find(|known| said.as_ref().is_some_and(|said| said.error == *known));
            let reason = reason.map_or_else(|| format!("status {status}"), str::to_owned);
            Error::new(Code::UpstreamAuth, format!("the token endpoint refuses the credential ({reason})"))
        }
    }
}

/// A success that is none.
fn garbled() -> Error {
    Error::new(Code::UpstreamGarbled, "the token endpoint's answer is not a token")
}
