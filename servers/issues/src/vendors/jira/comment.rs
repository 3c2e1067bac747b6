//! Comments: posted with a mark, and found by it.

use call::Cx;
use error::{Code, Error, Result};
use outbound::Request;
use serde_json::json;

use super::Jira;
use super::map;
use super::wire::{self, CommentDraft, Comments, EntityProperty, VisibleTo};
use crate::model::{Comment, Visibility};
use tool::Mark;

/// The entity property that bears the mark; people do not see it.
const PROPERTY: &str = "chancery.op";

/// Newest comments that are looked through for a mark.
const LOOKED_THROUGH: u32 = 100;

impl Jira {
    pub(super) async fn said(
        &self,
        cx: &Cx,
        id: &str,
        text: &str,
        visibility: Visibility,
        mark: &Mark,
    ) -> Result<Comment> {
        let audience = match visibility {
            Visibility::Public => None,
            Visibility::Internal => {
                Some(self.configured.1.internal_visibility.as_ref().ok_or_else(unsupported)?)
            }
        };
        let server = self.connection.server(cx).await?;
        self.lies_within_reach(cx, id).await?;
        let body = CommentDraft {
            body: map::from_markdown(text, server.cloud),
            visibility: audience.map(|a| VisibleTo { kind: a.kind, value: &a.value }),
            properties: [EntityProperty { key: PROPERTY, value: json!({ "operation": mark.operation }) }],
        };
        let request =
            Request::post("/rest/api/{version}/issue/{key}/comment", &[server.version(), id]).json(&body);
        let reply = self.connection.send(cx, &server, request).await?;
        let posted: wire::Comment<'_> = reply.json()?;
        map::comment(&self.source, &posted)
    }

    pub(super) async fn marked_comment(&self, cx: &Cx, id: &str, mark: &Mark) -> Result<Option<Comment>> {
        self.within_reach(id)?;
        let server = self.connection.server(cx).await?;
        let request = Request::get("/rest/api/{version}/issue/{key}/comment", &[server.version(), id])
            .query("orderBy", "-created")
            .query("maxResults", LOOKED_THROUGH)
            .query("expand", "properties");
        let reply = self.connection.send(cx, &server, request).await?;
        let found: Comments<'_> = reply.json()?;
        let bears = |comment: &&wire::Comment<'_>| {
            let own = comment.properties.iter().find(|p| &*p.key == PROPERTY);
            own.is_some_and(|p| p.value.get("operation").is_some_and(|o| o == mark.operation.as_str()))
        };
        found.comments.iter().find(bears).map(|found| map::comment(&self.source, found)).transpose()
    }
}

fn unsupported() -> Error {
    Error::new(Code::Unsupported, "this source has no audience for internal comments configured").hint(
        "post it publicly if everybody who sees the issue may read it, or ask for `map.internal_visibility`",
    )
}
