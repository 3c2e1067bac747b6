//! How much redaction finds, how often it is wrong and how fast it is, on a corpus from a seed: `cargo xtask redaction`.
//! Ends with an error if a bar of security.md, sections 2.9 and 2.10, is missed.

#![allow(clippy::print_stdout, reason = "a benchmark talks to its user")]
#![allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]

use std::process::ExitCode;
use std::time::Instant;

use content::testing::{ENTERPRISE, PLANTED, Random, Sample, prose};
use content::{People, Redactor, TokenKey, Treatments, find, suspect};

const SEED: u64 = 20_240_501;
/// Texts of each kind.
const SAMPLES: usize = 20_000;
/// Bytes of prose, and the size of one text of it.
const BYTES: usize = 32 << 20;
const TEXT: usize = 16_000;

fn main() -> ExitCode {
    let mut random = Random::new(SEED);
    println!("{:<24}{:>10}{:>10}", "what is planted", "recall", "bar");
    let mut passed = true;
    for (kind, make) in PLANTED {
        let bar = if *kind == "phone" { 0.9 } else { 0.99 };
        passed &= figure(kind, share(&mut random, *make, is_covered), bar, |found, bar| found >= bar);
    }
    println!("{:<24}{:>10}{:>10}", "what is a company's own", "alarms", "bar");
    for (kind, make) in ENTERPRISE {
        passed &=
            figure(kind, share(&mut random, *make, |text| !find(text).is_empty()), 0.01, |found, bar| {
                found <= bar
            });
    }
    let texts: Vec<String> = (0..BYTES / TEXT).map(|_| prose(&mut random, TEXT)).collect();
    let (treatments, key) = (Treatments::of_record(), TokenKey::new([7; 32]));
    let redactor = Redactor { treatments: &treatments, key: &key, tenant: "", people: &People::new() };
    println!("{:<24}{:>10}{:>10}", "prose, MB/s on a core", "best of 5", "bar");
    passed &= figure("find", speed(&texts, |text| find(text).len()), 50.0, |found, bar| found >= bar);
    passed &=
        figure("redact", speed(&texts, |text| redactor.text(text).len()), 50.0, |found, bar| found >= bar);
    // A millisecond for 16 kB.
    passed &=
        figure("suspect", speed(&texts, |text| suspect(text).rules.len()), 16.0, |found, bar| found >= bar);
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn figure(what: &str, found: f64, bar: f64, passes: fn(f64, f64) -> bool) -> bool {
    let pass = passes(found, bar);
    println!("  {what:<22}{found:>10.4}{bar:>10.2}{}", if pass { "" } else { "   MISSED" });
    pass
}

/// The share of texts that are so.
fn share<T>(random: &mut Random, make: fn(&mut Random) -> T, is_so: impl Fn(&T) -> bool) -> f64 {
    let so = (0..SAMPLES).filter(|_| is_so(&make(random))).count();
    so as f64 / SAMPLES as f64
}

/// Whether the whole value lies in one finding.
fn is_covered(sample: &Sample) -> bool {
    let Some(start) = sample.text.find(&sample.value) else { return false };
    find(&sample.text).iter().any(|found| found.start <= start && found.end >= start + sample.value.len())
}

/// Megabytes in a second of a core, the best of five rounds.
fn speed(texts: &[String], work: impl Fn(&str) -> usize) -> f64 {
    let bytes: usize = texts.iter().map(String::len).sum();
    let round = || {
        let (wall, core) = (Instant::now(), core_time());
        std::hint::black_box(texts.iter().map(|text| work(text)).sum::<usize>());
        let core = core.zip(core_time()).map(|(from, to)| to - from);
        bytes as f64 / 1e6 / core.unwrap_or_else(|| wall.elapsed().as_secs_f64())
    };
    (0..5).map(|_| round()).fold(0.0, f64::max)
}

/// Seconds that this thread has had of a core, where the system tells: others use the machine too.
fn core_time() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse::<u64>().ok().map(|nanoseconds| nanoseconds as f64 / 1e9)
}
