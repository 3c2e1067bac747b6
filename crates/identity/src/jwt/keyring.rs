//! An issuer's keys, kept fresh.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use call::{Cached, Exchange, Fresh};
use error::{Code, Error, Result};
use tokio::time::Instant;
use url::Url;

use super::keys::KeySet;
use crate::fetch::{discover, document, follow, garbled, max_age};
use crate::profile::Rules;
use crate::{Refusal, meters};

/// How long keys are served before they are fetched again, whatever the issuer says.
const FRESH: std::ops::RangeInclusive<u64> = 5 * 60..=60 * 60;
/// The same, where the issuer says nothing.
const USUALLY_FRESH: u64 = 15 * 60;
/// How long keys are served while their issuer cannot be reached.
const VALID: Duration = Duration::from_secs(24 * 3600);
/// A key that nobody knows sends us to the issuer once in this time: else anybody could drive us.
const UNKNOWN_PAUSE: Duration = Duration::from_secs(10);
/// So often without a pause, so that a stranger with an invented key is not in the way of a rotation.
const UNKNOWN_AT_ONCE: u32 = 5;
/// After a failure the issuer is left alone for this time.
const FAILURE_PAUSE: Duration = Duration::from_secs(5);

/// The keys of one issuer: one fetch at a time however many wait, old ones served while new ones are fetched.
pub(super) struct Keyring {
    source: Arc<Source>,
    cached: Cached<KeySet>,
    /// When every fetch for the sake of an unknown key will have had its pause.
    rested: Mutex<Option<Instant>>,
}

impl Keyring {
    pub(super) fn new(rules: &Rules, jwks_url: Option<Url>, exchange: Arc<dyn Exchange>) -> Self {
        let source = Source {
            issuer: rules.issuers.first().cloned().unwrap_or_default(),
            trusted_hosts: rules.trusted_hosts,
            configured: jwks_url,
            discovered: Mutex::new(None),
            failed: Mutex::new(None),
            exchange,
        };
        Self { source: Arc::new(source), cached: Cached::new(), rested: Mutex::new(None) }
    }

    /// The keys in force, without asking anybody.
    pub(super) fn peek(&self) -> Option<Arc<KeySet>> {
        self.cached.peek()
    }

    /// The keys, fetched again first if none of them is called `kid`. What keys that were asked for after the token came
    /// do not hold, its issuer does not publish. Where nobody can be asked, because the issuer fails or was asked often
    /// enough, the token may be good, and the refusal says when to come again.
    pub(super) async fn set_with(&self, kid: Option<&str>) -> Result<Arc<KeySet>, Refusal> {
        let keys = self.current().await?;
        if keys.has(kid) {
            return Ok(keys);
        }
        let (fetch, is_new) = self.asked_again()?;
        let keys = fetch.await.map_err(unavailable)?;
        if is_new || keys.has(kid) {
            return Ok(keys);
        }
        // That fetch may have begun before the key was published. Whichever is under way now has not.
        let (fetch, _) = self.asked_again()?;
        fetch.await.map_err(unavailable)
    }

    /// Fetches the keys if it is time to.
    pub(super) async fn tend(&self) {
        let _logged = self.current().await;
    }

    /// How many keys are in force, fetched first if they have to be.
    pub(super) async fn count(&self) -> Result<usize> {
        Ok(self.cached.get(|| fetch(&self.source)).await?.len())
    }

    async fn current(&self) -> Result<Arc<KeySet>, Refusal> {
        self.cached.get(|| fetch(&self.source)).await.map_err(unavailable)
    }

    /// A fetch for the sake of an unknown key, and whether it is a new one: the one under way if there is one, which
    /// costs nothing, else a new one if that is allowed now. Both are settled under one lock, so that of all who come
    /// with a new key at once none is turned away.
    fn asked_again(&self) -> Result<(Fetching, bool), Refusal> {
        let mut rested = lock(&self.rested);
        if let Some(under_way) = self.cached.under_way() {
            return Ok((Box::pin(under_way), false));
        }
        self.source.pause().map_err(unavailable)?;
        let now = Instant::now();
        let next = rested.map_or(now, |at| at.max(now)) + UNKNOWN_PAUSE;
        let early = next.saturating_duration_since(now + UNKNOWN_PAUSE * UNKNOWN_AT_ONCE);
        if !early.is_zero() {
            return Err(Refusal::Unavailable(early));
        }
        *rested = Some(next);
        Ok((Box::pin(self.cached.renew(|| fetch(&self.source))), true))
    }
}

/// Keys on their way.
type Fetching = call::BoxFuture<'static, Result<Arc<KeySet>>>;

fn unavailable(error: Error) -> Refusal {
    Refusal::Unavailable(error.wait().unwrap_or(FAILURE_PAUSE))
}

/// Where the keys come from.
struct Source {
    issuer: String,
    trusted_hosts: &'static [&'static str],
    configured: Option<Url>,
    /// Where the issuer's metadata said; looked up again after a failure.
    discovered: Mutex<Option<Url>>,
    failed: Mutex<Option<Instant>>,
    exchange: Arc<dyn Exchange>,
}

fn fetch(source: &Arc<Source>) -> impl Future<Output = Result<Fresh<KeySet>>> + Send + 'static {
    let source = Arc::clone(source);
    async move { source.fetch().await }
}

impl Source {
    async fn fetch(&self) -> Result<Fresh<KeySet>> {
        self.pause()?;
        let fetched = self.ask().await;
        meters::fetched(fetched.is_ok());
        if let Err(error) = &fetched {
            tracing::warn!(issuer = self.issuer, ?error, "the issuer's keys cannot be fetched");
            *lock(&self.failed) = Some(Instant::now());
            *lock(&self.discovered) = None;
        }
        fetched
    }

    async fn ask(&self) -> Result<Fresh<KeySet>> {
        let url = self.url().await?;
        let reply = document(&self.exchange, &url).await?;
        let keys = KeySet::read(reply.body()).ok_or_else(|| garbled(&url))?;
        let age = max_age(&reply).unwrap_or(USUALLY_FRESH).clamp(*FRESH.start(), *FRESH.end());
        Ok(Fresh { value: keys, fresh_for: Duration::from_secs(age), valid_for: VALID })
    }

    async fn url(&self) -> Result<Url> {
        if let Some(url) = &self.configured {
            return Ok(url.clone());
        }
        if let Some(url) = lock(&self.discovered).clone() {
            return Ok(url);
        }
        let metadata = discover(&self.exchange, &self.issuer).await?;
        let missing = || Error::new(Code::UpstreamGarbled, "the issuer does not say where its keys are");
        let url = follow(&self.issuer, self.trusted_hosts, metadata.jwks_uri.ok_or_else(missing)?)?;
        *lock(&self.discovered) = Some(url.clone());
        Ok(url)
    }

    /// An error while the issuer is left alone.
    fn pause(&self) -> Result<()> {
        let failed = *lock(&self.failed);
        match failed.and_then(|at| FAILURE_PAUSE.checked_sub(at.elapsed())).filter(|left| !left.is_zero()) {
            Some(left) => {
                let message = "the issuer failed a moment ago and is left alone for now";
                Err(Error::new(Code::UpstreamUnavailable, message).retry_after(left))
            }
            None => Ok(()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
