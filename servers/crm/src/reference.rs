//! What callers call things. The words are shared by all domains; which accounts a list is about is our own.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use tool::{Customers, Fetch, Listing, MatchedBy, PossibleCustomer, Record, Source, Sources};

use crate::book::{AccountQuery, Book, Called, CaseQuery};
use crate::model::Noun;

/// A record that was referred to.
pub type Meant<'s> = tool::Meant<'s, Book>;

/// The one record of these nouns that `text` (our id, a URL, an exact name, an account's domain or key, a contact's
/// e-mail address, a case's number) refers to. `what` is what a person would call it.
pub async fn record<'s>(
    cx: &Cx,
    sources: &'s Sources<Book>,
    what: &str,
    nouns: &'static [Noun],
    text: &str,
) -> Result<Meant<'s>> {
    let recognize = |port: &Book, text: &str| port.recognize(nouns, text);
    let named = |source: &'s Source<Book>| -> call::BoxFuture<'_, Result<Vec<Record>>> {
        Box::pin(async move {
            let asked = nouns.iter().map(|noun| source.port.called(cx, *noun, text.trim()));
            let called = futures::future::try_join_all(asked).await?;
            let of_noun = |(noun, called): (&Noun, Vec<Called>)| {
                called.into_iter().map(|called| labeled(source, *noun, called, text)).collect::<Vec<_>>()
            };
            Ok(nouns.iter().zip(called).flat_map(of_noun).collect())
        })
    };
    sources.meant(cx, what, text, recognize, named).await
}

/// `not_found` where the record, which may have been named by its id alone, is not there. A contact cannot be read by
/// itself: it is taken to be there.
pub(crate) async fn must_exist(cx: &Cx, meant: &Meant<'_>) -> Result<()> {
    let (port, native) = (&meant.source.port, &meant.native);
    let is = |noun: Noun| port.recognize(&[noun], native).is_some();
    let (ids, one) = (vec![native.clone()], Fetch { token: None, limit: 1 });
    let missing = if is(Noun::Account) {
        let query = AccountQuery { ids, ..AccountQuery::default() };
        port.accounts(cx, &query, one).await?.rows.is_empty()
    } else if is(Noun::Case) {
        let query = CaseQuery { ids, ..CaseQuery::default() };
        port.cases(cx, &query, one).await?.rows.is_empty()
    } else if is(Noun::Opportunity) {
        return port.opportunity(cx, native).await.map(drop);
    } else {
        false
    };
    match missing {
        true => Err(Error::new(Code::NotFound, "this record does not exist, or this account may not see it")),
        false => Ok(()),
    }
}

/// One that answers to the text by something else than its name goes by the text itself.
fn labeled(source: &Source<Book>, noun: Noun, called: Called, text: &str) -> Record {
    let label = match (called.matched, noun) {
        (Some(_), _) => Label::new(text.trim()),
        (None, Noun::Contact) => Label::new(&called.label).of_person(),
        (None, _) => Label::new(&called.label),
    };
    Record { id: source.id(called.id), label, url: Some(called.url) }
}

/// The vendor's id of the person that `text` refers to.
pub async fn person(cx: &Cx, source: &Source<Book>, text: &str) -> Result<String> {
    source.person(cx, text, |port| port.people(cx, text.trim())).await
}

/// The accounts that `text` refers to; narrows the list to the sources that hold one. Two systems may both hold the same
/// customer.
pub(crate) async fn accounts<'s>(
    cx: &Cx,
    sources: &'s Sources<Book>,
    listing: &mut Listing,
    text: Option<&str>,
) -> Result<Customers> {
    let Some(text) = text.map(str::trim) else { return Ok(Customers::default()) };
    let answers = match by_id(sources, text)? {
        Some((source, account)) => vec![(source, Ok(Vec::from_iter(account)))],
        None => {
            let look =
                |source: &'s Source<Book>| -> call::BoxFuture<'_, _> { Box::pin(called(cx, source, text)) };
            sources.ask(cx, sources.narrowed(listing.source.as_deref())?, look).await
        }
    };
    Customers::settle(listing, "account", text, answers)
}

/// By our id, or by a native id or URL that exactly one source knows as its own; asks nobody.
fn by_id<'s>(
    sources: &'s Sources<Book>,
    text: &str,
) -> Result<Option<(&'s Source<Book>, Option<PossibleCustomer>)>> {
    let known = |source: &Source<Book>, text: &str| {
        let id = source.id(source.port.recognize(&[Noun::Account], text)?);
        Some(PossibleCustomer { id, name: None, url: None, matched_by: Some(MatchedBy::Id) })
    };
    if let Some(id) = sources.id(text)? {
        let source = sources.of(&id)?;
        return Ok(Some((source, known(source, id.native()))));
    }
    let mut all = sources.all().iter().filter_map(|source| Some((source, Some(known(source, text)?))));
    match (all.next(), all.next()) {
        (Some(_), Some(_)) | (None, _) => Ok(None),
        (only, None) => Ok(only),
    }
}

/// Accounts that answer to `text` in one source, and those that resemble it.
async fn called(cx: &Cx, source: &Source<Book>, text: &str) -> Result<Vec<PossibleCustomer>> {
    let possible = |called: Called| PossibleCustomer {
        id: source.id(called.id),
        name: Some(Label::new(&called.label)),
        url: Some(called.url),
        matched_by: called.matched,
    };
    Ok(source.port.called(cx, Noun::Account, text).await?.into_iter().map(possible).collect())
}
