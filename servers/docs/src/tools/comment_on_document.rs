//! `comment_on_document`.

use call::Cx;
use content::Label;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{
    Change, FieldChange, Mark, Meant, Meta, Output, Record, Sources, Tool, Undo, WriteKind, Written, require,
};

use crate::library::Library;
use crate::markdown::Outline;
use crate::model::Comment;
use crate::reference;

/// Leaves a comment on a document (page, runbook, policy) or on one of its sections, for everybody who can read it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CommentOnDocument {
    /// Id, URL or exact title
    #[schemars(length(min = 1, max = 512))]
    document: String,
    /// Markdown
    #[schemars(length(min = 1, max = 10000))]
    text: String,
    /// Anchor or title; the whole document if absent
    #[schemars(length(min = 1, max = 200))]
    section: Option<String>,
}

impl Output for Comment {}

impl Tool for CommentOnDocument {
    type Port = Library;
    type Out = Written<Comment>;
    const META: Meta =
        Meta::write("comment_on_document", "Comment on a document", "docs:write", WriteKind::Additive);

    async fn run(self, cx: &Cx, sources: &Sources<Library>) -> Result<Written<Comment>> {
        let mark = Mark::new(cx, None)?;
        let meant = reference::document(cx, sources, &self.document).await?;
        let port = &meant.source.port;
        let on = match &self.section {
            Some(name) => {
                require(port.able().section_comments, meant.source, "comment on a section")?;
                let read = port.read(cx, &meant.native).await?;
                Some(Outline::of(&read.text).find(name)?.section.clone())
            }
            None => None,
        };
        let look = port.find_marked_comment(cx, &meant.native, on.as_ref(), &mark);
        if let Some(found) = mark.found(cx, "comment", look).await? {
            return Ok(commented(&meant, found).replayed("an earlier attempt had posted it"));
        }
        if cx.is_preview() {
            return Ok(Written::preview(
                "document",
                change(&meant, &self.text, on.as_ref().map(|section| section.anchor.as_str())),
            ));
        }
        Ok(commented(&meant, port.comment(cx, &meant.native, &self.text, on.as_ref(), &mark).await?))
    }
}

fn commented(meant: &Meant<'_, Library>, comment: Comment) -> Written<Comment> {
    let change = change(meant, comment.text.as_str(), comment.section.as_deref());
    let undo = Undo::Manual("a person can delete the comment in the library".into());
    let version = comment.id.native().to_owned();
    Written::committed("document", comment, change, undo).version(version)
}

fn change(meant: &Meant<'_, Library>, text: &str, section: Option<&str>) -> Change {
    let record = Record { id: meant.id(), label: Label::new(&meant.native), url: None };
    let comment = FieldChange::new("comment", Label::new(text));
    let section = section.map(|anchor| FieldChange::new("section", Label::new(anchor)));
    Change { record, fields: std::iter::once(comment).chain(section).collect() }
}
