//! Issues: list, get, create, change.

use jiff::Timestamp;
use sandbox::{Answer, Ask, Reply};
use serde_json::{Map, Value, json};

use super::state::{Event, Hub, Issue, Label, Repository, What};
use super::{fault, fill, page, refusal, show};

/// `GET /repos/{owner}/{repo}/issues`: pull requests included.
pub(super) fn list(hub: &mut Hub, ask: &Ask) -> Reply {
    let repository = hub.repository(ask)?;
    repository.open_for_issues(ask)?;
    let mut rows: Vec<&Issue> =
        repository.issues.values().filter(|issue| matches(repository, issue, ask)).collect();
    match ask.query("sort") {
        Some("updated") => rows.sort_by_key(|issue| (issue.updated, issue.id)),
        Some("comments") => rows.sort_by_key(|issue| (issue.comments.len(), issue.id)),
        _ => rows.sort_by_key(|issue| (issue.created, issue.id)),
    }
    if ask.query("direction") != Some("asc") {
        rows.reverse();
    }
    Ok(page::list(ask, rows, |issue| show::issue(ask, hub, repository, issue)))
}

fn matches(repository: &Repository, issue: &Issue, ask: &Ask) -> bool {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let state = match ask.query("state") {
        Some("all") => true,
        Some("closed") => !issue.open,
        _ => issue.open,
    };
    let assignee = match ask.query("assignee") {
        None => true,
        Some("*") => !issue.assignees.is_empty(),
        Some("none") => issue.assignees.is_empty(),
        Some(login) => issue.assignees.iter().any(|one| same(one, login)),
    };
    let milestone = match ask.query("milestone") {
        None => true,
        Some("*") => issue.milestone.is_some(),
        Some("none") => issue.milestone.is_none(),
        Some(number) => number.parse().ok() == issue.milestone,
    };
    let labels =
        ask.query("labels").unwrap_or_default().split(',').map(str::trim).filter(|one| !one.is_empty());
    let bears = |name: &str| {
        repository.label(name).is_some_and(|label| issue.labels.iter().any(|one| same(one, &label.name)))
    };
    let since = ask.query("since").and_then(|text| text.parse::<Timestamp>().ok());
    let creator = ask.query("creator").is_none_or(|login| same(&issue.author, login));
    let mut labels = labels;
    state
        && assignee
        && milestone
        && creator
        && labels.all(bears)
        && since.is_none_or(|from| issue.updated >= from)
}

/// `GET /repos/{owner}/{repo}/issues/{number}`.
pub(super) fn get(hub: &mut Hub, ask: &Ask) -> Reply {
    let (repository, issue) = hub.issue(ask)?;
    Ok(Answer::json(200, show::issue(ask, hub, repository, issue)))
}

/// `POST /repos/{owner}/{repo}/issues`.
pub(super) fn create(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("issues:write")?;
    let at = hub.find(ask)?;
    hub.repositories[at].open_for_issues(ask)?;
    let body: Map<String, Value> = ask.json()?;
    if !body.contains_key("title") {
        return Err(refusal(ask, 422, "Invalid request.\n\n\"title\" wasn't supplied.", &[]));
    }
    let now = fill::whole(ask.now);
    let (id, author, number) = (hub.next_id(), hub.actor(ask), hub.repositories[at].next_number());
    let issue = Issue {
        id,
        number,
        title: String::new(),
        body: None,
        open: true,
        reason: None,
        author,
        closer: None,
        labels: Vec::new(),
        assignees: Vec::new(),
        milestone: None,
        kind: None,
        locked: false,
        created: now,
        updated: now,
        closed: None,
        comments: Vec::new(),
        events: Vec::new(),
        blocked_by: Vec::new(),
        pull: None,
    };
    let change = Change::read(hub, &hub.repositories[at], ask, &body)?;
    hub.repositories[at].issues.insert(number, issue);
    change.apply(hub, at, number, ask);
    let (repository, issue) = shown(hub, at, number, ask)?;
    let location = format!("{}/issues/{number}", show::repository_url(ask, repository));
    Ok(Answer::json(201, show::issue(ask, hub, repository, issue)).header("location", location))
}

