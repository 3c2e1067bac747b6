//! Lists of accounts, opportunities and renewals.

use call::Cx;
use error::{Code, Error, Result};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tool::{Count, Fetch, Money, Rows, Total};

use super::HubSpot;
use super::api::Object;
use super::hub::{self, Hunt, Stage};
use super::map::{self, Lens};
use super::query::{self, Conditions, Filter, Sort};
use super::wire::{Found, Record};
use crate::book::{AccountQuery, OpportunityQuery, RenewalQuery};
use crate::listing;
use crate::model::{Account, AccountGap, Opportunity, OpportunityGap, Renewal, Standing};

/// Properties of a company in a row, and those that a full one has besides.
const COMPANY: &[&str] = &["name", "domain", "hubspot_owner_id", "hs_num_open_deals", "notes_last_updated"];
const COMPANY_FULL: &[&str] = &["industry", "city", "country", "description"];

/// Properties of a contact.
pub(super) const CONTACT: &[&str] =
    &["firstname", "lastname", "email", "phone", "jobtitle", "notes_last_updated"];

/// Properties of a deal in a row, and those that a full one has besides.
const DEAL: &[&str] = &[
    "dealname",
    "dealstage",
    "amount",
    "deal_currency_code",
    "closedate",
    "hubspot_owner_id",
    "notes_last_updated",
    "closed_lost_reason",
];
const DEAL_FULL: &[&str] =
    &["hs_deal_stage_probability", "hs_manual_forecast_category", "hs_next_step", "description"];

pub(super) fn deal_properties(full: bool) -> Vec<&'static str> {
    both(DEAL, DEAL_FULL, full)
}

pub(super) fn both(row: &[&'static str], more: &[&'static str], full: bool) -> Vec<&'static str> {
    row.iter().chain(more.iter().filter(|_| full)).copied().collect()
}

/// A page of a search, as the port returns it, before it is known what the rows are.
pub(super) struct Window {
    offset: u64,
    count: usize,
    total: u64,
}

impl Window {
    pub(super) fn of(offset: u64, found: &Found<'_>) -> Self {
        Self { offset, count: found.results.len(), total: found.total.unwrap_or(0) }
    }

    /// The port's page of these rows. `exact` unless rows were left out that HubSpot counted.
    pub(super) fn rows<T>(&self, rows: Vec<T>, cx: &Cx, exact: bool) -> Rows<T> {
        let end = self.offset + self.count as u64;
        Rows {
            rows,
            next: (end < self.total && self.count > 0).then(|| end.to_string()),
            total: exact.then_some(Total { count: self.total, kind: Count::Exact }),
            as_of: cx.now(),
        }
    }
}

/// A list without rows.
pub(super) fn nothing<T>(cx: &Cx) -> Rows<T> {
    Window { offset: 0, count: 0, total: 0 }.rows(Vec::new(), cx, true)
}

impl HubSpot {
    /// Properties of a company that are asked for.
    pub(super) fn company_properties(&self, full: bool) -> Vec<&str> {
        both(COMPANY, COMPANY_FULL, full).into_iter().chain(self.hub.mapping.company_properties()).collect()
    }

    pub(super) async fn find_accounts(
        &self,
        cx: &Cx,
        q: &AccountQuery,
        page: &Fetch,
    ) -> Result<Rows<Account>> {
        let lens = Lens::new(&self.hub, cx).await?;
        let Some(conditions) = self.account_conditions(cx, &lens, q).await? else { return Ok(nothing(cx)) };
        let offset = hub::offset(page)?;
        let hunt = Hunt {
            object: Object::Company,
            conditions: &conditions,
            sort: Sort::ascending("name"),
            properties: &self.company_properties(q.full),
            limit: page.limit,
            offset,
        };
        let reply = self.hub.search(cx, &hunt).await?;
        let found: Found<'_> = reply.json()?;
        let mut rows: Vec<Account> = found.results.iter().map(|r| lens.account(r, q.full)).collect();
        rows.retain(|a| q.name.as_ref().is_none_or(|name| query::says(a.name.as_str(), name)));
        rows.sort_by(|a, b| listing::by_name(a).cmp(&listing::by_name(b)));
        let exact = rows.len() == found.results.len();
        Ok(Window::of(offset, &found).rows(rows, cx, exact))
    }

