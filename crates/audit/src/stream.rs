//! Streams: which one this process writes, what of it holds, and in which segments that stands.

use std::io;
use std::path::{Path, PathBuf};

use crate::chain::{Hash, Lines};
use crate::disk::{Disk, Lock, segment_path};
use crate::header::{After, Brief, Header, Open, Place, Span, Tip};

/// A stream that this process may write.
pub(crate) struct Claimed {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) lock: Lock,
    pub(crate) found: Found,
    /// Streams of the same server and replica that do not verify, and why.
    pub(crate) damaged: Vec<String>,
}

/// What a former process left.
pub(crate) struct Found {
    pub(crate) tip: Tip,
    /// Intents without outcome.
    pub(crate) open: Open,
    /// The number of the next segment.
    pub(crate) next: u32,
    /// Bytes of a record that was being written when its process ended.
    pub(crate) torn: u64,
}

/// Streams one server and replica may have: far more than processes can share one directory.
const SLOTS: u32 = 1_000;

/// Locks the first stream of `server` on `replica` that nobody holds and that is sound, or a new one. A damaged
/// one is evidence: it stays as it is and the next is taken.
pub(crate) fn claim(disk: &dyn Disk, dir: &Path, server: &str, replica: &str) -> io::Result<Claimed> {
    let mut damaged = Vec::new();
    for slot in 1..=SLOTS {
        let name = format!("{}.{}.{slot}", plain(server), plain(replica));
        let path = dir.join(&name);
        let Some(lock) = disk.lock(&path)? else { continue };
        match recover(disk, &path, &name)? {
            Ok(found) => return Ok(Claimed { path, name, lock, found, damaged }),
            Err(problem) => damaged.push(format!("{name}: {problem}")),
        }
    }
    Err(io::Error::other(format!("all {SLOTS} streams of {server} on {replica} are in use or damaged")))
}

/// A name that is a safe file name and holds no dot.
fn plain(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    name.chars().take(80).map(safe).collect()
}

/// Reads the last segment and makes it durable; `Ok(Err(_))` says what is wrong with it. Cuts at most one torn
/// record, which is one without a newline: anything else that does not verify was not done by a crash.
fn recover(disk: &dyn Disk, stream: &Path, name: &str) -> io::Result<Result<Found, String>> {
    let segments = disk.segments(stream)?;
    let next = segments.last().map_or(1, |last| last + 1);
    let mut torn = 0;
    for &number in segments.iter().rev() {
        let path = segment_path(stream, number);
        match first_line(disk, &path)? {
            First::Torn(bytes) => torn += bytes,
            First::Damaged => return Ok(Err(format!("segment {number:04} has no header"))),
            First::Header(header) if !header.is_of(name, number) => {
                let (segment, stream) = (header.segment, &header.stream);
                return Ok(Err(format!(
                    "segment {number:04} has the header of segment {segment:04} of {stream}"
                )));
            }
            First::Header(header) => {
                disk.sync(&path)?;
                return Ok(scan(disk, &path, &header)?.map(|(tip, open, tail)| Found {
                    tip,
                    open,
                    next,
                    torn: torn + tail,
                }));
            }
        }
    }
    Ok(Ok(Found { tip: Tip::GENESIS, open: Open::default(), next, torn }))
}

/// The tip and the open intents at the end of one segment, and how many bytes stand torn behind it.
fn scan(disk: &dyn Disk, path: &Path, header: &Header) -> io::Result<Result<(Tip, Open, u64), String>> {
    let segment = header.segment;
    let hash = header.after.as_ref().map_or(Hash::GENESIS, |after| after.hash);
    let mut tip = Tip { segment, bytes: 0, hash, seq: header.first_seq.saturating_sub(1), span: None };
    let mut open = Open::of(&header.open);
    let mut lines = Lines::new(disk.read(path, 0)?);
    while let Some(line) = lines.next()? {
        if !line.whole {
            return Ok(Ok((tip, open, line.bytes.len() as u64)));
        }
        let Some((hash, true)) = tip.hash.check(line.bytes) else {
            return Ok(Err(format!("segment {segment:04} line {} does not verify", line.number)));
        };
        (tip.hash, tip.bytes) = (hash, line.end);
        if line.number == 1 {
            continue;
        }
        match serde_json::from_slice::<Brief>(line.bytes) {
            Ok(brief) if brief.seq == tip.seq + 1 => {
                tip.seq = brief.seq;
                tip.span = Span::over(tip.span, brief.ts);
                open.note(brief.role(), Place { event_id: brief.event_id, segment, offset: line.offset });
            }
            _ => return Ok(Err(format!("segment {segment:04} line {} is out of order", line.number))),
        }
    }
    Ok(Ok((tip, open, 0)))
}

enum First {
    Header(Box<Header>),
    /// Empty, or one line without its end.
    Torn(u64),
    Damaged,
}

fn first_line(disk: &dyn Disk, path: &Path) -> io::Result<First> {
    let mut lines = Lines::new(disk.read(path, 0)?);
    Ok(match lines.next()? {
        None => First::Torn(0),
        Some(line) if !line.whole => First::Torn(line.bytes.len() as u64),
        Some(line) => serde_json::from_slice(line.bytes).map_or(First::Damaged, First::Header),
    })
}

/// One segment as far as it holds.
#[derive(Debug)]
pub(crate) struct Extent {
    pub(crate) segment: u32,
    pub(crate) path: PathBuf,
    /// Absent if it cannot be read.
    pub(crate) header: Option<Box<Header>>,
    /// How its successor says that it ends; absent for the last.
    pub(crate) end: Option<After>,
}

impl Extent {
    /// Where the part that holds ends.
    pub(crate) fn bytes(&self) -> u64 {
        self.end.as_ref().map_or(u64::MAX, |end| end.bytes)
    }

    /// Whether records in here may have times between the two.
    pub(crate) fn may_hold(&self, wanted: Span) -> bool {
        let span = self.end.as_ref().map(|end| end.span);
        span.is_none_or(|span| span.is_some_and(|span| span.from <= wanted.to && span.to >= wanted.from))
    }
}

/// The segments of a stream that hold, oldest first, and the numbers of those that are void.
pub(crate) fn extents(disk: &dyn Disk, stream: &Path) -> io::Result<(Vec<Extent>, Vec<u32>)> {
    let (mut extents, mut void) = (Vec::<Extent>::new(), Vec::new());
    // What the segment after the present one continues; the outer `None` means that nothing says so.
    let mut continued: Option<Option<After>> = None;
    for segment in disk.segments(stream)?.into_iter().rev() {
        let path = segment_path(stream, segment);
        let end = match &continued {
            None => None,
            Some(Some(after)) if after.segment >= segment => {
                Some(after).filter(|after| after.segment == segment).cloned()
            }
            Some(_) => {
                void.push(segment);
                continue;
            }
        };
        let header = match first_line(disk, &path)? {
            First::Torn(_) if extents.is_empty() => {
                void.push(segment);
                continue;
            }
            First::Header(header) => Some(header),
            First::Torn(_) | First::Damaged => None,
        };
        continued = header.as_ref().map(|header| header.after.clone());
        extents.push(Extent { segment, path, header, end });
    }
    extents.reverse();
    void.reverse();
    Ok((extents, void))
}
