//! What callers call customers (our id, a URL, a domain, an ERP or billing number, an exact name) and products.

use std::collections::BTreeMap;

use call::Cx;
use content::Label;
use error::{Candidate, Code, Error, Result};
use tool::{MatchedBy, MatchedCustomer, Source, Sources};

use crate::meter::Meter;
use crate::model::Customer;

/// A customer in one source, and by what it was found.
pub(crate) struct Meant<'s> {
    pub(crate) source: &'s Source<Meter>,
    pub(crate) customer: Customer,
    pub(crate) matched_by: MatchedBy,
}

impl Meant<'_> {
    pub(crate) fn report(&self) -> MatchedCustomer {
        let Customer { id, name, .. } = self.customer.clone();
        MatchedCustomer { id, name: Some(name), matched_by: self.matched_by }
    }
}

/// The customer that `text` refers to, in every source that knows it, and the sources that could not be asked.
/// Two in one source are `ambiguous_reference`, none in any is `not_found` with the nearest three.
pub(crate) async fn customers<'s>(
    cx: &Cx,
    sources: &'s Sources<Meter>,
    source: Option<&str>,
    text: &str,
) -> Result<(Vec<Meant<'s>>, Vec<(&'s Source<Meter>, Error)>)> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid("customer", "must not be blank"));
    }
    let (mut meant, mut near, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (source, answer) in ask(cx, sources, source, text).await? {
        match answer {
            Ok(found) => meant.extend(only(source, found, text, &mut near)?),
            Err(error) if error.code() == Code::NotFound => {}
            Err(error) => failed.push((source, error)),
        }
    }
    match (meant.is_empty(), failed.is_empty()) {
        (false, _) => Ok((meant, failed)),
        // With a source missing nobody can say that there is no such customer.
        (true, false) => Err(failed.swap_remove(0).1),
        (true, true) => Err(nobody(text, near)),
    }
}

/// The customer that `text` refers to in exactly one source: a write guesses nothing.
pub(crate) async fn customer<'s>(
    cx: &Cx,
    sources: &'s Sources<Meter>,
    source: Option<&str>,
    text: &str,
) -> Result<Meant<'s>> {
    let (mut meant, mut failed) = customers(cx, sources, source, text).await?;
    match (meant.pop(), meant.is_empty(), failed.pop()) {
        (Some(only), true, None) => Ok(only),
        (Some(_), true, Some((_, error))) => Err(error),
        (last, _, _) => {
            let several = ambiguous(text).hint("say which one with `source`");
            Err(meant.iter().chain(&last).map(|m| candidate(&m.customer)).fold(several, Error::candidate))
        }
    }
}

/// The key of the product that `text` (a key or a name, case aside) refers to, in every source that counts it. None is
/// `not_found` with the nearest three.
pub(crate) async fn products(
    cx: &Cx,
    sources: &Sources<Meter>,
    source: Option<&str>,
    text: &str,
) -> Result<BTreeMap<String, String>> {
    let places = sources.places(cx, "product", source, text, |source| source.port.products(cx)).await?;
    Ok(places.into_iter().map(|(source, place)| (source.name.clone(), place.key)).collect())
}

/// Who a source says may be meant; an id and a URL settle it.
struct Found {
    customers: Vec<Customer>,
    settled: bool,
}

type Answers<'s> = Vec<(&'s Source<Meter>, Result<Found>)>;

/// Our id concerns one source, everything else all of them.
async fn ask<'s>(
    cx: &Cx,
    sources: &'s Sources<Meter>,
    source: Option<&str>,
    text: &str,
) -> Result<Answers<'s>> {
    let id = sources.id(text)?;
    let (some, text) = match &id {
        Some(id) => (vec![sources.of(id)?], id.native()),
        None => (sources.narrowed(source)?, text),
    };
    let look = |source: &'s Source<Meter>| -> call::BoxFuture<'_, Result<Found>> {
        Box::pin(async move {
            Ok(match source.port.recognize(text) {
                Some(native) => {
                    Found { customers: vec![source.port.customer(cx, &native).await?], settled: true }
                }
                None => Found { customers: source.port.customers(cx, text).await?, settled: false },
            })
        })
    };
    Ok(sources.ask(cx, some, look).await)
}

/// The one customer that is meant among those found in a source; the others go to `near`.
fn only<'s>(
    source: &'s Source<Meter>,
    found: Found,
    text: &str,
    near: &mut Vec<Candidate>,
) -> Result<Option<Meant<'s>>> {
    let mut exact = Vec::new();
    for customer in found.customers {
        match matched(&customer, text).or(found.settled.then_some(MatchedBy::Id)) {
            Some(matched_by) => exact.push(Meant { source, customer, matched_by }),
            None => near.push(candidate(&customer)),
        }
    }
    match exact.len() {
        0 | 1 => Ok(exact.pop()),
        _ => {
            Err(exact.iter().take(5).map(|m| candidate(&m.customer)).fold(ambiguous(text), Error::candidate))
        }
    }
}

fn matched(customer: &Customer, text: &str) -> Option<MatchedBy> {
    let wanted = Label::new(text).as_str().to_lowercase();
    let named = customer.name.as_str().to_lowercase() == wanted;
    customer.keys.matched(text).or(named.then_some(MatchedBy::Name))
}

fn nobody(text: &str, near: Vec<Candidate>) -> Error {
    let message = format!("no configured source has a customer `{}`", short(text));
    let hint = "name the customer by id, domain, ERP or billing number, or exact name";
    near.into_iter().take(3).fold(Error::new(Code::NotFound, message).hint(hint), Error::candidate)
}

fn ambiguous(text: &str) -> Error {
    Error::new(Code::AmbiguousReference, format!("customer `{}` may mean several", short(text)))
}

fn candidate(customer: &Customer) -> Candidate {
    let (id, label) = (customer.id.to_string(), customer.name.to_string());
    Candidate { id, label, url: Some(customer.url.clone()) }
}

/// References come from callers and go into messages: cleaned and cut.
fn short(text: &str) -> Label {
    Label::new(content::cut(text, 80))
}
