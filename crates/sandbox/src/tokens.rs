//! The registry of tokens: who issued what to whom, and until when.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;

use crate::scheme::Presented;
use crate::{Clock, Denial};

/// Expired tokens are forgotten when the registry reaches this size.
const SWEEP_AT: usize = 10_000;

/// Whom a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The account: an e-mail, a client id, an installation id.
    pub name: String,
    /// What it may do, in the vendor's words.
    pub scopes: Vec<String>,
}

impl Principal {
    /// A principal with these scopes.
    #[must_use]
    pub fn new(name: impl Into<String>, scopes: &[&str]) -> Self {
        Self { name: name.into(), scopes: scopes.iter().map(|&scope| scope.to_owned()).collect() }
    }

    /// Whether the scope was granted.
    #[must_use]
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

/// A token just issued.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The token.
    pub token: String,
    /// When it ends, on the simulator's clock.
    pub expires: Timestamp,
}

/// Every token a simulator knows. Issued ones expire and end with a reset; static ones (API tokens, personal
/// access tokens) live until revoked, and a reset brings them back.
pub struct Tokens {
    clock: Arc<Clock>,
    known: Mutex<HashMap<String, Token>>,
}

struct Token {
    principal: Principal,
    /// `None` for static tokens.
    expires: Option<Timestamp>,
    revoked: bool,
    /// The value is `user:secret` and counts only as HTTP Basic.
    basic: bool,
}

impl Tokens {
    pub(crate) fn new(clock: Arc<Clock>) -> Self {
        Self { clock, known: Mutex::default() }
    }

    /// Issues an opaque random token.
    pub fn issue(&self, principal: Principal, lifetime: Duration) -> Issued {
        let random: [u8; 32] = rand::random();
        self.issue_as(URL_SAFE_NO_PAD.encode(random), principal, lifetime)
    }

    /// Issues a token of the vendor's own shape.
    pub fn issue_as(&self, token: String, principal: Principal, lifetime: Duration) -> Issued {
        let now = self.clock.now();
        let expires = now.saturating_add(lifetime).unwrap_or(Timestamp::MAX);
        let mut known = self.known();
        if known.len() >= SWEEP_AT {
            known.retain(|_, token| token.expires.is_none_or(|end| end > now));
        }
        let entry = Token { principal, expires: Some(expires), revoked: false, basic: false };
        known.insert(token.clone(), entry);
        Issued { token, expires }
    }

    /// Whom the token belongs to. Errors: why it does not count now.
    pub fn check(&self, presented: &Presented) -> Result<Principal, Denial> {
        let known = self.known();
        let token = known.get(&presented.value).filter(|token| token.basic == presented.basic);
        match token {
            None => Err(Denial::Unknown),
            Some(token) if token.revoked => Err(Denial::Revoked),
            Some(token) if token.expires.is_some_and(|end| end <= self.clock.now()) => Err(Denial::Expired),
            Some(token) => Ok(token.principal.clone()),
        }
    }

    /// Ends a token; false when it is not known.
    pub fn revoke(&self, value: &str) -> bool {
        self.known().get_mut(value).map(|token| token.revoked = true).is_some()
    }

    pub(crate) fn add_static(&self, value: String, principal: Principal, basic: bool) {
        self.known().insert(value, Token { principal, expires: None, revoked: false, basic });
    }

    /// Forgets issued tokens and revives static ones.
    pub(crate) fn reset(&self) {
        let mut known = self.known();
        known.retain(|_, token| token.expires.is_none());
        known.values_mut().for_each(|token| token.revoked = false);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Token>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
