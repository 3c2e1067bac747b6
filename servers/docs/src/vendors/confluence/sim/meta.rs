//! What hangs on a page: labels, properties, restrictions; and templates.

use sandbox::page::cut;
use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::face;
use super::list;
use super::show::{label, property, property_v1, restrictions as bounds};
use super::state::{Property, Site};

#[derive(Deserialize)]
struct NewLabel {
    name: String,
}

#[derive(Deserialize)]
struct NewProperty {
    key: String,
    value: Value,
}

/// `GET /wiki/api/v2/pages/{id}/labels`.
pub(super) fn labels(site: &mut Site, ask: &Ask) -> Reply {
    let page = site.seen(ask).ok_or_else(|| face::missing(ask, "page"))?;
    list::answer(site, ask, page.labels.iter().collect(), |own| label(own))
}

/// `GET /wiki/rest/api/content/{id}/label`.
pub(super) fn labels_v1(site: &mut Site, ask: &Ask) -> Reply {
    let page = site.seen(ask).ok_or_else(|| face::missing(ask, "content"))?;
    let results: Vec<Value> = page.labels.iter().map(|own| label(own)).collect();
    Ok(Answer::json(
        200,
        json!({ "results": results, "start": 0, "limit": 200, "size": results.len(), "_links": {} }),
    ))
}

/// `POST /wiki/rest/api/content/{id}/label`: one or several; a label that is there stays, in lower case.
pub(super) fn add_labels(site: &mut Site, ask: &Ask) -> Reply {
    let body: Value = ask.json()?;
    let list = if body.is_array() { body } else { json!([body]) };
    let new: Vec<NewLabel> =
        serde_json::from_value(list).map_err(|_| face::error(ask, 400, "A label needs a name"))?;
    let id = site.seen(ask).ok_or_else(|| face::missing(ask, "content"))?.id;
    if let Some(bad) = new.iter().find(|own| !is_label(&own.name)) {
        return Err(face::error(ask, 400, &format!("The label '{}' has invalid characters", bad.name)));
    }
    if let Some(page) = site.pages.get_mut(&id) {
        for own in new {
            let name = own.name.to_lowercase();
            if !page.labels.contains(&name) {
                page.labels.push(name);
            }
        }
    }
    labels_v1(site, ask)
}

/// Confluence: "Labels cannot contain spaces or these characters".
fn is_label(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 255
        && !name.contains(|c: char| c.is_whitespace() || "!#&()*,.:;<>?@[]^".contains(c))
}

/// `DELETE /wiki/rest/api/content/{id}/label?name=` and `/label/{label}`.
pub(super) fn remove_label(site: &mut Site, ask: &Ask) -> Reply {
    let name = ask.query("name").unwrap_or(ask.param("label")).to_owned();
    let id = site.seen(ask).ok_or_else(|| face::missing(ask, "content"))?.id;
    if let Some(page) = site.pages.get_mut(&id) {
        page.labels.retain(|own| *own != name);
    }
    Ok(Answer::empty(204))
}

/// `GET /wiki/api/v2/pages/{id}/properties`.
pub(super) fn properties(site: &mut Site, ask: &Ask) -> Reply {
    let page = site.seen(ask).ok_or_else(|| face::missing(ask, "page"))?;
    let wanted = page.properties.iter().filter(|own| ask.query("key").is_none_or(|key| own.key == key));
    list::answer(site, ask, wanted.collect(), |own| property(own))
}

/// `POST /wiki/api/v2/pages/{id}/properties` and `/wiki/rest/api/content/{id}/property`.
pub(super) fn add_property(site: &mut Site, ask: &Ask) -> Reply {
    let new: NewProperty = ask.json()?;
    let id = site.seen(ask).ok_or_else(|| face::missing(ask, "page"))?.id;
    let number = site.next_id();
    let Some(page) = site.pages.get_mut(&id) else { return Err(face::missing(ask, "page")) };
    if page.property(&new.key).is_some() {
        return Err(face::error(ask, 409, "A property with this key exists already"));
    }
    let own = Property { id: number, key: new.key, value: new.value, version: 1 };
    let shown = if face::is_v1(ask) { property_v1(&own) } else { property(&own) };
    page.properties.push(own);
    Ok(Answer::json(200, shown))
}

/// `GET /wiki/rest/api/content/{id}/property/{key}`.
pub(super) fn property_of(site: &mut Site, ask: &Ask) -> Reply {
    let page = site.seen(ask).ok_or_else(|| face::missing(ask, "content"))?;
    let own = page.property(ask.param("key")).ok_or_else(|| face::missing(ask, "property"))?;
    Ok(Answer::json(200, property_v1(own)))
}

/// `GET /wiki/rest/api/content/{id}/restriction/byOperation`.
pub(super) fn restrictions(site: &mut Site, ask: &Ask) -> Reply {
    let page = site.seen(ask).ok_or_else(|| face::missing(ask, "content"))?;
    Ok(Answer::json(200, bounds(site, ask, page)))
}

/// `GET /wiki/rest/api/template/page?spaceKey=`.
pub(super) fn templates(site: &mut Site, ask: &Ask) -> Reply {
    let space = ask.query("spaceKey").and_then(|key| site.space_called(key)).map(|space| space.id);
    let wanted = site
        .templates
        .iter()
        .filter(|template| ask.query("spaceKey").is_none() || Some(template.space) == space);
    let limit = ask.query_as::<usize>("limit")?.unwrap_or(25).clamp(1, 250);
    let page = cut(wanted, ask.query_as("start")?.unwrap_or_default(), limit);
    let body = ask.query("expand").is_some_and(|paths| paths.split(',').any(|path| path.starts_with("body")));
    let results: Vec<Value> = page
        .items
        .iter()
        .map(|template| {
            let mut shown = json!({
                "templateId": template.id.to_string(),
                "name": template.name,
                "description": "",
                "labels": [],
                "templateType": "page",
                "editorVersion": "v2",
                "_expandable": { "body": "" },
                "_links": {},
            });
            if body {
                shown["body"] =
                    json!({ "storage": { "value": template.storage, "representation": "storage" } });
            }
            shown
        })
        .collect();
    Ok(Answer::json(
        200,
        json!({ "results": results, "start": page.start, "limit": limit, "size": results.len(), "_links": {} }),
    ))
}
