//! Milestones: how one stands, and what blocks a release.

use std::collections::BTreeMap;

use call::Cx;
use content::{Author, Label};
use error::{Candidate, Code, Error, Result};
use futures::future::try_join_all;
use jiff::tz::TimeZone;
use tool::{Count, Fetch, Rows, Total};

use super::place::{Place, Repository};
use super::settings::Meanings;
use super::{GitHub, ask, detail, gone, map, wire};
use crate::listing::newest_first;
use crate::model::{Blocker, Iteration, Priority};
use crate::tracker::Release;

const ISSUES: &str = "/repos/{owner}/{repo}/issues";

/// Issues of a milestone or label that are read, in pages of 100.
const PAGES: u32 = 10;

/// Blocked issues whose blockers are looked up.
const MOST_BLOCKED: usize = 20;

/// Answers `IssueTracker::iteration`.
///
/// GitHub's own counts of a milestone include pull requests; the issues are counted here. What a milestone began with
/// it does not know.
pub(super) async fn iteration(
    github: &GitHub,
    cx: &Cx,
    project: &str,
    name: Option<&str>,
) -> Result<Iteration> {
    let repository = github.mapper.reach.named(project)?;
    let milestones = github.milestones(cx, repository).await?;
    let milestone = pick(repository, &milestones, name)?;
    let request = || ask::of(ISSUES, repository).query("milestone", milestone.number).query("state", "all");
    let all = github.hub.all::<wire::Issue>(cx, request, PAGES).await?;
    let complete = !all.more;
    let count = |counts: &dyn Fn(&wire::Issue) -> bool| {
        let number = all.rows.iter().filter(|issue| !issue.is_pull() && counts(issue)).count();
        complete.then(|| u32::try_from(number).unwrap_or(u32::MAX))
    };
    Ok(Iteration {
        source: github.mapper.source.clone(),
        project: Label::new(&repository.to_string()),
        name: Label::new(&milestone.title),
        state: Label::new(if milestone.state == "open" { "active" } else { "closed" }),
        // Only who may write to the repository makes milestones.
        goal: map::text(milestone.description.as_deref(), Author::Internal),
        start: None,
        end: milestone.due().map(|date| date.to_string()),
        committed: None,
        done: count(&|issue| !issue.is_open()),
        spilled: None,
        blocked: count(&|issue| github.mapper.is_blocked(issue)),
        open: count(&wire::Issue::is_open),
        url: Some(milestone.html_url.clone()),
    })
}

/// The milestone of this title or number; without one, the open one that is due first.
fn pick<'m>(
    repository: &Repository,
    all: &'m [wire::Milestone],
    name: Option<&str>,
) -> Result<&'m wire::Milestone> {
    let Some(name) = name else {
        let open = all.iter().filter(|one| one.state == "open");
        return open
            .min_by_key(|one| (one.due_on.is_none(), one.due_on))
            .ok_or_else(|| Error::new(Code::NotFound, format!("{repository} has no open milestone")));
    };
    let titled = all.iter().find(|one| one.title.to_lowercase() == name.to_lowercase());
    let numbered = || all.iter().find(|one| one.number.to_string() == name);
    titled.or_else(numbered).ok_or_else(|| no_milestone(name, all.iter().map(|one| (repository, one))))
}

/// `not_found` with the nearest three.
fn no_milestone<'m>(name: &str, all: impl Iterator<Item = (&'m Repository, &'m wire::Milestone)>) -> Error {
    let far = |one: &wire::Milestone| strsim::osa_distance(&name.to_lowercase(), &one.title.to_lowercase());
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(_, one)| (far(one), one.title.clone()));
    let candidate = |(repository, one): (&Repository, &wire::Milestone)| Candidate {
        url: Some(one.html_url.clone()),
        ..Candidate::new(one.title.clone(), Label::new(&format!("{repository} {}", one.title)).to_string())
    };
    let error =
        Error::new(Code::NotFound, format!("there is no milestone `{}`", Label::new(content::cut(name, 80))));
    all.into_iter().take(3).map(candidate).fold(error, Error::candidate)
}

