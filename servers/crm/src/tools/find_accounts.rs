//! `find_accounts`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Detail, Listing, Meta, Page, Sources, Tool, When};

use crate::book::{AccountQuery, Book};
use crate::listing;
use crate::model::{Account, AccountGap, Noun};
use crate::reference;

/// Finds accounts: customers, prospects and other companies (a HubSpot company) by name, domain, contact or owner
/// (account manager): which belong to somebody, or to nobody. In the order of their names.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FindAccounts {
    /// Words in the name
    #[schemars(length(min = 1, max = 200))]
    name: Option<String>,
    /// Internet domain
    #[schemars(length(min = 3, max = 253))]
    domain: Option<String>,
    /// E-mail address of a contact there
    #[schemars(length(min = 3, max = 254))]
    contact_email: Option<String>,
    /// Sales person they belong to: e-mail, full name, user id or `me`
    #[schemars(length(max = 200))]
    owner: Option<String>,
    /// Such as enterprise
    #[schemars(length(min = 1, max = 100))]
    segment: Option<String>,
    has_open_opportunities: Option<bool>,
    /// Renewal from today on and before this date
    renewal_before: Option<When>,
    /// Only accounts with no owner, domain or segment
    where_empty: Option<AccountGap>,
    /// Only these: ids, URLs, exact names, domains, ERP or billing numbers
    #[schemars(length(min = 1, max = 10), inner(length(max = 512)))]
    ids: Option<Vec<String>>,
    detail: Option<Detail>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// `next_cursor` of the last page
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    /// One configured source only
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for FindAccounts {
    type Port = Book;
    type Out = Page<Account>;
    const META: Meta = Meta::read("find_accounts", "Find accounts", "crm:read");

    async fn run(mut self, cx: &Cx, sources: &Sources<Book>) -> Result<Page<Account>> {
        let cursor = self.cursor.take();
        let mut listing = Listing {
            query: format!("{self:?}"),
            limit: self.limit,
            cursor,
            source: self.source.take(),
            only: None,
        };
        let begun = sources.begun(cx, &listing)?;
        let query = &AccountQuery {
            name: self.name,
            domain: self.domain.as_deref().map(bare_domain),
            contact_email: self.contact_email.map(|e| e.trim().to_lowercase()),
            segment: self.segment,
            has_open_opportunities: self.has_open_opportunities,
            renewal_before: self.renewal_before.map(|w| w.day(begun, "renewal_before")).transpose()?,
            where_empty: self.where_empty,
            full: self.detail == Some(Detail::Full),
            ..AccountQuery::default()
        };
        let ids = &listing::ids(cx, sources, &mut listing, &[Noun::Account], self.ids).await?;
        let owner = self.owner.as_deref();
        let page = sources.page(cx, &listing, listing::by_name, |source, page| {
            Box::pin(async move {
                let mut query = query.clone();
                query.ids = listing::natives(ids, &source.name);
                if let Some(person) = owner {
                    query.owner = Some(reference::person(cx, source, person).await?);
                }
                let found = source.port.accounts(cx, &query, page).await?;
                Ok(if query.full { found } else { found.map(Account::brief) })
            })
        });
        page.await
    }
}

/// `https://www.Nordwind.example/shop` is `nordwind.example`.
fn bare_domain(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let host = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let host = host.split(['/', '?', '#', ':']).next().unwrap_or(host);
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}
