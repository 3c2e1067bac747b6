//! Lists of issues over all sources: what the list tools share.

use std::cmp::Reverse;

use call::Cx;
use error::Result;
use tool::{Keys, Listing, Page, RecordId, Sources};

use crate::model::Issue;
use crate::reference;
use crate::tracker::{Query, Tracker};

/// What each source has to translate into its own terms before it can be asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// A person as the caller calls them.
    pub(crate) assignee: Option<String>,
    /// A project as the caller calls it.
    pub(crate) project: Option<String>,
    /// These issues and no others; empty for all.
    pub(crate) ids: Vec<RecordId>,
}

/// Issues of all sources concerned, newest change first.
pub(crate) async fn issues(
    cx: &Cx,
    sources: &Sources<Tracker>,
    mut listing: Listing,
    query: Query,
    scope: Scope,
) -> Result<Page<Issue>> {
    let projects = projects(cx, sources, &mut listing, scope.project.as_deref()).await?;
    if !scope.ids.is_empty() {
        listing.narrow(scope.ids.iter().map(|id| id.source().to_owned()));
    }
    let (query, projects, scope) = (&query, &projects, &scope);
    sources
        .page(cx, &listing, newest_first, |source, page| {
            Box::pin(async move {
                let mut query = query.clone();
                query.project = projects.of(source)?;
                let of_source = scope.ids.iter().filter(|id| id.source() == source.name);
                query.ids = of_source.map(|id| id.native().to_owned()).collect();
                if let Some(person) = &scope.assignee {
                    query.assignee = Some(reference::person(cx, source, person).await?);
                }
                source.port.search(cx, &query, page).await
            })
        })
        .await
}

/// The project's key per source; narrows the list to the sources that have it. Of two in one source neither is guessed.
pub(crate) async fn projects(
    cx: &Cx,
    sources: &Sources<Tracker>,
    listing: &mut Listing,
    project: Option<&str>,
) -> Result<Keys> {
    let Some(text) = project else { return Ok(Keys::default()) };
    let places = reference::places(cx, sources, listing.source.as_deref(), text).await?;
    listing.keys(text, places)
}

/// The order of every list of issues.
pub(crate) fn newest_first(issue: &Issue) -> (Reverse<tool::Moment>, &RecordId) {
    (Reverse(issue.updated), &issue.id)
}
