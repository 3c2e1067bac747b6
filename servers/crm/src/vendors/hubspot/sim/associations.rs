//! What belongs together.

use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::batch::answered;
use super::objects::{self, number};
use super::state::{Kind, Portal};
use super::{allow, face, kind};

/// Associated records that one answer tells of each record and kind; a token says where it goes on. HubSpot does not
/// document how many; of the answers that were published, this is the least.
pub(super) const PAGE: usize = 100;

#[derive(Debug, Deserialize)]
struct Batch {
    inputs: Vec<Value>,
}

/// The number of the unlabeled association between two kinds, as far as the demo has them.
fn type_id(from: Kind, to: Kind) -> u32 {
    match (from, to) {
        (Kind::Contact, Kind::Company) => 279,
        (Kind::Company, Kind::Contact) => 280,
        (Kind::Deal, Kind::Company) => 341,
        (Kind::Company, Kind::Deal) => 342,
        (Kind::Ticket, Kind::Company) => 339,
        (Kind::Company, Kind::Ticket) => 340,
        (Kind::Deal, Kind::Contact) => 3,
        (Kind::Contact, Kind::Deal) => 4,
        (Kind::Contact, Kind::Ticket) => 15,
        (Kind::Ticket, Kind::Contact) => 16,
        (Kind::Task, Kind::Company) => 192,
        (Kind::Note, Kind::Company) => 190,
        (Kind::Call, Kind::Company) => 182,
        (Kind::Meeting, Kind::Company) => 188,
        (Kind::Email, Kind::Company) => 186,
        _ => 449,
    }
}

/// The number of the primary association from a kind to its company.
fn primary_id(from: Kind) -> u32 {
    match from {
        Kind::Contact => 1,
        Kind::Deal => 5,
        Kind::Ticket => 26,
        _ => 2,
    }
}

fn to(from: Kind, to: Kind, id: u64, primary: bool) -> Value {
    let plain = json!({ "category": "HUBSPOT_DEFINED", "typeId": type_id(from, to), "label": null });
    let types = match primary {
        true => vec![
            json!({ "category": "HUBSPOT_DEFINED", "typeId": primary_id(from), "label": "Primary" }),
            plain,
        ],
        false => vec![plain],
    };
    json!({ "toObjectId": id, "associationTypes": types })
}

fn sides(ask: &Ask) -> Result<(Kind, Kind), Answer> {
    let (from, to) = (kind(ask, "type")?, kind(ask, "to")?);
    allow(ask, from, false)?;
    Ok((from, to))
}

/// `GET /{type}/{id}/associations/{to}`.
pub(super) fn list(portal: &mut Portal, ask: &Ask) -> Reply {
    let (from, other) = sides(ask)?;
    let id = objects::found(portal, from, ask.param("id"), None)?.id;
    let tied = portal.tied((from, id), other);
    let results: Vec<Value> = tied.into_iter().map(|(id, primary)| to(from, other, id, primary)).collect();
    Ok(Answer::json(200, json!({ "results": results })))
}

/// `PUT /{type}/{id}/associations/default/{to}/{toId}`, and with labels of the account's own.
pub(super) fn put(portal: &mut Portal, ask: &Ask) -> Reply {
    let (from, other) = sides(ask)?;
    allow(ask, from, true)?;
    let id = objects::found(portal, from, ask.param("id"), None)?.id;
    let other_id = objects::found(portal, other, ask.param("toId"), None)?.id;
    portal.tie((from, id), (other, other_id), false);
    objects::touch(portal, (other, other_id), from, ask.now);
    Ok(answered(ask, 200, vec![pair(from, id, other, other_id)], Vec::new()))
}

fn pair(from: Kind, id: u64, to: Kind, to_id: u64) -> Value {
    json!({
        "from": { "id": id.to_string() },
        "to": { "id": to_id.to_string() },
        "associationSpec": { "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id(from, to) },
    })
}

/// `DELETE /{type}/{id}/associations/{to}/{toId}`.
pub(super) fn delete(portal: &mut Portal, ask: &Ask) -> Reply {
    let (from, other) = sides(ask)?;
    allow(ask, from, true)?;
    portal.untie((from, ask.param_as("id")?), (other, ask.param_as("toId")?));
    Ok(Answer::empty(204))
}

/// `POST /associations/{type}/{to}/batch/read`: records without any are missing, and counted as errors. The oldest are
/// told first; `paging` stands beside those that have more, and its token beside their id has the next page.
pub(super) fn batch_read(portal: &mut Portal, ask: &Ask) -> Reply {
    let (from, other) = sides(ask)?;
    let body: Batch = ask.json()?;
    if body.inputs.len() > 1000 {
        return Err(face::invalid("inputs", "The number of inputs may not exceed 1000"));
    }
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for input in &body.inputs {
        let id = number(&input["id"]).unwrap_or(0);
        let after = match &input["after"] {
            Value::Null => 0,
            token => number(token).ok_or_else(|| face::invalid("after", "The paging token is not valid"))?,
        };
        let mut tied = portal.tied((from, id), other);
        tied.retain(|(tied, _)| *tied > after);
        if tied.is_empty() {
            errors.push(json!({
                "status": "error",
                "category": "OBJECT_NOT_FOUND",
                "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
                "message": format!("No {} is associated with {} {id}.", other.singular(), from.singular()),
                "context": { "fromObjectId": [id.to_string()] },
            }));
            continue;
        }
        let next = (tied.len() > PAGE).then(|| tied[PAGE - 1].0);
        tied.truncate(PAGE);
        let tied: Vec<Value> = tied.into_iter().map(|(id, primary)| to(from, other, id, primary)).collect();
        let mut result = json!({ "from": { "id": id.to_string() }, "to": tied });
        if let Some(after) = next {
            result["paging"] = objects::next(ask, &after.to_string());
        }
        results.push(result);
    }
    Ok(answered(ask, 200, results, errors))
}

/// `POST /associations/{type}/{to}/batch/associate/default`.
pub(super) fn batch_default(portal: &mut Portal, ask: &Ask) -> Reply {
    tie_all(portal, ask, 200)
}

/// `POST /associations/{type}/{to}/batch/create`.
pub(super) fn batch_create(portal: &mut Portal, ask: &Ask) -> Reply {
    tie_all(portal, ask, 201)
}

fn tie_all(portal: &mut Portal, ask: &Ask, status: u16) -> Reply {
    let (from, other) = sides(ask)?;
    allow(ask, from, true)?;
    let body: Batch = ask.json()?;
    let mut results = Vec::new();
    for input in &body.inputs {
        let id = |side: &str| number(&input[side]["id"]).map(|id| id.to_string()).unwrap_or_default();
        let (id, other_id) = (
            objects::found(portal, from, &id("from"), None)?.id,
            objects::found(portal, other, &id("to"), None)?.id,
        );
        portal.tie((from, id), (other, other_id), false);
        results.push(pair(from, id, other, other_id));
    }
    Ok(answered(ask, status, results, Vec::new()))
}

/// `GET /associations/{type}/{to}/labels`.
pub(super) fn labels(_: &mut Portal, ask: &Ask) -> Reply {
    let (from, to) = sides(ask)?;
    let mut labels =
        vec![json!({ "category": "HUBSPOT_DEFINED", "typeId": type_id(from, to), "label": null })];
    if to == Kind::Company && !from.is_activity() {
        labels.push(json!({ "category": "HUBSPOT_DEFINED", "typeId": primary_id(from), "label": "Primary" }));
    }
    Ok(Answer::json(200, json!({ "results": labels })))
}
