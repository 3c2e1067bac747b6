//! `find_policy_documents`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Listing, Meta, Page, Sources, Tool, When};

use crate::library::{Library, Query};
use crate::listing::{self, Scope};
use crate::model::{Document, Kind, Status};

/// Finds the company policy, rule, standard, guideline or code of conduct on a topic (gifts, travel, data retention):
/// by words, owner or status, or as in force on a day. Newest change first.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FindPolicyDocuments {
    /// Words, such as data retention
    #[schemars(length(max = 300))]
    topic: Option<String>,
    /// In force on this date
    effective_on: Option<When>,
    /// E-mail, full name, user id or `me`
    #[schemars(length(max = 200))]
    owner: Option<String>,
    /// Published (current) if absent
    status: Option<Status>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for FindPolicyDocuments {
    type Port = Library;
    type Out = Page<Document>;
    const META: Meta = Meta::read("find_policy_documents", "Find policy documents", "docs:read");

    fn able(port: &Library) -> bool {
        port.able().policies
    }

    async fn run(mut self, cx: &Cx, sources: &Sources<Library>) -> Result<Page<Document>> {
        let cursor = self.cursor.take();
        let listing = Listing {
            query: format!("{self:?}"),
            limit: self.limit,
            cursor,
            source: self.source,
            only: None,
        };
        let begun = sources.begun(cx, &listing)?;
        let query = Query {
            kind: Some(Kind::Policy),
            text: self.topic,
            effective_on: self.effective_on.map(|w| w.day(begun, "effective_on")).transpose()?,
            status: self.status,
            ..Query::default()
        };
        let scope = Scope { owner: self.owner, ..Scope::default() };
        listing::documents(cx, sources, listing, query, scope).await
    }
}
