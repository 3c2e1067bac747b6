//! The repositories within reach.

use std::sync::Arc;
use std::time::Duration;

use call::{Cached, Cx, Fresh};
use content::Label;
use error::{Code, Result};
use futures::future::join_all;

use super::hub::Hub;
use super::place::Repository;
use super::{ask, wire};

/// How long the repositories are taken for the same: every question that names one asks for them.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// How long they are served while they are asked for anew.
const VALID: Duration = Duration::from_secs(30 * 60);

/// The configured repositories that the account can see.
#[derive(Default)]
pub(super) struct Projects(Cached<Vec<tool::Place>>);

impl Projects {
    /// All of them, as GitHub said within the last minutes.
    pub(super) async fn all(
        &self,
        hub: &Arc<Hub>,
        repositories: &[Repository],
        cx: &Cx,
    ) -> Result<Vec<tool::Place>> {
        let known = self.0.shared(cx, |cx| read(Arc::clone(hub), repositories.to_vec(), cx)).await?;
        Ok(known.to_vec())
    }
}

/// Errors: whatever a repository fails with, but `not_found` only if none is found: one that was renamed or taken
/// from the app is no reason to lose the others.
async fn read(hub: Arc<Hub>, repositories: Vec<Repository>, cx: Cx) -> Result<Fresh<Vec<tool::Place>>> {
    let asked = repositories.iter().map(|one| hub.get(&cx, ask::of("/repos/{owner}/{repo}", one)));
    let answers: Vec<Result<wire::Repo>> = join_all(asked).await;
    let (mut value, mut failed) = (Vec::new(), None);
    for (repository, answer) in repositories.iter().zip(answers) {
        match answer {
            Ok(repo) => {
                value.push(tool::Place { key: repository.to_string(), name: Label::new(&repo.full_name) })
            }
            Err(error) if error.code() == Code::NotFound => failed = failed.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    match failed {
        Some(error) if value.is_empty() => Err(error),
        _ => Ok(Fresh { value, fresh_for: FRESH, valid_for: VALID }),
    }
}
