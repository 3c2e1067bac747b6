//! The agile API: boards and sprints.

use sandbox::{Answer, Ask, Builder, Method, Reply, page};
use serde_json::{Value, json};

use super::face::{Face, error};
use super::render;
use super::search::{find_any, listed};
use super::state::{Project, Site, Sprint};

/// The agile routes below `api`.
pub(super) fn routes(builder: Builder<Site>, api: &str) -> Builder<Site> {
    let routes: [(&str, super::Handler); 5] = [
        ("board", boards),
        ("board/{board}", board),
        ("board/{board}/sprint", sprints),
        ("sprint/{sprint}", sprint),
        ("sprint/{sprint}/issue", issues),
    ];
    routes
        .into_iter()
        .fold(builder, |b, (path, handler)| super::on(b, Method::GET, format!("{api}/{path}"), handler))
}

fn boards(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let wanted = ask.query("projectKeyOrId");
    if let Some(unknown) = wanted.filter(|p| site.project(p).is_none()) {
        return Err(error(400, &[&format!("No project could be found with key or id '{unknown}'.")]));
    }
    let scrum = ask.query("type").is_none_or(|kinds| listed(kinds).iter().any(|k| k == "scrum"));
    let meant =
        |p: &&Project| scrum && wanted.is_none_or(|w| p.key.eq_ignore_ascii_case(w) || p.id.to_string() == w);
    let all: Vec<Value> = site.projects.iter().filter(meant).filter_map(|p| described(p, face)).collect();
    paged(ask, all)
}

fn board(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let board = owner(site, ask)?;
    Ok(Answer::json(200, described(board, face).unwrap_or_default()))
}

fn described(project: &Project, face: &Face) -> Option<Value> {
    let id = project.board?;
    Some(json!({
        "id": id,
        "self": format!("{}/rest/agile/1.0/board/{id}", face.root),
        "name": format!("{} board", project.key),
        "type": "scrum",
        "location": { "projectId": project.id, "projectKey": project.key, "projectName": project.name },
    }))
}

fn owner<'a>(site: &'a Site, ask: &Ask) -> Result<&'a Project, Answer> {
    let wanted = ask.param("board");
    let found = site.projects.iter().find(|p| p.board.is_some_and(|b| b.to_string() == wanted));
    found.ok_or_else(|| error(404, &["The requested board cannot be viewed because it either does not exist or you do not have permission to view it."]))
}

fn sprints(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let board = owner(site, ask)?.board;
    let states = listed(ask.query("state").unwrap_or("future,active,closed"));
    if let Some(unknown) = states.iter().find(|s| !["future", "active", "closed"].contains(&s.as_str())) {
        return Err(error(400, &[&format!("The sprint state '{unknown}' is not valid.")]));
    }
    let meant = |s: &&Sprint| Some(s.board) == board && states.contains(&s.state);
    paged(ask, site.sprints.iter().filter(meant).map(|s| shown(s, face)).collect())
}

fn sprint(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    Ok(Answer::json(200, shown(known(site, ask)?, face)))
}

fn shown(sprint: &Sprint, face: &Face) -> Value {
    let mut one = render::sprint(sprint);
    one["self"] = json!(format!("{}/rest/agile/1.0/sprint/{}", face.root, sprint.id));
    one["originBoardId"] = json!(sprint.board);
    if let Some(map) = one.as_object_mut() {
        map.remove("boardId");
    }
    one
}

fn known<'a>(site: &'a Site, ask: &Ask) -> Result<&'a Sprint, Answer> {
    let found = ask.param_as("sprint").ok().and_then(|id| site.sprint(id));
    found.ok_or_else(|| error(404, &["Sprint does not exist or you do not have permission to view it."]))
}

/// `GET /sprint/{sprint}/issue`: by offset with a total, as the agile API still does.
fn issues(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let sprint = known(site, ask)?.id;
    let found = find_any(site, ask, ask.query("jql").unwrap_or_default())?;
    let inside = |id: &u64| site.issues.get(id).is_some_and(|i| i.sprints.contains(&sprint));
    let start = ask.query_as("startAt")?.unwrap_or(0);
    let limit = ask.query_as("maxResults")?.unwrap_or(50usize).clamp(1, 100);
    let page = page::cut(found.into_iter().filter(inside), start, limit);
    let wanted: Vec<String> = ask.query_all("fields").flat_map(listed).collect();
    let wanted = (!wanted.is_empty()).then_some(wanted);
    let expand = listed(ask.query("expand").unwrap_or_default());
    let issues: Vec<Value> = page
        .items
        .iter()
        .filter_map(|id| site.issues.get(id))
        .map(|i| render::issue(site, i, face, wanted.as_deref(), &expand))
        .collect();
    Ok(Answer::json(
        200,
        json!({ "expand": "schema,names", "startAt": start, "maxResults": limit, "total": page.total, "issues": issues }),
    ))
}

fn paged(ask: &Ask, all: Vec<Value>) -> Reply {
    let start = ask.query_as("startAt")?.unwrap_or(0);
    let limit = ask.query_as("maxResults")?.unwrap_or(50usize).clamp(1, 50);
    let page = page::cut(all, start, limit);
    let (last, total) = (page.next.is_none(), page.total);
    Ok(Answer::json(
        200,
        json!({ "startAt": start, "maxResults": limit, "total": total, "isLast": last, "values": page.items }),
    ))
}
