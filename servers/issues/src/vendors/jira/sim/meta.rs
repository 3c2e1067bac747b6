//! What the site consists of: fields, create screens, priorities, statuses, types, itself.

use sandbox::{Answer, Ask, Reply, page};
use serde_json::{Value, json};

use super::face::{Face, error, no_issue};
use super::render;
use super::screen;
use super::state::{
    CHANNEL, CHANNELS, FLAGGED, LEVELS, PRIORITIES, Project, SEVERITY, SPRINT, STATUSES, Site, TYPES,
};

/// `GET /field`.
pub(super) fn fields(_: &mut Site, _: &Ask, face: &Face) -> Reply {
    let one = |(id, name, kind, items): &(&str, &str, &str, Option<&str>)| {
        let custom = id.starts_with("customfield_");
        let number = id.trim_start_matches("customfield_");
        let clauses =
            if custom { vec![format!("cf[{number}]"), (*name).to_owned()] } else { vec![id.to_lowercase()] };
        let mut shown = json!({
            "id": id, "name": name, "custom": custom, "orderable": true, "navigable": true, "searchable": true,
            "clauseNames": clauses, "schema": schema(id, kind, *items),
        });
        if face.cloud {
            shown["key"] = json!(id);
        }
        shown
    };
    let mut all: Vec<Value> = screen::shown(face).map(one).collect();
    for (id, name, kind) in [
        ("status", "Status", "status"),
        ("created", "Created", "datetime"),
        ("updated", "Updated", "datetime"),
        ("issuelinks", "Linked Issues", "array"),
    ] {
        all.push(one(&(id, name, kind, None)));
    }
    Ok(Answer::json(200, all))
}

fn schema(id: &str, kind: &str, items: Option<&str>) -> Value {
    let mut shown = json!({ "type": kind });
    if let Some(items) = items {
        shown["items"] = json!(items);
    }
    match id.strip_prefix("customfield_").and_then(|n| n.parse::<u64>().ok()) {
        Some(number) => {
            shown["custom"] = json!(match id {
                SPRINT => "com.pyxis.greenhopper.jira:gh-sprint",
                FLAGGED => "com.atlassian.jira.plugin.system.customfieldtypes:multicheckboxes",
                CHANNEL => "com.atlassian.jira.plugin.system.customfieldtypes:cascadingselect",
                _ => "com.atlassian.jira.plugin.system.customfieldtypes:textfield",
            });
            shown["customId"] = json!(number);
        }
        None => shown["system"] = json!(id),
    }
    shown
}

/// `GET /issue/createmeta/{project}/issuetypes`.
pub(super) fn create_types(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let project = site.project(ask.param("project")).ok_or_else(no_project)?;
    let types: Vec<Value> = project.types.iter().map(|t| render::kind(t, face)).collect();
    paged(ask, face, types, "issueTypes")
}

/// `GET /issue/createmeta/{project}/issuetypes/{type}`.
pub(super) fn create_fields(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let project = site.project(ask.param("project")).ok_or_else(no_project)?;
    let kind = ask.param("type");
    if !project.types.contains(&kind) {
        return Err(error(404, &["The issue type does not exist in the project."]));
    }
    let fields: Vec<Value> = screen::shown(face).map(|field| described(project, kind, field, face)).collect();
    paged(ask, face, fields, "fields")
}

/// `GET /issue/{issue}/editmeta`.
pub(super) fn edit_fields(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let issue = site.issue(ask.param("issue")).ok_or_else(no_issue)?;
    let project = site.project(&issue.project).ok_or_else(no_project)?;
    let fields: serde_json::Map<_, _> =
        screen::shown(face).map(|f| (f.0.to_owned(), described(project, issue.kind, f, face))).collect();
    Ok(Answer::json(200, json!({ "fields": fields })))
}

fn described(
    project: &Project,
    kind: &str,
    (id, name, json_type, items): &(&str, &str, &str, Option<&str>),
    face: &Face,
) -> Value {
    let required = match *id {
        "summary" | "issuetype" | "project" | "reporter" => true,
        SEVERITY => project.wants_severity && kind == "10004",
        _ => false,
    };
    let mut shown = json!({
        "fieldId": id, "key": id, "name": name, "required": required,
        "hasDefaultValue": matches!(*id, "reporter" | "priority"),
        "schema": schema(id, json_type, *items),
        "operations": if *id == "labels" { json!(["add", "set", "remove"]) } else { json!(["set"]) },
    });
    if !face.cloud
        && let Some(map) = shown.as_object_mut()
    {
        map.remove("key");
    }
    match *id {
        "priority" => {
            shown["allowedValues"] = PRIORITIES.iter().map(|p| render::priority(p.0, face)).collect()
        }
        "issuetype" => shown["allowedValues"] = json!([render::kind(kind, face)]),
        "project" => shown["allowedValues"] = json!([render::project(project, face)]),
        "security" => {
            shown["allowedValues"] =
                LEVELS.iter().map(|(id, name)| json!({ "id": id, "name": name })).collect()
        }
        CHANNEL => {
            let option = |(id, name, below): &(&str, &str, &str)| json!({ "id": id, "value": name, "children": [{ "value": below }] });
            shown["allowedValues"] = CHANNELS.iter().map(option).collect();
        }
        FLAGGED => shown["allowedValues"] = json!([{ "value": "Impediment", "id": "10019" }]),
        _ => {}
    }
    shown
}

