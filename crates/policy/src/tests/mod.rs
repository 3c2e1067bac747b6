//! The decision over a small house: two sources, and a tool for everything that a rule may look at.

mod decisions;
mod files;
mod words;

use call::{Caller, Clock};
use jiff::Timestamp;
use tool::{Alias, Meta, Stakes, Targets, Within, WriteKind};

use crate::{Ask, Circumstances, Decision, Frozen, House, Mark, Mode, Policy, Stage, Subject, authorize};

const READ: Meta = Meta::read("find_jars", "Find jars", "jars:read").placed();
const WRITE: Meta = Meta::write("move_jar", "Move a jar", "jars:write", WriteKind::StateChange)
    .placed()
    .targets(Targets::States)
    .aliases(&[Alias { name: "carry_jar", removed_in: "2.0.0" }]);
const PAY: Meta = Meta::write("pay_for_jar", "Pay for a jar", "jars:pay", WriteKind::Destructive).money();

fn house() -> House {
    let sources = vec!["cellar".to_owned(), "attic".to_owned()];
    House {
        domain: "jars".to_owned(),
        tools: vec![READ, WRITE, PAY],
        fields: ["label".to_owned()].into(),
        sources,
    }
}

/// A file with one role, `keeper`, that has everything, and `more`.
fn file(more: &str) -> String {
    format!(
        "domains = [\"jars\"]\n[claims.method]\nlocal = [\"keeper\"]\n[role.keeper]\nabout = \"Keeps.\"\nread = [\"*\"]\nwrite = [\"*\"]\n{more}"
    )
}

fn policy(more: &str) -> Policy {
    Policy::load(&file(more), &house()).unwrap()
}

fn keeper() -> Subject {
    Subject::of(&Caller::local("ada"), vec!["keeper".to_owned()])
}

fn now() -> Timestamp {
    "2026-03-30T12:00:00Z".parse().unwrap()
}

/// What holds at noon on a Monday when nothing is frozen and nothing was read.
struct Moment {
    mode: Mode,
    frozen: Frozen,
    taint: Option<Mark>,
}

impl Moment {
    fn quiet() -> Self {
        Self { mode: Mode::default(), frozen: Frozen::default(), taint: None }
    }

    fn decide(&self, policy: &Policy, who: &Subject, tool: &Meta, stage: Stage<'_>) -> Decision {
        let circumstances = Circumstances {
            now: now(),
            mode: self.mode,
            frozen: &self.frozen,
            taint: self.taint.as_ref(),
            sources: &house().sources,
        };
        authorize(policy, &Ask { who, tool, stage }, &circumstances)
    }
}

/// The decision for the keeper in a quiet moment.
fn decide(policy: &Policy, tool: &Meta, stage: Stage<'_>) -> Decision {
    Moment::quiet().decide(policy, &keeper(), tool, stage)
}

/// A call within a place.
fn at(place: Within) -> Stakes {
    Stakes { place, ..Stakes::default() }
}

fn clock() -> Clock {
    Clock::starting_at(now())
}

/// The rules that decided.
fn rules(decision: &Decision) -> Vec<&str> {
    decision.reasons.iter().map(|reason| reason.rule.as_str()).collect()
}
