//! What is measured: each cell is one question, asked of each server in turn, round after round.

use std::collections::BTreeMap;

use serde::Serialize;

use super::build::Programs;
use super::load::{Pace, Plan};
use super::measure::Measure;
use super::mock::{Behavior, Fault, Kind};
use super::table::Spread;
use super::target::{FLOOR, Folder, OURS, Target, Vendor};
use crate::Result;

/// Connections of the closed loops: one agent, a team, a company.
const CLOSED: [usize; 3] = [1, 32, 256];
/// Where capacity and ratios are judged.
pub(super) const JUDGED: usize = 32;
/// The open loop with many connections: calls per second, and milliseconds to the vendor.
const MANY_RATE: f64 = 1_000.0;
const MANY_AWAY_MS: u64 = 20;
/// The open loop in which the vendor fails: calls per second, over enough connections that a stall holds none up.
const FAULT_RATE: f64 = 100.0;
const FAULT_CONNECTIONS: usize = 512;
/// A vendor's failure, from the moment the generator is started.
const FAULT_AFTER_MS: u64 = 3_000;
const FAULT_FOR_MS: u64 = 3_000;
/// Calls one after the other that show a delayed ACK.
const SEQUENCE: u32 = 50;

/// Everything a cell needs.
pub(super) struct Bench<'a> {
    pub(super) programs: &'a Programs,
    pub(super) folder: &'a Folder,
    pub(super) rounds: usize,
    /// How long a closed loop is measured.
    pub(super) measure_ms: u64,
}

/// One question and its answers.
#[derive(Debug, Serialize)]
pub(super) struct Cell {
    pub(super) what: String,
    /// Of each round, by server.
    pub(super) rounds: Vec<BTreeMap<&'static str, Measure>>,
}

/// How a server came through a failure of its vendor.
#[derive(Debug, Serialize)]
pub(super) struct Crisis {
    pub(super) kind: Kind,
    pub(super) measure: Measure,
    /// From the vendor's recovery to the last failed call's due time.
    pub(super) recovery_ms: f64,
}

impl Bench<'_> {
    /// Asks each server in turn, `rounds` times.
    pub(super) fn interleave(
        &self,
        what: String,
        rounds: usize,
        targets: &mut [&mut Target],
        plan: impl Fn(&Target) -> Plan,
    ) -> Result<Cell> {
        let mut cell = Cell { what, rounds: Vec::new() };
        for round in 1..=rounds {
            let mut measures = BTreeMap::new();
            for target in targets.iter_mut() {
                eprintln!("{}, round {round} of {rounds}: {}", cell.what, target.name);
                let plan = plan(target);
                measures.insert(target.name, self.take(target, &plan)?);
            }
            cell.rounds.push(measures);
        }
        Ok(cell)
    }

    /// Capacity: closed loops.
    pub(super) fn closed(
        &self,
        floor: &mut Target,
        bare: &mut Target,
        ours: &mut Target,
    ) -> Result<Vec<Cell>> {
        let cell = |connections: usize| {
            let what = closed_name(connections);
            let plan = |target: &Target| target.plan(connections, Pace::Closed, self.measure_ms);
            self.interleave(what, self.rounds, &mut [&mut *floor, &mut *bare, &mut *ours], plan)
        };
        CLOSED.into_iter().map(cell).collect()
    }

    /// Latency at half of what the floor can do.
    pub(super) fn half(&self, capacity: f64, floor: &mut Target, ours: &mut Target) -> Result<Cell> {
        let rate = (capacity / 2.0).max(1.0);
        let what = format!("open loop, {rate:.0} calls/s, {JUDGED} connections");
        let plan =
            |target: &Target| target.plan(JUDGED, Pace::Open { per_second: rate }, 2 * self.measure_ms);
        self.interleave(what, self.rounds, &mut [floor, ours], plan)
    }

    /// Many open connections, a vendor some way away.
    pub(super) fn many(
        &self,
        connections: usize,
        vendor: &mut Vendor,
        floor: &mut Target,
        ours: &mut Target,
    ) -> Result<Cell> {
        vendor.behave(&Behavior::away(MANY_AWAY_MS))?;
        let what = format!(
            "open loop, {MANY_RATE} calls/s, {connections} connections, vendor {MANY_AWAY_MS} ms away"
        );
        let plan = |target: &Target| {
            target.plan(connections, Pace::Open { per_second: MANY_RATE }, 5 * self.measure_ms)
        };
        let cell = self.interleave(what, 1, &mut [floor, ours], plan)?;
        vendor.behave(&Behavior::default())?;
        Ok(cell)
    }

    /// The vendor fails for a while.
    pub(super) fn crisis(&self, kind: Kind, vendor: &mut Vendor, ours: &mut Target) -> Result<Crisis> {
        eprintln!("the vendor fails for {} s ({kind:?}): {}", FAULT_FOR_MS / 1000, ours.name);
        let fault = Fault { after_ms: FAULT_AFTER_MS, for_ms: FAULT_FOR_MS, kind };
        let told = vendor.behave(&Behavior { delay_ms: 0, faults: vec![fault] })?;
        #[allow(clippy::cast_precision_loss, reason = "seconds in milliseconds")]
        let healed = told.at_unix_ms + (FAULT_AFTER_MS + FAULT_FOR_MS) as f64;
        let plan = ours.plan(FAULT_CONNECTIONS, Pace::Open { per_second: FAULT_RATE }, 15_000);
        let measure = self.take(ours, &plan)?;
        vendor.behave(&Behavior::default())?;
        let recovery_ms = measure.outcome.last_failure_unix_ms.map_or(0.0, |last| (last - healed).max(0.0));
        Ok(Crisis { kind, measure, recovery_ms })
    }

    /// Calls one after the other on one connection. Also returns how many of them the vendor saw.
    pub(super) fn sequence(&self, vendor: &mut Vendor, ours: &mut Target) -> Result<(Cell, u64)> {
        let before = vendor.behave(&Behavior::default())?.searches;
        let plan = |target: &Target| Plan { warm_up_ms: 0, ..target.plan(1, Pace::Times(SEQUENCE), 20_000) };
        let what = format!("{SEQUENCE} calls one after the other, 1 connection");
        let cell = self.interleave(what, 1, &mut [ours], plan)?;
        Ok((cell, vendor.behave(&Behavior::default())?.searches - before))
    }

    fn take(&self, target: &mut Target, plan: &Plan) -> Result<Measure> {
        Measure::take(self.programs, self.folder, target, plan)
    }
}

