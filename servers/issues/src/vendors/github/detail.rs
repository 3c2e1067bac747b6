//! One issue with what surrounds it.

use call::Cx;
use content::Label;
use error::Result;
use futures::future::{try_join, try_join_all};

use super::place::Place;
use super::{GitHub, ask, comments, delivery, map, wire};
use crate::model::{IssueDetail, IssueLink};
use crate::tracker::Surroundings;

/// Pages of a timeline that are read from its end, 100 entries each: with the first, a thousand entries are whole.
const NEWEST_PAGES: u32 = 9;

/// Answers `IssueTracker::get`.
pub(super) async fn get(github: &GitHub, cx: &Cx, id: &str, want: Surroundings) -> Result<IssueDetail> {
    let place = github.mapper.reach.place(id)?;
    let needs_timeline = want.history > 0 || want.links || want.development;
    let timeline = async {
        match needs_timeline {
            true => timeline(github, cx, &place).await.map_err(|error| super::missing(&place, error)),
            false => Ok(Vec::new()),
        }
    };
    let (issue, events) = try_join(github.issue(cx, &place), timeline).await?;
    let linked =
        async { if want.links { links(github, cx, &place, &issue, &events).await } else { Ok(Vec::new()) } };
    let (comments, links) =
        try_join(comments::newest(github, cx, &place, issue.comments, want.comments), linked).await?;
    let development = match want.development {
        true => Some(delivery::along(github, cx, &events).await?),
        false => None,
    };
    let history = events.iter().rev().filter_map(map::change).take(want.history as usize).collect();
    Ok(IssueDetail {
        issue: github.whole(cx, &place, &issue),
        comments: comments.iter().map(|comment| map::comment(&github.mapper.source, comment)).collect(),
        links,
        history,
        development,
        truncated: false,
        omitted: None,
    })
}

/// The newest entries of an issue's timeline, oldest first.
pub(super) async fn timeline(github: &GitHub, cx: &Cx, place: &Place) -> Result<Vec<wire::Event>> {
    let request =
        |page| ask::page(ask::at("/repos/{owner}/{repo}/issues/{number}/timeline", place), page, 100);
    let first = github.hub.list::<wire::Event>(cx, request(1)).await?;
    let Some(last) = first.last.filter(|last| *last > 1) else { return Ok(first.rows) };
    let from = (last + 1).saturating_sub(NEWEST_PAGES).max(2);
    let rest =
        try_join_all((from..=last).map(|page| github.hub.list::<wire::Event>(cx, request(page)))).await?;
    let keep_first = if from == 2 { first.rows } else { Vec::new() };
    Ok(keep_first.into_iter().chain(rest.into_iter().flat_map(|page| page.rows)).collect())
}

/// Dependencies both ways, and issues that name this one; those out of reach are left out.
async fn links(
    github: &GitHub,
    cx: &Cx,
    place: &Place,
    issue: &wire::Issue,
    events: &[wire::Event],
) -> Result<Vec<IssueLink>> {
    let known = issue.issue_dependencies_summary;
    let asked = |any: bool, template| async move {
        if any { dependencies(github, cx, template, place).await } else { Ok(Vec::new()) }
    };
    let (blockers, blocked) = try_join(
        asked(known.is_some_and(|summary| summary.total_blocked_by > 0), BLOCKED_BY),
        asked(known.is_some_and(|summary| summary.total_blocking > 0), BLOCKING),
    )
    .await?;
    let naming =
        events.iter().filter_map(|event| event.source.as_ref()?.issue.as_ref()).filter(|one| !one.is_pull());
    let link = |relation: &str, one: &wire::Issue| {
        Some(IssueLink {
            relation: Label::new(relation),
            id: github.mapper.id(&github.mapper.place(one)?),
            title: Label::new(&one.title),
            state: Some(github.mapper.state(one)),
        })
    };
    let links = blockers.iter().filter_map(|one| link("is blocked by", one));
    let links = links.chain(blocked.iter().filter_map(|one| link("blocks", one)));
    let mut links: Vec<IssueLink> =
        links.chain(naming.filter_map(|one| link("is mentioned by", one))).collect();
    let mut seen = std::collections::HashSet::new();
    links.retain(|one| seen.insert((one.relation.clone(), one.id.clone())));
    Ok(links)
}

/// The issues an issue waits for, and those that wait for it (docs.github.com/rest/issues/issue-dependencies).
pub(super) const BLOCKED_BY: &str = "/repos/{owner}/{repo}/issues/{number}/dependencies/blocked_by";
const BLOCKING: &str = "/repos/{owner}/{repo}/issues/{number}/dependencies/blocking";

/// One side of an issue's dependencies; empty on servers that do not know them.
pub(super) async fn dependencies(
    github: &GitHub,
    cx: &Cx,
    template: &'static str,
    place: &Place,
) -> Result<Vec<wire::Issue>> {
    let request = ask::page(ask::at(template, place), 1, 100);
    let page = delivery::optional(github.hub.list::<wire::Issue>(cx, request).await)?;
    Ok(page.map(|page| page.rows).unwrap_or_default())
}
