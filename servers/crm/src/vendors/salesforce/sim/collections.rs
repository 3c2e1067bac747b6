//! Several records in one request.
//!
//! Source: REST API Developer Guide, "sObject Collections".

use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::face::{body, error, not_found};
use super::record;
use super::schema::Object;
use super::store::Org;

/// Records of one request, at most.
const MOST: usize = 200;

#[derive(Deserialize)]
struct Collection {
    #[serde(default, rename = "allOrNone")]
    all_or_none: bool,
    records: Vec<Map<String, Value>>,
}

/// `POST /composite/sobjects`: each record says its type in `attributes`.
pub(super) fn create(org: &mut Org, ask: &Ask) -> Reply {
    let collection: Collection = ask.json()?;
    each(org, collection.all_or_none, &collection.records, |org, sent| {
        record::created(org, ask, typed(sent)?, sent)
    })
}

/// `PATCH /composite/sobjects`: each record has its `id` beside.
pub(super) fn update(org: &mut Org, ask: &Ask) -> Reply {
    let collection: Collection = ask.json()?;
    each(org, collection.all_or_none, &collection.records, |org, sent| {
        let mut sent = sent.clone();
        let id = sent.remove("Id").or_else(|| sent.remove("id"));
        let id = id.as_ref().and_then(Value::as_str).ok_or_else(not_found)?.to_owned();
        record::changed(org, ask, typed(&sent)?, &id, &sent)?;
        Ok(id)
    })
}

/// `DELETE /composite/sobjects?ids=`.
pub(super) fn delete(org: &mut Org, ask: &Ask) -> Reply {
    let ids: Vec<String> =
        ask.query("ids").unwrap_or_default().split(',').map(|id| id.trim().to_owned()).collect();
    each(org, ask.query("allOrNone") == Some("true"), &ids, |org, id| {
        let object = Object::of_id(id).filter(|object| object.writable).ok_or_else(not_found)?;
        org.remove(object, id).ok_or_else(not_found)?;
        Ok(id.clone())
    })
}

fn typed(sent: &Map<String, Value>) -> Result<&'static Object, Answer> {
    let name = sent.get("attributes").and_then(|attributes| attributes["type"].as_str()).unwrap_or_default();
    Object::named(name)
        .ok_or_else(|| error(400, "INVALID_TYPE", "the type of a record must be given in its attributes"))
}

/// Every record has its own outcome; with `all_or_none` one refusal undoes the others.
fn each<T>(
    org: &mut Org,
    all_or_none: bool,
    all: &[T],
    work: impl Fn(&mut Org, &T) -> Result<String, Answer>,
) -> Reply {
    if all.is_empty() || all.len() > MOST {
        return Err(error(400, "INVALID_INPUT", "between 1 and 200 records can be sent at a time"));
    }
    let before = all_or_none.then(|| org.clone());
    let mut outcomes: Vec<Value> = Vec::new();
    for one in all {
        outcomes.push(match work(org, one) {
            Ok(id) => json!({ "id": id, "success": true, "errors": [] }),
            Err(refused) => json!({ "success": false, "errors": errors(&refused) }),
        });
    }
    if let Some(before) = before.filter(|_| outcomes.iter().any(|outcome| outcome["success"] == false)) {
        *org = before;
        for outcome in outcomes.iter_mut().filter(|outcome| outcome["success"] == true) {
            let rolled_back = json!([{
                "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "fields": [],
                "message": "Record rolled back because not all records were valid and the request was using AllOrNone header",
            }]);
            *outcome = json!({ "success": false, "errors": rolled_back });
        }
    }
    Ok(Answer::json(200, outcomes))
}

/// Errors of a collection are told in other words than those of a request.
fn errors(refused: &Answer) -> Vec<Value> {
    let told = body(refused);
    let one = |error: &Value| {
        let fields = error.get("fields").cloned().unwrap_or_else(|| json!([]));
        json!({ "statusCode": error["errorCode"], "message": error["message"], "fields": fields })
    };
    told.as_array().into_iter().flatten().map(one).collect()
}
