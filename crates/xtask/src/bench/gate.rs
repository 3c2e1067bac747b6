//! The gate in front of a server: what it costs a read, and whom it keeps a flood from.

use std::collections::BTreeMap;

use super::bars::{Bar, Limit};
use super::build::Programs;
use super::cells::{Bench, Cell, p99};
use super::issuer::Issuer;
use super::load::{Pace, Plan};
use super::measure::{Measure, beside};
use super::table::Spread;
use super::target::{Folder, OURS, Target, Vendor};
use crate::Result;

/// The server behind identity, tenants and limits.
pub(super) const GATED: &str = "gated";
/// A caller within its limits, alone and while another one is not.
const ALONE: &str = "alone";
const FLOODED: &str = "flooded";
/// The caller that is not.
const FLOOD: &str = "flood";

/// What a caller may do unless somebody says otherwise, and fifty times that.
const LIMIT: f64 = 20.0;
const FLOOD_RATE: f64 = 50.0 * LIMIT;
const FLOOD_CONNECTIONS: usize = 50;
/// What the other caller does meanwhile, far within its own limits.
const CALM_RATE: f64 = 100.0;
const CALM_CONNECTIONS: usize = 8;
/// The flood is under way before anything is measured beside it, and after it.
const LEAD_MS: u64 = 1_500;
/// One call in a hundred is to be told from luck: what is measured lasts this many times as long as elsewhere (1,000 calls
/// a round), and in more rounds.
const LONGER: u64 = 5;
const MORE_ROUNDS: usize = 2;

/// Every kind of limit is on. `measured` and `calm` never reach theirs; `loud` has the defaults.
const LIMITS: &str = r#"
[limits.peer]
per_second = 1000000
[limits.tool]
reads_per_second = 1000000
[limits.day.caller]
calls = 1000000000
"#;
const TENANTS: &str = r#"
[measured.limits]
tenant.per_second = 1000000
caller = { per_second = 1000000, in_flight = 1000 }
[calm.limits]
tenant.per_second = 1000000
caller = { per_second = 1000000, in_flight = 1000 }
[loud]
"#;

/// A gated server and those who call it.
pub(super) struct Gate {
    server: Target,
    issuer: Issuer,
}

impl Gate {
    /// The server under test with callers told apart and every limit on.
    pub(super) fn start(programs: &Programs, vendor: &Vendor, folder: &Folder) -> Result<Self> {
        let issuer = Issuer::start()?;
        let tenants = folder.write("tenants.toml", TENANTS)?;
        let tenants = toml::Value::from(tenants.to_string_lossy().into_owned());
        let tables = format!("{}[tenants]\nfile = {tenants}\n{LIMITS}", issuer.tables());
        let mut server = Target::server(GATED, programs, vendor, folder, &tables)?;
        server.token = Some(issuer.token("measured"));
        Ok(Self { server, issuer })
    }

    /// One call after the other, with the gate and without.
    pub(super) fn cost(&mut self, bench: &Bench<'_>, ours: &mut Target) -> Result<Cell> {
        let what = "one call after the other, with the gate and without".to_owned();
        let plan = |target: &Target| target.plan(1, Pace::Closed, bench.measure_ms);
        bench.interleave(what, bench.rounds, &mut [ours, &mut self.server], plan)
    }

    /// A caller within its limits, alone and beside one that is not.
    pub(super) fn flood(&mut self, bench: &Bench<'_>) -> Result<Cell> {
        let what = format!("{CALM_RATE} calls/s of one caller beside {FLOOD_RATE} of another");
        let mut cell = Cell { what, rounds: Vec::new() };
        let (calm, loud) = (self.calm(bench), self.loud(bench));
        let rounds = bench.rounds * MORE_ROUNDS;
        for round in 1..=rounds {
            eprintln!("{}, round {round} of {rounds}", cell.what);
            let id = self.server.running.id();
            let alone = Measure::take(bench.programs, bench.folder, &mut self.server, &calm)?;
            let (flooded, flood) = beside(bench.programs, bench.folder, &loud, id, || {
                Measure::take(bench.programs, bench.folder, &mut self.server, &calm)
            })?;
            cell.rounds.push(BTreeMap::from([(ALONE, alone), (FLOODED, flooded), (FLOOD, flood)]));
        }
        Ok(cell)
    }

    fn calm(&self, bench: &Bench<'_>) -> Plan {
        let pace = Pace::Open { per_second: CALM_RATE };
        let plan = self.server.plan(CALM_CONNECTIONS, pace, LONGER * bench.measure_ms);
        Plan { token: Some(self.issuer.token("calm")), warm_up_ms: LEAD_MS, ..plan }
    }

    fn loud(&self, bench: &Bench<'_>) -> Plan {
        let lasts = LONGER * bench.measure_ms + 2 * LEAD_MS;
        let plan = self.server.plan(FLOOD_CONNECTIONS, Pace::Open { per_second: FLOOD_RATE }, lasts);
        Plan { token: Some(self.issuer.token("loud")), ..plan }
    }
}

/// What the gate adds to a read.
pub(super) fn cost_bars(cell: &Cell) -> Vec<Bar> {
    let p50 = |measure: &Measure| measure.outcome.latency.p50;
    let added =
        |round: &BTreeMap<&'static str, Measure>| Some(p50(round.get(GATED)?) - p50(round.get(OURS)?));
    let added = Spread::of(cell.rounds.iter().filter_map(added)).median;
    let failed = cell.spread(GATED, failed).most;
    vec![
        Bar::new("p50 that the gate adds to a read", added, "ms", Limit::Below(0.2)),
        Bar::new("failed calls behind the gate", failed, "", Limit::AtMost(0.0)),
    ]
}

/// What a flood takes from others.
pub(super) fn flood_bars(cell: &Cell) -> Vec<Bar> {
    let slower = cell.ratio(FLOODED, ALONE, p99).median;
    let failed = cell.spread(FLOODED, failed).most;
    let passed = cell.spread(FLOOD, |measure| measure.outcome.per_second).median;
    vec![
        Bar::new("p99 of a caller beside another's flood, by alone", slower, "x", Limit::AtMost(1.2)),
        Bar::new("failed calls of a caller beside another's flood", failed, "", Limit::AtMost(0.0)),
        Bar::new("calls of the flood that pass", passed, "calls/s", Limit::AtMost(2.0 * LIMIT)),
        // A gate that lets nobody through keeps every flood out.
        Bar::new("calls of the flood that pass all the same", passed, "calls/s", Limit::AtLeast(LIMIT / 2.0)),
    ]
}

#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn failed(measure: &Measure) -> f64 {
    (measure.outcome.failed.values().sum::<u64>() + measure.outcome.connect_failed) as f64
}
