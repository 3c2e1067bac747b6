//! Spaces of both versions, and who may what in them.

use sandbox::page::cut;
use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::face;
use super::list;
use super::show::{Expand, content, space_v1};
use super::state::{Page, Site, Space, Status};

/// `GET /wiki/api/v2/spaces`.
pub(super) fn all(site: &mut Site, ask: &Ask) -> Reply {
    let one_of = |name: &'static str, own: &str| {
        let mut asked = ask.query_all(name).flat_map(|all| all.split(',')).peekable();
        asked.peek().is_none() || asked.any(|value| value == own)
    };
    let wanted = |space: &&Space| {
        one_of("ids", &space.id.to_string())
            && one_of("keys", &space.key)
            && ask.query("status").is_none_or(|status| status == "current")
    };
    let rows: Vec<&Space> = site.spaces.iter().filter(wanted).collect();
    list::answer(site, ask, rows, |space| shown(space, ask))
}

/// `GET /wiki/api/v2/spaces/{id}`.
pub(super) fn one(site: &mut Site, ask: &Ask) -> Reply {
    let space = ask.param("id").parse().ok().and_then(|id| site.space(id));
    Ok(Answer::json(200, shown(space.ok_or_else(|| face::missing(ask, "space"))?, ask)))
}

/// `GET /wiki/api/v2/spaces/{id}/permissions`.
pub(super) fn permissions(site: &mut Site, ask: &Ask) -> Reply {
    let space = ask.param("id").parse().ok().and_then(|id| site.space(id));
    let space = space.ok_or_else(|| face::missing(ask, "space"))?;
    let me = site.me(ask);
    let mut rows: Vec<Value> = Vec::new();
    let mut grant = |kind: &str, id: &str, key: &str, target: &str| {
        rows.push(json!({
            "id": format!("{}{:04}", space.id, rows.len()),
            "principal": { "type": kind, "id": id },
            "operation": { "key": key, "targetType": target },
        }));
    };
    for group in &space.readers {
        grant("group", group, "read", "space");
        grant("group", group, "create", "comment");
    }
    for group in space.readers.iter().take(3) {
        grant("group", group, "create", "page");
    }
    for (key, target) in
        [("read", "space"), ("create", "page"), ("create", "comment"), ("administer", "space")]
    {
        grant("user", &me, key, target);
    }
    list::answer(site, ask, rows, Value::clone)
}

fn shown(space: &Space, ask: &Ask) -> Value {
    json!({
        "id": space.id.to_string(),
        "key": space.key,
        "name": space.name,
        "type": "global",
        "status": "current",
        "authorId": null,
        "createdAt": space.created,
        "homepageId": null,
        "description": if ask.query("description-format").is_some() {
            json!({ "plain": { "value": space.description, "representation": "plain" } })
        } else { Value::Null },
        "icon": null,
        "currentActiveAlias": space.key,
        "_links": { "webui": format!("/spaces/{}", space.key) },
    })
}

/// `GET /wiki/rest/api/space`.
pub(super) fn all_v1(site: &mut Site, ask: &Ask) -> Reply {
    let keys: Vec<&str> = ask.query_all("spaceKey").collect();
    let limit = ask.query_as::<usize>("limit")?.unwrap_or(25).clamp(1, 500);
    let wanted = site.spaces.iter().filter(|space| keys.is_empty() || keys.contains(&space.key.as_str()));
    let page = cut(wanted, ask.query_as("start")?.unwrap_or_default(), limit);
    let results: Vec<Value> = page.items.iter().map(|space| space_v1(space, ask)).collect();
    Ok(Answer::json(
        200,
        json!({ "results": results, "start": page.start, "limit": limit, "size": results.len(),
                "_links": { "base": face::wiki(ask), "context": "/wiki" } }),
    ))
}

/// `GET /wiki/rest/api/space/{key}`.
pub(super) fn one_v1(site: &mut Site, ask: &Ask) -> Reply {
    let space = site.space_called(ask.param("key"));
    let why = format!("No space with key : {}", ask.param("key"));
    Ok(Answer::json(200, space_v1(space.ok_or_else(|| face::error(ask, 404, &why))?, ask)))
}

/// `GET /wiki/rest/api/space/{key}/content/page`.
pub(super) fn contents(site: &mut Site, ask: &Ask) -> Reply {
    let me = site.me(ask);
    let why = format!("No space with key : {}", ask.param("key"));
    let space = site.space_called(ask.param("key")).ok_or_else(|| face::error(ask, 404, &why))?.id;
    let within = |page: &&Page| page.space == space && page.status == Status::Current && site.sees(&me, page);
    let limit = ask.query_as::<usize>("limit")?.unwrap_or(25).clamp(1, 250);
    let page = cut(site.pages.values().filter(within), ask.query_as("start")?.unwrap_or_default(), limit);
    let expand = Expand::of(ask);
    let results: Vec<Value> = page.items.iter().map(|page| content(site, ask, page, &expand)).collect();
    Ok(Answer::json(
        200,
        json!({ "results": results, "start": page.start, "limit": limit, "size": results.len(),
                "_links": { "base": face::wiki(ask), "context": "/wiki" } }),
    ))
}
