//! Who may enter: the credential of every request, verified before anything is done for it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use call::Caller;
use http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use identity::{Authenticator, Certificate, Resource};
use rand::Rng as _;
use serde_json::value::RawValue;

use super::refusal::{Body, Refusal};
use crate::envelope::Envelope;

/// Tells callers apart and asks for the scopes of what they want. A request that passes carries its caller, an
/// `Arc<Caller>`, in its extensions.
pub struct Gate {
    authenticator: Arc<Authenticator>,
    resource: Resource,
    paths: Vec<String>,
    metadata: Bytes,
    needs: Box<Needs>,
    pace: Option<Box<Pace>>,
}

/// How long a caller has to wait who asks far more often than it may; `None` for one that may ask now.
pub type Pace = dyn Fn(&Caller) -> Option<Duration> + Send + Sync;

/// The scope that a caller's message needs, by its method and parameters; `None` for one that they may send without any,
/// or will not be let do with any.
pub type Needs = dyn Fn(&Caller, &str, Option<&RawValue>) -> Option<String> + Send + Sync;

/// How long a client may keep the metadata: it changes with the configuration alone.
const FRESH: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// How long a caller that floods waits for its refusal: its connection asks for nothing meanwhile, so that what it sends
/// costs others next to nothing. Far less than such a client has to wait anyhow, and never the same for two, lest all its
/// connections come back at once.
pub(super) const LINGER: Range<Duration> = Duration::from_millis(250)..Duration::from_millis(750);

impl Gate {
    /// The gate of the resource that clients find by `resource`. Whoever lacks what `needs` says is refused here with a
    /// challenge and must be refused behind it, too: the message goes on, so that the refusal is on record.
    #[must_use]
    pub fn new(authenticator: Arc<Authenticator>, resource: Resource, needs: Box<Needs>) -> Self {
        let metadata = Bytes::from(resource.metadata().unwrap_or_default());
        Self { authenticator, paths: resource.paths(), metadata, resource, needs, pace: None }
    }

    /// The same gate, which turns callers away before their message is read.
    #[must_use]
    pub fn paced(self, pace: Box<Pace>) -> Self {
        Self { pace: Some(pace), ..self }
    }

    /// The metadata that clients find their authorization server by (RFC 9728), if that is what is asked for. Nobody
    /// needs a token to learn where to get one.
    pub(super) fn told(&self, head: &Parts) -> Option<Response<Body>> {
        if !self.paths.iter().any(|path| path == head.uri.path()) {
            return None;
        }
        let is_read = matches!(head.method, Method::GET | Method::HEAD);
        let document = if is_read { self.metadata.clone() } else { Bytes::new() };
        let mut response = Response::new(Full::new(document).boxed());
        let headers = response.headers_mut();
        // As after a refusal: whoever reads this is nobody yet.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        if is_read {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(CACHE_CONTROL, FRESH);
        } else {
            headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        }
        Some(response)
    }

    /// Who sent the request with this head.
    pub(super) async fn identify(&self, head: &Parts) -> Result<Arc<Caller>, Refusal> {
        let certificate = head.extensions.get::<Arc<Certificate>>().map(Arc::as_ref);
        let found = self.authenticator.authenticate(&head.uri, &head.headers, certificate).await;
        found.map_err(|refusal| Refusal::challenge(self.resource.challenge(&refusal, &[])))
    }

    /// Turns away a caller that floods, and takes its time over it.
    pub(super) async fn hold_off(&self, caller: &Caller) -> Result<(), Refusal> {
        let Some(wait) = self.pace.as_ref().and_then(|pace| pace(caller)) else { return Ok(()) };
        let linger = rand::rng().random_range(LINGER);
        tokio::time::sleep(linger).await;
        Err(Refusal::too_many("you ask many times more often than you may", wait))
    }

    /// The refusal of a message for which `caller` was not granted enough.
    pub(super) fn lacking(&self, caller: &Caller, envelope: &Envelope<'_>) -> Option<Refusal> {
        let needed = (self.needs)(caller, &envelope.method, envelope.params)?;
        let refusal = Authenticator::permit(caller, &[&needed]).err()?;
        Some(Refusal::challenge(self.resource.challenge(&refusal, &[&needed])))
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("paths", &self.paths).finish_non_exhaustive()
    }
}
