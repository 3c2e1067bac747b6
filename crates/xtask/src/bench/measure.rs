//! One measurement: the load generator against one server, with an eye on that server.

use std::fs::File;
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::build::Programs;
use super::load::{Outcome, Plan};
use super::process;
use super::target::{Folder, Target};
use crate::Result;

/// The generator ends by itself within 30 s.
const PATIENCE: Duration = Duration::from_secs(40);

/// What came of a plan, and what it cost the server.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Measure {
    #[serde(flatten)]
    pub(super) outcome: Outcome,
    /// Processor time of the server for each call, all its threads.
    pub(super) cpu_us_per_call: Option<f64>,
    /// Resident memory of the server before the first connection.
    pub(super) resident_before: Option<u64>,
    /// The most resident memory seen while the connections were open.
    pub(super) resident_peak: Option<u64>,
}

impl Measure {
    /// Carries out `plan` against `target`.
    pub(super) fn take(
        programs: &Programs,
        folder: &Folder,
        target: &mut Target,
        plan: &Plan,
    ) -> Result<Self> {
        let id = target.running.id();
        let (cpu, resident_before) = (process::cpu_seconds(id), process::resident_bytes(id));
        let (outcome, resident_peak) = generate(programs, folder, plan, id)?;
        let cpu = process::cpu_seconds(id).zip(cpu).map(|(after, before)| after - before);
        if target.running.has_ended() {
            return Err(format!(
                "{} ended under load; see {}",
                target.name,
                folder.log(target.name).display()
            )
            .into());
        }
        #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let cpu_us_per_call = cpu.map(|seconds| seconds * 1e6 / outcome.all_calls.max(1) as f64);
        Ok(Self { outcome, cpu_us_per_call, resident_before, resident_peak })
    }
}

/// Does `work` while the generator carries out `plan` against process `id`, and waits for both.
pub(super) fn beside<T>(
    programs: &Programs,
    folder: &Folder,
    plan: &Plan,
    id: u32,
    work: impl FnOnce() -> Result<T>,
) -> Result<(T, Measure)> {
    std::thread::scope(|scope| {
        let generator = scope.spawn(|| generate(programs, folder, plan, id));
        let done = work();
        let (outcome, resident_peak) = generator.join().map_err(|_| "the generator's thread was lost")??;
        let none = Measure { outcome, cpu_us_per_call: None, resident_before: None, resident_peak };
        Ok((done?, none))
    })
}

/// Runs the generator and watches the memory of process `id` meanwhile.
fn generate(programs: &Programs, folder: &Folder, plan: &Plan, id: u32) -> Result<(Outcome, Option<u64>)> {
    let log = File::options().create(true).append(true).open(folder.log("load"))?;
    let mut command = programs.part("load");
    command.arg(serde_json::to_string(plan)?).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    let mut generator = command.spawn()?;
    let latest = Instant::now() + PATIENCE;
    let mut peak = None;
    let status = loop {
        peak = peak.max(process::resident_bytes(id));
        if let Some(status) = generator.try_wait()? {
            break status;
        }
        if Instant::now() > latest {
            generator.kill()?;
            break generator.wait()?;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let mut said = String::new();
    if let Some(mut stdout) = generator.stdout.take() {
        stdout.read_to_string(&mut said)?;
    }
    if !status.success() {
        return Err(format!("the load generator failed; see {}", folder.log("load").display()).into());
    }
    Ok((serde_json::from_str(&said)?, peak))
}
