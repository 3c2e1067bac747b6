//! Streams: which one this process writes, what of it holds, and in which segments that stands.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use crate::chain::{Hash, Line, Lines};
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
    /// Bytes that were being written when their process ended.
    pub(crate) torn: u64,
    /// Damaged streams whose open intents are among these, or were before they were answered.
    pub(crate) heir_of: Vec<String>,
}

/// Why a stream cannot be continued.
struct Damage {
    problem: String,
    /// Intents without outcome as far as it verifies. Some may have been answered behind that.
    open: Open,
}

/// Streams one server and replica may have: far more than processes can share one directory.
const SLOTS: u32 = 1_000;

/// Locks the first stream of `server` on `replica` that nobody holds and that is sound, or a new one. A damaged
/// one is evidence: it stays as it is and the next is taken, which answers for its open intents from then on.
pub(crate) fn claim(disk: &dyn Disk, dir: &Path, server: &str, replica: &str) -> io::Result<Claimed> {
    let mut damaged = Vec::new();
    let mut left = Vec::new();
    for slot in 1..=SLOTS {
        let name = format!("{}.{}.{slot}", plain(server), plain(replica));
        let path = dir.join(&name);
        let Some(lock) = disk.lock(&path)? else { continue };
        match recover(disk, &path, &name)? {
            Ok(mut found) => {
                inherit(&mut found, left);
                return Ok(Claimed { path, name, lock, found, damaged });
            }
            Err(Damage { problem, open }) => {
                damaged.push(format!("{name}: {problem}"));
                left.push((name, open));
            }
        }
    }
    Err(io::Error::other(format!("all {SLOTS} streams of {server} on {replica} are in use or damaged")))
}

/// Takes over what damaged streams left open, each of them once: it stays damaged, so every start meets it again.
fn inherit(found: &mut Found, left: Vec<(String, Open)>) {
    for (stream, open) in left {
        if !found.heir_of.contains(&stream) {
            found.open.inherit(&stream, open);
            found.heir_of.push(stream);
        }
    }
}

/// A name that is a safe file name and holds no dot.
fn plain(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    name.chars().take(80).map(safe).collect()
}

/// Reads the last segment and makes it durable; `Ok(Err(_))` says what is wrong with it. Cuts only what a crash leaves:
/// the end of a segment that is torn ([`Scan`]). Anything else that does not verify was not done by a crash.
fn recover(disk: &dyn Disk, stream: &Path, name: &str) -> io::Result<Result<Found, Damage>> {
    let segments = disk.segments(stream)?;
    let next = segments.last().map_or(1, |last| last + 1);
    let mut torn = 0;
    let mut problem = None;
    for &number in segments.iter().rev() {
        let path = segment_path(stream, number);
        match first_line(disk, &path)? {
            First::Torn(bytes) | First::Holed(bytes) if problem.is_none() => torn += bytes,
            First::Header(header) if header.is_of(name, number) => {
                disk.sync(&path)?;
                let scan = scan(disk, &path, &header)?;
                let Scan { tip, open, .. } = scan;
                return Ok(match problem.or(scan.problem) {
                    Some(problem) => Err(Damage { problem, open }),
                    None => Ok(Found { tip, open, next, torn: torn + scan.torn, heir_of: header.heir_of }),
                });
            }
            First::Header(header) => {
                let (segment, stream) = (header.segment, &header.stream);
                problem.get_or_insert(format!(
                    "segment {number:04} has the header of segment {segment:04} of {stream}"
                ));
            }
            First::Torn(_) | First::Holed(_) | First::Damaged => {
                problem.get_or_insert(format!("segment {number:04} has no header"));
            }
        }
    }
    let (tip, open, heir_of) = (Tip::GENESIS, Open::default(), Vec::new());
    Ok(match problem {
        Some(problem) => Err(Damage { problem, open }),
        None => Ok(Found { tip, open, next, torn, heir_of }),
    })
}

