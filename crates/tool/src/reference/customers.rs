//! Whom a `customer` filter means, source by source: each may know the customer under another id.

use content::Label;
use error::{Candidate, Code, Error, Result};
use schemars::JsonSchema;
use serde::Serialize;

use super::{ambiguous, not_found, says_nothing};
use crate::{Listing, MatchedBy, MatchedCustomer, Output, Page, RecordId, Source};

/// A customer that may be meant by what a caller said.
#[derive(Clone, Debug)]
pub struct PossibleCustomer {
    /// Its id in the source that found it.
    pub id: RecordId,
    /// Its name, where the source was asked for it.
    pub name: Option<Label>,
    /// Where a person can look at it.
    pub url: Option<String>,
    /// What of it is what the caller said; `None` if it only resembles that.
    pub matched_by: Option<MatchedBy>,
}

/// The customer that a filter means in every source that knows one; nobody, if there is no filter.
#[derive(Debug, Default)]
pub struct Customers {
    found: Vec<(String, Result<MatchedCustomer>)>,
}

impl Customers {
    /// Settles who is meant by `text` among what sources found for it, and narrows the list to those that know one.
    /// A source that could not be asked stays in the list and says so there.
    ///
    /// # Errors
    /// `ambiguous_reference` where a source knows several; where none knows one, why one could not be asked, else
    /// `not_found` with the nearest three.
    pub fn settle<'s, P: ?Sized + 's>(
        listing: &mut Listing,
        noun: &str,
        text: &str,
        answers: impl IntoIterator<Item = (&'s Source<P>, Result<Vec<PossibleCustomer>>)>,
    ) -> Result<Self> {
        let (mut found, mut near, mut asked) = (Vec::new(), Vec::new(), false);
        for (source, answer) in answers {
            match answer {
                Ok(all) => {
                    asked = true;
                    let meant = only(text, all, &mut near)?;
                    found.extend(meant.map(|customer| (source.name.clone(), Ok(customer))));
                }
                Err(error) if error.code() == Code::NotFound => asked = true,
                Err(error) => found.push((source.name.clone(), Err(error))),
            }
        }
        if !found.iter().any(|(_, customer)| customer.is_ok()) {
            let hint = format!("name the {noun} by id, domain, ERP or billing number, or exact name");
            let nobody = not_found(noun, text).hint(hint);
            let nobody = near.iter().take(3).map(candidate).fold(nobody, Error::candidate);
            // With a source missing nobody can say that there is no such customer.
            let mut failed =
                found.into_iter().filter_map(|(source, customer)| Some(customer.err()?.said_by(&source)));
            return Err(failed.find(|error| !asked || !says_nothing(error)).unwrap_or(nobody));
        }
        listing.narrow(found.iter().map(|(source, _)| source.clone()));
        Ok(Self { found })
    }

    /// The customer's native id in a source, if the list is about one.
    pub fn of<P: ?Sized>(&self, source: &Source<P>) -> Result<Option<String>> {
        match self.found.iter().find(|(name, _)| *name == source.name) {
            Some((_, Ok(customer))) => Ok(Some(customer.id.native().to_owned())),
            Some((_, Err(error))) => Err(error.clone()),
            None if self.found.is_empty() => Ok(None),
            None => Err(Error::internal("a source without the customer was asked")),
        }
    }

    /// The customers that were meant, one a source at most.
    #[must_use]
    pub fn meant(&self) -> Vec<MatchedCustomer> {
        self.found.iter().filter_map(|(_, customer)| customer.as_ref().ok().cloned()).collect()
    }

    /// A page, and the customers that were meant.
    pub fn page<T>(&self, page: Page<T>) -> CustomerPage<T> {
        CustomerPage { page, customers: self.meant() }
    }
}

/// A page that may have been narrowed to one customer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CustomerPage<T> {
    /// The list.
    #[serde(flatten)]
    pub page: Page<T>,
    /// Who was meant, one a source at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub customers: Vec<MatchedCustomer>,
}

impl<T: Serialize + JsonSchema + Send> Output for CustomerPage<T> {
    const LIST: Option<&'static str> = Page::<T>::LIST;

    fn rows(&self) -> usize {
        self.page.rows()
    }
}

