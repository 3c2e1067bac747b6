//! What the writing tools share.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use tool::{Change, FieldChange, Record, Source};

use crate::model::Issue;
use crate::tracker::Tracker;

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

/// `unsupported` unless the source can do it.
pub(crate) fn require(able: bool, source: &Source<Tracker>, what: &str) -> Result<()> {
    if able {
        return Ok(());
    }
    let message = format!("source `{}` ({}) cannot {what}", source.name, source.vendor);
    Err(Error::new(Code::Unsupported, message))
}

/// The answer to a repeated write whose first attempt may or may not have worked.
#[must_use]
pub(crate) fn still_unknown(cx: &Cx, why: &str) -> Error {
    let id = cx.operation().map(|o| o.id.clone()).unwrap_or_default();
    Error::new(Code::OutcomeUnknown, format!("an earlier attempt was sent and {why}"))
        .hint(
            "repeat the same call in a minute to look again; if the issue is still missing, a person should check the \
             tracker before it is filed under a new idempotency_key",
        )
        .operation(id)
}
