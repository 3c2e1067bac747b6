//! Access tokens that are JWTs (RFC 9068), verified with their issuer's keys.

mod head;
mod keyring;
mod keys;

use std::sync::Arc;
use std::time::Duration;

use call::{BoxFuture, Caller, Clock, Exchange, Scopes};
use jiff::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use url::Url;

use self::head::Head;
use self::keyring::Keyring;
use self::keys::{Key, KeySet};
use crate::claims::Claims;
use crate::presented::Digest;
use crate::profile::Rules;
use crate::recent::Recent;
use crate::refusal::Flaw;
use crate::verifier::Finding as Found;
use crate::{Identity, Presented, Refusal, Verifier};

pub(crate) use self::head::issuer_of;

/// How long a token that was found good is not verified again. No revocation either: RFC 9068 tokens have none.
const BELIEVED: Duration = Duration::from_secs(60);
/// How long a token that was found bad is not verified again.
const DISBELIEVED: Duration = Duration::from_secs(5);

/// How times are judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// How far the issuer's clock may differ.
    pub(crate) leeway: i64,
    /// The longest life that is trusted, in seconds.
    pub(crate) max_lifetime: i64,
}

/// The tokens of one issuer.
pub(crate) struct Jwt {
    rules: Arc<Rules>,
    patience: Patience,
    keyring: Keyring,
    clock: Clock,
    /// Whether nothing can be told without its keys. An issuer of opaque tokens may have none.
    is_vital: bool,
    /// By the keys it was found with: another set of keys forgets all at once.
    recent: Recent<(Digest, Finding)>,
}

type Finding = Result<Arc<Identity>, Flaw>;

impl Jwt {
    /// Tokens by `rules`, verified with the keys at `jwks_url`, or where the issuer's metadata says. Nothing is asked
    /// for before the first token or [`Verifier::tend`].
    pub(crate) fn new(
        rules: Arc<Rules>,
        patience: Patience,
        jwks_url: Option<Url>,
        exchange: Arc<dyn Exchange>,
        clock: Clock,
    ) -> Self {
        let keyring = Keyring::new(&rules, jwks_url, exchange);
        Self { rules, patience, keyring, clock, is_vital: true, recent: Recent::new() }
    }

    /// The same beside opaque tokens of the same issuer.
    pub(crate) fn beside_introspection(self) -> Self {
        Self { is_vital: false, ..self }
    }

    async fn find_out(&self, presented: &Presented) -> Result<Arc<Identity>, Refusal> {
        let now = self.clock.now();
        if let Some(keys) = self.keyring.peek()
            && let Some((print, finding)) = self.recent.get(presented.digest(), now)
            && print == keys.print
        {
            return finding.map_err(Refusal::Invalid);
        }
        let head = Head::read(presented.text())?;
        let keys = self.keyring.set_with(head.kid.as_deref()).await?;
        // The keys may have been long in coming.
        let now = self.clock.now();
        let finding = self.judge(presented.text(), &head, &keys, now).map(Arc::new);
        let until = match &finding {
            Ok(identity) => identity.caller.expires.unwrap_or(now).min(later(now, BELIEVED)),
            Err(_) => later(now, DISBELIEVED),
        };
        self.recent.put(*presented.digest(), (keys.print, finding.clone()), until);
        finding.map_err(Refusal::Invalid)
    }

    fn judge(&self, token: &str, head: &Head, keys: &KeySet, now: Timestamp) -> Result<Identity, Flaw> {
        if !self.rules.is_type(head.typ.as_deref()) {
            return Err(Flaw::Type);
        }
        let kid = head.kid.as_deref();
        if !keys.has(kid) {
            return Err(Flaw::Key);
        }
        let mut flaw = Flaw::Algorithm;
        for key in keys.candidates(kid, &head.alg) {
            match verified(token, key) {
                Ok(claims) => return self.believe(&claims, now),
                Err(why) => flaw = why,
            }
        }
        Err(flaw)
    }

    /// Whose token it is, if everything it claims is in order. Its signature is.
    fn believe(&self, claims: &Claims, now: Timestamp) -> Result<Identity, Flaw> {
        let rules = &self.rules;
        let issuer = claims.text("iss").ok_or(Flaw::Claim("iss"))?;
        if !rules.issuers.iter().any(|known| known == issuer) {
            return Err(Flaw::Issuer);
        }
        if !rules.is_for_us(claims) {
            return Err(Flaw::Audience);
        }
        rules.is_access_token(claims)?;
        let expires = self.patience.check(claims, now)?;
        let subject = claims.text("sub").ok_or(Flaw::Claim("sub"))?;
        let caller = Caller {
            issuer: Some(issuer.to_owned()),
            tenant: rules.tenant(claims)?,
            client: Some(rules.client(claims)?.to_owned()),
            scopes: Scopes::Some(rules.scopes(claims)),
            claims: rules.roles(claims)?,
            token_id: rules.token_id(claims)?,
            expires: Some(expires),
            ..Caller::new(subject, "jwt")
        };
        Ok(Identity { caller: Arc::new(caller), bound_to: claims.binding()? })
    }
}

impl Verifier for Jwt {
    fn recognizes(&self, presented: &Presented) -> bool {
        issuer_of(presented.text()).is_some_and(|issuer| self.rules.issuers.contains(&issuer))
    }

    fn verify<'a>(&'a self, presented: &'a Presented) -> BoxFuture<'a, Result<Arc<Identity>, Refusal>> {
        Box::pin(self.find_out(presented))
    }

    fn tend(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.keyring.tend())
    }

    fn examine(&self) -> BoxFuture<'_, Option<Found>> {
        Box::pin(async move {
            let outcome = self.keyring.count().await.map(|keys| format!("publishes {keys} keys we can use"));
            Some(Found { what: format!("issuer {}", self.rules.name()), outcome })
        })
    }

    fn is_ready(&self) -> bool {
        !self.is_vital || self.keyring.peek().is_some()
    }
}

impl Patience {
    /// When the token ends, if it is valid now (RFC 7519, sections 4.1.4 to 4.1.6).
    ///
    /// The crate that verifies signatures would look at the machine's clock; this looks at ours.
    fn check(&self, claims: &Claims, now: Timestamp) -> Result<Timestamp, Flaw> {
        let now = now.as_second();
        let expires = claims.seconds("exp")?.ok_or(Flaw::Claim("exp"))?;
        let issued = claims.seconds("iat")?.ok_or(Flaw::Claim("iat"))?;
        let begins = claims.seconds("nbf")?.unwrap_or(issued);
        if expires + self.leeway <= now {
            return Err(Flaw::Expired);
        }
        if begins.max(issued) > now + self.leeway {
            return Err(Flaw::Early);
        }
        if expires - issued > self.max_lifetime {
            return Err(Flaw::Lifetime);
        }
        Timestamp::from_second(expires).map_err(|_| Flaw::Claim("exp"))
    }
}

/// The claims, once the signature is found to be the key's.
fn verified(token: &str, key: &Key) -> Result<Claims, Flaw> {
    let decoded = jsonwebtoken::decode::<Claims>(token, &key.key, &key.validation);
    decoded.map(|token| token.claims).map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature => Flaw::Signature,
        ErrorKind::InvalidAlgorithm => Flaw::Algorithm,
        ErrorKind::MissingRequiredClaim(name) => Flaw::Claim(required(name)),
        _ => Flaw::Form,
    })
}

fn required(name: &str) -> &'static str {
    keys::REQUIRED.iter().find(|required| **required == name).copied().unwrap_or("claim")
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.saturating_add(by).unwrap_or(now)
}
