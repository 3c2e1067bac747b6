//! One record within the budget.

use content::weigh;
use serde::Serialize;

/// Sheds parts of `value` until it is within `budget` bytes of JSON. `shed` takes out what a reader misses least,
/// always in the same order, and says whether there was anything left to take.
#[must_use]
pub fn fit<T: Serialize>(mut value: T, budget: usize, mut shed: impl FnMut(&mut T) -> bool) -> T {
    while weigh(&value) > budget && shed(&mut value) {}
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sheds_no_more_than_it_must() {
        let full = vec!["1234567"; 10];
        assert_eq!(fit(full.clone(), 1000, |v| v.pop().is_some()).len(), 10);
        assert_eq!(fit(full.clone(), 51, |v| v.pop().is_some()).len(), 5);
        assert!(fit(full, 0, |v| v.pop().is_some()).is_empty(), "and ends when nothing is left");
    }
}
