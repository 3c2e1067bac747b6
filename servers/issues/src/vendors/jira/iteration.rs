//! Sprints: what they began with, what is done, what fell out.
//!
//! The agile API tells which issues are in a sprint now; what was in it at its start is read from changelogs. Where
//! a changelog is cut short or too many issues changed, the number is absent.

use std::collections::BTreeMap;

use call::Cx;
use content::{Author, FreeText, Label};
use error::{Candidate, Code, Error, Result};
use jiff::{Timestamp, tz::TimeZone};
use outbound::Request;
use tool::Fetch;

use super::Jira;
use super::blockers::distance;
use super::connection::Server;
use super::jql::{Clause, Field, Jql};
use super::map::{self, Lens};
use super::search::Hunt;
use super::wire::{self, Board, Changelog, Offset, OffsetPage, Sprint};
use crate::model::{Iteration, State};

/// Boards of a project that are looked at.
const MOST_BOARDS: usize = 5;

/// Pages of a board's sprints, 50 on each, and of a sprint's issues, 100 on each.
const MOST_PAGES: usize = 10;

/// One issue's part in a sprint.
struct Part {
    state: State,
    blocked: bool,
    /// When it was finished.
    resolved: Option<Timestamp>,
    /// Whether it was in the sprint when it began; `None` if its changelog does not reach back.
    at_start: Option<bool>,
    inside: bool,
}

/// A sprint, detached from the body it came in.
struct Found {
    id: u64,
    board: u64,
    name: String,
    state: String,
    goal: Option<String>,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    completed: Option<Timestamp>,
}

impl Jira {
    pub(super) async fn iterating(&self, cx: &Cx, project: &str, name: Option<&str>) -> Result<Iteration> {
        self.within_project(project)?;
        let (server, lexicon) = self.ready(cx).await?;
        // Sprints come with the closed ones first, and there may be more of them than are read.
        let states = if name.is_some() { "active,future,closed" } else { "active,future" };
        let sprint = chosen(self.sprints(cx, &server, project, states).await?, name)?;
        let lens = Lens::new(self, &server, &lexicon, cx);
        let (mut parts, all) = self.inside(cx, &server, &lens, project, &sprint).await?;
        let whole = match sprint.start {
            Some(start) if all && sprint.state != "future" => {
                self.taken_out(cx, &server, &lens, project, &sprint, start, &mut parts).await?
            }
            _ => false,
        };
        Ok(summed(self, &server, project, sprint, &parts, (all, whole)))
    }

    async fn sprints(&self, cx: &Cx, server: &Server, project: &str, states: &str) -> Result<Vec<Found>> {
        let request = Request::get("/rest/agile/1.0/board", &[])
            .query("projectKeyOrId", project)
            .query("type", "scrum")
            .query("maxResults", 50);
        let reply = self.connection.send(cx, server, request).await?;
        let boards: Offset<Board> = reply.json()?;
        let mut all = Vec::new();
        for board in boards.values.iter().take(MOST_BOARDS) {
            self.sprints_of(cx, server, board.id, states, &mut all).await?;
        }
        Ok(all)
    }

