//! `get_issue`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Meta, Sources, Tool};

use crate::model::IssueDetail;
use crate::reference;
use crate::tracker::{Surroundings, Tracker};

/// Reads one issue, what is going on with it: its text, newest (latest) comments, links, history and pull requests the
/// tracker knows of.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetIssue {
    /// Id, key (PAY-12), URL or exact title
    #[schemars(length(min = 1, max = 512))]
    issue: String,
    /// Newest comments to return; 5 if absent
    #[schemars(range(max = 50))]
    comments: Option<u32>,
}

impl Tool for GetIssue {
    type Port = Tracker;
    type Out = IssueDetail;
    const META: Meta = Meta::read("get_issue", "Get an issue", "issues:read").placed();

    fn stakes(&self) -> tool::Stakes {
        tool::Stakes { place: tool::Within::OfRecord, ..tool::Stakes::default() }
    }

    async fn run(self, cx: &Cx, sources: &Sources<Tracker>) -> Result<IssueDetail> {
        let meant = reference::issue(cx, sources, &self.issue).await?;
        let want = Surroundings {
            comments: self.comments.unwrap_or(5).min(50),
            history: 10,
            links: true,
            development: true,
        };
        let detail = meant.source.port.get(cx, &meant.native, want).await?;
        Ok(tool::fit(detail, cx.budget(), shed))
    }
}

/// What a reader misses least: history first, then the oldest comments, then links, then half of the longest text.
fn shed(detail: &mut IssueDetail) -> bool {
    detail.truncated = true;
    if detail.history.pop().is_some()
        || (detail.comments.len() > 1 && detail.comments.pop().is_some())
        || detail.links.pop().is_some()
    {
        detail.omitted = Some(detail.omitted.unwrap_or_default() + 1);
        return true;
    }
    shorten(detail)
}

/// Halves the longest text; `false` if nothing is worth halving.
fn shorten(detail: &mut IssueDetail) -> bool {
    let comments = detail.comments.iter_mut().map(|c| &mut c.text);
    let longest = detail.issue.description.iter_mut().chain(comments).max_by_key(|t| t.as_str().len());
    match longest {
        Some(text) if text.as_str().len() > 64 => {
            text.shorten(text.as_str().len() / 2);
            true
        }
        _ => false,
    }
}
