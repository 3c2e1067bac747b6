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
    /// Whether one of the attempts was sent and not clearly answered: a write may have taken effect by it, whatever
    /// the last one was told.
    pub unclear: bool,
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

    /// Whether a vendor may have done a part of what the call was to change: something that may change a record was
    /// accepted, or one of its attempts was not clearly answered. A write that reached nobody is no evidence.
    #[must_use]
    pub fn may_have_changed(&self) -> bool {
        let accepted = |status: Option<u16>| status.is_some_and(|s| (200..400).contains(&s));
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.iter().any(|sent| sent.write && (sent.unclear || accepted(sent.status)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(write: bool, status: Option<u16>, unclear: bool) -> Sent {
        Sent {
            source: "jira-eu".into(),
            vendor: "jira",
            host: "jira.example".into(),
            method: "POST".into(),
            write,
            path_template: "/issue",
            status,
            request_id: None,
            attempts: 2,
            unclear,
            latency_ms: 1,
        }
    }

    #[test]
    fn what_was_accepted_or_not_clearly_answered_may_have_changed_something() {
        for (sent, expected) in [
            (sent(true, Some(201), false), true),
            (sent(true, Some(304), false), true),
            (sent(true, Some(409), false), false),
            (sent(true, Some(409), true), true),
            (sent(true, None, false), false),
            (sent(true, None, true), true),
            (sent(false, Some(200), true), false),
        ] {
            let journal = Journal::default();
            assert!(!journal.may_have_changed());
            journal.note(sent.clone());
            assert_eq!(journal.may_have_changed(), expected, "{sent:?}");
        }
    }
}
