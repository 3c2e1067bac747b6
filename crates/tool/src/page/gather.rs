//! One answer of each source, where the answers are no rows of a page.

use call::{BoxFuture, Cx};
use error::{Code, Error, Result};
use jiff::Timestamp;

use crate::{Listing, Source, SourceReport, Sources};

impl<P: ?Sized + Send + Sync + 'static> Sources<P> {
    /// Asks every source that `listing` concerns: what they answered, and how each of them did.
    ///
    /// # Errors
    /// Only if every source failed; of the failures the one that is worth repeating speaks for all.
    pub async fn gather<'s, 'f, T, F>(
        &'s self,
        cx: &Cx,
        listing: &Listing,
        ask: F,
    ) -> Result<(Vec<T>, Vec<SourceReport>)>
    where
        F: Fn(&'s Source<P>) -> BoxFuture<'f, Result<T>>,
    {
        let asked = self.ask(cx, self.concerned(listing)?, ask).await;
        let Told { answers, reports, .. } = Told::of(asked, cx.now()).settled()?;
        Ok((answers.into_iter().map(|(_, answer)| answer).collect(), reports))
    }

    /// The sources that a list is about.
    ///
    /// # Errors
    /// `invalid_argument` for a source that is not configured.
    pub fn concerned(&self, listing: &Listing) -> Result<Vec<&Source<P>>> {
        let mut some = self.narrowed(listing.source.as_deref())?;
        some.retain(|source| listing.only.as_ref().is_none_or(|only| only.contains(&source.name)));
        Ok(some)
    }
}

impl Listing {
    /// Rows where the caller does not say how many.
    pub const USUAL: u32 = 20;

    /// Leaves only the sources called one of `names`.
    pub fn narrow(&mut self, names: impl IntoIterator<Item = String>) {
        let names: Vec<String> = names.into_iter().collect();
        self.only = Some(match self.only.take() {
            Some(only) => only.into_iter().filter(|n| names.contains(n)).collect(),
            None => names,
        });
    }
}

/// What sources told that were asked at once: answers apart from failures, each with its source, in their order.
pub struct Told<'s, P: ?Sized, T> {
    /// The answers.
    pub answers: Vec<(&'s Source<P>, T)>,
    /// How each source did.
    pub reports: Vec<SourceReport>,
    /// Why those failed that did.
    pub failures: Vec<(&'s Source<P>, Error)>,
}

impl<'s, P: ?Sized, T> Told<'s, P, T> {
    /// Sorts what [`Sources::ask`] gave, as of `now`.
    pub fn of(asked: impl IntoIterator<Item = (&'s Source<P>, Result<T>)>, now: Timestamp) -> Self {
        let mut told = Self { answers: Vec::new(), reports: Vec::new(), failures: Vec::new() };
        for (source, answer) in asked {
            match answer {
                Ok(answer) => {
                    told.reports.push(SourceReport::ok(source, now));
                    told.answers.push((source, answer));
                }
                Err(error) => {
                    told.reports.push(SourceReport::failed(source, &error));
                    told.failures.push((source, error));
                }
            }
        }
        told
    }

    /// The same, if anybody answered or nobody was asked.
    ///
    /// # Errors
    /// Only if every source failed; of the failures the one that is worth repeating speaks for all.
    pub fn settled(self) -> Result<Self> {
        match self.answers.is_empty() && !self.failures.is_empty() {
            true => {
                Err(worth_repeating(self.failures.into_iter().map(|(source, e)| e.said_by(&source.name))))
            }
            false => Ok(self),
        }
    }
}

/// Of the failures of all sources ([`Error::said_by`] each), the one that is worth repeating speaks for all.
#[must_use]
pub fn worth_repeating(failures: impl IntoIterator<Item = Error>) -> Error {
    // Whoever knows several is closer to an answer than whoever knows nobody.
    let weight = |code: Code| match code {
        Code::UnsupportedFilter => 0,
        Code::NotFound | Code::CallerNotMapped => 1,
        Code::AmbiguousReference => 3,
        _ => 2,
    };
    let worst = failures.into_iter().max_by_key(|e| (e.is_retryable(), weight(e.code())));
    worst.unwrap_or_else(|| Error::internal("no source failed"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Seal, SourceStatus};

    /// Sources that answer with their number, or with the error of this code.
    fn sources(answers: &[(&str, Result<u32, Code>)]) -> Sources<Result<u32, Code>> {
        let source = |(name, answer): &(&str, _)| Source {
            name: (*name).into(),
            vendor: "shelf",
            port: Arc::new(*answer),
            users: call::Users::default(),
        };
        Sources::new(answers.iter().map(source).collect(), Seal::ephemeral())
    }

    async fn gather(
        sources: &Sources<Result<u32, Code>>,
        only: &[&str],
    ) -> Result<(Vec<u32>, Vec<SourceReport>)> {
        let mut listing = Listing::default();
        listing.narrow(only.iter().map(|name| (*name).to_owned()));
        let ask = |source: &Source<Result<u32, Code>>| -> BoxFuture<'_, _> {
            let answer = source.port.map_err(|code| Error::new(code, "cannot"));
            Box::pin(async move { answer })
        };
        sources.gather(&Cx::for_test(), &listing, ask).await
    }

    #[tokio::test]
    async fn a_source_that_fails_costs_its_answer_alone() {
        let sources = sources(&[("a", Ok(1)), ("b", Err(Code::UpstreamUnavailable)), ("c", Ok(3))]);
        let (answers, reports) = gather(&sources, &["a", "b"]).await.unwrap();
        assert_eq!(answers, [1], "and who is not concerned is not asked");
        let status = reports.iter().map(|r| (r.source.as_str(), r.status)).collect::<Vec<_>>();
        assert_eq!(status, [("a", SourceStatus::Ok), ("b", SourceStatus::Error)]);
    }

    #[tokio::test]
    async fn what_can_be_repeated_speaks_for_all() {
        let sources = sources(&[
            ("a", Err(Code::Permission)),
            ("b", Err(Code::UpstreamUnavailable)),
            ("c", Err(Code::UnsupportedFilter)),
        ]);
        assert_eq!(gather(&sources, &["a", "b", "c"]).await.unwrap_err().code(), Code::UpstreamUnavailable);
        assert_eq!(gather(&sources, &["a", "c"]).await.unwrap_err().code(), Code::Permission);
        let people = self::sources(&[("a", Err(Code::AmbiguousReference)), ("b", Err(Code::NotFound))]);
        assert_eq!(gather(&people, &["a", "b"]).await.unwrap_err().code(), Code::AmbiguousReference);
        assert!(gather(&sources, &[]).await.unwrap().0.is_empty(), "nobody is asked, nobody fails");
    }
}
