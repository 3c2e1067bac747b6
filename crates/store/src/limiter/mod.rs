//! Limits that replicas share.

mod local;
mod redis;
#[cfg(test)]
mod tests;

use std::time::Duration;

use call::BoxFuture;

pub use self::redis::{Shared, SharedSettings};

/// Says whether one more call may pass. Never fails: a limiter that cannot ask the others decides by itself.
pub trait Limiter: Send + Sync {
    /// Takes one call out of what `key` may do at `rate`. A key is always asked for with the same rate.
    fn take<'a>(&'a self, key: &'a str, rate: Rate) -> BoxFuture<'a, Taken>;

    /// Whether the limiter decides by itself at present, for a gauge and the record.
    fn is_alone(&self) -> bool;
}

/// How often something may happen: `burst` times at once, and once more each `interval`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls at once; at least 1.
    pub burst: u32,
    /// The time in which one call grows back.
    pub interval: Duration,
}

/// Whether a call may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It may.
    Granted,
    /// It may not; the next one may after `wait`.
    Refused {
        /// From now.
        wait: Duration,
    },
}

impl Rate {
    /// So many calls in `period`, and as many at once. None at all is taken as one.
    #[must_use]
    pub fn per(period: Duration, calls: u32) -> Self {
        let calls = calls.max(1);
        Self { burst: calls, interval: period / calls }
    }

    /// The same rate with another burst.
    #[must_use]
    pub fn with_burst(self, burst: u32) -> Self {
        Self { burst: burst.max(1), ..self }
    }

    /// So many times as often.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        let factor = factor.max(1);
        Self { burst: self.burst.saturating_mul(factor), interval: self.interval / factor }
    }

    /// The part of one of `replicas`.
    fn part(self, replicas: u32) -> Self {
        let replicas = replicas.max(1);
        Self { burst: (self.burst / replicas).max(1), interval: self.interval.saturating_mul(replicas) }
    }
}
