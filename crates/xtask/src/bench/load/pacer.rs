//! Constant arrivals.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

/// Sends the moment each call is due, at a constant rate from `first` until `end`, and returns how many there were.
///
/// A thread of its own asleep on the kernel's timer: tokio's timer is a millisecond coarse, and spinning would take
/// half of a small machine from the server. A late arrival is sent at once, with the moment it was due.
pub(super) fn start(
    per_second: f64,
    first: Instant,
    end: Instant,
    arrivals: UnboundedSender<Instant>,
) -> JoinHandle<u64> {
    std::thread::spawn(move || {
        sharpen();
        for count in 0_u32.. {
            let due = first + Duration::from_secs_f64(f64::from(count) / per_second);
            if due >= end || arrivals.is_closed() {
                return u64::from(count);
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            // The receiver is gone when the plan is cut short; what is due then is counted as unanswered.
            let _taken = arrivals.send(due);
        }
        u64::from(u32::MAX)
    })
}

/// Linux lets a sleep run 50 us over unless told otherwise.
#[cfg(target_os = "linux")]
fn sharpen() {
    // Best effort: a coarser timer costs both sides of a comparison the same.
    let _set = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1));
}

#[cfg(not(target_os = "linux"))]
fn sharpen() {}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[test]
    fn arrivals_keep_their_distance_however_late_they_are_sent() {
        let (arrivals, mut due) = mpsc::unbounded_channel();
        let first = Instant::now();
        let count = start(1_000.0, first, first + Duration::from_millis(20), arrivals).join().unwrap();
        let due: Vec<Instant> = std::iter::from_fn(|| due.try_recv().ok()).collect();
        assert_eq!((due.len(), count), (20, 20));
        for (at, moment) in due.iter().enumerate() {
            assert_eq!(moment.duration_since(first), Duration::from_millis(at as u64));
        }
    }
}
