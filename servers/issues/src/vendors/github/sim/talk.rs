//! Comments, labels, assignees and dependencies of an issue, and its timeline.

use sandbox::{Answer, Ask, Refusal, Reply};
use serde_json::{Value, json};

use super::issues::{Change, names};
use super::state::{Comment, Event, Hub, Issue, Repository, What};
use super::{fault, fill, page, refusal, show};

/// `GET /repos/{owner}/{repo}/issues/{number}/comments`, oldest first.
pub(super) fn comments(hub: &mut Hub, ask: &Ask) -> Reply {
    let (repository, issue) = hub.issue(ask)?;
    let since = ask.query("since").and_then(|text| text.parse::<sandbox::Timestamp>().ok());
    let rows = issue.comments.iter().filter(|one| since.is_none_or(|from| one.updated >= from)).collect();
    Ok(page::list(ask, rows, |one| show::comment(ask, hub, repository, issue, one)))
}

/// `POST /repos/{owner}/{repo}/issues/{number}/comments`.
pub(super) fn comment(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("issues:write")?;
    let (at, issue) = (hub.find(ask)?, hub.issue(ask)?.1);
    if issue.locked {
        return Err(refusal(ask, 403, "Unable to create comment because issue is locked.", &[]));
    }
    let number = issue.number;
    let body = text_of(ask, "IssueComment")?;
    let now = fill::whole(ask.now);
    let new = Comment { id: hub.next_id(), author: hub.actor(ask), body, created: now, updated: now };
    let id = new.id;
    if let Some(issue) = hub.repositories[at].issues.get_mut(&number) {
        issue.comments.push(new);
        issue.updated = now;
    }
    shown(hub, ask, at, id, 201)
}

/// `PUT` and `DELETE /repos/{owner}/{repo}/issues/{number}/lock`.
pub(super) fn lock(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("issues:write")?;
    let (at, number) = (hub.find(ask)?, hub.issue(ask)?.1.number);
    if let Some(issue) = hub.repositories[at].issues.get_mut(&number) {
        issue.locked = ask.method == sandbox::Method::PUT;
    }
    Ok(Answer::empty(204))
}

/// `GET /repos/{owner}/{repo}/issues/comments/{id}`.
pub(super) fn one_comment(hub: &mut Hub, ask: &Ask) -> Reply {
    let (at, id) = (hub.find(ask)?, ask.param_as("id")?);
    shown(hub, ask, at, id, 200)
}

/// `PATCH /repos/{owner}/{repo}/issues/comments/{id}`.
pub(super) fn edit_comment(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("issues:write")?;
    let (at, id) = (hub.find(ask)?, ask.param_as::<u64>("id")?);
    let body = text_of(ask, "IssueComment")?;
    let all = hub.repositories[at].issues.values_mut().flat_map(|issue| issue.comments.iter_mut());
    for comment in all.filter(|one| one.id == id) {
        comment.body.clone_from(&body);
        comment.updated = fill::whole(ask.now);
    }
    shown(hub, ask, at, id, 200)
}

fn text_of(ask: &Ask, resource: &str) -> Result<String, Answer> {
    let body: Value = ask.json()?;
    match body.get("body").and_then(Value::as_str) {
        Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
        Some(_) => Err(refusal(ask, 422, "Validation Failed", &[fault(resource, "body", "missing_field")])),
        None => Err(refusal(ask, 422, "Invalid request.\n\n\"body\" wasn't supplied.", &[])),
    }
}

fn shown(hub: &Hub, ask: &Ask, at: usize, id: u64, status: u16) -> Reply {
    let repository = &hub.repositories[at];
    let found = repository
        .issues
        .values()
        .find_map(|issue| Some((issue, issue.comments.iter().find(|c| c.id == id)?)));
    let (issue, comment) = found.ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    Ok(Answer::json(status, show::comment(ask, hub, repository, issue, comment)))
}