    async fn sprints_of(
        &self,
        cx: &Cx,
        server: &Server,
        board: u64,
        states: &str,
        all: &mut Vec<Found>,
    ) -> Result<()> {
        let mut start = 0;
        for _ in 0..MOST_PAGES {
            let request = Request::get("/rest/agile/1.0/board/{board}/sprint", &[&board.to_string()])
                .query("state", states)
                .query("startAt", start)
                .query("maxResults", 50);
            let reply = self.connection.send(cx, server, request).await?;
            let page: Offset<Sprint<'_>> = reply.json()?;
            start += page.values.len();
            // A sprint may show on several boards.
            let new = page
                .values
                .iter()
                .filter(|s| all.iter().all(|known| known.id != s.id))
                .map(|s| found(s, board));
            let new: Vec<Found> = new.collect();
            all.extend(new);
            if page.last || page.values.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// The issues that are in the sprint, and whether these are all.
    async fn inside(
        &self,
        cx: &Cx,
        server: &Server,
        lens: &Lens<'_>,
        project: &str,
        sprint: &Found,
    ) -> Result<(BTreeMap<String, Part>, bool)> {
        let jql = Jql::within(&[project.to_owned()]).text();
        let fields = fields(lens).join(",");
        let mut parts = BTreeMap::new();
        for _ in 0..MOST_PAGES {
            let request = Request::get("/rest/agile/1.0/sprint/{sprint}/issue", &[&sprint.id.to_string()])
                .query("jql", &jql)
                .query("fields", &fields)
                .query("expand", "changelog")
                .query("startAt", parts.len())
                .query("maxResults", 100);
            let reply = self.connection.send(cx, server, request).await?;
            let page: OffsetPage<'_> = reply.json()?;
            for issue in &page.issues {
                parts.insert(issue.key.to_string(), part(lens, issue, sprint, true));
            }
            if page.issues.is_empty() || parts.len() as u64 >= page.total {
                return Ok((parts, true));
            }
        }
        Ok((parts, false))
    }

    /// Adds the issues that were in the sprint and no longer are: each of them changed after the sprint began.
    /// False if there are too many changed issues to look at.
    #[allow(clippy::too_many_arguments, reason = "one look, with everything it needs")]
    async fn taken_out(
        &self,
        cx: &Cx,
        server: &Server,
        lens: &Lens<'_>,
        project: &str,
        sprint: &Found,
        start: Timestamp,
        parts: &mut BTreeMap<String, Part>,
    ) -> Result<bool> {
        let text = Jql::within(&[project.to_owned()]).and(Clause::From(Field::Updated, start)).text();
        let fields = fields(lens);
        let page = Fetch { token: None, limit: 100 };
        let hunt = Hunt { jql: &text, fields: &fields, expand: Some("changelog"), page: &page };
        let seen = |issue: &wire::Issue<'_>| Ok((issue.key.to_string(), part(lens, issue, sprint, false)));
        let found = self.hunt(cx, server, &hunt, seen).await?;
        for (key, part) in found.rows {
            if part.at_start != Some(false) {
                parts.entry(key).or_insert(part);
            }
        }
        Ok(found.next.is_none())
    }
}

fn fields<'a>(lens: &Lens<'a>) -> Vec<&'a str> {
    let mut fields = lens.row_fields();
    fields.extend(["created", "resolutiondate"]);
    fields
}

fn found(sprint: &Sprint<'_>, board: u64) -> Found {
    let time = |text: &Option<wire::Text<'_>>| text.as_deref().and_then(wire::time);
    Found {
        id: sprint.id,
        board,
        name: sprint.name.to_string(),
        state: sprint.state.to_string(),
        goal: sprint.goal.as_deref().filter(|g| !g.is_empty()).map(str::to_owned),
        start: time(&sprint.start),
        end: time(&sprint.end),
        completed: time(&sprint.completed),
    }
}

/// The sprint of this name or number, else the one under way.
fn chosen(mut all: Vec<Found>, name: Option<&str>) -> Result<Found> {
    let is_meant = |sprint: &Found| match name.map(str::trim) {
        Some(name) => sprint.name.eq_ignore_ascii_case(name) || sprint.id.to_string() == name,
        None => sprint.state == "active",
    };
    let meant: Vec<usize> = (0..all.len()).filter(|at| is_meant(&all[*at])).collect();
    match meant[..] {
        [] => Err(no_sprint(all, name)),
        [only] => Ok(all.swap_remove(only)),
        _ => Err(several(meant.iter().map(|at| &all[*at]))),
    }
}

/// Two teams may each have a sprint under way, and two boards a `Sprint 1`.
fn several<'a>(meant: impl Iterator<Item = &'a Found>) -> Error {
    let error = Error::new(Code::AmbiguousReference, "several sprints of the project are meant")
        .hint("name one by the number in `candidates`");
    let label = |s: &Found| format!("{} ({}, board {})", s.name, s.state, s.board);
    meant.take(5).map(|s| Candidate::new(s.id.to_string(), label(s))).fold(error, Error::candidate)
}

