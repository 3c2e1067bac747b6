//! A finished simulator and the way of a request through it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, Request};

use crate::ask::Kit;
use crate::control::{self, Control};
use crate::fault::Faults;
use crate::log::Log;
use crate::route::{Found, Guard, Route, find};
use crate::wire::Delivery;
use crate::{
    Answer, Ask, Builder, Credential, Denial, Directions, Fault, Limit, Options, Principal, Refusal, Reply,
    Running, Scheme,
};

/// Whom a request comes from.
pub(crate) type Authorize = Box<dyn Fn(&Ask) -> Result<Principal, Refusal> + Send + Sync>;

/// What every answer gets at the end.
pub(crate) type Stamp = Box<dyn Fn(&Ask, &mut Answer) + Send + Sync>;

/// A vendor's API over state in memory, ready to be started. Cheap to clone; clones share the state.
#[derive(Clone)]
pub struct Simulator {
    pub(crate) engine: Arc<Engine>,
}

/// Everything a simulator consists of; handlers own the vendor's state.
pub(crate) struct Engine {
    pub(crate) vendor: &'static str,
    pub(crate) base_path: String,
    pub(crate) token_path: Option<String>,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) ready_token: Option<String>,
    pub(crate) kit: Arc<Kit>,
    pub(crate) routes: Vec<Route>,
    pub(crate) schemes: Vec<Scheme>,
    pub(crate) authorize: Authorize,
    pub(crate) limits: Vec<Limit>,
    pub(crate) stamp: Stamp,
    pub(crate) refill: Box<dyn Fn() + Send + Sync>,
    pub(crate) secret_headers: Vec<HeaderName>,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
}

impl Simulator {
    /// Begins a simulator of `vendor` whose state is what `fill` returns, now and after each reset.
    pub fn build<S: Send + 'static>(
        vendor: &'static str,
        fill: impl Fn() -> S + Send + Sync + 'static,
    ) -> Builder<S> {
        Builder::new(vendor, fill)
    }

    /// The vendor's name.
    #[must_use]
    pub fn vendor(&self) -> &'static str {
        self.engine.vendor
    }

    /// The demo credentials of every way in.
    #[must_use]
    pub fn credentials(&self) -> &[Credential] {
        &self.engine.credentials
    }

    /// The control plane from inside the process.
    #[must_use]
    pub fn control(&self) -> Control {
        Control { engine: self.engine.clone() }
    }

    /// Answers one request without a socket: routes, tokens, limits, faults that have an answer, log. `None`
    /// when a fault leaves the client without one.
    #[must_use]
    pub fn reply(&self, request: Request<Bytes>) -> Option<Answer> {
        let origin = format!("http://{}", Ipv4Addr::LOCALHOST);
        match self.engine.handle(request, Ipv4Addr::LOCALHOST.into(), origin) {
            Delivery::Answer(answer) | Delivery::Late(answer, _) => Some(answer),
            Delivery::Never | Delivery::Raw(_) => None,
        }
    }

    /// Directions to this simulator where another process serves it.
    #[must_use]
    pub fn at(&self, addr: SocketAddr) -> Directions {
        Directions::to(&self.engine, &format!("http://{addr}"))
    }

    /// Serves on a real socket until the result is dropped or stopped. Errors: the address cannot be bound.
    pub async fn start(&self, options: Options) -> io::Result<Running> {
        Running::start(self.engine.clone(), options).await
    }
}

impl Engine {
    /// Answers one request, and logs it before the client can know.
    pub(crate) fn handle(
        self: &Arc<Self>,
        request: Request<Bytes>,
        peer: IpAddr,
        origin: String,
    ) -> Delivery {
        if request.uri().path().starts_with(control::ROOT) {
            let control = Control { engine: self.clone() };
            return Delivery::Answer(control.answer(&request, peer));
        }
        let mut ask = Ask::new(request, origin, self.kit.clone());
        let fault = self.faults.pick(&ask.method, &ask.path);
        let applied = fault.as_ref().is_none_or(Fault::applies);
        let answer = match &fault {
            Some(fault) if !applied => self.instead(&ask, fault),
            _ => Some(self.answer(&mut ask)),
        };
        self.record(&ask, answer.as_ref(), applied, fault.as_ref());
        Delivery::new(fault.as_ref(), answer, &ask.method)
    }

