//! Writes batches of records to a stream and makes them durable. Knows no threads and no callers.

#[cfg(test)]
mod tests;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::disk::{Disk, Sink, segment_path};
use crate::header::{Header, Identity, Open, Place, Role, Span, Tip, VERSION};
use crate::meter;
use crate::stream::Found;
use crate::{Admin, Record};

/// When a segment ends: after this many bytes or this long, whichever comes first (security, section 3.3).
pub(crate) const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
pub(crate) const SEGMENT_AGE: Duration = Duration::from_secs(3600);

/// Above this a record's arguments are dropped and only their digest stays.
const RECORD_BYTES: usize = 64 * 1024;

/// A record, serialized by its caller, without what only its place in the stream decides.
pub(crate) struct Draft {
    pub(crate) ts: Timestamp,
    pub(crate) event_id: Uuid,
    role: Role,
    body: Vec<u8>,
}

impl Draft {
    pub(crate) fn new(mut record: Record, ts: Timestamp) -> serde_json::Result<Self> {
        let mut body = serde_json::to_vec(&record)?;
        if body.len() > RECORD_BYTES && record.args.is_some() {
            record.args = Some(serde_json::json!({ "_left_out": "the arguments are too long to keep" }));
            body = serde_json::to_vec(&record)?;
        }
        Ok(Self { ts, event_id: Uuid::now_v7(), role: Role::of(record.phase, record.intent), body })
    }
}

/// The one writer of a stream.
///
/// After a failed write or sync nobody knows which bytes are on the disk, and the kernel may have dropped the
/// pages while reporting the next sync as good. So a segment that failed is never written to again: it is cut
/// back to the bytes that were durable, and the next one continues after these and says so.
pub(crate) struct Writer {
    disk: Arc<dyn Disk>,
    stream: PathBuf,
    name: String,
    identity: Identity,
    /// `"server":"..",...,`: the identity as it stands in each line.
    identity_text: Vec<u8>,
    tip: Tip,
    open: Open,
    heir_of: Vec<String>,
    current: Option<Segment>,
    next: u32,
    /// Why the last segment was given up, until the one after it has said so.
    suspect: Option<String>,
    buffer: Vec<u8>,
    limit: u64,
}

struct Segment {
    sink: Box<dyn Sink>,
    number: u32,
    /// When it was begun.
    ts: Timestamp,
}

impl Writer {
    /// The writer of a stream that ends as `found`; its segments end at `limit` bytes.
    pub(crate) fn new(
        disk: Arc<dyn Disk>,
        (stream, name): (PathBuf, String),
        identity: Identity,
        found: Found,
        limit: u64,
    ) -> serde_json::Result<Self> {
        let text = serde_json::to_vec(&identity)?;
        let identity_text = members(&text).to_vec();
        let Found { tip, open, next, heir_of, .. } = found;
        let (current, suspect, buffer) = (None, None, Vec::new());
        Ok(Self {
            disk,
            stream,
            name,
            identity,
            identity_text,
            tip,
            open,
            heir_of,
            current,
            next,
            suspect,
            buffer,
            limit,
        })
    }

    /// Whether the last write failed and no later one has succeeded.
    pub(crate) fn failing(&self) -> bool {
        self.suspect.is_some()
    }

    /// Intents without outcome.
    pub(crate) fn open(&self) -> Vec<Place> {
        self.open.places()
    }

    /// Writes `drafts` and returns when they are durable, with the sequence number of the first. On a failure
    /// they go to a new segment; if that fails too, none of them is part of the stream.
    pub(crate) fn commit(&mut self, drafts: &[Draft], now: Timestamp) -> io::Result<u64> {
        self.rotate(now);
        // A log that failed before has had its second try.
        let second = !self.failing();
        match self.attempt(drafts, now) {
            Err(_) if second => self.attempt(drafts, now),
            done => done,
        }
    }

    /// Ends the current segment if it is full or old. The next is begun with the record that needs it, so an
    /// idle process writes nothing.
    fn rotate(&mut self, now: Timestamp) {
        let full = self.tip.bytes >= self.limit;
        self.current.take_if(|segment| full || now.duration_since(segment.ts).unsigned_abs() >= SEGMENT_AGE);
    }

    fn attempt(&mut self, drafts: &[Draft], now: Timestamp) -> io::Result<u64> {
        let fresh = self.current.is_none();
        match self.try_write(drafts, now) {
            Ok(first) => {
                self.suspect = None;
                Ok(first)
            }
            Err(error) => {
                self.give_up(fresh, &error);
                Err(error)
            }
        }
    }

