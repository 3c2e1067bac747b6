//! The token a source uses now.

use std::sync::Arc;
use std::time::Duration;

use call::{Cached, Clock, Exchange, Fresh};
use error::{Code, Error, Result};
use rand::Rng as _;
use tokio::time::Instant;
use url::Url;

use crate::grants::{Grant, Issued, Life};
use crate::strikes::Strikes;
use crate::{Config, Token};

/// What a vendor's profile contributes where the configuration is silent.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// The vendor's token endpoint, if all its customers share one.
    pub token_url: Option<Url>,
    /// The base of the vendor's API, for grants whose endpoint lies within it.
    pub api_base: Url,
}

/// The tokens of one source: one at a time, renewed ahead of its end, asked for once however many wait.
pub struct Tokens {
    asking: Arc<Asking>,
    cached: Cached<Token>,
}

/// What a token request needs; shared with the task that makes it.
struct Asking {
    grant: Grant,
    exchange: Arc<dyn Exchange>,
    clock: Clock,
    /// Refusals of the credential: after three within a minute it is left alone.
    refusals: Strikes,
    /// Failures of the endpoint: after three within five seconds it is left alone, and as long as it asks for.
    outages: Strikes,
}

impl Tokens {
    /// Tokens for `config`. `invalid_argument` if the configuration lacks what neither it nor the vendor says.
    /// Nothing is asked for and no secret is read before the first [`Tokens::current`].
    pub fn new(
        config: Config,
        defaults: &Defaults,
        exchange: Arc<dyn Exchange>,
        clock: Clock,
    ) -> Result<Self> {
        let grant = Grant::new(config, defaults)?;
        let (refusals, outages) =
            (Strikes::new(Duration::from_secs(60)), Strikes::new(Duration::from_secs(5)));
        let asking = Arc::new(Asking { grant, exchange, clock, refusals, outages });
        Ok(Self { asking, cached: Cached::new() })
    }

    /// The token to send now.
    ///
    /// Errors: `upstream_auth` if the credential is refused (with `retry_after_ms` once three refusals within a
    /// minute made us stop asking) or its secret cannot be read; `upstream_unavailable`, `upstream_garbled` or
    /// `rate_limited` if the token endpoint fails, which may pass.
    pub async fn current(&self) -> Result<Arc<Token>> {
        // A valid token is served even while renewal is paused.
        let asking = Arc::clone(&self.asking);
        self.cached.get(move || async move { asking.fetch().await }).await
    }

    /// Notes that the vendor took `token`.
    pub fn accept(&self, token: &Token) {
        token.accept();
    }

    /// Drops `token`, which the vendor refused, unless a newer one took its place. A token that never worked
    /// counts as a refusal of the credential.
    pub fn reject(&self, token: &Arc<Token>) {
        if token.reject() {
            self.asking.refusals.add();
        }
        self.cached.invalidate(token);
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Asking {
    async fn fetch(&self) -> Result<Fresh<Token>> {
        if let Some(left) = self.refusals.pause() {
            let message = "the credential was refused three times within a minute and is left alone for now";
            return Err(Error::new(Code::UpstreamAuth, message).retry_after(left));
        }
        if let Some(left) = self.outages.pause() {
            let message =
                "the token endpoint fails again and again or asked for a pause, and is left alone for now";
            return Err(Error::new(Code::UpstreamUnavailable, message).retry_after(left));
        }
        let start = Instant::now();
        let asked = self.grant.ask(&self.exchange, &self.clock).await;
        let outcome = if asked.is_ok() { "ok" } else { "failed" };
        metrics::counter!("chancery_token_requests_total", "outcome" => outcome).increment(1);
        match asked {
            Ok(issued) => Ok(timed(issued, start.elapsed(), rand::rng().random_range(0.9..=1.1))),
            Err(error) => {
                tracing::warn!(?error, "no token");
                let strikes = if error.code() == Code::UpstreamAuth { &self.refusals } else { &self.outages };
                strikes.add();
                if let Some(wait) = error.wait() {
                    strikes.hold(wait);
                }
                Err(error)
            }
        }
    }
}

/// When a token of ours is read again from a place where it may have changed.
const REREAD: Duration = Duration::from_secs(10);
/// Longer than any process lives; small enough to be added to an instant.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// A token with its times: renewed at 80 % of its life, or a minute (or three round trips) before its end if
/// that is earlier, give or take a tenth so that replicas do not renew in step; never served at its very end.
fn timed(issued: Issued, round_trip: Duration, jitter: f64) -> Fresh<Token> {
    let (fresh_for, valid_for) = match issued.life {
        Life::Unknown => (FOREVER, FOREVER),
        Life::Reread => (REREAD, FOREVER),
        Life::For(life) => {
            // The life began when the vendor wrote the reply, at the earliest when we asked.
            let life = life.saturating_sub(round_trip);
            let margin = Duration::from_secs(60).max(round_trip * 3);
            let early = life.checked_sub(margin).filter(|early| *early > life / 2).unwrap_or(life / 2);
            let valid = life.mul_f64(0.98);
            (life.mul_f64(0.8).min(early).mul_f64(jitter).min(valid), valid)
        }
    };
    Fresh { value: issued.token, fresh_for, valid_for }
}

#[cfg(test)]
mod tests;
