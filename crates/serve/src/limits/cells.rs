//! Rates held in this process: one cell of `governor` (GCRA) a key.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use store::{Rate, Taken};
use tokio::time::Instant;

use super::bounded::Bounded;

/// Cells by key, each at its own rate. `governor` has maps of its own; they grow with the keys that strangers choose.
#[derive(Default)]
pub(crate) struct Cells {
    cells: Mutex<Bounded<Cell>>,
    /// Keyed at random: nobody can choose a key that falls on somebody else's.
    hasher: RandomState,
}

struct Cell {
    rate: Rate,
    limiter: RateLimiter<NotKeyed, InMemoryState, Since, NoOpMiddleware<Duration>>,
}

/// The tokio clock as `governor` asks for it, which tests can pause.
#[derive(Clone, Copy, Debug)]
struct Since(Instant);

impl Clock for Since {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Cells {
    /// Takes one call out of what `key` may do at `rate`. A key whose rate was changed begins anew.
    pub(crate) fn take(&self, key: &impl Hash, rate: Rate) -> Taken {
        let key = self.hasher.hash_one(key);
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = cells.entry(key, || Cell::new(rate));
        if cell.rate != rate {
            *cell = Cell::new(rate);
        }
        cell.take()
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.cells.lock().unwrap().len()
    }
}

impl Cell {
    fn new(rate: Rate) -> Self {
        let burst = NonZeroU32::new(rate.burst).unwrap_or(NonZeroU32::MIN);
        // A rate without any interval would be none; the shortest there is stands for it.
        let quota = Quota::with_period(rate.interval.max(Duration::from_nanos(1)));
        let quota = quota.unwrap_or_else(|| Quota::per_second(burst)).allow_burst(burst);
        Self { rate, limiter: RateLimiter::direct_with_clock(quota, Since(Instant::now())) }
    }

    fn take(&self) -> Taken {
        match self.limiter.check() {
            Ok(()) => Taken::Granted,
            Err(early) => {
                let now = self.limiter.clock().now();
                let wait = early.earliest_possible().duration_since(now);
                Taken::Refused { wait: wait.into() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3, interval: Duration::from_secs(2) };

    fn refused(wait: u64) -> Taken {
        Taken::Refused { wait: Duration::from_secs(wait) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_and_then_one_by_one() {
        let cells = Cells::default();
        for _ in 0..3 {
            assert_eq!(cells.take(&"a", RATE), Taken::Granted);
        }
        assert_eq!(cells.take(&"a", RATE), refused(2));
        assert_eq!(cells.take(&"b", RATE), Taken::Granted, "another key is another cell");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(cells.take(&"a", RATE), refused(1), "a refusal takes nothing");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(cells.take(&"a", RATE), Taken::Granted);
        assert_eq!(cells.take(&"a", RATE), refused(2));
        let faster = Rate { burst: 1, ..RATE };
        assert_eq!(cells.take(&"a", faster), Taken::Granted, "the rate was changed meanwhile");
    }

    #[test]
    fn keys_of_strangers_do_not_grow_it() {
        let cells = Cells::default();
        for key in 0..50_000 {
            assert_eq!(cells.take(&key, RATE), Taken::Granted);
        }
        assert!(cells.len() <= 20_000);
    }
}
