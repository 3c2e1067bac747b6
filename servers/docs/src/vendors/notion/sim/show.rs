//! The workspace in Notion's JSON.

use sandbox::{Ask, Timestamp};
use serde_json::{Map, Value, json};

use super::is_new;
use super::property::empty;
use super::state::{Block, Comment, DataSource, Page, Parent, User, Workspace};

/// A moment as Notion writes it.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// A moment to the minute.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:00.000Z").to_string()
}

/// A user, whole.
pub(super) fn user(user: &User) -> Value {
    let mut shown = json!({ "object": "user", "id": user.id, "name": user.name, "avatar_url": null });
    match &user.email {
        Some(email) => {
            shown["type"] = json!("person");
            shown["person"] = json!({ "email": email });
        }
        None => {
            shown["type"] = json!("bot");
            shown["bot"] = json!({
                "owner": { "type": "workspace", "workspace": true }, "workspace_name": "Halden Pay",
            });
        }
    }
    shown
}

fn user_id(id: &str) -> Value {
    json!({ "object": "user", "id": id })
}

/// A page with all its properties, or those asked for.
pub(super) fn page(workspace: &Workspace, page: &Page, ask: &Ask) -> Value {
    let wanted: Vec<&str> = ask.query_all("filter_properties").collect();
    let properties: Map<String, Value> = properties(workspace, page)
        .into_iter()
        .filter(|(name, value)| {
            let id = value["id"].as_str().unwrap_or_default();
            wanted.is_empty() || wanted.contains(&id) || wanted.contains(&name.as_str())
        })
        .collect();
    let slug: String =
        page.title().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let digits = page.id.replace('-', "");
    let public = page.public.then(|| format!("https://haldenpay.notion.site/{slug}-{digits}"));
    let mut shown = json!({
        "object": "page", "id": page.id, "created_time": minute(page.created),
        "last_edited_time": moment(page.edited_minute()), "created_by": user_id(&page.creator),
        "last_edited_by": user_id(&page.editor), "cover": null, "icon": page.icon,
        "parent": parent(workspace, &page.parent), "in_trash": page.trashed, "is_locked": false,
        "properties": properties,
        "url": format!("https://www.notion.so/{slug}-{digits}"), "public_url": public,
    });
    if !is_new(ask) {
        shown["archived"] = json!(page.trashed);
    }
    shown
}

/// The properties of a page, those that Notion makes and those that are empty included.
pub(super) fn properties(workspace: &Workspace, page: &Page) -> Map<String, Value> {
    let Parent::DataSource(source) = &page.parent else {
        return page.properties.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    };
    let columns = workspace.source(source).map(|s| s.columns.as_slice()).unwrap_or_default();
    let value = |column: &super::state::Column| {
        let mut value = page.properties.get(&column.name).cloned().unwrap_or_else(|| empty(column));
        if column.kind == "last_edited_time" {
            value["last_edited_time"] = json!(moment(page.edited_minute()));
        }
        (column.name.clone(), value)
    };
    columns.iter().map(value).collect()
}

fn parent(workspace: &Workspace, parent: &Parent) -> Value {
    match parent {
        Parent::DataSource(id) => {
            let database = workspace.source(id).map(|s| s.database.as_str());
            json!({ "type": "data_source_id", "data_source_id": id, "database_id": database })
        }
        Parent::Page(id) => json!({ "type": "page_id", "page_id": id }),
    }
}

/// A data source and its columns.
pub(super) fn data_source(workspace: &Workspace, source: &DataSource, ask: &Ask) -> Value {
    let column = |column: &super::state::Column| {
        let option = |o: &super::state::Choice| json!({ "id": o.id, "name": o.name, "color": "default", "description": null });
        let mut shown =
            json!({ "id": column.id, "name": column.name, "type": column.kind, "description": null });
        shown[column.kind] = match column.kind {
            "select" | "multi_select" => {
                json!({ "options": column.options.iter().map(option).collect::<Vec<_>>() })
            }
            "status" => {
                json!({ "options": column.options.iter().map(option).collect::<Vec<_>>(), "groups": [] })
            }
            _ => json!({}),
        };
        (column.name.clone(), shown)
    };
    let bot = user_id(workspace.bot());
    let mut shown = json!({
        "object": "data_source", "id": source.id, "created_time": minute(source.created),
        "last_edited_time": minute(source.created), "created_by": bot, "last_edited_by": bot, "icon": null,
        "title": super::state::rich(&source.title), "description": [],
        "parent": { "type": "database_id", "database_id": source.database },
        "database_parent": { "type": "workspace", "workspace": true },
        "properties": source.columns.iter().map(column).collect::<Map<_, _>>(),
        "url": format!("https://www.notion.so/{}", source.database.replace('-', "")), "public_url": null,
        "in_trash": false, "is_inline": false,
    });
    if !is_new(ask) {
        shown["archived"] = json!(false);
    }
    shown
}

/// The database of a data source.
pub(super) fn database(source: &DataSource) -> Value {
    json!({
        "object": "database", "id": source.database, "created_time": minute(source.created),
        "last_edited_time": minute(source.created), "title": super::state::rich(&source.title), "description": [],
        "icon": null, "cover": null, "parent": { "type": "workspace", "workspace": true }, "is_inline": false,
        "in_trash": false, "is_locked": false,
        "data_sources": [{ "id": source.id, "name": source.title }],
        "url": format!("https://www.notion.so/{}", source.database.replace('-', "")), "public_url": null,
    })
}

/// A block of a page.
pub(super) fn block(page: &Page, block: &Block, parent: &str, ask: &Ask) -> Value {
    let parent = match parent == page.id {
        true => json!({ "type": "page_id", "page_id": parent }),
        false => json!({ "type": "block_id", "block_id": parent }),
    };
    let mut shown = json!({
        "object": "block", "id": block.id, "parent": parent, "created_time": minute(page.created),
        "last_edited_time": moment(page.edited_minute()), "created_by": user_id(&page.creator),
        "last_edited_by": user_id(&page.editor), "has_children": !block.children.is_empty(), "in_trash": false,
        "type": block.kind,
    });
    shown[&block.kind] = block.value.clone();
    if !is_new(ask) {
        shown["archived"] = json!(false);
    }
    shown
}

/// A page as a block.
pub(super) fn page_block(page: &Page, ask: &Ask) -> Value {
    let mut shown = json!({
        "object": "block", "id": page.id, "parent": { "type": "workspace", "workspace": true },
        "created_time": minute(page.created), "last_edited_time": moment(page.edited_minute()),
        "created_by": user_id(&page.creator), "last_edited_by": user_id(&page.editor),
        "has_children": !page.blocks.is_empty(), "in_trash": page.trashed, "type": "child_page",
        "child_page": { "title": page.title() },
    });
    if !is_new(ask) {
        shown["archived"] = json!(page.trashed);
    }
    shown
}

/// A comment.
pub(super) fn comment(comment: &Comment) -> Value {
    json!({
        "object": "comment", "id": comment.id, "parent": { "type": "page_id", "page_id": comment.page },
        "discussion_id": super::state::id_of(&format!("discussion {}", comment.id)),
        "created_time": minute(comment.created), "last_edited_time": minute(comment.created),
        "created_by": user_id(&comment.author), "rich_text": comment.rich_text,
        "display_name": { "type": "integration", "resolved_name": "Chancery" },
    })
}
