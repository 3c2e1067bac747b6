//! Open, closed, or a few at a time.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use failsafe::{Instrument, StateMachine};
use rand::Rng as _;
use tokio::time::Instant;

use super::window::{Grade, Policy, Window};
use crate::Class;

/// Probes under way at a time while it is not known whether the vendor recovered.
const PROBES: u32 = 3;
/// Probes that must succeed before everyone is let through again.
const SUCCESSES: u32 = 3;
/// How long a gate stays open the first time; doubled each time a probe fails.
const OPEN: Duration = Duration::from_secs(5);
const LONGEST_OPEN: Duration = Duration::from_secs(60);

/// Lets attempts through while the vendor works.
///
/// `failsafe` decides between open and closed. Around it the gate does what `failsafe` cannot: time by the tokio
/// clock, a bounded number of probes, several successes before it closes, and permits that know to which era they
/// belong, so that an answer from before the last change counts for nothing.
pub(super) struct Gate {
    source: String,
    class: Class,
    machine: StateMachine<Policy, Watch>,
    state: Arc<AtomicU8>,
    window: Arc<Mutex<Window>>,
    era: Mutex<Era>,
}

/// The time between two changes of state.
struct Era {
    number: u64,
    open_until: Instant,
    /// How often the gate opened since it was last closed.
    openings: u32,
    probes: u32,
    successes: u32,
}

const CLOSED: u8 = 0;
const HALF_OPEN: u8 = 1;
const OPENED: u8 = 2;

/// Reads the state of the machine, which does not tell it otherwise.
struct Watch(Arc<AtomicU8>);

impl Instrument for Watch {
    fn on_call_rejected(&self) {}
    fn on_open(&self) {
        self.0.store(OPENED, Ordering::SeqCst);
    }
    fn on_half_open(&self) {
        self.0.store(HALF_OPEN, Ordering::SeqCst);
    }
    fn on_closed(&self) {
        self.0.store(CLOSED, Ordering::SeqCst);
    }
}

impl Gate {
    pub(super) fn new(source: &str, class: Class) -> Self {
        let (state, window) = (Arc::new(AtomicU8::new(CLOSED)), Arc::new(Mutex::new(Window::new())));
        let machine = StateMachine::new(Policy(Arc::clone(&window)), Watch(Arc::clone(&state)));
        let era = Era { number: 0, open_until: Instant::now(), openings: 0, probes: 0, successes: 0 };
        Self { source: source.to_owned(), class, machine, state, window, era: Mutex::new(era) }
    }

    /// Leave to make an attempt that ends by `deadline`; else how long none will be given.
    pub(super) fn enter(self: &Arc<Self>, deadline: Option<Instant>) -> Result<Permit, Duration> {
        let mut era = self.lock();
        if self.state() == OPENED {
            let left = era.open_until.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                return Err(left);
            }
            // Moves to half-open; the machine's own waiting time is nothing and long over.
            if !self.machine.is_call_permitted() {
                return Err(Duration::from_millis(1));
            }
            self.begin(&mut era);
        }
        if self.state() == HALF_OPEN {
            if era.probes >= PROBES {
                return Err(Duration::from_secs(1));
            }
            era.probes += 1;
        }
        Ok(Permit { gate: Arc::clone(self), era: era.number, deadline, is_settled: false })
    }

    /// Counts what a permit's attempt came to.
    fn settle(&self, number: u64, grade: Option<Grade>) {
        let mut era = self.lock();
        if number != era.number {
            return; // An answer from another era.
        }
        let is_probe = self.state() == HALF_OPEN;
        if is_probe {
            era.probes = era.probes.saturating_sub(1);
        }
        let Some(grade) = grade else { return };
        if grade != Grade::Good {
            self.record(grade);
            self.machine.on_error();
        } else if !is_probe {
            self.record(grade);
            self.machine.on_success();
        } else {
            era.successes += 1;
            if era.successes >= SUCCESSES {
                self.machine.on_success();
            }
        }
        match (is_probe, self.state()) {
            (_, OPENED) => self.open(&mut era),
            (true, CLOSED) => self.close(&mut era),
            _ => {}
        }
    }

    fn open(&self, era: &mut Era) {
        let open = (OPEN * 2u32.saturating_pow(era.openings.min(16))).min(LONGEST_OPEN);
        // Spread, so that replicas do not probe together.
        era.open_until = Instant::now() + open.mul_f64(rand::rng().random_range(1.0..=1.1));
        era.openings += 1;
        self.begin(era);
    }

    fn close(&self, era: &mut Era) {
        era.openings = 0;
        self.begin(era);
    }

    fn begin(&self, era: &mut Era) {
        (era.number, era.probes, era.successes) = (era.number + 1, 0, 0);
        let state = self.state();
        metrics::gauge!("chancery_breaker_state",
            "source" => self.source.clone(), "class" => self.class.as_str())
        .set(f64::from(state));
        let name = ["closed", "half-open", "open"][usize::from(state)];
        tracing::info!(
            source = self.source,
            class = self.class.as_str(),
            state = name,
            "the breaker changed"
        );
    }

    fn record(&self, grade: Grade) {
        self.window.lock().unwrap_or_else(PoisonError::into_inner).record(grade);
    }

    fn state(&self) -> u8 {
        self.state.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, Era> {
        self.era.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to make one attempt.
pub(super) struct Permit {
    gate: Arc<Gate>,
    era: u64,
    deadline: Option<Instant>,
    is_settled: bool,
}

impl Permit {
    /// Gives the permit back with what the attempt says of the vendor, if anything.
    pub(super) fn settle(mut self, grade: Option<Grade>) {
        self.is_settled = true;
        self.gate.settle(self.era, grade);
    }
}

/// An attempt that was dropped: the vendor's fault if the deadline passed, else the caller gave up.
impl Drop for Permit {
    fn drop(&mut self) {
        if !self.is_settled {
            let is_late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
            self.gate.settle(self.era, is_late.then_some(Grade::Bad));
        }
    }
}

#[cfg(test)]
mod tests;
