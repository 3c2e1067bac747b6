//! Comments.

use call::Cx;
use error::{Code, Error, Result};
use futures::future::try_join_all;

use super::place::Place;
use super::{GitHub, ask, map, mark, wire};
use crate::model::{Comment, Visibility};
use tool::Mark;

const COMMENTS: &str = "/repos/{owner}/{repo}/issues/{number}/comments";

/// Newest comments that are looked through for a mark: pages of 100.
const MARKED_PAGES: u32 = 3;

/// Answers `IssueTracker::comment`.
pub(super) async fn comment(
    github: &GitHub,
    cx: &Cx,
    id: &str,
    text: &str,
    visibility: Visibility,
    mark: &Mark,
) -> Result<Comment> {
    if visibility == Visibility::Internal {
        return Err(Error::new(
            Code::Unsupported,
            "GitHub shows every comment to everybody who sees the issue",
        )
        .hint("comment with visibility `public`, or keep the remark elsewhere"));
    }
    let place = github.mapper.reach.place(id)?;
    // Also makes sure that it is no pull request, whose comments are the same to GitHub.
    github.issue(cx, &place).await?;
    let body = mark::marked(text, mark);
    let [owner, name, number] = place.parameters();
    let request = ask::post(COMMENTS, &[&owner, &name, &number]);
    let comment: wire::Comment = github.hub.post(cx, request, &wire::NewComment { body: &body }).await?;
    Ok(map::comment(&github.mapper.source, &comment))
}

/// Answers `IssueTracker::find_marked_comment`.
pub(super) async fn find_marked(github: &GitHub, cx: &Cx, id: &str, mark: &Mark) -> Result<Option<Comment>> {
    let place = github.mapper.reach.place(id)?;
    let issue = github.issue(cx, &place).await?;
    let comments = newest(github, cx, &place, issue.comments, MARKED_PAGES * 100).await?;
    let bears = |one: &&wire::Comment| one.body.as_deref().is_some_and(|body| mark::bears(body, mark));
    Ok(comments.iter().find(bears).map(|found| map::comment(&github.mapper.source, found)))
}

/// The newest of an issue's `count` comments, newest first. GitHub lists them oldest first and in no other order.
pub(super) async fn newest(
    github: &GitHub,
    cx: &Cx,
    place: &Place,
    count: u32,
    want: u32,
) -> Result<Vec<wire::Comment>> {
    if want == 0 || count == 0 {
        return Ok(Vec::new());
    }
    // One written since the count was read is on the page after; `want` decides how far back to go.
    let last = count.div_ceil(100);
    let from = (count.saturating_sub(want) / 100 + 1).min(last);
    let to = if count.is_multiple_of(100) { last + 1 } else { last };
    let pages = (from..=to).map(|page| {
        let request = ask::page(ask::at(COMMENTS, place), page, 100);
        github.hub.list::<wire::Comment>(cx, request)
    });
    let mut comments: Vec<wire::Comment> =
        try_join_all(pages).await?.into_iter().flat_map(|page| page.rows).collect();
    comments.reverse();
    comments.truncate(want as usize);
    Ok(comments)
}
