//! What the log says about itself.

use serde::{Deserialize, Serialize};

use crate::{Phase, Record};

/// What the log did to itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Admin {
    /// `recovered`: a former process ended in the middle. `suspect`: a write failed and the log moved on to a
    /// new segment. `damaged`: a former stream does not verify and was left alone.
    pub action: String,
    /// For a person.
    pub detail: String,
}

impl Admin {
    /// A record of the log about itself.
    pub(crate) fn record(action: &str, detail: impl Into<String>) -> Record {
        Record {
            phase: Phase::Admin,
            admin: Some(Self { action: action.to_owned(), detail: detail.into() }),
            ..Record::default()
        }
    }
}
