//! What the writing tools share.

use content::Label;
use tool::{Change, FieldChange, Record};

use crate::model::Issue;

/// The issue, named so that a person recognizes it.
#[must_use]
pub(crate) fn record(issue: &Issue) -> Record {
    Record {
        id: issue.id.clone(),
        label: Label::new(&format!("{} {}", issue.id.native(), issue.title)),
        url: Some(issue.url.clone()),
    }
}

/// A change of one issue.
#[must_use]
pub(crate) fn change(issue: &Issue, fields: Vec<FieldChange>) -> Change {
    Change { record: record(issue), fields }
}

/// Trackers have no version numbers; the time of the last change stands for one.
#[must_use]
pub(crate) fn version(issue: &Issue) -> String {
    issue.updated.0.to_string()
}
