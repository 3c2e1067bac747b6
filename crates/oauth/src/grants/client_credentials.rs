//! OAuth 2.0 client credentials (RFC 6749, section 4.4).

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use call::{BoxFuture, Clock, Exchange};
use error::{Error, Result};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, StatusCode};
use oauth2::basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse};
use oauth2::{
    AsyncHttpClient, AuthType, ClientId, ClientSecret, ErrorResponse, HttpRequest, HttpResponse,
    RequestTokenError, Scope, StandardRevocableToken, TokenUrl,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use url::Url;

use super::granted::Granted;
use super::{Issued, garbled, granted, post};
use crate::{BodyFormat, Config, CredentialsIn, Defaults, Secret};

pub(crate) struct ClientCredentials {
    token_url: Url,
    client_id: String,
    client_secret: Secret,
    scope: Option<String>,
    audience: Option<String>,
    body: BodyFormat,
    credentials_in: CredentialsIn,
}

impl ClientCredentials {
    pub(super) fn new(config: Config, defaults: &Defaults) -> Result<Self> {
        let Config::ClientCredentials {
            token_url,
            client_id,
            client_secret,
            scope,
            audience,
            body,
            credentials_in,
        } = config
        else {
            return Err(Error::internal("not a client_credentials grant"));
        };
        let token_url = token_url
            .or_else(|| defaults.token_url.clone())
            .ok_or_else(|| Error::invalid("auth/token_url", "is required: this vendor has no common one"))?;
        Ok(Self { token_url, client_id, client_secret, scope, audience, body, credentials_in })
    }

    pub(super) async fn ask(&self, exchange: &Arc<dyn Exchange>, clock: &Clock) -> Result<Issued> {
        let secret = self.client_secret.resolve()?;
        let granted = match self.body {
            BodyFormat::Form => self.ask_by_form(exchange, clock, secret).await?,
            BodyFormat::Json => self.ask_by_json(exchange, clock, secret).await?,
        };
        granted.issued()
    }

    async fn ask_by_form(
        &self,
        exchange: &Arc<dyn Exchange>,
        clock: &Clock,
        secret: SecretString,
    ) -> Result<Granted> {
        let auth_type = match self.credentials_in {
            CredentialsIn::Body => AuthType::RequestBody,
            CredentialsIn::Basic => AuthType::BasicAuth,
        };
        let client = Client::new(ClientId::new(self.client_id.clone()))
            .set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
            .set_token_uri(TokenUrl::from_url(self.token_url.clone()))
            .set_auth_type(auth_type);
        let mut request = client.exchange_client_credentials();
        if let Some(scope) = &self.scope {
            // As one scope: `oauth2` would join several by spaces, and not every vendor separates them so.
            request = request.add_scope(Scope::new(scope.clone()));
        }
        if let Some(audience) = &self.audience {
            request = request.add_extra_param("audience", audience.clone());
        }
        request.request_async(&Lent { exchange: Arc::clone(exchange), clock: *clock }).await.map_err(explain)
    }

    async fn ask_by_json(
        &self,
        exchange: &Arc<dyn Exchange>,
        clock: &Clock,
        secret: SecretString,
    ) -> Result<Granted> {
        let mut body = json!({ "grant_type": "client_credentials" });
        for (name, value) in [("scope", &self.scope), ("audience", &self.audience)] {
            if let Some(value) = value {
                body[name] = json!(value);
            }
        }
        let mut request = Request::post(self.token_url.as_str())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json");
        match self.credentials_in {
            CredentialsIn::Body => {
                body["client_id"] = json!(self.client_id);
                body["client_secret"] = json!(secret.expose_secret());
            }
            CredentialsIn::Basic => request = request.header(AUTHORIZATION, self.basic(&secret)?),
        }
        Ok(post(exchange, clock, request, body.to_string()).await?.into_body())
    }

    fn basic(&self, secret: &SecretString) -> Result<HeaderValue> {
        let pair = format!("{}:{}", self.client_id, secret.expose_secret());
        let mut value = HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(pair)))
            .map_err(|_| Error::internal("a credential that no header can carry"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

type Client = oauth2::Client<
    BasicErrorResponse,
    Granted,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
>;

/// A lent exchange as the HTTP client of `oauth2`.
struct Lent {
    exchange: Arc<dyn Exchange>,
    clock: Clock,
}

impl<'c> AsyncHttpClient<'c> for Lent {
    type Error = NoReply;
    type Future = BoxFuture<'c, Result<HttpResponse, NoReply>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = request.map(Bytes::from);
            let reply = self.exchange.exchange(request).await.map_err(NoReply)?;
            let mut reply = granted(reply, &self.clock).map_err(NoReply)?;
            // `oauth2` insists on 200 and on a content type of JSON; some endpoints say 201, some `text/json`.
            *reply.status_mut() = StatusCode::OK;
            reply.headers_mut().remove(CONTENT_TYPE);
            Ok(reply.map(Vec::from))
        })
    }
}

/// Why `oauth2` gets no success to read: it never sees a refusal, whose body it would keep in its error.
#[derive(Debug)]
struct NoReply(Error);

impl fmt::Display for NoReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no token")
    }
}

impl std::error::Error for NoReply {}

fn explain<T: ErrorResponse>(error: RequestTokenError<NoReply, T>) -> Error {
    match error {
        RequestTokenError::Request(NoReply(error)) => error,
        // The rest holds the reply's body.
        RequestTokenError::ServerResponse(_) | RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            garbled()
        }
    }
}
