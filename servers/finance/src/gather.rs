//! Answers of several sources that are no pages.

use error::Result;
use jiff::Timestamp;
use tool::{Source, SourceReport, Told};

use crate::ledger::Ledger;

/// What sources answered, and how each did. Fails only if every source did.
pub(crate) fn gather<T>(
    answers: Vec<(&Source<Ledger>, Result<T>)>,
    now: Timestamp,
) -> Result<(Vec<T>, Vec<SourceReport>)> {
    let Told { answers, reports, failures } = Told::of(answers, now);
    // Of several failures the first that is worth repeating speaks for all, else the first.
    let said = failures.into_iter().map(|(_, error)| error);
    let failed = said.reduce(|first, next| match first.is_retryable() || !next.is_retryable() {
        true => first,
        false => next,
    });
    match failed {
        Some(error) if answers.is_empty() => Err(error),
        _ => Ok((answers.into_iter().map(|(_, answer)| answer).collect(), reports)),
    }
}
