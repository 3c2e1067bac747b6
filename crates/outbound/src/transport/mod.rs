//! The bottom of the stack: HTTP.

mod build;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use call::{BoxFuture, Cx, Exchange, Serve};
use error::{Code, Error, Result};
use http::header::{AUTHORIZATION, CONTENT_LENGTH};
use http::{HeaderMap, StatusCode};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout};
use url::Url;

use crate::answer::{Answer, Failure, Kind};
use crate::ask::{Ask, Last};
use crate::{Profile, Reply, Route, Settings, address};

/// One source's connections. Clones share them.
#[derive(Clone)]
pub(crate) struct Transport(Arc<Inner>);

struct Inner {
    source: String,
    /// Whom [`Exchange`] speaks with, in errors.
    partner: &'static str,
    clients: build::Clients,
    body_limit: usize,
    /// Longest silence within a body. The wait for a reply's head is the attempt's own.
    read_idle: Duration,
    request_id_headers: &'static [&'static str],
}

/// Token replies are small.
const TOKEN_BODY_LIMIT: usize = 1024 * 1024;
/// Longest token request: as long as an attempt of a read.
const TOKEN_TIME: Duration = Duration::from_secs(4);

impl Transport {
    pub(crate) fn new(settings: &Settings, profile: &Profile) -> Result<Self> {
        Ok(Self(Arc::new(Inner {
            source: settings.name.clone(),
            partner: "the token endpoint",
            clients: build::Clients::new(settings, profile)?,
            body_limit: settings.limits.body_bytes,
            read_idle: Duration::from_millis(settings.limits.read_idle_ms),
            request_id_headers: profile.request_id_headers,
        })))
    }

    /// Connections to whoever is no source; good for [`Exchange`] alone.
    pub(crate) fn along(route: &Route) -> Result<Self> {
        Ok(Self(Arc::new(Inner {
            source: route.name.clone(),
            partner: route.partner,
            clients: build::Clients::along(route)?,
            body_limit: TOKEN_BODY_LIMIT,
            read_idle: TOKEN_TIME,
            request_id_headers: &[],
        })))
    }

    async fn send(&self, cx: &Cx, ask: Ask) -> Result<Answer> {
        let plan = &ask.plan;
        let start = Instant::now();
        let client = self.0.clients.reaching(ask.url()).await?;
        let mut request = client
            .request(plan.method.clone(), ask.url().clone())
            .headers(plan.headers.clone())
            .body(plan.body.clone());
        if let Some(token) = ask.token {
            request = request.header(AUTHORIZATION, token);
        }
        let mut last = Last::default();
        let outcome = match request.send().await {
            Ok(response) => {
                last.status = Some(response.status().as_u16());
                last.request_id = self.request_id(response.headers());
                read(response, self.0.body_limit, self.0.read_idle).await
            }
            Err(error) => Err(Broken::Lost(error)),
        };
        last.took = start.elapsed();
        plan.tally.note(last);
        Ok(match outcome {
            Ok((status, headers, body)) => Answer::Done(Reply::new(status, headers, body, cx.now())),
            Err(broken) => Answer::Failed(broken.explain(&self.0.source)),
        })
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let value = self.0.request_id_headers.iter().find_map(|name| headers.get(*name))?.to_str().ok()?;
        // It is shown to agents and written to the record: short, and of harmless characters.
        let harmless = |c: &char| c.is_ascii_alphanumeric() || "-_.:/=+".contains(*c);
        Some(value.chars().filter(harmless).take(128).collect()).filter(|id: &String| !id.is_empty())
    }
}

impl Serve<Ask, Answer> for Transport {
    fn serve<'a>(&'a self, cx: &'a Cx, ask: Ask) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(self.send(cx, ask))
    }
}

/// HTTP as the tokens borrow it: past the stack, with its own time and size.
impl Exchange for Transport {
    fn exchange(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>>> {
        Box::pin(async move {
            let url = Url::parse(&request.uri().to_string())
                .map_err(|e| Error::internal("a token URL that is none").source(e))?;
            address::check_configured("auth/token_url", &url)?;
            let (parts, body) = request.into_parts();
            let client = self.0.clients.reaching(&url).await?;
            let sending = async {
                let request = client.request(parts.method, url).headers(parts.headers).body(body);
                let response = request.send().await.map_err(Broken::Lost)?;
                read(response, TOKEN_BODY_LIMIT, self.0.read_idle).await
            };
            let Ok(outcome) = timeout(TOKEN_TIME, sending).await else {
                let message = format!("{} did not answer in time", self.0.partner);
                return Err(Error::new(Code::UpstreamUnavailable, message));
            };
            let (status, headers, body) = outcome.map_err(|b| b.explain(self.0.partner).error)?;
            let mut response = http::Response::new(body);
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        })
    }
}

/// Why no whole reply came.
enum Broken {
    Lost(reqwest::Error),
    /// The body stopped coming.
    Silent(Elapsed),
    TooLarge,
}

/// Reads the body as it is decompressed, up to `limit`: what a small compressed body would grow into is never
/// held. Gives up after a silence of `idle`.
async fn read(
    mut response: reqwest::Response,
    limit: usize,
    idle: Duration,
) -> Result<(StatusCode, HeaderMap, Bytes), Broken> {
    let announced = response.content_length().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    if announced > limit {
        return Err(Broken::TooLarge);
    }
    let mut body = BytesMut::with_capacity(announced.min(64 * 1024));
    while let Some(chunk) =
        timeout(idle, response.chunk()).await.map_err(Broken::Silent)?.map_err(Broken::Lost)?
    {
        if body.len() + chunk.len() > limit {
            return Err(Broken::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let mut headers = std::mem::take(response.headers_mut());
    headers.remove(CONTENT_LENGTH);
    Ok((response.status(), headers, body.freeze()))
}

impl Broken {
    fn explain(self, who: &str) -> Failure {
        match self {
            Self::TooLarge => {
                let message = format!("{who} answered with more than this server accepts");
                Failure::new(Kind::TooLarge, Error::new(Code::UpstreamTooLarge, message))
            }
            Self::Silent(elapsed) => {
                let message = format!("{who} did not answer in time");
                Failure::new(Kind::Lost, Error::new(Code::UpstreamUnavailable, message).source(elapsed))
            }
            Self::Lost(error) => {
                // Its text would hold the URL, and that may hold a person's search.
                let error = error.without_url();
                let (kind, what) = if error.is_connect() || error.is_builder() {
                    (Kind::Connect, "cannot be reached")
                } else if error.is_timeout() {
                    (Kind::Lost, "did not answer in time")
                } else {
                    (Kind::Lost, "broke off its answer")
                };
                let message = format!("{who} {what}");
                Failure::new(kind, Error::new(Code::UpstreamUnavailable, message).source(error))
            }
        }
    }
}
