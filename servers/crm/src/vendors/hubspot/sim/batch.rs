//! Records by the hundred.

use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::objects::{self, Input};
use super::state::{Kind, Portal, at};
use super::{allow, face, kind};

/// Inputs of one batch, at most.
const MOST: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Read {
    #[serde(default)]
    properties: Vec<String>,
    #[serde(default, rename = "propertiesWithHistory")]
    _history: Vec<String>,
    #[serde(default)]
    id_property: Option<String>,
    inputs: Vec<ReadInput>,
}

#[derive(Debug, Deserialize)]
struct ReadInput {
    id: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Write {
    inputs: Vec<Input>,
}

fn limited<T>(inputs: Vec<T>) -> Result<Vec<T>, Answer> {
    if inputs.len() > MOST {
        return Err(face::invalid("inputs", "The number of inputs may not exceed 100"));
    }
    Ok(inputs)
}

/// The answer to a batch: 207 where some inputs failed.
pub(super) fn answered(ask: &Ask, status: u16, results: Vec<Value>, errors: Vec<Value>) -> Answer {
    let mut body = json!({
        "status": "COMPLETE",
        "results": results,
        "startedAt": at(ask.now),
        "completedAt": at(ask.now),
    });
    if errors.is_empty() {
        return Answer::json(status, body);
    }
    body["numErrors"] = json!(errors.len());
    body["errors"] = json!(errors);
    Answer::json(207, body)
}

/// What a batch says of inputs that name nothing.
fn not_found(ids: &[String]) -> Vec<Value> {
    if ids.is_empty() {
        return Vec::new();
    }
    vec![json!({
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": "Could not get some objects, they may be deleted or not exist. Check that ids are valid.",
        "context": { "ids": ids },
    })]
}

fn text(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// `POST /{type}/batch/read`.
pub(super) fn read(portal: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    allow(ask, kind, false)?;
    let body: Read = ask.json()?;
    let (mut results, mut missing) = (Vec::new(), Vec::new());
    for input in limited(body.inputs)? {
        let id = text(&input.id);
        match objects::found(portal, kind, &id, body.id_property.as_deref()) {
            Ok(record) => results.push(portal.show(kind, record, &body.properties)),
            Err(_) => missing.push(id),
        }
    }
    Ok(answered(ask, 200, results, not_found(&missing)))
}

/// `POST /{type}/batch/create`: all or none.
pub(super) fn create(portal: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    allow(ask, kind, true)?;
    let body: Write = ask.json()?;
    for input in &body.inputs {
        objects::checked(portal, kind, &input.properties)?;
    }
    let mut results = Vec::new();
    for input in limited(body.inputs)? {
        let id = objects::add(portal, kind, input, ask.now)?;
        results.extend(shown(portal, kind, id));
    }
    Ok(answered(ask, 201, results, Vec::new()))
}

fn shown(portal: &Portal, kind: Kind, id: u64) -> Option<Value> {
    portal.get(kind, id).map(|record| portal.show(kind, record, &objects::names(record)))
}

/// `POST /{type}/batch/update`.
pub(super) fn update(portal: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    allow(ask, kind, true)?;
    let body: Write = ask.json()?;
    let (mut results, mut missing) = (Vec::new(), Vec::new());
    for input in limited(body.inputs)? {
        let id = input.id.as_ref().map(text).unwrap_or_default();
        match objects::found(portal, kind, &id, input.id_property.as_deref()).map(|record| record.id) {
            Ok(id) => {
                objects::update(portal, kind, id, &input.properties, ask.now)?;
                results.extend(shown(portal, kind, id));
            }
            Err(_) => missing.push(id),
        }
    }
    Ok(answered(ask, 200, results, not_found(&missing)))
}

/// `POST /{type}/batch/upsert`: by a unique property.
pub(super) fn upsert(portal: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    allow(ask, kind, true)?;
    let body: Write = ask.json()?;
    let mut results = Vec::new();
    for mut input in limited(body.inputs)? {
        let (id, property) =
            (input.id.take().map(|id| text(&id)).unwrap_or_default(), input.id_property.take());
        let existing = objects::found(portal, kind, &id, property.as_deref()).map(|record| record.id);
        let (id, new) = match existing {
            Ok(id) => {
                objects::update(portal, kind, id, &input.properties, ask.now)?;
                (id, false)
            }
            Err(_) => {
                if let Some(property) = property.filter(|p| p != "hs_object_id") {
                    input.properties.entry(property).or_insert_with(|| json!(id));
                }
                (objects::add(portal, kind, input, ask.now)?, true)
            }
        };
        if let Some(mut one) = shown(portal, kind, id) {
            one["new"] = json!(new);
            results.push(one);
        }
    }
    Ok(answered(ask, 200, results, Vec::new()))
}

/// `POST /{type}/batch/archive`.
pub(super) fn archive(portal: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    allow(ask, kind, true)?;
    let body: Write = ask.json()?;
    for input in limited(body.inputs)? {
        let id = input.id.as_ref().and_then(objects::number).unwrap_or(0);
        if let Some(record) = portal.records.get_mut(&(kind, id)) {
            record.archived = true;
        }
    }
    Ok(Answer::empty(204))
}
