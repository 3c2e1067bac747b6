//! Pages and their properties.

use std::collections::BTreeMap;

use sandbox::{Answer, Ask, Reply};
use serde_json::{Map, Value, json};

use super::state::{Page, Parent, Workspace};
use super::{blocks, body, invalid, markdown, missing, path_id, property, show, spelled};

/// `POST /v1/pages`.
pub(super) fn create(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let body = body(
        ask,
        &["parent", "properties", "children", "content", "markdown", "icon", "cover", "template", "position"],
    )?;
    let undefined = |name: &str| {
        invalid(
            ask,
            format!("body failed validation: body.{name} should be defined, instead was `undefined`."),
        )
    };
    let parent = parent(workspace, ask, body.get("parent").ok_or_else(|| undefined("parent"))?)?;
    let text = body.get("markdown").and_then(Value::as_str);
    if text.is_some() && (body.contains_key("children") || body.contains_key("content")) {
        return Err(invalid(
            ask,
            "body failed validation: body.markdown and body.children are mutually exclusive.",
        ));
    }
    let given = match body.get("properties") {
        Some(given) => given.as_object().ok_or_else(|| undefined("properties"))?,
        None if text.is_some() => &Map::new(),
        None => return Err(undefined("properties")),
    };
    let properties = properties(workspace, ask, &parent, given)?;
    let blocks = match (text, template(workspace, ask, body.get("template"))?) {
        (Some(text), _) => markdown::parse(workspace, text),
        // Notion copies it a moment later; here that moment is over at once.
        (None, Some(text)) => markdown::parse(workspace, &text),
        (None, None) => blocks::made(workspace, ask, body.get("children"))?,
    };
    let (id, bot) = (workspace.new_id(), workspace.bot().to_owned());
    let page = Page {
        id: id.clone(),
        parent,
        properties,
        blocks,
        created: ask.now,
        edited: ask.now,
        creator: bot.clone(),
        editor: bot,
        trashed: false,
        public: false,
        template: false,
        shared: true,
        icon: body.get("icon").cloned().unwrap_or_default(),
    };
    let answer = Answer::json(200, show::page(workspace, &page, ask));
    workspace.pages.insert(id, page);
    Ok(answer)
}

/// `GET /v1/pages/{id}`.
pub(super) fn get(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let id = path_id(ask)?;
    let page = workspace.page(&id).ok_or_else(|| missing(ask, "page", &id))?;
    Ok(Answer::json(200, show::page(workspace, page, ask)))
}

/// `PATCH /v1/pages/{id}`.
pub(super) fn update(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let body = body(
        ask,
        &["properties", "icon", "cover", "is_locked", "template", "erase_content", "archived", "in_trash"],
    )?;
    let id = path_id(ask)?;
    let parent = workspace.page(&id).ok_or_else(|| missing(ask, "page", &id))?.parent.clone();
    let given = body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let changed = properties(workspace, ask, &parent, &given)?;
    let bot = workspace.bot().to_owned();
    let page = workspace.page_mut(&id).ok_or_else(|| missing(ask, "page", &id))?;
    let trashed = body.get("in_trash").or(body.get("archived")).and_then(Value::as_bool);
    if page.trashed && trashed != Some(false) {
        return Err(invalid(
            ask,
            "Can't edit page on block with an archived ancestor. You must unarchive the ancestor before editing page.",
        ));
    }
    page.properties.extend(changed);
    if let Some(icon) = body.get("icon") {
        page.icon = icon.clone();
    }
    page.trashed = trashed.unwrap_or(page.trashed);
    if body.get("erase_content") == Some(&json!(true)) {
        page.blocks.clear();
    }
    page.touch(&bot, ask.now);
    let page = workspace.page(&id).ok_or_else(|| missing(ask, "page", &id))?;
    Ok(Answer::json(200, show::page(workspace, page, ask)))
}

/// `POST /v1/pages/{id}/move`.
pub(super) fn relocate(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let body = body(ask, &["parent"])?;
    let id = path_id(ask)?;
    let to = parent(workspace, ask, body.get("parent").unwrap_or(&Value::Null))?;
    let bot = workspace.bot().to_owned();
    let page = workspace.page_mut(&id).ok_or_else(|| missing(ask, "page", &id))?;
    page.parent = to;
    page.touch(&bot, ask.now);
    get(workspace, ask)
}

