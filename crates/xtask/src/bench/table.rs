//! Figures as a person reads them.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::cells::{self, Cell, Crisis};
use super::measure::Measure;
use super::startup::{BYTES_PER_TOKEN, Startup};

const MIB: f64 = 1024.0 * 1024.0;

/// A figure over the rounds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Spread {
    /// Of some figures; not a number if there are none.
    pub(super) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let end = |figure: Option<&f64>| figure.copied().unwrap_or(f64::NAN);
        Self { median: median(&figures), least: end(figures.first()), most: end(figures.last()) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2}-{:.2})", self.median, self.least, self.most)
    }
}

/// The middle of sorted figures; not a number if there are none.
pub(super) fn median(sorted: &[f64]) -> f64 {
    let (low, high) = (sorted.len().saturating_sub(1) / 2, sorted.len() / 2);
    match (sorted.get(low), sorted.get(high)) {
        (Some(low), Some(high)) => f64::midpoint(*low, *high),
        _ => f64::NAN,
    }
}

/// Bytes in MiB.
#[allow(clippy::cast_precision_loss, reason = "memory of a process is far below 2^52")]
pub(super) fn mib(bytes: u64) -> f64 {
    bytes as f64 / MIB
}

/// The cells, one line for each server, medians over the rounds; the last column is calls/s by `base`'s.
pub(super) fn cells<'a>(cells: impl IntoIterator<Item = &'a Cell>, base: &str) {
    println!(
        "{:<12}{:>10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}   calls/s by {base}'s (min-max)",
        "", "calls/s", "mean ms", "p50", "p99", "failed", "cpu us", "MiB"
    );
    for cell in cells {
        println!("{}", cell.what);
        let names: Vec<&str> =
            cell.rounds.first().map(|round| round.keys().copied().collect()).unwrap_or_default();
        for name in names {
            println!("{}", line(cell, name, base));
        }
        for sample in failures(cell.rounds.iter().flat_map(BTreeMap::values)) {
            println!("    {sample}");
        }
    }
}

/// What one server does by what another does, in the cells that hold both.
pub(super) fn beside<'a>(cells: impl IntoIterator<Item = &'a Cell>, name: &str, base: &str) {
    for cell in cells {
        let ratio = cell.ratio(name, base, cells::per_second);
        if !ratio.median.is_nan() {
            println!("calls/s of {name} by {base}'s, {}: {ratio}", cell.what);
        }
    }
}

fn line(cell: &Cell, name: &str, base: &str) -> String {
    let median = |figure: fn(&Measure) -> f64| cell.spread(name, figure).median;
    let ratio =
        if name == base { String::new() } else { cell.ratio(name, base, cells::per_second).to_string() };
    format!(
        "  {name:<10}{:>10.0}{:>9.2}{:>9.2}{:>9.2}{:>9.0}{:>9.0}{:>9.1}   {}",
        median(cells::per_second),
        median(|m| m.outcome.latency.mean),
        median(|m| m.outcome.latency.p50),
        median(cells::p99),
        cell.spread(name, failed).most,
        median(|m| m.cpu_us_per_call.unwrap_or(f64::NAN)),
        median(|m| m.resident_peak.map_or(f64::NAN, mib)),
        if ratio.starts_with("NaN") { String::new() } else { ratio },
    )
}

/// What went wrong while the vendor failed.
pub(super) fn crises(crises: &[Crisis]) {
    for crisis in crises {
        let outcome = &crisis.measure.outcome;
        println!(
            "vendor fails ({:?}): {} answered (slowest {:.0} ms), failed {:?} (slowest {:.0} ms), recovered {:.0} ms after it",
            crisis.kind,
            outcome.answered,
            outcome.latency.max,
            outcome.failed,
            outcome.slowest_failure_ms,
            crisis.recovery_ms,
        );
    }
}

/// Fresh servers.
pub(super) fn startups<'a>(startups: impl IntoIterator<Item = (&'a str, &'a Startup)>) {
    println!(
        "{:<12}{:>10}{:>18}{:>10}{:>8}{:>14}{:>14}",
        "stdio", "start ms", "(min-max)", "idle MiB", "tools", "list bytes", "tokens read"
    );
    for (name, startup) in startups {
        println!(
            "  {name:<10}{:>10.1}{:>18}{:>10.1}{:>8}{:>14}{:>14}",
            startup.median_ms,
            format!("({:.1}-{:.1})", startup.least_ms, startup.most_ms),
            startup.resident_idle.map_or(f64::NAN, mib),
            startup.tools,
            startup.list_bytes,
            startup.read_bytes / BYTES_PER_TOKEN,
        );
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn failed(measure: &Measure) -> f64 {
    (measure.outcome.failed.values().sum::<u64>() + measure.outcome.connect_failed) as f64
}

/// What went wrong, added up, and a body that shows it.
fn failures<'a>(measures: impl Iterator<Item = &'a Measure>) -> Vec<String> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut sample = None;
    for measure in measures {
        for (what, count) in &measure.outcome.failed {
            *counts.entry(what).or_default() += count;
        }
        sample = sample.or(measure.outcome.samples.first());
    }
    let counts = counts.into_iter().map(|(what, count)| format!("failed: {count} x {what}"));
    counts.chain(sample.map(|sample| format!("such as {sample}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_middles() {
        let near =
            |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
        near(Spread::of([3.0, 1.0, 2.0]).median, 2.0);
        near(Spread::of([4.0, 1.0, 2.0, 3.0]).median, 2.5);
        near(Spread::of([7.0]).most, 7.0);
        assert!(Spread::of([]).median.is_nan());
    }
}
