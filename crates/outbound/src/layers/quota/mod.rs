//! The vendor's own limits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use tokio::time::Instant;

use super::attempt::LEAST;
use super::bulkhead::Queue;
use super::retry::{LONGEST_QUOTA, LONGEST_WAIT, spread};
use crate::answer::{Answer, Failure, Kind};
use crate::ask::{Ask, Plan};
use crate::stack::Source;
use crate::{Class, Profile, Reply};

/// Longest time a quota is taken for used up; a wrong `reset` must not silence a source for a day.
const LONGEST_BLOCK: Duration = Duration::from_secs(3600);
/// How long a quota is taken for used up when the vendor does not say.
const UNKNOWN_QUOTA: Duration = Duration::from_secs(60);
/// A quota that renews within this time is worth waiting for: to the caller it is a rate.
const SHORT: Duration = Duration::from_secs(120);
/// How long a throttled source is left alone when the vendor does not say.
const UNKNOWN_THROTTLE: Duration = Duration::from_secs(1);

/// How long the others wait before they look whether the scout is back.
const SCOUTING: Duration = Duration::from_millis(250);
/// How long a scout is alone: one slow request must not stall its source.
const ALONE: Duration = Duration::from_secs(1);

/// Holds back requests that the vendor would refuse: one call learns of a limit, all calls of the source keep it. No
/// more of them wait than may for a place.
pub(crate) struct Quota {
    source: String,
    profile: Profile,
    blocks: Mutex<Blocks>,
    reads: Queue,
    writes: Queue,
}

#[derive(Default)]
struct Blocks {
    /// "Too many requests": binds the credential.
    throttle: Option<Throttle>,
    /// "Used up": binds the bucket, for vendors keep several.
    exhausted: BTreeMap<&'static str, UsedUp>,
}

struct UsedUp {
    /// When a request is tried again.
    until: Instant,
    /// When the vendor says that it renews, if it does.
    renews: Option<Instant>,
}

impl UsedUp {
    /// For whoever comes before `until`. What is told is the vendor's word: that we look earlier is no promise.
    fn held(&self, now: Instant) -> Held {
        let (wait, renews) = (self.until - now, self.renews.map(|at| at.saturating_duration_since(now)));
        Held { code: code_for(renews), wait, told: renews.unwrap_or(wait).min(LONGEST_QUOTA) }
    }
}

/// Why a request is held back.
struct Held {
    code: Code,
    /// Until it is tried.
    wait: Duration,
    /// What the caller is told if that is too long.
    told: Duration,
}

impl Held {
    fn throttled(wait: Duration) -> Self {
        Self { code: Code::RateLimited, wait, told: wait }
    }
}

/// What a used up quota is to the caller, by the time until it renews.
pub(crate) fn code_for(wait: Option<Duration>) -> Code {
    match wait {
        Some(wait) if wait <= SHORT => Code::RateLimited,
        _ => Code::QuotaExhausted,
    }
}

/// After its time one request goes ahead as a scout, and the others follow if it is let in: all at once they would
/// only be refused again. While it is not back, another may try every second.
struct Throttle {
    until: Instant,
    /// When the last scout that is under way went ahead.
    scout: Option<Instant>,
}

impl Quota {
    pub(crate) fn new(source: &Source) -> Self {
        let queue = || Queue::new(source.limits.queue);
        Self {
            source: source.name.clone(),
            profile: source.profile,
            blocks: Mutex::new(Blocks::default()),
            reads: queue(),
            writes: queue(),
        }
    }

    async fn handle(&self, cx: &Cx, ask: Ask, next: Next<'_, Ask, Answer>) -> Result<Answer> {
        let plan = Arc::clone(&ask.plan);
        let scout = match self.admit(cx, &plan).await {
            Ok(scout) => scout,
            Err(held) => {
                let message = format!("{} allows no more requests for now", self.source);
                let error = Error::new(held.code, message).retry_after(held.told);
                return Ok(Failure::new(Kind::HeldBack, error).into());
            }
        };
        let answer = next.run(cx, ask).await?;
        if scout.is_some() && is_let_in(&plan, &answer) {
            self.let_in();
        }
        self.learn(plan.bucket, &answer);
        Ok(answer)
    }

