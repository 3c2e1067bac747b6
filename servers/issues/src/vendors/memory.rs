//! The reference implementation: the port over plain data, for tests of the tools and of the behavior suite itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use call::{BoxFuture, Cx};
use content::{Author, FreeText, Label};
use error::{Candidate, Code, Error, Result};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use sandbox::company::Person as Employee;
use sandbox::company::backlog::{self, Backlog, Story, backlog};
use tool::{Count, Fetch, Mark, Moment, Person, Place, RecordId, Rows, Total};

use crate::listing::newest_first;
use crate::model::{
    Blocker, Comment, Delivery, Emptiable, Issue, IssueDetail, IssueLink, Iteration, Priority, PullRequest,
    State, Visibility,
};
use crate::tracker::{
    Able, Changed, Edit, Former, IssueTracker, NewIssue, Query, Release, Surroundings, Transition,
};

/// Projects of Jira's of which one bears the other's key for a name; nothing is in them.
const NAMESAKES: [(&str, &str); 2] = [("SEA", "Search"), ("SEARCH", "Search, the former team's")];

/// One tracker in memory.
pub(crate) struct Memory {
    source: String,
    company: Backlog,
    tracker: String,
    able: Able,
    now: Timestamp,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    records: BTreeMap<String, Stored>,
    clock: i64,
}

/// An issue as it is kept.
#[derive(Clone)]
struct Stored {
    project: String,
    title: String,
    text: Option<String>,
    kind: String,
    status: String,
    priority: Option<Priority>,
    assignee: Option<String>,
    labels: Vec<String>,
    due: Option<jiff::civil::Date>,
    updated: Timestamp,
    release: Option<String>,
    iteration: Option<String>,
    flagged: bool,
    links: Vec<(String, String)>,
    comments: Vec<(Option<String>, Comment)>,
    marks: Vec<String>,
}

