//! One customer, as each source knows it.

use std::collections::BTreeMap;

use call::Cx;
use content::Label;
use error::{Candidate, Code, Error, Result};
use schemars::JsonSchema;
use serde::Serialize;
use tool::{Listing, MatchedBy, Output, Page, RecordId, Source, Sources};

use crate::ledger::{CustomerName, FoundCustomer, Ledger, Noun};

/// A customer that a filter found in a source, and by what.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Match {
    id: RecordId,
    name: Label,
    matched_by: MatchedBy,
}

/// A page, and the customers its filter found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct CustomerPage<T> {
    #[serde(flatten)]
    pub(crate) page: Page<T>,
    /// The customers meant by `customer`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) customers: Vec<Match>,
}

impl<T: Serialize + JsonSchema + Send> Output for CustomerPage<T> {
    fn rows(&self) -> usize {
        self.page.rows()
    }
}

/// What a `customer` filter stands for, per source.
#[derive(Default)]
pub(crate) struct Customers {
    filtered: bool,
    found: BTreeMap<String, Result<Match>>,
}

impl Customers {
    /// Asks every source concerned which customer is meant by its id, a key, its domain or its exact name; narrows the
    /// list to those that know one or cannot be asked. Two in one source are `ambiguous_reference`.
    pub(crate) async fn find(
        cx: &Cx,
        sources: &Sources<Ledger>,
        listing: &mut Listing,
        text: Option<&str>,
    ) -> Result<Self> {
        let Some(text) = text.map(str::trim) else { return Ok(Self::default()) };
        let (mut found, mut near) = (BTreeMap::new(), Vec::new());
        for (source, answer) in ask(cx, sources, listing.source.as_deref(), text).await? {
            match answer.and_then(|all| only(all, text, &mut near)) {
                Ok(Some(one)) => _ = found.insert(source.name.clone(), Ok(one)),
                Ok(None) => {}
                Err(error) if error.code() == Code::AmbiguousReference => return Err(error),
                Err(error) if error.code() == Code::Unsupported => {}
                Err(error) => _ = found.insert(source.name.clone(), Err(error)),
            }
        }
        if !found.values().any(Result::is_ok) {
            return Err(nobody(text, found, near));
        }
        listing.narrow(found.keys().cloned());
        Ok(Self { filtered: true, found })
    }

    /// The customer's native id in a source; `None` if nobody asked for one.
    pub(crate) fn of(&self, source: &Source<Ledger>) -> Result<Option<String>> {
        match self.found.get(&source.name) {
            Some(Ok(found)) => Ok(Some(found.id.native().to_owned())),
            Some(Err(error)) => Err(error.clone()),
            None if self.filtered => Err(Error::internal("a source without the customer was asked")),
            None => Ok(None),
        }
    }

    /// The page with the customers that were meant.
    pub(crate) fn page<T>(self, page: Page<T>) -> CustomerPage<T> {
        CustomerPage { page, customers: self.found.into_values().filter_map(Result::ok).collect() }
    }
}

type Answers<'s> = Vec<(&'s Source<Ledger>, Result<Vec<FoundCustomer>>)>;

/// Our id and a URL concern one source, a key or a name all of them.
async fn ask<'s>(
    cx: &Cx,
    sources: &'s Sources<Ledger>,
    source: Option<&str>,
    text: &str,
) -> Result<Answers<'s>> {
    if text.is_empty() {
        return Err(Error::invalid("customer", "must not be blank"));
    }
    let (some, name) = match sources.id(text)? {
        Some(id) => (vec![sources.of(&id)?], CustomerName::Text(id.native().to_owned())),
        None if text.contains("://") => by_url(sources, source, text)?,
        None => (sources.narrowed(source)?, name(text)),
    };
    let name = &name;
    Ok(sources.ask(cx, some, |source| source.port.find_customers(cx, name)).await)
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

/// The one customer that is meant among those found; the others go to `near`.
fn only(all: Vec<FoundCustomer>, text: &str, near: &mut Vec<Candidate>) -> Result<Option<Match>> {
    let wanted = Label::new(text).as_str().to_lowercase();
    let meant = |found: &FoundCustomer| {
        found.matched_by != MatchedBy::Name || found.customer.name.as_str().to_lowercase() == wanted
    };
    let (mut exact, others): (Vec<_>, Vec<_>) = all.into_iter().partition(meant);
    near.extend(others.iter().map(candidate));
    match (exact.pop(), exact.is_empty()) {
        (Some(one), true) => {
            let matched_by = one.matched_by;
            Ok(Some(Match { id: one.customer.id, name: one.customer.name, matched_by }))
        }
        (Some(last), false) => {
            exact.push(last);
            let message = format!("customer `{}` may mean several", short(text));
            let several = Error::new(Code::AmbiguousReference, message);
            Err(exact.iter().take(5).map(candidate).fold(several, Error::candidate))
        }
        (None, _) => Ok(None),
    }
}

/// With a source missing nobody can say that there is no such customer.
fn nobody(text: &str, found: BTreeMap<String, Result<Match>>, near: Vec<Candidate>) -> Error {
    if let Some(error) = found.into_values().find_map(Result::err) {
        return error;
    }
    let message = format!("no configured source has a customer `{}`", short(text));
    let hint = "name the customer by id, domain, ERP or billing number, or exact name";
    near.into_iter().take(3).fold(Error::new(Code::NotFound, message).hint(hint), Error::candidate)
}

fn candidate(found: &FoundCustomer) -> Candidate {
    Candidate { id: found.customer.id.to_string(), label: found.customer.name.to_string(), url: None }
}

/// References come from callers and go into messages: cleaned and cut.
fn short(text: &str) -> Label {
    Label::new(content::cut(text, 80))
}
