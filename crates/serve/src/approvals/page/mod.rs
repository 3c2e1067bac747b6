//! The page on which people decide: plain HTML from a listener of its own.

mod html;
mod view;
mod visitor;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Form, Path, Query, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{Html as Document, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use call::{CancellationToken, Clock};
use error::{Code, Error, Result};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderName, StatusCode};
use serde::Deserialize;
use store::{After, Approval, Links, Standing, Verdict};
use tokio_util::task::TaskTracker;

use self::html::Html;
use self::view::{Frame, Listed};
use self::visitor::{Reception, Visitor, Whence};
use super::{Desk, Door, is_requester, link};
use crate::catalogue::Catalogue;
use crate::hall::{Hall, LEAVING};
use crate::http::{Peer, PeerLimits, Peers, Trust};
use crate::tenants::Tenants;
use crate::tls::Tls;

/// Requests on one page of the list; the oldest come first.
const MOST: u8 = 50;

/// Bytes of a form. A reason is short.
const FORM: usize = 8 << 10;

/// How long one request may take, its body included.
const PATIENCE: Duration = Duration::from_secs(15);

/// Nothing is loaded but our style, nothing runs, nobody frames us, and forms come back to us alone.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// Everything that the page needs.
pub(crate) struct Room {
    desk: Desk,
    links: Arc<dyn Links>,
    reception: Reception,
    trust: Trust,
    program: String,
    /// Tools' names for people.
    titles: BTreeMap<&'static str, &'static str>,
    clock: Clock,
    /// What is being decided. It goes on without its visitor: what is on record has to count.
    decisions: TaskTracker,
}

/// Whom the page lets in.
pub(crate) struct Guests {
    pub(crate) seal: tool::Seal,
    pub(crate) authenticator: Option<Arc<identity::Authenticator>>,
    pub(crate) tenants: Arc<Tenants>,
    /// Whether browsers come over TLS.
    pub(crate) secure: bool,
    /// The host in the page's address, besides loopback.
    pub(crate) host: String,
    /// Its origin, as browsers name it when a form comes back, besides those of loopback.
    pub(crate) origin: String,
}

impl Room {
    /// The page of a domain at which `desk` decides.
    pub(crate) fn new(catalogue: &Catalogue, desk: Desk, links: Arc<dyn Links>, guests: Guests) -> Self {
        let Guests { seal, authenticator, tenants, secure, host, origin } = guests;
        let peers = Arc::new(Peers::new(PeerLimits::default()));
        Self {
            clock: desk.clock,
            desk,
            links,
            reception: Reception { seal, authenticator, tenants, peers, scope: scope(catalogue), secure },
            trust: Trust::new(&[host], &[origin]),
            program: catalogue.program(),
            titles: catalogue
                .specs()
                .iter()
                .flat_map(|s| s.meta.names().map(|n| (n, s.meta.title)))
                .collect(),
            decisions: TaskTracker::new(),
        }
    }

    /// The same room for the peers that may come, as often as they may.
    pub(crate) fn guarded(mut self, peers: Arc<Peers>) -> Self {
        self.reception.peers = peers;
        self
    }

    fn peers(&self) -> &Arc<Peers> {
        &self.reception.peers
    }

    async fn admit(&self, head: &Parts) -> Result<Visitor> {
        self.reception.admit(head, self.clock.now()).await
    }

    fn title(&self, request: &Approval) -> String {
        let tool = request.scope.tool();
        self.titles.get(tool).copied().unwrap_or(tool).to_owned()
    }

    fn page(&self, status: StatusCode, visitor: Option<&Visitor>, title: &str, main: &Html) -> Response {
        let reader = visitor.map(|visitor| visitor.who.key());
        let frame = Frame {
            program: &self.program,
            reader: reader.as_deref(),
            list: visitor.is_some_and(Visitor::may_list),
        };
        (status, Document(frame.page(title, main))).into_response()
    }

    /// What somebody sees who is not let in.
    fn stranger(&self, refused: &Error) -> Response {
        let main = view::refusal(refused).add(&view::stranger(&self.program, &self.reception.scope));
        self.page(StatusCode::UNAUTHORIZED, None, "Who are you?", &main)
    }

