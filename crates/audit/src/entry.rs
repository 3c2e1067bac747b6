//! Records as they are read back.

use error::{Error, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::record::Record;

/// One line of the log: a record with what the log added, and the line itself as it stands on the disk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// When the record was handed to the log.
    pub ts: Timestamp,
    /// Its number in its stream.
    pub seq: u64,
    /// Its id, a UUIDv7.
    pub event_id: Uuid,
    /// Who wrote it.
    pub server: String,
    /// The writer's version.
    pub version: String,
    /// The writer's build.
    pub build: String,
    /// The machine or pod of the writer.
    pub replica: String,
    /// What was recorded.
    pub record: Record,
    /// The line without its newline: the evidence.
    pub line: String,
}

#[derive(Deserialize)]
struct Stamp {
    ts: Timestamp,
    seq: u64,
    event_id: Uuid,
    #[serde(default)]
    server: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    build: String,
    #[serde(default)]
    replica: String,
}

impl Entry {
    /// Reads a line, with or without its newline. It is not verified against its chain.
    pub(crate) fn parse(line: &[u8]) -> Result<Self> {
        let damaged = |error| Error::internal("a line of the audit log cannot be read").source(error);
        let line = line.trim_ascii_end();
        // The same line twice: a flattened record would be read through a buffer of untyped values.
        let Stamp { ts, seq, event_id, server, version, build, replica } =
            serde_json::from_slice(line).map_err(damaged)?;
        let record = serde_json::from_slice(line).map_err(damaged)?;
        let line = String::from_utf8_lossy(line).into_owned();
        Ok(Self { ts, seq, event_id, server, version, build, replica, record, line })
    }
}