    /// Waits until a request may pass, perhaps as a scout; says why it is held back if it cannot wait for that.
    async fn admit(&self, cx: &Cx, plan: &Plan) -> Result<Option<Scout<'_>>, Held> {
        let queue = match plan.class {
            Class::Read => &self.reads,
            Class::Write => &self.writes,
        };
        let mut queued = None;
        loop {
            let held = match self.pass(plan.bucket) {
                Ok(scout) => return Ok(scout),
                Err(held) => held,
            };
            queued = queued.or_else(|| queue.join());
            let wait = spread(held.wait);
            if queued.is_none() || !cx.can_wait(wait + LEAST) {
                return Err(held);
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Lets a request on `bucket` pass, perhaps as a scout; else says why and how long it is held back.
    fn pass(&self, bucket: &str) -> Result<Option<Scout<'_>>, Held> {
        let now = Instant::now();
        let mut blocks = self.lock();
        match blocks.exhausted.get(bucket) {
            Some(used_up) if used_up.until > now => return Err(used_up.held(now)),
            Some(_) => {
                blocks.exhausted.remove(bucket);
                self.gauge("exhausted", Duration::ZERO);
            }
            None => {}
        }
        match &mut blocks.throttle {
            None => Ok(None),
            Some(throttle) if throttle.until > now => Err(Held::throttled(throttle.until - now)),
            Some(throttle) if throttle.scout.is_some_and(|began| now < began + ALONE) => {
                Err(Held::throttled(SCOUTING))
            }
            Some(throttle) => {
                throttle.scout = Some(now);
                Ok(Some(Scout { quota: self, began: now }))
            }
        }
    }

    /// A scout was let in: the throttle is over, unless the vendor has set a new one since.
    fn let_in(&self) {
        let now = Instant::now();
        if self.lock().throttle.take_if(|throttle| throttle.until <= now).is_some() {
            self.gauge("throttled", Duration::ZERO);
        }
    }

    fn learn(&self, bucket: &'static str, answer: &Answer) {
        match answer {
            Answer::Done(reply) => {
                if let Some(left) = self.used_up(reply) {
                    self.exhaust(bucket, Some(left));
                }
            }
            Answer::Failed(Failure { kind: Kind::Throttled, wait, .. }) => {
                self.throttle(wait.unwrap_or(UNKNOWN_THROTTLE).min(LONGEST_WAIT));
            }
            Answer::Failed(Failure { kind: Kind::Exhausted, wait, .. }) => {
                self.exhaust(bucket, *wait);
            }
            // A record that is busy says nothing of the others, and whoever asked for it waits by itself.
            Answer::Failed(_) | Answer::Refused(_) => {}
        }
    }

    fn throttle(&self, wait: Duration) {
        self.note("throttled", wait);
        let until = Instant::now() + wait;
        let mut blocks = self.lock();
        let until = blocks.throttle.as_ref().map_or(until, |before| before.until.max(until));
        let scout = blocks.throttle.as_ref().and_then(|before| before.scout);
        blocks.throttle = Some(Throttle { until, scout });
    }

    /// How long a quota is used up, by the headers of a good reply.
    fn used_up(&self, reply: &Reply) -> Option<Duration> {
        let limit = (self.profile.quota)(&reply.headers, reply.now())?;
        (limit.remaining == 0).then(|| Duration::try_from(limit.reset.duration_since(reply.now())).ok())?
    }

    fn exhaust(&self, bucket: &'static str, told: Option<Duration>) {
        let wait = told.unwrap_or(UNKNOWN_QUOTA).min(LONGEST_BLOCK);
        self.note("exhausted", wait);
        let now = Instant::now();
        let renews = told.and_then(|told| now.checked_add(told));
        self.lock().exhausted.insert(bucket, UsedUp { until: now + wait, renews });
    }

    fn note(&self, why: &'static str, wait: Duration) {
        self.gauge(why, wait);
        tracing::info!(source = self.source, why, seconds = wait.as_secs(), "requests are held back");
    }

    /// How long requests are held back when it begins; nothing once one is let through again.
    fn gauge(&self, why: &'static str, wait: Duration) {
        metrics::gauge!("chancery_upstream_blocked_seconds", "source" => self.source.clone(), "why" => why)
            .set(wait.as_secs_f64());
    }

    fn lock(&self) -> MutexGuard<'_, Blocks> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the vendor took a request as one within its limits, whatever became of it then.
fn is_let_in(plan: &Plan, answer: &Answer) -> bool {
    match answer {
        Answer::Done(_) | Answer::Refused(_) => true,
        // Sent; without a status nothing was said of limits.
        Answer::Failed(Failure { kind: Kind::Lost | Kind::TooLarge, .. }) => {
            plan.tally.last().status.is_some()
        }
        Answer::Failed(_) => false,
    }
}

/// A request that tries whether a throttle is over. However it ends, the next may try.
struct Scout<'a> {
    quota: &'a Quota,
    began: Instant,
}

impl Drop for Scout<'_> {
    fn drop(&mut self) {
        if let Some(throttle) = &mut self.quota.lock().throttle {
            // A later scout goes on alone.
            throttle.scout = throttle.scout.filter(|last| *last != self.began);
        }
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
