//! What callers call customers (our id, a URL, a domain, an ERP or billing number, an exact name) and products. How such
//! words are settled is shared by all domains; who a meter says may be meant is our own.

use call::{BoxFuture, Cx};
use content::Label;
use error::{Error, Result};
use tool::{Customers, Keys, Listing, MatchedBy, PossibleCustomer, Record, Source, Sources};

use crate::meter::Meter;
use crate::model::Customer;

/// The customer that `text` refers to in every source that knows it; narrows the list to those and to sources that
/// cannot be asked.
pub(crate) async fn customers(
    cx: &Cx,
    sources: &Sources<Meter>,
    listing: &mut Listing,
    text: Option<&str>,
) -> Result<Customers> {
    let Some(text) = text.map(str::trim) else { return Ok(Customers::default()) };
    if text.is_empty() {
        return Err(Error::invalid("customer", "must not be blank"));
    }
    // Our id concerns one source, everything else all of them.
    let (asked, name) = match sources.id(text)? {
        Some(id) => (vec![sources.of(&id)?], id.native().to_owned()),
        None => (sources.narrowed(listing.source.as_deref())?, text.to_owned()),
    };
    let look = |source| -> BoxFuture<'_, _> { Box::pin(possible(cx, source, &name)) };
    Customers::settle(listing, "customer", text, sources.ask(cx, asked, look).await)
}

/// The customer that `text` refers to in exactly one source: a write guesses nothing.
pub(crate) async fn customer<'s>(
    cx: &Cx,
    sources: &'s Sources<Meter>,
    text: &str,
) -> Result<(&'s Source<Meter>, Customer)> {
    let named = |source| -> BoxFuture<'_, _> { Box::pin(called(cx, source, text)) };
    let recognize = |port: &Meter, text: &str| port.recognize(text);
    let meant = sources.meant(cx, "customer", text, recognize, named).await?;
    let customer = meant.source.port.customer(cx, &meant.native).await?;
    Ok((meant.source, customer))
}

/// The key of the product that `text` (a key or a name, case aside) refers to in every source that counts it; narrows
/// the list to those. Of two in one source neither is guessed.
pub(crate) async fn products(
    cx: &Cx,
    sources: &Sources<Meter>,
    listing: &mut Listing,
    text: Option<&str>,
) -> Result<Keys> {
    let Some(text) = text else { return Ok(Keys::default()) };
    let places = sources
        .places(cx, "product", listing.source.as_deref(), text, |source| source.port.products(cx))
        .await?;
    listing.keys(text, places)
}

/// The customers of one source that `text` may mean; an id and a URL settle it.
async fn possible(cx: &Cx, source: &Source<Meter>, text: &str) -> Result<Vec<PossibleCustomer>> {
    if let Some(native) = source.port.recognize(text) {
        let customer = source.port.customer(cx, &native).await?;
        return Ok(vec![shown(customer, Some(MatchedBy::Id))]);
    }
    let found = source.port.customers(cx, text).await?.into_iter();
    Ok(found
        .map(|customer| {
            let by = matched(&customer, text);
            shown(customer, by)
        })
        .collect())
}

fn shown(customer: Customer, matched_by: Option<MatchedBy>) -> PossibleCustomer {
    let Customer { id, name, url, .. } = customer;
    PossibleCustomer { id, name: Some(name), url: Some(url), matched_by }
}

/// The customers that one source finds by `text`; one that answers to it by a key goes by the text itself.
async fn called(cx: &Cx, source: &Source<Meter>, text: &str) -> Result<Vec<Record>> {
    let record = |customer: Customer| {
        let label =
            if customer.keys.matched(text).is_some() { Label::new(text.trim()) } else { customer.name };
        Record { id: customer.id, label, url: Some(customer.url) }
    };
    Ok(source.port.customers(cx, text.trim()).await?.into_iter().map(record).collect())
}

fn matched(customer: &Customer, text: &str) -> Option<MatchedBy> {
    let wanted = Label::new(text).as_str().to_lowercase();
    let named = customer.name.as_str().to_lowercase() == wanted;
    customer.keys.matched(text).or(named.then_some(MatchedBy::Name))
}
