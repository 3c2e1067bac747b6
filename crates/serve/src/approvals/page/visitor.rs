//! Who stands before the page, and whether a form that comes back is ours.

use std::net::IpAddr;
use std::sync::Arc;

use call::Caller;
use error::{Code, Error, Result};
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use identity::{Authenticator, Certificate, Refusal};
use jiff::{SignedDuration, Timestamp};
use tool::Seal;

use crate::approvals::link::spent;
use crate::approvals::{Door, Pass, binding};
use crate::http::Peers;
use crate::tenants::Tenants;

/// How long a visitor who came by a link may stay, and how long a form may be filled in.
pub(super) const VISIT: SignedDuration = SignedDuration::from_mins(15);

/// Somebody who may decide.
pub(super) struct Visitor {
    pub(super) who: Caller,
    /// The one request that a link was for; `None` for somebody who may see all of their tenant.
    pub(super) only: Option<String>,
}

/// The address that a request comes from, in its extensions.
#[derive(Clone, Copy)]
pub(super) struct Whence(pub(super) IpAddr);

/// What tells visitors.
pub(super) struct Reception {
    pub(super) seal: Seal,
    pub(super) authenticator: Option<Arc<Authenticator>>,
    /// Whose tenant is not served decides nothing either.
    pub(super) tenants: Arc<Tenants>,
    /// From where visitors may come, and how often they may be wrong about who they are.
    pub(super) peers: Arc<Peers>,
    /// What a caller has to be granted.
    pub(super) scope: String,
    /// Whether browsers come over TLS.
    pub(super) secure: bool,
}

impl Visitor {
    pub(super) fn may_see(&self, request: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == request)
    }

    pub(super) fn may_list(&self) -> bool {
        self.only.is_none()
    }
}

impl Reception {
    /// Who sent the request: by the cookie that a link was changed for, else as callers are told apart.
    ///
    /// # Errors
    /// `permission` for everybody else.
    pub(super) async fn admit(&self, head: &Parts, now: Timestamp) -> Result<Visitor> {
        if let Some(text) = cookie(&head.headers, self.cookie_name()) {
            let pass = self.pass(text, Door::Session, now)?;
            return Ok(Visitor { who: pass.holder(), only: Some(pass.request) });
        }
        let unknown = || Error::new(Code::Permission, "nobody is known to stand here");
        let authenticator = self.authenticator.as_ref().ok_or_else(unknown)?;
        let certificate = head.extensions.get::<Arc<Certificate>>().map(Arc::as_ref);
        let found = authenticator.authenticate(&head.uri, &head.headers, certificate).await;
        let caller = found.map_err(|refusal| {
            self.note(head, &refusal);
            unknown()
        })?;
        if !caller.scopes.grant(&self.scope) {
            return Err(Error::new(Code::Permission, format!("approvers need the scope `{}`", self.scope)));
        }
        self.check_tenant(&caller)?;
        Ok(Visitor { who: Caller::clone(&caller), only: None })
    }

    /// The pass behind a text, unless an operator shuts out whom it was made for, or their tenant.
    ///
    /// # Errors
    /// As [`Pass::open`].
    pub(super) fn pass(&self, text: &str, door: Door, now: Timestamp) -> Result<Pass> {
        let pass = Pass::open(&self.seal, text, door, now)?;
        let who = pass.holder();
        let shut_out = self.authenticator.as_ref().is_some_and(|a| a.shuts_out(&who.subject));
        if shut_out || self.check_tenant(&who).is_err() { Err(spent()) } else { Ok(pass) }
    }

    /// Whether a visitor's tenant is served. One of no tenant sees requests of none.
    fn check_tenant(&self, who: &Caller) -> Result<()> {
        if who.tenant.is_some() {
            self.tenants.of(who)?;
        }
        Ok(())
    }

    /// Counts a credential that turned out to be none against the address that it came from. To come without any is
    /// not to guess.
    fn note(&self, head: &Parts, refusal: &Refusal) {
        let guessed = matches!(refusal, Refusal::Invalid(_)) && head.headers.contains_key(AUTHORIZATION);
        if let Some(Whence(ip)) = head.extensions.get::<Whence>().filter(|_| guessed) {
            self.peers.failed(*ip);
        }
    }

    /// The cookie that lets whoever has the pass stay for a while.
    pub(super) fn cookie(&self, pass: &Pass, now: Timestamp) -> Result<String> {
        let session = pass.renewed(now, VISIT).sealed(&self.seal, Door::Session)?;
        let secure = if self.secure { "; Secure" } else { "" };
        let (name, seconds) = (self.cookie_name(), VISIT.as_secs());
        Ok(format!("{name}={session}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"))
    }

    /// A browser takes a `__Host-` cookie over TLS alone, and from nobody but this very host.
    fn cookie_name(&self) -> &'static str {
        if self.secure { "__Host-chancery-approver" } else { "chancery-approver" }
    }

    /// What a form carries so that no other site can send it for its reader.
    pub(super) fn token(&self, visitor: &Visitor, request: &str, now: Timestamp) -> Result<String> {
        let until = now.saturating_add(VISIT).map_or(i64::MAX, Timestamp::as_second);
        self.seal.close(until.to_string().as_bytes(), &bound(visitor, request))
    }

    /// Whether a form is one that this visitor was given for this request, not long ago.
    pub(super) fn is_ours(&self, token: &str, visitor: &Visitor, request: &str, now: Timestamp) -> bool {
        let until = self.seal.reveal(token, &bound(visitor, request));
        let until = until.and_then(|bytes| str::from_utf8(&bytes).ok()?.parse::<i64>().ok());
        until.is_some_and(|until| until > now.as_second())
    }
}

fn bound(visitor: &Visitor, request: &str) -> Vec<u8> {
    binding(&["chancery approval form 1", visitor.who.method, &visitor.who.key(), request])
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs =
        headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}
