//! Records as Jira's JSON.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::face::Face;
use super::state::{
    self, Change, Comment, FLAGGED, Issue, Item, LINK_TYPES, PRIORITIES, SEVERITY, SPRINT, Site, Sprint,
    TYPES, User, Version,
};
use super::text::Body;

/// `2026-11-21T05:53:16.000+0000`, the only form Jira writes.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3f%z").to_string()
}

/// An account.
pub(super) fn user(user: &User, face: &Face) -> Value {
    let mut shown = json!({
        "displayName": user.display_name,
        "active": true,
        "timeZone": "Etc/UTC",
    });
    if face.cloud {
        shown["self"] = json!(face.link(&format!("user?accountId={}", user.account_id)));
        shown["accountId"] = json!(user.account_id);
        shown["accountType"] = json!(if user.app { "app" } else { "atlassian" });
        if !user.hides_email {
            shown["emailAddress"] = json!(user.email);
        }
    } else {
        shown["self"] = json!(face.link(&format!("user?username={}", user.name)));
        shown["name"] = json!(user.name);
        shown["key"] = json!(format!("JIRAUSER{}", user.name));
        shown["emailAddress"] = json!(user.email);
    }
    shown
}

/// The account of an id; null if there is none.
pub(super) fn account(site: &Site, id: Option<&str>, face: &Face) -> Value {
    id.and_then(|id| site.user(id)).map_or(Value::Null, |found| user(found, face))
}

/// A rich text in the form of the API's version.
pub(super) fn body(body: &Body, face: &Face) -> Value {
    if face.version == 3 { body.adf() } else { json!(body.wiki()) }
}

/// A status with its category.
pub(super) fn status(id: &str, face: &Face) -> Value {
    let status = state::status(id);
    let (key, name) = state::category(status.category);
    json!({
        "self": face.link(&format!("status/{}", status.id)),
        "id": status.id,
        "name": status.name,
        "description": "",
        "iconUrl": format!("{}/images/icons/statuses/generic.png", face.root),
        "statusCategory": {
            "self": face.link(&format!("statuscategory/{}", status.category)),
            "id": status.category,
            "key": key,
            "name": name,
            "colorName": if key == "done" { "green" } else if key == "new" { "blue-gray" } else { "yellow" },
        },
    })
}

/// A priority.
pub(super) fn priority(id: &str, face: &Face) -> Value {
    let Some((id, name)) = state::named(&PRIORITIES, id) else { return Value::Null };
    json!({
        "self": face.link(&format!("priority/{id}")),
        "id": id,
        "name": name,
        "iconUrl": format!("{}/images/icons/priorities/{}.svg", face.root, name.to_lowercase()),
    })
}

/// An issue type.
pub(super) fn kind(id: &str, face: &Face) -> Value {
    let Some((id, name)) = state::named(&TYPES, id) else { return Value::Null };
    json!({
        "self": face.link(&format!("issuetype/{id}")),
        "id": id,
        "name": name,
        "description": "",
        "iconUrl": format!("{}/images/icons/issuetypes/{id}.svg", face.root),
        "subtask": false,
    })
}

/// A project in short.
pub(super) fn project(project: &state::Project, face: &Face) -> Value {
    json!({
        "self": face.link(&format!("project/{}", project.id)),
        "id": project.id.to_string(),
        "key": project.key,
        "name": project.name,
        "projectTypeKey": "software",
    })
}

/// A version.
pub(super) fn version(version: &Version, face: &Face) -> Value {
    let mut shown = json!({
        "self": face.link(&format!("version/{}", version.id)),
        "id": version.id.to_string(),
        "name": version.name,
        "archived": false,
        "released": version.released,
    });
    if let Some(date) = version.date {
        shown["releaseDate"] = json!(date.to_string());
    }
    shown
}

/// A sprint as the issue field shows it.
pub(super) fn sprint(sprint: &Sprint) -> Value {
    let mut shown = json!({
        "id": sprint.id,
        "name": sprint.name,
        "state": sprint.state,
        "boardId": sprint.board,
        "goal": sprint.goal.clone().unwrap_or_default(),
    });
    if let (Some(start), Some(end)) = (sprint.start, sprint.end) {
        shown["startDate"] = json!(iso(start));
        shown["endDate"] = json!(iso(end));
        if sprint.state == "closed" {
            shown["completeDate"] = json!(iso(end));
        }
    }
    shown
}

/// `2026-11-21T05:53:16.000Z`, as the agile API writes it.
pub(super) fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// All fields of an issue, by id.
pub(super) fn fields(site: &Site, issue: &Issue, face: &Face) -> Map<String, Value> {
    let owner = site.project(&issue.project).map_or(Value::Null, |p| project(p, face));
    let versions: Vec<Value> =
        issue.versions.iter().filter_map(|id| site.version(*id)).map(|v| version(v, face)).collect();
    let sprints: Vec<Value> = issue.sprints.iter().filter_map(|id| site.sprint(*id)).map(sprint).collect();
    let flagged = if issue.flagged {
        json!([{ "self": face.link("customFieldOption/10019"), "value": "Impediment", "id": "10019" }])
    } else {
        Value::Null
    };
    let resolution = if issue.is_done() {
        json!({ "self": face.link("resolution/10000"), "id": "10000", "name": "Done", "description": "" })
    } else {
        Value::Null
    };
    let comments: Vec<Value> = issue.comments.iter().map(|c| comment(site, issue, c, face, false)).collect();
    let fields = json!({
        "summary": issue.summary,
        "description": issue.description.as_ref().map_or(Value::Null, |b| body(b, face)),
        "project": owner,
        "issuetype": kind(issue.kind, face),
        "status": status(issue.status, face),
        "priority": issue.priority.map_or(Value::Null, |p| priority(p, face)),
        "assignee": account(site, issue.assignee.as_deref(), face),
        "reporter": account(site, Some(&issue.reporter), face),
        "creator": account(site, Some(&issue.reporter), face),
        "labels": issue.labels,
        "duedate": issue.due.map(|d| d.to_string()),
        "fixVersions": versions,
        "issuelinks": links(site, issue, face),
        "created": time(issue.created),
        "updated": time(issue.updated),
        "resolution": resolution,
        "resolutiondate": issue.resolved.map(time),
        "comment": { "comments": comments, "startAt": 0, "maxResults": comments.len(), "total": comments.len() },
        "subtasks": [],
        SPRINT: if sprints.is_empty() { Value::Null } else { json!(sprints) },
        FLAGGED: flagged,
        SEVERITY: issue.severity,
        "environment": issue.environment.as_ref().map_or(Value::Null, |b| body(b, face)),
    });
    let Value::Object(mut map) = fields else { return Map::new() };
    map.extend(issue.other.iter().map(|(field, value)| ((*field).to_owned(), value.clone())));
    map
}

