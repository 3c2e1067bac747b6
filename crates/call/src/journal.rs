//! What was said to vendors during one call, for the record.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

/// One exchange with a vendor, all its attempts included.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    /// The configured source: `jira-eu`.
    pub source: String,
    /// `jira`, `github`.
    pub vendor: &'static str,
    /// The vendor's host.
    pub host: String,
    /// HTTP method.
    pub method: String,
    /// Whether it may have changed a record; some vendors read by POST.
    pub write: bool,
    /// The path with its parameters left out: `/rest/api/3/issue/{key}`.
    pub path_template: &'static str,
    /// Status of the last reply; absent when none came.
    pub status: Option<u16>,
    /// The vendor's own request id.
    pub request_id: Option<String>,
    /// Attempts made, the last included.
    pub attempts: u32,
    /// From the first attempt to the last reply, in milliseconds.
    pub latency_ms: u64,
}

/// The exchanges of one call, in the order in which they ended. Clones share one list.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<Vec<Sent>>>);

impl Journal {
    /// Notes an exchange that ended.
    pub fn note(&self, sent: Sent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
    }

    /// The exchanges so far.
    #[must_use]
    pub fn entries(&self) -> Vec<Sent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
