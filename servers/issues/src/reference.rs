//! What callers call issues, people and projects, in the words of this domain's port.

use call::Cx;
use content::Label;
use error::Result;
use tool::{Meant, Place, Places, Record, Rows, Source, Sources};

use crate::tracker::{Query, Surroundings, Tracker};

/// The issue that `text` (our id, a human key, a URL or an exact title) refers to.
pub async fn issue<'s>(cx: &Cx, sources: &'s Sources<Tracker>, text: &str) -> Result<Meant<'s, Tracker>> {
    let recognize = |port: &Tracker, text: &str| port.recognize(text);
    let query = &Query { text: Some(text.trim().to_owned()), ..Query::default() };
    let meant =
        sources.meant(cx, "issue", text, recognize, |source| Box::pin(titled(cx, source, query))).await?;
    within_reach(cx, meant.source, &meant.native)?;
    if !tool::wants_place(cx) {
        return Ok(meant);
    }
    // An issue that was moved still answers to its former key: what counts is where it lies now.
    let now = meant.source.port.get(cx, &meant.native, Surroundings::NONE).await?.issue.id;
    within_reach(cx, meant.source, now.native())?;
    Ok(Meant { native: now.native().to_owned(), ..meant })
}

/// Refuses an issue of a project that is out of the caller's reach.
pub(crate) fn within_reach(cx: &Cx, source: &Source<Tracker>, native: &str) -> Result<()> {
    source.port.project_of(native).map_or(Ok(()), |project| tool::settle_place(cx, project))
}

async fn titled(cx: &Cx, source: &Source<Tracker>, query: &Query) -> Result<Vec<Record>> {
    let found = source.port.search(cx, query, Rows::LOOK_UP).await?;
    let record = |issue: crate::model::Issue| Record {
        label: Label::new(issue.title.as_str()),
        id: issue.id,
        url: Some(issue.url),
    };
    found.map(record).all()
}

/// The tracker's id of the person that `text` (`me`, an e-mail address, an id, a login or a full name) refers to.
pub async fn person(cx: &Cx, source: &Source<Tracker>, text: &str) -> Result<String> {
    source.person(cx, text, |port| port.people(cx, text)).await
}

/// Every project that `text` (a key or a name, case aside) refers to, over the given sources.
pub async fn places<'s>(
    cx: &Cx,
    sources: &'s Sources<Tracker>,
    source: Option<&str>,
    text: &str,
) -> Result<Places<'s, Tracker>> {
    let places = sources.places(cx, "project", source, text, |source| source.port.projects(cx)).await?;
    places.found.iter().try_for_each(|(_, place)| tool::settle_place(cx, &*place.key))?;
    Ok(places)
}

/// The one project that `text` refers to.
pub async fn place<'s>(
    cx: &Cx,
    sources: &'s Sources<Tracker>,
    source: Option<&str>,
    text: &str,
) -> Result<(&'s Source<Tracker>, Place)> {
    let (source, place) =
        sources.place(cx, "project", source, text, |source| source.port.projects(cx)).await?;
    tool::settle_place(cx, &*place.key)?;
    Ok((source, place))
}
