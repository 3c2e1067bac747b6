//! Who did what, when: records of all streams in the order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, BufRead};
use std::path::PathBuf;
use std::sync::Arc;
use std::vec;

use error::{Error, Result};
use jiff::Timestamp;
use serde::Deserialize;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::chain::Lines;
use crate::disk::{Disk, RealDisk};
use crate::entry::Entry;
use crate::header::Span;
use crate::stream::{self, Extent};

/// Which records are wanted. What is absent does not matter; what is given must match exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The target, `source:native`.
    pub record: Option<String>,
    /// The caller's subject.
    pub caller: Option<String>,
    /// The tool.
    pub tool: Option<String>,
    /// The workflow's id.
    pub workflow: Option<String>,
    /// The operation's id.
    pub operation: Option<String>,
    /// The earliest time.
    pub since: Option<Timestamp>,
    /// The latest time, itself included.
    pub until: Option<Timestamp>,
    /// How many, counted from the earliest.
    pub limit: Option<usize>,
}

/// The records of all streams in `dirs` that match, earliest first. Reads line by line; segments whose records
/// are all outside the time asked for are passed over. Nothing is verified: see [`verify`](crate::verify).
///
/// # Errors
/// `internal` if a directory cannot be read.
pub fn query(dirs: &[PathBuf], filter: &Filter) -> Result<Query> {
    query_on(&(Arc::new(RealDisk) as Arc<dyn Disk>), dirs, filter)
}

pub(crate) fn query_on(disk: &Arc<dyn Disk>, dirs: &[PathBuf], filter: &Filter) -> Result<Query> {
    let mut dirs = dirs.to_vec();
    dirs.sort_unstable();
    dirs.dedup();
    let mut query = Query {
        streams: Vec::new(),
        heads: BinaryHeap::new(),
        left: filter.limit.unwrap_or(usize::MAX),
        skipped: 0,
        filter: filter.clone(),
    };
    for dir in &dirs {
        for name in disk.streams(dir).map_err(unreadable)? {
            query.streams.push(Stream::open(disk.clone(), &dir.join(name), filter).map_err(unreadable)?);
        }
    }
    for index in 0..query.streams.len() {
        query.advance(index)?;
    }
    Ok(query)
}

/// Matching records, earliest first. An item is an error (`internal`) if a file could not be read on.
pub struct Query {
    streams: Vec<Stream>,
    /// The next record of each stream that has one; ties are taken in the order of streams.
    heads: BinaryHeap<Reverse<Head>>,
    left: usize,
    skipped: u64,
    filter: Filter,
}

impl Query {
    /// Lines so far that could not be read and were passed over; [`verify`](crate::verify) tells which.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Reads the next match of a stream into the heap.
    fn advance(&mut self, stream: usize) -> Result<()> {
        let entry = self.streams[stream].next(&self.filter, &mut self.skipped).map_err(unreadable)?;
        self.heads.extend(entry.map(|entry| Reverse(Head { ts: entry.ts, stream, entry })));
        Ok(())
    }
}

impl Iterator for Query {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let Reverse(Head { stream, entry, .. }) = self.heads.pop()?;
        self.left -= 1;
        if let Err(error) = self.advance(stream) {
            // What one stream still holds is unknown: an answer without it would look complete.
            self.left = 0;
            return Some(Err(error));
        }
        Some(Ok(*entry))
    }
}

/// The next record of a stream.
struct Head {
    ts: Timestamp,
    stream: usize,
    entry: Box<Entry>,
}

impl Head {
    fn key(&self) -> (Timestamp, usize) {
        (self.ts, self.stream)
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Head {}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// One stream, read from segment to segment.
struct Stream {
    disk: Arc<dyn Disk>,
    extents: vec::IntoIter<Extent>,
    /// The segment being read, and where the part of it that holds ends.
    current: Option<(Lines<Box<dyn BufRead + Send>>, u64)>,
}

impl Stream {
    fn open(disk: Arc<dyn Disk>, path: &std::path::Path, filter: &Filter) -> io::Result<Self> {
        let from = filter.since.unwrap_or(Timestamp::MIN);
        let wanted = Span { from, to: filter.until.unwrap_or(Timestamp::MAX) };
        let (mut extents, _void) = stream::extents(&*disk, path)?;
        extents.retain(|extent| extent.may_hold(wanted));
        Ok(Self { disk, extents: extents.into_iter(), current: None })
    }

    /// The next record that matches; counts lines that cannot be read.
    fn next(&mut self, filter: &Filter, skipped: &mut u64) -> io::Result<Option<Box<Entry>>> {
        loop {
            let Some((lines, end)) = &mut self.current else {
                let Some(extent) = self.extents.next() else { return Ok(None) };
                let lines = Lines::new(self.disk.read(&extent.path, 0)?);
                self.current = Some((lines, extent.bytes()));
                continue;
            };
            let line = match lines.next()? {
                // A line that is not whole is being written, or never was.
                Some(line) if line.whole && line.offset < *end => line,
                _ => {
                    self.current = None;
                    continue;
                }
            };
            if line.number == 1 {
                continue;
            }
            match serde_json::from_slice::<Probe<'_>>(line.bytes).map(|probe| probe.matches(filter)) {
                Ok(false) => {}
                Ok(true) => match Entry::parse(line.bytes) {
                    Ok(entry) => return Ok(Some(Box::new(entry))),
                    Err(_) => *skipped += 1,
                },
                Err(_) => *skipped += 1,
            }
        }
    }
}

/// What a filter looks at, borrowed from the line: most lines do not match and are read no further.
#[derive(Deserialize)]
struct Probe<'a> {
    ts: Timestamp,
    #[serde(borrow, default)]
    tool: Cow<'a, str>,
    #[serde(borrow)]
    caller: Option<ProbeCaller<'a>>,
    #[serde(borrow)]
    workflow: Option<ProbeId<'a>>,
    #[serde(borrow)]
    op: Option<ProbeId<'a>>,
    #[serde(borrow)]
    target: Option<ProbeTarget<'a>>,
}

#[derive(Deserialize)]
struct ProbeCaller<'a> {
    #[serde(borrow, default)]
    sub: Cow<'a, str>,
}

#[derive(Deserialize)]
struct ProbeId<'a> {
    #[serde(borrow, default)]
    id: Cow<'a, str>,
}

#[derive(Deserialize)]
struct ProbeTarget<'a> {
    #[serde(borrow, default)]
    record_id: Cow<'a, str>,
}

impl Probe<'_> {
    fn matches(&self, filter: &Filter) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        filter.since.is_none_or(|since| self.ts >= since)
            && filter.until.is_none_or(|until| self.ts <= until)
            && is(&filter.tool, Some(&*self.tool))
            && is(&filter.caller, self.caller.as_ref().map(|caller| &*caller.sub))
            && is(&filter.workflow, self.workflow.as_ref().map(|workflow| &*workflow.id))
            && is(&filter.operation, self.op.as_ref().map(|op| &*op.id))
            && is(&filter.record, self.target.as_ref().map(|target| &*target.record_id))
    }
}

fn unreadable(error: io::Error) -> Error {
    Error::internal("the audit log cannot be read").source(error)
}
