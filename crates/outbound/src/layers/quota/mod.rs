//! The vendor's own limits.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use rand::Rng as _;
use tokio::time::Instant;

use super::attempt::LEAST;
use super::retry::LONGEST_WAIT;
use crate::answer::{Answer, Failure, Kind};
use crate::ask::Ask;
use crate::stack::Source;
use crate::{Profile, Reply};

/// Longest time a quota is taken for used up; a wrong `reset` must not silence a source for a day.
const LONGEST_QUOTA: Duration = Duration::from_secs(3600);
/// How long a quota is taken for used up when the vendor does not say.
const UNKNOWN_QUOTA: Duration = Duration::from_secs(60);
/// How long a throttled source is left alone when the vendor does not say.
const UNKNOWN_THROTTLE: Duration = Duration::from_secs(1);

/// Holds back requests that the vendor would refuse: one call learns of a limit, all calls of the source keep it.
pub(crate) struct Quota {
    source: String,
    profile: Profile,
    blocks: Mutex<Blocks>,
}

/// Until when nothing is sent.
#[derive(Default)]
struct Blocks {
    /// "Too many requests": binds the credential.
    throttled: Option<Instant>,
    /// "Used up": binds the bucket, for vendors keep several.
    exhausted: BTreeMap<&'static str, Instant>,
}

impl Quota {
    pub(crate) fn new(source: &Source) -> Self {
        Self { source: source.name.clone(), profile: source.profile, blocks: Mutex::new(Blocks::default()) }
    }

    async fn handle(&self, cx: &Cx, ask: Ask, next: Next<'_, Ask, Answer>) -> Result<Answer> {
        let bucket = ask.plan.bucket;
        while let Some((code, left)) = self.blocked(bucket) {
            // Spread, so that those who waited do not arrive as one.
            let wait = left.mul_f64(rand::rng().random_range(1.0..=1.1));
            if cx.remaining().is_some_and(|remaining| remaining < wait + LEAST) {
                let message = format!("{} allows no more requests for now", self.source);
                let error = Error::new(code, message).retry_after(left);
                return Ok(Failure::new(Kind::HeldBack, error).into());
            }
            tokio::time::sleep(wait).await;
        }
        let answer = next.run(cx, ask).await?;
        self.learn(bucket, &answer);
        Ok(answer)
    }

    /// Whether and how long requests on `bucket` are held back, and what to call it.
    fn blocked(&self, bucket: &str) -> Option<(Code, Duration)> {
        let now = Instant::now();
        let left =
            |until: Option<&Instant>| until?.checked_duration_since(now).filter(|left| !left.is_zero());
        let blocks = self.lock();
        let throttled = left(blocks.throttled.as_ref()).map(|left| (Code::RateLimited, left));
        let exhausted = left(blocks.exhausted.get(bucket)).map(|left| (Code::QuotaExhausted, left));
        exhausted.into_iter().chain(throttled).max_by_key(|(_, left)| *left)
    }

    fn learn(&self, bucket: &'static str, answer: &Answer) {
        match answer {
            Answer::Done(reply) => {
                if let Some(left) = self.used_up(reply) {
                    self.exhaust(bucket, left);
                }
            }
            Answer::Failed(Failure { kind: Kind::Throttled, wait, .. }) => {
                let wait = wait.unwrap_or(UNKNOWN_THROTTLE).min(LONGEST_WAIT);
                self.note("throttled", wait);
                let until = Instant::now() + wait;
                let throttled = &mut self.lock().throttled;
                *throttled = Some(throttled.map_or(until, |before| before.max(until)));
            }
            Answer::Failed(Failure { kind: Kind::Exhausted, wait, .. }) => {
                self.exhaust(bucket, wait.unwrap_or(UNKNOWN_QUOTA));
            }
            Answer::Failed(_) | Answer::Refused(_) => {}
        }
    }

    /// How long a quota is used up, by the headers of a good reply.
    fn used_up(&self, reply: &Reply) -> Option<Duration> {
        let limit = (self.profile.quota)(&reply.headers, reply.now())?;
        (limit.remaining == 0).then(|| Duration::try_from(limit.reset.duration_since(reply.now())).ok())?
    }

    fn exhaust(&self, bucket: &'static str, wait: Duration) {
        let wait = wait.min(LONGEST_QUOTA);
        self.note("exhausted", wait);
        self.lock().exhausted.insert(bucket, Instant::now() + wait);
    }

    fn note(&self, why: &'static str, wait: Duration) {
        metrics::gauge!("chancery_upstream_blocked_seconds", "source" => self.source.clone(), "why" => why)
            .set(wait.as_secs_f64());
        tracing::info!(source = self.source, why, seconds = wait.as_secs(), "requests are held back");
    }

    fn lock(&self) -> MutexGuard<'_, Blocks> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Layer<Ask, Answer> for Quota {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Ask,
        next: Next<'a, Ask, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(self.handle(cx, ask, next))
    }
}

#[cfg(test)]
mod tests;