    /// Answers a request whose body was too long to read, and logs it without that.
    pub(crate) fn too_large(&self, request: Request<Bytes>, origin: String) -> Answer {
        let ask = Ask::new(request, origin, self.kit.clone());
        let mut answer = ask.refuse(Refusal::TooLarge).header("connection", "close");
        (self.stamp)(&ask, &mut answer);
        self.record(&ask, Some(&answer), false, None);
        answer
    }

    fn record(&self, ask: &Ask, answer: Option<&Answer>, applied: bool, fault: Option<&Fault>) {
        // Where secrets are sent they are secret whatever the answer is, also if there is none.
        let beyond = self.token_path.as_ref().and_then(|path| ask.path.strip_prefix(path.as_str()));
        let secret = matches!(beyond, Some("" | "/revoke"));
        self.log.push(ask, secret, answer, applied, fault, &self.secret_headers);
    }

    /// Back to the beginning; see [`Control::reset`].
    pub(crate) fn reset(&self) {
        (self.refill)();
        self.faults.clear();
        self.log.clear();
        self.kit.tokens.reset();
        self.kit.clock.reset();
        self.limits.iter().for_each(Limit::reset);
    }

    /// The vendor's answer.
    fn answer(&self, ask: &mut Ask) -> Answer {
        let mut answer = Answer::from(self.routed(ask));
        (self.stamp)(ask, &mut answer);
        answer
    }

    fn routed(&self, ask: &mut Ask) -> Reply {
        let route = match find(&self.routes, &ask.method, &ask.path) {
            Found::Route(route, params) => {
                ask.params = params;
                route
            }
            Found::OtherMethods(methods) => return Err(ask.refuse(Refusal::WrongMethod(methods))),
            Found::Nothing => return Err(ask.refuse(Refusal::NoRoute)),
        };
        if route.guard == Guard::Open {
            return Ok((route.handler)(ask));
        }
        ask.caller = Some((self.authorize)(ask).map_err(|refusal| ask.refuse(refusal))?);
        let (over, told) = self.spend(ask);
        let mut answer = over.unwrap_or_else(|| (route.handler)(ask));
        told.iter().for_each(|(name, value)| answer.push_header(name, value));
        Ok(answer)
    }

    /// Counts the request against every limit: the refusal of the first that is used up, and all headers.
    fn spend(&self, ask: &Ask) -> (Option<Answer>, Vec<(&'static str, String)>) {
        let mut told = Vec::new();
        for limit in &self.limits {
            let Some(budget) = limit.take(ask) else { continue };
            told.extend(limit.told(&budget));
            if budget.exceeded {
                return (Some(ask.refuse(Refusal::RateLimited(budget))), told);
            }
        }
        (None, told)
    }

    /// What a fault answers in the vendor's place; `None` if nothing that is HTTP.
    fn instead(&self, ask: &Ask, fault: &Fault) -> Option<Answer> {
        match fault {
            Fault::Status { status, headers, body } => {
                let mut answer = injected(ask, *status, body.as_ref());
                (self.stamp)(ask, &mut answer);
                headers.iter().for_each(|(name, value)| answer.push_header(name, value));
                Some(answer)
            }
            Fault::Html200 {} => Some(Answer::body(200, "text/html; charset=utf-8", LOGIN_PAGE)),
            Fault::Garbage { framing: false } => {
                Some(Answer::body(200, "application/json", r#"{"values":[{"id":"#))
            }
            Fault::RevokeToken {} => {
                let presented = self.schemes.iter().find_map(|scheme| scheme.read(&ask.headers));
                presented.iter().for_each(|shown| {
                    ask.tokens().revoke(&shown.value);
                });
                let mut answer = ask.refuse(Refusal::Unauthenticated(Denial::Revoked));
                (self.stamp)(ask, &mut answer);
                Some(answer)
            }
            _ => None,
        }
    }
}

/// What a proxy in front of a vendor says when it has lost the session.
const LOGIN_PAGE: &str = "<!DOCTYPE html><html><head><title>Log in</title></head><body><form action=\"/login\">\
    <input name=\"user\"><input name=\"password\" type=\"password\"></form></body></html>";

fn injected(ask: &Ask, status: u16, body: Option<&serde_json::Value>) -> Answer {
    match body {
        Some(serde_json::Value::String(text)) => {
            Answer::body(status, "text/plain; charset=utf-8", text.clone())
        }
        Some(json) => Answer::json(status, json),
        None => {
            let status =
                http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
            ask.refuse(Refusal::Injected(status))
        }
    }
}
