//! Lists of issues.
//!
//! A listing of one repository is exact, current and cheap; `/search/issues` finds words but lags and is held to 30
//! requests a minute. So each repository is listed where that can express the question, and searched where not, one
//! repository at a time; the pages are merged here.

use call::Cx;
use error::{Code, Error, Result};
use futures::future::try_join_all;
use outbound::Request;
use tool::{Count, Fetch, Rows, Total};

use super::feed::{self, Feed, Spot};
use super::judge;
use super::place::Repository;
use super::query::{Kind, Search};
use super::sieve;
use super::wire;
use super::{GitHub, ask, gone};
use crate::listing;
use crate::model::{Emptiable, Issue, State};
use crate::tracker::Query;

/// Rows that `/search/issues` can be paged to (docs.github.com, "Search").
const MOST_RESULTS: u64 = 1_000;

/// Milestones that one question about due dates may stand for.
const MOST_MILESTONES: usize = 20;

/// Answers `IssueTracker::search`.
pub(super) async fn search(github: &GitHub, cx: &Cx, query: &Query, page: Fetch) -> Result<Rows<Issue>> {
    supported(github, query)?;
    if !query.ids.is_empty() {
        return by_ids(github, cx, query).await;
    }
    let listed = sieve::fits_a_listing(&github.mapper.meanings, query);
    let feeds = feeds(github, cx, query).await?;
    let size = if is_sparse(query) { 100 } else { page.limit.min(100) };
    let asked = Asked { github, cx, query, listed, size };
    let first = page.token.is_none();
    let merged =
        feed::merge(feeds, page.token.as_deref(), page.limit as usize, |feed, spot| asked.fetch(feed, spot))
            .await?;
    let as_of = cx.now();
    let total = match listed {
        // A listing does not count; one that ended on its first page counts itself.
        true => (first && merged.next.is_none())
            .then_some(Total { count: merged.rows.len() as u64, kind: Count::Exact }),
        false => merged.total,
    };
    let rows = merged
        .rows
        .iter()
        .map(|(repository, issue)| github.mapper.issue(issue, repository, query.full, as_of));
    Ok(Rows { rows: rows.collect(), next: merged.next, total, as_of })
}

/// Errors: `unsupported_filter` for what this source's labels do not say.
fn supported(github: &GitHub, query: &Query) -> Result<()> {
    let meanings = &github.mapper.meanings;
    let unmapped = |what: &str, key: &str| {
        let message = format!("no label of this source stands for {what}");
        Err(Error::new(Code::UnsupportedFilter, message)
            .hint(format!("leave the filter out, or let the operator map labels in `map.{key}`")))
    };
    if query.priority.is_some_and(|priority| meanings.labels_of(priority).is_empty()) {
        return unmapped("that priority", "priority");
    }
    if query.where_empty == Some(Emptiable::Priority) && meanings.priority.is_empty() {
        return unmapped("a priority", "priority");
    }
    if query.state == Some(State::Doing) && meanings.doing_labels.is_empty() {
        return unmapped("work in progress", "doing_labels");
    }
    Ok(())
}

/// Filters that leave few rows of a listing are asked for in large pages.
fn is_sparse(query: &Query) -> bool {
    query.blocked.is_some() || query.state == Some(State::Todo) || query.where_empty == Some(Emptiable::Due)
}

/// Issues named one by one. Those that are not there, or do not pass the other filters, are left out.
async fn by_ids(github: &GitHub, cx: &Cx, query: &Query) -> Result<Rows<Issue>> {
    let within = |repository: &Repository| query.project.as_deref().is_none_or(|key| repository.is(key));
    let places: Vec<_> = query.ids.iter().filter_map(|id| github.mapper.reach.recognize(id)).collect();
    let places: Vec<_> = places.into_iter().filter(|place| within(&place.repository)).collect();
    let found = try_join_all(places.iter().map(|place| async move {
        match github.issue(cx, place).await {
            Ok(issue) => Ok(Some(issue)),
            Err(error) if error.code() == Code::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }))
    .await?;
    let as_of = cx.now();
    let words = |issue: &wire::Issue| query.text.as_deref().is_none_or(|text| sieve::mentions(issue, text));
    let mut rows: Vec<Issue> = found
        .iter()
        .zip(&places)
        .filter_map(|(issue, place)| Some((issue.as_ref()?, place)))
        .filter(|(issue, _)| sieve::passes(&github.mapper, query, issue) && words(issue))
        .map(|(issue, place)| github.mapper.issue(issue, &place.repository, query.full, as_of))
        .collect();
    rows.sort_by(|a, b| listing::newest_first(a).cmp(&listing::newest_first(b)));
    rows.dedup_by(|a, b| a.id == b.id);
    let total = Total { count: rows.len() as u64, kind: Count::Exact };
    Ok(Rows { rows, next: None, total: Some(total), as_of })
}

/// What has to be asked: one list for each repository, or for each milestone that is due in time.
async fn feeds(github: &GitHub, cx: &Cx, query: &Query) -> Result<Vec<Feed>> {
    let repositories = github.mapper.reach.within(query.project.as_deref())?;
    let Some(last) = query.due_before else {
        let whole = |one: &Repository| Feed { repository: one.clone(), milestone: None };
        return Ok(repositories.into_iter().map(whole).collect());
    };
    let lists = gone::each(repositories.iter().map(|one| (*one, github.milestones(cx, one)))).await?;
    let mut feeds = Vec::new();
    for (repository, milestones) in repositories.into_iter().zip(lists) {
        // Those that are done with hold nothing that is open, and there are more of them every month.
        let asked = milestones.into_iter().flatten().filter(|one| !query.open || one.open_issues > 0);
        let due = asked.filter(|one| one.due().is_some_and(|due| due <= last));
        feeds.extend(
            due.map(|one| Feed { repository: repository.clone(), milestone: Some((one.number, one.title)) }),
        );
    }
    if feeds.len() > MOST_MILESTONES {
        return Err(Error::new(Code::TooBroad, format!("{} milestones are due by then", feeds.len()))
            .hint("name an earlier date, or none: every row says when it is due"));
    }
    Ok(feeds)
}

/// One question, put to one repository after the other.
struct Asked<'a> {
    github: &'a GitHub,
    cx: &'a Cx,
    query: &'a Query,
    listed: bool,
    size: u32,
}

