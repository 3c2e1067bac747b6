//! How often people may be woken: incidents opened per service within an hour.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use error::{Code, Error, Result};
use tokio::time::Instant;

/// The window the cap counts in.
const HOUR: Duration = Duration::from_secs(3600);

/// Counts the incidents this process opened, per service, and refuses one too many.
///
/// It is a brake on an agent in a loop, not an account: it forgets at a restart and every replica counts for itself.
#[derive(Debug)]
pub struct Wakes {
    cap: u32,
    opened: Mutex<HashMap<String, Vec<Instant>>>,
}

impl Wakes {
    /// Incidents per service and hour unless configured otherwise (`opens_per_hour`).
    pub const DEFAULT: u32 = 5;

    /// At most `cap` incidents per service and hour; 0 lets nothing be opened.
    #[must_use]
    pub fn new(cap: u32) -> Self {
        Self { cap, opened: Mutex::default() }
    }

    /// Counts one more for `service`, or `quota_exhausted` with the wait until the oldest is an hour old.
    pub fn count(&self, service: &str) -> Result<()> {
        let now = Instant::now();
        let mut all = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = all.entry(service.to_owned()).or_default();
        opened.retain(|at| now.duration_since(*at) < HOUR);
        if opened.len() < self.cap as usize {
            opened.push(now);
            return Ok(());
        }
        let wait = opened.first().map_or(HOUR, |oldest| HOUR.saturating_sub(now.duration_since(*oldest)));
        let message =
            format!("{} incidents were opened for this service within the hour, the most allowed", self.cap);
        Err(Error::new(Code::QuotaExhausted, message)
            .hint("add to an incident that is open, or let a person open this one")
            .retry_after(wait))
    }
}

impl Default for Wakes {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_cap_is_per_service_and_hour() {
        let wakes = Wakes::new(2);
        wakes.count("payments").unwrap();
        tokio::time::advance(Duration::from_secs(600)).await;
        wakes.count("payments").unwrap();
        let refused = wakes.count("payments").unwrap_err();
        assert_eq!((refused.code(), refused.wait()), (Code::QuotaExhausted, Some(Duration::from_secs(3000))));
        wakes.count("search").unwrap();
        tokio::time::advance(Duration::from_secs(3000)).await;
        wakes.count("payments").unwrap();
        assert!(wakes.count("payments").is_err(), "only the oldest fell out of the window");
    }
}
