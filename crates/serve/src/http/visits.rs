//! How many connections each address has open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The open connections of each address. An address without any is not remembered, so this is never larger than the cap
/// on all connections.
#[derive(Clone, Default)]
pub(super) struct Visits(Arc<Mutex<HashMap<u64, usize>>>);

impl Visits {
    /// One more connection of an address that may have `most`, until the value is dropped; `None` where it has them.
    pub(super) fn begin(&self, address: u64, most: usize) -> Option<Visit> {
        let mut open = self.open();
        let count = open.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Visit { address, visits: self.clone() })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Visit {
    address: u64,
    visits: Visits,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut open = self.visits.open();
        let Some(count) = open.get_mut(&self.address) else { return };
        *count -= 1;
        if *count == 0 {
            open.remove(&self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_places_and_leaves_nothing_behind() {
        let visits = Visits::default();
        let (first, second) = (visits.begin(1, 2), visits.begin(1, 2));
        assert!(first.is_some() && second.is_some() && visits.begin(1, 2).is_none());
        assert!(visits.begin(2, 2).is_some(), "another address has its own");
        drop(first);
        let third = visits.begin(1, 2);
        assert!(third.is_some() && visits.begin(1, 2).is_none());
        drop((second, third));
        assert!(visits.open().is_empty());
    }
}