impl Asked<'_> {
    async fn fetch(&self, feed: Feed, spot: Spot) -> Result<feed::Page> {
        let mut page = match self.listed {
            true => self.list(&feed, spot).await?,
            false => self.search(&feed, spot).await?,
        };
        let keep = |issue: &wire::Issue| {
            let here = self.github.mapper.reach.of_url(&issue.repository_url) == Some(&feed.repository);
            here && sieve::passes(&self.github.mapper, self.query, issue)
        };
        let found = page.rows.len();
        page.rows.retain(|(_, issue)| keep(issue));
        // The index lags: a count of rows that are not such any more would not be that of the answer.
        page.total = page.total.filter(|_| page.rows.len() == found);
        Ok(page)
    }

    async fn list(&self, feed: &Feed, spot: Spot) -> Result<feed::Page> {
        let (query, meanings) = (self.query, &self.github.mapper.meanings);
        let state = match query.state {
            Some(State::Done) => "closed",
            Some(State::Todo | State::Doing) => "open",
            None if query.open => "open",
            None => "all",
        };
        let assignee = match query.where_empty {
            Some(Emptiable::Assignee) => Some("none"),
            _ => query.assignee.as_deref(),
        };
        let doing =
            meanings.doing_labels.iter().map(String::as_str).filter(|_| query.state == Some(State::Doing));
        let priority = query.priority.map(|priority| meanings.labels_of(priority)).unwrap_or_default();
        let labels = query.labels.iter().map(String::as_str).chain(doing).chain(priority);
        // The list is separated by commas and knows no quotes; labels with one are left to the sieve.
        let labels: Vec<&str> = labels.filter(|label| !label.contains(',')).collect();
        let request = ask::of("/repos/{owner}/{repo}/issues", &feed.repository)
            .query("state", state)
            .query("sort", "updated")
            .query("direction", "desc");
        let request = ask::maybe(request, "assignee", assignee);
        let request = ask::maybe(request, "labels", (!labels.is_empty()).then(|| labels.join(",")));
        let request = ask::maybe(request, "milestone", feed.milestone.as_ref().map(|(number, _)| *number));
        let since = query.updated_after.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ"));
        let request = ask::maybe(request, "since", since);
        let page =
            self.github.hub.list::<wire::Issue>(self.cx, ask::page(request, spot.page, self.size)).await?;
        Ok(feed::Page { rows: (1..).zip(page.rows).collect(), more: page.more, total: None })
    }

    async fn search(&self, feed: &Feed, spot: Spot) -> Result<feed::Page> {
        if u64::from(spot.page - 1) * u64::from(self.size) >= MOST_RESULTS {
            return Err(Error::new(Code::TooBroad, format!("GitHub searches end at {MOST_RESULTS} results"))
                .hint("narrow the filters: a project, a label, a window of `updated`"));
        }
        let search = self.text(feed)?;
        let request = ask::page(newest_first(&search), spot.page, self.size);
        let found: wire::Found = self.github.hub.get(self.cx, request).await?;
        let kind = if found.incomplete_results { Count::AtLeast } else { Count::Exact };
        let more = u64::from(spot.page) * u64::from(self.size) < found.total_count;
        let counts = search.is_verbatim() && sieve::fits_a_search(self.query);
        let total = counts.then_some(Total { count: found.total_count, kind });
        Ok(feed::Page { rows: (1..).zip(found.items).collect(), more, total })
    }

    fn text(&self, feed: &Feed) -> Result<Search> {
        let (query, meanings) = (self.query, &self.github.mapper.meanings);
        let doing = || meanings.doing_labels.iter().map(String::as_str);
        let mut search = Search::new(Kind::Issue, &feed.repository);
        if let Some(text) = &query.text {
            search = search.words(text)?;
        }
        search = match query.state {
            None if query.open => search.open(true),
            None => search,
            Some(State::Done) => search.open(false),
            Some(State::Todo) => search.open(true).no_label(doing()),
            Some(State::Doing) => search.open(true).any_label(doing()),
        };
        if let Some(login) = &query.assignee {
            search = search.assignee(login)?;
        }
        for label in &query.labels {
            search = search.any_label([label.as_str()]);
        }
        if let Some(priority) = query.priority {
            // The worst of several counts.
            search = search.any_label(meanings.labels_of(priority)).no_label(meanings.labels_above(priority));
        }
        search = match query.where_empty {
            Some(Emptiable::Assignee) => search.unassigned(),
            Some(Emptiable::Labels) => search.unlabeled(),
            Some(Emptiable::Priority) => search.no_label(meanings.priority.keys().map(String::as_str)),
            Some(Emptiable::Due) | None => search,
        };
        if let Some((_, title)) = &feed.milestone {
            search = search.milestone(title);
        }
        if let Some(from) = query.updated_after {
            search = search.updated_from(from);
        }
        if let Some(until) = query.updated_before {
            search = search.updated_until(until);
        }
        Ok(search)
    }
}

/// The request for a search, newest change first.
pub(super) fn newest_first(search: &Search) -> Request {
    let request = ask::read("/search/issues", &[]).query("q", search.text());
    request.query("sort", "updated").query("order", "desc").bucket("search").judge(judge::searched)
}