impl wire::Milestone {
    /// The day it is due.
    pub(super) fn due(&self) -> Option<jiff::civil::Date> {
        Some(self.due_on?.to_zoned(TimeZone::UTC).date())
    }
}

/// Errors: `unsupported_filter` for a severity that no label tells, `unsupported` if nothing tells a blocker: an empty
/// list would say that nothing stands in the way.
fn supported(meanings: &Meanings, release: &Release) -> Result<()> {
    if release.severity.is_some_and(|severity| meanings.labels_from(severity).is_empty()) {
        let message = "no label of this source stands for that severity or a worse one";
        return Err(Error::new(Code::UnsupportedFilter, message)
            .hint("leave `severity` out, or let the operator map labels in `map.priority`"));
    }
    if release.name.is_none() && blocking_labels(meanings, release).is_empty() {
        let message = "no label of this source tells that an issue blocks whatever is released next";
        return Err(Error::new(Code::Unsupported, message).hint(
            "name a `release`, or let the operator map labels in `map.priority` or `map.release_blocker_labels`",
        ));
    }
    Ok(())
}

/// Answers `IssueTracker::blockers`. The list is made anew for each page; the token is the number of rows passed.
pub(super) async fn blockers(
    github: &GitHub,
    cx: &Cx,
    release: &Release,
    page: Fetch,
) -> Result<Rows<Blocker>> {
    supported(&github.mapper.meanings, release)?;
    let passed: usize = match &page.token {
        Some(token) => {
            token.parse().map_err(|_| Error::new(Code::CursorExpired, "this cursor is of another list"))?
        }
        None => 0,
    };
    let (issues, complete) = candidates(github, cx, release).await?;
    let mut found: BTreeMap<String, (Place, wire::Issue, String)> = BTreeMap::new();
    let mut waiting: Vec<_> = issues.iter().filter(|(_, issue)| depends(issue)).collect();
    // What blocks those that are not looked up is not in the list either.
    let complete = complete && waiting.len() <= MOST_BLOCKED;
    waiting.truncate(MOST_BLOCKED);
    let blocking = try_join_all(
        waiting.iter().map(|(place, _)| detail::dependencies(github, cx, detail::BLOCKED_BY, place)),
    );
    for ((waiting, issue), blockers) in waiting.iter().zip(blocking.await?) {
        let open: Vec<wire::Issue> =
            blockers.into_iter().filter(|one| one.is_open() && !one.is_pull()).collect();
        let placed = |one: &wire::Issue| github.mapper.place(one);
        let names: Vec<String> = open.iter().filter_map(placed).map(|place| place.to_string()).collect();
        if !names.is_empty() {
            let reason = format!("is blocked by {}", names.join(", "));
            found.insert(waiting.to_string(), (waiting.clone(), issue.clone(), reason));
        }
        for blocker in open {
            if let Some(place) = placed(&blocker) {
                let reason = format!("blocks {waiting}");
                found.entry(place.to_string()).or_insert((place, blocker, reason));
            }
        }
    }
    for (place, issue) in issues {
        if let Some(reason) = reason(&github.mapper.meanings, &issue, release.threshold()) {
            found.insert(place.to_string(), (place, issue, reason));
        } else if depends(&issue) {
            // Its blockers are out of reach or too many to look up.
            found.entry(place.to_string()).or_insert((place, issue, "is blocked by another issue".into()));
        }
    }
    let as_of = cx.now();
    let blocker = |(place, issue, reason): (Place, wire::Issue, String)| Blocker {
        issue: github.mapper.issue(&issue, &place.repository, false, as_of),
        reason: Label::new(&reason),
    };
    let mut rows: Vec<Blocker> = found.into_values().map(blocker).collect();
    rows.sort_by(|a, b| newest_first(&a.issue).cmp(&newest_first(&b.issue)));
    let kind = if complete { Count::Exact } else { Count::AtLeast };
    let total = Total { count: rows.len() as u64, kind };
    let end = passed.saturating_add(page.limit as usize);
    let next = (rows.len() > end).then(|| end.to_string());
    let rows = rows.into_iter().skip(passed).take(page.limit as usize).collect();
    Ok(Rows { rows, next, total: Some(total), as_of })
}