fn no_project() -> Answer {
    error(404, &["The project does not exist or you do not have permission to create issues in it."])
}

/// Cloud names the list after what it holds; Data Center says `values`.
fn paged(ask: &Ask, face: &Face, all: Vec<Value>, name: &str) -> Reply {
    let start = ask.query_as("startAt")?.unwrap_or(0);
    let limit = ask.query_as("maxResults")?.unwrap_or(50usize).min(200);
    let page = page::cut(all, start, limit);
    let mut shown = json!({ "startAt": start, "maxResults": limit, "total": page.total });
    if face.cloud {
        shown[name] = json!(page.items);
    } else {
        shown["isLast"] = json!(page.next.is_none());
        shown["values"] = json!(page.items);
    }
    Ok(Answer::json(200, shown))
}

/// `GET /priority`.
pub(super) fn priorities(_: &mut Site, _: &Ask, face: &Face) -> Reply {
    Ok(Answer::json(200, PRIORITIES.iter().map(|p| render::priority(p.0, face)).collect::<Vec<_>>()))
}

/// Cloud's `GET /priority/search`.
pub(super) fn priority_search(_: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let start = ask.query_as("startAt")?.unwrap_or(0);
    let limit = ask.query_as("maxResults")?.unwrap_or(50usize).clamp(1, 50);
    let page = page::cut(PRIORITIES.iter(), start, limit);
    let values: Vec<Value> = page
        .items
        .iter()
        .map(|p| {
            let mut shown = render::priority(p.0, face);
            shown["isDefault"] = json!(p.1 == "Medium");
            shown
        })
        .collect();
    let (last, total) = (page.next.is_none(), page.total);
    Ok(Answer::json(
        200,
        json!({ "startAt": start, "maxResults": limit, "total": total, "isLast": last, "values": values }),
    ))
}

/// `GET /status`.
pub(super) fn statuses(_: &mut Site, _: &Ask, face: &Face) -> Reply {
    Ok(Answer::json(200, STATUSES.iter().map(|s| render::status(s.id, face)).collect::<Vec<_>>()))
}

/// `GET /issuetype`.
pub(super) fn types(_: &mut Site, _: &Ask, face: &Face) -> Reply {
    Ok(Answer::json(200, TYPES.iter().map(|t| render::kind(t.0, face)).collect::<Vec<_>>()))
}

/// `GET /serverInfo`.
pub(super) fn server_info(_: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let numbers: &[u32] = if face.cloud { &[1001, 0, 0] } else { &[9, 12, 4] };
    Ok(Answer::json(
        200,
        json!({
            "baseUrl": face.site,
            "version": if face.cloud { "1001.0.0-SNAPSHOT" } else { "9.12.4" },
            "versionNumbers": numbers,
            "deploymentType": if face.cloud { "Cloud" } else { "Server" },
            "buildNumber": if face.cloud { 100_290 } else { 9_120_004 },
            "buildDate": "2026-11-02T00:00:00.000+0000",
            "serverTime": render::time(ask.now),
            "scmInfo": "sandbox",
            "serverTitle": "Jira",
        }),
    ))
}

/// `GET /mypermissions`.
pub(super) fn permissions(_: &mut Site, ask: &Ask, _: &Face) -> Reply {
    let asked = super::search::listed(
        ask.query("permissions").unwrap_or("BROWSE_PROJECTS,CREATE_ISSUES,EDIT_ISSUES"),
    );
    let granted = |key: &String| {
        let have = !key.starts_with("ADMINISTER") && key != "SYSTEM_ADMIN";
        (
            key.clone(),
            json!({ "id": "10", "key": key, "name": key, "type": "PROJECT", "havePermission": have }),
        )
    };
    let all: serde_json::Map<_, _> = asked.iter().map(granted).collect();
    Ok(Answer::json(200, json!({ "permissions": all })))
}
