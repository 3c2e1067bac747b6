//! The one cache for tokens and reference data.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use error::{Error, Result};
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use tokio::time::Instant;

use crate::Cx;

/// A value as it comes from its origin, with its times.
pub struct Fresh<T> {
    /// The value.
    pub value: T,
    /// How long it is served without a thought.
    pub fresh_for: Duration,
    /// How long it may still be served while a newer one is fetched behind the callers' backs.
    pub valid_for: Duration,
}

type Flight<T> = Shared<BoxFuture<'static, Result<Arc<T>>>>;

/// One value with a life span and at most one fetch under way, however many callers wait for it.
///
/// The fetch runs in a task of its own: a caller that gives up neither stops it nor makes the next caller start
/// over. A failure is shared by those who waited for it and is not kept. Clones share one value.
pub struct Cached<T>(Arc<Mutex<State<T>>>);

struct State<T> {
    entry: Option<Entry<T>>,
    flight: Option<(u64, Flight<T>)>,
    flights: u64,
}

struct Entry<T> {
    value: Arc<T>,
    fresh_until: Instant,
    valid_until: Instant,
}

impl<T> Clone for Cached<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Send + Sync + 'static> Default for Cached<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Send + Sync + 'static> Cached<T> {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State { entry: None, flight: None, flights: 0 })))
    }

    /// The value; fetched by `fetch` if there is none, refreshed in the background if it is getting old.
    pub async fn get<F, Fut>(&self, fetch: F) -> Result<Arc<T>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Fresh<T>>> + Send + 'static,
    {
        let flight = {
            let mut state = self.lock();
            let now = Instant::now();
            if let Some(entry) = &state.entry {
                if now < entry.fresh_until {
                    return Ok(Arc::clone(&entry.value));
                }
                if now < entry.valid_until {
                    let value = Arc::clone(&entry.value);
                    drop(self.join(&mut state, fetch));
                    return Ok(value);
                }
            }
            self.join(&mut state, fetch)
        };
        flight.await
    }

    /// The same where the fetch needs a call's context. It gets a [detached](Cx::detached) one: the caller who began it
    /// may leave, and the others still wait for it. This one waits as long as `cx` allows.
    pub async fn shared<F, Fut>(&self, cx: &Cx, fetch: F) -> Result<Arc<T>>
    where
        F: FnOnce(Cx) -> Fut,
        Fut: Future<Output = Result<Fresh<T>>> + Send + 'static,
    {
        cx.bounded(self.get(|| fetch(cx.detached()))).await
    }

    /// Starts a fetch at once, however fresh the value is, or joins the one under way. The present value stays in its
    /// place until the fetch succeeds.
    pub fn renew<F, Fut>(&self, fetch: F) -> impl Future<Output = Result<Arc<T>>> + Send + 'static
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Fresh<T>>> + Send + 'static,
    {
        self.join(&mut self.lock(), fetch)
    }

    /// The fetch that is under way, if there is one.
    #[must_use]
    pub fn under_way(&self) -> Option<impl Future<Output = Result<Arc<T>>> + Send + 'static> {
        self.lock().flight.as_ref().map(|(_, flight)| flight.clone())
    }

    /// The value, if there is a valid one.
    #[must_use]
    pub fn peek(&self) -> Option<Arc<T>> {
        let state = self.lock();
        state.entry.as_ref().filter(|e| Instant::now() < e.valid_until).map(|e| Arc::clone(&e.value))
    }

    /// Drops `value`, unless a newer one took its place meanwhile.
    pub fn invalidate(&self, value: &Arc<T>) {
        let mut state = self.lock();
        if state.entry.as_ref().is_some_and(|e| Arc::ptr_eq(&e.value, value)) {
            state.entry = None;
        }
    }

    /// Joins the fetch under way or starts one.
    fn join<F, Fut>(&self, state: &mut State<T>, fetch: F) -> Flight<T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Fresh<T>>> + Send + 'static,
    {
        if let Some((_, flight)) = &state.flight {
            return flight.clone();
        }
        state.flights += 1;
        let number = state.flights;
        let cache = self.clone();
        let fetching = fetch();
        let task = tokio::spawn(async move {
            // Landed on every way out, a panic included: a flight that stays would block the value for good.
            let landing = Landing { cache: cache.clone(), number };
            let fresh = fetching.await?;
            let value = Arc::new(fresh.value);
            let now = Instant::now();
            cache.lock().entry = Some(Entry {
                value: Arc::clone(&value),
                fresh_until: now + fresh.fresh_for,
                valid_until: now + fresh.valid_for.max(fresh.fresh_for),
            });
            drop(landing);
            Ok(value)
        });
        let flight = task
            .map(|joined| joined.unwrap_or_else(|e| Err(Error::internal(format!("a fetch died: {e}")))))
            .boxed()
            .shared();
        state.flight = Some((number, flight.clone()));
        flight
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Landing<T: Send + Sync + 'static> {
    cache: Cached<T>,
    number: u64,
}

