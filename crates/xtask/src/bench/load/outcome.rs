//! What is counted, and what comes of it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::Window;
use super::connection::Fault;
use super::reply::Answer;
use crate::bench::process;

/// Bodies of failed calls that are kept to be looked at.
const SAMPLES: usize = 3;
const SAMPLE_BYTES: usize = 400;

/// What a measurement found. Calls outside of the window count in `all_calls` only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::bench) struct Outcome {
    /// Calls answered as they should be.
    pub(in crate::bench) answered: u64,
    /// Calls that were not, by what went wrong.
    pub(in crate::bench) failed: BTreeMap<String, u64>,
    /// Answered calls per second.
    pub(in crate::bench) per_second: f64,
    /// Of answered calls.
    pub(in crate::bench) latency: Latency,
    /// Calls that were sent, warm-up and the first use of each connection included.
    pub(in crate::bench) all_calls: u64,
    /// Opening and first using all connections took this long.
    pub(in crate::bench) connect_ms: f64,
    /// Connections that could not be opened or whose first call failed.
    pub(in crate::bench) connect_failed: u64,
    /// When the last call was due (open loop) or ended (closed loop) that failed.
    pub(in crate::bench) last_failure_unix_ms: Option<f64>,
    /// The longest that a failed call took.
    pub(in crate::bench) slowest_failure_ms: f64,
    /// Bytes of an answer's body.
    pub(in crate::bench) wire_bytes: usize,
    /// Bytes of the text in it that a model reads.
    pub(in crate::bench) text_bytes: usize,
    /// Processor time the generator itself took.
    pub(in crate::bench) generator_cpu_seconds: Option<f64>,
    /// Some bodies of failed calls, cut.
    pub(in crate::bench) samples: Vec<String>,
}

/// Milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(in crate::bench) struct Latency {
    pub(in crate::bench) mean: f64,
    pub(in crate::bench) p50: f64,
    pub(in crate::bench) p90: f64,
    pub(in crate::bench) p99: f64,
    pub(in crate::bench) p999: f64,
    pub(in crate::bench) max: f64,
}

/// Counts calls. Before the window is known everything is preparation.
pub(super) struct Tally {
    window: Option<Window>,
    connected: Duration,
    latency: Histogram<u64>,
    failed: BTreeMap<String, u64>,
    all_calls: u64,
    paced_calls: u64,
    connect_failed: u64,
    last_end: Option<Instant>,
    last_failure: Option<Instant>,
    slowest_failure: Duration,
    wire_bytes: usize,
    text_bytes: usize,
    samples: Vec<String>,
}

/// When a call happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// The moment it belongs to: when it was due (open loop), or when it ended.
    pub(super) at: Instant,
    /// When it was due, or else when it was sent.
    pub(super) begin: Instant,
    /// When it was answered or given up.
    pub(super) end: Instant,
}

impl Call {
    fn took(self) -> Duration {
        self.end - self.begin
    }
}

impl Tally {
    /// Three digits, from a microsecond to a minute.
    pub(super) fn new() -> crate::Result<Self> {
        Ok(Self {
            window: None,
            connected: Duration::ZERO,
            latency: Histogram::new_with_bounds(1, 60_000_000, 3)?,
            failed: BTreeMap::new(),
            all_calls: 0,
            paced_calls: 0,
            connect_failed: 0,
            last_end: None,
            last_failure: None,
            slowest_failure: Duration::ZERO,
            wire_bytes: 0,
            text_bytes: 0,
            samples: Vec::new(),
        })
    }

    /// All connections stand; from `window.begin` on calls count.
    pub(super) fn start(&mut self, window: Window, connected: Duration) {
        self.window = Some(window);
        self.connected = connected;
    }

    /// Counts a call.
    pub(super) fn count(&mut self, call: Call, answer: &Result<Answer, Fault>) {
        self.all_calls += 1;
        if let Err(fault) = answer {
            self.keep(fault);
        }
        let Some(window) = self.window else {
            self.connect_failed += u64::from(answer.is_err());
            return;
        };
        self.paced_calls += 1;
        // A call that fails at its time-out ends long after it belonged to the window.
        let last = if answer.is_ok() { call.at } else { call.begin };
        if call.at < window.begin || last > window.end {
            return;
        }
        match answer {
            Ok(answer) => self.answered(call, answer),
            Err(fault) => self.failed(call.at, call.took(), fault.to_string()),
        }
    }

    /// The calls are made: nothing happens after `end`.
    pub(super) fn end(&mut self, end: Instant) {
        if let Some(window) = &mut self.window {
            window.end = end;
        }
    }

    /// All of `arrived` calls were due; those that never ended count as failed at the end of the window.
    pub(super) fn close(&mut self, arrived: u64) {
        let open = arrived.saturating_sub(self.paced_calls);
        if let Some(window) = self.window.filter(|_| open > 0) {
            self.failed(window.end, window.end - window.begin, "unanswered".to_owned());
            self.failed.insert("unanswered".to_owned(), open);
        }
    }