/// `PATCH /repos/{owner}/{repo}/issues/{number}`.
pub(super) fn update(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("issues:write")?;
    let at = hub.find(ask)?;
    let number = hub.issue(ask)?.1.number;
    let body: Map<String, Value> = ask.json()?;
    let change = Change::read(hub, &hub.repositories[at], ask, &body)?;
    change.apply(hub, at, number, ask);
    let (repository, issue) = shown(hub, at, number, ask)?;
    Ok(Answer::json(200, show::issue(ask, hub, repository, issue)))
}

fn shown<'h>(hub: &'h Hub, at: usize, number: u64, ask: &Ask) -> Result<(&'h Repository, &'h Issue), Answer> {
    let repository = &hub.repositories[at];
    let issue = repository.issues.get(&number).ok_or_else(|| ask.refuse(sandbox::Refusal::NoRoute))?;
    Ok((repository, issue))
}

/// What a body asks to change, checked. Fields that GitHub does not know are ignored, as GitHub does.
#[derive(Default)]
pub(super) struct Change {
    title: Option<String>,
    body: Option<Option<String>>,
    state: Option<(bool, Option<String>)>,
    labels: Option<Vec<String>>,
    assignees: Option<Vec<String>>,
    milestone: Option<Option<u64>>,
    kind: Option<Option<String>>,
}

impl Change {
    /// Other labels and nothing else.
    pub(super) fn of_labels(labels: Vec<String>) -> Self {
        Self { labels: Some(labels), ..Self::default() }
    }

    /// Other assignees and nothing else.
    pub(super) fn of_assignees(assignees: Vec<String>) -> Self {
        Self { assignees: Some(assignees), ..Self::default() }
    }

    fn read(
        hub: &Hub,
        repository: &Repository,
        ask: &Ask,
        body: &Map<String, Value>,
    ) -> Result<Self, Answer> {
        let mut faults = Vec::new();
        let mut change = Self::default();
        match body.get("title") {
            Some(Value::String(title)) if !title.trim().is_empty() => change.title = Some(title.clone()),
            Some(Value::Number(title)) => change.title = Some(title.to_string()),
            Some(_) => faults.push(fault("Issue", "title", "missing_field")),
            None => {}
        }
        change.body = body.get("body").map(|text| text.as_str().map(str::to_owned));
        if let Some(state) = body.get("state") {
            let reason = body.get("state_reason").and_then(Value::as_str).map(str::to_owned);
            match state.as_str() {
                Some("open") => change.state = Some((true, None)),
                Some("closed") => change.state = Some((false, reason.or_else(|| Some("completed".into())))),
                _ => faults.push(fault("Issue", "state", "invalid")),
            }
        }
        change.labels = body.get("labels").map(names);
        let single = body.get("assignee").and_then(Value::as_str).map(|one| vec![one.to_owned()]);
        change.assignees = body.get("assignees").map(names).or(single);
        if let Some(unknown) = change.assignees.iter().flatten().find(|one| hub.person(one).is_none()) {
            let invalid =
                json!({ "value": unknown, "resource": "Issue", "field": "assignees", "code": "invalid" });
            faults.push(invalid);
        }
        change.milestone = body.get("milestone").map(number);
        if let Some(Some(unknown)) =
            change.milestone.filter(|one| one.is_some_and(|n| repository.milestone(n).is_none()))
        {
            faults.push(
                json!({ "value": unknown, "resource": "Issue", "field": "milestone", "code": "invalid" }),
            );
        }
        change.kind = body.get("type").map(|kind| kind.as_str().map(str::to_owned));
        if let Some(Some(kind)) = &mut change.kind {
            match repository.types.iter().find(|one| one.eq_ignore_ascii_case(kind)) {
                Some(known) => kind.clone_from(known),
                None => faults.push(fault("Issue", "type", "invalid")),
            }
        }
        if faults.is_empty() { Ok(change) } else { Err(refusal(ask, 422, "Validation Failed", &faults)) }
    }