/// What a closed loop is called.
fn closed_name(connections: usize) -> String {
    let noun = if connections == 1 { "connection" } else { "connections" };
    format!("closed loop, {connections} {noun}")
}

/// The cell by which throughput is judged.
pub(super) fn judged(cells: &[Cell]) -> Option<&Cell> {
    let name = closed_name(JUDGED);
    cells.iter().find(|cell| cell.what == name)
}

impl Cell {
    /// A figure of one server over the rounds.
    pub(super) fn spread(&self, target: &str, figure: impl Fn(&Measure) -> f64) -> Spread {
        Spread::of(self.rounds.iter().filter_map(|round| round.get(target)).map(figure))
    }

    /// A figure of one server by that of another, within each round.
    pub(super) fn ratio(&self, target: &str, to: &str, figure: impl Fn(&Measure) -> f64) -> Spread {
        let ratio = |round: &BTreeMap<&'static str, Measure>| {
            let (ours, theirs) = (figure(round.get(target)?), figure(round.get(to)?));
            (theirs > 0.0).then_some(ours / theirs)
        };
        Spread::of(self.rounds.iter().filter_map(ratio))
    }

    /// Ours by the floor's.
    pub(super) fn to_floor(&self, figure: impl Fn(&Measure) -> f64) -> Spread {
        self.ratio(OURS, FLOOR, figure)
    }

    /// Calls of ours that were answered, and those that were not.
    pub(super) fn counts(&self) -> (u64, u64) {
        let ours = || self.rounds.iter().filter_map(|round| round.get(OURS)).map(|measure| &measure.outcome);
        (
            ours().map(|o| o.answered).sum(),
            ours().map(|o| o.failed.values().sum::<u64>() + o.connect_failed).sum(),
        )
    }
}

/// Answered calls per second.
pub(super) fn per_second(measure: &Measure) -> f64 {
    measure.outcome.per_second
}

/// The latency that one call in a hundred exceeds, in milliseconds.
pub(super) fn p99(measure: &Measure) -> f64 {
    measure.outcome.latency.p99
}