/// `GET /repos/{owner}/{repo}/issues/{number}/labels`.
pub(super) fn labels(hub: &mut Hub, ask: &Ask) -> Reply {
    let (repository, issue) = hub.issue(ask)?;
    let rows = issue.labels.iter().filter_map(|name| repository.label(name)).collect();
    Ok(page::list(ask, rows, |one| show::label(ask, repository, one)))
}

/// `POST /repos/{owner}/{repo}/issues/{number}/labels`: `{"labels": [..]}`, or the list alone as older clients send.
pub(super) fn add_labels(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("issues:write")?;
    let body: Value = ask.json()?;
    let added = names(body.get("labels").unwrap_or(&body));
    relabel(hub, ask, |old| old.into_iter().chain(added).collect())
}

/// `DELETE /repos/{owner}/{repo}/issues/{number}/labels/{name}`: 404 for a label that the issue does not bear.
pub(super) fn remove_label(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("issues:write")?;
    let name = ask.param("name").to_lowercase();
    if !hub.issue(ask)?.1.labels.iter().any(|one| one.to_lowercase() == name) {
        return Err(refusal(ask, 404, "Label does not exist", &[]));
    }
    relabel(hub, ask, |old| old.into_iter().filter(|one| one.to_lowercase() != name).collect())
}

/// Changes the labels and answers with all of them: unlike the listing these two have no pages.
fn relabel(hub: &mut Hub, ask: &Ask, edit: impl FnOnce(Vec<String>) -> Vec<String>) -> Reply {
    let (at, issue) = (hub.find(ask)?, hub.issue(ask)?.1);
    let (number, list) = (issue.number, edit(issue.labels.clone()));
    Change::of_labels(list).apply(hub, at, number, ask);
    let (repository, issue) = hub.issue(ask)?;
    let rows = issue.labels.iter().filter_map(|name| repository.label(name));
    Ok(Answer::json(200, rows.map(|one| show::label(ask, repository, one)).collect::<Vec<_>>()))
}

/// `POST` and `DELETE /repos/{owner}/{repo}/issues/{number}/assignees`.
pub(super) fn assignees(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("issues:write")?;
    let (at, issue) = (hub.find(ask)?, hub.issue(ask)?.1);
    let (number, mut list) = (issue.number, issue.assignees.clone());
    let body: Value = ask.json()?;
    // Whoever cannot be assigned is left out without a word.
    let named = names(body.get("assignees").unwrap_or(&Value::Null));
    let adds = ask.method == sandbox::Method::POST;
    match adds {
        true => list.extend(named),
        false => list.retain(|one| !named.iter().any(|name| name.eq_ignore_ascii_case(one))),
    }
    Change::of_assignees(list).apply(hub, at, number, ask);
    let (repository, issue) = hub.issue(ask)?;
    Ok(Answer::json(if adds { 201 } else { 200 }, show::issue(ask, hub, repository, issue)))
}

/// `GET /repos/{owner}/{repo}/issues/{number}/dependencies/blocked_by`.
pub(super) fn blocked_by(hub: &mut Hub, ask: &Ask) -> Reply {
    let (_, issue) = hub.issue(ask)?;
    let rows = issue
        .blocked_by
        .iter()
        .filter_map(|id| hub.by_id(*id))
        .filter(|(home, _)| home.visible_to(ask))
        .collect();
    Ok(page::list(ask, rows, |(home, one)| show::issue(ask, hub, home, one)))
}

/// `GET /repos/{owner}/{repo}/issues/{number}/dependencies/blocking`.
pub(super) fn blocking(hub: &mut Hub, ask: &Ask) -> Reply {
    let (_, issue) = hub.issue(ask)?;
    let visible = hub.repositories.iter().filter(|home| home.visible_to(ask));
    let all = visible.flat_map(|home| home.issues.values().map(move |one| (home, one)));
    let rows = all.filter(|(_, one)| one.blocked_by.contains(&issue.id)).collect();
    Ok(page::list(ask, rows, |(home, one)| show::issue(ask, hub, home, one)))
}