    /// `None` where nothing can match.
    async fn account_conditions(
        &self,
        cx: &Cx,
        lens: &Lens<'_>,
        q: &AccountQuery,
    ) -> Result<Option<Conditions>> {
        let mapping = &self.hub.mapping;
        let mut conditions = Conditions::none();
        conditions.and_all(ids(Object::Company, &q.ids)?);
        if let Some(name) = &q.name {
            let Some(words) = query::words("name", name) else { return Ok(None) };
            conditions.and_all(words);
        }
        conditions.and_all(q.domain.as_deref().map(|domain| Filter::eq("domain", domain)));
        conditions.and_all(q.owner.as_deref().map(|owner| Filter::eq("hubspot_owner_id", owner)));
        if let Some(email) = &q.contact_email {
            let companies = self.companies_of_contact(cx, email).await?;
            if companies.is_empty() {
                return Ok(None);
            }
            conditions.and(Filter::one_of("hs_object_id", companies));
        }
        if let Some(wanted) = &q.segment {
            let property = mapping.segment.as_deref().ok_or_else(|| unable("segment"))?;
            conditions.and(Filter::eq(property, choice(lens, wanted)?));
        }
        match q.has_open_opportunities {
            Some(true) => conditions.and(Filter::gt("hs_num_open_deals", 0)),
            Some(false) => conditions.and_either(vec![
                vec![Filter::eq("hs_num_open_deals", "0")],
                vec![Filter::is_empty("hs_num_open_deals")],
            ]),
            None => {}
        }
        if let Some(before) = q.renewal_before {
            let property = mapping.renewal_date.as_deref().ok_or_else(|| unable("renewal_before"))?;
            conditions.and(Filter::gte(property, midnight(map::date(cx.now()))?));
            conditions.and(Filter::lt(property, midnight(before)?));
        }
        if let Some(gap) = q.where_empty {
            let property = match gap {
                AccountGap::Owner => "hubspot_owner_id",
                AccountGap::Domain => "domain",
                AccountGap::Segment => {
                    mapping.segment.as_deref().ok_or_else(|| unable("where_empty segment"))?
                }
            };
            conditions.and(Filter::is_empty(property));
        }
        Ok(Some(conditions))
    }

    /// The ids of the companies of a contact.
    async fn companies_of_contact(&self, cx: &Cx, email: &str) -> Result<Vec<String>> {
        let mut conditions = Conditions::none();
        conditions.and(Filter::eq("email", email));
        let hunt = Hunt {
            object: Object::Contact,
            conditions: &conditions,
            sort: Sort::ascending("hs_object_id"),
            properties: &["email"],
            limit: 10,
            offset: 0,
        };
        let reply = self.hub.search(cx, &hunt).await?;
        let found: Found<'_> = reply.json()?;
        let contacts: Vec<String> = found.results.iter().map(|r| r.id.to_string()).collect();
        let related = self.related(cx, Object::Contact, Object::Company, &contacts).await?;
        Ok(related.into_values().flatten().map(|to| to.id).collect())
    }

    pub(super) async fn find_opportunities(
        &self,
        cx: &Cx,
        q: &OpportunityQuery,
        page: &Fetch,
    ) -> Result<Rows<Opportunity>> {
        let lens = Lens::new(&self.hub, cx).await?;
        let mut conditions = Conditions::none();
        conditions.and(open_in(&lens, q.stage.as_deref())?);
        conditions.and_all(ids(Object::Deal, &q.ids)?);
        conditions.and_all(of_account(q.account.as_deref())?);
        conditions.and_all(q.owner.as_deref().map(|owner| Filter::eq("hubspot_owner_id", owner)));
        worth(&mut conditions, &lens, q.min_amount);
        if let Some(before) = q.close_before {
            conditions.and(Filter::lt("closedate", midnight(before)?));
        }
        if let Some(since) = q.stale_since {
            let since = since.as_millisecond();
            conditions.and_either(vec![
                vec![Filter::lt("notes_last_updated", since)],
                vec![Filter::is_empty("notes_last_updated"), Filter::lt("createdate", since)],
            ]);
        }
        conditions.and_all(q.where_empty.map(|gap| {
            Filter::is_empty(match gap {
                OpportunityGap::Owner => "hubspot_owner_id",
                OpportunityGap::Amount => "amount",
                OpportunityGap::CloseDate => "closedate",
                OpportunityGap::NextStep => "hs_next_step",
            })
        }));
        self.deals(cx, &conditions, page, &deal_properties(q.full), |record, company| {
            Some(lens.opportunity(record, company, q.full))
        })
        .await
        .map(|mut rows| {
            rows.rows.sort_by(|a, b| listing::soonest_close(a).cmp(&listing::soonest_close(b)));
            rows
        })
    }

    pub(super) async fn find_renewals(
        &self,
        cx: &Cx,
        q: &RenewalQuery,
        page: &Fetch,
    ) -> Result<Rows<Renewal>> {
        let lens = Lens::new(&self.hub, cx).await?;
        let stages = open_stages(&lens, true);
        if stages.is_empty() {
            let message = "this source keeps no renewals: no `map.renewal_pipeline` is configured";
            return Err(Error::new(Code::Unsupported, message));
        }
        let mut conditions = Conditions::none();
        conditions.and(Filter::one_of("dealstage", stages.iter().map(|stage| stage.id.clone())));
        conditions.and(Filter::gte("closedate", midnight(q.from)?));
        if let Some(before) = q.before {
            conditions.and(Filter::lt("closedate", midnight(before)?));
        }
        conditions.and_all(of_account(q.account.as_deref())?);
        conditions.and_all(q.owner.as_deref().map(|owner| Filter::eq("hubspot_owner_id", owner)));
        worth(&mut conditions, &lens, q.min_value);
        self.deals(cx, &conditions, page, DEAL, |record, company| lens.renewal(record, company)).await.map(
            |mut rows| {
                rows.rows.sort_by(|a, b| listing::soonest_due(a).cmp(&listing::soonest_due(b)));
                rows
            },
        )
    }

