//! Comments and users.

use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::state::{Comment, Workspace};
use super::{body, invalid, list, missing, path_id, property, show, spelled};

/// `GET /v1/users`: people and bots.
pub(super) fn users(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let rows = workspace.users.iter().map(|u| ((), u.id.clone(), show::user(u))).collect();
    list::page_of_query(ask, rows, "user")
}

/// `GET /v1/users/{id}`.
pub(super) fn user(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let id = path_id(ask)?;
    let user = workspace.user(&id).ok_or_else(|| missing(ask, "user", &id))?;
    Ok(Answer::json(200, show::user(user)))
}

/// `GET /v1/users/me`: the connection's own bot.
pub(super) fn me(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let bot = workspace.user(workspace.bot()).ok_or_else(|| missing(ask, "user", "me"))?;
    Ok(Answer::json(200, show::user(bot)))
}

/// `GET /v1/comments?block_id=`: the open comments of a page, oldest first.
pub(super) fn comments(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let id = ask.query("block_id").and_then(spelled);
    let id =
        id.ok_or_else(|| invalid(ask, "query failed validation: query.block_id should be a valid uuid."))?;
    workspace.holder(&id).ok_or_else(|| missing(ask, "block", &id))?;
    let own = workspace.comments.iter().filter(|comment| comment.page == id);
    let rows = own.map(|comment| ((), comment.id.clone(), show::comment(comment))).collect();
    list::page_of_query(ask, rows, "comment")
}

/// `GET /v1/comments/{id}`.
pub(super) fn one_comment(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let id = path_id(ask)?;
    let comment = workspace.comments.iter().find(|comment| comment.id == id);
    comment.map(|c| Answer::json(200, show::comment(c))).ok_or_else(|| missing(ask, "comment", &id))
}

/// `POST /v1/comments`.
pub(super) fn comment(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let body =
        body(ask, &["parent", "discussion_id", "rich_text", "markdown", "attachments", "display_name"])?;
    let page = body.get("parent").and_then(|parent| parent["page_id"].as_str()).and_then(spelled);
    let page = page
        .ok_or_else(|| invalid(ask, "body failed validation: body.parent.page_id should be a valid uuid."))?;
    workspace.page(&page).ok_or_else(|| missing(ask, "page", &page))?;
    let text = property::rich_text(body.get("rich_text").unwrap_or(&Value::Null));
    let text = text.map_err(|why| invalid(ask, format!("body failed validation: body.rich_text: {why}")))?;
    if text.is_empty() {
        return Err(invalid(ask, "body failed validation: body.rich_text.length should be ≥ `1`."));
    }
    let comment = Comment {
        id: workspace.new_id(),
        page,
        author: workspace.bot().to_owned(),
        created: ask.now,
        rich_text: json!(text),
    };
    let answer = Answer::json(200, show::comment(&comment));
    workspace.comments.push(comment);
    Ok(answer)
}