/// An issue with the asked fields (`None` for all) and the asked expansions.
pub(super) fn issue(
    site: &Site,
    issue: &Issue,
    face: &Face,
    wanted: Option<&[String]>,
    expand: &[String],
) -> Value {
    let mut shown = json!({
        "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
        "id": issue.id.to_string(),
        "self": face.link(&format!("issue/{}", issue.id)),
        "key": issue.key(),
    });
    let mut all = fields(site, issue, face);
    if let Some(wanted) = wanted {
        all.retain(|name, _| is_wanted(name, wanted));
    }
    if wanted.is_none_or(|w| !w.is_empty()) {
        shown["fields"] = Value::Object(all);
    }
    if expand.iter().any(|e| e == "changelog") {
        let histories: Vec<Value> = issue.history.iter().rev().map(|c| change(site, c, face)).collect();
        let count = histories.len();
        shown["changelog"] =
            json!({ "startAt": 0, "maxResults": count, "total": count, "histories": histories });
    }
    shown
}

fn is_wanted(name: &str, wanted: &[String]) -> bool {
    let dropped = wanted.iter().any(|w| w.strip_prefix('-') == Some(name));
    let named = wanted.iter().any(|w| w == name || w == "*all" || (w == "*navigable" && name != "comment"));
    named && !dropped
}

fn links(site: &Site, issue: &Issue, face: &Face) -> Vec<Value> {
    let mut shown = Vec::new();
    for link in site.links.iter().filter(|l| l.from == issue.id || l.to == issue.id) {
        let Some((id, name, inward, outward)) = LINK_TYPES.iter().find(|k| k.0 == link.kind) else {
            continue;
        };
        let (side, other) =
            if link.from == issue.id { ("outwardIssue", link.to) } else { ("inwardIssue", link.from) };
        let Some(other) = site.issues.get(&other) else { continue };
        let mut one = json!({
            "id": link.id.to_string(),
            "self": face.link(&format!("issueLink/{}", link.id)),
            "type": {
                "id": id, "name": name, "inward": inward, "outward": outward,
                "self": face.link(&format!("issueLinkType/{id}")),
            },
        });
        one[side] = json!({
            "id": other.id.to_string(),
            "key": other.key(),
            "self": face.link(&format!("issue/{}", other.id)),
            "fields": {
                "summary": other.summary,
                "status": status(other.status, face),
                "priority": other.priority.map_or(Value::Null, |p| priority(p, face)),
                "issuetype": kind(other.kind, face),
            },
        });
        shown.push(one);
    }
    shown
}

/// A comment.
pub(super) fn comment(site: &Site, issue: &Issue, comment: &Comment, face: &Face, properties: bool) -> Value {
    let author = account(site, Some(&comment.author), face);
    let mut shown = json!({
        "self": face.link(&format!("issue/{}/comment/{}", issue.id, comment.id)),
        "id": comment.id.to_string(),
        "author": author,
        "updateAuthor": author,
        "body": body(&comment.body, face),
        "created": time(comment.created),
        "updated": time(comment.updated),
    });
    if face.cloud {
        shown["jsdPublic"] = json!(true);
    }
    if let Some((kind, value)) = &comment.visibility {
        shown["visibility"] = json!({ "type": kind, "value": value });
        if face.cloud {
            shown["visibility"]["identifier"] = json!(value);
        }
    }
    if properties {
        let one = |(key, value): &(String, Value)| json!({ "key": key, "value": value });
        shown["properties"] = comment.properties.iter().map(one).collect();
    }
    shown
}

/// One entry of the changelog.
pub(super) fn change(site: &Site, change: &Change, face: &Face) -> Value {
    json!({
        "id": change.id.to_string(),
        "author": account(site, Some(&change.author), face),
        "created": time(change.at),
        "items": change.items.iter().map(|i| item(i, face)).collect::<Vec<_>>(),
    })
}

fn item(item: &Item, face: &Face) -> Value {
    let mut shown = json!({
        "field": item.field,
        "fieldtype": if item.custom { "custom" } else { "jira" },
        "from": item.from.0,
        "fromString": item.from.1,
        "to": item.to.0,
        "toString": item.to.1,
    });
    if face.cloud {
        shown["fieldId"] = json!(if item.field == "Sprint" { SPRINT } else { item.field });
    }
    // Absent rather than null: the vendor's schema knows no null here.
    if let Some(map) = shown.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
    shown
}