impl Memory {
    /// The issues of one tracker of the company, as source `source`.
    pub(crate) fn new(source: &str, tracker: &str, able: Able) -> Self {
        let company = backlog();
        let now = Timestamp::now();
        let mut shelf = Shelf::default();
        for board in company.boards(tracker) {
            for story in company.issues.iter().filter(|s| s.project == board.key) {
                shelf.records.insert(native(&board.key, story.number), stored(source, &company, story, now));
            }
        }
        Self { source: source.into(), tracker: tracker.into(), able, now, shelf: Mutex::new(shelf), company }
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn issue(&self, shelf: &Shelf, id: &str, full: bool) -> Result<Issue> {
        let record = shelf.records.get(id).ok_or_else(|| missing(id))?;
        Ok(Issue {
            id: RecordId::new(&*self.source, id),
            title: Label::new(&record.title),
            state: state(&record.status),
            status: Label::new(&record.status),
            kind: Some(Label::new(&record.kind)),
            priority: record.priority,
            assignee: record.assignee.as_deref().and_then(|h| self.name(h)),
            labels: record.labels.iter().map(|l| Label::new(l)).collect(),
            due: record.due.map(|d| d.to_string()),
            blocked: self.blocked(shelf, record),
            updated: Moment(record.updated),
            url: format!("https://{}.example/{id}", self.source),
            as_of: full.then_some(Moment(self.now)),
            description: record.text.as_deref().filter(|_| full).map(|t| FreeText::new(t, Author::Internal)),
            custom_fields: Vec::new(),
        })
    }

    fn name(&self, handle: &str) -> Option<Label> {
        self.company.person(handle).map(|p| Label::new(&p.name))
    }

    fn blocked(&self, shelf: &Shelf, record: &Stored) -> bool {
        let open = |id: &String| shelf.records.get(id).is_some_and(|r| state(&r.status) != State::Done);
        record.flagged || record.links.iter().any(|(how, id)| how == "is blocked by" && open(id))
    }

    fn matches(&self, shelf: &Shelf, id: &String, record: &Stored, q: &Query) -> bool {
        let has = |label: &String| record.labels.contains(label);
        let says = |text: &String| {
            let all =
                format!("{} {}", record.title, record.text.as_deref().unwrap_or_default()).to_lowercase();
            text.to_lowercase().split_whitespace().all(|word| all.contains(word))
        };
        (q.ids.is_empty() || q.ids.contains(id))
            && q.project.as_ref().is_none_or(|p| record.project == *p)
            && q.state.is_none_or(|s| state(&record.status) == s)
            && (!q.open || state(&record.status) != State::Done)
            && q.assignee.as_ref().is_none_or(|a| record.assignee.as_ref() == Some(a))
            && q.labels.iter().all(has)
            && q.priority.is_none_or(|p| record.priority == Some(p))
            && q.updated_after.is_none_or(|t| record.updated >= t)
            && q.updated_before.is_none_or(|t| record.updated < t)
            && q.due_before.is_none_or(|d| record.due.is_some_and(|due| due <= d))
            && q.blocked.is_none_or(|b| self.blocked(shelf, record) == b)
            && q.text.as_ref().is_none_or(says)
            && q.where_empty.is_none_or(|field| match field {
                Emptiable::Assignee => record.assignee.is_none(),
                Emptiable::Labels => record.labels.is_empty(),
                Emptiable::Priority => record.priority.is_none(),
                Emptiable::Due => record.due.is_none(),
            })
    }

    fn refuse(&self, q: &Query) -> Result<()> {
        let a = &self.able;
        let cannot = [
            (q.priority.is_some() && !a.priority, "priority"),
            (q.state == Some(State::Doing) && !a.doing, "state"),
            (q.due_before.is_some() && !a.due, "due_before"),
            (q.blocked.is_some() && !a.blocked, "blocked"),
            (q.where_empty.is_some_and(|f| !a.empty.contains(&f)), "where_empty"),
        ];
        match cannot.iter().find(|(cannot, _)| *cannot) {
            Some((_, filter)) => {
                Err(Error::new(Code::UnsupportedFilter, format!("cannot filter by {filter}")))
            }
            None => Ok(()),
        }
    }

    fn find(&self, q: &Query, page: &Fetch) -> Result<Rows<Issue>> {
        self.refuse(q)?;
        let shelf = self.lock();
        let hits = shelf.records.iter().filter(|(id, record)| self.matches(&shelf, id, record, q));
        let mut rows = hits.map(|(id, _)| self.issue(&shelf, id, q.full)).collect::<Result<Vec<_>>>()?;
        rows.sort_by(|a, b| newest_first(a).cmp(&newest_first(b)));
        let count = rows.len();
        let start: usize = page.token.as_deref().map_or(Ok(0), str::parse).map_err(|_| missing("page"))?;
        let rows: Vec<_> = rows.into_iter().skip(start).take(page.limit as usize).collect();
        let end = start + rows.len();
        Ok(Rows {
            rows,
            next: (end < count).then(|| end.to_string()),
            total: self.able.total.then_some(Total { count: count as u64, kind: Count::Exact }),
            as_of: self.now,
        })
    }

    fn change(&self, id: &str, edit: impl FnOnce(&mut Stored) -> Result<()>) -> Result<Changed> {
        let mut shelf = self.lock();
        let before = self.issue(&shelf, id, true)?;
        shelf.clock += 1;
        let stamp = self.now + SignedDuration::from_secs(shelf.clock);
        let record = shelf.records.get_mut(id).ok_or_else(|| missing(id))?;
        let former = Former {
            title: record.title.clone(),
            description: record.text.clone(),
            assignees: record.assignee.iter().cloned().collect(),
            lost: Vec::new(),
        };
        edit(record)?;
        record.updated = stamp;
        let after = self.issue(&shelf, id, true)?;
        Ok(Changed { before, former, after })
    }

    fn add(&self, new: &NewIssue, mark: &Mark) -> Result<Issue> {
        if !self.company.boards(&self.tracker).any(|b| b.key == new.project) {
            return Err(missing(&new.project));
        }
        let mut shelf = self.lock();
        shelf.clock += 1;
        let number = 900 + shelf.clock;
        let id = native(&new.project, number.unsigned_abs());
        let record = Stored {
            project: new.project.clone(),
            title: new.title.clone(),
            text: new.description.clone(),
            kind: new.kind.clone().unwrap_or_else(|| "Task".into()),
            status: "To Do".into(),
            priority: new.priority,
            assignee: new.assignee.clone(),
            labels: new.labels.clone(),
            due: new.due,
            updated: self.now + SignedDuration::from_secs(shelf.clock),
            release: None,
            iteration: None,
            flagged: false,
            links: Vec::new(),
            comments: Vec::new(),
            marks: std::iter::once(mark.operation.clone()).chain(mark.external_key.clone()).collect(),
        };
        shelf.records.insert(id.clone(), record);
        self.issue(&shelf, &id, true)
    }
}

fn missing(id: &str) -> Error {
    Error::new(Code::NotFound, format!("there is no `{id}`"))
}

fn native(project: &str, number: u64) -> String {
    if project.contains('/') { format!("{project}#{number}") } else { format!("{project}-{number}") }
}

fn state(status: &str) -> State {
    match status {
        "Done" | "closed" => State::Done,
        "In Progress" => State::Doing,
        _ => State::Todo,
    }
}

fn stored(source: &str, company: &Backlog, story: &Story, now: Timestamp) -> Stored {
    let priority = |word: &String| match word.as_str() {
        "critical" => Priority::Critical,
        "high" => Priority::High,
        "low" => Priority::Low,
        _ => Priority::Medium,
    };
    let day = |days: i64| (now + SignedDuration::from_hours(24 * days)).to_zoned(TimeZone::UTC).date();
    let comment = |(i, r): (usize, &backlog::Comment)| Comment {
        id: RecordId::new(source, i.to_string()),
        author: company.person(&r.author).map(|p| Label::new(&p.name)),
        created: Moment(now + SignedDuration::from_hours(r.hours)),
        visibility: Some(if r.visibility.is_some() { Visibility::Internal } else { Visibility::Public }),
        text: FreeText::new(&r.text, Author::Internal),
    };
    Stored {
        project: story.project.clone(),
        title: story.title.clone(),
        text: story.text.clone(),
        kind: story.kind.clone(),
        status: if story.doing { "In Progress".into() } else { story.status.clone() },
        priority: story.priority.as_ref().map(priority),
        assignee: story.assignee.clone(),
        labels: story.labels.clone(),
        due: story.due.map(day),
        updated: now + SignedDuration::from_hours(story.updated_hours),
        release: story.release.clone(),
        iteration: story.iteration.clone(),
        flagged: story.flagged,
        links: story.links.clone(),
        comments: story.comments.iter().enumerate().map(comment).map(|c| (None, c)).collect(),
        marks: Vec::new(),
    }
}

impl IssueTracker for Memory {
    fn able(&self) -> Able {
        self.able
    }

