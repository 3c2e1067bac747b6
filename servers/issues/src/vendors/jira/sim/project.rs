//! Projects, their versions and statuses.

use sandbox::{Answer, Ask, Reply, page};
use serde_json::{Value, json};

use super::face::{Face, error};
use super::render;
use super::state::{Project, STATUSES, Site};

/// Cloud's `GET /project/search`.
pub(super) fn search(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let text = ask.query("query").unwrap_or_default().to_lowercase();
    let keys: Vec<&str> = ask.query_all("keys").collect();
    let meant = |p: &&Project| {
        let named = p.key.to_lowercase().contains(&text) || p.name.to_lowercase().contains(&text);
        named && (keys.is_empty() || keys.contains(&p.key.as_str()))
    };
    let start = ask.query_as("startAt")?.unwrap_or(0);
    let limit = ask.query_as("maxResults")?.unwrap_or(50usize).clamp(1, 100);
    let page = page::cut(site.projects.iter().filter(meant), start, limit);
    let values: Vec<Value> = page.items.iter().map(|p| render::project(p, face)).collect();
    Ok(Answer::json(
        200,
        json!({
            "self": face.link("project/search"),
            "startAt": start,
            "maxResults": limit,
            "total": page.total,
            "isLast": page.next.is_none(),
            "values": values,
        }),
    ))
}

/// `GET /project`.
pub(super) fn all(site: &mut Site, _: &Ask, face: &Face) -> Reply {
    Ok(Answer::json(200, site.projects.iter().map(|p| render::project(p, face)).collect::<Vec<_>>()))
}

/// `GET /project/{project}`.
pub(super) fn get(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let project = known(site, ask)?;
    let mut shown = render::project(project, face);
    shown["versions"] = json!(listed_versions(site, project, face));
    shown["issueTypes"] = project.types.iter().map(|t| render::kind(t, face)).collect();
    Ok(Answer::json(200, shown))
}

/// `GET /project/{project}/versions`.
pub(super) fn versions(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    Ok(Answer::json(200, listed_versions(site, known(site, ask)?, face)))
}

/// `GET /project/{project}/statuses`.
pub(super) fn statuses(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let all: Vec<Value> = STATUSES.iter().map(|s| render::status(s.id, face)).collect();
    let by_type = |kind: &&str| {
        let mut shown = render::kind(kind, face);
        shown["statuses"] = json!(all);
        shown
    };
    Ok(Answer::json(200, known(site, ask)?.types.iter().map(by_type).collect::<Vec<_>>()))
}

fn listed_versions(site: &Site, project: &Project, face: &Face) -> Vec<Value> {
    site.versions.iter().filter(|v| v.project == project.key).map(|v| render::version(v, face)).collect()
}

fn known<'a>(site: &'a Site, ask: &Ask) -> Result<&'a Project, Answer> {
    let named = ask.param("project");
    let missing = || error(404, &[&format!("No project could be found with key '{named}'.")]);
    site.project(named).ok_or_else(missing)
}
