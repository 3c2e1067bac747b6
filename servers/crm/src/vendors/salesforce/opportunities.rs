//! Opportunities and the pipeline.

use std::collections::BTreeMap;

use call::Cx;
use error::{Code, Error, Result};
use tool::{Fetch, Money, Rows, Totals};

use super::Salesforce;
use super::accounts::{ACCOUNT_ID, ID, OWNER_ID, known_ids};
use super::ids;
use super::map::{Lens, day};
use super::org::{CURRENCY, Org, standing};
use super::soql::{Clause, Direction, Field, Soql, Value};
use super::wire::{Page, Record};
use crate::book::{OpportunityQuery, PipelineQuery, Share, Shares};
use crate::model::{GroupBy, Opportunity, OpportunityGap, Standing};

const CLOSE: Field = Field::new("CloseDate");
const AMOUNT: Field = Field::new("Amount");
const IS_CLOSED: Field = Field::new("IsClosed");
const LAST_ACTIVITY: Field = Field::new("LastActivityDate");

/// Opportunities that a summary counts one by one, at most.
const MOST: usize = 2_000;

impl Salesforce {
    pub(super) async fn found_opportunities(
        &self,
        cx: &Cx,
        query: &OpportunityQuery,
        page: Fetch,
    ) -> Result<Rows<Opportunity>> {
        let org = self.org(cx).await?;
        let lens = Lens::new(&self.source, &self.configured, &org, cx);
        let stage = query.stage.as_deref().map(|text| in_stage(&org, text)).transpose()?;
        let soql = open(&lens, query.full)
            .and_some(known_ids("Opportunity", &query.ids))
            .and_some(query.account.as_deref().map(|id| Clause::Is(ACCOUNT_ID, id.into())))
            .and_some(query.owner.as_deref().map(|id| Clause::Is(OWNER_ID, id.into())))
            .and_some(stage)
            .and_some(query.min_amount.map(|min| self.worth(&org, &AMOUNT, min)).transpose()?)
            .and_some(query.close_before.map(|day| Clause::Below(CLOSE, Value::Day(day))))
            .and_some(query.stale_since.map(|since| {
                let never = [
                    Clause::Empty(LAST_ACTIVITY),
                    Clause::Below(Field::new("CreatedDate"), Value::Moment(since)),
                ];
                let quiet = Clause::Below(LAST_ACTIVITY, Value::Day(day(since)));
                Clause::Any(vec![quiet, Clause::All(never.into())])
            }))
            .and_some(self.opportunity_gap(query.where_empty)?);
        self.connection.list(cx, soql, &page, |record| lens.opportunity(record)).await
    }

    pub(super) async fn one_opportunity(&self, cx: &Cx, id: &str) -> Result<Opportunity> {
        let absent = || {
            Error::new(Code::NotFound, "Salesforce has no such opportunity, or this account may not see it")
        };
        let id = ids::id(id).filter(|id| ids::object(id) == Some("Opportunity")).ok_or_else(absent)?;
        let org = self.org(cx).await?;
        let lens = Lens::new(&self.source, &self.configured, &org, cx);
        let soql =
            Soql::of("Opportunity", lens.opportunity_fields(true)).and(Clause::Is(ID, id.as_str().into()));
        let reply = self.connection.query(cx, &soql.limit(1)).await?;
        let page: Page<'_> = reply.json()?;
        lens.opportunity(page.records.first().ok_or_else(absent)?)
    }

    /// Worth at least this, in this very currency. `unsupported_filter` where nobody says what the org's amounts are in.
    pub(super) fn worth(&self, org: &Org, field: &Field, min: Money) -> Result<Clause> {
        let enough = Clause::AtLeast(field.clone(), Value::Number(min.amount));
        if org.currencies {
            return Ok(Clause::All(vec![enough, Clause::Is(CURRENCY, min.currency.code().into())]));
        }
        // The one currency of the org is either that very one or another.
        match self.configured.currency {
            Some(own) if own == min.currency => Ok(enough),
            Some(_) => Ok(Clause::Any(Vec::new())),
            None => {
                let message = "amounts of this org have no currency: `currency` is not configured";
                Err(Error::new(Code::UnsupportedFilter, message))
            }
        }
    }

