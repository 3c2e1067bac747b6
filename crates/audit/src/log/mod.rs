//! The log: callers on one side, one writer thread on the other.

#[cfg(test)]
mod tests;

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use error::{Code, Error, Result};
use jiff::Timestamp;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::disk::{Disk, Lock, RealDisk, segment_path};
use crate::entry::Entry;
use crate::header::Identity;
use crate::queue::{Job, Queue};
use crate::stream::{self, Claimed};
use crate::writer::{Draft, SEGMENT_BYTES, Writer};
use crate::{Admin, Record};

/// Wall time for records: the machine's own, as `call::Clock` reads it. A function, since tests set it back.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Where a process writes and as whom.
#[derive(Clone)]
pub struct Config {
    /// The audit directory; created if need be, readable by its owner only. Several processes may share it.
    pub dir: PathBuf,
    /// The server: `issues`.
    pub server: String,
    /// Its version.
    pub version: String,
    /// The build: a commit or an image digest.
    pub build: String,
    /// The machine or pod. With the server it names the stream; a process that comes back under the same name
    /// continues the stream of its predecessor.
    pub replica: String,
    /// The time of records; the system's unless a test says otherwise.
    pub now: Now,
}

impl Config {
    /// `server` writing to `dir` on the replica `local`, at the system's time.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, server: impl Into<String>) -> Self {
        Self {
            dir: dir.into(),
            server: server.into(),
            version: String::new(),
            build: String::new(),
            replica: "local".to_owned(),
            now: Arc::new(Timestamp::now),
        }
    }
}

/// The audit log of one process. Clones share it. Dropping the last one writes what is queued and lets the
/// stream go; [`Log::close`] also waits for that.
#[derive(Clone)]
pub struct Log(Arc<Inner>);

struct Inner {
    queue: Arc<Queue>,
    stream: PathBuf,
    pending: Vec<Entry>,
    now: Now,
}

/// Proof that a record is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its number in the stream.
    pub seq: u64,
    /// Its id, which an outcome names as its intent.
    pub event_id: Uuid,
}

/// Whether the log can write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// False from the first failure that cost a record until a write succeeds again. The log tries by itself,
    /// once a second.
    pub healthy: bool,
    /// What failed last, for an operator.
    pub problem: Option<String>,
    /// Records waiting to become durable.
    pub queued: usize,
}

impl Log {
    /// Takes over a stream that no process holds, or begins one. Reads its last segment (at most 64 MiB) and, if
    /// a former process ended in the middle of something, writes a record that says so. Blocks on the disk.
    ///
    /// # Errors
    /// `audit_unavailable` if the directory cannot be read, locked or written.
    pub fn open(config: Config) -> Result<Self> {
        Self::open_on(Arc::new(RealDisk), config, SEGMENT_BYTES)
    }

    pub(crate) fn open_on(disk: Arc<dyn Disk>, config: Config, limit: u64) -> Result<Self> {
        let now = config.now.clone();
        let Begun { writer, lock, stream, pending } = begin(disk, config, limit)?;
        let queue = Arc::new(Queue::default());
        start(queue.clone(), writer, lock, now.clone())?;
        Ok(Self(Arc::new(Inner { queue, stream, pending, now })))
    }

