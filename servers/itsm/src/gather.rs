//! One question to several desks, in each one's own terms.

use call::{BoxFuture, Cx};
use error::Result;
use futures::future::join_all;
use tool::{SourceReport, Sources, Told};

use crate::Source;
use crate::desk::Desk;

/// The answers of those who answered, and a report on each. Fails only if nobody answered.
pub(crate) async fn gather<'s, Q: Sync, T>(
    cx: &Cx,
    sources: &'s Sources<Desk>,
    asked: &'s [(&'s Source, Q)],
    ask: impl Fn(&'s Source, &'s Q) -> BoxFuture<'s, Result<T>>,
) -> Result<(Vec<T>, Vec<SourceReport>)> {
    let ask = &ask;
    let answers = join_all(asked.iter().map(|(source, query)| async move {
        let mut answer = sources.ask(cx, vec![*source], |source| ask(source, query)).await;
        answer.pop()
    }));
    let Told { answers, reports, mut failures } = Told::of(answers.await.into_iter().flatten(), cx.now());
    match failures.pop() {
        Some((_, error)) if answers.is_empty() => Err(error),
        _ => Ok((answers.into_iter().map(|(_, answer)| answer).collect(), reports)),
    }
}
