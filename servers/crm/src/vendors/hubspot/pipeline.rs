//! The pipeline in numbers. HubSpot adds nothing up: the deals of the period are paged through and added up here.

use call::Cx;
use error::{Code, Error, Result};
use tool::Totals;

use super::HubSpot;
use super::api::Object;
use super::hub::{Hunt, MOST_MATCHES};
use super::lists::midnight;
use super::map::Lens;
use super::query::{Conditions, Filter, Sort};
use super::wire::{Found, Record};
use crate::book::{PipelineQuery, Share, Shares};
use crate::model::{GroupBy, Standing};

/// Deals of one page: HubSpot's most.
const PAGE: u32 = 200;

/// Deals that are added up, at most.
const MOST: u64 = 2_000;

impl HubSpot {
    pub(super) async fn shares(&self, cx: &Cx, q: &PipelineQuery) -> Result<Shares> {
        let lens = Lens::new(&self.hub, cx).await?;
        let mut conditions = Conditions::none();
        let stages = lens.deal_stages.iter().filter(|stage| !stage.renews).map(|stage| stage.id.clone());
        conditions.and(Filter::one_of("dealstage", stages));
        conditions.and(Filter::gte("closedate", midnight(q.from)?));
        conditions.and(Filter::lt("closedate", midnight(q.before)?));
        let properties: &[&str] =
            &["dealstage", "amount", "deal_currency_code", "hubspot_owner_id", "hs_manual_forecast_category"];
        let sort = Sort::ascending("closedate");
        let (mut shares, mut offset, mut total) = (Vec::new(), 0, 1);
        while offset < total.min(MOST) {
            let hunt =
                Hunt { object: Object::Deal, conditions: &conditions, sort, properties, limit: PAGE, offset };
            let reply = self.hub.search(cx, &hunt).await?;
            let found: Found<'_> = reply.json()?;
            total = found.total.unwrap_or(0);
            if total > MOST_MATCHES {
                return Err(too_broad());
            }
            for record in &found.results {
                add(&mut shares, &lens, q.group_by, record);
            }
            offset += u64::from(PAGE);
        }
        Ok(Shares { shares, complete: total <= MOST, as_of: cx.now() })
    }
}

fn too_broad() -> Error {
    Error::new(
        Code::TooBroad,
        "more than 10,000 deals close in this period, which HubSpot cannot page through",
    )
    .hint("ask for a shorter period")
}

fn add(shares: &mut Vec<Share>, lens: &Lens<'_>, group_by: GroupBy, record: &Record<'_>) {
    let deal = lens.opportunity(record, None, true);
    let group = match group_by {
        GroupBy::Stage => Some(deal.stage),
        GroupBy::Owner => deal.owner,
        GroupBy::Forecast => deal.forecast,
    };
    let group = group.map(|label| label.to_string());
    let standing: Standing = deal.standing;
    let at = shares.iter().position(|share| share.standing == standing && share.group == group);
    let at = at.unwrap_or_else(|| {
        shares.push(Share { standing, group, count: 0, totals: Totals::default() });
        shares.len() - 1
    });
    if let Some(share) = shares.get_mut(at) {
        share.count += 1;
        deal.amount.into_iter().for_each(|amount| share.totals.add(amount));
    }
}
