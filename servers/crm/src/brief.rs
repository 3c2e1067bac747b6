//! The account brief: put together from a port's own lists, and cut to the budget.

use call::{BoxFuture, Cx};
use content::FreeText;
use error::{Code, Error, Result};
use jiff::tz::TimeZone;
use tool::{Fetch, Rows};

use crate::book::{ActivityQuery, Book, BriefWant, CaseQuery, OpportunityQuery, RenewalQuery};
use crate::model::{Account, AccountBrief, Contact, Section, Unavailable};

/// Bytes that a text in a brief keeps before whole records are left out.
const SHORT: usize = 160;

/// The brief of `account` from the port's lists, all asked at once. `contacts` is asked for the contacts: no tool
/// lists them, so the port does not either.
pub(crate) async fn of_lists<'a>(
    port: &'a Book,
    cx: &'a Cx,
    account: Account,
    want: &'a BriefWant,
    contacts: BoxFuture<'a, Result<Rows<Contact>>>,
) -> Result<AccountBrief> {
    let native = Some(account.id.native().to_owned());
    let page = || Fetch { token: None, limit: want.rows };
    let opportunities = OpportunityQuery { account: native.clone(), ..OpportunityQuery::default() };
    let activity =
        ActivityQuery { about: native.clone(), after: Some(want.since), ..ActivityQuery::default() };
    let cases = CaseQuery { account: native.clone(), unclosed: true, ..CaseQuery::default() };
    let today = cx.now().to_zoned(TimeZone::UTC).date();
    let renewals = RenewalQuery { account: native, from: today, ..RenewalQuery::default() };
    let (contacts, opportunities, activity, cases, renewals) = futures::join!(
        section(want, Section::Contacts, contacts),
        section(want, Section::Opportunities, port.opportunities(cx, &opportunities, page())),
        section(want, Section::Activity, port.activities(cx, &activity, page())),
        section(want, Section::Cases, port.cases(cx, &cases, page())),
        section(want, Section::Renewals, port.renewals(cx, &renewals, page())),
    );
    let mut missing = Vec::new();
    Ok(AccountBrief {
        account,
        contacts: kept(Section::Contacts, contacts, &mut missing),
        opportunities: kept(Section::Opportunities, opportunities, &mut missing),
        activity: kept(Section::Activity, activity, &mut missing),
        cases: kept(Section::Cases, cases, &mut missing),
        renewals: kept(Section::Renewals, renewals, &mut missing),
        unavailable: missing,
        truncated: false,
        omitted: None,
    })
}

/// Asks for a section, if it is wanted.
async fn section<T>(
    want: &BriefWant,
    section: Section,
    rows: BoxFuture<'_, Result<Rows<T>>>,
) -> Option<Result<Vec<T>>> {
    match want.sections.contains(&section) {
        true => Some(rows.await.map(|rows| rows.rows)),
        false => None,
    }
}

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
