//! One stream, from its first line to its last.

use std::io;
use std::path::Path;

use jiff::Timestamp;

use super::{Pairs, Problem, StreamReport};
use crate::chain::{Hash, Line, Lines};
use crate::disk::Disk;
use crate::header::{Brief, Header, VERSION};
use crate::stream::{self, Extent};

/// Problems listed per stream: enough to see a pattern.
const LISTED: usize = 20;

/// Checks one stream.
pub(super) fn walk(disk: &dyn Disk, dir: &Path, name: &str, pairs: &mut Pairs) -> io::Result<StreamReport> {
    let path = dir.join(name);
    let in_use = disk.locked(&path);
    let (extents, void) = stream::extents(disk, &path)?;
    let mut walk = Walk::new(name, pairs);
    for (index, extent) in extents.iter().enumerate() {
        walk.segment(disk, extent, index + 1 == extents.len())?;
    }
    walk.notes
        .extend(void.iter().map(|segment| format!("segment {segment:04} holds nothing that was answered")));
    Ok(StreamReport {
        dir: dir.to_owned(),
        stream: name.to_owned(),
        in_use,
        segments: extents.len(),
        records: walk.records,
        last_seq: walk.seq,
        last_ts: walk.ts,
        last_hash: walk.hash.to_string(),
        problems: walk.problems,
        notes: walk.notes,
    })
}

struct Walk<'a> {
    name: &'a str,
    pairs: &'a mut Pairs,
    /// The segment that is read, and its last line.
    segment: u32,
    line: u64,
    /// The hash of the last line, the number and time of the last record.
    hash: Hash,
    seq: u64,
    ts: Option<Timestamp>,
    records: u64,
    problems: Vec<Problem>,
    notes: Vec<String>,
}

impl<'a> Walk<'a> {
    fn new(name: &'a str, pairs: &'a mut Pairs) -> Self {
        let (segment, line, hash, seq, ts, records) = (0, 0, Hash::GENESIS, 0, None, 0);
        let (problems, notes) = (Vec::new(), Vec::new());
        Self { name, pairs, segment, line, hash, seq, ts, records, problems, notes }
    }

    fn problem(&mut self, seq: Option<u64>, what: impl Into<String>) {
        if self.problems.len() < LISTED {
            self.problems.push(Problem { segment: self.segment, line: self.line, seq, what: what.into() });
        }
    }

    fn segment(&mut self, disk: &dyn Disk, extent: &Extent, last: bool) -> io::Result<()> {
        let former = std::mem::replace(&mut self.segment, extent.segment);
        self.line = 0;
        let mut lines = Lines::new(disk.read(&extent.path, 0)?);
        let (mut read, mut void) = (0, 0);
        while let Some(line) = lines.next()? {
            if line.offset >= extent.bytes() {
                void += line.end - line.offset;
                continue;
            }
            read = line.end;
            self.line = line.number;
            match (line.whole, last, line.number) {
                (false, true, _) => self.torn(&line),
                (false, false, _) => self.problem(None, "the line is cut in the middle"),
                (true, _, 1) => self.header(extent.header.as_deref(), &line, former),
                (true, ..) => self.record(&line),
            }
        }
        self.end(extent, read);
        if void > 0 {
            self.notes.push(format!(
                "segment {:04}: {void} bytes set aside after a failed write or a crash",
                self.segment
            ));
        }
        Ok(())
    }

    fn torn(&mut self, line: &Line<'_>) {
        let bytes = line.bytes.len();
        self.notes.push(format!("segment {:04} ends in {bytes} bytes of an unfinished record", self.segment));
    }

    /// Whether the part that holds ends as the next segment says.
    fn end(&mut self, extent: &Extent, read: u64) {
        let Some(end) = &extent.end else { return };
        if read < end.bytes {
            self.problem(None, format!("{} bytes are missing at the segment's end", end.bytes - read));
        } else if read > end.bytes {
            self.problem(None, "the segment is longer than the next one says");
        }
    }

    fn header(&mut self, header: Option<&Header>, line: &Line<'_>, former: u32) {
        let Some(header) = header else {
            self.problem(None, "the segment has no header");
            return self.link(line, "the segment's header");
        };
        if let Some(after) = header.after.as_ref().filter(|after| after.segment != former) {
            self.problem(None, format!("the segment continues {:04}, which is missing", after.segment));
            // The loss is told; what follows is checked from here.
            (self.hash, self.seq) = (after.hash, header.first_seq.saturating_sub(1));
        }
        self.link(line, "the segment's header");
        let (v, stream, segment) = (header.v, &header.stream, header.segment);
        if v > VERSION {
            self.notes.push(format!("segment {:04} is of format {v}, newer than this reader", self.segment));
        }
        if (stream.as_str(), segment) != (self.name, self.segment) {
            self.problem(None, format!("the header is that of segment {segment:04} of {stream}"));
        }
        if header.first_seq != self.seq + 1 {
            self.problem(Some(header.first_seq), format!("the record before has the number {}", self.seq));
            self.seq = header.first_seq.saturating_sub(1);
        }
    }

    fn record(&mut self, line: &Line<'_>) {
        self.records += 1;
        let brief: Option<Brief> = serde_json::from_slice(line.bytes).ok();
        let seq = brief.as_ref().map(|brief| brief.seq);
        let expected = self.seq + 1;
        match seq {
            None => self.problem(None, "the record cannot be read"),
            Some(seq) if seq > expected => {
                self.problem(Some(seq), format!("records {expected} to {} are missing", seq - 1));
            }
            Some(seq) if seq < expected => {
                self.problem(Some(seq), format!("stands behind {}: moved or repeated", self.seq));
            }
            Some(_) => {}
        }
        self.link(line, "the record");
        // One fault is told once: the next line is held against what this one says of itself.
        self.seq = seq.unwrap_or(expected);
        if let Some(brief) = brief {
            self.ts = Some(brief.ts);
            self.pairs.note(&brief);
        }
    }

    /// Checks a line's hash. Goes on from the hash that stands there, so that one fault is told once.
    fn link(&mut self, line: &Line<'_>, what: &str) {
        let told = self.problems.last().is_some_and(|p| (p.segment, p.line) == (self.segment, line.number));
        match self.hash.check(line.bytes) {
            Some((hash, true)) => self.hash = hash,
            Some((hash, false)) => {
                self.hash = hash;
                if !told {
                    let seq = serde_json::from_slice::<Brief>(line.bytes).ok().map(|brief| brief.seq);
                    self.problem(seq, format!("{what} was altered, or what stood before it was"));
                }
            }
            None if told => {}
            None => self.problem(None, format!("{what} has no hash")),
        }
    }
}
