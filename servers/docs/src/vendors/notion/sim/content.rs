//! A page's content as Markdown.

use sandbox::{Answer, Ask, Reply};
use serde_json::{Map, Value, json};

use super::state::{Block, Workspace};
use super::{body, invalid, markdown, missing, path_id};

/// `GET /v1/pages/{id}/markdown`: of a page or of one of its blocks.
pub(super) fn read(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let id = path_id(ask)?;
    let page = workspace.holder(&id).ok_or_else(|| missing(ask, "page", &id))?;
    let text = match page.blocks.iter().find_map(|b| b.find(&id)) {
        Some(block) => markdown::render(std::slice::from_ref(block)),
        None => markdown::render(&page.blocks),
    };
    Ok(told(&id, &text))
}

/// `PATCH /v1/pages/{id}/markdown`.
pub(super) fn write(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let body =
        body(ask, &["type", "replace_content", "update_content", "insert_content", "replace_content_range"])?;
    let id = path_id(ask)?;
    let page = workspace.page(&id).ok_or_else(|| missing(ask, "page", &id))?;
    if page.trashed {
        return Err(invalid(ask, "Can't edit a page that is in the trash."));
    }
    let text = markdown::render(&page.blocks);
    let edited = edited(ask, &body, &text)?;
    let parsed = markdown::parse(workspace, &edited);
    let bot = workspace.bot().to_owned();
    let page = workspace.page_mut(&id).ok_or_else(|| missing(ask, "page", &id))?;
    page.blocks = kept(std::mem::take(&mut page.blocks), parsed);
    page.touch(&bot, ask.now);
    Ok(told(&id, &markdown::render(&page.blocks)))
}

fn told(id: &str, text: &str) -> Answer {
    Answer::json(
        200,
        json!({
            "object": "page_markdown", "id": id, "markdown": text, "truncated": false, "unknown_block_ids": [],
        }),
    )
}

/// The text after the one operation of the body.
fn edited(ask: &Ask, body: &Map<String, Value>, text: &str) -> Result<String, Answer> {
    let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
    let wrong = |what: &str| invalid(ask, format!("body failed validation: body.{what}"));
    if body.keys().any(|key| key != "type" && key != kind) || !body.contains_key(kind) {
        return Err(wrong("type should name the one operation that is given."));
    }
    let given = &body[kind];
    match kind {
        "replace_content" => match given["new_str"].as_str() {
            Some(new) => Ok(new.to_owned()),
            None => Err(wrong("replace_content.new_str should be defined, instead was `undefined`.")),
        },
        "insert_content" => match (given["content"].as_str(), given["position"]["type"].as_str()) {
            (Some(new), Some("start")) => Ok(format!("{new}\n{text}")),
            (Some(new), _) => Ok(format!("{text}\n{new}")),
            _ => Err(wrong("insert_content.content should be defined, instead was `undefined`.")),
        },
        "update_content" => updated(ask, given, text),
        _ => Err(wrong("type should be a supported operation.")),
    }
}

/// All replacements or none.
fn updated(ask: &Ask, given: &Value, text: &str) -> Result<String, Answer> {
    let updates = given["content_updates"].as_array();
    let updates = updates.filter(|all| all.len() <= 100).ok_or_else(|| {
        invalid(
            ask,
            "body failed validation: body.update_content.content_updates should be an array of at most 100.",
        )
    })?;
    let mut text = text.to_owned();
    for update in updates {
        let (Some(old), Some(new)) = (update["old_str"].as_str(), update["new_str"].as_str()) else {
            return Err(invalid(ask, "body failed validation: old_str and new_str should be strings."));
        };
        let all = update["replace_all_matches"] == true;
        match (old.is_empty(), text.matches(old).count()) {
            (true, _) => return Err(invalid(ask, "body failed validation: old_str should not be empty.")),
            (_, 0) => return Err(invalid(ask, "Could not find old_str in the content of the page.")),
            (_, 2..) if !all => {
                return Err(invalid(
                    ask,
                    "old_str matches several places; set replace_all_matches or give more context.",
                ));
            }
            _ => text = text.replace(old, new),
        }
    }
    Ok(text)
}

/// The new blocks, with the ids of the old ones at both ends that stay as they were.
fn kept(old: Vec<Block>, mut new: Vec<Block>) -> Vec<Block> {
    let same = |a: &Block, b: &Block| {
        markdown::render(std::slice::from_ref(a)) == markdown::render(std::slice::from_ref(b))
    };
    let head = old.iter().zip(&new).take_while(|(a, b)| same(a, b)).count();
    let most = (old.len() - head).min(new.len() - head);
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| same(a, b)).count();
    let (before, after) = (new.len() - tail, old.len() - tail);
    for (at, block) in old.into_iter().enumerate() {
        let to = if at < head { Some(at) } else { at.checked_sub(after).map(|from_end| before + from_end) };
        if let Some(slot) = to.and_then(|to| new.get_mut(to)) {
            *slot = block;
        }
    }
    new
}