impl<T: Send + Sync + 'static> Drop for Landing<T> {
    fn drop(&mut self) {
        let mut state = self.cache.lock();
        if state.flight.as_ref().is_some_and(|(number, _)| *number == self.number) {
            state.flight = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use error::Code;

    use super::*;

    fn fetch(
        count: &Arc<AtomicU32>,
        outcome: Result<u32>,
    ) -> impl FnOnce() -> BoxFuture<'static, Result<Fresh<u32>>> {
        let count = Arc::clone(count);
        move || {
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(50)).await;
                let nth = count.fetch_add(1, Ordering::SeqCst);
                outcome.map(|v| Fresh {
                    value: v + nth,
                    fresh_for: Duration::from_secs(8),
                    valid_for: Duration::from_secs(10),
                })
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_callers_make_one_fetch() {
        let (cache, count) = (Cached::new(), Arc::new(AtomicU32::new(0)));
        let calls = (0..1000).map(|_| cache.get(fetch(&count, Ok(0))));
        let values = futures::future::join_all(calls).await;
        assert!(values.iter().all(|v| **v.as_ref().unwrap() == 0));
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_aging_value_is_served_while_the_next_one_is_fetched() {
        let (cache, count) = (Cached::new(), Arc::new(AtomicU32::new(0)));
        assert_eq!(*cache.get(fetch(&count, Ok(0))).await.unwrap(), 0);
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(*cache.get(fetch(&count, Ok(0))).await.unwrap(), 0, "served at once");
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(*cache.get(fetch(&count, Ok(0))).await.unwrap(), 1, "renewed behind our back");
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_shared_and_not_kept() {
        let (cache, count) = (Cached::new(), Arc::new(AtomicU32::new(0)));
        let failing = || fetch(&count, Err(Error::new(Code::UpstreamAuth, "no")));
        let (a, b) = tokio::join!(cache.get(failing()), cache.get(failing()));
        assert!(a.is_err() && b.is_err());
        assert_eq!(count.load(Ordering::SeqCst), 1);
        assert_eq!(*cache.get(fetch(&count, Ok(5))).await.unwrap(), 6);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_gives_up_does_not_stop_the_fetch() {
        let (cache, count) = (Cached::new(), Arc::new(AtomicU32::new(0)));
        let impatient =
            tokio::time::timeout(Duration::from_millis(10), cache.get(fetch(&count, Ok(0)))).await;
        assert!(impatient.is_err());
        assert_eq!(*cache.get(fetch(&count, Ok(0))).await.unwrap(), 0);
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    /// Heeds its context, as vendors' clients do.
    async fn obedient(cx: Cx) -> Result<Fresh<u32>> {
        let work = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok(Fresh { value: 7, fresh_for: Duration::from_secs(8), valid_for: Duration::from_secs(10) })
        };
        cx.bounded(work).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_fetch_goes_on_for_whoever_joined_when_its_first_caller_leaves() {
        let cache = Cached::new();
        let brief = Instant::now() + Duration::from_millis(10);
        let (leaves, late, waits) = (Cx::for_test(), Cx::for_test().with_deadline(brief), Cx::for_test());
        let leave = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            leaves.cancel().cancel();
        };
        let (left, out_of_time, joined, ()) = tokio::join!(
            cache.shared(&leaves, obedient),
            cache.shared(&late, obedient),
            cache.shared(&waits, obedient),
            leave,
        );
        assert_eq!(left.unwrap_err().code(), Code::Deadline);
        assert_eq!(out_of_time.unwrap_err().code(), Code::Deadline, "nobody waits longer than they may");
        assert_eq!(*joined.unwrap(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_value_that_was_refused_is_dropped() {
        let (cache, count) = (Cached::new(), Arc::new(AtomicU32::new(0)));
        let first = cache.get(fetch(&count, Ok(0))).await.unwrap();
        cache.invalidate(&first);
        assert!(cache.peek().is_none());
        let second = cache.get(fetch(&count, Ok(0))).await.unwrap();
        cache.invalidate(&first);
        assert!(Arc::ptr_eq(&cache.peek().unwrap(), &second), "a late 401 must not drop the new token");
    }

    #[tokio::test(start_paused = true)]
    async fn a_renewal_that_fails_leaves_the_value() {
        let (cache, count) = (Cached::new(), Arc::new(AtomicU32::new(0)));
        cache.get(fetch(&count, Ok(0))).await.unwrap();
        let failed = cache.renew(fetch(&count, Err(Error::new(Code::UpstreamUnavailable, "down")))).await;
        assert!(failed.is_err());
        assert_eq!(*cache.peek().unwrap(), 0);
        assert!(cache.under_way().is_none());
        let renewal = cache.renew(fetch(&count, Ok(0)));
        let joined = cache.under_way().unwrap();
        assert_eq!((*renewal.await.unwrap(), *joined.await.unwrap()), (2, 2));
        assert_eq!(*cache.peek().unwrap(), 2);
    }

    #[tokio::test]
    async fn a_fetch_that_panics_does_not_block_the_next() {
        let cache: Cached<u32> = Cached::new();
        let died = cache.get(|| async { panic!("in a fetch") }).await;
        assert_eq!(died.unwrap_err().code(), Code::Internal);
        assert_eq!(*cache.get(fetch(&Arc::default(), Ok(1))).await.unwrap(), 1);
    }
}