    fn refuse(&self, visitor: Option<&Visitor>, error: &Error) -> Response {
        let status = match error.code() {
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::Permission => StatusCode::FORBIDDEN,
            Code::Conflict => StatusCode::CONFLICT,
            Code::InvalidArgument => StatusCode::BAD_REQUEST,
            _ => {
                tracing::error!(?error, "a decision could not be taken");
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        self.page(status, visitor, "This was not done", &view::refusal(error))
    }
}

/// The scope that approvers need.
pub(crate) fn scope(catalogue: &Catalogue) -> String {
    format!("{}:approve", catalogue.name)
}

/// Serves the page in `hall`, with the TLS of the MCP listener, until `stop`, and then until what was being decided is.
pub(crate) async fn serve(room: Room, hall: Hall, tls: Option<Tls>, stop: CancellationToken) {
    let (peers, room) = (Arc::clone(room.peers()), Arc::new(room));
    hall.serve(routes(Arc::clone(&room)), tls, |address| peers.may_connect(address), stop).await;
    room.decisions.close();
    let _decided = tokio::time::timeout(LEAVING, room.decisions.wait()).await;
}

/// The page's routes.
fn routes(room: Arc<Room>) -> Router {
    Router::new()
        .route("/", get(list))
        .route("/requests/{id}", get(show).post(decide))
        .route("/link/{pass}", get(land).post(enter))
        .route("/style.css", get(style))
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(DefaultBodyLimit::max(FORM))
        .layer(from_fn_with_state(Arc::clone(&room), welcome))
        .layer(from_fn(harden))
        .with_state(room)
}

/// Answers whoever may come and means us, in time.
async fn welcome(State(room): State<Arc<Room>>, mut request: Request, next: Next) -> Response {
    // Only a test has no peer.
    if let Some(peer) = request.extensions().get::<Peer>().copied() {
        match room.peers().admit(peer.address.ip(), request.headers()) {
            Ok(ip) => {
                request.extensions_mut().insert(Whence(ip));
            }
            Err(refusal) => return refusal.plain().map(Body::from),
        }
    }
    if !room.trust.trusts(request.uri(), request.headers()) {
        return (StatusCode::FORBIDDEN, "this host or origin is not ours").into_response();
    }
    let answered = tokio::time::timeout(PATIENCE, next.run(request)).await;
    answered.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

/// Tells browsers what not to do with whatever is answered.
async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn style() -> Response {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "max-age=300")];
    (headers, include_str!("style.css")).into_response()
}

/// Where the list goes on.
#[derive(Deserialize)]
struct Onward {
    after: Option<String>,
}

async fn list(State(room): State<Arc<Room>>, Query(onward): Query<Onward>, head: Parts) -> Response {
    let visitor = match room.admit(&head).await {
        Ok(visitor) if visitor.may_list() => visitor,
        Ok(_) => return room.stranger(&Error::new(Code::Permission, "your link is for one request alone")),
        Err(refused) => return room.stranger(&refused),
    };
    match waiting(&room, &visitor, onward.after.as_deref()).await {
        Ok(listed) => {
            let main = view::list(&listed, |request| room.title(request));
            room.page(StatusCode::OK, Some(&visitor), "Waiting for a decision", &main)
        }
        Err(error) => room.refuse(Some(&visitor), &error),
    }
}

async fn waiting(room: &Room, visitor: &Visitor, after: Option<&str>) -> Result<Listed> {
    let tenant = visitor.who.tenant.as_deref().unwrap_or_default();
    let after = after.map(str::parse::<After>).transpose()?;
    // One more than is shown tells whether anything follows.
    let mut waiting = room.desk.approvals.waiting(tenant, after.as_ref(), u32::from(MOST) + 1).await?;
    let follows = waiting.len() > usize::from(MOST);
    waiting.truncate(usize::from(MOST));
    let newer = waiting.last().filter(|_| follows).map(Approval::place);
    Ok(Listed { waiting, newer, is_first: after.is_none() })
}

async fn show(State(room): State<Arc<Room>>, Path(id): Path<String>, head: Parts) -> Response {
    let visitor = match room.admit(&head).await {
        Ok(visitor) => visitor,
        Err(refused) => return room.stranger(&refused),
    };
    match one(&room, &visitor, &id).await {
        Ok((title, main)) => room.page(StatusCode::OK, Some(&visitor), &title, &main),
        Err(error) => room.refuse(Some(&visitor), &error),
    }
}

async fn one(room: &Room, visitor: &Visitor, id: &str) -> Result<(String, Html)> {
    if !visitor.may_see(id) {
        return Err(Error::new(Code::Permission, "your link is for another request")
            .hint("ask for a link to this one"));
    }
    let request = room.desk.find(&visitor.who, id).await?;
    // A decision that nobody signed is not shown as one.
    room.desk.signer.check(&request)?;
    let decision = match request.standing {
        Standing::Open if is_requester(request.scope.caller(), &visitor.who) => view::own(),
        Standing::Open => view::form(&request, &room.reception.token(visitor, id, room.clock.now())?),
        _ => Html::new(),
    };
    Ok((room.title(&request), view::request(&request, &decision)))
}

/// What the form says.
#[derive(Deserialize)]
struct Filled {
    token: String,
    verdict: Word,
    #[serde(default)]
    reason: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Approve,
    Deny,
}

async fn decide(
    State(room): State<Arc<Room>>,
    Path(id): Path<String>,
    head: Parts,
    form: Result<Form<Filled>, axum::extract::rejection::FormRejection>,
) -> Response {
    let visitor = match room.admit(&head).await {
        Ok(visitor) => visitor,
        Err(refused) => return room.stranger(&refused),
    };
    match take(&room, &visitor, &id, form.ok()).await {
        // Looked at with a request of its own, so that a reload decides nothing.
        Ok(()) => Redirect::to(&format!("/requests/{id}")).into_response(),
        Err(error) => room.refuse(Some(&visitor), &error),
    }
}

async fn take(room: &Arc<Room>, visitor: &Visitor, id: &str, form: Option<Form<Filled>>) -> Result<()> {
    let now = room.clock.now();
    let ours = form.filter(|Form(filled)| room.reception.is_ours(&filled.token, visitor, id, now));
    let Some(Form(filled)) = ours.filter(|_| visitor.may_see(id)) else {
        return Err(Error::new(Code::Permission, "this form is too old, or is not from this page")
            .hint("open the request again and decide there"));
    };
    let reason = content::Label::new(filled.reason.trim()).to_string();
    let verdict = match filled.verdict {
        Word::Approve => Verdict::Approve,
        Word::Deny => Verdict::Deny,
    };
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    let (there, who, id) = (Arc::clone(room), visitor.who.clone(), id.to_owned());
    let decided = room
        .decisions
        .spawn(async move { there.desk.decide(&who, &id, verdict, reason.as_deref()).await.map(drop) });
    decided.await.unwrap_or_else(|lost| Err(Error::internal("a decision was lost").source(lost)))
}

async fn land(State(room): State<Arc<Room>>, Path(text): Path<String>) -> Response {
    match room.reception.pass(&text, Door::Link, room.clock.now()) {
        Ok(pass) => {
            let main = view::landing(&pass.holder().key(), &text);
            room.page(StatusCode::OK, None, "A request waits for you", &main)
        }
        Err(refused) => room.refuse(None, &refused),
    }
}

async fn enter(State(room): State<Arc<Room>>, Path(text): Path<String>) -> Response {
    match change(&room, &text).await {
        Ok((cookie, request)) => {
            ([(SET_COOKIE, cookie)], Redirect::to(&format!("/requests/{request}"))).into_response()
        }
        Err(refused) => room.refuse(None, &refused),
    }
}

/// Changes a link, which works once, for a cookie.
async fn change(room: &Room, text: &str) -> Result<(String, String)> {
    let now = room.clock.now();
    let pass = room.reception.pass(text, Door::Link, now)?;
    let tenant = pass.tenant.clone().unwrap_or_default();
    if !room.links.use_link(&tenant, &pass.serial(), pass.until()).await? {
        return Err(link::spent());
    }
    Ok((room.reception.cookie(&pass, now)?, pass.request))
}
