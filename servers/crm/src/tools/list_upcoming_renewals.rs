//! `list_upcoming_renewals`.

use call::Cx;
use error::Result;
use jiff::{ToSpan, tz::TimeZone};
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{CustomerPage, Listing, Meta, Money, Sources, Tool, When};

use crate::book::{Book, RenewalQuery};
use crate::listing;
use crate::model::Renewal;
use crate::reference;

/// Renewals: customer contracts, agreements and subscriptions that end, expire or run out unless renewed, the one due
/// soonest first. Not contracts with suppliers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListUpcomingRenewals {
    /// Due before; three months from today if absent
    before: Option<When>,
    /// Worth this or over; in this currency only
    min_value: Option<Money>,
    /// E-mail, full name, user id or `me`
    #[schemars(length(max = 200))]
    owner: Option<String>,
    /// Id, URL, name, domain or ERP number
    #[schemars(length(max = 512))]
    account: Option<String>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for ListUpcomingRenewals {
    type Port = Book;
    type Out = CustomerPage<Renewal>;
    const META: Meta = Meta::read("list_upcoming_renewals", "List upcoming renewals", "crm:read");

    fn able(port: &Book) -> bool {
        port.able().renewals
    }

    async fn run(mut self, cx: &Cx, sources: &Sources<Book>) -> Result<CustomerPage<Renewal>> {
        let cursor = self.cursor.take();
        let mut listing = Listing {
            query: format!("{self:?}"),
            limit: self.limit,
            cursor,
            source: self.source.take(),
            only: None,
        };
        let begun = sources.begun(cx, &listing)?;
        let today = begun.to_zoned(TimeZone::UTC).date();
        let query = &RenewalQuery {
            from: today,
            before: match self.before {
                Some(when) => Some(when.day(begun, "before")?),
                None => today.checked_add(3.months()).ok(),
            },
            min_value: self.min_value,
            ..RenewalQuery::default()
        };
        let accounts = &reference::accounts(cx, sources, &mut listing, self.account.as_deref()).await?;
        let owner = self.owner.as_deref();
        let page = sources.page(cx, &listing, listing::soonest_due, |source, page| {
            Box::pin(async move {
                let mut query = query.clone();
                query.account = accounts.of(source)?;
                if let Some(person) = owner {
                    query.owner = Some(reference::person(cx, source, person).await?);
                }
                Ok(source.port.renewals(cx, &query, page).await?.map(Renewal::brief))
            })
        });
        Ok(accounts.page(page.await?))
    }
}
