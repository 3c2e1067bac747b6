//! What the log tells the metrics.

use std::time::Duration;

use metrics::{Histogram, counter, gauge, histogram};

/// What is told of every batch. Handles are looked up once, in the recorder that is installed when a log is opened.
pub(crate) struct Meters {
    append: Histogram,
    batch: Histogram,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            append: histogram!("chancery_audit_append_seconds"),
            batch: histogram!("chancery_audit_batch_records"),
        }
    }
}

impl Meters {
    /// One record was answered, `waited` after it was handed over.
    pub(crate) fn appended(&self, waited: Duration) {
        self.append.record(waited);
    }

    /// So many records went into one write.
    #[allow(clippy::cast_precision_loss, reason = "a batch has at most 256 records")]
    pub(crate) fn batch(&self, records: usize) {
        self.batch.record(records as f64);
    }
}

/// A batch could not be written, neither to its segment nor to a new one.
pub(crate) fn failed() {
    counter!("chancery_audit_failures_total").increment(1);
}

/// A segment was given up after a failed write.
pub(crate) fn gave_up() {
    counter!("chancery_audit_segments_given_up_total").increment(1);
}

/// 1 while the log can write, else 0.
pub(crate) fn healthy(yes: bool) {
    gauge!("chancery_audit_healthy").set(if yes { 1.0 } else { 0.0 });
}
