//! The reference implementation: the port over plain data, for tests of the tools and of the behavior suite itself.

mod brief;
mod show;

use std::sync::{Mutex, MutexGuard, PoisonError};

use call::{BoxFuture, Cx};
use content::Label;
use error::{Code, Error, Result};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use sandbox::company;
use tool::{Count, Day, Fetch, Mark, MatchedBy, Moment, Person, RecordId, Rows, Total, Totals};

use crate::book::{
    Able, AccountBook, AccountQuery, ActivityQuery, BriefWant, Called, CaseQuery, Changed, NewActivity,
    NewFollowUp, OpportunityQuery, PipelineQuery, RenewalQuery, Share, Shares, Stage, StageChange,
};
use crate::company::Holdings;
use crate::listing;
use crate::model::{
    Account, AccountBrief, AccountGap, Activity, ActivityKind, CaseState, Contact, CustomerCase, GroupBy,
    Linked, Noun, Opportunity, OpportunityGap, Renewal, Standing,
};

/// Its stages, in their order.
const STAGES: [(&str, Standing); 6] = [
    ("Qualification", Standing::Open),
    ("Discovery", Standing::Open),
    ("Proposal", Standing::Open),
    ("Negotiation", Standing::Open),
    ("Closed Won", Standing::Won),
    ("Closed Lost", Standing::Lost),
];

/// One system in memory.
pub(crate) struct Memory {
    source: String,
    able: Able,
    now: Timestamp,
    holdings: Holdings,
    shelf: Mutex<Shelf>,
}

/// What changes.
#[derive(Default)]
struct Shelf {
    opportunities: Vec<Opportunity>,
    activities: Vec<(Activity, Vec<String>)>,
    clock: i64,
}

