//! How often people may be woken per service within an hour.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use call::Cx;
use error::{Code, Error, Result};
use tokio::time::Instant;

/// The window the cap counts in.
const HOUR: Duration = Duration::from_secs(3600);

/// Counts how often this process woke people, per service (by opening and by escalating), and refuses one time too many.
///
/// It is a brake on an agent in a loop, not an account: it forgets at a restart and every replica counts for itself.
#[derive(Debug)]
pub struct Wakes {
    cap: u32,
    woken: Mutex<HashMap<String, Vec<Instant>>>,
}

impl Wakes {
    /// Times per service and hour unless configured otherwise (`opens_per_hour`).
    pub const DEFAULT: u32 = 5;

    /// At most `cap` times per service and hour; 0 wakes nobody.
    #[must_use]
    pub fn new(cap: u32) -> Self {
        Self { cap, woken: Mutex::default() }
    }

    /// Counts one more for `service`, or `quota_exhausted` with the wait until the oldest is an hour old.
    fn count(&self, service: &str) -> Result<()> {
        let now = Instant::now();
        let mut all = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = all.entry(service.to_owned()).or_default();
        woken.retain(|at| now.duration_since(*at) < HOUR);
        if woken.len() < self.cap as usize {
            woken.push(now);
            return Ok(());
        }
        let wait = woken.first().map_or(HOUR, |oldest| HOUR.saturating_sub(now.duration_since(*oldest)));
        let message = format!(
            "people were woken {} times for this service within the hour, the most allowed",
            self.cap
        );
        Err(Error::new(Code::QuotaExhausted, message)
            .hint("add to an incident that is open, or let a person do this")
            .retry_after(wait))
    }

    /// Takes back the last one, if the desk refused and nobody was woken.
    fn forget(&self, service: &str) {
        let mut all = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        all.get_mut(service).and_then(Vec::pop);
    }

    /// Counts one more for `service` while `wake` is done in `cx`. What was refused by the desk does not count, unless a
    /// part of it was done or may have been.
    pub async fn counted<T>(
        &self,
        cx: &Cx,
        service: &str,
        wake: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.count(service)?;
        let done = wake.await;
        let refused = done.as_ref().is_err_and(|error| error.code() != Code::OutcomeUnknown);
        if refused && !cx.journal().may_have_changed() {
            self.forget(service);
        }
        done
    }
}

impl Default for Wakes {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use call::Sent;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_cap_is_per_service_and_hour() {
        let wakes = Wakes::new(2);
        wakes.count("payments").unwrap();
        tokio::time::advance(Duration::from_secs(600)).await;
        wakes.count("payments").unwrap();
        let refused = wakes.count("payments").unwrap_err();
        assert_eq!((refused.code(), refused.wait()), (Code::QuotaExhausted, Some(Duration::from_secs(3000))));
        wakes.count("search").unwrap();
        tokio::time::advance(Duration::from_secs(3000)).await;
        wakes.count("payments").unwrap();
        assert!(wakes.count("payments").is_err(), "only the oldest fell out of the window");
    }

    async fn ends(wakes: &Wakes, cx: &Cx, with: Result<()>) -> Option<Code> {
        wakes.counted(cx, "payments", async { with }).await.err().map(|error| error.code())
    }

    #[tokio::test]
    async fn what_the_desk_refuses_woke_nobody() {
        let (wakes, cx) = (Wakes::new(1), Cx::for_test());
        for code in [Code::Permission, Code::Conflict, Code::OutcomeUnknown] {
            assert_eq!(ends(&wakes, &cx, Err(Error::new(code, "no"))).await, Some(code));
        }
        let next = ends(&wakes, &cx, Ok(())).await;
        assert_eq!(next, Some(Code::QuotaExhausted), "what may have woken somebody counts");
    }

    #[tokio::test]
    async fn a_refusal_after_an_attempt_without_an_answer_may_have_woken_somebody() {
        let (wakes, cx) = (Wakes::new(1), Cx::for_test());
        cx.journal().note(Sent {
            source: "pager".into(),
            vendor: "pagerduty",
            host: "pager.example".into(),
            method: "POST".into(),
            write: true,
            path_template: "/incidents",
            status: Some(400),
            request_id: None,
            attempts: 2,
            unclear: true,
            latency_ms: 1,
        });
        let open = Err(Error::new(Code::Conflict, "one is open"));
        assert_eq!(ends(&wakes, &cx, open).await, Some(Code::Conflict));
        assert_eq!(ends(&wakes, &Cx::for_test(), Ok(())).await, Some(Code::QuotaExhausted));
    }
}
