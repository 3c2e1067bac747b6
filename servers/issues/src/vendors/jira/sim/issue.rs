//! Issues: get, create, edit, assign, delete, changelog.

use sandbox::{Answer, Ask, Reply, Timestamp, page};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::face::{Face, error, field_errors, no_issue};
use super::render;
use super::screen::{self, Set};
use super::search::listed;
use super::state::{Change, Issue, Project, SEVERITY, STATUSES, Site};

/// The body of create, edit and transition; `historyMetadata` and `properties` are taken and forgotten.
#[derive(Default, Deserialize)]
pub(super) struct Details {
    #[serde(default)]
    pub(super) fields: Map<String, Value>,
    #[serde(default)]
    pub(super) update: Map<String, Value>,
    #[serde(default)]
    pub(super) transition: Option<Value>,
}

/// `GET /issue/{issue}`.
pub(super) fn get(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let issue = site.issue(ask.param("issue")).ok_or_else(no_issue)?;
    let fields: Vec<String> = ask.query_all("fields").flat_map(listed).collect();
    let expand = listed(ask.query("expand").unwrap_or_default());
    let wanted = ask.query("fields").map(|_| fields.as_slice());
    Ok(Answer::json(200, render::issue(site, issue, face, wanted, &expand)))
}

/// `POST /issue`.
pub(super) fn create(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let details: Details = ask.json()?;
    let project = wanted_project(site, &details.fields)?;
    let sets = screen::read(site, face, project, &details.fields, &details.update);
    let mut faults = sets.as_ref().err().cloned().unwrap_or_default();
    faults.extend(missing(project, &details.fields));
    let (Ok(sets), true) = (sets, faults.is_empty()) else { return Err(field_errors(&faults)) };
    let Some(Set::Kind(kind)) = sets.iter().find(|s| matches!(s, Set::Kind(_))) else {
        return Err(field_errors(&[("issuetype".into(), "Specify an issue type".into())]));
    };
    let (key, number) = (project.key.clone(), project.last_number + 1);
    let reporter = site.caller(ask.who()).map(|u| u.account_id.clone()).unwrap_or_default();
    let mut issue = blank(site.next_id(), key.clone(), number, kind, reporter, ask.now);
    for set in sets {
        screen::apply(site, &mut issue, set);
    }
    if let Some(project) = site.projects.iter_mut().find(|p| p.key == key) {
        project.last_number = number;
    }
    let made = json!({ "id": issue.id.to_string(), "key": issue.key(), "self": face.link(&format!("issue/{}", issue.id)) });
    site.issues.insert(issue.id, issue);
    Ok(Answer::json(201, made))
}

fn wanted_project<'a>(site: &'a Site, fields: &Map<String, Value>) -> Result<&'a Project, Answer> {
    let named = fields.get("project").and_then(|p| p["key"].as_str().or(p["id"].as_str()));
    let found = named.and_then(|p| site.project(p));
    found.ok_or_else(|| field_errors(&[("project".into(), "valid project is required".into())]))
}

/// What the create screen demands and the request lacks.
fn missing(project: &Project, fields: &Map<String, Value>) -> screen::Faults {
    let mut faults = Vec::new();
    if !fields.contains_key("summary") {
        faults.push(("summary".into(), "You must specify a summary of the issue.".into()));
    }
    if !fields.contains_key("issuetype") {
        faults.push(("issuetype".into(), "Specify an issue type".into()));
    }
    let kind = fields.get("issuetype").map_or(&Value::Null, |t| t);
    let bug = kind["id"] == "10004" || kind["name"] == "Bug";
    if project.wants_severity && bug && fields.get(SEVERITY).and_then(Value::as_str).is_none_or(str::is_empty)
    {
        faults.push((SEVERITY.into(), "Severity note is required.".into()));
    }
    faults
}

fn blank(
    id: u64,
    project: String,
    number: u64,
    kind: &'static str,
    reporter: String,
    now: Timestamp,
) -> Issue {
    Issue {
        id,
        project,
        number,
        kind,
        summary: String::new(),
        description: None,
        // The scheme's default priority.
        priority: Some("3"),
        status: STATUSES[0].id,
        assignee: None,
        reporter,
        labels: Vec::new(),
        due: None,
        versions: Vec::new(),
        sprints: Vec::new(),
        flagged: false,
        severity: None,
        environment: None,
        other: Default::default(),
        created: now,
        updated: now,
        resolved: None,
        comments: Vec::new(),
        history: Vec::new(),
        remote_links: Vec::new(),
    }
}

/// `PUT /issue/{issue}`: 204, or 200 with the issue where Cloud is asked for it.
pub(super) fn edit(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let details: Details = ask.json()?;
    if details.fields.is_empty() && details.update.is_empty() {
        return Err(error(400, &["one of 'fields' or 'update' required"]));
    }
    change(site, ask, face, &details)?;
    if face.cloud && ask.query("returnIssue") == Some("true") {
        let issue = site.issue(ask.param("issue")).ok_or_else(no_issue)?;
        return Ok(Answer::json(200, render::issue(site, issue, face, None, &[])));
    }
    Ok(Answer::empty(204))
}

/// Writes fields and the changelog.
pub(super) fn change(site: &mut Site, ask: &Ask, face: &Face, details: &Details) -> Result<(), Answer> {
    let mut issue = site.issue(ask.param("issue")).ok_or_else(no_issue)?.clone();
    let project = site.project(&issue.project).ok_or_else(no_issue)?;
    let sets = screen::read(site, face, project, &details.fields, &details.update);
    let sets = sets.map_err(|faults| field_errors(&faults))?;
    let items: Vec<_> = sets.into_iter().filter_map(|set| screen::apply(site, &mut issue, set)).collect();
    if !items.is_empty() {
        let author = site.caller(ask.who()).map(|u| u.account_id.clone()).unwrap_or_default();
        issue.history.push(Change { id: site.next_id(), at: ask.now, author, items });
        issue.updated = ask.now;
    }
    site.issues.insert(issue.id, issue);
    Ok(())
}

/// `PUT /issue/{issue}/assignee`.
pub(super) fn assign(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let body: Value = ask.json()?;
    let nobody = ["accountId", "name"].iter().all(|key| body[*key].is_null());
    let assignee = if nobody { Value::Null } else { body };
    let mut details = Details::default();
    details.fields.insert("assignee".into(), assignee);
    change(site, ask, face, &details)?;
    Ok(Answer::empty(204))
}

/// `DELETE /issue/{issue}`.
pub(super) fn delete(site: &mut Site, ask: &Ask, _: &Face) -> Reply {
    let id = site.issue(ask.param("issue")).ok_or_else(no_issue)?.id;
    site.issues.remove(&id);
    site.links.retain(|l| l.from != id && l.to != id);
    Ok(Answer::empty(204))
}

/// `GET /issue/{issue}/changelog`, oldest first.
pub(super) fn changelog(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let issue = site.issue(ask.param("issue")).ok_or_else(no_issue)?;
    let start = ask.query_as("startAt")?.unwrap_or(0);
    let limit = ask.query_as("maxResults")?.unwrap_or(100usize).clamp(1, 100);
    let page = page::cut(issue.history.iter(), start, limit);
    let values: Vec<Value> = page.items.iter().map(|c| render::change(site, c, face)).collect();
    Ok(Answer::json(
        200,
        json!({
            "self": face.link(&format!("issue/{}/changelog", issue.key())),
            "startAt": start,
            "maxResults": limit,
            "total": page.total,
            "isLast": page.next.is_none(),
            "values": values,
        }),
    ))
}
