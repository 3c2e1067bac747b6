//! Customers by any of their names.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use outbound::Request;
use tool::{Fetch, MatchedBy};

use super::Stripe;
use super::connection::Asked;
use super::map::host;
use super::query::Search;
use super::wire::{Customer, List};
use crate::ledger::{CustomerName, FoundCustomer, Noun};

/// Customers, at most.
const MOST: usize = 10;

/// Customers of one search that are looked at: as many as Stripe gives at once.
const LOOKED_AT: u32 = 100;

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

/// By name, or by the ERP's number where it is mapped. The exact ones are asked for by themselves: among those that only
/// resemble a name they might not be within the first.
async fn by_text(stripe: &Stripe, cx: &Cx, text: &str) -> Result<Vec<FoundCustomer>> {
    let exact = Search::any().is("name", text);
    let exact = match &stripe.mapper.mapping.erp_customer {
        Some(key) => exact.metadata(key, text),
        None => exact,
    };
    let wanted = Label::new(text).as_str().to_lowercase();
    let is = |found: &crate::model::Customer| found.name.as_str().to_lowercase() == wanted;
    let found = searched(stripe, cx, exact, |_, found| {
        found.keys.matched(text).or_else(|| is(found).then_some(MatchedBy::Name))
    });
    let found = found.await?.sure(|_| true)?;
    if !found.is_empty() {
        return Ok(found);
    }
    let near = Search::any().contains("name", text);
    if near.text().is_empty() {
        return Ok(Vec::new());
    }
    let words = text.trim().to_lowercase();
    let found = searched(stripe, cx, near, |_, found| {
        found.name.as_str().to_lowercase().contains(&words).then_some(MatchedBy::Name)
    });
    found.await?.sure(|found| is(&found.customer))
}

/// By the mapped key, else by the host of the e-mail address.
async fn by_domain(stripe: &Stripe, cx: &Cx, domain: &str) -> Result<Vec<FoundCustomer>> {
    let search = match &stripe.mapper.mapping.domain {
        Some(key) => Search::any().metadata(key, domain),
        None => Search::any().contains("email", &format!("@{domain}")),
    };
    let is_mapped = stripe.mapper.mapping.domain.is_some();
    let found = searched(stripe, cx, search, |wire, found| {
        let own = match is_mapped {
            true => found.keys.domain.as_deref(),
            false => wire.email.as_deref().and_then(host),
        };
        own.is_some_and(|own| own.eq_ignore_ascii_case(domain)).then_some(MatchedBy::Domain)
    });
    found.await?.sure(|_| true)
}

/// What a search gave.
struct Looked {
    found: Vec<FoundCustomer>,
    /// There are customers that were not looked at.
    more: bool,
}

impl Looked {
    /// The customers. Errors: `ambiguous_reference` rather than the only one that `is` meant, if there may be another.
    fn sure(mut self, is: impl Fn(&FoundCustomer) -> bool) -> Result<Vec<FoundCustomer>> {
        if self.more && self.found.iter().filter(|found| is(found)).count() == 1 {
            let message = "more customers answer to this than can be told apart";
            return Err(
                Error::new(Code::AmbiguousReference, message).hint("name the customer by its id or key")
            );
        }
        self.found.sort_by_key(|found| !is(found));
        self.found.truncate(MOST);
        Ok(self.found)
    }
}

/// What a search gives, as far as `by` confirms it: a search looks for words, we look for the customer.
async fn searched(
    stripe: &Stripe,
    cx: &Cx,
    search: Search,
    by: impl Fn(&Customer<'_>, &crate::model::Customer) -> Option<MatchedBy>,
) -> Result<Looked> {
    let page = Fetch { token: None, limit: LOOKED_AT };
    let request = Asked::Search(Request::get("/v1/customers/search", &[]), search).page(&page)?;
    let reply = stripe.account.read(cx, request).await?;
    let list: List<Customer<'_>> = reply.json()?;
    let found = |wire: &Customer<'_>| {
        let customer = stripe.mapper.customer(wire);
        by(wire, &customer).map(|matched_by| FoundCustomer { customer, matched_by })
    };
    Ok(Looked { found: list.data.iter().filter_map(found).collect(), more: list.has_more })
}