    /// Writes a record and returns when it is durable. A record that was handed over is written even if nobody
    /// waits for it any more.
    ///
    /// # Errors
    /// `audit_unavailable` if the disk took it neither in this segment nor in a new one: the record is not part
    /// of the log, and what it was to permit must not happen.
    pub async fn append(&self, record: Record) -> Result<Receipt> {
        let draft = Draft::new(record, (self.0.now)()).map_err(|e| unavailable(&e))?;
        let (done, receipt) = oneshot::channel();
        self.0.queue.push(Job { draft: Some(draft), done, since: Instant::now() })?;
        receipt.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Returns when every record handed over before is durable.
    ///
    /// # Errors
    /// `audit_unavailable` if the log cannot write.
    pub async fn flush(&self) -> Result<()> {
        let (done, flushed) = oneshot::channel();
        self.0.queue.push(Job { draft: None, done, since: Instant::now() })?;
        flushed.await.unwrap_or_else(|_| Err(closed())).map(drop)
    }

    /// Takes no more records, writes those that wait and lets the stream go.
    ///
    /// # Errors
    /// `audit_unavailable` if the last of them could not be written.
    pub async fn close(&self) -> Result<()> {
        let flushed = self.flush().await;
        self.0.queue.close();
        self.0.queue.ended().await;
        flushed
    }

    /// Intents of former processes in this stream, and in damaged ones that it follows, that have no outcome: writes
    /// whose fate nobody recorded. Each wants an outcome, `unknown` at the least, that names its event id as `intent`;
    /// until then every start finds it again.
    #[must_use]
    pub fn pending(&self) -> &[Entry] {
        &self.0.pending
    }

    /// Whether the log can write.
    #[must_use]
    pub fn health(&self) -> Health {
        self.0.queue.health()
    }

    /// The directory of this process's stream.
    #[must_use]
    pub fn stream(&self) -> &Path {
        &self.0.stream
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("stream", &self.0.stream).finish_non_exhaustive()
    }
}

/// A stream taken over, and what was found in it.
pub(crate) struct Begun {
    pub(crate) writer: Writer,
    pub(crate) lock: Lock,
    pub(crate) stream: PathBuf,
    pub(crate) pending: Vec<Entry>,
}

/// Takes a stream over and records what a former process left unfinished.
pub(crate) fn begin(disk: Arc<dyn Disk>, config: Config, limit: u64) -> Result<Begun> {
    let Config { dir, server, version, build, replica, now } = config;
    let claimed = stream::claim(&*disk, &dir, &server, &replica).map_err(|e| unavailable(&e))?;
    let Claimed { path: stream, name, lock, found, damaged } = claimed;
    let notices = notices(&damaged, found.torn, found.open.places().len());
    let identity = Identity { server, version, build, replica };
    let at = (stream.clone(), name);
    let mut writer = Writer::new(disk.clone(), at, identity, found, limit).map_err(|e| unavailable(&e))?;
    let pending = read_pending(&*disk, (&dir, &stream), &writer)?;
    if !notices.is_empty() {
        let now = now();
        let drafts: Result<Vec<_>, _> = notices.into_iter().map(|record| Draft::new(record, now)).collect();
        writer.commit(&drafts.map_err(|e| unavailable(&e))?, now).map_err(|e| unavailable(&e))?;
    }
    Ok(Begun { writer, lock, stream, pending })
}

/// What the start has to say before anything else.
fn notices(damaged: &[String], torn: u64, pending: usize) -> Vec<Record> {
    let mut notices: Vec<_> = damaged
        .iter()
        .map(|problem| Admin::record("damaged", format!("{problem}; it was left as it is")))
        .collect();
    if torn > 0 || pending > 0 {
        let detail = format!("{torn} unfinished bytes cut, {pending} intents without outcome");
        notices.push(Admin::record("recovered", detail));
    }
    notices
}

fn read_pending(disk: &dyn Disk, (dir, own): (&Path, &Path), writer: &Writer) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for place in writer.open() {
        let mut line = Vec::new();
        let stream = place.stream.as_ref().map_or_else(|| own.to_owned(), |name| dir.join(name));
        match disk.read(&segment_path(&stream, place.segment), place.offset) {
            Ok(mut reader) => reader.read_until(b'\n', &mut line).map_err(|e| unavailable(&e))?,
            // Somebody took it away: that is for `verify` to tell, and no reason to refuse every write from now on.
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(error) => return Err(unavailable(&error)),
        };
        match Entry::parse(&line) {
            Ok(entry) => entries.push(entry),
            // The chain of that segment will say more; the place stays in the headers.
            Err(error) => tracing::error!(?place, %error, "an intent without outcome cannot be read"),
        }
    }
    Ok(entries)
}

fn start(queue: Arc<Queue>, writer: Writer, lock: Lock, now: Now) -> Result<()> {
    let work = move || queue.run(writer, lock, &now);
    std::thread::Builder::new().name("audit".to_owned()).spawn(work).map_err(|e| unavailable(&e))?;
    Ok(())
}

/// The answer to whoever depends on a log that cannot write. The cause is for the operator.
pub(crate) fn unavailable(cause: &dyn fmt::Display) -> Error {
    Error::new(Code::AuditUnavailable, "the audit log cannot be written").detail(cause.to_string())
}

pub(crate) fn closed() -> Error {
    unavailable(&"the log is closed")
}
