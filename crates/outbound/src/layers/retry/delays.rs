//! How long to wait before the next attempt. The only place that knows the `backoff` crate, and as a source of
//! delays only: its retry loops ignore caps, attempts and deadlines.

use std::time::Duration;

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff as _;
use rand::Rng as _;

use super::{LONGEST_QUOTA, LONGEST_WAIT};
use crate::answer::Kind;

/// The waits of one request: full jitter from 50 ms, from 1 s where the vendor had enough of us, up to 5 s.
pub(super) struct Delays {
    transient: ExponentialBackoff,
    throttled: ExponentialBackoff,
}

impl Default for Delays {
    fn default() -> Self {
        let cap = Duration::from_secs(5);
        Self {
            transient: full_jitter(Duration::from_millis(50), cap),
            throttled: full_jitter(Duration::from_secs(1), cap),
        }
    }
}

impl Delays {
    /// The next wait. What the vendor asks for is honored up to [`LONGEST_WAIT`], until a quota renews up to
    /// [`LONGEST_QUOTA`], and never shortened.
    pub(super) fn next(&mut self, kind: Kind, asked: Option<Duration>) -> Duration {
        let series = match kind {
            Kind::Throttled | Kind::Busy | Kind::Exhausted if asked.is_none() => &mut self.throttled,
            _ => &mut self.transient,
        };
        let computed = series.next_backoff().unwrap_or(LONGEST_WAIT);
        match (kind, asked) {
            (_, None) => computed,
            // A quota that renews in an hour is not worth an attempt in a minute.
            (Kind::Exhausted, Some(asked)) => spread(asked.min(LONGEST_QUOTA)).max(computed),
            (_, Some(asked)) => spread(asked.min(LONGEST_WAIT)).max(computed),
        }
    }
}

/// Up to a tenth more, so that those who were told the same instant do not arrive as one.
pub(crate) fn spread(wait: Duration) -> Duration {
    wait.mul_f64(rand::rng().random_range(1.0..=1.1))
}

/// Uniform over `0..base * 2^n`, capped before the jitter. The crate jitters around the middle of its interval:
/// half the base and a factor of one make the interval start at nothing.
fn full_jitter(base: Duration, cap: Duration) -> ExponentialBackoff {
    ExponentialBackoff {
        current_interval: base / 2,
        initial_interval: base / 2,
        randomization_factor: 1.0,
        multiplier: 2.0,
        max_interval: cap / 2,
        max_elapsed_time: None,
        ..ExponentialBackoff::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_is_full_grows_and_is_capped() {
        let (mut low, mut high) = ([Duration::MAX; 10], [Duration::ZERO; 10]);
        for _ in 0..2_000 {
            let mut delays = Delays::default();
            for n in 0..10 {
                let delay = delays.next(Kind::Throttled, None);
                (low[n], high[n]) = (low[n].min(delay), high[n].max(delay));
            }
        }
        for (n, bound) in [1000, 2000, 4000, 5000, 5000].map(Duration::from_millis).into_iter().enumerate() {
            assert!(low[n] < bound / 20 && high[n] <= bound + Duration::from_micros(1), "{n}: {high:?}");
            assert!(high[n] > bound * 9 / 10, "{n}: {high:?}");
        }
        assert!(Delays::default().next(Kind::Lost, None) <= Duration::from_millis(51));
    }

    #[test]
    fn what_the_vendor_asks_is_honored_and_bounded() {
        let next = |kind, seconds| Delays::default().next(kind, Some(Duration::from_secs(seconds)));
        for (kind, asked, least) in [
            (Kind::Throttled, 3, 3),
            (Kind::Throttled, 3600, 60),
            (Kind::Lost, 2, 2),
            (Kind::Exhausted, 3600, 3600),
        ] {
            let (wait, least) = (next(kind, asked), Duration::from_secs(least));
            assert!(wait >= least && wait <= least.mul_f64(1.1), "{kind:?} {asked}: {wait:?}");
        }
        assert!(next(Kind::Throttled, 0) <= Duration::from_millis(51));
        for kind in [Kind::Throttled, Kind::Exhausted, Kind::Lost] {
            assert!(next(kind, u64::MAX) <= LONGEST_QUOTA.mul_f64(1.1), "{kind:?}");
        }
    }
}
