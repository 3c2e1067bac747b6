#![doc = include_str!("README.md")]

mod feed;
mod flavor;
mod hub;
mod judge;
mod link;
mod map;
mod plan;
mod query;
mod settings;
#[cfg(feature = "sandbox")]
mod sim;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
mod wire;
mod write;

use std::sync::Arc;

use call::{BoxFuture, Cx};
use content::{Author, FreeText};
use error::{Code, Error, Result};
use futures::future::{try_join, try_join_all};
use outbound::{Kit, Profile, Request, Settings, Vendor};
use sha2::{Digest as _, Sha256};
use tool::{Fetch, Mark, Person, Place, Rows};

use self::feed::Feed;
use self::hub::{Hub, Known};
use self::map::Row;
use self::settings::{Keys, Mapping};
use crate::library::{
    Able, Changes, DocumentLibrary, Library, Manuscript, NewDocument, Query, Replaced, Review, Reviews,
};
use crate::markdown::{Edit, Section};
use crate::model::{
    Access, ChangedDocument, Comment, Document, Exposure, Kind, Knowledge, PublicLink, ReviewItem, Status,
};

/// Notion as the domain lists it.
pub const VENDOR: Vendor<Library> = Vendor {
    name: "notion",
    connect,
    #[cfg(feature = "sandbox")]
    simulate: sim::simulate,
    #[cfg(feature = "sandbox")]
    demo: include_str!("demo.toml"),
};

/// What holds for all of Notion. The version is a header of each request: it can be configured.
const PROFILE: Profile = Profile {
    default_base_url: Some("https://api.notion.com"),
    request_id_headers: &["x-notion-request-id", "x-request-id"],
    ..Profile::new("notion")
};

/// A Notion workspace, as far as it is shared with the connection.
struct Notion {
    hub: Arc<Hub>,
    mapping: Mapping,
}

fn connect(settings: &Settings, kit: &Kit) -> Result<Arc<Library>> {
    let version = settings.vendor_keys::<Keys>()?.version(settings)?;
    let mapping = Mapping::read(settings)?;
    let hub = Arc::new(Hub::new(kit.client(settings, PROFILE)?, version));
    Ok(Arc::new(Notion { hub, mapping }))
}

/// A page's text.
struct Text {
    text: String,
    /// Notion gives no more than so many blocks of a page.
    partial: bool,
}

impl Text {
    fn version(&self) -> String {
        version(&self.text)
    }
}

/// Notion has no versions, and its moments are rounded to the minute: the text itself stands for its version.
fn version(text: &str) -> String {
    call::hex(&Sha256::digest(text.as_bytes())[..8])
}

impl Notion {
    /// One page, in the trash or not.
    async fn get(&self, cx: &Cx, id: &str) -> Result<Row> {
        let request = Request::get("/v1/pages/{page_id}", &[id]);
        let (reply, known) = try_join(self.hub.send(cx, request), self.hub.known(cx)).await?;
        Ok(map::row(&reply.json()?, self.hub.source(), &self.mapping, &known, cx.now()))
    }

    async fn content(&self, cx: &Cx, id: &str) -> Result<Text> {
        let reply = self.hub.send(cx, Request::get("/v1/pages/{page_id}/markdown", &[id])).await?;
        let content: wire::Content<'_> = reply.json()?;
        Ok(Text { text: content.markdown.into_owned(), partial: content.truncated })
    }

    async fn find(&self, cx: &Cx, query: &Query, page: &Fetch) -> Result<Rows<Row>> {
        let known = self.hub.known(cx).await?;
        if !query.ids.is_empty() {
            return self.these(cx, query, &known).await;
        }
        let streams = plan::search(query, &self.mapping, known.spaces())?;
        let keep = Box::new(|_, row: &Row| map::matches(row, query));
        Feed { streams, newest: true, floor: query.updated_after, keep }.page(self, cx, &known, page).await
    }

