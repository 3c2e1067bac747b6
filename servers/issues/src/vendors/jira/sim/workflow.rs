//! The workflow: To Do, In Progress, Done, and back.

use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::face::{Face, error, no_issue};
use super::issue::{self, Details};
use super::render;
use super::state::{Change, Item, STATUSES, Site, TRANSITIONS, status};

/// `GET /issue/{issue}/transitions`.
pub(super) fn list(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let issue = site.issue(ask.param("issue")).ok_or_else(no_issue)?;
    let with_fields = ask.query("expand").is_some_and(|e| e.contains("transitions.fields"));
    let shown: Vec<Value> = TRANSITIONS
        .iter()
        .filter(|(_, _, from, _)| *from == issue.status)
        .map(|(id, name, _, to)| {
            let mut one = json!({
                "id": id, "name": name, "to": render::status(to, face),
                "hasScreen": false, "isGlobal": false, "isInitial": false, "isConditional": false,
            });
            if with_fields {
                one["fields"] = json!({});
            }
            one
        })
        .collect();
    Ok(Answer::json(200, json!({ "expand": "transitions", "transitions": shown })))
}

/// `POST /issue/{issue}/transitions`.
pub(super) fn take(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let details: Details = ask.json()?;
    let current = site.issue(ask.param("issue")).ok_or_else(no_issue)?.status;
    let id = match details.transition.as_ref().map(|t| &t["id"]) {
        Some(Value::String(id)) => id.clone(),
        // Version 2 also takes a number.
        Some(Value::Number(id)) if face.version == 2 => id.to_string(),
        _ => return Err(error(400, &["Missing 'transition' identifier"])),
    };
    let Some((_, _, _, to)) = TRANSITIONS.iter().find(|(one, _, from, _)| *one == id && *from == current)
    else {
        return Err(error(400, &[&format!("Transition id '{id}' is not valid for this issue.")]));
    };
    if !details.fields.is_empty() || !details.update.is_empty() {
        issue::change(site, ask, face, &details)?;
    }
    let author = site.caller(ask.who()).map(|u| u.account_id.clone()).unwrap_or_default();
    let entry = site.next_id();
    let issue = site.issue_mut(ask.param("issue")).ok_or_else(no_issue)?;
    let named = |id: &str| (Some(id.to_owned()), Some(status(id).name.to_owned()));
    let item = Item { field: "status", custom: false, from: named(issue.status), to: named(to) };
    issue.history.push(Change { id: entry, at: ask.now, author, items: vec![item] });
    issue.status = to;
    issue.resolved = (*to == STATUSES[2].id).then_some(ask.now);
    issue.updated = ask.now;
    Ok(Answer::empty(204))
}