    fn recognize(&self, reference: &str) -> Option<String> {
        let prefix = format!("https://{}.example/", self.source);
        let bare = reference.strip_prefix(&prefix).unwrap_or(reference);
        let of = |key: &str| {
            let number = bare.strip_prefix(key)?.strip_prefix(['-', '#'])?;
            (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then(|| bare.to_owned())
        };
        self.company.boards(&self.tracker).find_map(|b| of(&b.key))
    }

    fn projects<'a>(&'a self, _: &'a Cx) -> BoxFuture<'a, Result<Vec<Place>>> {
        let project = |b: &backlog::Board| Place { key: b.key.clone(), name: Label::new(&b.name) };
        let namesakes = NAMESAKES.map(|(key, name)| Place { key: key.into(), name: Label::new(name) });
        let namesakes = namesakes.into_iter().filter(|_| self.tracker == "jira");
        let all = self.company.boards(&self.tracker).map(project).chain(namesakes).collect();
        Box::pin(async { Ok(all) })
    }

    fn people<'a>(&'a self, _: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>> {
        let wanted = text.to_lowercase();
        let is = |p: &&Employee| {
            [&p.handle, &p.name, &p.email, &p.login, &p.account_id].iter().any(|t| t.to_lowercase() == wanted)
        };
        let person = |p: &Employee| Person {
            id: p.handle.clone(),
            name: Label::new(&p.name),
            email: Some(p.email.clone()),
        };
        let found = self.company.people.iter().filter(is).map(person).collect();
        Box::pin(async { Ok(found) })
    }

    fn search<'a>(&'a self, _: &'a Cx, query: &'a Query, page: Fetch) -> BoxFuture<'a, Result<Rows<Issue>>> {
        Box::pin(async move { self.find(query, &page) })
    }

