//! The account brief, from the lists.

use call::{BoxFuture, Cx};
use error::Result;
use jiff::tz::TimeZone;
use tool::{Fetch, Rows};

use crate::book::{ActivityQuery, Book, BriefWant, CaseQuery, OpportunityQuery, RenewalQuery};
use crate::brief;
use crate::model::{Account, AccountBrief, Contact, Section};

/// The brief of `account` from the port's lists, all asked at once. `contacts` is asked for the contacts: no tool
/// lists them, so the port does not either.
pub(super) async fn of_lists<'a>(
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
        contacts: brief::kept(Section::Contacts, contacts, &mut missing),
        opportunities: brief::kept(Section::Opportunities, opportunities, &mut missing),
        activity: brief::kept(Section::Activity, activity, &mut missing),
        cases: brief::kept(Section::Cases, cases, &mut missing),
        renewals: brief::kept(Section::Renewals, renewals, &mut missing),
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