impl Memory {
    /// What the system `home` of the company holds, as source `source`.
    pub(crate) fn new(source: &str, home: &str, able: Able) -> Self {
        let memory = Self {
            source: source.into(),
            able,
            now: Timestamp::now(),
            holdings: Holdings::of(home),
            shelf: Mutex::new(Shelf::default()),
        };
        let opportunities = memory.holdings.opportunities.iter().map(|o| memory.opportunity_of(o)).collect();
        let activities =
            memory.holdings.activities.iter().map(|a| (memory.activity_of(a), Vec::new())).collect();
        *memory.lock() = Shelf { opportunities, activities, clock: 0 };
        memory
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn id(&self, noun: &str, key: &str) -> RecordId {
        RecordId::new(&*self.source, format!("{noun}/{key}"))
    }

    fn url(&self, id: &RecordId) -> String {
        format!("https://{}.example/{}", self.source, id.native())
    }

    fn day(&self, days: i64) -> Date {
        (self.now + SignedDuration::from_hours(24 * days)).to_zoned(TimeZone::UTC).date()
    }

    fn at(&self, hours: i64) -> Timestamp {
        self.now + SignedDuration::from_hours(hours)
    }

    fn name(&self, handle: Option<&String>) -> Option<Label> {
        company::person(&self.holdings.people, handle?).map(|p| Label::new(&p.name))
    }

    fn linked(&self, key: &str) -> Option<Linked> {
        let account = self.holdings.accounts.iter().find(|a| a.key == key)?;
        Some(Linked::new(self.id("account", key), Some(Label::new(&account.name))))
    }

    fn page<T>(&self, rows: Vec<T>, page: &Fetch) -> Result<Rows<T>> {
        let count = rows.len();
        let start: usize = page.token.as_deref().map_or(Ok(0), str::parse).map_err(|_| missing("page"))?;
        let rows: Vec<_> = rows.into_iter().skip(start).take(page.limit as usize).collect();
        let end = start + rows.len();
        Ok(Rows {
            rows,
            next: (end < count).then(|| end.to_string()),
            total: self.able.total.then_some(Total { count: count as u64, kind: Count::Exact }),
            as_of: self.now,
        })
    }

    /// Whether `owner`, a handle, is the person of that name.
    fn owns(&self, owner: Option<&String>, shown: Option<&Label>) -> bool {
        owner.is_none_or(|handle| shown.is_some() && self.name(Some(handle)).as_ref() == shown)
    }

    fn accounts_of(&self, q: &AccountQuery) -> Vec<Account> {
        let mut rows: Vec<Account> = self.holdings.accounts.iter().map(|a| self.account_of(a)).collect();
        rows.retain(|a| {
            let contact = |email: &String| {
                self.holdings.contacts.iter().any(|c| {
                    c.email.as_ref() == Some(email) && a.id.native() == format!("account/{}", c.account)
                })
            };
            (q.ids.is_empty() || q.ids.iter().any(|id| id == a.id.native()))
                && q.name.as_ref().is_none_or(|name| says(a.name.as_str(), name))
                && q.domain.as_ref().is_none_or(|d| a.keys.domain.as_ref() == Some(d))
                && q.contact_email.as_ref().is_none_or(contact)
                && self.owns(q.owner.as_ref(), a.owner.as_ref())
                && q.segment
                    .as_ref()
                    .is_none_or(|s| a.segment.as_ref().is_some_and(|is| is.as_str().eq_ignore_ascii_case(s)))
                && q.has_open_opportunities.is_none_or(|wanted| (a.open_opportunities > Some(0)) == wanted)
                && q.renewal_before.is_none_or(|before| a.renewal.is_some_and(|day| day.0 < before))
                && q.where_empty.is_none_or(|gap| match gap {
                    AccountGap::Owner => a.owner.is_none(),
                    AccountGap::Domain => a.keys.domain.is_none(),
                    AccountGap::Segment => a.segment.is_none(),
                })
        });
        for account in rows.iter_mut().filter(|_| !q.full) {
            (account.description, account.industry, account.location) = (None, None, None);
        }
        rows.sort_by(|a, b| listing::by_name(a).cmp(&listing::by_name(b)));
        rows
    }

    fn opportunities_of(&self, q: &OpportunityQuery) -> Vec<Opportunity> {
        let mut rows = self.lock().opportunities.clone();
        rows.retain(|o| {
            let worth = |min: tool::Money| {
                o.amount.is_some_and(|a| a.currency == min.currency && a.amount >= min.amount)
            };
            o.standing == Standing::Open
                && (q.ids.is_empty() || q.ids.iter().any(|id| id == o.id.native()))
                && of_account(q.account.as_ref(), o.account.as_ref())
                && self.owns(q.owner.as_ref(), o.owner.as_ref())
                && q.stage.as_ref().is_none_or(|s| o.stage.as_str().eq_ignore_ascii_case(s))
                && q.min_amount.is_none_or(worth)
                && q.close_before.is_none_or(|day| o.close.is_some_and(|close| close.0 < day))
                && q.stale_since
                    .is_none_or(|since| o.last_activity.or(o.updated).is_some_and(|at| at.0 < since))
                && q.where_empty.is_none_or(|gap| match gap {
                    OpportunityGap::Owner => o.owner.is_none(),
                    OpportunityGap::Amount => o.amount.is_none(),
                    OpportunityGap::CloseDate => o.close.is_none(),
                    OpportunityGap::NextStep => o.next_step.is_none(),
                })
        });
        for opportunity in rows.iter_mut().filter(|_| !q.full) {
            (opportunity.next_step, opportunity.forecast) = (None, None);
        }
        rows.sort_by(|a, b| listing::soonest_close(a).cmp(&listing::soonest_close(b)));
        rows
    }

    fn activities_of(&self, q: &ActivityQuery) -> Vec<Activity> {
        let mut rows: Vec<Activity> = self.lock().activities.iter().map(|(a, _)| a.clone()).collect();
        rows.retain(|a| {
            q.about.as_ref().is_none_or(|about| a.about.iter().any(|linked| linked.is(about)))
                && (q.kinds.is_empty() || q.kinds.contains(&a.kind))
                && q.after.is_none_or(|t| a.at.0 >= t)
                && q.before.is_none_or(|t| a.at.0 < t)
        });
        rows.sort_by(|a, b| listing::newest(a).cmp(&listing::newest(b)));
        rows
    }

    fn renewals_of(&self, q: &RenewalQuery) -> Vec<Renewal> {
        let active = self.holdings.renewals.iter().filter(|r| r.status == "active");
        let mut rows: Vec<Renewal> = active.map(|r| self.renewal_of(r)).collect();
        rows.retain(|r| {
            let worth = |min: tool::Money| {
                r.value.is_some_and(|v| v.currency == min.currency && v.amount >= min.amount)
            };
            r.due >= Day(q.from)
                && q.before.is_none_or(|before| r.due.0 < before)
                && q.min_value.is_none_or(worth)
                && self.owns(q.owner.as_ref(), r.owner.as_ref())
                && of_account(q.account.as_ref(), r.account.as_ref())
        });
        rows.sort_by(|a, b| listing::soonest_due(a).cmp(&listing::soonest_due(b)));
        rows
    }

    fn cases_of(&self, q: &CaseQuery) -> Vec<CustomerCase> {
        let mut rows: Vec<CustomerCase> = self.holdings.cases.iter().map(|c| self.case_of(c)).collect();
        rows.retain(|c| {
            (q.ids.is_empty() || q.ids.iter().any(|id| id == c.id.native()))
                && of_account(q.account.as_ref(), c.account.as_ref())
                && q.state.is_none_or(|state| c.state == state)
                && (!q.unclosed || c.state != CaseState::Closed)
                && q.severity.is_none_or(|severity| c.severity == Some(severity))
                && q.opened_before.is_none_or(|t| c.opened.0 < t)
        });
        for case in &mut rows {
            case.description = case.description.take().filter(|_| q.full);
            case.comments.truncate(if q.full { CaseQuery::COMMENTS } else { 0 });
        }
        rows.sort_by(|a, b| listing::newest_opened(a).cmp(&listing::newest_opened(b)));
        rows
    }

    /// Names by which a record answers, the first being its label.
    fn names(&self, noun: Noun) -> Vec<(RecordId, Vec<(String, MatchedBy)>)> {
        let named = |name: &str| (name.to_owned(), MatchedBy::Name);
        let key = |key: &Option<String>, by| key.clone().map(|k| (k, by));
        match noun {
            Noun::Account => {
                let names = |a: &company::Account| {
                    let keys = [
                        Some((a.domain.clone(), MatchedBy::Domain)),
                        key(&a.erp_customer, MatchedBy::ErpCustomer),
                        key(&a.billing_customer, MatchedBy::BillingCustomer),
                    ];
                    std::iter::once(named(&a.name)).chain(keys.into_iter().flatten()).collect()
                };
                self.holdings.accounts.iter().map(|a| (self.id("account", &a.key), names(a))).collect()
            }
            Noun::Contact => {
                let names = |c: &company::Contact| {
                    let name = named(&format!("{} {}", c.first_name, c.last_name));
                    std::iter::once(name).chain(key(&c.email, MatchedBy::Id)).collect()
                };
                self.holdings.contacts.iter().map(|c| (self.id("contact", &c.key), names(c))).collect()
            }
            Noun::Opportunity => self
                .lock()
                .opportunities
                .iter()
                .map(|o| (o.id.clone(), vec![named(o.name.as_str())]))
                .collect(),
            Noun::Case => {
                let names = |c: &company::Case| vec![named(&c.subject), (c.key.clone(), MatchedBy::Id)];
                self.holdings.cases.iter().map(|c| (self.id("case", &c.key), names(c))).collect()
            }
        }
    }

    fn find(&self, noun: Noun, text: &str) -> Vec<Called> {
        let called = |(id, names): (RecordId, Vec<(String, MatchedBy)>)| {
            let label = names.first().map(|(name, _)| name.clone()).unwrap_or_default();
            let matched =
                names.iter().find(|(name, _)| name.to_lowercase() == text.to_lowercase()).map(|(_, by)| *by);
            let url = self.url(&id);
            (matched.is_some() || says(&label, text)).then(|| Called {
                id: id.native().to_owned(),
                label,
                url,
                matched,
            })
        };
        let mut found: Vec<Called> = self.names(noun).into_iter().filter_map(called).collect();
        found.sort_by_key(|c| c.matched.is_none());
        found.truncate(10);
        found
    }

    fn add(
        &self,
        kind: ActivityKind,
        about: &str,
        mark: &Mark,
        fill: impl FnOnce(&mut Activity),
    ) -> Result<Activity> {
        let name = self.known(about)?;
        let mut shelf = self.lock();
        shelf.clock += 1;
        let mut activity = Activity {
            id: self.id("activity", &format!("new-{}", shelf.clock)),
            kind,
            subject: Label::default(),
            at: Moment(self.now),
            owner: self.name(Some(&"sandbox".to_owned())),
            about: vec![Linked::new(RecordId::new(&*self.source, about), name)],
            due: None,
            done: None,
            minutes: None,
            url: None,
            as_of: Some(Moment(self.now)),
            text: None,
        };
        fill(&mut activity);
        let marks = std::iter::once(mark.operation.clone()).chain(mark.external_key.clone()).collect();
        shelf.activities.push((activity.clone(), marks));
        Ok(activity)
    }

    /// The name of a record of any noun, by native id.
    fn known(&self, native: &str) -> Result<Option<Label>> {
        let of = |noun: &Noun| {
            let (_, names) = self.names(*noun).into_iter().find(|(id, _)| id.native() == native)?;
            let label = names.first().map(|(name, _)| Label::new(name));
            Some(if *noun == Noun::Contact { label.map(Label::of_person) } else { label })
        };
        Noun::ALL.iter().find_map(of).ok_or_else(|| missing(native))
    }

    fn contacts_of(&self, account: &str) -> Vec<Contact> {
        let of = |c: &&company::Contact| format!("account/{}", c.account) == account;
        let mut rows: Vec<Contact> =
            self.holdings.contacts.iter().filter(of).map(|c| self.contact_of(c)).collect();
        rows.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        rows
    }

    fn refuse(&self, filters: &[(bool, &str)]) -> Result<()> {
        match filters.iter().find(|(refused, _)| *refused) {
            Some((_, filter)) => {
                Err(Error::new(Code::UnsupportedFilter, format!("cannot filter by {filter}")))
            }
            None => Ok(()),
        }
    }
}

fn missing(id: &str) -> Error {
    Error::new(Code::NotFound, format!("there is no `{id}`"))
}

/// Whether all words of `wanted` stand in `text`, case aside.
fn says(text: &str, wanted: &str) -> bool {
    let text = text.to_lowercase();
    wanted.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

fn of_account(wanted: Option<&String>, account: Option<&Linked>) -> bool {
    wanted.is_none_or(|native| account.is_some_and(|linked| linked.is(native)))
}

impl AccountBook for Memory {
    fn able(&self) -> Able {
        self.able
    }

    fn recognize(&self, nouns: &[Noun], reference: &str) -> Option<String> {
        let prefix = format!("https://{}.example/", self.source);
        let bare = reference.strip_prefix(&prefix).unwrap_or(reference);
        let (noun, key) = bare.split_once('/')?;
        let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (plain && nouns.iter().any(|n| n.word() == noun)).then(|| bare.to_owned())
    }

    fn called<'a>(&'a self, _: &'a Cx, noun: Noun, text: &'a str) -> BoxFuture<'a, Result<Vec<Called>>> {
        Box::pin(async move { Ok(self.find(noun, text)) })
    }