    fn get<'a>(&'a self, _: &'a Cx, id: &'a str, want: Surroundings) -> BoxFuture<'a, Result<IssueDetail>> {
        Box::pin(async move {
            let shelf = self.lock();
            let issue = self.issue(&shelf, id, true)?;
            let record = shelf.records.get(id).ok_or_else(|| missing(id))?;
            let mut comments: Vec<_> = record.comments.iter().map(|(_, c)| c.clone()).collect();
            comments.sort_by_key(|c| std::cmp::Reverse(c.created));
            comments.truncate(want.comments as usize);
            let link = |(relation, id): &(String, String)| IssueLink {
                relation: Label::new(relation),
                id: RecordId::new(&*self.source, &**id),
                title: Label::new(shelf.records.get(id).map_or("", |r| &r.title)),
                state: shelf.records.get(id).map(|r| state(&r.status)),
            };
            let links = if want.links { record.links.iter().map(link).collect() } else { Vec::new() };
            Ok(IssueDetail {
                issue,
                comments,
                links,
                history: Vec::new(),
                development: None,
                truncated: false,
                omitted: None,
            })
        })
    }

    fn iteration<'a>(
        &'a self,
        _: &'a Cx,
        project: &'a str,
        name: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Iteration>> {
        Box::pin(async move {
            let is = |s: &&backlog::Sprint| {
                s.project == project && name.map_or(s.state == "active", |n| n.eq_ignore_ascii_case(&s.name))
            };
            let of_project = || self.company.iterations.iter().filter(|s| s.project == project);
            let sprint = self.company.iterations.iter().find(is).ok_or_else(|| {
                let candidate = |s: &backlog::Sprint| Candidate::new(s.name.clone(), s.name.clone());
                of_project()
                    .map(candidate)
                    .fold(missing(name.unwrap_or("iteration under way")), Error::candidate)
            })?;
            let shelf = self.lock();
            let of = |done: bool| {
                let within = |r: &&Stored| r.iteration.as_ref() == Some(&sprint.name);
                let count = shelf
                    .records
                    .values()
                    .filter(within)
                    .filter(|r| (state(&r.status) == State::Done) == done);
                u32::try_from(count.count()).ok()
            };
            Ok(Iteration {
                source: self.source.clone(),
                project: Label::new(project),
                name: Label::new(&sprint.name),
                state: Label::new(&sprint.state),
                goal: sprint.goal.as_deref().map(|g| FreeText::new(g, Author::Internal)),
                start: None,
                end: None,
                committed: None,
                done: of(true),
                spilled: None,
                blocked: None,
                open: of(false),
                url: None,
            })
        })
    }

    fn blockers<'a>(
        &'a self,
        _: &'a Cx,
        release: &'a Release,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Blocker>>> {
        Box::pin(async move {
            self.refuse(&Query { priority: release.severity, ..Query::default() })?;
            let query = Query { project: release.project.clone(), open: true, ..Query::default() };
            let all = self.find(&query, &Fetch { token: None, limit: 10_000 })?;
            let shelf = self.lock();
            let reason = |issue: Issue| {
                let record = shelf.records.get(issue.id.native())?;
                let named = match &release.name {
                    Some(name) => record.release.as_ref() == Some(name),
                    None => record.release.is_some(),
                };
                let why = match issue.priority {
                    Some(p) if p <= release.threshold() => format!("priority {p:?}").to_lowercase(),
                    _ if issue.blocked => "blocked".to_owned(),
                    _ => return None,
                };
                named.then(|| Blocker { issue, reason: Label::new(&why) })
            };
            let hits: Vec<_> = all.rows.into_iter().filter_map(reason).collect();
            let start: usize =
                page.token.as_deref().map_or(Ok(0), str::parse).map_err(|_| missing("page"))?;
            let count = hits.len();
            let rows: Vec<_> = hits.into_iter().skip(start).take(page.limit as usize).collect();
            let end = start + rows.len();
            Ok(Rows { rows, next: (end < count).then(|| end.to_string()), total: None, as_of: self.now })
        })
    }

    fn delivery<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Delivery>> {
        Box::pin(async move {
            let key = id.rsplit_once('#').map_or("", |(_, n)| n);
            let pulls = self.mentions(cx, &format!("#{key}")).await?;
            Ok(Delivery { pull_requests: pulls, ..Delivery::default() })
        })
    }

    fn mentions<'a>(&'a self, _: &'a Cx, key: &'a str) -> BoxFuture<'a, Result<Vec<PullRequest>>> {
        let names = |p: &&backlog::Pull| {
            format!("{} {}", p.title, p.text.as_deref().unwrap_or_default()).contains(key)
        };
        let pull = |p: &backlog::Pull| PullRequest {
            id: RecordId::new(&*self.source, native(&p.project, p.number)),
            title: Label::new(&p.title),
            state: Label::new(&p.state),
            author: None,
            url: format!("https://{}.example/{}/{}", self.source, p.project, p.number),
        };
        let own = |p: &&backlog::Pull| self.company.boards(&self.tracker).any(|b| b.key == p.project);
        let found = self.company.pulls.iter().filter(own).filter(names).map(pull).collect();
        Box::pin(async { Ok(found) })
    }

    fn find_marked<'a>(
        &'a self,
        _: &'a Cx,
        project: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Issue>>> {
        Box::pin(async move {
            let shelf = self.lock();
            let wanted = mark.external_key.as_ref().unwrap_or(&mark.operation);
            let everywhere = mark.external_key.is_some();
            let within = |r: &Stored| everywhere || r.project == project;
            let found = shelf.records.iter().find(|(_, r)| within(r) && r.marks.contains(wanted));
            found.map(|(id, _)| self.issue(&shelf, id, true)).transpose()
        })
    }

    fn create<'a>(&'a self, _: &'a Cx, new: &'a NewIssue, mark: &'a Mark) -> BoxFuture<'a, Result<Issue>> {
        Box::pin(async move { self.add(new, mark) })
    }

    fn update<'a>(
        &'a self,
        _: &'a Cx,
        id: &'a str,
        edit: &'a Edit,
        expected: Option<Timestamp>,
    ) -> BoxFuture<'a, Result<Changed>> {
        Box::pin(async move {
            self.change(id, |record| {
                if expected.is_some_and(|t| t.as_second() != record.updated.as_second()) {
                    return Err(Error::new(Code::Conflict, "the issue changed since it was read"));
                }
                if let Some(title) = &edit.title {
                    record.title.clone_from(title);
                }
                if let Some(text) = &edit.description {
                    record.text = Some(text.clone());
                }
                record.labels.retain(|l| !edit.remove_labels.contains(l));
                for label in &edit.add_labels {
                    if !record.labels.contains(label) {
                        record.labels.push(label.clone());
                    }
                }
                record.priority = edit.priority.or(record.priority);
                if let Some(assignee) = &edit.assignee {
                    record.assignee.clone_from(assignee);
                }
                if let Some(due) = edit.due {
                    record.due = due;
                }
                Ok(())
            })
        })
    }

    fn transitions<'a>(&'a self, _: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Vec<Transition>>> {
        Box::pin(async move {
            let shelf = self.lock();
            let record = shelf.records.get(id).ok_or_else(|| missing(id))?;
            let all =
                [("1", "To Do", State::Todo), ("2", "In Progress", State::Doing), ("3", "Done", State::Done)];
            let other = all.into_iter().filter(|(_, to, _)| *to != record.status);
            Ok(other
                .map(|(id, to, state)| Transition { id: id.into(), to: to.into(), state, wants: Vec::new() })
                .collect())
        })
    }

    fn transition<'a>(
        &'a self,
        _: &'a Cx,
        id: &'a str,
        to: &'a Transition,
    ) -> BoxFuture<'a, Result<Changed>> {
        Box::pin(async move {
            self.change(id, |record| {
                record.status.clone_from(&to.to);
                Ok(())
            })
        })
    }

    fn comment<'a>(
        &'a self,
        _: &'a Cx,
        id: &'a str,
        text: &'a str,
        visibility: Visibility,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Comment>> {
        Box::pin(async move {
            let mut posted = None;
            self.change(id, |record| {
                let comment = Comment {
                    id: RecordId::new(&*self.source, record.comments.len().to_string()),
                    author: Some(Label::new("Sandbox Agent")),
                    created: Moment(self.now),
                    visibility: Some(visibility),
                    text: FreeText::new(text, Author::Machine),
                };
                record.comments.push((Some(mark.operation.clone()), comment.clone()));
                posted = Some(comment);
                Ok(())
            })?;
            posted.ok_or_else(|| missing(id))
        })
    }

    fn find_marked_comment<'a>(
        &'a self,
        _: &'a Cx,
        id: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Comment>>> {
        Box::pin(async move {
            let shelf = self.lock();
            let record = shelf.records.get(id).ok_or_else(|| missing(id))?;
            Ok(record
                .comments
                .iter()
                .find(|(m, _)| m.as_ref() == Some(&mark.operation))
                .map(|(_, c)| c.clone()))
        })
    }
}
