//! The account brief: one request for the company and the ids of what it is associated with, then the records
//! themselves in batches, all at once. A search is spent on it only where there are more than HubSpot tells with it.

use call::Cx;
use error::{Code, Error, Result};
use futures::future::try_join_all;
use jiff::Timestamp;
use tool::Fetch;

use super::HubSpot;
use super::api::Object;
use super::cases::ticket_properties;
use super::lists::{CONTACT, deal_properties};
use super::map::{self, Lens, Named};
use super::relations::newest;
use super::wire::{Found, Record};
use crate::book::{ActivityQuery, BriefWant, CaseQuery, OpportunityQuery, RenewalQuery};
use crate::model::{
    AccountBrief, Activity, CaseState, Contact, CustomerCase, Opportunity, Renewal, Section, Standing,
    Unavailable,
};
use crate::{brief, listing};

/// Associated records of a kind that are read, the newest; HubSpot's batch.
const NEWEST: usize = 100;

/// Activities of a kind that are read.
const NEWEST_ACTIVITIES: usize = 30;

/// The company, and the ids of what it is associated with.
struct Core<'l, 'a> {
    lens: &'l Lens<'a>,
    company: Named,
    record: &'l Record<'l>,
    /// The record came with the ids: the key may see all kinds that were asked for.
    with_ids: bool,
}

/// The kinds of records that a section is made of.
const fn objects(section: Section) -> &'static [Object] {
    match section {
        Section::Profile => &[],
        Section::Contacts => &[Object::Contact],
        Section::Opportunities | Section::Renewals => &[Object::Deal],
        Section::Activity => &Object::ACTIVITIES,
        Section::Cases => &[Object::Ticket],
    }
}

impl Core<'_, '_> {
    /// Of a kind there are more than came with the company, which are the oldest.
    fn has_more(&self, object: Object) -> bool {
        self.with_ids && !self.record.associated(object.plural()).1
    }

    fn native(&self) -> String {
        super::native(Object::Company, &self.company.id)
    }
}

impl HubSpot {
    pub(super) async fn brief_on(&self, cx: &Cx, native: &str, want: &BriefWant) -> Result<AccountBrief> {
        let id = super::id_of(Object::Company, native)?;
        let lens = Lens::new(&self.hub, cx).await?;
        let mut kinds: Vec<Object> = want.sections.iter().flat_map(|s| objects(*s)).copied().collect();
        kinds.sort_unstable();
        kinds.dedup();
        let kinds = kinds.iter().map(|object| object.plural()).collect::<Vec<_>>().join(",");
        let properties = self.company_properties(true).join(",");
        let alone = self.hub.api.record(Object::Company, id).query("properties", properties);
        let with_ids = match kinds.is_empty() {
            true => alone.clone(),
            false => alone.clone().query("associations", kinds),
        };
        let (reply, with_ids) = match self.hub.send(cx, with_ids).await {
            // For one of the kinds, perhaps: each section finds out for itself.
            Err(error) if error.code() == Code::Permission => (self.hub.send(cx, alone).await?, false),
            reply => (reply?, true),
        };
        let record: Record<'_> = reply.json()?;
        let account = lens.account(&record, true);
        let company = Named { id: id.to_owned(), name: account.name.to_string() };
        let core = Core { lens: &lens, company, record: &record, with_ids };
        let wants = |section| want.sections.contains(&section);
        let (contacts, deals, activity, cases) = futures::join!(
            when(wants(Section::Contacts), self.contacts(cx, &core)),
            when(wants(Section::Opportunities) || wants(Section::Renewals), self.business(cx, &core, want)),
            when(wants(Section::Activity), self.activity(cx, &core, want)),
            when(wants(Section::Cases), self.tickets(cx, &core, want)),
        );
        let mut missing: Vec<Unavailable> = Vec::new();
        let business = |section: Section| deals.as_ref().filter(|_| wants(section)).map(Result::as_ref);
        let opportunities =
            business(Section::Opportunities).map(|d| d.map(|d| d.0.clone()).map_err(Clone::clone));
        let renewals = business(Section::Renewals).map(|d| match d {
            Ok((_, Some(renewals))) => Ok(renewals.clone()),
            Ok((_, None)) => Err(Error::new(Code::Unsupported, "no renewals are mapped")),
            Err(error) => Err(error.clone()),
        });
        let most = want.rows as usize;
        let mut made = AccountBrief {
            account,
            contacts: brief::kept(Section::Contacts, contacts, &mut missing),
            opportunities: brief::kept(Section::Opportunities, opportunities, &mut missing),
            activity: brief::kept(Section::Activity, activity, &mut missing),
            cases: brief::kept(Section::Cases, cases, &mut missing),
            renewals: brief::kept(Section::Renewals, renewals, &mut missing),
            unavailable: missing,
            truncated: false,
            omitted: None,
        };
        made.contacts.iter_mut().for_each(|rows| rows.truncate(most));
        made.opportunities.iter_mut().for_each(|rows| rows.truncate(most));
        made.activity.iter_mut().for_each(|rows| rows.truncate(most));
        made.cases.iter_mut().for_each(|rows| rows.truncate(most));
        made.renewals.iter_mut().for_each(|rows| rows.truncate(most));
        Ok(made)
    }

