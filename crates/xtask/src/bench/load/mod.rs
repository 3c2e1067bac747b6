//! The load generator: one [`Plan`] in, one [`Outcome`] out, on one thread.
//!
//! A closed loop finds capacity: each connection calls again as soon as it is answered. An open loop finds
//! latency: calls are due at a constant rate whatever the server does, no late one is skipped, and latency counts
//! from the moment a call was due. Every reply is checked, because an error is often faster than an answer.

mod connection;
mod dialect;
mod outcome;
mod pacer;
mod reply;
mod worker;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinSet, LocalSet};

use super::process;
use crate::Result;
use connection::Endpoint;
use outcome::Tally;
use worker::Worker;

pub(super) use dialect::Dialect;
pub(super) use outcome::Outcome;

/// Connections being opened at the same time: a ramp, not a flood that the listener's backlog would drop.
const RAMP: usize = 64;
/// How long a client waits for an answer. Above the server's deadline for reads (10 s), so that a call which the
/// server gives up in time counts as answered.
const PATIENCE: Duration = Duration::from_secs(12);
/// No plan runs longer, whatever the server does.
const LONGEST: Duration = Duration::from_secs(30);

/// What to do.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The plan, as JSON
    plan: String,
}

/// A measurement to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    /// The MCP endpoint, on this machine.
    pub(super) url: String,
    pub(super) dialect: Dialect,
    pub(super) tool: String,
    pub(super) arguments: Value,
    /// What the caller proves itself with; none where nobody asks.
    pub(super) token: Option<String>,
    pub(super) connections: usize,
    pub(super) pace: Pace,
    /// Calls before the measurement, at its pace.
    pub(super) warm_up_ms: u64,
    /// How long calls count; at most, where their number is given.
    pub(super) measure_ms: u64,
}

/// When calls are made.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pace {
    /// Each connection calls again as soon as it is answered.
    Closed,
    /// Calls are due at a constant rate, whichever connection is free.
    Open { per_second: f64 },
    /// Each connection makes this many calls, one after the other.
    Times(u32),
}

/// When calls are made, and which of them count.
#[derive(Clone, Copy, Debug)]
struct Window {
    /// Before this nothing is paced.
    start: Instant,
    /// What went before was to warm up.
    begin: Instant,
    end: Instant,
}

impl Args {
    /// Carries the plan out and prints the outcome as one line of JSON.
    pub(super) fn run(self) -> Result {
        process::raise_file_limit();
        let plan: Plan = serde_json::from_str(&self.plan)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let outcome = LocalSet::new().block_on(&runtime, carry_out(&plan))?;
        println!("{}", serde_json::to_string(&outcome)?);
        Ok(())
    }
}

async fn carry_out(plan: &Plan) -> Result<Outcome> {
    let latest = Instant::now() + LONGEST;
    let endpoint = Rc::new(Endpoint::of(plan)?);
    let tally = Rc::new(RefCell::new(Tally::new()?));
    let ramp = Instant::now();
    let workers = open(plan, &endpoint, &tally).await;
    let connected = ramp.elapsed();
    let start = Instant::now();
    let begin = start + Duration::from_millis(plan.warm_up_ms);
    let window = Window { start, begin, end: begin + Duration::from_millis(plan.measure_ms) };
    tally.borrow_mut().start(window, connected);
    let latest = latest.min(window.end + PATIENCE);
    match plan.pace {
        Pace::Closed => each(workers, latest, |worker| worker.until(window.end)).await,
        Pace::Times(times) => {
            each(workers, latest, move |worker| worker.times(times)).await;
            tally.borrow_mut().end(Instant::now());
        }
        Pace::Open { per_second } => arrive(workers, per_second, window, latest, &tally).await,
    }
    Ok(tally.borrow().outcome())
}

/// Opens the connections and uses each once.
async fn open(plan: &Plan, endpoint: &Rc<Endpoint>, tally: &Rc<RefCell<Tally>>) -> Vec<Worker> {
    let one = |_| async {
        let mut worker = Worker::new(Rc::clone(endpoint), Rc::clone(tally));
        worker.call(None).await;
        worker
    };
    stream::iter(0..plan.connections).map(one).buffer_unordered(RAMP).collect().await
}

/// Lets all work at the same time, until `latest` at most.
async fn each<F>(workers: Vec<Worker>, latest: Instant, work: impl Fn(Worker) -> F)
where
    F: Future<Output = ()> + 'static,
{
    let mut tasks = JoinSet::new();
    for worker in workers {
        tasks.spawn_local(work(worker));
    }
    let _all_or_late = tokio::time::timeout_at(latest.into(), tasks.join_all()).await;
}

/// The workers take arrivals in turn: whoever has waited longest is next, so every connection is used.
async fn arrive(workers: Vec<Worker>, rate: f64, window: Window, latest: Instant, tally: &RefCell<Tally>) {
    let (arrivals, due) = mpsc::unbounded_channel();
    let pacer = pacer::start(rate, window.start, window.end, arrivals);
    let due = Rc::new(Mutex::new(due));
    each(workers, latest, |worker| worker.serve(Rc::clone(&due))).await;
    drop(due);
    // Due calls that nobody answered in time are failures: leaving them out would hide a stall.
    let arrived = pacer.join().unwrap_or_default();
    tally.borrow_mut().close(arrived);
}

#[cfg(test)]
mod tests;
