//! The account brief: all sections in two requests at once, for one request takes but five queries.

use call::Cx;
use error::{Code, Error, Result};
use futures::future::join;
use outbound::Reply;

use super::Salesforce;
use super::accounts::{ACCOUNT_ID, ID, NAME};
use super::activities::both;
use super::cases::{newest, soonest, unclosed};
use super::connection::{mapped, part};
use super::ids;
use super::map::{Lens, day};
use super::opportunities::open;
use super::soql::{Clause, Direction, Field, Soql};
use super::wire::{Answers, Page, PartAnswer, Record};
use crate::book::{ActivityQuery, BriefWant, RenewalQuery};
use crate::brief::{kept, unavailable};
use crate::model::{AccountBrief, Activity, Section};

impl Salesforce {
    pub(super) async fn briefed(&self, cx: &Cx, account: &str, want: &BriefWant) -> Result<AccountBrief> {
        let absent =
            || Error::new(Code::NotFound, "Salesforce has no such account, or this one may not see it");
        let id = ids::id(account).filter(|id| ids::object(id) == Some("Account")).ok_or_else(absent)?;
        let org = self.org(cx).await?;
        let lens = Lens::new(&self.source, &self.configured, &org, cx);
        let around = self.around(&lens, &id, want);
        let texts: Vec<String> = around.iter().map(|(_, soql)| soql.text()).collect();
        let (reply, activity) =
            join(self.connection.queries(cx, &texts), self.activity_of(cx, &lens, &id, want)).await;
        let reply: Reply = reply?;
        let answers: Answers<'_> = reply.json()?;
        let answer = |section: Section| {
            let at = around.iter().position(|(own, _)| *own == section)?;
            answers.answers.get(at)
        };
        let profile: Page<'_> = part(answer(Section::Profile).ok_or_else(absent)?)?;
        let mut missing = Vec::new();
        if want.sections.contains(&Section::Renewals)
            && let Err(error) = self.kept_renewals()
        {
            missing.push(unavailable(Section::Renewals, &error));
        }
        let renewals = self.configured.renewals.as_ref();
        Ok(AccountBrief {
            account: lens.account(profile.records.first().ok_or_else(absent)?)?,
            contacts: section(Section::Contacts, answer(Section::Contacts), &mut missing, |r| {
                lens.contact(r)
            }),
            opportunities: section(
                Section::Opportunities,
                answer(Section::Opportunities),
                &mut missing,
                |r| lens.opportunity(r),
            ),
            activity: kept(Section::Activity, activity, &mut missing),
            cases: section(Section::Cases, answer(Section::Cases), &mut missing, |r| lens.case(r)),
            renewals: renewals.and_then(|kept| {
                section(Section::Renewals, answer(Section::Renewals), &mut missing, |r| lens.renewal(kept, r))
            }),
            unavailable: missing,
            truncated: false,
            omitted: None,
        })
    }

    /// What is asked for beside the activity: the account itself, and the sections that are wanted.
    fn around(&self, lens: &Lens<'_>, id: &str, want: &BriefWant) -> Vec<(Section, Soql)> {
        let of = |soql: Soql| soql.and(Clause::Is(ACCOUNT_ID, id.into())).limit(want.rows);
        let profile = Soql::of("Account", lens.account_fields(true)).and(Clause::Is(ID, id.into())).limit(1);
        let contact = ["Id", "Name", "Title", "Email", "Phone", "LastActivityDate"];
        let contacts =
            Soql::of("Contact", contact.map(Field::new)).by(NAME, Direction::Up).by(ID, Direction::Up);
        let renewals = self.configured.renewals.as_ref().map(|kept| {
            let to_come = RenewalQuery { from: day(lens.as_of), ..RenewalQuery::default() };
            (Section::Renewals, of(soonest(lens, kept, &to_come)))
        });
        let sections = [
            (Section::Contacts, of(contacts)),
            (Section::Opportunities, of(open(lens, false))),
            (Section::Cases, of(newest(false).and(unclosed()))),
        ];
        let wanted = sections.into_iter().chain(renewals).filter(|(own, _)| want.sections.contains(own));
        [(Section::Profile, profile)].into_iter().chain(wanted).collect()
    }

    async fn activity_of(
        &self,
        cx: &Cx,
        lens: &Lens<'_>,
        id: &str,
        want: &BriefWant,
    ) -> Option<Result<Vec<Activity>>> {
        if !want.sections.contains(&Section::Activity) {
            return None;
        }
        Some(self.lately(cx, lens, id, want).await)
    }

    async fn lately(&self, cx: &Cx, lens: &Lens<'_>, id: &str, want: &BriefWant) -> Result<Vec<Activity>> {
        let query =
            ActivityQuery { about: Some(id.to_owned()), after: Some(want.since), ..ActivityQuery::default() };
        let of = |soql: Soql| soql.limit(want.rows).text();
        let reply =
            self.connection.queries_of_all(cx, &[of(self.tasks(&query)), of(self.events(&query))]).await?;
        let answers: Answers<'_> = reply.json()?;
        let mut rows = both(lens, &answers.answers)?;
        rows.truncate(want.rows as usize);
        self.tell_senders(cx, &mut rows).await;
        Ok(rows)
    }
}

/// The rows of a section that was asked for; one that cannot be had is said and spoils nothing.
fn section<T>(
    section: Section,
    answer: Option<&PartAnswer<'_>>,
    missing: &mut Vec<crate::model::Unavailable>,
    map: impl Fn(&Record<'_>) -> Result<T>,
) -> Option<Vec<T>> {
    let rows = answer.map(|answer| part::<Page<'_>>(answer).and_then(|page| mapped(&page, map)));
    kept(section, rows, missing)
}
