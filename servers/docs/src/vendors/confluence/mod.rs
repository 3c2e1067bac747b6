#![doc = include_str!("README.md")]

mod cql;
mod exposure;
mod feed;
mod find;
mod judge;
mod known;
mod map;
mod mark;
mod page;
mod settings;
#[cfg(feature = "sandbox")]
mod sim;
mod site;
mod storage;
mod talk;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use call::{BoxFuture, Cached, Cx};
use content::Label;
use error::Result;
use outbound::{Kit, Settings, Vendor};
use tool::{Fetch, Mark, Person, Place, Rows};

use self::known::{Groups, Space};
use self::settings::{Keys, Mapping};
use self::site::Site;
use crate::library::{
    Able, Changes, DocumentLibrary, Library, Manuscript, NewDocument, Query, Replaced, Review, Reviews,
};
use crate::markdown::{Edit, Section};
use crate::model::{ChangedDocument, Comment, Document, Exposure, ReviewItem};

/// Confluence Cloud as the domain lists it.
pub const VENDOR: Vendor<Library> = Vendor {
    name: "confluence",
    connect,
    #[cfg(feature = "sandbox")]
    simulate: sim::simulator,
    #[cfg(feature = "sandbox")]
    demo: include_str!("demo.toml"),
};

/// One account at a Confluence site.
struct Confluence {
    site: Arc<Site>,
    keys: Arc<Keys>,
    mapping: Mapping,
    spaces: Cached<Vec<Space>>,
    /// Names by account id.
    people: Mutex<BTreeMap<String, Label>>,
    /// Names by the ids of groups.
    groups: Groups,
    /// Drafts written by this process, the oldest first, by space and mark: the search knows them some seconds later.
    drafted: Mutex<VecDeque<(String, String)>>,
}

fn connect(settings: &Settings, kit: &Kit) -> Result<Arc<Library>> {
    let (keys, mapping) = settings::read(settings)?;
    Ok(Arc::new(Confluence {
        site: Arc::new(Site::new(settings, &keys, kit)?),
        keys: Arc::new(keys),
        mapping,
        spaces: Cached::new(),
        people: Mutex::default(),
        groups: Groups::default(),
        drafted: Mutex::default(),
    }))
}

impl DocumentLibrary for Confluence {
    fn able(&self) -> Able {
        let names = &self.mapping.properties;
        Able {
            runbooks: self.mapping.runbooks.tells(),
            service: names.service.is_some(),
            policies: self.mapping.policies.tells(),
            effective: names.effective.is_some(),
            review: Reviews { dates: names.review.is_some(), ..Reviews::ALL },
            public_link: false,
            ..Able::ALL
        }
    }

    fn recognize(&self, reference: &str) -> Option<String> {
        self.site.recognize(reference)
    }

    fn spaces<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Vec<Place>>> {
        Box::pin(self.places(cx))
    }

    fn people<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>> {
        Box::pin(self.called(cx, text))
    }

    fn space_of<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Option<Place>>> {
        Box::pin(async move { Ok(Some(self.held(cx, id).await?.space.into())) })
    }

    fn search<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a Query,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Document>>> {
        Box::pin(async move {
            let Rows { rows, next, total, as_of } = self.find(cx, query, &page).await?;
            Ok(Rows { rows: rows.into_iter().map(|row| row.document).collect(), next, total, as_of })
        })
    }

    fn read<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Manuscript>> {
        Box::pin(self.manuscript(cx, id))
    }

    fn changed<'a>(
        &'a self,
        cx: &'a Cx,
        changes: &'a Changes,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<ChangedDocument>>> {
        Box::pin(async move { self.changes(cx, changes, &page).await })
    }

    fn needing_review<'a>(
        &'a self,
        cx: &'a Cx,
        review: &'a Review,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<ReviewItem>>> {
        Box::pin(async move { self.reviewed(cx, review, &page).await })
    }

    fn exposure<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Exposure>> {
        Box::pin(self.exposed(cx, id))
    }

    fn find_marked<'a>(
        &'a self,
        cx: &'a Cx,
        space: Option<&'a str>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(self.marked(cx, space, mark))
    }

    fn complete_draft<'a>(
        &'a self,
        cx: &'a Cx,
        draft: Document,
        labels: &'a [String],
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Document>> {
        Box::pin(self.completed(cx, draft, labels, mark))
    }

    fn check_draft<'a>(&'a self, cx: &'a Cx, new: &'a NewDocument) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { self.draft_to_be(cx, new).await.map(drop) })
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
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Replaced>> {
        Box::pin(self.replace(cx, id, edit, version, mark))
    }

    fn edited<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        edit: Option<&'a Edit>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.bears_edit(cx, id, edit, mark))
    }

    fn comment<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        text: &'a str,
        on: Option<&'a Section>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Comment>> {
        Box::pin(self.post(cx, id, text, on, mark))
    }

    fn find_marked_comment<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        on: Option<&'a Section>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Comment>>> {
        Box::pin(self.marked_comment(cx, id, on, mark))
    }
}