    /// The pages of a query's ids that match it, on one page.
    async fn these(&self, cx: &Cx, query: &Query, known: &Known) -> Result<Rows<Row>> {
        plan::search(query, &self.mapping, known.spaces())?;
        let reading = query.ids.iter().map(|id| async move {
            match self.get(cx, id).await {
                Ok(row) => Ok(Some(row)),
                Err(error) if error.code() == Code::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        });
        let found = try_join_all(reading).await?.into_iter().flatten();
        let mut rows: Vec<Row> = found.filter(|row| map::matches(row, query)).collect();
        rows.sort_by(|a, b| {
            let (a, b) = (&a.document, &b.document);
            b.updated.cmp(&a.updated).then_with(|| a.id.cmp(&b.id))
        });
        Ok(Rows { rows, next: None, total: None, as_of: cx.now() })
    }

    async fn with_texts(&self, cx: &Cx, rows: &mut [Document]) -> Result<()> {
        let ids: Vec<String> = rows.iter().map(|row| row.id.native().to_owned()).collect();
        let texts = ids.iter().map(|id| async move {
            match self.content(cx, id).await {
                // The search lags: the page is in the list still, and gone.
                Err(error) if error.code() == Code::NotFound => Ok(None),
                text => text.map(Some),
            }
        });
        let texts = try_join_all(texts).await?;
        for (row, text) in rows.iter_mut().zip(texts) {
            let Some(text) = text else { continue };
            row.version = Some(text.version());
            row.text = Some(FreeText::new(&text.text, Author::Internal));
        }
        Ok(())
    }
}

/// Rows of another kind.
fn turned<T>(rows: Rows<Row>, turn: impl FnMut(Row) -> T) -> Rows<T> {
    Rows {
        rows: rows.rows.into_iter().map(turn).collect(),
        next: rows.next,
        total: rows.total,
        as_of: rows.as_of,
    }
}

impl DocumentLibrary for Notion {
    fn able(&self) -> Able {
        let names = &self.mapping.properties;
        let drafts = self.mapping.drafts.is_some();
        Able {
            full_text: false,
            space: true,
            owner: names.owner.is_some(),
            labels: names.labels.is_some(),
            status: [Status::Draft, Status::Archived].iter().all(|s| plan::tells_status(&self.mapping, *s)),
            runbooks: self.mapping.tells(Kind::Runbook),
            service: names.service.is_some(),
            policies: self.mapping.tells(Kind::Policy),
            effective: names.effective.is_some(),
            history: false,
            review: Reviews {
                owner: names.owner.is_some(),
                labels: names.labels.is_some(),
                dates: names.review.is_some(),
                drafts: plan::tells_status(&self.mapping, Status::Draft),
            },
            access: false,
            public_link: true,
            drafts,
            draft_parent: false,
            templates: drafts,
            draft_labels: drafts && names.labels.is_some(),
            section_comments: false,
            total: false,
        }
    }

    fn recognize(&self, reference: &str) -> Option<String> {
        link::recognize(reference)
    }

    fn spaces<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Vec<Place>>> {
        Box::pin(async move {
            let place = |space: &hub::Space| Place { key: space.id.clone(), name: space.name.clone() };
            Ok(self.hub.spaces(cx).await?.iter().map(place).collect())
        })
    }

    fn people<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>> {
        Box::pin(async move {
            let wanted = text.trim().to_lowercase();
            let id = link::id(text);
            let same = |p: &&Person| {
                id.as_ref() == Some(&p.id)
                    || p.name.as_str().to_lowercase() == wanted
                    || p.email.as_ref().is_some_and(|email| email.to_lowercase() == wanted)
            };
            Ok(self.hub.people(cx).await?.iter().filter(same).take(10).cloned().collect())
        })
    }

    fn space_of<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Option<Place>>> {
        Box::pin(async move {
            let space = self.get(cx, id).await?.space;
            Ok(self.spaces(cx).await?.into_iter().find(|place| Some(&place.key) == space.as_ref()))
        })
    }

