//! Comments, with visibility and entity properties.

use sandbox::{Answer, Ask, Reply, page};
use serde::Deserialize;
use serde_json::{Value, json};

use super::face::{Face, error, field_errors, no_issue};
use super::render;
use super::screen;
use super::search::listed;
use super::state::{Comment, Issue, Site};

/// Roles and groups that the site has.
const ROLES: [&str; 3] = ["Administrators", "Developers", "Users"];
const GROUPS: [&str; 2] = ["jira-administrators", "jira-software-users"];

#[derive(Deserialize)]
struct Draft {
    #[serde(default)]
    body: Value,
    visibility: Option<Visibility>,
    #[serde(default)]
    properties: Vec<Property>,
}

#[derive(Deserialize)]
struct Visibility {
    #[serde(rename = "type")]
    kind: String,
    value: Option<String>,
    identifier: Option<String>,
}

#[derive(Deserialize)]
struct Property {
    key: String,
    value: Value,
}

/// `GET /issue/{issue}/comment`.
pub(super) fn list(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let issue = site.issue(ask.param("issue")).ok_or_else(no_issue)?;
    let mut comments: Vec<&Comment> = issue.comments.iter().collect();
    match ask.query("orderBy") {
        None | Some("created" | "+created") => {}
        Some("-created") => comments.reverse(),
        Some(_) => return Err(error(400, &["Unsupported orderBy field."])),
    }
    let start = ask.query_as("startAt")?.unwrap_or(0);
    let limit = ask.query_as("maxResults")?.unwrap_or(100usize).min(5000);
    let properties = with_properties(ask);
    let page = page::cut(comments, start, limit);
    let shown: Vec<Value> =
        page.items.iter().map(|c| render::comment(site, issue, c, face, properties)).collect();
    Ok(Answer::json(
        200,
        json!({ "startAt": start, "maxResults": limit, "total": page.total, "comments": shown }),
    ))
}

/// `GET /issue/{issue}/comment/{id}`.
pub(super) fn get(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let issue = site.issue(ask.param("issue")).ok_or_else(no_issue)?;
    let comment = one(issue, ask)?;
    Ok(Answer::json(200, render::comment(site, issue, comment, face, with_properties(ask))))
}

/// `POST /issue/{issue}/comment`.
pub(super) fn add(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let draft: Draft = ask.json()?;
    site.issue(ask.param("issue")).ok_or_else(no_issue)?;
    let body = checked_body(face, &draft)?;
    let visibility = checked_visibility(draft.visibility)?;
    let author = site.caller(ask.who()).map(|u| u.account_id.clone()).unwrap_or_default();
    let comment = Comment {
        id: site.next_id(),
        author,
        body,
        created: ask.now,
        updated: ask.now,
        visibility,
        properties: draft.properties.into_iter().map(|p| (p.key, p.value)).collect(),
    };
    let issue = site.issue_mut(ask.param("issue")).ok_or_else(no_issue)?;
    issue.updated = ask.now;
    issue.comments.push(comment.clone());
    let issue = site.issue(ask.param("issue")).ok_or_else(no_issue)?;
    Ok(Answer::json(201, render::comment(site, issue, &comment, face, with_properties(ask))))
}

/// `PUT /issue/{issue}/comment/{id}`.
pub(super) fn edit(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let draft: Draft = ask.json()?;
    let body = checked_body(face, &draft)?;
    let issue = site.issue_mut(ask.param("issue")).ok_or_else(no_issue)?;
    let wanted = ask.param("id");
    let comment =
        issue.comments.iter_mut().find(|c| c.id.to_string() == wanted).ok_or_else(|| no_comment(wanted))?;
    comment.body = body;
    comment.updated = ask.now;
    issue.updated = ask.now;
    let issue = site.issue(ask.param("issue")).ok_or_else(no_issue)?;
    Ok(Answer::json(200, render::comment(site, issue, one(issue, ask)?, face, with_properties(ask))))
}

fn one<'a>(issue: &'a Issue, ask: &Ask) -> Result<&'a Comment, Answer> {
    let wanted = ask.param("id");
    issue.comments.iter().find(|c| c.id.to_string() == wanted).ok_or_else(|| no_comment(wanted))
}

fn no_comment(id: &str) -> Answer {
    error(404, &[&format!("Can not find a comment for the id: {id}.")])
}

fn with_properties(ask: &Ask) -> bool {
    listed(ask.query("expand").unwrap_or_default()).iter().any(|e| e == "properties")
}

fn checked_body(face: &Face, draft: &Draft) -> Result<super::text::Body, Answer> {
    let wrong = |why: String| field_errors(&[("comment".into(), why)]);
    let body = screen::rich(face, &draft.body).map_err(wrong)?;
    if body.plain().trim().is_empty() {
        return Err(wrong("Comment body can not be empty!".into()));
    }
    Ok(body)
}

fn checked_visibility(asked: Option<Visibility>) -> Result<Option<(String, String)>, Answer> {
    let Some(asked) = asked else { return Ok(None) };
    let name = asked.value.or(asked.identifier).unwrap_or_default();
    let known: &[&str] = if asked.kind == "role" { &ROLES } else { &GROUPS };
    if known.contains(&name.as_str()) {
        return Ok(Some((asked.kind, name)));
    }
    let why = format!("You are currently not a member of the project {}: {name}.", asked.kind);
    Err(field_errors(&[("commentLevel".into(), why)]))
}
