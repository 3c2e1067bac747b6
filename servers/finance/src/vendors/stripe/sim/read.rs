//! One object.

use sandbox::{Answer, Ask};
use serde_json::json;

use super::books::Books;
use super::expand::expand;
use super::form;
use super::list;
use super::refusal::{missing, shown, unknown};
use super::resource::Resource;

/// `GET /v1/<path>/{id}`.
pub(super) fn one(books: &mut Books, ask: &Ask, resource: &Resource) -> sandbox::Reply {
    ask.require_scope(resource.reads)?;
    form::known(&ask.query, &["expand"]).map_err(|name| unknown(ask, &name))?;
    let id = ask.param("id");
    let object = books.get(resource.kind, id).ok_or_else(|| missing(ask, resource.kind, id, "id"))?;
    expand(books, ask, object.clone()).map(shown)
}

/// `GET /v1/invoices/{id}/lines`.
pub(super) fn lines(books: &mut Books, ask: &Ask) -> sandbox::Reply {
    ask.require_scope("invoice_read")?;
    let known = ["limit", "starting_after", "ending_before", "expand"];
    form::known(&ask.query, &known).map_err(|name| unknown(ask, &name))?;
    let id = ask.param("id");
    let invoice = books.get("invoice", id).ok_or_else(|| missing(ask, "invoice", id, "id"))?;
    let lines = invoice["lines"]["data"].as_array().into_iter().flatten().collect();
    let (lines, has_more) = list::window(ask, "line_item", lines)?;
    Ok(Answer::json(
        200,
        json!({ "object": "list", "data": lines, "has_more": has_more, "url": invoice["lines"]["url"] }),
    ))
}