    fn search<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a Query,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Document>>> {
        Box::pin(async move {
            let mut rows = turned(self.find(cx, query, &page).await?, |row| row.document);
            if query.full {
                self.with_texts(cx, &mut rows.rows).await?;
            }
            Ok(rows)
        })
    }

    fn read<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Manuscript>> {
        Box::pin(async move {
            let (row, text) = try_join(self.get(cx, id), self.content(cx, id)).await?;
            let (version, partial) = (text.version(), text.partial);
            Ok(Manuscript { document: row.document, text: text.text, version, partial })
        })
    }

    fn changed<'a>(
        &'a self,
        cx: &'a Cx,
        changes: &'a Changes,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<ChangedDocument>>> {
        Box::pin(async move {
            let query = Query {
                space: changes.space.clone(),
                updated_after: Some(changes.since),
                updated_before: changes.until,
                ..Query::default()
            };
            let rows = self.find(cx, &query, &page).await?;
            Ok(turned(rows, |row| ChangedDocument { document: row.document, revisions: Vec::new() }))
        })
    }

    fn needing_review<'a>(
        &'a self,
        cx: &'a Cx,
        review: &'a Review,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<ReviewItem>>> {
        Box::pin(async move {
            let known = self.hub.known(cx).await?;
            let asked = plan::review(review, &self.mapping, known.spaces())?;
            let (streams, reviews): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
            let query = Query { owner: review.owner.clone(), kind: review.kind, ..Query::default() };
            let keep = |number: usize, row: &Row| {
                let query = Query { status: Some(row.document.status), ..query.clone() };
                let local: Option<&Review> = reviews.get(number);
                row.document.status != Status::Archived
                    && map::matches(row, &query)
                    && local.is_some_and(|review| !review.reasons(&row.document).is_empty())
            };
            let feed = Feed { streams, newest: false, floor: None, keep: Box::new(keep) };
            let rows = feed.page(self, cx, &known, &page).await?;
            Ok(turned(rows, |row| {
                let reasons = review.reasons(&row.document);
                ReviewItem { document: row.document, reasons }
            }))
        })
    }

    fn exposure<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Exposure>> {
        Box::pin(async move {
            let Row { document, public_url, .. } = self.get(cx, id).await?;
            Ok(Exposure {
                id: document.id,
                title: document.title,
                url: document.url,
                readers: Access::unknown(),
                editors: Access::unknown(),
                public_link: PublicLink { status: Knowledge::Known, url: public_url },
                as_of: document.as_of,
            })
        })
    }

    fn find_marked<'a>(
        &'a self,
        cx: &'a Cx,
        space: Option<&'a str>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(self.marked(cx, space, mark))
    }

    fn check_draft<'a>(&'a self, cx: &'a Cx, new: &'a NewDocument) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { self.draft_to_be(cx, &self.hub.known(cx).await?, new).await.map(drop) })
    }

    fn create_draft<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewDocument,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Document>> {
        Box::pin(self.draft(cx, new, mark))
    }

    fn replace_section<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        edit: &'a Edit,
        version: &'a str,
        _: &'a Mark,
    ) -> BoxFuture<'a, Result<Replaced>> {
        Box::pin(self.replace(cx, id, edit, version))
    }

    fn edited<'a>(
        &'a self,
        _: &'a Cx,
        _: &'a str,
        edit: Option<&'a Edit>,
        _: &'a Mark,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move { Ok(edit.is_some_and(write::says_already)) })
    }

    fn comment<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        text: &'a str,
        on: Option<&'a Section>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Comment>> {
        Box::pin(async move {
            match on {
                Some(_) => Err(Error::new(Code::Unsupported, "Notion takes comments on pages only")),
                None => self.post(cx, id, text, mark).await,
            }
        })
    }

    fn find_marked_comment<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        on: Option<&'a Section>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Comment>>> {
        Box::pin(async move {
            match on {
                Some(_) => Ok(None),
                None => self.marked_comment(cx, id, mark).await,
            }
        })
    }
}
