//! The guard and rmcp behind it: what happens to one request.

use std::fmt::Display;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;

use bytes::{Buf as _, Bytes, BytesMut};
use call::{BoxFuture, Caller, CancellationToken};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use super::conduit::Patience;
use super::connection::Host;
use super::gate::Gate;
use super::held::Held;
use super::meters::{Meters, OneMore};
use super::peers::Peers;
use super::refusal::{Body, Refusal};
use super::trust::Trust;
use super::{Config, Limits, PATH, Peer};
use crate::envelope::Envelope;

/// A guarded handler, as [`super::mount`] makes it. Clones are the same endpoint.
#[derive(Clone)]
pub struct Endpoint(Arc<Inner>);

struct Inner {
    rmcp: Box<dyn Answer>,
    trust: Trust,
    peers: Arc<Peers>,
    gate: Option<Arc<Gate>>,
    limits: Limits,
    /// Places for requests.
    places: Arc<Semaphore>,
    /// Bytes of request bodies that may be held.
    bodies: Arc<Semaphore>,
    /// Every request from its head to the last byte of its answer.
    requests: TaskTracker,
    /// The end of drain: whatever still runs is cut off.
    cut: CancellationToken,
    meters: Meters,
}

/// rmcp's service without its type.
trait Answer: Send + Sync {
    fn answer(&self, request: Request<Full<Bytes>>) -> BoxFuture<'_, Response<Body>>;
}

impl<H: ServerHandler> Answer for StreamableHttpService<H, NeverSessionManager> {
    fn answer(&self, request: Request<Full<Bytes>>) -> BoxFuture<'_, Response<Body>> {
        Box::pin(self.handle(request))
    }
}

impl Endpoint {
    pub(super) fn new<H>(handler: H, config: Config) -> Self
    where
        H: ServerHandler + Clone + Send + Sync + 'static,
    {
        let Config { hosts, origins, limits, peers, gate } = config;
        for entry in Trust::unreadable(&hosts, &origins) {
            tracing::warn!(entry, "an allowed host or origin cannot be read and matches nothing");
        }
        let cut = CancellationToken::new();
        let rmcp = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            // The guard is stricter and has looked at both already.
            .disable_allowed_hosts()
            .disable_allowed_origins()
            .with_max_request_body_bytes(limits.body)
            .with_cancellation_token(cut.clone());
        let rmcp = StreamableHttpService::new(move || Ok(handler.clone()), Arc::default(), rmcp);
        Self(Arc::new(Inner {
            rmcp: Box::new(rmcp),
            trust: Trust::new(&hosts, &origins),
            peers: Arc::new(Peers::new(peers)),
            gate,
            places: Arc::new(Semaphore::new(limits.in_flight)),
            bodies: Arc::new(Semaphore::new(limits.bodies)),
            limits,
            requests: TaskTracker::new(),
            cut,
            meters: Meters::new(),
        }))
    }

    /// Answers one request. Dropping the future, or the body of the answer, cancels the call behind it.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body,
        B::Error: Display,
    {
        let under_way = self.0.requests.token();
        let one_more = OneMore::of(&self.0.meters.in_flight);
        let (response, place) = match self.0.admit_and_answer(request).await {
            Ok(answered) => answered,
            Err(refusal) => (refusal.response(), None),
        };
        self.0.meters.answered(response.status());
        let _guard = (under_way, one_more, place);
        response.map(|body| Held { body, _guard }.boxed())
    }

    /// What holds for whoever connects, for the other listeners of the process, too.
    pub(crate) fn peers(&self) -> &Arc<Peers> {
        &self.0.peers
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(super) fn meters(&self) -> &Meters {
        &self.0.meters
    }

    /// Waits until no request is under way.
    pub(super) async fn quiet(&self) {
        self.0.requests.close();
        self.0.requests.wait().await;
    }

    /// Cuts off what still runs: its callers are told, its handlers cancelled.
    pub(super) fn cut(&self) {
        self.0.cut.cancel();
    }
}

impl Host for Endpoint {
    type Body = Body;

    const HEAD_BYTES: usize = 64 << 10;

    fn patience(&self) -> Patience {
        let Limits { head, idle, stall, .. } = self.0.limits;
        Patience { head, idle, stall }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        self.handle(request).await
    }
}

impl Inner {
    /// The answer, and the place its request takes until the last byte of it is sent.
    async fn admit_and_answer<B>(
        &self,
        request: Request<B>,
    ) -> Result<(Response<Body>, Option<OwnedSemaphorePermit>), Refusal>
    where
        B: http_body::Body,
        B::Error: Display,
    {
        let (mut head, body) = request.into_parts();
        let from = self.admit(&head).map_err(Refusal::parting)?;
        self.trust.check(&head.uri, &head.headers).map_err(Refusal::parting)?;
        if let Some(told) = self.gate.as_ref().and_then(|gate| gate.told(&head)) {
            return Ok((told, None));
        }
        check_target(&head).map_err(Refusal::parting)?;
        let caller = self.identify(&mut head, from).await?;
        self.check_body(&head)?;
        let (body, held) = tokio::time::timeout(self.limits.upload, self.receive(&head, body))
            .await
            .unwrap_or_else(|_| Err(Refusal::too_slow()))?;
        let (id, lacking) = self.look_into(&body, caller.as_deref())?;
        // Only now: a client that is slow to send keeps nobody else from being answered.
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| Refusal::busy().to(id.clone()))?;
        accept_both(&mut head.headers);
        let response = self.answer(Request::from_parts(head, Full::new(body)), id.clone()).await?;
        drop(held);
        match lacking {
            // The handler refused it as well, and put that on record; the client learns here what to ask for.
            Some(refusal) => Err(refusal.to(id)),
            None => Ok((response, Some(place))),
        }
    }

