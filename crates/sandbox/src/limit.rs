//! Rate limits over fixed windows, counted in requests or points.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::Ask;

type Key = Box<dyn Fn(&Ask) -> Option<String> + Send + Sync>;
type Cost = Box<dyn Fn(&Ask) -> u32 + Send + Sync>;
type Headers = Box<dyn Fn(&Budget) -> Vec<(&'static str, String)> + Send + Sync>;

/// One limit of a vendor. Several may stand side by side; the first that is used up refuses.
pub struct Limit {
    allowed: u32,
    window: Duration,
    key: Key,
    cost: Cost,
    headers: Headers,
    windows: Mutex<HashMap<String, Window>>,
}

/// What is left of a window after a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The window's size, in requests or points.
    pub limit: u32,
    /// What is left, never below zero.
    pub remaining: u32,
    /// What was spent, the refused request not counted.
    pub used: u32,
    /// When the window ends and the count starts anew.
    pub reset: Timestamp,
    /// Whole seconds until then, at least 1.
    pub retry_after: u64,
    /// The request went over and is refused.
    pub exceeded: bool,
}

struct Window {
    ends: Timestamp,
    used: u32,
}

impl Limit {
    /// `allowed` requests per window and caller.
    #[must_use]
    pub fn new(allowed: u32, window: Duration) -> Self {
        Self {
            allowed,
            window,
            key: Box::new(|ask| Some(ask.who().to_owned())),
            cost: Box::new(|_| 1),
            headers: Box::new(|_| Vec::new()),
            windows: Mutex::default(),
        }
    }

    /// Counts per this key instead of per caller; `None` leaves a request uncounted.
    #[must_use]
    pub fn per(mut self, key: impl Fn(&Ask) -> Option<String> + Send + Sync + 'static) -> Self {
        self.key = Box::new(key);
        self
    }

    /// Counts points instead of requests.
    #[must_use]
    pub fn cost(mut self, cost: impl Fn(&Ask) -> u32 + Send + Sync + 'static) -> Self {
        self.cost = Box::new(cost);
        self
    }

    /// Headers that tell the budget, on every counted reply.
    #[must_use]
    pub fn headers(
        mut self,
        headers: impl Fn(&Budget) -> Vec<(&'static str, String)> + Send + Sync + 'static,
    ) -> Self {
        self.headers = Box::new(headers);
        self
    }

    /// Spends the request's cost, unless it would go over.
    pub(crate) fn take(&self, ask: &Ask) -> Option<Budget> {
        let key = (self.key)(ask)?;
        let cost = (self.cost)(ask);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.retain(|_, window| window.ends > ask.now);
        let ends = ask.now.saturating_add(self.window).unwrap_or(Timestamp::MAX);
        let window = windows.entry(key).or_insert(Window { ends, used: 0 });
        let wanted = window.used.saturating_add(cost);
        let exceeded = wanted > self.allowed;
        if !exceeded {
            window.used = wanted;
        }
        Some(Budget {
            limit: self.allowed,
            remaining: self.allowed.saturating_sub(window.used),
            used: window.used,
            reset: window.ends,
            retry_after: whole_seconds(ask.now, window.ends),
            exceeded,
        })
    }

    pub(crate) fn told(&self, budget: &Budget) -> Vec<(&'static str, String)> {
        (self.headers)(budget)
    }

    pub(crate) fn reset(&self) {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Seconds from `now` to `end`, rounded up, at least 1.
fn whole_seconds(now: Timestamp, end: Timestamp) -> u64 {
    let left = end.duration_since(now);
    let rounded = left.as_secs() + i64::from(left.subsec_nanos() > 0);
    u64::try_from(rounded).unwrap_or(0).max(1)
}
