//! `list_release_blockers`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Listing, Meta, Page, Sources, Tool};

use crate::listing;
use crate::model::{Blocker, Priority};
use crate::tracker::{Release, Tracker};

/// Open issues that stand in the way of shipping a release or version, each with its reason: priority, flag, label or
/// an open issue it waits for. Newest change first.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListReleaseBlockers {
    /// Version or milestone by name; every open one if absent
    #[schemars(length(max = 200))]
    release: Option<String>,
    /// Project or repository: key or name
    #[schemars(length(max = 200))]
    project: Option<String>,
    /// This priority or worse blocks by itself; high if absent
    severity: Option<Priority>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for ListReleaseBlockers {
    type Port = Tracker;
    type Out = Page<Blocker>;
    const META: Meta = Meta::read("list_release_blockers", "List release blockers", "issues:read").placed();

    fn stakes(&self) -> tool::Stakes {
        tool::Stakes { place: tool::Within::named([&self.project]), ..tool::Stakes::default() }
    }

    async fn run(mut self, cx: &Cx, sources: &Sources<Tracker>) -> Result<Page<Blocker>> {
        let cursor = self.cursor.take();
        let mut listing = Listing {
            query: format!("{self:?}"),
            limit: self.limit,
            cursor,
            source: self.source,
            only: None,
        };
        let projects = listing::projects(cx, sources, &mut listing, self.project.as_deref()).await?;
        let release = Release { project: None, name: self.release, severity: self.severity };
        let (release, projects) = (&release, &projects);
        sources
            .page(
                cx,
                &listing,
                |blocker: &Blocker| listing::newest_first(&blocker.issue),
                |source, page| {
                    Box::pin(async move {
                        let release = Release { project: projects.of(source)?, ..release.clone() };
                        source.port.blockers(cx, &release, page).await
                    })
                },
            )
            .await
    }
}
