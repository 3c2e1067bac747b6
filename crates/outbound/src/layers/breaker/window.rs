//! How a vendor did lately.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use failsafe::FailurePolicy;
use tokio::time::Instant;

/// What one attempt says of the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grade {
    /// It answered.
    Good,
    /// It answered, but took nearly all the time an attempt has.
    Slow,
    /// It was asked and gave no usable answer.
    Bad,
    /// It could not be asked.
    Unconnected,
}

const SECONDS: usize = 30;
/// Fewer attempts than this say nothing.
const ENOUGH: u32 = 20;
/// Unless they all failed to connect.
const UNCONNECTED: u32 = 5;

/// Attempts of the last 30 seconds in slots of one.
pub(super) struct Window {
    start: Instant,
    slots: [Slot; SECONDS],
    unconnected: u32,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    second: u64,
    total: u32,
    bad: u32,
    slow: u32,
}

impl Window {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), slots: [Slot::default(); SECONDS], unconnected: 0 }
    }

    pub(super) fn record(&mut self, grade: Grade) {
        let second = self.second();
        let slot = &mut self.slots[usize::try_from(second).unwrap_or(0) % SECONDS];
        if slot.second != second {
            *slot = Slot { second, ..Slot::default() };
        }
        slot.total += 1;
        match grade {
            Grade::Good => {}
            Grade::Slow => slot.slow += 1,
            Grade::Bad | Grade::Unconnected => slot.bad += 1,
        }
        self.unconnected = if grade == Grade::Unconnected { self.unconnected + 1 } else { 0 };
    }

    /// Half of at least 20 failed, four fifths of them were slow, or five in a row could not connect.
    pub(super) fn is_sick(&self) -> bool {
        let oldest = self.second().saturating_sub(SECONDS as u64 - 1);
        let recent = self.slots.iter().filter(|slot| slot.second >= oldest);
        let (total, bad, slow) =
            recent.fold((0, 0, 0), |(total, bad, slow), s| (total + s.total, bad + s.bad, slow + s.slow));
        let is_failing = total >= ENOUGH && (bad * 2 >= total || slow * 5 >= total * 4);
        is_failing || self.unconnected >= UNCONNECTED
    }

    pub(super) fn clear(&mut self) {
        *self = Self { start: self.start, ..Self::new() };
    }

    fn second(&self) -> u64 {
        self.start.elapsed().as_secs()
    }
}

/// The window as `failsafe` asks it. The gate records grades beforehand, since `failsafe` knows only success and
/// error; the time a gate stays open is the gate's, since `failsafe` reads the machine's clock.
pub(super) struct Policy(pub(super) Arc<Mutex<Window>>);

impl FailurePolicy for Policy {
    fn record_success(&mut self) {}

    fn mark_dead_on_failure(&mut self) -> Option<Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_sick().then_some(Duration::ZERO)
    }

    fn revived(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(grades: &[(Grade, u32)]) -> Window {
        let mut window = Window::new();
        for (grade, times) in grades {
            (0..*times).for_each(|_| window.record(*grade));
        }
        window
    }

    #[tokio::test(start_paused = true)]
    async fn thresholds() {
        use Grade::{Bad, Good, Slow, Unconnected};
        let table: [(&[(Grade, u32)], bool); 9] = [
            (&[(Bad, 19)], false),
            (&[(Bad, 20)], true),
            (&[(Good, 10), (Bad, 10)], true),
            (&[(Good, 11), (Bad, 10)], false),
            (&[(Good, 4), (Slow, 16)], true),
            (&[(Good, 5), (Slow, 15)], false),
            (&[(Good, 100), (Unconnected, 5)], true),
            (&[(Unconnected, 4)], false),
            (&[(Unconnected, 4), (Good, 1), (Unconnected, 4)], false),
        ];
        for (grades, is_sick) in table {
            assert_eq!(window(grades).is_sick(), is_sick, "{grades:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_older_than_the_window_does_not_count() {
        let mut window = window(&[(Grade::Bad, 19)]);
        tokio::time::advance(Duration::from_secs(29)).await;
        window.record(Grade::Bad);
        assert!(window.is_sick());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!window.is_sick(), "only the last is left");
    }
}
