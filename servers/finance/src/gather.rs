//! Answers of several sources that are no pages.

use error::{Error, Result};
use jiff::Timestamp;
use tool::{Source, SourceReport};

use crate::ledger::Ledger;

/// What sources answered, and how each did. Fails only if every source did.
pub(crate) fn gather<T>(
    answers: Vec<(&Source<Ledger>, Result<T>)>,
    now: Timestamp,
) -> Result<(Vec<T>, Vec<SourceReport>)> {
    let (mut values, mut reports, mut failed) = (Vec::new(), Vec::new(), None::<Error>);
    for (source, answer) in answers {
        match answer {
            Ok(value) => {
                values.push(value);
                reports.push(SourceReport::ok(source, now));
            }
            Err(error) => {
                reports.push(SourceReport::failed(source, &error));
                // Of several failures the one that is worth repeating speaks for all.
                failed = failed.filter(|f| f.is_retryable() || !error.is_retryable()).or(Some(error));
            }
        }
    }
    match failed {
        Some(error) if values.is_empty() => Err(error),
        _ => Ok((values, reports)),
    }
}
