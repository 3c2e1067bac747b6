//! The auth breaker: a credential that keeps failing is not tried further, so that no account is locked out.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Failures allowed within a window.
const ALLOWED: usize = 3;

/// The last failures.
pub(crate) struct Strikes {
    window: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last: VecDeque<Instant>,
    /// Until when nothing may be tried however few there were.
    hold: Option<Instant>,
}

impl Strikes {
    /// Three failures within `window` make a pause until the first of them is that old.
    pub(crate) fn new(window: Duration) -> Self {
        Self { window, state: Mutex::default() }
    }

    /// Notes a failure.
    pub(crate) fn add(&self) {
        let mut state = self.lock();
        if state.last.len() == ALLOWED {
            state.last.pop_front();
        }
        state.last.push_back(Instant::now());
    }

    /// Allows nothing for `wait`, as whoever failed asked for.
    pub(crate) fn hold(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let hold = &mut self.lock().hold;
        *hold = (*hold).max(Some(until));
    }

    /// How long nothing may be tried; `None` if it may be tried now.
    pub(crate) fn pause(&self) -> Option<Duration> {
        let state = self.lock();
        let oldest = state.last.front().filter(|_| state.last.len() == ALLOWED);
        let until = oldest.map(|oldest| *oldest + self.window).max(state.hold)?;
        until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[tokio::test(start_paused = true)]
    async fn a_hold_pauses_at_the_first_failure_and_is_never_shortened() {
        let (strikes, seconds) = (Strikes::new(Duration::from_secs(5)), Duration::from_secs);
        strikes.hold(seconds(30));
        assert_eq!(strikes.pause(), Some(seconds(30)));
        strikes.hold(seconds(1));
        (0..3).for_each(|_| strikes.add());
        tokio::time::advance(seconds(20)).await;
        assert_eq!(strikes.pause(), Some(seconds(10)));
        tokio::time::advance(seconds(10)).await;
        assert_eq!(strikes.pause(), None);
    }
}
