//! Whether the record is whole: every stream, every segment, every line.

mod report;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use error::{Error, Result};
use uuid::Uuid;

use crate::disk::{Disk, RealDisk};
use crate::header::{Brief, Role};

pub use report::{Problem, Report, StreamReport};

/// Reads all streams of `dirs` and checks each line against its chain, the order of numbers, the links between
/// segments, and that writes have an intent. Streams in use are checked up to their last whole line.
///
/// # Errors
/// `internal` if a directory or file cannot be read. What is wrong with the record itself is in the report.
pub fn verify(dirs: &[PathBuf]) -> Result<Report> {
    verify_on(&RealDisk, dirs)
}

pub(crate) fn verify_on(disk: &dyn Disk, dirs: &[PathBuf]) -> Result<Report> {
    let unreadable = |error| Error::internal("the audit log cannot be read").source(error);
    let mut pairs = Pairs::default();
    let mut streams = Vec::new();
    for dir in dirs.iter().collect::<BTreeSet<_>>() {
        for stream in disk.streams(dir).map_err(unreadable)? {
            streams.push(walk::walk(disk, dir, &stream, &mut pairs).map_err(unreadable)?);
        }
    }
    Ok(Report {
        records: streams.iter().map(|stream| stream.records).sum(),
        intents_without_outcome: pairs.intents_without_outcome(),
        outcomes_without_intent: pairs.outcomes_without_intent(),
        streams,
    })
}

/// Intents and the outcomes that name them, across streams: a successor may answer in its own stream.
#[derive(Default)]
struct Pairs {
    /// Each intent, and whether it was answered.
    intents: HashMap<Uuid, bool>,
    /// Intents that were named but not seen so far.
    strays: BTreeSet<Uuid>,
    /// Outcomes of writes that name no intent.
    lacking: u64,
}

impl Pairs {
    fn note(&mut self, brief: &Brief) {
        match brief.role() {
            Role::Intent => {
                let answered = self.strays.remove(&brief.event_id);
                self.intents.insert(brief.event_id, answered);
            }
            Role::Answers(intent) => match self.intents.get_mut(&intent) {
                Some(answered) => *answered = true,
                None => drop(self.strays.insert(intent)),
            },
            Role::Plain => self.lacking += u64::from(brief.lacks_intent()),
        }
    }

    fn intents_without_outcome(&self) -> u64 {
        self.intents.values().filter(|answered| !**answered).count() as u64
    }

    fn outcomes_without_intent(&self) -> u64 {
        self.lacking + self.strays.len() as u64
    }
}
