//! How many retries a source is worth.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::answer::Kind;

const FULL: u32 = 500;

/// What a retry costs: a throttled one little, since the vendor says when it will take us (AWS SDK retry
/// behavior, standard mode, 2026).
pub(super) fn cost(kind: Kind) -> u32 {
    match kind {
        Kind::Throttled | Kind::Busy | Kind::Exhausted => 5,
        _ => 14,
    }
}

/// A bucket that retries empty and successes fill: when a vendor is down it is asked once per call, not thrice.
pub(super) struct Budget(AtomicU32);

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicU32::new(FULL))
    }
}

impl Budget {
    /// Takes `cost`, or nothing and says no.
    pub(super) fn take(&self, cost: u32) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost)).is_ok()
    }

    /// A request succeeded: what its last retry cost comes back, or one if it needed none.
    pub(super) fn refund(&self, paid: u32) {
        let filled = |left: u32| (left < FULL).then(|| (left + paid.max(1)).min(FULL));
        // `None` of the closure only says that the bucket is full.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, filled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_empty_it_and_successes_fill_it() {
        let budget = Budget::default();
        let granted = (0..1000).filter(|_| budget.take(cost(Kind::Lost))).count();
        assert_eq!(granted, 35, "500 / 14");
        let cheap = (0..1000).filter(|_| budget.take(cost(Kind::Throttled))).count();
        assert_eq!(cheap, 2, "the rest is enough for two cheap ones");
        (0..9).for_each(|_| budget.refund(0));
        assert!(!budget.take(cost(Kind::Lost)) && budget.take(9), "one for each success");
        (0..1000).for_each(|_| budget.refund(14));
        assert_eq!(budget.0.load(Ordering::Relaxed), FULL);
    }
}
