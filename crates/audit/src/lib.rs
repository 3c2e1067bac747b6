#![doc = include_str!("../README.md")]

mod admin;
mod chain;
mod consent;
mod decision;
mod disk;
mod entry;
mod header;
mod log;
mod meter;
mod query;
mod queue;
mod record;
mod stream;
mod verify;
mod writer;

pub use admin::Admin;
pub use consent::{Approval, Consent, ConsentSource, Verdict};
pub use decision::{Decision, Reason};
pub use entry::Entry;
pub use log::{Config, Health, Log, Now, Receipt};
pub use query::{Filter, Query, query};
pub use record::{
    Agent, Caller, Change, Effect, Mode, Op, Outcome, Phase, Record, Status, Target, Upstream, Workflow,
    digest,
};
pub use verify::{Problem, Report, StreamReport, verify};
