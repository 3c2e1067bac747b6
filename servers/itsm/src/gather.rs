//! One question to several desks, in each one's own terms.

use call::{BoxFuture, Cx};
use error::Result;
use futures::future::join_all;
use tool::{Places, SourceReport, Sources, Told};

use crate::Source;
use crate::desk::Desk;

/// A desk and the question to it, or why it cannot be put.
pub(crate) type Asked<'s, Q> = (&'s Source, Result<Q>);

/// The question for every desk that has the place, or could not say whether it has.
pub(crate) fn each<'s, Q>(places: Places<'s, Desk>, question: impl Fn(String) -> Q) -> Vec<Asked<'s, Q>> {
    let found = places.found.into_iter().map(|(source, place)| (source, Ok(question(place.key))));
    found.chain(places.failed.into_iter().map(|(source, error)| (source, Err(error)))).collect()
}

/// The answers of those who answered, and a report on each. Fails only if nobody answered.
pub(crate) async fn gather<'s, Q: Sync, T: Send + 's>(
    cx: &Cx,
    sources: &'s Sources<Desk>,
    asked: &'s [Asked<'s, Q>],
    ask: impl Fn(&'s Source, &'s Q) -> BoxFuture<'s, Result<T>>,
) -> Result<(Vec<T>, Vec<SourceReport>)> {
    let ask = &ask;
    let answers = join_all(asked.iter().map(|(source, query)| async move {
        let put = |source| match query {
            Ok(query) => ask(source, query),
            Err(error) => Box::pin(std::future::ready(Err(error.clone()))),
        };
        sources.ask(cx, vec![*source], put).await.pop()
    }));
    let Told { answers, reports, .. } = Told::of(answers.await.into_iter().flatten(), cx.now()).settled()?;
    Ok((answers.into_iter().map(|(_, answer)| answer).collect(), reports))
}
