//! The bars: what is to be reached, and whether it was.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::cells::{self, Cell, Crisis};
use super::measure::Measure;
use super::mock::Kind;
use super::startup::{BYTES_PER_TOKEN, Startup};
use super::table::{Spread, mib};
use super::target::{FLOOR, OURS};

/// A figure and its bar.
#[derive(Debug, Serialize)]
pub(super) struct Bar {
    pub(super) what: &'static str,
    pub(super) found: f64,
    pub(super) unit: &'static str,
    pub(super) limit: Limit,
    pub(super) pass: bool,
}

/// Which side of the bar is good.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Limit {
    AtLeast(f64),
    AtMost(f64),
    Below(f64),
}

impl Bar {
    pub(super) fn new(what: &'static str, found: f64, unit: &'static str, limit: Limit) -> Self {
        // A figure that could not be taken is no number and passes nothing.
        let pass = match limit {
            Limit::AtLeast(limit) => found >= limit,
            Limit::AtMost(limit) => found <= limit,
            Limit::Below(limit) => found < limit,
        };
        Self { what, found, unit, limit, pass }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.pass { "PASS" } else { "MISS" };
        let (side, limit) = match self.limit {
            Limit::AtLeast(limit) => (">=", limit),
            Limit::AtMost(limit) => ("<=", limit),
            Limit::Below(limit) => ("<", limit),
        };
        let (found, limit) = (figure(self.found), figure(limit));
        write!(f, "{verdict}  {:<62}{found:>10} {:<7} {side} {limit}", self.what, self.unit)
    }
}

/// Whole numbers as such, others to two places.
fn figure(figure: f64) -> String {
    if figure.fract() == 0.0 { format!("{figure:.0}") } else { format!("{figure:.2}") }
}

/// Of a fresh server on stdio.
#[allow(clippy::cast_precision_loss, reason = "a catalogue is small")]
pub(super) fn startup(startup: &Startup) -> Vec<Bar> {
    let idle = startup.resident_idle.map_or(f64::NAN, mib);
    vec![
        Bar::new(
            "spawn to tools/list, stdio --sandbox, median",
            startup.median_ms,
            "ms",
            Limit::AtMost(30.0),
        ),
        Bar::new("resident memory of an idle server", idle, "MiB", Limit::AtMost(20.0)),
        Bar::new(
            "catalogue, as a model reads it",
            (startup.read_bytes / BYTES_PER_TOKEN) as f64,
            "tokens",
            Limit::AtMost(3_000.0),
        ),
        Bar::new("whole tools/list answer", startup.list_bytes as f64, "bytes", Limit::Below(40_000.0)),
    ]
}

/// Throughput at the connections that are judged.
pub(super) fn throughput(cell: &Cell) -> Vec<Bar> {
    let ratio = cell.to_floor(cells::per_second).median;
    vec![Bar::new("calls/s by the floor's, 32 connections", ratio, "x", Limit::AtLeast(0.7))]
}

/// Latency at half of the floor's capacity: a factor of the floor's, or some milliseconds more where the floor's is
/// too small to multiply.
pub(super) fn latency(cell: &Cell) -> Vec<Bar> {
    let ratio = cell.to_floor(cells::p99).median;
    let more = more_than_floor(cell).median;
    let factor = Bar::new("p99 by the floor's, half the floor's capacity", ratio, "x", Limit::AtMost(1.5));
    let absolute =
        Bar::new("p99 above the floor's, half the floor's capacity", more, "ms", Limit::AtMost(3.0));
    vec![if factor.pass { factor } else { absolute }]
}

fn more_than_floor(cell: &Cell) -> Spread {
    let more = |round: &BTreeMap<&'static str, Measure>| {
        Some(cells::p99(round.get(OURS)?) - cells::p99(round.get(FLOOR)?))
    };
    Spread::of(cell.rounds.iter().filter_map(more))
}

