//! The repositories within reach.

use std::sync::Arc;
use std::time::Duration;

use call::{Cached, Cx, Fresh};
use content::Label;
use error::Result;

use super::hub::Hub;
use super::place::Repository;
use super::{ask, gone, wire};

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

async fn read(hub: Arc<Hub>, repositories: Vec<Repository>, cx: Cx) -> Result<Fresh<Vec<tool::Place>>> {
    let asked = |one| hub.get::<wire::Repo>(&cx, ask::of("/repos/{owner}/{repo}", one));
    let answers = gone::each(repositories.iter().map(|one| (one, asked(one)))).await?;
    let place = |(repository, repo): (&Repository, Option<wire::Repo>)| {
        Some(tool::Place { key: repository.to_string(), name: Label::new(&repo?.full_name) })
    };
    let value = repositories.iter().zip(answers).filter_map(place).collect();
    Ok(Fresh { value, fresh_for: FRESH, valid_for: VALID })
}
