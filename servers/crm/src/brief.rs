//! The account brief: what is missing in it is said, and it is cut to the budget.

use content::FreeText;
use error::{Code, Error, Result};

use crate::model::{AccountBrief, Section, Unavailable};

/// Bytes that a text in a brief keeps before whole records are left out.
const SHORT: usize = 160;

/// A section that cannot be had spoils nothing and is said.
pub(crate) fn kept<T>(
    section: Section,
    answer: Option<Result<T>>,
    missing: &mut Vec<Unavailable>,
) -> Option<T> {
    answer?.inspect_err(|error| missing.push(unavailable(section, error))).ok()
}

/// Why a section is missing.
pub(crate) fn unavailable(section: Section, error: &Error) -> Unavailable {
    let reason = match error.code() {
        Code::Unsupported | Code::UnsupportedFilter => "this source does not keep it".to_owned(),
        _ => error.message().to_owned(),
    };
    Unavailable { section, reason }
}

/// Shortens texts and then leaves out the last records, the longest section's first, until the brief is within
/// `budget` bytes.
#[must_use]
pub(crate) fn fit(brief: AccountBrief, budget: usize) -> AccountBrief {
    tool::fit(brief, budget, |brief| {
        let shed = shorten(brief) || leave_out(brief);
        brief.truncated |= shed;
        shed
    })
}

/// Halves the longest text; `false` if all are short.
fn shorten(brief: &mut AccountBrief) -> bool {
    let activity = brief.activity.iter_mut().flatten().map(|a| &mut a.text);
    let opportunities = brief.opportunities.iter_mut().flatten().map(|o| &mut o.description);
    let cases = brief.cases.iter_mut().flatten().map(|c| &mut c.description);
    let texts =
        std::iter::once(&mut brief.account.description).chain(activity).chain(opportunities).chain(cases);
    let longest = texts.flatten().max_by_key(|text: &&mut FreeText| text.as_str().len());
    match longest {
        Some(text) if text.as_str().len() > SHORT => {
            text.shorten(SHORT.max(text.as_str().len() / 2));
            true
        }
        _ => false,
    }
}

/// Takes the last record out of the longest section.
fn leave_out(brief: &mut AccountBrief) -> bool {
    fn len<T>(list: &Option<Vec<T>>) -> usize {
        list.as_ref().map_or(0, Vec::len)
    }
    fn pop<T>(list: &mut Option<Vec<T>>) -> bool {
        list.as_mut().is_some_and(|list| list.pop().is_some())
    }
    let sections = [
        (len(&brief.contacts), Section::Contacts),
        (len(&brief.renewals), Section::Renewals),
        (len(&brief.cases), Section::Cases),
        (len(&brief.opportunities), Section::Opportunities),
        (len(&brief.activity), Section::Activity),
    ];
    let longest = sections.into_iter().max_by_key(|(len, _)| *len).map(|(_, section)| section);
    let popped = match longest {
        Some(Section::Contacts) => pop(&mut brief.contacts),
        Some(Section::Renewals) => pop(&mut brief.renewals),
        Some(Section::Cases) => pop(&mut brief.cases),
        Some(Section::Opportunities) => pop(&mut brief.opportunities),
        Some(Section::Activity) => pop(&mut brief.activity),
        Some(Section::Profile) | None => false,
    };
    if popped {
        brief.omitted = Some(brief.omitted.unwrap_or(0) + 1);
    }
    popped
}
