//! Lists of documents over all sources: what the list tools share.

use std::cmp::Reverse;

use call::{BoxFuture, Cx};
use error::Result;
use serde::Serialize;
use tool::{Fetch, Keys, Listing, Page, RecordId, Rows, Source, Sources};

use crate::library::{Library, Query};
use crate::model::{ChangedDocument, Document, ReviewItem};
use crate::reference;

/// What each source has to translate into its own terms before it can be asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// A space as the caller calls it.
    pub(crate) space: Option<String>,
    /// A person as the caller calls them.
    pub(crate) owner: Option<String>,
    /// These documents and no others; empty for all.
    pub(crate) ids: Vec<RecordId>,
}

/// The same in the terms of one source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Local {
    /// The space's key.
    pub(crate) space: Option<String>,
    /// The person's id.
    pub(crate) owner: Option<String>,
    /// Native ids.
    pub(crate) ids: Vec<String>,
}

/// Documents of all sources concerned, newest change first.
pub(crate) async fn documents(
    cx: &Cx,
    sources: &Sources<Library>,
    listing: Listing,
    query: Query,
    scope: Scope,
) -> Result<Page<Document>> {
    let ask = |source, local: Local, fetch| -> BoxFuture<'_, Result<Rows<Document>>> {
        let source: &Source<Library> = source;
        let Local { space, owner, ids } = local;
        let query = Query { space, owner, ids, ..query.clone() };
        Box::pin(async move {
            let found = source.port.search(cx, &query, fetch).await?;
            Ok(if query.full { found } else { found.map(Document::brief) })
        })
    };
    over(cx, sources, listing, scope, newest_first, ask).await
}

/// One list over all sources concerned; `ask` puts the question to one of them.
pub(crate) async fn over<'s, 'f, T, K, F>(
    cx: &Cx,
    sources: &'s Sources<Library>,
    mut listing: Listing,
    scope: Scope,
    order: impl Fn(&T) -> (K, &RecordId),
    ask: F,
) -> Result<Page<T>>
where
    T: Serialize + Send + 'f,
    K: Ord,
    F: Fn(&'s Source<Library>, Local, Fetch) -> BoxFuture<'f, Result<Rows<T>>> + Sync,
    's: 'f,
{
    let spaces = spaces(cx, sources, &mut listing, scope.space.as_deref()).await?;
    if !scope.ids.is_empty() {
        listing.narrow(scope.ids.iter().map(|id| id.source().to_owned()));
    }
    let (spaces, scope, ask) = (&spaces, &scope, &ask);
    sources
        .page(cx, &listing, order, |source, page| {
            Box::pin(async move {
                let of_source = scope.ids.iter().filter(|id| id.source() == source.name);
                let mut local = Local {
                    space: spaces.of(source)?,
                    owner: None,
                    ids: of_source.map(|id| id.native().to_owned()).collect(),
                };
                if let Some(person) = &scope.owner {
                    local.owner = Some(reference::person(cx, source, person).await?);
                }
                ask(source, local, page).await
            })
        })
        .await
}

/// The space's key per source; narrows the list to the sources that have it. Each must be within the caller's reach,
/// whatever it was called; of two in one source neither is guessed.
async fn spaces(
    cx: &Cx,
    sources: &Sources<Library>,
    listing: &mut Listing,
    space: Option<&str>,
) -> Result<Keys> {
    let Some(text) = space else { return Ok(Keys::default()) };
    let places = sources.places(cx, "space", listing.source.as_deref(), text, |s| s.port.spaces(cx)).await?;
    places.found.iter().try_for_each(|(_, place)| tool::settle_place(cx, &*place.key))?;
    listing.keys(text, places)
}

/// The order of lists of documents.
pub(crate) fn newest_first(document: &Document) -> (Reverse<tool::Moment>, &RecordId) {
    (Reverse(document.updated), &document.id)
}

/// The order of lists of changes.
pub(crate) fn newest_change_first(changed: &ChangedDocument) -> (Reverse<tool::Moment>, &RecordId) {
    newest_first(&changed.document)
}

/// The order of lists of what should be looked through.
pub(crate) fn longest_unchanged_first(item: &ReviewItem) -> (tool::Moment, &RecordId) {
    (item.document.updated, &item.document.id)
}
