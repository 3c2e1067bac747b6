//! The auth breaker: a credential that keeps failing is not tried further, so that no account is locked out.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Failures allowed within a window.
const ALLOWED: usize = 3;

/// The last failures.
pub(crate) struct Strikes {
    window: Duration,
    last: Mutex<VecDeque<Instant>>,
}

impl Strikes {
    /// Three failures within `window` make a pause until the first of them is that old.
    pub(crate) fn new(window: Duration) -> Self {
        Self { window, last: Mutex::new(VecDeque::with_capacity(ALLOWED)) }
    }

    /// Notes a failure.
    pub(crate) fn add(&self) {
        let mut strikes = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if strikes.len() == ALLOWED {
            strikes.pop_front();
        }
        strikes.push_back(Instant::now());
    }

    /// How long nothing may be tried; `None` if it may be tried now.
    pub(crate) fn pause(&self) -> Option<Duration> {
        let strikes = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = strikes.front().filter(|_| strikes.len() == ALLOWED)?;
        (*oldest + self.window).checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_third_failure_within_a_minute_pauses_until_the_first_is_a_minute_old() {
        let strikes = Strikes::new(Duration::from_secs(60));
        for expected in [None, None, Some(Duration::from_secs(40))] {
            strikes.add();
            if expected.is_none() {
                tokio::time::advance(Duration::from_secs(10)).await;
            }
            assert_eq!(strikes.pause(), expected);
        }
        tokio::time::advance(Duration::from_secs(40)).await;
        assert_eq!(strikes.pause(), None);
        strikes.add();
        assert_eq!(strikes.pause(), Some(Duration::from_secs(10)), "the next is bound to the second");
    }
}
