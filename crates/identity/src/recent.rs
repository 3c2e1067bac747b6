//! What was found out a moment ago.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::presented::Digest;

/// Findings by the digest of what was presented, each with its end. At most `2 * HALF` of them: when the younger half
/// is full it becomes the older one, whose entries are forgotten.
pub(crate) struct Recent<V>(Mutex<Halves<V>>);

/// Entries of one half; 10,000 in all.
const HALF: usize = 5_000;

struct Halves<V> {
    younger: HashMap<Digest, Entry<V>>,
    older: HashMap<Digest, Entry<V>>,
}

struct Entry<V> {
    value: V,
    until: Timestamp,
}

impl<V: Clone> Recent<V> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Halves { younger: HashMap::new(), older: HashMap::new() }))
    }

    /// What was found, if that holds still.
    pub(crate) fn get(&self, digest: &Digest, now: Timestamp) -> Option<V> {
        let halves = self.lock();
        let entry = halves.younger.get(digest).or_else(|| halves.older.get(digest))?;
        (now < entry.until).then(|| entry.value.clone())
    }

    /// Remembers a finding until then.
    pub(crate) fn put(&self, digest: Digest, value: V, until: Timestamp) {
        let mut halves = self.lock();
        if halves.younger.len() >= HALF {
            halves.older = std::mem::take(&mut halves.younger);
        }
        halves.younger.insert(digest, Entry { value, until });
    }

    fn lock(&self) -> MutexGuard<'_, Halves<V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        let halves = self.lock();
        halves.younger.len() + halves.older.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_forgets_the_oldest_and_never_holds_more_than_ten_thousand() {
        let recent = Recent::new();
        let end = Timestamp::from_second(60).unwrap();
        let digest = |n: u32| {
            let mut digest = Digest::default();
            digest[..4].copy_from_slice(&n.to_be_bytes());
            digest
        };
        for n in 0..25_000 {
            recent.put(digest(n), n, end);
            assert!(recent.len() <= 10_000);
        }
        let now = Timestamp::from_second(59).unwrap();
        assert_eq!(recent.get(&digest(24_999), now), Some(24_999));
        assert_eq!(recent.get(&digest(0), now), None);
        assert_eq!(recent.get(&digest(24_999), end), None, "it ended");
    }
}
