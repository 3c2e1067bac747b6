//! Wall time.

use jiff::Timestamp;
use tokio::time::Instant;

/// Wall time: the machine's in a process that serves, one that follows the tokio clock in a test.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Time);

#[derive(Clone, Copy, Debug)]
enum Time {
    /// Read anew each time. Carried forward from the start by a monotonic clock it would stand still while a laptop
    /// sleeps, and all that is signed, judged and dated afterwards would be of the evening before.
    Machine,
    Carried {
        wall: Timestamp,
        since: Instant,
    },
}

impl Clock {
    /// The machine's clock, wherever somebody sets it.
    #[must_use]
    pub fn system() -> Self {
        Self(Time::Machine)
    }

    /// A clock for tests that starts at `wall` and is moved by the tokio clock, also by a paused one.
    #[must_use]
    pub fn starting_at(wall: Timestamp) -> Self {
        Self(Time::Carried { wall, since: Instant::now() })
    }

    /// A clock for tests that starts at the machine's present time and is moved by the tokio clock.
    #[must_use]
    pub fn for_test() -> Self {
        Self::starting_at(Timestamp::now())
    }

    /// The present time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self.0 {
            Time::Machine => Timestamp::now(),
            Time::Carried { wall, since } => wall.saturating_add(since.elapsed()).unwrap_or(wall),
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_systems_clock_is_the_machines_and_a_tests_follows_tokio() {
        let (system, own) = (Clock::system(), Clock::starting_at(Timestamp::UNIX_EPOCH));
        let before = Timestamp::now();
        tokio::time::advance(Duration::from_secs(86_400)).await;
        assert_eq!(own.now().as_second(), 86_400);
        let now = system.now();
        assert!(
            before <= now && now <= Timestamp::now(),
            "a tokio clock that differs is of no concern: {now}"
        );
    }
}