    /// The ids of the newest records of a kind that the company is associated with, and whether these are all.
    async fn ids(
        &self,
        cx: &Cx,
        core: &Core<'_, '_>,
        object: Object,
        most: usize,
    ) -> Result<(Vec<String>, bool)> {
        let (mut ids, all) = match core.with_ids {
            true => core.record.associated(object.plural()),
            false => (self.all_ids(cx, core, object).await?, true),
        };
        let all = all && ids.len() <= most;
        ids.truncate(most);
        Ok((ids, all))
    }

    /// The same of every record of a kind, page by page.
    async fn all_ids(&self, cx: &Cx, core: &Core<'_, '_>, object: Object) -> Result<Vec<String>> {
        let company = std::slice::from_ref(&core.company.id);
        let related = self.related(cx, Object::Company, object, company).await?;
        Ok(related.values().flat_map(|to| newest(to, usize::MAX)).collect())
    }

    async fn contacts(&self, cx: &Cx, core: &Core<'_, '_>) -> Result<Vec<Contact>> {
        let mut ids = match core.has_more(Object::Contact) {
            true => self.all_ids(cx, core, Object::Contact).await?,
            false => self.ids(cx, core, Object::Contact, NEWEST).await?.0,
        };
        ids.truncate(NEWEST);
        let mut rows = Vec::new();
        for reply in self.hub.batch(cx, Object::Contact, &ids, CONTACT).await? {
            let found: Found<'_> = reply.json()?;
            rows.extend(found.results.iter().map(|record| core.lens.contact(record)));
        }
        rows.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(rows)
    }