/// `GET /v1/pages/{id}/properties/{property}`: what may be long comes as a list of items.
pub(super) fn property(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let id = path_id(ask)?;
    let page = workspace.page(&id).ok_or_else(|| missing(ask, "page", &id))?;
    let wanted = ask.param("property");
    let all = show::properties(workspace, page);
    let found = all.iter().find(|(name, value)| name.as_str() == wanted || value["id"] == wanted);
    let (_, value) = found.ok_or_else(|| missing(ask, "property", wanted))?;
    let kind = value["type"].as_str().unwrap_or_default();
    let item = |inner: &Value| {
        let mut item = json!({ "object": "property_item", "id": value["id"], "type": kind });
        item[kind] = inner.clone();
        item
    };
    let listed = matches!(kind, "title" | "rich_text" | "people");
    match value[kind].as_array().filter(|_| listed) {
        Some(pieces) => {
            let mut frame = json!({
                "object": "list", "results": pieces.iter().map(item).collect::<Vec<_>>(), "next_cursor": null,
                "has_more": false, "type": "property_item",
                "property_item": { "id": value["id"], "next_url": null, "type": kind },
            });
            frame["property_item"][kind] = json!({});
            Ok(Answer::json(200, frame))
        }
        None => Ok(Answer::json(200, item(&value[kind]))),
    }
}

/// The text of the template that a new page starts from.
fn template(workspace: &Workspace, ask: &Ask, given: Option<&Value>) -> Result<Option<String>, Answer> {
    match given.and_then(|given| given["type"].as_str()) {
        None | Some("none") => Ok(None),
        Some("template_id") => {
            let id =
                given.and_then(|given| given["template_id"].as_str()).and_then(spelled).unwrap_or_default();
            let page = workspace.page(&id).filter(|page| page.template);
            let page = page.ok_or_else(|| missing(ask, "template", &id))?;
            Ok(Some(markdown::render(&page.blocks)))
        }
        Some(_) => Err(invalid(ask, "The data source has no default template.")),
    }
}

/// What a new page goes into. A database is named for its data source as long as it has one only.
fn parent(workspace: &Workspace, ask: &Ask, given: &Value) -> Result<Parent, Answer> {
    let id = |name: &str| given[name].as_str().and_then(spelled);
    if let Some(id) = id("data_source_id") {
        return match workspace.source(&id) {
            Some(source) => Ok(Parent::DataSource(source.id.clone())),
            None => Err(missing(ask, "data source", &id)),
        };
    }
    if let Some(id) = id("database_id") {
        return match workspace.sources.iter().find(|s| s.database == id) {
            Some(source) => Ok(Parent::DataSource(source.id.clone())),
            None => Err(missing(ask, "database", &id)),
        };
    }
    match id("page_id") {
        Some(id) if workspace.page(&id).is_some() => Ok(Parent::Page(id)),
        Some(id) => Err(missing(ask, "page", &id)),
        None => Err(invalid(
            ask,
            "body failed validation: body.parent should define `page_id`, `database_id` or `data_source_id`.",
        )),
    }
}

/// Given properties as they will be shown.
fn properties(
    workspace: &mut Workspace,
    ask: &Ask,
    parent: &Parent,
    given: &Map<String, Value>,
) -> Result<BTreeMap<String, Value>, Answer> {
    let mut taken = BTreeMap::new();
    for (name, value) in given {
        let (name, value) = match parent {
            Parent::DataSource(source) => {
                let value =
                    property::take(workspace, source, name, value).map_err(|why| invalid(ask, why))?;
                let columns = workspace.source(source).map(|s| s.columns.as_slice()).unwrap_or_default();
                let column = columns.iter().find(|c| c.name == *name || c.id == *name);
                (column.map_or(name.clone(), |c| c.name.clone()), value)
            }
            // A page below a page has a title and nothing else.
            Parent::Page(_) if name == "title" => {
                let inner = value.get("title").unwrap_or(value);
                let title = property::rich_text(inner).map_err(|why| invalid(ask, why))?;
                ("title".to_owned(), json!({ "id": "title", "type": "title", "title": title }))
            }
            Parent::Page(_) => return Err(invalid(ask, format!("{name} is not a property that exists."))),
        };
        taken.insert(name, value);
    }
    Ok(taken)
}
