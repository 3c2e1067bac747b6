//! `list_customer_cases`.

use call::Cx;
use error::Result;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{CustomerPage, Detail, Listing, Meta, Sources, Tool};

use crate::book::{Book, CaseQuery};
use crate::listing;
use crate::model::{CaseState, CustomerCase, Noun, Severity};
use crate::reference;

/// Support cases: what customers asked, raised or complained about (complaints, tickets, a Salesforce Case, a HubSpot
/// ticket), still open or closed, newest first. Not an IT incident or a development issue.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListCustomerCases {
    /// Id, URL, name, domain or ERP number
    #[schemars(length(max = 512))]
    account: Option<String>,
    /// Open and waiting if absent
    status: Option<CaseState>,
    severity: Option<Severity>,
    /// Opened more than so many days ago
    #[schemars(range(min = 1, max = 3650))]
    older_than_days: Option<u32>,
    /// Only these: ids, numbers, URLs or exact subjects
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

impl Tool for ListCustomerCases {
    type Port = Book;
    type Out = CustomerPage<CustomerCase>;
    const META: Meta = Meta::read("list_customer_cases", "List customer cases", "crm:read");

    async fn run(mut self, cx: &Cx, sources: &Sources<Book>) -> Result<CustomerPage<CustomerCase>> {
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
        let query = &CaseQuery {
            state: self.status,
            // A case that is asked for by name is shown however it stands.
            unclosed: self.status.is_none() && self.ids.is_none(),
            severity: self.severity,
            opened_before: self.older_than_days.map(back),
            full: self.detail == Some(Detail::Full),
            ..CaseQuery::default()
        };
        let ids = &listing::ids(cx, sources, &mut listing, &[Noun::Case], self.ids).await?;
        let accounts = &reference::accounts(cx, sources, &mut listing, self.account.as_deref()).await?;
        let page = sources.page(cx, &listing, listing::newest_opened, |source, page| {
            Box::pin(async move {
                let mut query = query.clone();
                query.ids = listing::natives(ids, &source.name);
                query.account = accounts.of(source)?;
                let found = source.port.cases(cx, &query, page).await?;
                Ok(if query.full { found } else { found.map(CustomerCase::brief) })
            })
        });
        Ok(accounts.page(page.await?))
    }
}
