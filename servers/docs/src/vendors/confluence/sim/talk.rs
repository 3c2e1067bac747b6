//! Comments (v2).

use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::face;
use super::list;
use super::state::{Comment, Site, Status};
use super::text;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    page_id: Option<Value>,
    body: Option<Body>,
    inline_comment_properties: Option<Selection>,
}

#[derive(Deserialize)]
struct Body {
    representation: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Selection {
    text_selection: String,
    text_selection_match_count: usize,
    text_selection_match_index: usize,
}

/// `GET /wiki/api/v2/pages/{id}/footer-comments`.
pub(super) fn footers(site: &mut Site, ask: &Ask) -> Reply {
    all(site, ask, false)
}

/// `GET /wiki/api/v2/pages/{id}/inline-comments`.
pub(super) fn inlines(site: &mut Site, ask: &Ask) -> Reply {
    all(site, ask, true)
}

fn all(site: &Site, ask: &Ask, inline: bool) -> Reply {
    let page = site.seen(ask).ok_or_else(|| face::missing(ask, "page"))?.id;
    let own = site.comments.values().filter(|c| c.page == page && c.selection.is_some() == inline);
    let mut rows: Vec<&Comment> = own.collect();
    rows.sort_by_key(|comment| (comment.at, comment.id));
    match ask.query("sort") {
        Some("-created-date" | "-modified-date") => rows.reverse(),
        None | Some("created-date" | "modified-date") => {}
        Some(_) => return Err(face::error(ask, 400, "Provided value for 'sort' is not valid")),
    }
    let body = ask.query("body-format").is_some();
    list::answer(site, ask, rows, |comment| shown(comment, ask, body))
}

/// `GET /wiki/api/v2/footer-comments/{id}` and `/inline-comments/{id}`.
pub(super) fn one(site: &mut Site, ask: &Ask) -> Reply {
    let found = ask.param("id").parse().ok().and_then(|id: u64| site.comments.get(&id));
    let comment = found.ok_or_else(|| face::missing(ask, "comment"))?;
    Ok(Answer::json(200, shown(comment, ask, ask.query("body-format").is_some())))
}

/// `POST /wiki/api/v2/footer-comments`.
pub(super) fn add_footer(site: &mut Site, ask: &Ask) -> Reply {
    let sent: Sent = ask.json()?;
    add(site, ask, sent, false)
}

/// `POST /wiki/api/v2/inline-comments`.
pub(super) fn add_inline(site: &mut Site, ask: &Ask) -> Reply {
    let sent: Sent = ask.json()?;
    add(site, ask, sent, true)
}

fn add(site: &mut Site, ask: &Ask, sent: Sent, inline: bool) -> Reply {
    let refuse = |why: &str| face::error(ask, 400, why);
    let id = sent.page_id.as_ref().and_then(|id| id.as_u64().or_else(|| id.as_str()?.parse().ok()));
    let id = id.ok_or_else(|| refuse("pageId must be provided"))?;
    let me = site.me(ask);
    let page = site.pages.get(&id).filter(|page| page.status != Status::Trashed && site.sees(&me, page));
    let page = page.ok_or_else(|| face::error(ask, 404, "Not Found"))?;
    if page.status != Status::Current {
        return Err(refuse("Only published pages can be commented on"));
    }
    let body = sent.body.ok_or_else(|| refuse("body must be provided"))?;
    if body.representation != "storage" {
        return Err(refuse("The representation is not served here"));
    }
    let selection = match (inline, sent.inline_comment_properties) {
        (false, _) => None,
        (true, None) => return Err(refuse("inlineCommentProperties must be provided")),
        (true, Some(selection)) => {
            let there = text::plain(&page.version().storage).unwrap_or_default();
            let there = there.split_whitespace().collect::<Vec<_>>().join(" ");
            let count = there.matches(selection.text_selection.as_str()).count();
            let index = selection.text_selection_match_index;
            if selection.text_selection.is_empty()
                || count != selection.text_selection_match_count
                || index >= count
            {
                return Err(refuse("The selected text is not to be found on the page as often as was said"));
            }
            Some(selection.text_selection)
        }
    };
    let page = page.id;
    let id = site.next_id();
    let storage =
        text::kept(&body.value, id).map_err(|why| refuse(&format!("Error parsing xhtml: {why}")))?;
    let comment = Comment { id, page, author: me, at: face::now(ask), storage, selection };
    let answer = Answer::json(201, shown(&comment, ask, true));
    site.comments.insert(id, comment);
    Ok(answer)
}

fn shown(comment: &Comment, ask: &Ask, body: bool) -> Value {
    let mut out = json!({
        "id": comment.id.to_string(),
        "status": "current",
        "title": "Re: page",
        "pageId": comment.page.to_string(),
        "version": { "number": 1, "message": "", "minorEdit": false, "authorId": comment.author, "createdAt": comment.at },
        "body": {},
        "_links": { "webui": format!("/pages/viewpage.action?pageId={}&focusedCommentId={}", comment.page, comment.id),
                    "base": face::wiki(ask) },
    });
    if body {
        out["body"] = json!({ "storage": { "representation": "storage", "value": comment.storage } });
    }
    if let Some(selection) = &comment.selection {
        out["resolutionStatus"] = json!("open");
        out["properties"] = json!({ "inlineMarkerRef": format!("marker-{}", comment.id), "inlineOriginalSelection": selection });
    }
    out
}