fn no_sprint(mut all: Vec<Found>, name: Option<&str>) -> Error {
    let message = match name {
        Some(name) => format!("the project has no sprint `{}`", Label::new(name)),
        None => "no sprint of the project is under way".to_owned(),
    };
    match name {
        Some(name) => all.sort_by_key(|s| (distance(&s.name, name), s.id)),
        None => all.sort_by_key(|s| std::cmp::Reverse(s.id)),
    }
    let candidate = |s: Found| Candidate::new(s.name.clone(), format!("{} ({})", s.name, s.state));
    let error = Error::new(Code::NotFound, message)
        .hint(format!("the sprints of the project's first {MOST_BOARDS} boards were looked at"));
    all.into_iter().take(3).map(candidate).fold(error, Error::candidate)
}

fn part(lens: &Lens<'_>, issue: &wire::Issue<'_>, sprint: &Found, inside: bool) -> Part {
    let fields = &issue.fields;
    let state = fields.status.as_ref().map_or(State::Todo, map::state);
    let created = fields.created.as_deref().and_then(wire::time);
    let at_start = match (sprint.start, created) {
        (Some(start), Some(created)) if created > start => Some(false),
        (Some(start), _) => issue.changelog.as_ref().and_then(|log| was_in(log, sprint.id, start, inside)),
        (None, _) => None,
    };
    Part {
        state,
        blocked: state != State::Done && lens.obstacle(fields).is_some(),
        resolved: fields.resolved.as_deref().and_then(wire::time),
        at_start,
        inside,
    }
}

/// Whether the issue was in the sprint at `start`: its present place, with the changes since undone.
fn was_in(log: &Changelog<'_>, sprint: u64, start: Timestamp, inside: bool) -> Option<bool> {
    if log.total > log.histories.len() {
        let reaches = log.histories.iter().filter_map(|c| wire::time(&c.created)).any(|at| at <= start);
        if !reaches {
            return None;
        }
    }
    let mut since: Vec<_> = log
        .histories
        .iter()
        .filter_map(|change| Some((wire::time(&change.created)?, change)))
        .filter(|(at, _)| *at > start)
        .flat_map(|(at, change)| change.items.iter().filter(|i| &*i.field == "Sprint").map(move |i| (at, i)))
        .collect();
    since.sort_by_key(|(at, _)| *at);
    let names = |ids: &Option<wire::Text<'_>>| {
        ids.as_deref().unwrap_or_default().split(',').any(|id| id.trim().parse() == Ok(sprint))
    };
    Some(since.first().map_or(inside, |(_, first)| names(&first.from)))
}

/// Whether all issues inside were looked at, and all that were taken out, is told by the last argument: a number that is
/// not known is absent.
fn summed(
    jira: &Jira,
    server: &Server,
    project: &str,
    sprint: Found,
    parts: &BTreeMap<String, Part>,
    (all, whole): (bool, bool),
) -> Iteration {
    let count = |wanted: &dyn Fn(&Part) -> bool| {
        let number = u32::try_from(parts.values().filter(|p| wanted(p)).count()).ok();
        number.filter(|_| all)
    };
    let closed = sprint.state == "closed";
    let end = sprint.completed.or(sprint.end);
    // What was finished after the sprint closed was not finished in it.
    let in_time = |p: &Part| !closed || p.resolved.zip(end).is_none_or(|(resolved, end)| resolved <= end);
    let done = |p: &Part| p.inside && p.state == State::Done && in_time(p);
    let known = whole && parts.values().all(|p| p.at_start.is_some());
    let day = |at: Option<Timestamp>| at.map(|t| t.to_zoned(TimeZone::UTC).date().to_string());
    Iteration {
        source: jira.source.clone(),
        project: Label::new(project),
        name: Label::new(&sprint.name),
        state: Label::new(&sprint.state),
        goal: sprint.goal.as_deref().map(|g| FreeText::new(g, Author::Internal)),
        start: day(sprint.start),
        end: day(sprint.end),
        committed: known.then(|| count(&|p| p.at_start == Some(true))).flatten(),
        done: count(&done),
        spilled: known.then(|| count(&|p| !p.inside || (closed && !done(p)))).flatten(),
        blocked: count(&|p| p.inside && p.blocked),
        open: count(&|p| p.inside && p.state != State::Done),
        url: Some(format!(
            "{}/secure/RapidBoard.jspa?rapidView={}&sprint={}",
            server.site, sprint.board, sprint.id
        )),
    }
}