    /// Makes the change and writes the timeline.
    pub(super) fn apply(self, hub: &mut Hub, at: usize, number: u64, ask: &Ask) {
        let (actor, now) = (hub.actor(ask), fill::whole(ask.now));
        let assignees = self.assignees.map(|list| known_logins(hub, &list));
        let labels =
            self.labels.map(|list| list.iter().map(|name| ensure_label(hub, at, name)).collect::<Vec<_>>());
        let titles = |hub: &Hub, number: Option<u64>| {
            number.and_then(|n| hub.repositories[at].milestone(n)).map(|one| one.title.clone())
        };
        let old = hub.repositories[at].issues.get(&number).and_then(|issue| issue.milestone);
        let milestones = self.milestone.map(|new| (new, titles(hub, old), titles(hub, new)));
        let Some(issue) = hub.repositories[at].issues.get_mut(&number) else { return };
        let mut said = Vec::new();
        if let Some(title) = self.title {
            let from = std::mem::replace(&mut issue.title, title.clone());
            if !from.is_empty() && from != title {
                said.push(What::Renamed { from, to: title });
            }
        }
        if let Some(body) = self.body {
            issue.body = body;
        }
        if let Some(labels) = labels {
            let labels = distinct(labels);
            said.extend(labels.iter().filter(|one| !issue.labels.contains(one)).cloned().map(What::Labeled));
            said.extend(
                issue.labels.iter().filter(|one| !labels.contains(one)).cloned().map(What::Unlabeled),
            );
            issue.labels = labels;
        }
        if let Some(assignees) = assignees {
            let assignees = distinct(assignees);
            said.extend(
                assignees.iter().filter(|one| !issue.assignees.contains(one)).cloned().map(What::Assigned),
            );
            said.extend(
                issue.assignees.iter().filter(|one| !assignees.contains(one)).cloned().map(What::Unassigned),
            );
            issue.assignees = assignees;
        }
        if let Some((new, before, after)) = milestones {
            issue.milestone = new;
            said.extend(before.map(What::Demilestoned));
            said.extend(after.map(What::Milestoned));
        }
        if let Some(kind) = self.kind {
            issue.kind = kind;
        }
        if let Some((open, reason)) = self.state {
            said.extend(turn(issue, open, reason, &actor, now));
        }
        issue.updated = now;
        let events =
            said.into_iter().map(|what| Event { id: hub.last_id + 1, actor: actor.clone(), at: now, what });
        let events: Vec<Event> = events.collect();
        hub.last_id += 1;
        if let Some(issue) = hub.repositories[at].issues.get_mut(&number) {
            issue.events.extend(events);
        }
    }
}

/// Opens or closes; nothing if it is so already and for the same reason.
fn turn(issue: &mut Issue, open: bool, reason: Option<String>, actor: &str, now: Timestamp) -> Option<What> {
    if issue.open == open && (open || issue.reason == reason) {
        return None;
    }
    let reopened = open.then(|| "reopened".to_owned());
    (issue.open, issue.reason) = (open, reason.clone().or(reopened));
    issue.closed = (!open).then_some(now);
    issue.closer = (!open).then(|| actor.to_owned());
    Some(if open { What::Reopened } else { What::Closed(reason) })
}

/// Names of a list: texts, or objects with a name or login.
pub(super) fn names(list: &Value) -> Vec<String> {
    let name = |one: &Value| match one {
        Value::String(name) => Some(name.clone()),
        one => one.get("name").or_else(|| one.get("login"))?.as_str().map(str::to_owned),
    };
    list.as_array().into_iter().flatten().filter_map(name).collect()
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Logins as GitHub spells them.
fn known_logins(hub: &Hub, list: &[String]) -> Vec<String> {
    list.iter().filter_map(|one| hub.person(one)).map(|one| one.login.clone()).collect()
}

/// The label's name as it is spelled; one that does not exist comes into being.
fn ensure_label(hub: &mut Hub, at: usize, name: &str) -> String {
    if let Some(known) = hub.repositories[at].label(name) {
        return known.name.clone();
    }
    let id = hub.next_id();
    hub.repositories[at].labels.push(Label { id, name: name.to_owned(), color: "ededed" });
    name.to_owned()
}

fn distinct(list: Vec<String>) -> Vec<String> {
    let mut seen = Vec::new();
    for one in list {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    seen
}
