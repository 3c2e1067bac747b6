//! One customer, as each source knows it.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use tool::{Customers, Listing, MatchedBy, PossibleCustomer, Source, Sources};

use crate::ledger::{CustomerName, FoundCustomer, Ledger, Noun};

/// The customer that `text` (our id, a URL, a key, a domain or an exact name) refers to in every source that knows one;
/// narrows the list to those and to sources that cannot be asked.
pub(crate) async fn find<'s>(
    cx: &Cx,
    sources: &'s Sources<Ledger>,
    listing: &mut Listing,
    text: Option<&str>,
) -> Result<Customers> {
    let Some(text) = text.map(str::trim) else { return Ok(Customers::default()) };
    if text.is_empty() {
        return Err(Error::invalid("customer", "must not be blank"));
    }
    let (some, name) = match sources.id(text)? {
        Some(id) => (vec![sources.of(&id)?], CustomerName::Text(id.native().to_owned())),
        None if text.contains("://") => by_url(sources, listing.source.as_deref(), text)?,
        None => (sources.narrowed(listing.source.as_deref())?, name(text)),
    };
    let name = &name;
    let look = |source: &'s Source<Ledger>| -> call::BoxFuture<'_, _> {
        Box::pin(async move {
            let found = source.port.find_customers(cx, name).await?;
            Ok(found.into_iter().map(|found| possible(found, text)).collect())
        })
    };
    Customers::settle(listing, "customer", text, sources.ask(cx, some, look).await)
}

fn by_url<'s>(
    sources: &'s Sources<Ledger>,
    source: Option<&str>,
    url: &str,
) -> Result<(Vec<&'s Source<Ledger>>, CustomerName)> {
    let known = sources.narrowed(source)?.into_iter();
    let mut known = known.filter_map(|s| Some((s, s.port.recognize(Noun::Customer, url)?)));
    let (source, native) = known
        .next()
        .ok_or_else(|| Error::new(Code::NotFound, "this URL is no customer's of any configured source"))?;
    Ok((vec![source], CustomerName::Text(native)))
}

/// `nordwind.example` is a domain; `Nordwind GmbH & Co. KG` is none.
fn name(text: &str) -> CustomerName {
    let label = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-');
    match text.contains('.') && text.split('.').all(label) {
        true => CustomerName::Domain(text.to_lowercase()),
        false => CustomerName::Text(text.to_owned()),
    }
}

/// A ledger also finds what is only near the name.
fn possible(found: FoundCustomer, text: &str) -> PossibleCustomer {
    let FoundCustomer { customer, matched_by } = found;
    let named = customer.name.as_str().to_lowercase() == Label::new(text).as_str().to_lowercase();
    let exact = matched_by != MatchedBy::Name || named;
    let (id, name) = (customer.id, Some(customer.name));
    PossibleCustomer { id, name, url: None, matched_by: exact.then_some(matched_by) }
}
