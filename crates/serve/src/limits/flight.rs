//! Calls under way: of each caller, and of all together.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many calls are under way.
#[derive(Default)]
pub(crate) struct Flight {
    all: AtomicUsize,
    /// Only callers with a call under way have an entry, so it is never larger than `all`.
    callers: Mutex<HashMap<u64, u32>>,
    hasher: RandomState,
}

/// A call under way, until dropped.
pub(crate) struct Aboard {
    flight: Arc<Flight>,
    caller: Option<u64>,
}

/// Why one more call may not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// As many are under way as the server takes of this kind.
    All,
    /// As many of this caller's as it may have at once.
    Caller,
}

impl Flight {
    /// Begins a call unless `capacity` calls are under way already, or `most` of the caller's.
    pub(crate) fn board(
        self: &Arc<Self>,
        caller: &impl Hash,
        capacity: usize,
        most: Option<u32>,
    ) -> Result<Aboard, Full> {
        let before = self.all.fetch_add(1, Ordering::Relaxed);
        // From here on the call is counted, and uncounted by its drop.
        let mut aboard = Aboard { flight: self.clone(), caller: None };
        if before >= capacity {
            return Err(Full::All);
        }
        if let Some(most) = most {
            let caller = self.hasher.hash_one(caller);
            let mut callers = self.callers();
            let under_way = callers.entry(caller).or_default();
            if *under_way >= most.max(1) {
                return Err(Full::Caller);
            }
            *under_way += 1;
            aboard.caller = Some(caller);
        }
        Ok(aboard)
    }

    fn callers(&self) -> MutexGuard<'_, HashMap<u64, u32>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Aboard {
    fn drop(&mut self) {
        self.flight.all.fetch_sub(1, Ordering::Relaxed);
        let Some(caller) = self.caller else { return };
        let mut callers = self.flight.callers();
        if let Some(under_way) = callers.get_mut(&caller) {
            *under_way -= 1;
            if *under_way == 0 {
                callers.remove(&caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_its_places_and_gives_them_back() {
        let flight = Arc::new(Flight::default());
        let first = flight.board(&"a", 10, Some(2)).ok().unwrap();
        let _second = flight.board(&"a", 10, Some(2)).ok().unwrap();
        assert_eq!(flight.board(&"a", 10, Some(2)).err(), Some(Full::Caller));
        assert!(flight.board(&"b", 10, Some(2)).is_ok(), "another caller has places of its own");
        drop(first);
        assert!(flight.board(&"a", 10, Some(2)).is_ok());
        assert_eq!(
            (flight.all.load(Ordering::Relaxed), flight.callers().len()),
            (1, 1),
            "what ended is gone"
        );
    }

    #[test]
    fn all_together_have_no_more_than_there_are() {
        let flight = Arc::new(Flight::default());
        let aboard: Vec<_> = (0..3).map(|n| flight.board(&n, 3, None).ok().unwrap()).collect();
        assert_eq!(flight.board(&9, 3, None).err(), Some(Full::All));
        assert!(flight.board(&9, 4, None).is_ok(), "what may use more of the room still gets in");
        drop(aboard);
        assert!(flight.board(&9, 3, None).is_ok());
    }
}