    /// Open opportunities, and renewals to come if there is a pipeline for them.
    async fn business(
        &self,
        cx: &Cx,
        core: &Core<'_, '_>,
        want: &BriefWant,
    ) -> Result<(Vec<Opportunity>, Option<Vec<Renewal>>)> {
        let today = map::date(cx.now());
        let (mut opportunities, mut renewals) = (Vec::new(), Vec::new());
        let (ids, all) = self.ids(cx, core, Object::Deal, NEWEST).await?;
        for reply in self.hub.batch(cx, Object::Deal, &ids, &deal_properties(true)).await? {
            let found: Found<'_> = reply.json()?;
            for record in &found.results {
                match core.lens.deal_stage(record) {
                    Some(stage) if stage.standing == Standing::Open && stage.renews => {
                        renewals.extend(core.lens.renewal(record, Some(&core.company)));
                    }
                    Some(stage) if stage.standing == Standing::Open => {
                        opportunities.push(core.lens.opportunity(record, Some(&core.company), true));
                    }
                    _ => {}
                }
            }
        }
        let kept = core.lens.deal_stages.iter().any(|stage| stage.renews);
        if !all {
            // Deals that are older than a hundred others may still be open.
            let native = core.native();
            let page = Fetch { token: None, limit: want.rows };
            if kept {
                let account = Some(native.clone());
                let query = RenewalQuery { account, from: today, ..RenewalQuery::default() };
                renewals = self.find_renewals(cx, &query, &page).await?.rows;
            }
            let query = OpportunityQuery { account: Some(native), full: true, ..OpportunityQuery::default() };
            opportunities = self.find_opportunities(cx, &query, &page).await?.rows;
        }
        opportunities.sort_by(|a, b| listing::soonest_close(a).cmp(&listing::soonest_close(b)));
        renewals.retain(|renewal: &Renewal| renewal.due.0 >= today);
        renewals.sort_by(|a, b| listing::soonest_due(a).cmp(&listing::soonest_due(b)));
        Ok((opportunities, kept.then_some(renewals)))
    }

    async fn activity(&self, cx: &Cx, core: &Core<'_, '_>, want: &BriefWant) -> Result<Vec<Activity>> {
        if Object::ACTIVITIES.into_iter().any(|object| core.has_more(object)) {
            let (about, after) = (Some(core.native()), Some(want.since));
            let query = ActivityQuery { about, after, ..ActivityQuery::default() };
            let page = Fetch { token: None, limit: want.rows };
            return Ok(self.find_activities(cx, &query, &page).await?.rows);
        }
        let of = |object: Object| async move {
            let (ids, _) = self.ids(cx, core, object, NEWEST_ACTIVITIES).await?;
            let mut rows = Vec::new();
            for reply in self.hub.batch(cx, object, &ids, &super::activities::properties(object)).await? {
                let found: Found<'_> = reply.json()?;
                let about = || vec![core.lens.linked(Object::Company, &core.company)];
                rows.extend(found.results.iter().map(|record| core.lens.activity(object, record, about())));
            }
            Ok::<_, Error>(rows)
        };
        let kinds = try_join_all(Object::ACTIVITIES.map(of)).await?;
        let since = |at: Timestamp| at >= want.since;
        let mut rows: Vec<Activity> = kinds.into_iter().flatten().filter(|row| since(row.at.0)).collect();
        rows.sort_by(|a, b| listing::newest(a).cmp(&listing::newest(b)));
        Ok(rows)
    }

    async fn tickets(&self, cx: &Cx, core: &Core<'_, '_>, want: &BriefWant) -> Result<Vec<CustomerCase>> {
        let lens = Lens::for_tickets(&self.hub, cx).await?;
        let (ids, all) = self.ids(cx, core, Object::Ticket, NEWEST).await?;
        if !all {
            // Tickets that are older than a hundred others may still be open.
            let query = CaseQuery { account: Some(core.native()), unclosed: true, ..CaseQuery::default() };
            let page = Fetch { token: None, limit: want.rows };
            return Ok(self.find_cases(cx, &query, &page).await?.rows);
        }
        let mut rows = Vec::new();
        for reply in self.hub.batch(cx, Object::Ticket, &ids, &ticket_properties(true)).await? {
            let found: Found<'_> = reply.json()?;
            rows.extend(found.results.iter().map(|r| lens.case(r, Some(&core.company), true)));
        }
        rows.retain(|case: &CustomerCase| case.state != CaseState::Closed);
        rows.sort_by(|a, b| listing::newest_opened(a).cmp(&listing::newest_opened(b)));
        Ok(rows)
    }
}

/// Asks if it is wanted.
async fn when<T>(wanted: bool, ask: impl Future<Output = Result<T>>) -> Option<Result<T>> {
    match wanted {
        true => Some(ask.await),
        false => None,
    }
}
