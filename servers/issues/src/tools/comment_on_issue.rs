//! `comment_on_issue`.

use call::Cx;
use content::Label;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{
    Change, Consent, FieldChange, Mark, Meant, Meta, Output, Record, Sources, Tool, Undo, WriteKind, Written,
};

use crate::model::{Comment, Visibility};
use crate::reference;
use crate::tracker::Tracker;

/// Comments on an issue or ticket: leaves a note for the team or a reply. Say who may read it: `internal` is refused
/// where the tracker shows every comment to everybody.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CommentOnIssue {
    /// Id, key (PAY-12), URL or exact title
    #[schemars(length(min = 1, max = 512))]
    issue: String,
    /// Markdown
    #[schemars(length(min = 1, max = 30000))]
    text: String,
    visibility: Visibility,
}

impl Output for Comment {}

impl Tool for CommentOnIssue {
    type Port = Tracker;
    type Out = Written<Comment>;
    const META: Meta =
        Meta::write("comment_on_issue", "Comment on an issue", "issues:write", WriteKind::Additive).placed();

    /// What everybody reads, customers perhaps, a person confirms.
    fn consent(&self) -> Consent {
        match self.visibility {
            Visibility::Internal => Consent::None,
            Visibility::Public => Consent::Confirm,
        }
    }

    fn stakes(&self) -> tool::Stakes {
        let public = self.visibility == Visibility::Public;
        let audience = public.then_some(tool::Audience::Outside);
        tool::Stakes { place: tool::Within::OfRecord, audience, ..tool::Stakes::default() }
    }

    async fn run(self, cx: &Cx, sources: &Sources<Tracker>) -> Result<Written<Comment>> {
        let meant = reference::issue(cx, sources, &self.issue).await?;
        let port = &meant.source.port;
        let internal = self.visibility == Visibility::Internal;
        tool::require(port.able().internal_comments || !internal, meant.source, "keep a comment internal")?;
        let mark = Mark::new(cx, None)?;
        let look = port.find_marked_comment(cx, &meant.native, &mark);
        if let Some(found) = mark.found(cx, "comment", look).await? {
            return Ok(commented(&meant, found).replayed("an earlier attempt had posted it"));
        }
        if cx.is_preview() {
            return Ok(Written::preview("issue", change(&meant, &self.text)));
        }
        let comment = port.comment(cx, &meant.native, &self.text, self.visibility, &mark).await?;
        Ok(commented(&meant, comment))
    }
}

fn commented(meant: &Meant<'_, Tracker>, comment: Comment) -> Written<Comment> {
    let change = change(meant, comment.text.as_str());
    let undo = Undo::Manual("a person can delete the comment in the tracker".into());
    let version = comment.id.native().to_owned();
    Written::committed("issue", comment, change, undo).version(version)
}

fn change(meant: &Meant<'_, Tracker>, text: &str) -> Change {
    let record = Record { id: meant.id(), label: Label::new(&meant.native), url: None };
    Change { record, fields: vec![FieldChange::new("comment", Label::new(text))] }
}