    /// The sums.
    pub(super) fn outcome(&self) -> Outcome {
        let answered = self.latency.len();
        let began = self.window.map(|window| window.begin);
        let seconds = self.seconds();
        Outcome {
            answered,
            failed: self.failed.clone(),
            #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
            per_second: if seconds > 0.0 { answered as f64 / seconds } else { 0.0 },
            latency: self.latency(),
            all_calls: self.all_calls,
            connect_ms: self.connected.as_secs_f64() * 1000.0,
            connect_failed: self.connect_failed,
            last_failure_unix_ms: began.and(self.last_failure).map(unix_ms_of),
            slowest_failure_ms: self.slowest_failure.as_secs_f64() * 1000.0,
            wire_bytes: self.wire_bytes,
            text_bytes: self.text_bytes,
            generator_cpu_seconds: process::cpu_seconds(std::process::id()),
            samples: self.samples.clone(),
        }
    }

    fn answered(&mut self, call: Call, answer: &Answer) {
        self.latency.saturating_record(u64::try_from(call.took().as_micros()).unwrap_or(u64::MAX));
        self.last_end = self.last_end.max(Some(call.end));
        (self.wire_bytes, self.text_bytes) = (answer.wire, answer.text);
    }

    fn failed(&mut self, at: Instant, took: Duration, what: String) {
        *self.failed.entry(what).or_default() += 1;
        self.last_failure = self.last_failure.max(Some(at));
        self.slowest_failure = self.slowest_failure.max(took);
    }

    fn keep(&mut self, fault: &Fault) {
        if self.samples.len() < SAMPLES
            && let Some(body) = fault.body()
        {
            let cut = body.get(..SAMPLE_BYTES).unwrap_or(body);
            self.samples.push(format!("{fault}: {}", String::from_utf8_lossy(cut)));
        }
    }

    /// From the window's begin to its end, or to the last answer where answers lagged behind.
    fn seconds(&self) -> f64 {
        let Some(window) = self.window else { return 0.0 };
        let end = self.last_end.map_or(window.end, |last| last.max(window.end));
        (end - window.begin).as_secs_f64()
    }

    fn latency(&self) -> Latency {
        #[allow(clippy::cast_precision_loss, reason = "a minute in microseconds is far below 2^52")]
        let at = |quantile| self.latency.value_at_quantile(quantile) as f64 / 1000.0;
        let mean = self.latency.mean() / 1000.0;
        Latency { mean, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1.0) }
    }
}

fn unix_ms_of(moment: Instant) -> f64 {
    process::unix_ms() - moment.elapsed().as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Result<Answer, Fault> {
        Ok(Answer { wire: 10, text: 3 })
    }

    #[test]
    fn only_the_window_counts_and_what_never_ended_is_a_failure() {
        let begin = Instant::now();
        let window = Window { start: begin, begin, end: begin + Duration::from_secs(1) };
        let mut tally = Tally::new().unwrap();
        let due = |after_ms| {
            let at = begin + Duration::from_millis(after_ms);
            Call { at, begin: at, end: at + Duration::from_millis(4) }
        };
        tally.count(due(0), &Err(Fault::Connect));
        tally.start(window, Duration::ZERO);
        tally.count(due(0), &good());
        tally.count(due(500), &Err(Fault::Timeout));
        tally.count(due(2000), &good());
        tally.close(5);
        let outcome = tally.outcome();
        assert_eq!((outcome.answered, outcome.all_calls, outcome.connect_failed), (1, 4, 1));
        assert_eq!(outcome.failed, BTreeMap::from([("timeout".to_owned(), 1), ("unanswered".to_owned(), 2)]));
        assert!((outcome.latency.max - 4.0).abs() < 0.01, "{:?}", outcome.latency);
        assert!((outcome.per_second - 1.0).abs() < 0.01, "{}", outcome.per_second);
        assert_eq!(outcome.text_bytes, 3);
    }

    #[test]
    fn a_closed_loop_counts_failures_that_outlast_the_window() {
        let base = Instant::now();
        let after = |ms| base + Duration::from_millis(ms);
        let mut tally = Tally::new().unwrap();
        tally.start(Window { start: base, begin: after(100), end: after(200) }, Duration::ZERO);
        let mut call = |begin, end, answer| {
            tally.count(Call { at: after(end), begin: after(begin), end: after(end) }, &answer);
        };
        call(10, 90, Err(Fault::Timeout));
        call(20, 12_020, Err(Fault::Timeout));
        call(190, 12_190, Err(Fault::Timeout));
        call(190, 210, good());
        let outcome = tally.outcome();
        assert_eq!(outcome.failed, BTreeMap::from([("timeout".to_owned(), 2)]), "not the one of the warm-up");
        assert_eq!(outcome.answered, 0);
        assert!((outcome.slowest_failure_ms - 12_000.0).abs() < 0.01, "{}", outcome.slowest_failure_ms);
    }
}
