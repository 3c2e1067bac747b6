//! A map whose size others cannot choose.

use std::collections::HashMap;

/// Entries of one half; 20,000 in all.
const HALF: usize = 10_000;

/// What is known of a key, for the keys that were used last. Keys are hashes, so an entry is as small as its value.
/// When the younger half is full it becomes the older one, whose entries are forgotten unless they are used again: no
/// scan, and at most `2 * HALF` entries whoever asks. What is forgotten starts afresh, which only loosens a limit for
/// keys that somebody with 20,000 others has pushed out.
pub(crate) struct Bounded<V> {
    younger: HashMap<u64, V>,
    older: HashMap<u64, V>,
}

impl<V> Default for Bounded<V> {
    fn default() -> Self {
        Self { younger: HashMap::new(), older: HashMap::new() }
    }
}

impl<V> Bounded<V> {
    /// What is known of the key.
    pub(crate) fn get(&self, key: u64) -> Option<&V> {
        self.younger.get(&key).or_else(|| self.older.get(&key))
    }

    /// The key's place, which is `new` where there is none.
    pub(crate) fn entry(&mut self, key: u64, new: impl FnOnce() -> V) -> &mut V {
        if !self.younger.contains_key(&key) && self.younger.len() >= HALF {
            self.older = std::mem::take(&mut self.younger);
        }
        let older = &mut self.older;
        self.younger.entry(key).or_insert_with(|| older.remove(&key).unwrap_or_else(new))
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.younger.len() + self.older.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whoever_comes_it_stays_small_and_what_is_in_use_stays() {
        let mut map = Bounded::default();
        for key in 1..100_000 {
            *map.entry(key, || 0) += 1;
            *map.entry(0, || 0) += 1;
            assert!(map.len() <= 2 * HALF);
        }
        assert_eq!(map.get(0), Some(&99_999), "never forgotten, for it was always in use");
        assert_eq!(map.get(1), None);
    }

    proptest! {
        #[test]
        fn a_key_that_fits_is_never_forgotten(keys in vec(0_u64..500, 0..2_000)) {
            let (mut map, mut counts) = (Bounded::default(), HashMap::new());
            for key in keys {
                *map.entry(key, || 0) += 1;
                *counts.entry(key).or_insert(0) += 1;
            }
            for (key, count) in counts {
                prop_assert_eq!(map.get(key), Some(&count));
            }
        }
    }
}
