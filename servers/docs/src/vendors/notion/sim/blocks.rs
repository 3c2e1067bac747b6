//! Blocks of pages.

use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::state::{Block, Workspace};
use super::{body, invalid, list, missing, path_id, property, show};

/// Types of blocks that can be made here.
const KINDS: [&str; 13] = [
    "paragraph",
    "heading_1",
    "heading_2",
    "heading_3",
    "heading_4",
    "bulleted_list_item",
    "numbered_list_item",
    "to_do",
    "quote",
    "callout",
    "toggle",
    "code",
    "divider",
];

/// `GET /v1/blocks/{id}`: a page is a block, too.
pub(super) fn get(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let id = path_id(ask)?;
    let page = workspace.holder(&id).ok_or_else(|| missing(ask, "block", &id))?;
    if page.id == id {
        return Ok(Answer::json(200, show::page_block(page, ask)));
    }
    let block = page.blocks.iter().find_map(|b| b.find(&id)).ok_or_else(|| missing(ask, "block", &id))?;
    Ok(Answer::json(200, show::block(page, block, &page.id, ask)))
}

/// `GET /v1/blocks/{id}/children`.
pub(super) fn children(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let id = path_id(ask)?;
    let page = workspace.holder(&id).ok_or_else(|| missing(ask, "block", &id))?;
    let below = page.blocks.iter().find_map(|b| b.find(&id)).map_or(&page.blocks, |block| &block.children);
    let rows = below.iter().map(|b| ((), b.id.clone(), show::block(page, b, &id, ask))).collect();
    list::page_of_query(ask, rows, "block")
}

/// `PATCH /v1/blocks/{id}/children`: at the end, or after one of them.
pub(super) fn append(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let body = body(ask, &["children", "after", "position"])?;
    let id = path_id(ask)?;
    workspace.holder(&id).ok_or_else(|| missing(ask, "block", &id))?;
    let new = made(workspace, ask, body.get("children"))?;
    let after = body.get("after").or(body.get("position").map(|p| &p["after_block"]["id"]));
    let after = after.and_then(Value::as_str).and_then(super::spelled);
    let (holder, bot) =
        (workspace.holder(&id).map(|p| p.id.clone()).unwrap_or_default(), workspace.bot().to_owned());
    let page = workspace.page_mut(&holder).ok_or_else(|| missing(ask, "block", &id))?;
    page.touch(&bot, ask.now);
    let below = match page.blocks.iter_mut().find_map(|b| b.find_mut(&id)) {
        Some(block) => &mut block.children,
        None => &mut page.blocks,
    };
    let at = match &after {
        Some(after) => {
            let at = below.iter().position(|b| b.id == *after);
            at.ok_or_else(|| missing(ask, "block", after))? + 1
        }
        None => below.len(),
    };
    below.splice(at..at, new.iter().cloned());
    let page = workspace.page(&holder).ok_or_else(|| missing(ask, "block", &id))?;
    let shown: Vec<Value> = new.iter().map(|b| show::block(page, b, &id, ask)).collect();
    Ok(Answer::json(
        200,
        json!({
            "object": "list", "results": shown, "next_cursor": null, "has_more": false, "type": "block", "block": {},
        }),
    ))
}

/// `PATCH /v1/blocks/{id}`: its text, or whether a to-do is done.
pub(super) fn update(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let given: Value = ask.json()?;
    let id = path_id(ask)?;
    let (holder, bot) =
        (workspace.holder(&id).map(|p| p.id.clone()).unwrap_or_default(), workspace.bot().to_owned());
    let page = workspace.page_mut(&holder).ok_or_else(|| missing(ask, "block", &id))?;
    page.touch(&bot, ask.now);
    let block =
        page.blocks.iter_mut().find_map(|b| b.find_mut(&id)).ok_or_else(|| missing(ask, "block", &id))?;
    let Some(value) = given.get(&block.kind) else {
        return Err(invalid(
            ask,
            format!(
                "body failed validation: body.{} should be defined, instead was `undefined`.",
                block.kind
            ),
        ));
    };
    if let Some(text) = value.get("rich_text") {
        block.value["rich_text"] = json!(property::rich_text(text).map_err(|why| invalid(ask, why))?);
    }
    if let Some(checked) = value.get("checked").filter(|_| block.kind == "to_do") {
        block.value["checked"] = checked.clone();
    }
    get(workspace, ask)
}

/// `DELETE /v1/blocks/{id}`: a page goes to the trash, a block with all below it is gone.
pub(super) fn delete(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let mut shown = Value::Null;
    if let Ok(answer) = get(workspace, ask) {
        shown = serde_json::from_slice(&answer.body).unwrap_or_default();
    }
    let id = path_id(ask)?;
    let (holder, bot) =
        (workspace.holder(&id).map(|p| p.id.clone()).unwrap_or_default(), workspace.bot().to_owned());
    let page = workspace.page_mut(&holder).ok_or_else(|| missing(ask, "block", &id))?;
    page.touch(&bot, ask.now);
    match page.id == id {
        true => page.trashed = true,
        false => without(&mut page.blocks, &id),
    }
    shown["in_trash"] = json!(true);
    if !super::is_new(ask) {
        shown["archived"] = json!(true);
    }
    Ok(Answer::json(200, shown))
}

fn without(blocks: &mut Vec<Block>, id: &str) {
    blocks.retain(|block| block.id != id);
    blocks.iter_mut().for_each(|block| without(&mut block.children, id));
}

/// Given blocks as they will be kept.
pub(super) fn made(
    workspace: &mut Workspace,
    ask: &Ask,
    given: Option<&Value>,
) -> Result<Vec<Block>, Answer> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let given = given
        .as_array()
        .ok_or_else(|| invalid(ask, "body failed validation: body.children should be an array."))?;
    if given.len() > 100 {
        let message = format!(
            "body failed validation: body.children.length should be ≤ `100`, instead was `{}`.",
            given.len()
        );
        return Err(invalid(ask, message));
    }
    given.iter().map(|block| one(workspace, ask, block)).collect()
}

fn one(workspace: &mut Workspace, ask: &Ask, given: &Value) -> Result<Block, Answer> {
    let kind = KINDS.into_iter().find(|kind| given.get(*kind).is_some());
    let kind = kind.ok_or_else(|| {
        invalid(ask, "body failed validation: body.children[0] should define a supported block type.")
    })?;
    let mut value = given[kind].clone();
    let below = value.as_object_mut().and_then(|map| map.remove("children"));
    let children = made(workspace, ask, below.as_ref())?;
    if kind != "divider" {
        let text = property::rich_text(&value["rich_text"]);
        value["rich_text"] = json!(
            text.map_err(|why| invalid(ask, format!("body failed validation: body.children.{kind}.{why}")))?
        );
    }
    Ok(Block { id: workspace.new_id(), kind: kind.to_owned(), value, children })
}