    /// A page of deals, soonest close first, each with its company.
    async fn deals<T>(
        &self,
        cx: &Cx,
        conditions: &Conditions,
        page: &Fetch,
        properties: &[&str],
        map: impl Fn(&Record<'_>, Option<&map::Named>) -> Option<T>,
    ) -> Result<Rows<T>> {
        let offset = hub::offset(page)?;
        let sort = Sort::ascending("closedate");
        let hunt = Hunt { object: Object::Deal, conditions, sort, properties, limit: page.limit, offset };
        let reply = self.hub.search(cx, &hunt).await?;
        let found: Found<'_> = reply.json()?;
        let ids: Vec<String> = found.results.iter().map(|r| r.id.to_string()).collect();
        let companies = self.companies_of(cx, Object::Deal, &ids).await?;
        let rows = found.results.iter().filter_map(|r| map(r, companies.get(&*r.id))).collect();
        Ok(Window::of(offset, &found).rows(rows, cx, true))
    }
}

/// These records and no others. Ids of other kinds match nothing.
pub(super) fn ids(object: Object, natives: &[String]) -> Result<Option<Filter>> {
    if natives.is_empty() {
        return Ok(None);
    }
    let ids = natives.iter().map(|native| super::id_of(object, native).map(str::to_owned));
    Ok(Some(Filter::one_of("hs_object_id", ids.collect::<Result<Vec<_>>>()?)))
}

pub(super) fn of_account(native: Option<&str>) -> Result<Option<Filter>> {
    let id = native.map(|native| super::id_of(Object::Company, native)).transpose()?;
    Ok(id.map(|id| Filter::associated("company", id)))
}

/// Stages that are open, of renewals or of opportunities.
pub(super) fn open_stages<'l>(lens: &'l Lens<'_>, renewals: bool) -> Vec<&'l Stage> {
    let open = |stage: &&Stage| stage.standing == Standing::Open && stage.renews == renewals;
    lens.deal_stages.iter().filter(open).collect()
}

/// In one of the open stages, or in those of this name.
fn open_in(lens: &Lens<'_>, name: Option<&str>) -> Result<Filter> {
    let stages = open_stages(lens, false);
    let named = |stage: &&&Stage| name.is_none_or(|name| stage.label.eq_ignore_ascii_case(name.trim()));
    let ids: Vec<String> = stages.iter().filter(named).map(|stage| stage.id.clone()).collect();
    if ids.is_empty() {
        let mut labels: Vec<String> = stages.iter().map(|stage| stage.label.clone()).collect();
        labels.dedup();
        return Err(Error::invalid("stage", "no open stage is called so").allowed(labels));
    }
    Ok(Filter::one_of("dealstage", ids))
}

/// Worth at least this; deals without a currency are in the account's own.
fn worth(conditions: &mut Conditions, lens: &Lens<'_>, min: Option<Money>) {
    let Some(min) = min else { return };
    conditions.and(Filter::gte("amount", min.amount));
    let in_it = Filter::eq("deal_currency_code", min.currency.code());
    match lens.portal.currency == Some(min.currency) {
        true => {
            conditions.and_either(vec![vec![in_it], vec![Filter::is_empty("deal_currency_code")]]);
        }
        false => conditions.and(in_it),
    }
}

/// The value of the segment called so. Errors: `invalid_argument` with the segments there are.
fn choice(lens: &Lens<'_>, wanted: &str) -> Result<String> {
    let choices = lens.segments.iter().flat_map(|all| all.iter());
    let wanted = wanted.trim();
    let is = |c: &&hub::Choice| c.label.eq_ignore_ascii_case(wanted) || c.value.eq_ignore_ascii_case(wanted);
    choices.clone().find(is).map(|c| c.value.clone()).ok_or_else(|| {
        Error::invalid("segment", "no segment is called so").allowed(choices.map(|c| c.label.clone()))
    })
}

fn unable(filter: &str) -> Error {
    let message = format!("this source cannot filter by {filter}: no property is mapped to it");
    Error::new(Code::UnsupportedFilter, message)
}

/// Midnight in UTC, in milliseconds.
pub(super) fn midnight(day: Date) -> Result<i64> {
    let at = day.to_zoned(TimeZone::UTC).map(|z| z.timestamp());
    at.map(Timestamp::as_millisecond).map_err(|_| Error::invalid("date", "too far away"))
}
