//! Customers by any of their names.

use call::Cx;
use error::Result;
use outbound::Request;
use tool::{Fetch, MatchedBy};

use super::Stripe;
use super::connection::Asked;
use super::map::host;
use super::query::Search;
use super::wire::{Customer, List};
use crate::ledger::{CustomerName, FoundCustomer, Noun};

/// Customers that a search gives at most.
const MOST: u32 = 10;

/// Customers with this name, domain or key; those that match exactly come first.
pub(super) async fn find(stripe: &Stripe, cx: &Cx, name: &CustomerName) -> Result<Vec<FoundCustomer>> {
    match name {
        CustomerName::Text(text) => match stripe.mapper.recognize(Noun::Customer, text) {
            Some(id) => by_id(stripe, cx, &id).await,
            None => by_text(stripe, cx, text).await,
        },
        CustomerName::Domain(domain) => by_domain(stripe, cx, domain).await,
    }
}

async fn by_id(stripe: &Stripe, cx: &Cx, id: &str) -> Result<Vec<FoundCustomer>> {
    let Some(reply) = stripe.account.find(cx, Request::get("/v1/customers/{id}", &[id])).await? else {
        return Ok(Vec::new());
    };
    let customer: Customer<'_> = reply.json()?;
    let found = |customer| FoundCustomer { customer, matched_by: MatchedBy::Id };
    Ok(Some(&customer).filter(|c| !c.deleted).map(|c| found(stripe.mapper.customer(c))).into_iter().collect())
}

/// By name, or by the ERP's number where it is mapped.
async fn by_text(stripe: &Stripe, cx: &Cx, text: &str) -> Result<Vec<FoundCustomer>> {
    let search = Search::any().is("name", text).contains("name", text);
    let search = match &stripe.mapper.mapping.erp_customer {
        Some(key) => search.metadata(key, text),
        None => search,
    };
    let wanted = text.trim().to_lowercase();
    let mut found: Vec<FoundCustomer> = searched(stripe, cx, search, |_, found| {
        let name = found.name.as_str().to_lowercase();
        found.keys.matched(text).or_else(|| name.contains(&wanted).then_some(MatchedBy::Name))
    })
    .await?;
    found.sort_by_key(|f| {
        f.matched_by == MatchedBy::Name && f.customer.name.as_str().to_lowercase() != wanted
    });
    Ok(found)
}

/// By the mapped key, else by the host of the e-mail address.
async fn by_domain(stripe: &Stripe, cx: &Cx, domain: &str) -> Result<Vec<FoundCustomer>> {
    let search = match &stripe.mapper.mapping.domain {
        Some(key) => Search::any().metadata(key, domain),
        None => Search::any().contains("email", &format!("@{domain}")),
    };
    let is_mapped = stripe.mapper.mapping.domain.is_some();
    searched(stripe, cx, search, |wire, found| {
        let own = match is_mapped {
            true => found.keys.domain.as_deref(),
            false => wire.email.as_deref().and_then(host),
        };
        own.is_some_and(|own| own.eq_ignore_ascii_case(domain)).then_some(MatchedBy::Domain)
    })
    .await
}

/// What a search gives, as far as `by` confirms it: a search looks for words, we look for the customer.
async fn searched(
    stripe: &Stripe,
    cx: &Cx,
    search: Search,
    by: impl Fn(&Customer<'_>, &crate::model::Customer) -> Option<MatchedBy>,
) -> Result<Vec<FoundCustomer>> {
    let page = Fetch { token: None, limit: MOST };
    let request = Asked::Search(Request::get("/v1/customers/search", &[]), search).page(&page)?;
    let reply = stripe.account.read(cx, request).await?;
    let list: List<Customer<'_>> = reply.json()?;
    let found = |wire: &Customer<'_>| {
        let customer = stripe.mapper.customer(wire);
        by(wire, &customer).map(|matched_by| FoundCustomer { customer, matched_by })
    };
    Ok(list.data.iter().filter_map(found).collect())
}
