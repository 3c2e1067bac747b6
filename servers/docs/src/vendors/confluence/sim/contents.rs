//! Contents (v1): deprecated, and what most clients still call.

use sandbox::page::cut;
use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::face;
use super::pages::{Change, New};
use super::show::{Expand, content, history as told, version_v1};
use super::state::{Comment, Page, Site, Status};
use super::text;

#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "type")]
    kind: Option<String>,
    title: Option<String>,
    status: Option<String>,
    space: Option<SpaceKey>,
    ancestors: Option<Vec<Id>>,
    container: Option<Id>,
    body: Option<Bodies>,
    version: Option<Number>,
}

#[derive(Deserialize)]
struct SpaceKey {
    key: String,
}

#[derive(Deserialize)]
struct Id {
    id: Value,
}

#[derive(Deserialize)]
struct Bodies {
    storage: Option<Body>,
}

#[derive(Deserialize)]
struct Body {
    value: String,
}

#[derive(Deserialize)]
struct Number {
    number: Option<u64>,
    message: Option<String>,
}

/// `GET /wiki/rest/api/content`.
pub(super) fn all(site: &mut Site, ask: &Ask) -> Reply {
    let me = site.me(ask);
    let statuses: Vec<&str> = ask.query_all("status").flat_map(|all| all.split(',')).collect();
    let statuses = if statuses.is_empty() { vec!["current"] } else { statuses };
    let space = ask.query("spaceKey").map(|key| site.space_called(key).map(|space| space.id));
    if space == Some(None) {
        return Err(face::error(ask, 404, "No space with this key"));
    }
    let wanted = |page: &&Page| {
        ask.query("type").is_none_or(|kind| kind == "page")
            && (statuses.contains(&"any") || statuses.contains(&page.status.name()))
            && space.flatten().is_none_or(|id| page.space == id)
            && ask.query("title").is_none_or(|title| page.title == title)
            && site.sees(&me, page)
    };
    let expand = Expand::of(ask);
    let limit = ask.query_as::<usize>("limit")?.unwrap_or(25).clamp(1, 200);
    let page = cut(site.pages.values().filter(wanted), ask.query_as("start")?.unwrap_or_default(), limit);
    let results: Vec<Value> = page.items.iter().map(|page| content(site, ask, page, &expand)).collect();
    let mut links = json!({ "base": face::wiki(ask), "context": "/wiki" });
    if let Some(next) = page.next {
        links["next"] = json!(format!("/rest/api/content?limit={limit}&start={next}"));
    }
    Ok(Answer::json(
        200,
        json!({ "results": results, "start": page.start, "limit": limit, "size": results.len(), "_links": links }),
    ))
}

/// `GET /wiki/rest/api/content/{id}`.
pub(super) fn get(site: &mut Site, ask: &Ask) -> Reply {
    let page = site.seen(ask).ok_or_else(|| face::missing(ask, "content"))?;
    let any = ask.query("status").is_some_and(|status| status == "any" || status == page.status.name());
    if page.status != Status::Current && !any {
        return Err(face::missing(ask, "content"));
    }
    let expand = if ask.query("expand").is_some() { Expand::of(ask) } else { Expand::all() };
    let mut shown = content(site, ask, page, &expand);
    shown["_links"]["base"] = json!(face::wiki(ask));
    Ok(Answer::json(200, shown))
}

/// `GET /wiki/rest/api/content/{id}/history`.
pub(super) fn history(site: &mut Site, ask: &Ask) -> Reply {
    let page = site.seen(ask).ok_or_else(|| face::missing(ask, "content"))?;
    Ok(Answer::json(200, told(site, ask, page, &Expand::all())))
}

/// `GET /wiki/rest/api/content/{id}/version`.
pub(super) fn versions(site: &mut Site, ask: &Ask) -> Reply {
    let page = site.seen(ask).ok_or_else(|| face::missing(ask, "content"))?;
    let results: Vec<Value> = page.versions.iter().rev().map(|own| version_v1(site, ask, own)).collect();
    Ok(Answer::json(
        200,
        json!({ "results": results, "start": 0, "limit": 200, "size": results.len(), "_links": {} }),
    ))
}