    fn people<'a>(&'a self, _: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>> {
        let wanted = text.to_lowercase();
        let is = |p: &&company::Person| {
            [&p.handle, &p.name, &p.email].iter().any(|known| known.to_lowercase() == wanted)
        };
        let person = |p: &company::Person| Person {
            id: p.handle.clone(),
            name: Label::new(&p.name),
            email: Some(p.email.clone()),
        };
        let found = self.holdings.people.iter().filter(is).map(person).collect();
        Box::pin(async { Ok(found) })
    }

    fn accounts<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a AccountQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Account>>> {
        Box::pin(async move {
            self.refuse(&[
                (query.segment.is_some() && !self.able.segment, "segment"),
                (query.renewal_before.is_some() && !self.able.account_renewal, "renewal_before"),
                (query.where_empty.is_some_and(|g| !self.able.account_empty.contains(&g)), "where_empty"),
            ])?;
            self.page(self.accounts_of(query), &page)
        })
    }

    fn brief<'a>(
        &'a self,
        cx: &'a Cx,
        account: &'a str,
        want: &'a BriefWant,
    ) -> BoxFuture<'a, Result<AccountBrief>> {
        Box::pin(async move {
            let query = AccountQuery { ids: vec![account.to_owned()], full: true, ..AccountQuery::default() };
            let found = self.accounts_of(&query).pop().ok_or_else(|| missing(account))?;
            let page = Fetch { token: None, limit: want.rows };
            let contacts = self.page(self.contacts_of(account), &page);
            brief::of_lists(self, cx, found, want, Box::pin(async { contacts })).await
        })
    }

    fn opportunities<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a OpportunityQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Opportunity>>> {
        Box::pin(async move {
            let empty = query.where_empty.is_some_and(|g| !self.able.opportunity_empty.contains(&g));
            self.refuse(&[(empty, "where_empty")])?;
            let known = |stage: &String| STAGES.iter().any(|(name, _)| name.eq_ignore_ascii_case(stage));
            if query.stage.as_ref().is_some_and(|stage| !known(stage)) {
                let names = STAGES.iter().map(|(name, _)| (*name).to_owned());
                return Err(Error::invalid("stage", "there is no such stage").allowed(names));
            }
            self.page(self.opportunities_of(query), &page)
        })
    }

    fn opportunity<'a>(&'a self, _: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Opportunity>> {
        let found = self.lock().opportunities.iter().find(|o| o.id.native() == id).cloned();
        Box::pin(async move { found.ok_or_else(|| missing(id)) })
    }

    fn pipeline<'a>(&'a self, _: &'a Cx, query: &'a PipelineQuery) -> BoxFuture<'a, Result<Shares>> {
        Box::pin(async move {
            self.refuse(&[(query.group_by == GroupBy::Forecast && !self.able.forecast, "forecast")])?;
            let mut shares: Vec<Share> = Vec::new();
            let within = |o: &&Opportunity| {
                o.close.is_some_and(|close| close.0 >= query.from && close.0 < query.before)
            };
            for opportunity in self.lock().opportunities.iter().filter(within) {
                let group = match query.group_by {
                    GroupBy::Stage => Some(&opportunity.stage),
                    GroupBy::Owner => opportunity.owner.as_ref(),
                    GroupBy::Forecast => opportunity.forecast.as_ref(),
                };
                let group = group.map(Label::to_string);
                let same = |s: &&mut Share| s.standing == opportunity.standing && s.group == group;
                let share = match shares.iter_mut().find(same) {
                    Some(share) => share,
                    None => {
                        let standing = opportunity.standing;
                        shares.push(Share { standing, group, count: 0, totals: Totals::default() });
                        shares.last_mut().ok_or_else(|| missing("share"))?
                    }
                };
                share.count += 1;
                opportunity.amount.into_iter().for_each(|amount| share.totals.add(amount));
            }
            Ok(Shares { shares, complete: true, as_of: self.now })
        })
    }

    fn activities<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a ActivityQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Activity>>> {
        Box::pin(async move {
            let unable = query.kinds.iter().any(|kind| !self.able.activities.contains(kind));
            self.refuse(&[(unable, "this kind")])?;
            self.page(self.activities_of(query), &page)
        })
    }

    fn renewals<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a RenewalQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Renewal>>> {
        Box::pin(async move {
            if !self.able.renewals {
                return Err(Error::new(Code::Unsupported, "keeps no renewals"));
            }
            self.refuse(&[(query.min_value.is_some() && !self.able.renewal_value, "min_value")])?;
            self.page(self.renewals_of(query), &page)
        })
    }

    fn cases<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a CaseQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<CustomerCase>>> {
        Box::pin(async move {
            self.refuse(&[(query.severity.is_some() && !self.able.severity, "severity")])?;
            self.page(self.cases_of(query), &page)
        })
    }

    fn stages<'a>(&'a self, _: &'a Cx, _: &'a str) -> BoxFuture<'a, Result<Vec<Stage>>> {
        let stage = |(name, standing): &(&str, Standing)| Stage {
            id: name.to_lowercase(),
            name: (*name).to_owned(),
            standing: *standing,
            probability: None,
            forecast: None,
        };
        Box::pin(async move { Ok(STAGES.iter().map(stage).collect()) })
    }

    fn change_stage<'a>(
        &'a self,
        _: &'a Cx,
        id: &'a str,
        change: &'a StageChange,
        expected: Option<Timestamp>,
    ) -> BoxFuture<'a, Result<Changed>> {
        Box::pin(async move {
            let mut shelf = self.lock();
            shelf.clock += 1;
            let stamp = self.now + SignedDuration::from_secs(shelf.clock);
            let found = shelf.opportunities.iter_mut().find(|o| o.id.native() == id);
            let opportunity = found.ok_or_else(|| missing(id))?;
            if expected.is_some_and(|at| opportunity.changed_after(at)) {
                return Err(Error::new(Code::Conflict, "the opportunity changed since it was read"));
            }
            change.amount.map_or(Ok(()), |amount| opportunity.takes(amount))?;
            let before = opportunity.clone();
            *opportunity = change.applied(&before);
            opportunity.updated = Some(Moment(stamp));
            Ok(Changed { before, after: opportunity.clone() })
        })
    }

    fn log_activity<'a>(
        &'a self,
        _: &'a Cx,
        new: &'a NewActivity,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Activity>> {
        let added = self.add(new.kind, &new.about, mark, |activity| {
            activity.subject = Label::new(&new.subject);
            activity.text = new.text.as_deref().map(show::internal);
            activity.at = Moment(new.at);
            activity.minutes = new.minutes;
        });
        Box::pin(async { added })
    }

    fn schedule<'a>(
        &'a self,
        _: &'a Cx,
        new: &'a NewFollowUp,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Activity>> {
        let added = self.add(ActivityKind::Task, &new.about, mark, |task| {
            task.subject = Label::new(&new.subject);
            task.text = new.text.as_deref().map(show::internal);
            task.due = Some(Day(new.due));
            task.done = Some(false);
            task.owner = self.name(new.owner.as_ref()).or(task.owner.take());
        });
        Box::pin(async { added })
    }

    fn find_marked<'a>(
        &'a self,
        _: &'a Cx,
        kind: ActivityKind,
        about: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Activity>>> {
        let wanted = mark.external_key.as_ref().unwrap_or(&mark.operation);
        let is = |(activity, marks): &&(Activity, Vec<String>)| {
            let concerns = activity.about.iter().any(|linked| linked.is(about));
            activity.kind == kind && concerns && marks.contains(wanted)
        };
        let found = self.lock().activities.iter().find(is).map(|(activity, _)| activity.clone());
        Box::pin(async { Ok(found) })
    }
}
