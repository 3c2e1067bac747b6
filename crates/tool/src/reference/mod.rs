//! What callers call things: ids, human keys, URLs, exact names, e-mail addresses, `me`. None is `not_found` with the
//! nearest; several are `ambiguous_reference`; nothing is ever guessed.

mod customers;

#[cfg(test)]
mod tests;

pub use customers::{CustomerPage, Customers, PossibleCustomer};

use std::collections::BTreeMap;

use call::{BoxFuture, Cx};
use content::Label;
use error::{Candidate, Code, Error, Result};

use crate::{Fetch, Listing, Person, Place, Record, RecordId, Rows, Source, Sources};

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
        let (mut found, mut failed) = (Vec::new(), None);
        for (source, answer) in self.each(cx, named).await {
            match answer {
                Ok(records) => found.extend(records.into_iter().map(|record| (source, record))),
                Err(error) if says_nothing(&error) => {}
                Err(error) => failed = Some(error.said_by(&source.name)),
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
        match (exact.as_slice(), failed) {
            ([(source, record)], None) => Ok(Meant { source, native: record.id.native().to_owned() }),
            ([], Some(error)) => Err(error),
            ([], None) => {
                Err(near.iter().take(3).map(candidate).fold(not_found(noun, text), Error::candidate))
            }
            // With a source missing, even a single match may be one of several.
            _ => Err(exact.iter().map(candidate).fold(ambiguous(text), Error::candidate)),
        }
    }

    /// Every place (`noun`: a project, a space, a team) whose key or name is `text`, case aside, over the given
    /// sources; our id of one (`jira:PAY`) is that one. A source that cannot be asked is skipped while another knows
    /// one. None is `not_found` with the nearest three, or `unsupported` where no source has such places at all.
    pub async fn places<'s, 'f, F>(
        &'s self,
        cx: &Cx,
        noun: &str,
        source: Option<&str>,
        text: &str,
        list: F,
    ) -> Result<Vec<(&'s Source<P>, Place)>>
    where
        F: Fn(&'s Source<P>) -> BoxFuture<'f, Result<Vec<Place>>>,
    {
        let id = self.id(text)?;
        let (asked, wanted) = match &id {
            Some(id) => (vec![self.of(id)?], id.native().to_lowercase()),
            None => (self.narrowed(source)?, text.trim().to_lowercase()),
        };
        let named = |place: &Place| id.is_none() && place.name.as_str().to_lowercase() == wanted;
        let called = |place: &Place| place.key.to_lowercase() == wanted || named(place);
        let (mut places, mut others, mut failed) = (Vec::new(), Vec::new(), None);
        let (mut unable, mut answered) = (None, false);
        for (source, answer) in self.ask(cx, asked, list).await {
            match answer {
                Ok(all) => {
                    answered = true;
                    let (these, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|p| called(p));
                    places.extend(these.into_iter().map(|p| (source, p)));
                    others.extend(rest.into_iter().map(|p| (source, p)));
                }
                Err(error) if says_nothing(&error) => unable = Some(error),
                Err(error) => failed = Some(error.said_by(&source.name)),
            }
        }
        match (places.is_empty(), failed.or(unable.filter(|_| !answered))) {
            (false, _) => Ok(places),
            (true, Some(error)) => Err(error),
            (true, None) => Err(unknown_place(noun, text, &wanted, others)),
        }
    }

    /// The one place that `text` refers to.
    pub async fn place<'s, 'f, F>(
        &'s self,
        cx: &Cx,
        noun: &str,
        source: Option<&str>,
        text: &str,
        list: F,
    ) -> Result<(&'s Source<P>, Place)>
    where
        F: Fn(&'s Source<P>) -> BoxFuture<'f, Result<Vec<Place>>>,
    {
        let mut places = self.places(cx, noun, source, text, list).await?;
        match (places.pop(), places.is_empty()) {
            (Some(only), true) => Ok(only),
            (last, _) => {
                places.extend(last);
                let several = ambiguous(text).hint("say which one by its id, or with `source`");
                Err(places.iter().map(|(s, p)| candidate(s, p)).fold(several, Error::candidate))
            }
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

impl Listing {
    /// The key per source of the places that `text` was found to mean ([`Sources::places`]); narrows the list to the
    /// sources that have one.
    ///
    /// # Errors
    /// `ambiguous_reference` for two in one source: neither is guessed.
    pub fn keys<P: ?Sized>(
        &mut self,
        text: &str,
        places: &[(&Source<P>, Place)],
    ) -> Result<BTreeMap<String, String>> {
        let mut keys = BTreeMap::new();
        for (source, place) in places {
            if keys.insert(source.name.clone(), place.key.clone()).is_some() {
                let message = format!("`{}` may mean several of one source", short(text));
                let error = Error::new(Code::AmbiguousReference, message).hint("say which one by its id");
                let all = places.iter().map(|(source, place)| candidate(source, place));
                return Err(all.fold(error, Error::candidate));
            }
        }
        self.narrow(keys.keys().cloned());
        Ok(keys)
    }
}

/// A source that cannot be asked this way has no such record, as far as anybody can tell.
fn says_nothing(error: &Error) -> bool {
    matches!(error.code(), Code::Unsupported | Code::UnsupportedFilter)
}

fn unknown_place<P: ?Sized>(
    noun: &str,
    text: &str,
    wanted: &str,
    mut others: Vec<(&Source<P>, Place)>,
) -> Error {
    let far = |place: &Place| {
        strsim::osa_distance(wanted, &place.key.to_lowercase())
            .min(strsim::osa_distance(wanted, &place.name.as_str().to_lowercase()))
    };
    others.sort_by_key(|(_, place)| far(place));
    let error = Error::new(Code::NotFound, format!("no configured source has a {noun} `{}`", short(text)))
        .hint(format!("use one of the {noun}s in `candidates`, by its id"));
    others.iter().take(3).map(|(source, place)| candidate(source, place)).fold(error, Error::candidate)
}

fn candidate<P: ?Sized>(source: &Source<P>, place: &Place) -> Candidate {
    // A key may be a number that says nothing to a person.
    let label = match place.name.as_str().eq_ignore_ascii_case(&place.key) {
        true => place.key.clone(),
        false => format!("{} ({})", place.name, place.key),
    };
    Candidate::new(source.id(&*place.key).to_string(), label)
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
