//! Repositories that are not there: renamed, deleted, taken from the app, or without issues.
//!
//! Where several are asked at once, such a one is no reason to lose the others: it has nothing to say, and the log
//! tells the operator which it is. The question fails only if none is there, and so does one about a single
//! repository.

use error::{Code, Error, Result};
use futures::future::try_join_all;

use super::place::Repository;

/// Asks several repositories at once. The answers are in the order of the questions, `None` where no repository is.
///
/// Errors: whatever a repository fails with, but `not_found` only if none is there.
pub(super) async fn each<'r, T, Fut>(
    asked: impl IntoIterator<Item = (&'r Repository, Fut)>,
) -> Result<Vec<Option<T>>>
where
    Fut: Future<Output = Result<T>>,
{
    let answers = asked.into_iter().map(|(one, answer)| async move { told(one, answer.await) });
    let answers = try_join_all(answers).await?;
    let there = answers.iter().any(Result::is_ok);
    answers
        .into_iter()
        .map(|answer| match answer {
            Err(gone) if !there => Err(gone),
            answer => Ok(answer.ok()),
        })
        .collect()
}

/// The answer of one of several repositories; the inner error is the `not_found` of one that is gone.
pub(super) fn told<T>(repository: &Repository, answer: Result<T>) -> Result<Result<T, Error>> {
    match answer {
        Err(error) if error.code() == Code::NotFound => {
            tracing::warn!(%repository, ?error, "a configured repository is not there and left out");
            Ok(Err(error))
        }
        answer => answer.map(Ok),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(answers: &[Result<u32, Code>]) -> Result<Vec<Option<u32>>, Code> {
        let repository = Repository::parse("acme/web").unwrap();
        let answer = |answer: &Result<u32, Code>| answer.map_err(|code| Error::new(code, "failed"));
        let asked = answers.iter().map(|one| (&repository, std::future::ready(answer(one))));
        each(asked).await.map_err(|error| error.code())
    }

    #[tokio::test]
    async fn only_those_that_are_there_speak() {
        let gone = Err(Code::NotFound);
        assert_eq!(ask(&[gone, Ok(1), gone, Ok(2)]).await, Ok(vec![None, Some(1), None, Some(2)]));
        assert_eq!(ask(&[gone, gone]).await, Err(Code::NotFound));
        assert_eq!(ask(&[]).await, Ok(vec![]), "nobody is asked, nobody is missing");
        assert_eq!(ask(&[Ok(1), gone, Err(Code::Permission)]).await, Err(Code::Permission));
    }
}