    /// Leaves the current segment. One that was begun by the attempt that failed holds nothing and is removed, so
    /// that a disk that stays full does not fill with files. An older one is cut, for two reasons: who reads the
    /// file by itself shall not find records that were never answered, and a successor of this process shall not
    /// take pages for written that the kernel only remembers. Both may fail; the next header makes up for it.
    fn give_up(&mut self, fresh: bool, error: &io::Error) {
        let Some(mut segment) = self.current.take() else {
            self.suspect.get_or_insert_with(|| format!("no new segment could be begun: {error}"));
            return;
        };
        meter::gave_up();
        let number = segment.number;
        self.suspect.get_or_insert_with(|| format!("segment {number:04} could not be written: {error}"));
        if !fresh {
            let cut = segment.sink.cut(self.tip.bytes);
            tracing::warn!(stream = self.name, segment = number, %error, cut = cut.is_ok(), "a segment was given up");
            return;
        }
        drop(segment);
        if self.disk.remove(&segment_path(&self.stream, number)).is_ok() {
            self.next = number;
        }
    }

    fn try_write(&mut self, drafts: &[Draft], now: Timestamp) -> io::Result<u64> {
        let fresh = self.current.is_none();
        if fresh {
            self.begin(now)?;
        }
        let mut batch = Batch { tip: self.tip, buffer: std::mem::take(&mut self.buffer), notes: Vec::new() };
        let encoded = self.encode(&mut batch, drafts, fresh, now);
        let done = encoded.and_then(|first| self.make_durable(&batch.buffer, fresh).map(|()| first));
        batch.buffer.clear();
        self.buffer = batch.buffer;
        let first = done?;
        self.tip = batch.tip;
        for (role, place) in batch.notes {
            self.open.note(role, place);
        }
        Ok(first)
    }

    fn begin(&mut self, now: Timestamp) -> io::Result<()> {
        loop {
            let number = self.next;
            let created = self.disk.create(&segment_path(&self.stream, number));
            // A former failure may have left a file that could not be removed.
            if created.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists) {
                self.next += 1;
                continue;
            }
            self.current = Some(Segment { sink: created?, number, ts: now });
            self.next = number + 1;
            return Ok(());
        }
    }

    /// Lays out header, notice and drafts; returns the sequence number of the first draft.
    fn encode(&self, batch: &mut Batch, drafts: &[Draft], fresh: bool, now: Timestamp) -> io::Result<u64> {
        if fresh {
            self.encode_header(batch, now)?;
            if let Some(reason) = &self.suspect {
                let notice = Admin::record("suspect", format!("{reason}; no answered record is lost"));
                batch.record(&Draft::new(notice, now)?, &self.identity_text);
            }
        }
        let first = batch.tip.seq + 1;
        for draft in drafts {
            batch.record(draft, &self.identity_text);
        }
        Ok(first)
    }

    fn encode_header(&self, batch: &mut Batch, ts: Timestamp) -> io::Result<()> {
        let segment = self.current.as_ref().map_or(self.next, |segment| segment.number);
        let header = Header {
            v: VERSION,
            stream: self.name.clone(),
            segment,
            ts,
            identity: self.identity.clone(),
            first_seq: self.tip.seq + 1,
            after: self.tip.after(),
            open: self.open.places(),
            heir_of: self.heir_of.clone(),
        };
        serde_json::to_writer(&mut batch.buffer, &header)?;
        batch.buffer.pop();
        let hash = self.tip.hash.seal(&mut batch.buffer, 0);
        batch.tip = Tip { segment, bytes: batch.buffer.len() as u64, hash, seq: self.tip.seq, span: None };
        Ok(())
    }

    fn make_durable(&mut self, bytes: &[u8], fresh: bool) -> io::Result<()> {
        let segment = self.current.as_mut().ok_or_else(|| io::Error::other("no segment is open"))?;
        segment.sink.write(bytes)?;
        segment.sink.sync()?;
        if fresh {
            self.disk.sync_dir(&self.stream)?;
        }
        Ok(())
    }
}

/// Lines laid out but not yet durable, and where the stream will end with them.
struct Batch {
    tip: Tip,
    buffer: Vec<u8>,
    notes: Vec<(Role, Place)>,
}

impl Batch {
    fn record(&mut self, draft: &Draft, identity: &[u8]) {
        let start = self.buffer.len();
        let (seq, offset) = (self.tip.seq + 1, self.tip.bytes);
        let Draft { ts, event_id, role, body } = draft;
        // Writing into a `Vec` cannot fail.
        let _ = write!(self.buffer, r#"{{"v":{VERSION},"seq":{seq},"ts":"{ts:.9}","event_id":"{event_id}","#);
        self.buffer.extend_from_slice(identity);
        self.buffer.push(b',');
        self.buffer.extend_from_slice(members(body));
        self.tip.hash = self.tip.hash.seal(&mut self.buffer, start);
        self.tip.bytes += (self.buffer.len() - start) as u64;
        self.tip.seq = seq;
        self.tip.span = Span::over(self.tip.span, *ts);
        if *role != Role::Plain {
            let (event_id, segment) = (*event_id, self.tip.segment);
            self.notes.push((*role, Place { event_id, stream: None, segment, offset }));
        }
    }
}

/// What stands between the braces of a JSON object.
fn members(object: &[u8]) -> &[u8] {
    object.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")).unwrap_or(object)
}