fn depends(issue: &wire::Issue) -> bool {
    issue.is_open() && issue.issue_dependencies_summary.is_some_and(|summary| summary.blocked_by > 0)
}

/// Why an issue blocks a release by itself.
fn reason(meanings: &Meanings, issue: &wire::Issue, severity: Priority) -> Option<String> {
    let labelled =
        |list: &[String]| Meanings::worn(list, issue.label_names()).map(|label| format!("label {label}"));
    let by_priority = || {
        let priority = meanings.priority_of(issue.label_names()).filter(|priority| *priority <= severity)?;
        Some(format!("priority {}", word(priority)))
    };
    labelled(&meanings.release_blocker_labels)
        .or_else(by_priority)
        .or_else(|| labelled(&meanings.blocked_labels))
}

fn word(priority: Priority) -> &'static str {
    match priority {
        Priority::Critical => "critical",
        Priority::High => "high",
        Priority::Medium => "medium",
        Priority::Low => "low",
    }
}

/// The open issues that are looked at: those of the milestone, or all that a label makes a blocker. Also whether
/// these are all of them. Errors: `not_found` if no repository has the milestone.
async fn candidates(
    github: &GitHub,
    cx: &Cx,
    release: &Release,
) -> Result<(Vec<(Place, wire::Issue)>, bool)> {
    let repositories = github.mapper.reach.within(release.project.as_deref())?;
    let mut lists = Vec::new();
    match &release.name {
        Some(name) => {
            let known = repositories.iter().map(|one| (*one, github.milestones(cx, one)));
            let known = gone::each(known).await?;
            for (repository, milestones) in repositories.iter().zip(&known) {
                let titled =
                    milestones.iter().flatten().filter(|one| one.title.to_lowercase() == name.to_lowercase());
                lists.extend(titled.map(|one| (*repository, "milestone", one.number.to_string())));
            }
            if lists.is_empty() {
                let all = repositories
                    .iter()
                    .zip(&known)
                    .flat_map(|(repository, list)| list.iter().flatten().map(move |one| (*repository, one)));
                return Err(no_milestone(name, all));
            }
        }
        None => {
            let labels = blocking_labels(&github.mapper.meanings, release);
            lists.extend(
                repositories
                    .iter()
                    .flat_map(|one| labels.iter().map(|label| (*one, "labels", (*label).to_owned()))),
            );
        }
    }
    let pages = gone::each(lists.iter().map(|(repository, name, value)| {
        let request = move || ask::of(ISSUES, repository).query("state", "open").query(name, value);
        (*repository, github.hub.all::<wire::Issue>(cx, request, PAGES))
    }))
    .await?;
    let complete = pages.iter().flatten().all(|page| !page.more);
    let mut issues: Vec<(Place, wire::Issue)> = Vec::new();
    for ((repository, ..), page) in lists.iter().zip(pages) {
        for issue in page.into_iter().flat_map(|page| page.rows).filter(|issue| !issue.is_pull()) {
            let place = repository.at(issue.number);
            if !issues.iter().any(|(known, _)| *known == place) {
                issues.push((place, issue));
            }
        }
    }
    Ok((issues, complete))
}

/// Labels that make an issue a blocker of whatever is released next.
fn blocking_labels<'m>(meanings: &'m Meanings, release: &Release) -> Vec<&'m str> {
    let severe = meanings.labels_from(release.threshold());
    meanings.release_blocker_labels.iter().map(String::as_str).chain(severe).collect()
}
