//! `get_iteration_status`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Meta, Output, Sources, Tool};

use crate::model::Iteration;
use crate::reference;
use crate::tracker::Tracker;

/// How a sprint (Jira) or milestone (GitHub) stands: issues committed, done, open, blocked, spilled. A number the
/// tracker does not know is absent.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetIterationStatus {
    /// Project or repository: key or name
    #[schemars(length(min = 1, max = 200))]
    project: String,
    /// Its name; the one under way if absent
    #[schemars(length(max = 200))]
    iteration: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Output for Iteration {}

impl Tool for GetIterationStatus {
    type Port = Tracker;
    type Out = Iteration;
    const META: Meta = Meta::read("get_iteration_status", "Get iteration status", "issues:read").report();

    async fn run(self, cx: &Cx, sources: &Sources<Tracker>) -> Result<Iteration> {
        let (source, place) = reference::place(cx, sources, self.source.as_deref(), &self.project).await?;
        source.port.iteration(cx, &place.key, self.iteration.as_deref()).await
    }
}