    /// The address that the request comes from, if it may. Only a test has no peer.
    fn admit(&self, head: &Parts) -> Result<Option<IpAddr>, Refusal> {
        let peer = head.extensions.get::<Peer>();
        peer.map(|peer| self.peers.admit(peer.address.ip(), &head.headers)).transpose()
    }

    /// Puts the caller into the extensions, and takes the credential out of the headers: from here on nothing can pass
    /// it on.
    async fn identify(&self, head: &mut Parts, from: Option<IpAddr>) -> Result<Option<Arc<Caller>>, Refusal> {
        let caller = match &self.gate {
            Some(gate) => Some(gate.identify(head).await.map_err(|refusal| {
                // To come without any is how clients learn where to get one.
                let guessed = refusal.is_unauthorized() && head.headers.contains_key(AUTHORIZATION);
                from.filter(|_| guessed).inspect(|ip| self.peers.failed(*ip));
                refusal.parting()
            })?),
            None => None,
        };
        head.headers.remove(AUTHORIZATION);
        if let (Some(gate), Some(caller)) = (&self.gate, &caller) {
            gate.hold_off(caller).await?;
            head.extensions.insert(Arc::clone(caller));
        }
        Ok(caller)
    }

    /// What can be told of the body from the head; the body is not read for a refused request.
    fn check_body(&self, head: &Parts) -> Result<(), Refusal> {
        if !is_json(&head.headers) {
            return Err(Refusal::media_type());
        }
        if length(&head.headers).is_some_and(|length| length > self.limits.body as u64) {
            return Err(Refusal::too_large());
        }
        Ok(())
    }

    /// Reads the body, taking its bytes from the common allowance as they arrive.
    async fn receive<B>(
        &self,
        head: &Parts,
        body: B,
    ) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Refusal>
    where
        B: http_body::Body,
        B::Error: Display,
    {
        let expected = length(&head.headers).and_then(|length| usize::try_from(length).ok());
        let mut bytes = BytesMut::with_capacity(expected.unwrap_or(0).min(FIRST_READ));
        let mut held: Option<OwnedSemaphorePermit> = None;
        let mut body = pin!(body);
        while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            let frame = frame.map_err(|e| {
                tracing::debug!(error = %e, "a request body broke off");
                Refusal::broken_body()
            })?;
            let Ok(data) = frame.into_data() else { continue };
            if data.remaining() > self.limits.body - bytes.len() {
                return Err(Refusal::too_large());
            }
            let size = u32::try_from(data.remaining()).map_err(|_| Refusal::too_large())?;
            let allowance = Arc::clone(&self.bodies).try_acquire_many_owned(size);
            let allowance = allowance.map_err(|_| Refusal::busy())?;
            // One for the whole body: in pieces of a byte, a permit for each would be larger than the body.
            match &mut held {
                Some(held) => held.merge(allowance),
                None => held = Some(allowance),
            }
            bytes.extend_from_slice(data.chunk());
        }
        Ok((bytes.freeze(), held))
    }

    /// The id of a message, and what its caller lacks for it.
    fn look_into(
        &self,
        body: &[u8],
        caller: Option<&Caller>,
    ) -> Result<(Option<Box<RawValue>>, Option<Refusal>), Refusal> {
        let envelope = Envelope::read(body, self.limits.depth)?;
        let lacking = self.gate.as_ref().zip(caller).and_then(|(gate, who)| gate.lacking(who, &envelope));
        Ok((envelope.id, lacking))
    }

    /// Lets rmcp answer, for as long as that may take.
    async fn answer(
        &self,
        request: Request<Full<Bytes>>,
        id: Option<Box<RawValue>>,
    ) -> Result<Response<Body>, Refusal> {
        let answered = tokio::time::timeout(self.limits.answer, self.rmcp.answer(request));
        let response = tokio::select! {
            // First, because rmcp answers a cut call too: with a bare 500.
            biased;
            () = self.cut.cancelled() => Err(Refusal::shutting_down()),
            answered = answered => answered.map_err(|_| Refusal::unanswered()),
        };
        match response {
            // Media type and envelope are right, so rmcp could not decode the inside.
            Ok(response) if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Err(Refusal::no_message().to(id))
            }
            Ok(response) => Ok(response),
            Err(refusal) => Err(refusal.to(id)),
        }
    }
}

/// A body's announced length is a claim until it is sent; this much is set aside for it at once.
const FIRST_READ: usize = 16 << 10;

fn check_target(head: &Parts) -> Result<(), Refusal> {
    if head.uri.path() != PATH {
        return Err(Refusal::path());
    }
    if head.method != Method::POST {
        return Err(Refusal::method());
    }
    Ok(())
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_json(headers: &HeaderMap) -> bool {
    let essence = |value: &HeaderValue| {
        let text = value.to_str().unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
    };
    headers.get(CONTENT_TYPE).is_some_and(essence)
}

/// Says in full what `*/*` means: rmcp wants both media types by name.
fn accept_both(headers: &mut HeaderMap) {
    if headers.get(ACCEPT).is_none_or(|accept| accept == "*/*") {
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    }
}
