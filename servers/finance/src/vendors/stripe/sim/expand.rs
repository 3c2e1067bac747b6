//! `expand[]`: ids replaced by the objects they stand for (docs.stripe.com/api/expanding_objects).

use sandbox::{Answer, Ask};
use serde_json::Value;

use super::books::Books;
use super::form;
use super::refusal::Fault;
use super::resource::RESOURCES;

/// Levels that can be expanded.
const DEEPEST: usize = 4;

/// Expands what the request asks for. Errors: 400 for a field that cannot be expanded.
pub(super) fn expand(books: &Books, ask: &Ask, mut shown: Value) -> Result<Value, Answer> {
    let body = ask.form();
    let fields = if ask.method == "GET" { &ask.query } else { &body };
    for (name, path) in fields {
        if form::parts(name).0 == "expand" {
            follow(books, &mut shown, path).map_err(|what| refused(ask, path, &what))?;
        }
    }
    Ok(shown)
}

fn refused(ask: &Ask, path: &str, what: &str) -> Answer {
    Fault::of("expand", format!("This property cannot be expanded ({path}): {what}.")).answer(ask)
}

fn follow(books: &Books, object: &mut Value, path: &str) -> Result<(), String> {
    let steps: Vec<&str> = path.split('.').collect();
    if steps.len() > DEEPEST {
        return Err("you may expand at most four levels".into());
    }
    step(books, object, &steps)
}

fn step(books: &Books, object: &mut Value, steps: &[&str]) -> Result<(), String> {
    let [first, rest @ ..] = steps else { return Ok(()) };
    let is_list = object["object"] == "list" || object["object"] == "search_result";
    if is_list && *first == "data" {
        let rows = object["data"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
        return rows.iter_mut().try_for_each(|row| step(books, row, rest));
    }
    if object["object"] == "search_result" && *first == "total_count" {
        return Ok(());
    }
    let resource = RESOURCES.iter().find(|r| object["object"] == r.kind);
    if !resource.is_some_and(|r| r.expands.contains(first)) {
        return Err(format!("`{first}` is not expandable"));
    }
    let field = &mut object[*first];
    if let Some(id) = field.as_str() {
        *field = books.any(id).cloned().unwrap_or(Value::Null);
    }
    match field.is_null() {
        true => Ok(()),
        false => step(books, field, rest),
    }
}
