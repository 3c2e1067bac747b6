//! Several requests in one.
//!
//! Source: REST API Developer Guide, "Composite" and "Composite Batch".

use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::describe;
use super::face::{body, error, not_found};
use super::query;
use super::record;
use super::schema::Object;
use super::store::Org;

/// Parts of one request, at most.
const MOST: usize = 25;

/// Queries among them, at most; a batch has no such limit.
const MOST_QUERIES: usize = 5;

#[derive(Deserialize)]
struct Composite {
    #[serde(default, rename = "allOrNone")]
    all_or_none: bool,
    #[serde(rename = "compositeRequest")]
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "batchRequests")]
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    method: String,
    url: String,
    #[serde(default, rename = "referenceId")]
    reference: String,
    #[serde(default, alias = "richInput")]
    body: Map<String, Value>,
}

/// `POST /composite`: every part has its own status, and later ones may refer to earlier ones.
pub(super) fn run(org: &mut Org, ask: &Ask) -> Reply {
    let composite: Composite = ask.json()?;
    limited(&composite.parts)?;
    let prefix = format!("/services/data/{}/", ask.param("version"));
    let of_version = |part: &Part| part.url.strip_prefix(&prefix).map(str::to_owned);
    let queries = composite.parts.iter().filter_map(of_version).filter(|url| url.starts_with("query"));
    if queries.count() > MOST_QUERIES {
        let message = "Limit of 5 query and sobject collection operations reached in a composite request";
        return Err(error(400, "INVALID_INPUT", message));
    }
    let before = composite.all_or_none.then(|| org.clone());
    let mut answers: Vec<(String, u16, Value)> = Vec::new();
    for part in &composite.parts {
        if !is_reference(&part.reference) {
            return Err(error(400, "INVALID_INPUT", "Provided referenceId is invalid"));
        }
        let answer = match of_version(part) {
            Some(url) => {
                one(org, ask, &part.method, &filled(&url, &answers), &filled_in(&part.body, &answers))
            }
            None => error(400, "INVALID_INPUT", "The url of a subrequest must be of the same version"),
        };
        answers.push((part.reference.clone(), answer.status.as_u16(), body(&answer)));
    }
    if let Some(before) = before.filter(|_| answers.iter().any(|(_, status, _)| *status >= 400)) {
        *org = before;
        for (_, status, body) in answers.iter_mut().filter(|(_, status, _)| *status < 400) {
            let message =
                "The transaction was rolled back since another operation in the same transaction failed.";
            (*status, *body) = (400, json!([{ "errorCode": "PROCESSING_HALTED", "message": message }]));
        }
    }
    let shown = answers.into_iter().map(|(reference, status, body)| {
        json!({ "body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": reference })
    });
    Ok(Answer::json(200, json!({ "compositeResponse": shown.collect::<Vec<Value>>() })))
}

fn is_reference(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// `@{part.field}` stands for what an earlier part answered.
fn filled(text: &str, answers: &[(String, u16, Value)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        let Some((name, after)) = after.split_once('}') else { break };
        let (reference, path) = name.split_once('.').unwrap_or((name, ""));
        let own = answers.iter().find(|(known, ..)| known == reference).map(|(_, _, body)| body);
        let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
        let value = own.and_then(|body| body.pointer(&pointer));
        out.push_str(before);
        out.push_str(value.and_then(Value::as_str).unwrap_or_default());
        rest = after;
    }
    out.push_str(rest);
    out
}

fn filled_in(body: &Map<String, Value>, answers: &[(String, u16, Value)]) -> Map<String, Value> {
    let one =
        |value: &Value| value.as_str().map_or_else(|| value.clone(), |text| json!(filled(text, answers)));
    body.iter().map(|(name, value)| (name.clone(), one(value))).collect()
}

/// `POST /composite/batch`.
pub(super) fn batch(org: &mut Org, ask: &Ask) -> Reply {
    let batch: Batch = ask.json()?;
    limited(&batch.parts)?;
    let prefix = format!("{}/", ask.param("version"));
    let mut results = Vec::new();
    for part in &batch.parts {
        let url = part.url.trim_start_matches('/').strip_prefix(&prefix).map(str::to_owned);
        let answer = url.map_or_else(not_found, |url| one(org, ask, &part.method, &url, &part.body));
        results.push(json!({ "statusCode": answer.status.as_u16(), "result": body(&answer) }));
    }
    let bad = |result: &Value| result["statusCode"].as_u64().is_some_and(|status| status >= 400);
    Ok(Answer::json(200, json!({ "hasErrors": results.iter().any(bad), "results": results })))
}

/// `GET /composite`.
pub(super) fn resources(_: &mut Org, ask: &Ask) -> Reply {
    let base = format!("/services/data/{}/composite", ask.param("version"));
    Ok(Answer::json(200, json!({ "batch": format!("{base}/batch") })))
}

fn limited(parts: &[Part]) -> Result<(), Answer> {
    if parts.is_empty() || parts.len() > MOST {
        let message = "The number of subrequests must be between 1 and 25";
        return Err(error(400, "INVALID_INPUT", message));
    }
    Ok(())
}

/// One part: a query, a description or a record.
fn one(org: &mut Org, ask: &Ask, method: &str, url: &str, sent: &Map<String, Value>) -> Answer {
    let (path, parameters) = url.split_once('?').unwrap_or((url, ""));
    let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let named = |name: &str| Object::named(name).ok_or_else(not_found);
    let reply = match (method, parts.as_slice()) {
        ("GET", [resource @ ("query" | "queryAll")]) => {
            let mut pairs = form_urlencoded::parse(parameters.as_bytes());
            let q = pairs.find(|(name, _)| name == "q").map(|(_, q)| q.into_owned()).unwrap_or_default();
            query::result(org, ask, &q, 2_000, *resource == "queryAll")
        }
        ("GET", ["sobjects", object, "describe"]) => {
            named(object).map(|object| Answer::json(200, describe::described(org, object, ask)))
        }
        ("GET", ["sobjects", object, id]) => named(object).and_then(|object| {
            let row = org.row(object, id).ok_or_else(not_found)?;
            let mut shown = json!(row);
            shown["attributes"] = json!({ "type": object.name, "url": format!("/services/data/{}/{path}", ask.param("version")) });
            Ok(Answer::json(200, shown))
        }),
        ("POST", ["sobjects", object]) => named(object).and_then(|object| {
            let id = record::created(org, ask, object, sent)?;
            Ok(Answer::json(201, json!({ "id": id, "success": true, "errors": [] })))
        }),
        ("PATCH", ["sobjects", object, id]) => named(object).and_then(|object| {
            record::changed(org, ask, object, id, sent)?;
            Ok(Answer::empty(204))
        }),
        _ => Err(not_found()),
    };
    Answer::from(reply)
}
