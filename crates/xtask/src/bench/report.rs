//! A run from beginning to end.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use super::bars::{self, Bar};
use super::build::{self, Programs};
use super::cells::{self, Bench, Cell, Crisis};
use super::gate::{self, GATED, Gate};
use super::mock::Kind;
use super::peers::{self, Peers};
use super::startup::Startup;
use super::target::{BARE, FLOOR, Folder, OURS, Target, Vendor};
use super::{process, table};
use crate::{Result, root};

/// Files a process needs besides its connections: the server's reserve, and the pool to the vendor.
const FILES_BESIDE: u64 = 1_024;

/// How a run is made.
#[derive(clap::Args)]
pub(super) struct Options {
    /// Also measure mcp-atlassian and a minimal TypeScript server (installs them below target/bench)
    #[arg(long)]
    peers: bool,
    /// The cargo profile of server and floor; images are made of `release`
    #[arg(long, default_value = "release")]
    profile: String,
    /// Fail if a bar is missed
    #[arg(long)]
    gate: bool,
    /// Rounds of each interleaved cell
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds that a closed loop is measured; open loops take twice and five times as long
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Open connections of the largest cell
    #[arg(long, default_value_t = 10_000)]
    connections: usize,
}

/// Everything that was found.
#[derive(Serialize)]
struct Report {
    cores: usize,
    server_bytes: u64,
    startups: BTreeMap<&'static str, Startup>,
    cells: Vec<Cell>,
    crises: Vec<Crisis>,
    rivals: Option<Cell>,
    audit_records: u64,
    bars: Vec<Bar>,
}

impl Options {
    /// Measures, prints, writes `target/bench/report.json`.
    pub(super) fn run(self) -> Result {
        let programs = Programs::build(&self.profile)?;
        let folder = root().join("target/bench");
        fs::create_dir_all(&folder)?;
        let peers = if self.peers { Some(Peers::install(&folder)?) } else { None };
        let run = Folder::fresh(folder.join("run"))?;
        let report = self.measure(&programs, &run, peers.as_ref())?;
        report.print();
        let path = folder.join("report.json");
        fs::write(&path, serde_json::to_string_pretty(&report)?)?;
        // Hundreds of megabytes of audit records are of no use to anybody now.
        for server in [OURS, GATED] {
            fs::remove_dir_all(run.audit(server))?;
        }
        println!("\n{}", path.display());
        let missed = report.bars.iter().filter(|bar| !bar.pass).count();
        if self.gate && missed > 0 { Err(format!("{missed} bars missed").into()) } else { Ok(()) }
    }

    fn measure(&self, programs: &Programs, folder: &Folder, peers: Option<&Peers>) -> Result<Report> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
        let measure_ms = (self.seconds.clamp(0.1, 5.0) * 1000.0) as u64;
        let bench = Bench { programs, folder, rounds: self.rounds.max(1), measure_ms };
        eprintln!("cold starts");
        let mut startups = BTreeMap::from([(OURS, Startup::of(|| stdio(&programs.server))?)]);
        let mut vendor = Vendor::start(programs, folder)?;
        let mut floor = Target::floor(FLOOR, programs, &vendor, folder)?;
        let mut bare = Target::floor(BARE, programs, &vendor, folder)?;
        let mut ours = Target::ours(programs, &vendor, folder)?;
        let mut bars = bars::startup(&startups[OURS]);