/// `POST /repos/{owner}/{repo}/issues/{number}/dependencies/blocked_by`.
pub(super) fn block(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("issues:write")?;
    let (at, number) = (hub.find(ask)?, hub.issue(ask)?.1.number);
    let body: Value = ask.json()?;
    let id = body.get("issue_id").and_then(Value::as_u64).unwrap_or(0);
    if hub.by_id(id).is_none_or(|(home, _)| !home.visible_to(ask)) {
        return Err(refusal(ask, 422, "Validation Failed", &[fault("Issue", "issue_id", "invalid")]));
    }
    if let Some(issue) = hub.repositories[at].issues.get_mut(&number) {
        issue.blocked_by.push(id);
        issue.updated = fill::whole(ask.now);
    }
    let (repository, issue) = hub.issue(ask)?;
    Ok(Answer::json(201, show::issue(ask, hub, repository, issue)))
}

/// `GET /repos/{owner}/{repo}/issues/{number}/sub_issues`.
pub(super) fn sub_issues(hub: &mut Hub, ask: &Ask) -> Reply {
    hub.issue(ask)?;
    Ok(page::list(ask, Vec::<Value>::new(), |one| one))
}

/// `GET /repos/{owner}/{repo}/issues/{number}/timeline`, oldest first.
pub(super) fn timeline(hub: &mut Hub, ask: &Ask) -> Reply {
    let (repository, issue) = hub.issue(ask)?;
    let events =
        issue.events.iter().filter_map(|one| Some((one.at, event(ask, hub, repository, issue, one)?)));
    let comments = issue.comments.iter().map(|one| {
        let actor = show::login(ask, hub, &one.author);
        let extra = json!({ "event": "commented", "actor": actor });
        (one.created, show::merged(show::comment(ask, hub, repository, issue, one), extra))
    });
    let mut rows: Vec<_> = events.chain(comments).collect();
    rows.sort_by_key(|(at, _)| *at);
    Ok(page::list(ask, rows, |(_, shown)| shown))
}

fn event(ask: &Ask, hub: &Hub, repository: &Repository, issue: &Issue, event: &Event) -> Option<Value> {
    let actor = show::login(ask, hub, &event.actor);
    let color = |name: &str| json!({ "name": name, "color": repository.label(name).map_or("ededed", |one| one.color) });
    let person = |login: &str| show::login(ask, hub, login);
    let (name, more) = match &event.what {
        What::Labeled(label) => ("labeled", json!({ "label": color(label) })),
        What::Unlabeled(label) => ("unlabeled", json!({ "label": color(label) })),
        What::Assigned(login) => ("assigned", json!({ "assignee": person(login), "assigner": actor })),
        What::Unassigned(login) => ("unassigned", json!({ "assignee": person(login), "assigner": actor })),
        What::Milestoned(title) => ("milestoned", json!({ "milestone": { "title": title } })),
        What::Demilestoned(title) => ("demilestoned", json!({ "milestone": { "title": title } })),
        What::Renamed { from, to } => ("renamed", json!({ "rename": { "from": from, "to": to } })),
        What::Closed(reason) => ("closed", json!({ "state_reason": reason })),
        What::Reopened => ("reopened", json!({ "state_reason": null })),
        What::Mentioned(number) => {
            let source = show::issue(ask, hub, repository, repository.issues.get(number)?);
            return Some(json!({
                "event": "cross-referenced", "actor": actor,
                "created_at": show::time(event.at), "updated_at": show::time(event.at),
                "source": { "type": "issue", "issue": source },
            }));
        }
    };
    let url = format!("{}/issues/events/{}", show::repository_url(ask, repository), event.id);
    let common = json!({
        "id": event.id, "node_id": show::node("EV", event.id + issue.id), "url": url, "actor": actor, "event": name,
        "commit_id": null, "commit_url": null, "created_at": show::time(event.at), "performed_via_github_app": null,
    });
    Some(show::merged(common, more))
}