/// Many connections.
#[allow(clippy::cast_precision_loss, reason = "counts and memory stay far below 2^52")]
pub(super) fn many(cell: &Cell, connections: usize) -> Vec<Bar> {
    let (answered, failed) = cell.counts();
    let share = 100.0 * failed as f64 / (answered + failed).max(1) as f64;
    let peak = cell.spread(OURS, |m| m.resident_peak.map_or(f64::NAN, mib)).median;
    let before = cell.spread(OURS, |m| m.resident_before.map_or(f64::NAN, mib)).median;
    let each = (peak - before) * 1024.0 / connections.max(1) as f64;
    vec![
        Bar::new(
            "many connections: mean",
            cell.spread(OURS, |m| m.outcome.latency.mean).median,
            "ms",
            Limit::Below(50.0),
        ),
        Bar::new("many connections: p99", cell.spread(OURS, cells::p99).median, "ms", Limit::Below(100.0)),
        Bar::new("many connections: failed calls", share, "%", Limit::AtMost(0.1)),
        Bar::new("many connections: resident memory", peak, "MiB", Limit::Below(400.0)),
        Bar::new("many connections: memory of each", each, "KiB", Limit::AtMost(32.0)),
    ]
}

/// A vendor that failed: the breaker opens for 5 s at first and lets a few probes through before it closes.
pub(super) fn crisis(crisis: &Crisis) -> Vec<Bar> {
    let (recovery, reply) = match crisis.kind {
        Kind::Unavailable => ("recovery after a vendor's 503", "slowest reply while the vendor says 503"),
        Kind::Hang => ("recovery after a vendor's silence", "slowest reply while the vendor is silent"),
    };
    let slowest = crisis.measure.outcome.slowest_failure_ms.max(crisis.measure.outcome.latency.max);
    vec![
        Bar::new(recovery, crisis.recovery_ms, "ms", Limit::AtMost(6_000.0)),
        Bar::new(reply, slowest, "ms", Limit::AtMost(11_000.0)),
    ]
}

/// Calls one after the other, each of which the vendor must have seen.
#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(super) fn sequence(cell: &Cell, searches: u64) -> Vec<Bar> {
    let slowest = cell.spread(OURS, |m| m.outcome.latency.max).median;
    let calls = cell.spread(OURS, |m| m.outcome.all_calls as f64).median;
    let text = cell.spread(OURS, |m| (m.outcome.text_bytes / BYTES_PER_TOKEN) as f64).median;
    vec![
        Bar::new("slowest of 50 calls one after the other", slowest, "ms", Limit::Below(5.0)),
        Bar::new("vendor searches for each of them", searches as f64 / calls, "", Limit::AtLeast(1.0)),
        Bar::new("10-row search, one copy", text, "tokens", Limit::AtMost(900.0)),
    ]
}

/// The cells with a healthy vendor: nothing may fail, and everything must be on the record.
#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(super) fn whole<'a>(healthy: impl Iterator<Item = &'a Cell>, records: u64, calls: u64) -> Vec<Bar> {
    let failed: u64 = healthy.map(|cell| cell.counts().1).sum();
    vec![
        Bar::new("failed calls while the vendor was well", failed as f64, "", Limit::AtMost(0.0)),
        Bar::new(
            "audit records for each call",
            records as f64 / calls.max(1) as f64,
            "",
            Limit::AtLeast(1.0),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_passed_on_its_good_side_and_never_without_a_figure() {
        let passes = |found, limit| Bar::new("x", found, "", limit).pass;
        assert!(passes(1.0, Limit::AtLeast(1.0)) && passes(1.0, Limit::AtMost(1.0)));
        assert!(!passes(0.9, Limit::AtLeast(1.0)) && !passes(1.1, Limit::AtMost(1.0)));
        assert!(passes(0.9, Limit::Below(1.0)) && !passes(1.0, Limit::Below(1.0)));
        for limit in [Limit::AtLeast(1.0), Limit::AtMost(1.0), Limit::Below(1.0)] {
            assert!(!passes(f64::NAN, limit), "{limit:?}");
        }
    }
}