/// One segment as far as it verifies.
struct Scan {
    tip: Tip,
    /// Intents without outcome up to there.
    open: Open,
    /// Bytes behind it that a crash left there: a line without its end, or anything with a hole in it. A loss of power
    /// keeps some pages of what was not synced and not others, in any order; those that are lost come back as zeros,
    /// and no line of ours can hold a zero.
    torn: u64,
    /// What is wrong behind it, if that was no crash.
    problem: Option<String>,
}

fn scan(disk: &dyn Disk, path: &Path, header: &Header) -> io::Result<Scan> {
    let segment = header.segment;
    let hash = header.after.as_ref().map_or(Hash::GENESIS, |after| after.hash);
    let tip = Tip { segment, bytes: 0, hash, seq: header.first_seq.saturating_sub(1), span: None };
    let mut scan = Scan { tip, open: Open::of(&header.open), torn: 0, problem: None };
    let mut lines = Lines::new(disk.read(path, 0)?);
    while let Some(line) = lines.next()? {
        let (bytes, number) = (line.end - line.offset, line.number);
        if !line.whole {
            scan.torn = bytes;
            break;
        }
        if let Err(problem) = scan.take(&line) {
            let holed = is_holed(&line);
            let rest = rest(&mut lines)?;
            match holed || rest.holed {
                true => scan.torn = bytes + rest.bytes,
                false => scan.problem = Some(format!("segment {segment:04} line {number} {problem}")),
            }
            break;
        }
    }
    Ok(scan)
}

impl Scan {
    /// Goes on by one line, if it verifies.
    fn take(&mut self, line: &Line<'_>) -> Result<(), &'static str> {
        let Some((hash, true)) = self.tip.hash.check(line.bytes) else { return Err("does not verify") };
        if line.number > 1 {
            let brief = serde_json::from_slice::<Brief>(line.bytes).ok();
            let brief = brief.filter(|brief| brief.seq == self.tip.seq + 1).ok_or("is out of order")?;
            let (event_id, segment, offset) = (brief.event_id, self.tip.segment, line.offset);
            self.open.note(brief.role(), Place { event_id, stream: None, segment, offset });
            (self.tip.seq, self.tip.span) = (brief.seq, Span::over(self.tip.span, brief.ts));
        }
        (self.tip.hash, self.tip.bytes) = (hash, line.end);
        Ok(())
    }
}

/// What is left of a segment.
struct Rest {
    bytes: u64,
    holed: bool,
}

fn rest<R: BufRead>(lines: &mut Lines<R>) -> io::Result<Rest> {
    let mut rest = Rest { bytes: 0, holed: false };
    while let Some(line) = lines.next()? {
        rest.bytes += line.end - line.offset;
        rest.holed |= is_holed(&line);
    }
    Ok(rest)
}

fn is_holed(line: &Line<'_>) -> bool {
    line.bytes.contains(&0)
}

enum First {
    Header(Box<Header>),
    /// Empty, or one line without its end.
    Torn(u64),
    /// No header, and a hole somewhere: a crash may have made it, see [`Scan`].
    Holed(u64),
    Damaged,
}

fn first_line(disk: &dyn Disk, path: &Path) -> io::Result<First> {
    let mut lines = Lines::new(disk.read(path, 0)?);
    let Some(line) = lines.next()? else { return Ok(First::Torn(0)) };
    let bytes = line.end;
    if !line.whole {
        return Ok(First::Torn(bytes));
    }
    if let Ok(header) = serde_json::from_slice(line.bytes) {
        return Ok(First::Header(header));
    }
    let holed = is_holed(&line);
    let rest = rest(&mut lines)?;
    Ok(if holed || rest.holed { First::Holed(bytes + rest.bytes) } else { First::Damaged })
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
            // A hole is a crash's only to the next start, which passes it over: anybody may have made it.
            First::Torn(_) | First::Holed(_) | First::Damaged => None,
        };
        continued = header.as_ref().map(|header| header.after.clone());
        extents.push(Extent { segment, path, header, end });
    }
    extents.reverse();
    void.reverse();
    Ok((extents, void))
}
