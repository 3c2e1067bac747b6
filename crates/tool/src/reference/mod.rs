//! What callers call things: ids, human keys, URLs, exact names, e-mail addresses, `me`. None is `not_found` with the
//! nearest; several are `ambiguous_reference`; nothing is ever guessed.

mod customers;
mod places;

#[cfg(test)]
mod tests;

pub use customers::{CustomerPage, Customers, PossibleCustomer};
pub use places::{Keys, Places};

use call::{BoxFuture, Cx};
use content::Label;
use error::{Candidate, Code, Error, Result};

use crate::{Fetch, Person, Record, RecordId, Rows, Source, Sources, worth_repeating};

/// A record that was referred to: its source and its native id.
pub struct Meant<'s, P: ?Sized> {
    /// The source that has it.
    pub source: &'s Source<P>,
    /// Its native id.
    pub native: String,
}

impl<P: ?Sized> Meant<'_, P> {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.source.id(&*self.native)
    }
}

impl<P: ?Sized + Send + Sync + 'static> Sources<P> {
    /// The `noun` that `text` (our id, a human key, a URL or an exact name) refers to.
    ///
    /// `recognize` gives the native id that a key or URL of a port stands for, asking nobody. `named` searches a
    /// source for records whose name contains the text; only one whose label equals it, case aside, is meant.
    pub async fn meant<'s, 'f, F>(
        &'s self,
        cx: &Cx,
        noun: &str,
        text: &str,
        recognize: impl Fn(&P, &str) -> Option<String>,
        named: F,
    ) -> Result<Meant<'s, P>>
    where
        F: Fn(&'s Source<P>) -> BoxFuture<'f, Result<Vec<Record>>>,
    {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::invalid(noun.to_owned(), "must not be blank"));
        }
        if let Some(id) = self.id(text)? {
            let source = self.of(&id)?;
            let odd =
                || not_found(noun, text).hint("this source's ids look different; search for it by its text");
            return recognize(&source.port, id.native())
                .map(|native| Meant { source, native })
                .ok_or_else(odd);
        }
        let known =
            |source: &'s Source<P>| recognize(&source.port, text).map(|native| Meant { source, native });
        let mut known: Vec<Meant<'s, P>> = self.all().iter().filter_map(known).collect();
        match (known.pop(), known.is_empty()) {
            (Some(meant), true) => Ok(meant),
            (Some(last), false) => {
                known.push(last);
                let candidate = |m: &Meant<'_, P>| Candidate::new(m.id().to_string(), text.to_owned());
                Err(known.iter().map(candidate).fold(ambiguous(text), Error::candidate))
            }
            (None, _) if text.contains("://") => {
                Err(not_found(noun, text).hint("this URL belongs to no configured source"))
            }
            (None, _) => self.called(cx, noun, text, named).await,
        }
    }

    /// By exact name, case aside.
    async fn called<'s, 'f, F>(&'s self, cx: &Cx, noun: &str, text: &str, named: F) -> Result<Meant<'s, P>>
    where
        F: Fn(&'s Source<P>) -> BoxFuture<'f, Result<Vec<Record>>>,
    {
        let (mut found, mut failed) = (Vec::new(), Vec::new());
        for (source, answer) in self.each(cx, named).await {
            match answer {
                Ok(records) => found.extend(records.into_iter().map(|record| (source, record))),
                Err(error) if says_nothing(&error) => {}
                Err(error) => failed.push(error.said_by(&source.name)),
            }
        }
        let wanted = Label::new(text).as_str().to_lowercase();
        let same = |(_, record): &(&Source<P>, Record)| record.label.as_str().to_lowercase() == wanted;
        let (exact, near): (Vec<_>, Vec<_>) = found.into_iter().partition(same);
        let candidate = |(_, record): &(&Source<P>, Record)| Candidate {
            id: record.id.to_string(),
            label: record.label.to_string(),
            url: record.url.clone(),
            of_person: record.label.is_of_person(),
        };
        match (exact.as_slice(), failed.is_empty()) {
            ([(source, record)], true) => Ok(Meant { source, native: record.id.native().to_owned() }),
            ([], false) => Err(worth_repeating(failed)),
            ([], true) => {
                Err(near.iter().take(3).map(candidate).fold(not_found(noun, text), Error::candidate))
            }
            // With a source missing, even a single match may be one of several.
            _ => Err(exact.iter().map(candidate).fold(ambiguous(text), Error::candidate)),
        }
    }
}

impl Rows<Record> {
    /// What to ask a port for when a name is looked up: as much as one page may hold.
    pub const LOOK_UP: Fetch = Fetch { token: None, limit: 100 };

    /// The records whose name contains what was looked up, if these are all of them.
    ///
    /// # Errors
    /// `ambiguous_reference` if there are more: one that was not looked at may bear the very name.
    pub fn all(self) -> Result<Vec<Record>> {
        if self.next.is_none() {
            return Ok(self.rows);
        }
        let message = format!("more than {} records contain these words", self.rows.len());
        Err(Error::new(Code::AmbiguousReference, message).hint("name the record by its id, key or URL"))
    }
}

impl<P: ?Sized> Source<P> {
    /// The vendor's id of the person that `text` (`me`, an e-mail address, an id, a login or a full name) refers to.
    /// `look` asks the port for the people whose address, id, login or full name is the text.
    pub async fn person<'s>(
        &'s self,
        cx: &Cx,
        text: &str,
        look: impl FnOnce(&'s P) -> BoxFuture<'s, Result<Vec<Person>>>,
    ) -> Result<String> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("me") {
            return self.me(cx).map(str::to_owned);
        }
        let mut people = look(&self.port).await?;
        match (people.pop(), people.is_empty()) {
            (Some(only), true) => Ok(only.id),
            (None, _) => {
                let message = format!("`{}` knows nobody called `{}`", self.name, short(text));
                Err(Error::new(Code::NotFound, message).hint(
                    "name the person by e-mail address, by the vendor's user id, or by their exact full name",
                ))
            }
            (Some(last), false) => {
                people.push(last);
                let candidate = |p: Person| Candidate {
                    label: p.email.map_or_else(|| p.name.to_string(), |e| format!("{} <{e}>", p.name)),
                    id: p.id,
                    url: None,
                    of_person: true,
                };
                Err(people.into_iter().map(candidate).fold(ambiguous(text), Error::candidate))
            }
        }
    }
}

/// A source that cannot be asked this way has no such record, as far as anybody can tell.
fn says_nothing(error: &Error) -> bool {
    matches!(error.code(), Code::Unsupported | Code::UnsupportedFilter)
}

fn ambiguous(text: &str) -> Error {
    Error::new(Code::AmbiguousReference, format!("`{}` may mean several", short(text)))
}

fn not_found(noun: &str, text: &str) -> Error {
    let message = format!("there is no {noun} `{}` within reach of the configured sources", short(text));
    Error::new(Code::NotFound, message)
}

/// References come from callers and go into messages: cleaned and cut.
fn short(text: &str) -> Label {
    Label::new(content::cut(text, 80))
}
