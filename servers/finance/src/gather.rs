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
    let (answers, reports) = Told::of(answers, now).settled()?;
    Ok((answers.into_iter().map(|(_, answer)| answer).collect(), reports))
}
