//! Every write on every vendor happens once: though the answer is lost, though the server dies over it, and though two
//! replicas are asked for it at once.
//!
//! A script is worked through undisturbed first, which shows what each of its writes does at the vendor. Then it is
//! worked through in trouble, each time at a vendor of its own, and has to do there exactly the same.

mod effects;
mod troubles;

use std::collections::BTreeSet;

use it::{Spawn, run};
use serde_json::Value;

use self::effects::{Effect, effects};
use self::troubles::{Killed, Lost, Named, Raced, Trouble};
use super::script::{Script, Step};
use super::visit::Visit;

/// Calls after the one that was in trouble.
const RETRIES: usize = 3;

/// Which of the effects of a write is in trouble. Most have one.
#[derive(Clone, Copy, Debug)]
enum Which {
    First,
    Last,
}

/// A write to be called in trouble.
struct Call<'a> {
    tool: &'static str,
    arguments: Value,
    /// A name that no other call has.
    name: String,
    /// What it does where nothing disturbs it.
    effects: &'a [Effect],
    /// Paths of requests that look like writes and are none.
    reads: &'a BTreeSet<String>,
    /// The newest entry of the simulator's log before it.
    since: u64,
}

/// What a script does at a vendor that nothing disturbs.
struct Calm<'a> {
    script: &'a Script,
    vendor: &'a str,
    /// By step; none for a read.
    effects: Vec<Vec<Effect>>,
    reads: BTreeSet<String>,
    problems: Vec<String>,
}

/// All that keeps a write of this vendor from happening once.
pub(super) async fn happen_once(script: &Script, vendor: &str) -> Vec<String> {
    let calm = Calm::see(script, vendor).await;
    let (domain, several) = (script.domain, calm.of_several());
    let (lost, unnamed, killed, later, raced) = futures::join!(
        calm.again(Lost::new(domain, vendor, Which::First, Named::ByKey)),
        calm.again(Lost::new(domain, vendor, Which::Last, Named::ByNothing)),
        calm.again(Killed::new(domain, vendor, Which::First)),
        several.again(Killed::new(domain, vendor, Which::Last)),
        calm.again(Raced::new(domain, vendor)),
    );
    [calm.problems, lost, unnamed, killed, later, raced].concat()
}

impl<'a> Calm<'a> {
    async fn see(script: &'a Script, vendor: &'a str) -> Self {
        let (server, writes) = futures::join!(Spawn::sandbox(script.domain).start(), writes(script.domain));
        let (simulator, mut since) = (server.simulator(vendor), 0);
        let mut visit = Visit::begin(script, &server, vendor).await;
        let (mut all, mut reads) = (Vec::new(), BTreeSet::new());
        for step in script.steps {
            visit.step(step).await;
            let log = simulator.log_since(since).await;
            since = newest(&log, since);
            reads.extend(log.iter().filter_map(effects::path_of_a_read));
            all.push(if writes.contains(step.tool) { effects(&log) } else { Vec::new() });
        }
        let mut calm = Self { script, vendor, effects: all, reads, problems: visit.problems() };
        calm.problems.extend(calm.idle(&writes));
        calm
    }

    /// Every write that the vendor is able to do has to show what it does.
    fn idle(&self, writes: &BTreeSet<String>) -> Vec<String> {
        let able = |step: &&Step| writes.contains(step.tool) && !step.unable.contains(&self.vendor);
        let tools: BTreeSet<_> = self.script.steps.iter().filter(able).map(|step| step.tool).collect();
        let steps = || self.script.steps.iter().zip(&self.effects);
        let acts = |tool: &&str| steps().any(|(step, effects)| step.tool == *tool && !effects.is_empty());
        let idle = tools.into_iter().filter(|tool| !acts(tool));
        idle.map(|tool| format!("{} {tool}: no step of the script had an effect", self.vendor)).collect()
    }

    /// What is seen of the writes that have several effects, as if there were no others.
    fn of_several(&self) -> Self {
        let several = |effects: &Vec<Effect>| if effects.len() > 1 { effects.clone() } else { Vec::new() };
        let effects = self.effects.iter().map(several).collect();
        Self { effects, reads: self.reads.clone(), problems: Vec::new(), ..*self }
    }

    /// The same once more, in trouble.
    async fn again<T: Trouble>(&self, trouble: impl Future<Output = Option<T>>) -> Vec<String> {
        if self.effects.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let Some(mut trouble) = trouble.await else { return Vec::new() };
        let (mut visit, mut since) = (Visit::begin(self.script, trouble.server(), self.vendor).await, 0);
        for (n, (step, expected)) in self.script.steps.iter().zip(&self.effects).enumerate() {
            if expected.is_empty() {
                visit.step(step).await;
                continue;
            }
            let arguments = match visit.arguments(step) {
                Ok(arguments) => arguments,
                Err(unknown) => {
                    visit.report(step.tool, &unknown);
                    continue;
                }
            };
            since = newest(&trouble.simulator().log_since(since).await, since);
            let told = format!("{} {arguments}", trouble.name());
            let (tool, name) = (step.tool, format!("step {n}"));
            let call = Call { tool, arguments, name, effects: expected, reads: &self.reads, since };
            let answer = trouble.call(&mut visit.client, call).await;
            let done = effects(&trouble.simulator().log_since(since).await);
            if done.len() != expected.len() {
                visit.report(tool, &format!("{told}: {done:?} instead of {expected:?}"));
            }
            match answer {
                Ok(answer) => visit.learn(step, &answer),
                Err(said) => visit.report(tool, &format!("{told}: {said}")),
            }
        }
        visit.problems()
    }
}

/// The number of the newest entry of a log.
fn newest(log: &[Value], before: u64) -> u64 {
    log.last().map_or(before, |entry| entry["n"].as_u64().unwrap())
}

/// The tools of a domain that write.
async fn writes(domain: &str) -> BTreeSet<String> {
    let told = run(domain, &["tools", "--json"]).await;
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let all = told["tools"].as_array().unwrap().iter().filter(|tool| tool["effect"] != "read");
    all.map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}
