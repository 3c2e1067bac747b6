//! `list_open_opportunities`.

use call::Cx;
use error::Result;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{CustomerPage, Detail, Listing, Meta, Money, Sources, Tool, When};

use crate::book::{Book, OpportunityQuery};
use crate::listing;
use crate::model::{Noun, Opportunity, OpportunityGap};
use crate::reference;

/// Open sales opportunities (deals somebody is working on), soonest close date first: what is about to close or may
/// still be won, what each is worth, and which have gone quiet.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListOpenOpportunities {
    /// Id, URL, name, domain or ERP number
    #[schemars(length(max = 512))]
    account: Option<String>,
    /// Sales person: e-mail, full name, user id or `me`
    #[schemars(length(max = 200))]
    owner: Option<String>,
    /// Stage by name
    #[schemars(length(min = 1, max = 100))]
    stage: Option<String>,
    /// Worth at least; in this currency only
    min_amount: Option<Money>,
    /// Expected to close before
    close_before: Option<When>,
    /// No activity for so many days
    #[schemars(range(min = 1, max = 3650))]
    stale_for_days: Option<u32>,
    /// Only opportunities without this
    where_empty: Option<OpportunityGap>,
    /// Only these: ids, URLs or exact names
    #[schemars(length(min = 1, max = 10), inner(length(max = 512)))]
    ids: Option<Vec<String>>,
    detail: Option<Detail>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for ListOpenOpportunities {
    type Port = Book;
    type Out = CustomerPage<Opportunity>;
    const META: Meta = Meta::read("list_open_opportunities", "List open opportunities", "crm:read");

    async fn run(mut self, cx: &Cx, sources: &Sources<Book>) -> Result<CustomerPage<Opportunity>> {
        let cursor = self.cursor.take();
        let mut listing = Listing {
            query: format!("{self:?}"),
            limit: self.limit,
            cursor,
            source: self.source.take(),
            only: None,
        };
        let begun = sources.begun(cx, &listing)?;
        let back = |days: u32| begun - SignedDuration::from_hours(24 * i64::from(days));
        let query = &OpportunityQuery {
            stage: self.stage,
            min_amount: self.min_amount,
            close_before: self.close_before.map(|w| w.day(begun, "close_before")).transpose()?,
            stale_since: self.stale_for_days.map(back),
            where_empty: self.where_empty,
            full: self.detail == Some(Detail::Full),
            ..OpportunityQuery::default()
        };
        let ids = &listing::ids(cx, sources, &mut listing, &[Noun::Opportunity], self.ids).await?;
        let accounts = &reference::accounts(cx, sources, &mut listing, self.account.as_deref()).await?;
        let owner = self.owner.as_deref();
        let page = sources.page(cx, &listing, listing::soonest_close, |source, page| {
            Box::pin(async move {
                let mut query = query.clone();
                query.ids = listing::natives(ids, &source.name);
                query.account = accounts.of(source)?;
                if let Some(person) = owner {
                    query.owner = Some(reference::person(cx, source, person).await?);
                }
                let quiet = query.stale_since.is_some();
                let found = source.port.opportunities(cx, &query, page).await?;
                Ok(if query.full { found } else { found.map(|row| row.brief(quiet)) })
            })
        });
        Ok(accounts.page(page.await?))
    }
}
