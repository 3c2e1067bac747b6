//! The simulator's time.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Real time plus an offset that the control plane moves: an hour passes without waiting for it.
#[derive(Debug, Default)]
pub struct Clock {
    /// Seconds the simulator is ahead of real time.
    ahead: AtomicI64,
}

impl Clock {
    /// The simulator's present time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let real = Timestamp::now();
        let ahead = SignedDuration::from_secs(self.ahead.load(Ordering::Relaxed));
        real.saturating_add(ahead).unwrap_or(real)
    }

    /// Lets `seconds` pass at once. A negative number goes back.
    pub fn advance(&self, seconds: i64) {
        let moved = |ahead: i64| Some(ahead.saturating_add(seconds));
        let _ = self.ahead.fetch_update(Ordering::Relaxed, Ordering::Relaxed, moved);
    }

    /// Seconds the simulator is ahead of real time.
    #[must_use]
    pub fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// Returns to real time.
    pub(crate) fn reset(&self) {
        self.ahead.store(0, Ordering::Relaxed);
    }
}