/// The one customer that is meant among those found in a source; those that only resemble it go to `near`.
fn only(
    text: &str,
    all: Vec<PossibleCustomer>,
    near: &mut Vec<PossibleCustomer>,
) -> Result<Option<MatchedCustomer>> {
    let (exact, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|found| found.matched_by.is_some());
    near.extend(others);
    if exact.len() > 1 {
        return Err(exact.iter().take(5).map(candidate).fold(ambiguous(text), Error::candidate));
    }
    let matched = |found: PossibleCustomer| {
        Some(MatchedCustomer { id: found.id, name: found.name, matched_by: found.matched_by? })
    };
    Ok(exact.into_iter().find_map(matched))
}

fn candidate(found: &PossibleCustomer) -> Candidate {
    let id = found.id.to_string();
    let label = found.name.as_ref().map_or_else(|| id.clone(), Label::to_string);
    Candidate { url: found.url.clone(), ..Candidate::new(id, label) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn source(name: &str) -> Source<()> {
        Source { name: name.into(), vendor: "shelf", port: Arc::new(()), users: call::Users::default() }
    }

    fn found(id: &str, matched_by: Option<MatchedBy>) -> PossibleCustomer {
        let id = RecordId::parse(id).unwrap();
        PossibleCustomer { name: Some(Label::new(id.native())), id, url: None, matched_by }
    }

    fn settle(answers: Vec<(&str, Result<Vec<PossibleCustomer>>)>) -> (Listing, Result<Customers>) {
        let sources: Vec<_> = answers.into_iter().map(|(name, answer)| (source(name), answer)).collect();
        let mut listing =
            Listing { query: String::new(), limit: None, cursor: None, source: None, only: None };
        let answers = sources.iter().map(|(source, answer)| (source, answer.clone()));
        let customers = Customers::settle(&mut listing, "customer", "Nordwind", answers);
        (listing, customers)
    }

    fn refused(code: Code) -> Result<Vec<PossibleCustomer>> {
        Err(Error::new(code, "cannot"))
    }

    #[test]
    fn each_source_knows_the_customer_under_its_own_id() {
        let (by_name, by_key) = (Some(MatchedBy::Name), Some(MatchedBy::ErpCustomer));
        let (listing, customers) = settle(vec![
            ("a", Ok(vec![found("a:1", by_name), found("a:2", None)])),
            ("b", Ok(vec![found("b:9", by_key)])),
            ("c", Ok(vec![found("c:3", None)])),
            ("d", refused(Code::UpstreamUnavailable)),
        ]);
        let customers = customers.unwrap();
        assert_eq!(listing.only.unwrap(), ["a", "b", "d"], "those that know it, and the one that cannot say");
        assert_eq!(customers.of(&source("b")).unwrap().as_deref(), Some("9"));
        assert_eq!(customers.of(&source("d")).unwrap_err().code(), Code::UpstreamUnavailable);
        assert_eq!(customers.of(&source("c")).unwrap_err().code(), Code::Internal);
        assert_eq!(Customers::default().of(&source("a")).unwrap(), None, "no filter, every customer");
    }

    #[test]
    fn nobody_is_guessed() {
        let exact = Some(MatchedBy::Name);
        let (_, several) = settle(vec![("a", Ok(vec![found("a:1", exact), found("a:2", exact)]))]);
        let several = several.unwrap_err();
        assert_eq!((several.code(), several.wire("").candidates.len()), (Code::AmbiguousReference, 2));
        let (_, near) = settle(vec![("a", Ok(vec![found("a:2", None)])), ("b", refused(Code::Unsupported))]);
        let near = near.unwrap_err();
        assert_eq!((near.code(), &*near.wire("").candidates[0].id), (Code::NotFound, "a:2"));
    }

    #[test]
    fn a_source_that_could_not_be_asked_leaves_nothing_certain() {
        for (answers, code) in [
            (vec![("a", Ok(vec![])), ("b", refused(Code::Deadline))], Code::Deadline),
            (vec![("a", refused(Code::NotFound)), ("b", refused(Code::Unsupported))], Code::NotFound),
            (vec![("a", refused(Code::UnsupportedFilter))], Code::UnsupportedFilter),
        ] {
            assert_eq!(settle(answers).1.unwrap_err().code(), code);
        }
    }
}
