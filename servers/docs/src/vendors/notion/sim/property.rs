//! Values of properties, as they are given and as they are shown.

use serde_json::{Value, json};

use super::inline::{self, Style};
use super::state::{Choice, Column, Workspace, id_of};

/// Characters of one piece of rich text (developers.notion.com/reference/request-limits).
const PIECE: usize = 2000;

/// Options of a column.
pub(super) fn options(names: &[&str]) -> Vec<Choice> {
    names.iter().map(|name| choice(name)).collect()
}

fn choice(name: &str) -> Choice {
    Choice { id: id_of(&format!("option {name}"))[..8].to_owned(), name: name.to_owned() }
}

/// A given value of a property of a data source as it will be shown. Errors: why it is refused.
pub(super) fn take(
    workspace: &mut Workspace,
    source: &str,
    name: &str,
    given: &Value,
) -> Result<Value, String> {
    let column =
        column(workspace, source, name).ok_or_else(|| format!("{name} is not a property that exists."))?;
    let kind = column.kind;
    if kind == "last_edited_time" {
        return Err(format!(
            "{name} cannot be set: the value of a last_edited_time property is made by Notion."
        ));
    }
    let value = given.get(kind).ok_or_else(|| format!("{name} is expected to be {kind}."))?;
    let shown = match kind {
        "title" | "rich_text" => json!(rich_text(value)?),
        "people" => people(workspace, value)?,
        "date" => date(name, value)?,
        _ => selected(workspace, source, name, kind, value)?,
    };
    Ok(shown_as(&column.id, kind, shown))
}

/// The empty value of a property.
pub(super) fn empty(column: &Column) -> Value {
    let value = match column.kind {
        "title" | "rich_text" | "people" | "multi_select" => json!([]),
        _ => Value::Null,
    };
    shown_as(&column.id, column.kind, value)
}

fn shown_as(id: &str, kind: &str, value: Value) -> Value {
    let mut shown = json!({ "id": id, "type": kind });
    shown[kind] = value;
    shown
}

fn column(workspace: &Workspace, source: &str, name: &str) -> Option<Column> {
    let columns = &workspace.source(source)?.columns;
    columns.iter().find(|column| column.name == name || column.id == name).cloned()
}

/// Rich text as it will be shown.
pub(super) fn rich_text(given: &Value) -> Result<Vec<Value>, String> {
    let pieces = given.as_array().ok_or("rich text should be an array.")?;
    if pieces.len() > 100 {
        return Err("rich text length should be ≤ `100`.".into());
    }
    pieces.iter().map(one_piece).collect()
}

fn one_piece(given: &Value) -> Result<Value, String> {
    let content = given["text"]["content"]
        .as_str()
        .ok_or("text.content should be defined, instead was `undefined`.")?;
    if content.chars().count() > PIECE {
        return Err(format!(
            "text.content.length should be ≤ `{PIECE}`, instead was `{}`.",
            content.chars().count()
        ));
    }
    let mut piece = inline::piece(content, &Style::default());
    if let Some(url) = given["text"]["link"]["url"].as_str() {
        piece["text"]["link"] = json!({ "url": url });
        piece["href"] = json!(url);
    }
    for (name, value) in given["annotations"].as_object().into_iter().flatten() {
        piece["annotations"][name] = value.clone();
    }
    Ok(piece)
}

fn people(workspace: &Workspace, given: &Value) -> Result<Value, String> {
    let ids = given.as_array().ok_or("people should be an array.")?.iter().map(|user| user["id"].as_str());
    let user = |id: Option<&str>| {
        let id = id.and_then(super::spelled).ok_or("people.id should be a valid uuid.")?;
        let user = workspace.user(&id).ok_or_else(|| format!("User {id} does not exist."))?;
        Ok(super::show::user(user))
    };
    ids.map(user).collect::<Result<Vec<_>, String>>().map(Value::Array)
}

fn date(name: &str, given: &Value) -> Result<Value, String> {
    if given.is_null() {
        return Ok(Value::Null);
    }
    let start = given["start"].as_str().unwrap_or_default();
    let valid = start.parse::<jiff::civil::Date>().is_ok() || start.parse::<sandbox::Timestamp>().is_ok();
    match valid {
        true => Ok(json!({ "start": start, "end": given["end"], "time_zone": given["time_zone"] })),
        false => Err(format!(
            "{name}.date.start should be a valid ISO 8601 date string, instead was `\"{start}\"`."
        )),
    }
}

fn selected(
    workspace: &mut Workspace,
    source: &str,
    name: &str,
    kind: &str,
    given: &Value,
) -> Result<Value, String> {
    match given {
        Value::Null => Ok(Value::Null),
        Value::Array(all) if kind == "multi_select" => {
            let all: Result<Vec<Value>, String> =
                all.iter().map(|one| option(workspace, source, name, kind, one)).collect();
            all.map(Value::Array)
        }
        one if kind != "multi_select" => option(workspace, source, name, kind, one),
        _ => Err(format!("{name} is expected to be {kind}.")),
    }
}

/// An option by name or id. One that is new comes into being, except for a status.
fn option(
    workspace: &mut Workspace,
    source: &str,
    name: &str,
    kind: &str,
    given: &Value,
) -> Result<Value, String> {
    let wanted = given["name"].as_str().or(given["id"].as_str()).unwrap_or_default();
    if wanted.is_empty() || wanted.contains(',') {
        return Err(format!("Invalid {kind} option, commas not allowed: {wanted}"));
    }
    let found = workspace.sources.iter_mut().find(|s| s.id == source);
    let column = found.and_then(|s| s.columns.iter_mut().find(|c| c.name == name || c.id == name));
    let Some(column) = column else { return Err(format!("{name} is not a property that exists.")) };
    let known = column.options.iter().find(|o| o.name == wanted || o.id == wanted).cloned();
    let option = match known {
        Some(option) => option,
        None if kind == "status" => {
            return Err(format!("Invalid status option. Status option \"{wanted}\" does not exist."));
        }
        None => {
            column.options.push(choice(wanted));
            choice(wanted)
        }
    };
    Ok(json!({ "id": option.id, "name": option.name, "color": "default" }))
}