    fn opportunity_gap(&self, gap: Option<OpportunityGap>) -> Result<Option<Clause>> {
        Ok(match gap {
            None => None,
            Some(OpportunityGap::Owner) => Some(self.nobodys()?),
            Some(OpportunityGap::Amount) => Some(Clause::Empty(AMOUNT)),
            Some(OpportunityGap::CloseDate) => Some(Clause::Empty(CLOSE)),
            Some(OpportunityGap::NextStep) => Some(Clause::Empty(Field::new("NextStep"))),
        })
    }

    pub(super) async fn summed(&self, cx: &Cx, query: &PipelineQuery) -> Result<Shares> {
        let org = self.org(cx).await?;
        let group = match query.group_by {
            GroupBy::Stage => Field::new("StageName"),
            GroupBy::Owner => Field::new("Owner.Name"),
            GroupBy::Forecast => Field::new("ForecastCategoryName"),
        };
        let within = |soql: Soql| {
            soql.and(Clause::AtLeast(CLOSE, Value::Day(query.from)))
                .and(Clause::Below(CLOSE, Value::Day(query.before)))
        };
        let fields = [group.clone(), IS_CLOSED, Field::new("IsWon")];
        // An aggregate of an org of several currencies is in the corporate one, whatever it is grouped by: there the
        // opportunities are added up here.
        if org.currencies {
            let soql = within(Soql::of("Opportunity", fields.into_iter().chain([AMOUNT, CURRENCY])));
            self.added(cx, &org, &soql.by(CLOSE, Direction::Up).by(ID, Direction::Up), &group).await
        } else {
            self.aggregated(cx, &within(Soql::of("Opportunity", fields)).summed(AMOUNT), &group).await
        }
    }

    async fn added(&self, cx: &Cx, org: &Org, soql: &Soql, group: &Field) -> Result<Shares> {
        let lens = Lens::new(&self.source, &self.configured, org, cx);
        let row = |record: &Record<'_>| {
            let key = (standing(record), record.text(group.name()).map(str::to_owned));
            Ok((key, lens.money(record, AMOUNT.name())?))
        };
        let (rows, complete) = self.connection.every(cx, soql, MOST, row).await?;
        let mut shares: BTreeMap<(Standing, Option<String>), (u64, Totals)> = BTreeMap::new();
        for (key, amount) in rows {
            let (count, totals) = shares.entry(key).or_default();
            *count += 1;
            amount.into_iter().for_each(|money| totals.add(money));
        }
        let share = |((standing, group), (count, totals))| Share { standing, group, count, totals };
        Ok(Shares { shares: shares.into_iter().map(share).collect(), complete, as_of: cx.now() })
    }

    async fn aggregated(&self, cx: &Cx, soql: &Soql, group: &Field) -> Result<Shares> {
        let last = group.name().rsplit('.').next().unwrap_or_default();
        let currency = self.configured.currency;
        let share = |record: &Record<'_>| {
            let total = record.number("total").zip(currency);
            // A sum of doubles has more digits than its parts.
            let total = total.map(|(sum, currency)| Money::new(sum.round_dp(currency.digits()), currency));
            Ok(Share {
                standing: standing(record),
                group: record.text(last).map(str::to_owned),
                count: record.number("n").and_then(|n| u64::try_from(n).ok()).unwrap_or_default(),
                totals: total.into_iter().collect(),
            })
        };
        let (shares, complete) = self.connection.every(cx, soql, MOST, share).await?;
        Ok(Shares { shares, complete, as_of: cx.now() })
    }
}

/// Open opportunities in their order.
pub(super) fn open(lens: &Lens<'_>, full: bool) -> Soql {
    Soql::of("Opportunity", lens.opportunity_fields(full))
        .and(Clause::Is(IS_CLOSED, Value::Flag(false)))
        .by(CLOSE, Direction::Up)
        .by(ID, Direction::Up)
}

fn in_stage(org: &Org, text: &str) -> Result<Clause> {
    let found = org.stage(text).ok_or_else(|| {
        Error::invalid("stage", "Salesforce has no stage of this name")
            .allowed(org.stages.iter().map(|stage| stage.name.clone()))
    })?;
    Ok(Clause::Is(Field::new("StageName"), found.name.as_str().into()))
}