/// `GET /wiki/rest/api/content/{id}/child/page`.
pub(super) fn children(site: &mut Site, ask: &Ask) -> Reply {
    let (me, id) = (site.me(ask), site.seen(ask).ok_or_else(|| face::missing(ask, "content"))?.id);
    let below =
        |page: &&Page| page.parent == Some(id) && page.status == Status::Current && site.sees(&me, page);
    let expand = Expand::of(ask);
    let results: Vec<Value> =
        site.pages.values().filter(below).map(|page| content(site, ask, page, &expand)).collect();
    Ok(Answer::json(
        200,
        json!({ "results": results, "start": 0, "limit": 200, "size": results.len(), "_links": {} }),
    ))
}

/// `POST /wiki/rest/api/content`: a page, or a comment on one.
pub(super) fn create(site: &mut Site, ask: &Ask) -> Reply {
    let refuse = |why: &str| face::error(ask, 400, why);
    let sent: Sent = ask.json()?;
    let value = sent.body.and_then(|body| body.storage).map(|body| body.value).unwrap_or_default();
    let container = sent.container.as_ref().and_then(|own| number(&own.id));
    match sent.kind.as_deref() {
        Some("page") => {}
        Some("comment") => return comment(site, ask, container, &value),
        _ => return Err(refuse("The content type is not supported")),
    }
    let key = sent.space.map(|space| space.key).ok_or_else(|| refuse("A space is required"))?;
    let space = site.space_called(&key).ok_or_else(|| refuse("The space does not exist"))?.id;
    let parent = sent.ancestors.as_ref().and_then(|above| above.last()).and_then(|own| number(&own.id));
    let status = match sent.status.as_deref() {
        None | Some("current") => Status::Current,
        Some("draft") => Status::Draft,
        Some(_) => return Err(refuse("The status is not supported")),
    };
    let new = New { space, parent, title: sent.title.unwrap_or_default(), status, storage: value };
    let id = new.create(site, ask)?;
    Ok(Answer::json(200, content(site, ask, &site.pages[&id], &Expand::all())))
}

fn comment(site: &mut Site, ask: &Ask, page: Option<u64>, value: &str) -> Reply {
    let page = page.filter(|id| site.pages.contains_key(id)).ok_or_else(|| face::missing(ask, "content"))?;
    let id = site.next_id();
    let storage =
        text::kept(value, id).map_err(|why| face::error(ask, 400, &format!("Error parsing xhtml: {why}")))?;
    let comment = Comment { id, page, author: site.me(ask), at: face::now(ask), storage, selection: None };
    let shown = json!({ "id": id.to_string(), "type": "comment", "status": "current", "title": "Re: page", "_links": {} });
    site.comments.insert(id, comment);
    Ok(Answer::json(200, shown))
}

fn number(id: &Value) -> Option<u64> {
    id.as_u64().or_else(|| id.as_str()?.parse().ok())
}

/// `PUT /wiki/rest/api/content/{id}`.
pub(super) fn update(site: &mut Site, ask: &Ask) -> Reply {
    let page = site.seen(ask).ok_or_else(|| face::missing(ask, "content"))?;
    let (id, title) = (page.id, page.title.clone());
    let sent: Sent = ask.json()?;
    let number = sent.version.as_ref().and_then(|version| version.number);
    let change = Change {
        id,
        status: sent.status.unwrap_or_else(|| "current".into()),
        title: sent.title.unwrap_or(title),
        storage: sent.body.and_then(|body| body.storage).map(|body| body.value),
        number: number.ok_or_else(|| face::error(ask, 400, "A version number is required"))?,
        message: sent.version.and_then(|version| version.message).unwrap_or_default(),
    };
    change.make(site, ask)?;
    Ok(Answer::json(200, content(site, ask, &site.pages[&id], &Expand::all())))
}
