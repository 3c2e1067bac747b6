//! Opaque tokens: their issuer is asked (RFC 7662).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use call::{BoxFuture, Caller, Clock, Exchange, Scopes};
use error::{Code, Error, Result};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::claims::Claims;
use crate::fetch::{bounded, discover, follow, garbled};
use crate::jwt::issuer_of;
use crate::profile::Rules;
use crate::recent::Recent;
use crate::refusal::Flaw;
use crate::turns::Turns;
use crate::verifier::Finding;
use crate::{ClientAuthentication, Identity, IntrospectionConfig, Presented, Refusal, Verifier, meters};

/// How long an active token is not asked about again: as long as a revoked one still works.
const BELIEVED: Duration = Duration::from_secs(30);
/// The same for one that is not active.
const DISBELIEVED: Duration = Duration::from_secs(5);
/// Questions under way at once; more callers than that are told to come again.
const MOST_QUESTIONS: usize = 64;
/// After this many failures in a row the endpoint is left alone.
const MOST_FAILURES: u32 = 3;
/// For this long.
const PAUSE: Duration = Duration::from_secs(5);

/// The opaque tokens of one issuer.
pub(crate) struct Introspection {
    rules: Arc<Rules>,
    config: IntrospectionConfig,
    discovered: Mutex<Option<Url>>,
    failures: Mutex<(u32, Option<Instant>)>,
    questions: Semaphore,
    turns: Turns,
    exchange: Arc<dyn Exchange>,
    clock: Clock,
    recent: Recent<Result<Arc<Identity>, Flaw>>,
}

impl Introspection {
    pub(crate) fn new(
        rules: Arc<Rules>,
        config: IntrospectionConfig,
        exchange: Arc<dyn Exchange>,
        clock: Clock,
    ) -> Self {
        Self {
            rules,
            config,
            discovered: Mutex::new(None),
            failures: Mutex::new((0, None)),
            questions: Semaphore::new(MOST_QUESTIONS),
            turns: Turns::new(),
            exchange,
            clock,
            recent: Recent::new(),
        }
    }

    async fn find_out(&self, presented: &Presented) -> Result<Arc<Identity>, Refusal> {
        if let Some(finding) = self.recent.get(presented.digest(), self.clock.now()) {
            return finding.map_err(Refusal::Invalid);
        }
        let turn = self.turns.about(presented.digest());
        let _turn = turn.lock().await;
        match self.recent.get(presented.digest(), self.clock.now()) {
            Some(finding) => finding.map_err(Refusal::Invalid),
            None => self.find_out_now(presented).await,
        }
    }

    async fn find_out_now(&self, presented: &Presented) -> Result<Arc<Identity>, Refusal> {
        let unavailable = || Refusal::Unavailable(PAUSE);
        let _question = self.questions.try_acquire().map_err(|_| unavailable())?;
        let asked =
            if self.is_left_alone() { Err(None) } else { self.ask(presented.text()).await.map_err(Some) };
        let claims = asked.map_err(|failure| {
            if let Some(Failure { error, outage }) = failure {
                tracing::warn!(?error, outage, "a token cannot be introspected");
                self.note_failure(outage);
            }
            unavailable()
        })?;
        self.note_success();
        let now = self.clock.now();
        let finding = self.believe(&claims, now).map(Arc::new);
        let (ends, life) = match &finding {
            Ok(identity) => (identity.caller.expires, BELIEVED),
            Err(_) => (None, DISBELIEVED),
        };
        let until = now.saturating_add(life).unwrap_or(now);
        self.recent.put(*presented.digest(), finding.clone(), ends.map_or(until, |end| end.min(until)));
        finding.map_err(Refusal::Invalid)
    }

    /// Whose token it is, by the issuer's answer (RFC 7662, section 2.2).
    fn believe(&self, claims: &Claims, now: Timestamp) -> Result<Identity, Flaw> {
        let rules = &self.rules;
        if !claims.is_true("active") {
            return Err(Flaw::Inactive);
        }
        let issuer = claims.text("iss").ok_or(Flaw::Claim("iss"))?;
        if !rules.issuers.iter().any(|known| known == issuer) {
            return Err(Flaw::Issuer);
        }
        if !rules.is_for_us(claims) {
            return Err(Flaw::Audience);
        }
        let client = claims.text("client_id").ok_or(Flaw::Claim("client_id"))?;
        let expires = claims.seconds("exp")?.and_then(|exp| Timestamp::from_second(exp).ok());
        if expires.is_some_and(|end| end <= now) {
            return Err(Flaw::Expired);
        }
        // A client that acts for itself is its own subject.
        let subject = claims.text("sub").unwrap_or(client);
        let caller = Caller {
            issuer: Some(issuer.to_owned()),
            tenant: rules.tenant(claims)?,
            client: Some(client.to_owned()),
            scopes: Scopes::Some(claims.words("scope").into_iter().flat_map(|s| rules.scope(s)).collect()),
            claims: rules.roles(claims)?,
            token_id: claims.text("jti").map(str::to_owned),
            expires,
            ..Caller::new(subject, "introspection")
        };
        Ok(Identity { caller: Arc::new(caller), bound_to: claims.binding()? })
    }

