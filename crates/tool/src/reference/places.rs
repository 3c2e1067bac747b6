//! Places (projects, spaces, teams) that callers name, source by source: each may have one of that name.

use std::collections::BTreeMap;

use call::{BoxFuture, Cx};
use error::{Candidate, Code, Error, Result};

use super::{ambiguous, says_nothing, short};
use crate::{Listing, Place, Source, Sources, worth_repeating};

/// The places that a text was found to mean.
pub struct Places<'s, P: ?Sized> {
    /// Each with its source.
    pub found: Vec<(&'s Source<P>, Place)>,
    /// Sources that could not say whether they have one, and why.
    pub failed: Vec<(&'s Source<P>, Error)>,
}

/// The key of the place that a list is narrowed to, in every source that it asks; none, if there is no such filter.
#[derive(Clone, Debug, Default)]
pub struct Keys(BTreeMap<String, Result<String>>);

impl Keys {
    /// The key in a source.
    ///
    /// # Errors
    /// Why the source could not say whether it has the place.
    pub fn of<P: ?Sized>(&self, source: &Source<P>) -> Result<Option<String>> {
        self.0.get(&source.name).cloned().transpose()
    }
}

impl<P: ?Sized + Send + Sync + 'static> Sources<P> {
    /// Every place (`noun`: a project, a space, a team) whose key or name is `text`, case aside, over the given
    /// sources; our id of one (`jira:PAY`) is that one. A source that cannot be asked is told beside what others know.
    /// None is `not_found` with the nearest three, or `unsupported` where no source has such places at all.
    pub async fn places<'s, 'f, F>(
        &'s self,
        cx: &Cx,
        noun: &str,
        source: Option<&str>,
        text: &str,
        list: F,
    ) -> Result<Places<'s, P>>
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
        let (mut found, mut others, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        let (mut unable, mut answered) = (None, false);
        for (source, answer) in self.ask(cx, asked, list).await {
            match answer {
                Ok(all) => {
                    answered = true;
                    let (these, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|p| called(p));
                    found.extend(these.into_iter().map(|p| (source, p)));
                    others.extend(rest.into_iter().map(|p| (source, p)));
                }
                Err(error) if says_nothing(&error) => unable = Some(error),
                Err(error) => failed.push((source, error)),
            }
        }
        if !found.is_empty() {
            return Ok(Places { found, failed });
        }
        Err(match (failed.is_empty(), unable.filter(|_| !answered)) {
            (false, _) => worth_repeating(failed.into_iter().map(|(source, e)| e.said_by(&source.name))),
            (true, Some(unable)) => unable,
            (true, None) => unknown(noun, text, &wanted, others),
        })
    }

    /// The one place that `text` refers to. One that is known is enough: who could not be asked is not waited for.
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
        let mut places = self.places(cx, noun, source, text, list).await?.found;
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

impl Listing {
    /// The key per source of the places that `text` was found to mean ([`Sources::places`]); narrows the list to the
    /// sources that have one. A source that could not be asked stays in the list and says so there.
    ///
    /// # Errors
    /// `ambiguous_reference` for two in one source: neither is guessed.
    pub fn keys<P: ?Sized>(&mut self, text: &str, places: Places<'_, P>) -> Result<Keys> {
        let mut keys = BTreeMap::new();
        for (source, place) in &places.found {
            if keys.insert(source.name.clone(), Ok(place.key.clone())).is_some() {
                let message = format!("`{}` may mean several of one source", short(text));
                let error = Error::new(Code::AmbiguousReference, message).hint("say which one by its id");
                let all = places.found.iter().map(|(source, place)| candidate(source, place));
                return Err(all.fold(error, Error::candidate));
            }
        }
        keys.extend(places.failed.into_iter().map(|(source, error)| (source.name.clone(), Err(error))));
        self.narrow(keys.keys().cloned());
        Ok(Keys(keys))
    }
}

fn unknown<P: ?Sized>(noun: &str, text: &str, wanted: &str, mut others: Vec<(&Source<P>, Place)>) -> Error {
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
