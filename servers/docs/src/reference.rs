//! What callers call documents, spaces and people.

use call::Cx;
use content::Label;
use error::Result;
use tool::{Meant, Record, Rows, Source, Sources};

use crate::library::{Library, Query};
use crate::model::Document;

/// The document that `text` (our id, a URL or an exact title) refers to.
pub async fn document<'s>(cx: &Cx, sources: &'s Sources<Library>, text: &str) -> Result<Meant<'s, Library>> {
    let query = Query { text: Some(text.trim().to_owned()), ..Query::default() };
    let titled = |source: &'s Source<Library>| {
        let query = query.clone();
        let cx = cx.clone();
        Box::pin(async move {
            let found = source.port.search(&cx, &query, Rows::LOOK_UP).await?;
            found.map(|document| record(&document)).all()
        }) as _
    };
    let recognize = |port: &Library, text: &str| port.recognize(text);
    let meant = sources.meant(cx, "document", text, recognize, titled).await?;
    if tool::wants_place(cx)
        && let Some(space) = meant.source.port.space_of(cx, &meant.native).await?
    {
        tool::settle_place(cx, space.key)?;
    }
    Ok(meant)
}

/// The library's id of the person that `text` refers to.
pub async fn person(cx: &Cx, source: &Source<Library>, text: &str) -> Result<String> {
    source.person(cx, text, |port| port.people(cx, text.trim())).await
}

/// The one space that `text` (a key or a name) refers to: its source and its key.
pub async fn space<'s>(
    cx: &Cx,
    sources: &'s Sources<Library>,
    source: Option<&str>,
    text: &str,
) -> Result<(&'s Source<Library>, String)> {
    let (source, place) = sources.place(cx, "space", source, text, |s| s.port.spaces(cx)).await?;
    tool::settle_place(cx, &*place.key)?;
    Ok((source, place.key))
}

/// The document, named so that a person recognizes it.
#[must_use]
pub fn record(document: &Document) -> Record {
    Record {
        id: document.id.clone(),
        label: Label::new(document.title.as_str()),
        url: Some(document.url.clone()),
    }
}
