//! The workflow: To Do, In Progress, Done, and back.

use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::face::{Face, error, field_errors, no_issue};
use super::issue::{self, Details};
use super::render;
use super::state::{Change, Item, SCREENS, SEVERITY, STATUSES, Site, TRANSITIONS, status};

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
                "hasScreen": screen(id).is_some(), "isGlobal": false, "isInitial": false, "isConditional": false,
            });
            if with_fields {
                one["fields"] = screen(id).map_or(json!({}), |(field, name)| json!({ field: described(field, name) }));
            }
            one
        })
        .collect();
    Ok(Answer::json(200, json!({ "expand": "transitions", "transitions": shown })))
}

/// `POST /issue/{issue}/transitions`.
pub(super) fn take(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let mut details: Details = ask.json()?;
    let issue = site.issue(ask.param("issue")).ok_or_else(no_issue)?;
    let (current, severity) = (issue.status, issue.severity.is_some());
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
    if let Some((field, name)) = screen(&id) {
        // What the issue already holds need not be given again; a resolution it does not hold while it is open.
        let held = field == SEVERITY && severity;
        if !held && !details.fields.contains_key(field) {
            return Err(field_errors(&[(field.to_owned(), format!("{name} is required."))]));
        }
        details.fields.remove("resolution");
    }
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

/// What the screen of a transition demands: the field's id and name.
fn screen(transition: &str) -> Option<(&'static str, &'static str)> {
    SCREENS.iter().find(|(id, ..)| *id == transition).map(|(_, field, name)| (*field, *name))
}

fn described(field: &str, name: &str) -> Value {
    let schema = match field {
        SEVERITY => {
            json!({ "type": "string", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:textfield", "customId": 10050 })
        }
        _ => json!({ "type": "resolution", "system": "resolution" }),
    };
    json!({
        "required": true, "schema": schema, "name": name, "key": field, "hasDefaultValue": false, "operations": ["set"],
    })
}
