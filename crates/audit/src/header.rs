//! The first line of a segment, and the few fields of the others that the log itself reads.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::chain::Hash;
use crate::record::{Effect, Mode, Phase, Status};

/// The version of the format, in every line.
pub(crate) const VERSION: u32 = 1;

/// The first line of a segment. Its hash follows the one it states in `after`, so it is as hard to change as
/// any record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) v: u32,
    pub(crate) stream: String,
    pub(crate) segment: u32,
    pub(crate) ts: Timestamp,
    #[serde(flatten)]
    pub(crate) identity: Identity,
    /// The sequence number of the first record here.
    pub(crate) first_seq: u64,
    /// What this segment continues; absent at the start of a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<After>,
    /// Intents without outcome so far, so that reading one segment is enough to know them all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) open: Vec<Place>,
    /// Damaged streams whose intents without outcome were taken over into this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) heir_of: Vec<String>,
}

impl Header {
    /// Whether it is that of the segment `number` of `stream`. A whole segment under another name verifies by itself.
    pub(crate) fn is_of(&self, stream: &str, number: u32) -> bool {
        (self.stream.as_str(), self.segment) == (stream, number)
    }
}

/// Who writes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Identity {
    pub(crate) server: String,
    pub(crate) version: String,
    pub(crate) build: String,
    pub(crate) replica: String,
}

/// The end of the part of a stream that holds. Bytes of that segment behind `bytes`, and segments between it
/// and the one that says this, were never answered and are void.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct After {
    pub(crate) segment: u32,
    pub(crate) bytes: u64,
    pub(crate) hash: Hash,
    /// The times of that segment's records, so that a query can pass it over; absent if it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) span: Option<Span>,
}

/// The earliest and the latest time of some records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl Span {
    /// The span that also covers `ts`.
    pub(crate) fn over(span: Option<Self>, ts: Timestamp) -> Option<Self> {
        let Self { from, to } = span.unwrap_or(Self { from: ts, to: ts });
        Some(Self { from: from.min(ts), to: to.max(ts) })
    }
}

/// Where an intent stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) event_id: Uuid,
    /// The damaged stream that it was taken over from; absent for an intent of this stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stream: Option<String>,
    pub(crate) segment: u32,
    pub(crate) offset: u64,
}

/// The end of a stream as far as it is durable: what the next line continues.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tip {
    /// The segment that holds the last line; 0 before the first.
    pub(crate) segment: u32,
    /// How many of its bytes hold.
    pub(crate) bytes: u64,
    pub(crate) hash: Hash,
    /// The sequence number of the last record.
    pub(crate) seq: u64,
    /// The times of the segment's records.
    pub(crate) span: Option<Span>,
}

impl Tip {
    /// The tip of a stream without a line.
    pub(crate) const GENESIS: Self = Self { segment: 0, bytes: 0, hash: Hash::GENESIS, seq: 0, span: None };

    /// How a header says it; absent at the start of a stream.
    pub(crate) fn after(&self) -> Option<After> {
        let Self { segment, bytes, hash, span, .. } = *self;
        (segment > 0).then_some(After { segment, bytes, hash, span })
    }
}

/// Intents without outcome.
#[derive(Clone, Debug, Default)]
pub(crate) struct Open(BTreeMap<Uuid, Place>);

impl Open {
    pub(crate) fn of(places: &[Place]) -> Self {
        Self(places.iter().map(|place| (place.event_id, place.clone())).collect())
    }

    pub(crate) fn places(&self) -> Vec<Place> {
        self.0.values().cloned().collect()
    }

    /// Takes over those of another stream.
    pub(crate) fn inherit(&mut self, stream: &str, other: Self) {
        let told = |place: Place| Place { stream: place.stream.or_else(|| Some(stream.to_owned())), ..place };
        self.0.extend(other.0.into_iter().map(|(event_id, place)| (event_id, told(place))));
    }

    /// Takes note of a record at `place`.
    pub(crate) fn note(&mut self, role: Role, place: Place) {
        match role {
            Role::Intent => drop(self.0.insert(place.event_id, place)),
            Role::Answers(intent) => drop(self.0.remove(&intent)),
            Role::Plain => {}
        }
    }
}

/// What a record is to the pairing of intents and outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Intent,
    /// The outcome of that intent.
    Answers(Uuid),
    Plain,
}

impl Role {
    pub(crate) fn of(phase: Phase, intent: Option<Uuid>) -> Self {
        match (phase, intent) {
            (Phase::Intent, _) => Self::Intent,
            (_, Some(intent)) => Self::Answers(intent),
            (_, None) => Self::Plain,
        }
    }
}

/// What recovery and verification read of a record.
#[derive(Debug, Deserialize)]
pub(crate) struct Brief {
    pub(crate) seq: u64,
    pub(crate) ts: Timestamp,
    pub(crate) event_id: Uuid,
    phase: Phase,
    intent: Option<Uuid>,
    effect: Option<Effect>,
    #[serde(default)]
    op: BriefOp,
    result: Option<BriefResult>,
}

#[derive(Debug, Default, Deserialize)]
struct BriefOp {
    #[serde(default)]
    mode: Mode,
}

#[derive(Debug, Deserialize)]
struct BriefResult {
    #[serde(default)]
    status: Status,
}

impl Brief {
    pub(crate) fn role(&self) -> Role {
        Role::of(self.phase, self.intent)
    }

    /// Whether this says that a vendor's record was, or may have been, changed, and names no intent.
    pub(crate) fn lacks_intent(&self) -> bool {
        let happened = self.result.as_ref().is_some_and(|r| matches!(r.status, Status::Ok | Status::Unknown));
        self.phase == Phase::Outcome
            && self.effect == Some(Effect::Write)
            && self.op.mode == Mode::Commit
            && self.intent.is_none()
            && happened
    }
}
