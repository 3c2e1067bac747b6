//! What verification found.

use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

/// What verification found. Its text form is for a terminal.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// By directory and name.
    pub streams: Vec<StreamReport>,
    /// Records read.
    pub records: u64,
    /// Writes that were begun and whose end is not recorded: under way now, or cut short by a crash.
    pub intents_without_outcome: u64,
    /// Writes that ended, or may have, without having been announced. None, if every process kept the rules.
    pub outcomes_without_intent: u64,
}

/// What verification found in one stream.
#[derive(Clone, Debug, Serialize)]
pub struct StreamReport {
    /// The audit directory.
    pub dir: PathBuf,
    /// The stream's name.
    pub stream: String,
    /// Whether a process writes to it now.
    pub in_use: bool,
    /// Segments that hold.
    pub segments: usize,
    /// Records read.
    pub records: u64,
    /// The number of the last record.
    pub last_seq: u64,
    /// When the last record was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_ts: Option<Timestamp>,
    /// The hash of the last line. Kept elsewhere, it is the witness that shows a cut tail.
    pub last_hash: String,
    /// What is wrong, in the order of the stream; the first is where to look. After 20 no more are listed.
    pub problems: Vec<Problem>,
    /// What is unusual and yet in order: unfinished tails, bytes set aside after a failed write.
    pub notes: Vec<String>,
}

/// Something that is wrong with a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The number of the segment.
    pub segment: u32,
    /// The line in it, counted from 1; 0 when it is about the segment.
    pub line: u64,
    /// The sequence number that stands there, if any can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// What is wrong.
    pub what: String,
}

impl Report {
    /// Whether every chain holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.streams.iter().all(|stream| stream.problems.is_empty())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for stream in &self.streams {
            writeln!(f, "{stream}")?;
        }
        writeln!(
            f,
            "{}: {} records in {} streams; {} intents without outcome, {} outcomes of writes without intent",
            if self.holds() { "the chain holds" } else { "THE CHAIN IS BROKEN" },
            self.records,
            self.streams.len(),
            self.intents_without_outcome,
            self.outcomes_without_intent,
        )?;
        write!(
            f,
            "A tail cut off a stream, and a stream removed whole, cannot be seen from here: compare the last \
             numbers and hashes with a copy kept elsewhere."
        )
    }
}

impl fmt::Display for StreamReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.dir.join(&self.stream).display())?;
        write!(f, "{}", if self.in_use { " (in use)" } else { "" })?;
        write!(f, ": {} records in {} segments", self.records, self.segments)?;
        if let Some(ts) = self.last_ts {
            write!(f, ", last {} at {ts} hash {}", self.last_seq, self.last_hash)?;
        }
        for Problem { segment, line, seq, what } in &self.problems {
            write!(f, "\n  BROKEN segment {segment:04} line {line}")?;
            if let Some(seq) = seq {
                write!(f, " seq {seq}")?;
            }
            write!(f, ": {what}")?;
        }
        for note in &self.notes {
            write!(f, "\n  note: {note}")?;
        }
        Ok(())
    }
}
