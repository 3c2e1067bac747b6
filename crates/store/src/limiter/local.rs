//! What one replica remembers of each key.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::{Rate, Taken};

/// Keys kept at once. What lies beyond shares one place when the replica is alone.
const MOST: usize = 20_000;

/// How long calls leased from the others may be handed out: what is not used then has grown back there.
const LEASE: Duration = Duration::from_secs(1);

/// Where keys go that have no place of their own.
const OVERFLOW: &str = "";

/// What one replica remembers of each key.
#[derive(Default)]
pub(super) struct Local {
    keys: HashMap<String, Entry>,
}

struct Entry {
    /// Calls leased and not handed out.
    leased: u32,
    lease_ends: Instant,
    /// Nothing is granted before this.
    blocked: Instant,
    /// When all that was granted alone will have grown back.
    full: Instant,
}

impl Entry {
    fn new(now: Instant) -> Self {
        Self { leased: 0, lease_ends: now, blocked: now, full: now }
    }

    fn is_idle(&self, now: Instant) -> bool {
        (self.leased == 0 || self.lease_ends <= now) && self.blocked <= now && self.full <= now
    }
}

impl Local {
    /// What can be said without asking the others.
    pub(super) fn take(&mut self, key: &str, now: Instant) -> Option<Taken> {
        let entry = self.keys.get_mut(key)?;
        if entry.leased > 0 && entry.lease_ends > now {
            entry.leased -= 1;
            return Some(Taken::Granted);
        }
        (entry.blocked > now).then(|| Taken::Refused { wait: entry.blocked - now })
    }

    /// Remembers calls leased beyond the one that was asked for.
    pub(super) fn lease(&mut self, key: &str, more: u32, now: Instant) {
        if more == 0 {
            return;
        }
        if let Some(entry) = self.entry(key, now) {
            let left = if entry.lease_ends > now { entry.leased } else { 0 };
            entry.leased = left.saturating_add(more);
            entry.lease_ends = now + LEASE;
        }
    }

    /// Remembers that nothing is to be had, so that a flood is refused here.
    pub(super) fn block(&mut self, key: &str, wait: Duration, now: Instant) {
        if let Some(entry) = self.entry(key, now) {
            entry.blocked = now + wait;
        }
    }

    /// Decides alone, at a rate that is this replica's part.
    pub(super) fn alone(&mut self, key: &str, part: Rate, now: Instant) -> Taken {
        let key = if self.entry(key, now).is_some() { key } else { OVERFLOW };
        let entry = self.keys.entry(key.to_owned()).or_insert_with(|| Entry::new(now));
        let full = entry.full.max(now) + part.interval;
        let most = now + part.interval.saturating_mul(part.burst);
        if full > most {
            return Taken::Refused { wait: full - most };
        }
        entry.full = full;
        Taken::Granted
    }

    /// The key's place; none where all are taken by keys in use.
    fn entry(&mut self, key: &str, now: Instant) -> Option<&mut Entry> {
        if self.keys.len() >= MOST && !self.keys.contains_key(key) {
            self.keys.retain(|_, entry| !entry.is_idle(now));
            if self.keys.len() >= MOST {
                return None;
            }
        }
        Some(self.keys.entry(key.to_owned()).or_insert_with(|| Entry::new(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3, interval: Duration::from_secs(1) };

    #[tokio::test(start_paused = true)]
    async fn alone_a_burst_passes_and_then_one_by_one() {
        let mut local = Local::default();
        for _ in 0..3 {
            assert_eq!(local.alone("k", RATE, Instant::now()), Taken::Granted);
        }
        let refused = Taken::Refused { wait: Duration::from_secs(1) };
        assert_eq!(local.alone("k", RATE, Instant::now()), refused);
        assert_eq!(local.alone("other", RATE, Instant::now()), Taken::Granted);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(local.alone("k", RATE, Instant::now()), Taken::Granted);
        assert_eq!(local.alone("k", RATE, Instant::now()), refused);
    }

    #[tokio::test(start_paused = true)]
    async fn leased_calls_are_handed_out_for_a_second_and_a_block_ends() {
        let mut local = Local::default();
        assert_eq!(local.take("k", Instant::now()), None);
        local.lease("k", 2, Instant::now());
        assert_eq!(local.take("k", Instant::now()), Some(Taken::Granted));
        tokio::time::advance(LEASE).await;
        assert_eq!(local.take("k", Instant::now()), None, "the other one has grown back elsewhere");
        local.block("k", Duration::from_secs(2), Instant::now());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(local.take("k", Instant::now()), Some(Taken::Refused { wait: Duration::from_secs(1) }));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(local.take("k", Instant::now()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn keys_are_bounded_and_those_beyond_share_one_place() {
        let mut local = Local::default();
        for n in 0..MOST {
            assert_eq!(local.alone(&n.to_string(), RATE, Instant::now()), Taken::Granted);
        }
        for n in 0..3 {
            assert_eq!(local.alone(&format!("late {n}"), RATE, Instant::now()), Taken::Granted);
        }
        assert!(matches!(local.alone("late 3", RATE, Instant::now()), Taken::Refused { .. }));
        assert!(local.keys.len() <= MOST + 1);
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(local.alone("late 3", RATE, Instant::now()), Taken::Granted);
        assert!(local.keys.len() <= 2, "what is idle makes room");
    }
}
