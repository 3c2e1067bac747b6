//! One question at a time about one thing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::presented::Digest;

/// Turns of those who want to ask the same: whoever waited for one finds the answer of the one before.
pub(crate) struct Turns(Mutex<HashMap<Digest, Weak<Turn>>>);

/// Whose turn it is. Nothing is held by it: an asker that gives up lets the next one ask.
pub(crate) type Turn = tokio::sync::Mutex<()>;

impl Turns {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    /// The turn of those who ask about `digest`.
    pub(crate) fn about(&self, digest: &Digest) -> Arc<Turn> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(digest).and_then(Weak::upgrade) {
            return turn;
        }
        // What is left are the requests in flight, and those are few.
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::new(Turn::default());
        turns.insert(*digest, Arc::downgrade(&turn));
        turn
    }
}
