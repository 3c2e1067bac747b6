//! Lists of incidents over all sources: from the caller's words to each desk's own terms.

use std::cmp::Reverse;

use call::Cx;
use error::Result;
use tool::{CustomerPage, Customers, Keys, Listing, Moment, PossibleCustomer, RecordId, Sources};

use crate::Source;
use crate::desk::{Customer, Desk, Noun, Query, Signature};
use crate::model::Incident;
use crate::{around, reference};

/// What each desk has to translate into its own terms before it can be asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// A service as the caller calls it.
    pub(crate) service: Option<String>,
    /// A group as the caller calls it.
    pub(crate) group: Option<String>,
    /// A customer as the caller calls it.
    pub(crate) customer: Option<String>,
    /// The incident or alert that others are to be related to.
    pub(crate) related_to: Option<String>,
    /// These incidents and no others; empty for all.
    pub(crate) ids: Vec<RecordId>,
}

/// Incidents of all sources concerned, newest first, and the customers meant.
pub(crate) async fn incidents(
    cx: &Cx,
    sources: &Sources<Desk>,
    mut listing: Listing,
    query: Query,
    scope: Scope,
) -> Result<CustomerPage<Incident>> {
    let services = keys(cx, sources, &mut listing, Noun::Service, scope.service.as_deref()).await?;
    let groups = keys(cx, sources, &mut listing, Noun::Group, scope.group.as_deref()).await?;
    let customers = customers(cx, sources, &mut listing, scope.customer.as_deref()).await?;
    let related = match &scope.related_to {
        Some(text) => Some(around::signature(cx, sources, text).await?),
        None => None,
    };
    if !scope.ids.is_empty() {
        listing.narrow(scope.ids.iter().map(|id| id.source().to_owned()).collect::<Vec<_>>());
    }
    let asked = Asked { query, services, groups, customers, related, ids: scope.ids };
    let page = {
        let asked = &asked;
        let fetch = |source, page| -> call::BoxFuture<'_, _> {
            Box::pin(async move {
                let source: &Source = source;
                let query = asked.of(cx, source).await?;
                let found = source.port.search(cx, &query, page).await?;
                Ok(if query.full { found } else { found.map(Incident::brief) })
            })
        };
        sources.page(cx, &listing, newest_first, fetch).await?
    };
    Ok(asked.customers.page(page))
}

/// The key per source of what `text` names; narrows the list to the sources that have it. Of two in one source neither
/// is guessed.
pub(crate) async fn keys(
    cx: &Cx,
    sources: &Sources<Desk>,
    listing: &mut Listing,
    noun: Noun,
    text: Option<&str>,
) -> Result<Keys> {
    let Some(text) = text else { return Ok(Keys::default()) };
    let places = reference::places(cx, sources, noun, listing.source.as_deref(), text).await?;
    listing.keys(text, places)
}

/// The order of every list of incidents.
pub(crate) fn newest_first(incident: &Incident) -> (Reverse<Moment>, &RecordId) {
    (Reverse(incident.opened), &incident.id)
}

/// A query, and what of it differs from source to source.
struct Asked {
    query: Query,
    services: Keys,
    groups: Keys,
    customers: Customers,
    related: Option<around::Cause>,
    ids: Vec<RecordId>,
}

impl Asked {
    async fn of(&self, cx: &Cx, source: &Source) -> Result<Query> {
        let mut query = self.query.clone();
        query.service = self.services.of(source)?;
        query.group = self.groups.of(source)?;
        query.ids = self
            .ids
            .iter()
            .filter(|id| id.source() == source.name)
            .map(|id| id.native().to_owned())
            .collect();
        query.customer = self.customers.of(source)?;
        if let Some(cause) = &self.related {
            query.related = Some(self.signature(cx, source, cause).await?);
        }
        Ok(query)
    }

    /// The cause in this source's terms: elsewhere its service is the one of the same name.
    async fn signature(&self, cx: &Cx, source: &Source, cause: &around::Cause) -> Result<Signature> {
        let here = cause.source == source.name;
        let service = match &cause.service {
            Some(service) if here => Some(service.id.native().to_owned()),
            Some(service) => around::same_service(cx, source, &service.name).await?,
            None => None,
        };
        let incident = cause.incident.clone().filter(|_| here);
        Ok(Signature { incident, service, words: cause.words.clone() })
    }
}

/// The customer in every desk that knows it; leaves out desks that know customers but not this one.
async fn customers(
    cx: &Cx,
    sources: &Sources<Desk>,
    listing: &mut Listing,
    text: Option<&str>,
) -> Result<Customers> {
    let Some(text) = text.map(str::trim) else { return Ok(Customers::default()) };
    let (name, asked) = match sources.id(text)? {
        Some(id) => (id.native().to_owned(), vec![sources.of(&id)?]),
        None => (text.to_owned(), sources.narrowed(listing.source.as_deref())?),
    };
    let look = |source| -> call::BoxFuture<'_, _> { Box::pin(called(cx, source, &name)) };
    Customers::settle(listing, "customer", text, sources.ask(cx, asked, look).await)
}

/// The customers that one desk knows as `text`.
async fn called(cx: &Cx, source: &Source, text: &str) -> Result<Vec<PossibleCustomer>> {
    Query { customer: Some(text.to_owned()), ..Query::default() }.within(&source.port.able())?;
    let possible = |customer: Customer| PossibleCustomer {
        id: source.id(customer.key),
        name: Some(customer.name),
        url: None,
        matched_by: Some(customer.matched_by),
    };
    Ok(source.port.customers(cx, text).await?.into_iter().map(possible).collect())
}
