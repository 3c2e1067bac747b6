//! What callers call things. The words are shared by all domains; which accounts a list is about is our own.

use std::collections::BTreeMap;

use call::Cx;
use content::Label;
use error::{Candidate, Code, Error, Result};
use schemars::JsonSchema;
use serde::Serialize;
use tool::{Listing, MatchedBy, Record, RecordId, Source, Sources};

use crate::book::{Book, Called};
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
            Ok(called.into_iter().flatten().map(|called| labeled(source, called, text)).collect())
        })
    };
    sources.meant(cx, what, text, recognize, named).await
}

/// One that answers to the text by something else than its name goes by the text itself.
fn labeled(source: &Source<Book>, called: Called, text: &str) -> Record {
    let label = if called.matched.is_some() { Label::new(text.trim()) } else { Label::new(&called.label) };
    Record { id: source.id(called.id), label, url: Some(called.url) }
}

/// The vendor's id of the person that `text` refers to.
pub async fn person(cx: &Cx, source: &Source<Book>, text: &str) -> Result<String> {
    source.person(cx, text, |port| port.people(cx, text.trim())).await
}

/// An account that a list was narrowed to, and by what it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MeantAccount {
    /// The account.
    pub id: RecordId,
    /// What matched.
    pub matched_by: MatchedBy,
}

/// The accounts a list is about: in each source at most one. Two systems may both hold the same customer.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    /// What was found, in the order of the sources.
    pub(crate) meant: Vec<MeantAccount>,
    failed: BTreeMap<String, Error>,
}

impl Accounts {
    /// The account of this source, if the list is about one.
    pub(crate) fn of(&self, source: &Source<Book>) -> Result<Option<String>> {
        match self.failed.get(&source.name) {
            Some(error) => Err(error.clone()),
            None => {
                Ok(self.meant.iter().find(|m| m.id.source() == source.name).map(|m| m.id.native().to_owned()))
            }
        }
    }
}

/// The accounts that `text` refers to; narrows the list to the sources that hold one. A source that cannot be asked
/// stays in the list and says so there.
pub(crate) async fn accounts(
    cx: &Cx,
    sources: &Sources<Book>,
    listing: &mut Listing,
    text: Option<&str>,
) -> Result<Accounts> {
    let Some(text) = text.map(str::trim) else { return Ok(Accounts::default()) };
    let accounts = match by_id(sources, text)? {
        Some(id) => {
            let meant = vec![MeantAccount { id, matched_by: MatchedBy::Id }];
            Accounts { meant, ..Accounts::default() }
        }
        None => by_name(cx, sources, listing.source.as_deref(), text).await?,
    };
    let held = accounts.meant.iter().map(|m| m.id.source()).chain(accounts.failed.keys().map(String::as_str));
    listing.narrow(held.map(str::to_owned));
    Ok(accounts)
}

/// By our id, or by a native id or URL that exactly one source knows as its own.
fn by_id(sources: &Sources<Book>, text: &str) -> Result<Option<RecordId>> {
    let known =
        |source: &Source<Book>, text: &str| Some(source.id(source.port.recognize(&[Noun::Account], text)?));
    if let Some(id) = sources.id(text)? {
        return known(sources.of(&id)?, id.native()).map(Some).ok_or_else(|| unknown(text));
    }
    let mut ids = sources.all().iter().filter_map(|source| known(source, text));
    match (ids.next(), ids.next()) {
        (Some(_), Some(_)) | (None, _) => Ok(None),
        (only, None) => Ok(only),
    }
}

async fn by_name(cx: &Cx, sources: &Sources<Book>, source: Option<&str>, text: &str) -> Result<Accounts> {
    let asked = sources.narrowed(source)?;
    let answers = sources.ask(cx, asked, |source| source.port.called(cx, Noun::Account, text)).await;
    let (mut accounts, mut near) = (Accounts::default(), Vec::new());
    for (source, answer) in answers {
        match answer {
            Ok(called) => {
                let (exact, others): (Vec<_>, Vec<_>) = called.into_iter().partition(|c| c.matched.is_some());
                if exact.len() > 1 {
                    return Err(exact
                        .into_iter()
                        .fold(ambiguous(text), |e, c| e.candidate(candidate(source, c))));
                }
                let meant = |c: Called| Some(MeantAccount { matched_by: c.matched?, id: source.id(c.id) });
                accounts.meant.extend(exact.into_iter().filter_map(meant));
                near.extend(others.into_iter().map(|c| candidate(source, c)));
            }
            Err(error) => drop(accounts.failed.insert(source.name.clone(), error)),
        }
    }
    match (accounts.meant.is_empty(), accounts.failed.is_empty()) {
        (true, true) => Err(near.into_iter().take(3).fold(unknown(text), Error::candidate)),
        _ => Ok(accounts),
    }
}

fn candidate(source: &Source<Book>, called: Called) -> Candidate {
    Candidate {
        id: source.id(called.id).to_string(),
        label: Label::new(&called.label).to_string(),
        url: Some(called.url),
    }
}

fn ambiguous(text: &str) -> Error {
    Error::new(Code::AmbiguousReference, format!("`{}` may mean several accounts", short(text)))
}

fn unknown(text: &str) -> Error {
    let message = format!("there is no account `{}` within reach of the configured sources", short(text));
    Error::new(Code::NotFound, message)
}

/// References come from callers and go into messages: cleaned and cut.
fn short(text: &str) -> Label {
    Label::new(content::cut(text, 80))
}
