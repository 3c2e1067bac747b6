#![doc = include_str!("../README.md")]

mod audience;
mod authorize;
mod ceilings;
mod checks;
mod decision;
mod explain;
mod freeze;
mod gate;
mod hours;
mod lint;
mod load;
mod pattern;
mod policy;
mod subject;
mod taint;
mod watched;

#[cfg(test)]
mod tests;

pub use authorize::{Ask, Circumstances, Stage, authorize};
pub use ceilings::Ceilings;
pub use decision::{Decision, Obligations, Reach, Reason, Verdict};
pub use explain::{Explanation, Question, Step, explain};
pub use freeze::Frozen;
pub use gate::{Event, Gate, Health, Settings};
pub use lint::{Finding, Severity};
pub use load::{PRESETS, Problem, Problems};
pub use policy::{House, Policy};
pub use subject::{Mode, Subject};
pub use taint::Mark;
pub use watched::{Look, Watched};
