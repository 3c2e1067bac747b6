//! How a vendor's simulator is put together.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderName, Method};

use crate::ask::{Errors, Kit};
use crate::engine::{Authorize, Engine, Stamp};
use crate::fault::Faults;
use crate::log::Log;
use crate::route::{Guard, Handler, Route};
use crate::{
    Answer, App, Ask, ClientCredentials, Clock, Credential, Limit, Principal, Refusal, Scheme, Simulator,
    Tokens,
};

/// A simulator in the making, over the vendor's state `S`.
pub struct Builder<S> {
    vendor: &'static str,
    state: Arc<Mutex<S>>,
    refill: Box<dyn Fn() + Send + Sync>,
    base_path: String,
    token_path: Option<String>,
    clock: Arc<Clock>,
    tokens: Tokens,
    credentials: Vec<Credential>,
    /// Whom the ready token stands for, if no static token can be it.
    first_client: Option<Principal>,
    routes: Vec<Route>,
    schemes: Vec<Scheme>,
    authorize: Option<Authorize>,
    errors: Errors,
    limits: Vec<Limit>,
    stamp: Stamp,
}

impl<S: Send + 'static> Builder<S> {
    pub(crate) fn new(vendor: &'static str, fill: impl Fn() -> S + Send + Sync + 'static) -> Self {
        let state = Arc::new(Mutex::new(fill()));
        let refilled = state.clone();
        let refill = move || *refilled.lock().unwrap_or_else(PoisonError::into_inner) = fill();
        let clock = Arc::new(Clock::default());
        Self {
            vendor,
            state,
            refill: Box::new(refill),
            base_path: String::new(),
            token_path: None,
            tokens: Tokens::new(clock.clone()),
            clock,
            credentials: Vec::new(),
            first_client: None,
            routes: Vec::new(),
            schemes: Vec::new(),
            authorize: None,
            errors: Box::new(Refusal::plain),
            limits: Vec::new(),
            stamp: Box::new(|_, _| {}),
        }
    }

    /// Adds a route for holders of a valid token. `{name}` stands for one segment; a literal beats a name.
    #[must_use]
    pub fn route<R: Into<Answer>>(
        self,
        method: Method,
        path: &str,
        handler: impl Fn(&mut S, &Ask) -> R + Send + Sync + 'static,
    ) -> Self {
        self.add(method, path, Guard::Token, handler)
    }

    /// Adds a route for anyone; limits do not count it, and the handler may look at credentials itself.
    #[must_use]
    pub fn open<R: Into<Answer>>(
        self,
        method: Method,
        path: &str,
        handler: impl Fn(&mut S, &Ask) -> R + Send + Sync + 'static,
    ) -> Self {
        self.add(method, path, Guard::Open, handler)
    }

    /// What `base_url` has after the host, such as `/ex/jira/acme`. Routes are written whole all the same.
    #[must_use]
    pub fn base_path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.base_path);
        self
    }

    /// Accepts credentials in this scheme; Bearer alone when none is named.
    #[must_use]
    pub fn accept(mut self, scheme: Scheme) -> Self {
        self.schemes.push(scheme);
        self
    }

    /// Decides by itself whom a request comes from, usually starting with [`Ask::check`].
    #[must_use]
    pub fn authorize(
        mut self,
        authorize: impl Fn(&Ask) -> Result<Principal, Refusal> + Send + Sync + 'static,
    ) -> Self {
        self.authorize = Some(Box::new(authorize));
        self
    }

    /// Gives refusals the vendor's shape.
    #[must_use]
    pub fn errors(mut self, errors: impl Fn(&Ask, &Refusal) -> Answer + Send + Sync + 'static) -> Self {
        self.errors = Box::new(errors);
        self
    }

    /// Finishes every answer of the vendor, refusals included: request ids, version headers.
    #[must_use]
    pub fn stamp(mut self, stamp: impl Fn(&Ask, &mut Answer) + Send + Sync + 'static) -> Self {
        self.stamp = Box::new(stamp);
        self
    }

    /// Adds a rate limit.
    #[must_use]
    pub fn limit(mut self, limit: Limit) -> Self {
        self.limits.push(limit);
        self
    }

    /// Adds the token endpoint at `path`.
    #[must_use]
    pub fn client_credentials(mut self, path: &str, grant: ClientCredentials) -> Self {
        self.token_path = Some(path.to_owned());
        self.credentials.extend(grant.credentials());
        self.first_client = grant.first_principal().cloned();
        let grant = Arc::new(grant);
        let revoking = grant.clone();
        self.open(Method::POST, path, move |_, ask| grant.answer(ask)).open(
            Method::POST,
            &format!("{path}/revoke"),
            move |_, ask| revoking.revoke(ask),
        )
    }

    /// Adds a static token: a personal access token or API key.
    #[must_use]
    pub fn token(mut self, token: &str, principal: Principal) -> Self {
        self.tokens.add_static(token.to_owned(), principal, false);
        self.credentials.push(Credential::Token { token: token.to_owned() });
        self
    }

    /// Adds a user with a password or API token, for [`Scheme::Basic`].
    #[must_use]
    pub fn basic(mut self, user: &str, secret: &str, principal: Principal) -> Self {
        self.tokens.add_static(format!("{user}:{secret}"), principal, true);
        self.credentials.push(Credential::Basic { user: user.to_owned(), secret: secret.to_owned() });
        self
    }

    /// Lists a GitHub-style app among the credentials. Its routes are the vendor's, over [`App::verify`] and
    /// [`App::issue`].
    #[must_use]
    pub fn app(mut self, app: &App) -> Self {
        self.credentials.push(app.credential());
        self
    }

    /// The finished simulator.
    #[must_use]
    pub fn finish(mut self) -> Simulator {
        if self.schemes.is_empty() {
            self.schemes.push(Scheme::Bearer);
        }
        let schemes = self.schemes.clone();
        let by_scheme: Authorize = Box::new(move |ask| ask.check(&schemes).map_err(Refusal::Unauthenticated));
        let engine = Engine {
            vendor: self.vendor,
            ready_token: self.ready_token(),
            base_path: self.base_path,
            token_path: self.token_path,
            credentials: self.credentials,
            kit: Arc::new(Kit { clock: self.clock, tokens: self.tokens, errors: self.errors }),
            routes: self.routes,
            secret_headers: self.schemes.iter().filter_map(|scheme| own_header(*scheme)).collect(),
            schemes: self.schemes,
            authorize: self.authorize.unwrap_or(by_scheme),
            limits: self.limits,
            stamp: self.stamp,
            refill: self.refill,
            faults: Faults::default(),
            log: Log::default(),
        };
        Simulator { engine: Arc::new(engine) }
    }

    fn add<R: Into<Answer>>(
        mut self,
        method: Method,
        path: &str,
        guard: Guard,
        handler: impl Fn(&mut S, &Ask) -> R + Send + Sync + 'static,
    ) -> Self {
        let state = self.state.clone();
        let handler: Handler = Box::new(move |ask| {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            handler(&mut state, ask).into()
        });
        self.routes.push(Route::new(method, path, guard, handler));
        self
    }

    /// A token for clients that bring their own: the first static one, else one for the first client that
    /// outlives resets.
    fn ready_token(&self) -> Option<String> {
        let given = self.credentials.iter().find_map(|credential| match credential {
            Credential::Token { token } => Some(token.clone()),
            _ => None,
        });
        given.or_else(|| {
            let random: [u8; 32] = rand::random();
            let token = URL_SAFE_NO_PAD.encode(random);
            self.tokens.add_static(token.clone(), self.first_client.clone()?, false);
            Some(token)
        })
    }
}

fn own_header(scheme: Scheme) -> Option<HeaderName> {
    match scheme {
        Scheme::Header(name) => HeaderName::try_from(name).ok(),
        _ => None,
    }
}