        let (sequence, searches) = bench.sequence(&mut vendor, &mut ours)?;
        bars.extend(bars::sequence(&sequence, searches));
        let mut cells = vec![sequence];
        cells.extend(bench.closed(&mut floor, &mut bare, &mut ours)?);
        let judged = cells::judged(&cells).ok_or("no cell is judged")?;
        bars.extend(bars::throughput(judged));
        let capacity = judged.spread(FLOOR, cells::per_second).median;
        let half = bench.half(capacity, &mut floor, &mut ours)?;
        bars.extend(bars::latency(&half));
        cells.push(half);
        let connections = self.connections_that_fit();
        let many = bench.many(connections, &mut vendor, &mut floor, &mut ours)?;
        bars.extend(bars::many(&many, connections));
        cells.push(many);
        let mut gate = Gate::start(programs, &vendor, folder)?;
        let (cost, flood) = (gate.cost(&bench, &mut ours)?, gate.flood(&bench)?);
        bars.extend(gate::cost_bars(&cost).into_iter().chain(gate::flood_bars(&flood)));
        cells.extend([cost, flood]);
        drop(gate);
        let rivals = match peers {
            Some(peers) => Some(peers.measure(&bench, &vendor, &mut ours, &mut startups)?),
            None => None,
        };
        let mut crises = Vec::new();
        for kind in [Kind::Unavailable, Kind::Hang] {
            crises.push(bench.crisis(kind, &mut vendor, &mut ours)?);
        }
        bars.extend(crises.iter().flat_map(bars::crisis));
        if let Some(rivals) = &rivals {
            bars.extend(peers::bars(rivals, &startups));
        }
        let calls = calls(cells.iter().chain(&rivals))
            + crises.iter().map(|c| c.measure.outcome.all_calls).sum::<u64>();
        let audit_records = records(&folder.audit(OURS))?;
        bars.extend(bars::whole(cells.iter().chain(&rivals), audit_records, calls));
        let cores = std::thread::available_parallelism()?.get();
        let server_bytes = build::size(&programs.server)?;
        Ok(Report { cores, server_bytes, startups, cells, crises, rivals, audit_records, bars })
    }

    /// As many connections as were asked for, or as the limit of open files leaves room for.
    fn connections_that_fit(&self) -> usize {
        let room = process::raise_file_limit().saturating_sub(FILES_BESIDE);
        let fit = self.connections.min(usize::try_from(room).unwrap_or(usize::MAX)).max(1);
        if fit < self.connections {
            eprintln!("only {fit} connections fit the limit of open files (`ulimit -n`)");
        }
        fit
    }
}

impl Report {
    fn print(&self) {
        println!(
            "{} cores; server {:.1} MiB; medians over rounds, all processes share the cores\n",
            self.cores,
            table::mib(self.server_bytes)
        );
        table::startups(self.startups.iter().map(|(name, startup)| (*name, startup)));
        println!();
        table::cells(&self.cells, FLOOR);
        table::beside(&self.cells, OURS, BARE);
        table::crises(&self.crises);
        if let Some(rivals) = &self.rivals {
            println!();
            table::cells([rivals], OURS);
        }
        println!();
        for bar in &self.bars {
            println!("{bar}");
        }
    }
}

fn stdio(server: &Path) -> Command {
    let mut command = Command::new(server);
    command.args(["stdio", "--sandbox"]);
    command
}

/// Calls that ours was asked.
fn calls<'a>(cells: impl Iterator<Item = &'a Cell>) -> u64 {
    let ours = cells.flat_map(|cell| &cell.rounds).filter_map(|round| round.get(OURS));
    ours.map(|measure| measure.outcome.all_calls).sum()
}

/// Records in the audit log's segments.
fn records(folder: &Path) -> Result<u64> {
    let mut records = 0;
    let mut open: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path)?.filter_map(|entry| entry.ok().map(|entry| entry.path())));
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            records += count(BufReader::new(fs::File::open(&path)?))?;
        }
    }
    Ok(records)
}

/// The lines that are records. A segment's header is none: it has no phase.
fn count(segment: impl BufRead) -> Result<u64> {
    let mut records = 0;
    for line in segment.lines() {
        records += u64::from(line?.contains("\"phase\":"));
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_header_of_a_segment_is_no_record() {
        let segment = "{\"v\":1,\"segment\":1,\"hash\":\"a\"}\n{\"v\":1,\"seq\":1,\"phase\":\"outcome\"}\n";
        assert_eq!(super::count(segment.as_bytes()).unwrap(), 1);
    }
}