    async fn ask(&self, token: &str) -> Result<Claims, Failure> {
        let url = self.url().await?;
        let reply = self.exchange.exchange(self.question(&url, token)?).await?;
        let outage = !is_about_token(reply.status());
        let reply = bounded(reply, &url).map_err(|error| Failure { error, outage })?;
        // The answer may hold the token's claims, so it is not quoted.
        Ok(serde_json::from_slice(reply.body()).map_err(|_| garbled(&url))?)
    }

    fn question(&self, url: &Url, token: &str) -> Result<Request<Bytes>> {
        let secret = self.config.client_secret.resolve()?;
        let (id, secret) = (self.config.client_id.as_str(), secret.expose_secret());
        let mut form = Serializer::new(String::new());
        form.append_pair("token", token).append_pair("token_type_hint", "access_token");
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(url.as_str())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        match self.config.credentials_in {
            ClientAuthentication::Body => {
                form.append_pair("client_id", id).append_pair("client_secret", secret);
            }
            ClientAuthentication::Basic => {
                // RFC 6749, section 2.3.1: both are form-encoded first.
                let pair = format!("{}:{}", form_encoded(id), form_encoded(secret));
                let mut value =
                    http::HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(pair)))
                        .map_err(|_| Error::internal("client credentials make no header"))?;
                value.set_sensitive(true);
                request = request.header(AUTHORIZATION, value);
            }
        }
        let body = Bytes::from(form.finish());
        request.body(body).map_err(|e| Error::internal("a request to an issuer cannot be built").source(e))
    }

    async fn url(&self) -> Result<Url> {
        if let Some(url) = &self.config.url {
            return Ok(url.clone());
        }
        if let Some(url) = lock(&self.discovered).clone() {
            return Ok(url);
        }
        let issuer = self.rules.issuers.first().map(String::as_str).unwrap_or_default();
        let metadata = discover(&self.exchange, issuer).await?;
        let missing = || Error::new(Code::UpstreamGarbled, "the issuer has no introspection endpoint");
        let endpoint = metadata.introspection_endpoint.ok_or_else(missing)?;
        let url = follow(issuer, self.rules.trusted_hosts, endpoint)?;
        *lock(&self.discovered) = Some(url.clone());
        Ok(url)
    }

    fn is_left_alone(&self) -> bool {
        let (failures, last) = *lock(&self.failures);
        failures >= MOST_FAILURES && last.is_some_and(|at| at.elapsed() < PAUSE)
    }

    fn note_success(&self) {
        meters::introspected(true);
        *lock(&self.failures) = (0, None);
    }

    /// Notes a failure. What is no outage says nothing of other tokens, so it brings no pause nearer.
    fn note_failure(&self, outage: bool) {
        meters::introspected(false);
        if outage {
            let mut failures = lock(&self.failures);
            *failures = (failures.0 + 1, Some(Instant::now()));
        }
    }
}

/// Why a token was not told about.
struct Failure {
    error: Error,
    /// Whether no other token would have been either.
    outage: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, outage: true }
    }
}

/// Whether an issuer says with this status that it does not take the question, such as for a token that is too long.
/// Anybody can send one of those, and the others must not wait for it. It is no verdict on the token all the same:
/// some issuers answer so to our own credentials.
fn is_about_token(status: StatusCode) -> bool {
    let of_us = [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    status.is_client_error() && !of_us.contains(&status)
}

impl Verifier for Introspection {
    /// Whatever is no JWT and no key of ours: an opaque token does not say whose it is.
    fn recognizes(&self, presented: &Presented) -> bool {
        issuer_of(presented.text()).is_none()
    }

    fn verify<'a>(&'a self, presented: &'a Presented) -> BoxFuture<'a, Result<Arc<Identity>, Refusal>> {
        Box::pin(self.find_out(presented))
    }

    fn examine(&self) -> BoxFuture<'_, Option<Finding>> {
        Box::pin(async move {
            // No issuer has such a token: that it says so shows that it takes our credentials.
            let asked = self.ask("chancery-check").await.map_err(|failure| failure.error);
            let outcome = asked.map(|_| "takes questions about tokens".to_owned());
            Some(Finding { what: format!("introspection at {}", self.rules.name()), outcome })
        })
    }
}

fn form_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
