//! Several requests in one.
//!
//! Source: REST API Developer Guide, "Composite" and "Composite Batch".

use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::describe;
use super::face::{body, error, not_found};
use super::query;
use super::schema::Object;
use super::store::{Org, text};

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
}

/// `POST /composite`: every part has its own status. Only reading parts are simulated.
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
    let mut answers = Vec::new();
    for part in &composite.parts {
        let named = part.reference.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.reference.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !named {
            return Err(error(400, "INVALID_INPUT", "Provided referenceId is invalid"));
        }
        let answer = match of_version(part) {
            Some(url) => one(org, ask, &part.method, &url),
            None => error(400, "INVALID_INPUT", "The url of a subrequest must be of the same version"),
        };
        answers.push((answer, part.reference.clone()));
    }
    let failed = answers.iter().any(|(answer, _)| answer.status.as_u16() >= 400);
    let halted = composite.all_or_none && failed;
    let shown = answers.into_iter().map(|(answer, reference)| {
        let kept = !halted || answer.status.as_u16() >= 400;
        let answer = if kept {
            answer
        } else {
            let message =
                "The transaction was rolled back since another operation in the same transaction failed.";
            error(400, "PROCESSING_HALTED", message)
        };
        json!({
            "body": body(&answer), "httpHeaders": {}, "httpStatusCode": answer.status.as_u16(),
            "referenceId": reference,
        })
    });
    let shown: Vec<Value> = shown.collect();
    Ok(Answer::json(200, json!({ "compositeResponse": shown })))
}

/// `POST /composite/batch`.
pub(super) fn batch(org: &mut Org, ask: &Ask) -> Reply {
    let batch: Batch = ask.json()?;
    limited(&batch.parts)?;
    let prefix = format!("{}/", ask.param("version"));
    let mut results = Vec::new();
    for part in &batch.parts {
        let url = part.url.trim_start_matches('/').strip_prefix(&prefix).map(str::to_owned);
        let answer = url.map_or_else(not_found, |url| one(org, ask, &part.method, &url));
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
fn one(org: &mut Org, ask: &Ask, method: &str, url: &str) -> Answer {
    if method != "GET" {
        return error(405, "METHOD_NOT_ALLOWED", "the simulator takes only GET within a composite request");
    }
    let (path, parameters) = url.split_once('?').unwrap_or((url, ""));
    let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    match parts.as_slice() {
        ["query" | "queryAll"] => {
            let mut pairs = form_urlencoded::parse(parameters.as_bytes());
            let q = pairs.find(|(name, _)| name == "q").map(|(_, q)| q.into_owned()).unwrap_or_default();
            Answer::from(query::result(org, ask, &q, 2_000))
        }
        ["sobjects", object, "describe"] => {
            let object = Object::named(object);
            object.map_or_else(not_found, |o| Answer::json(200, describe::described(org, o, ask)))
        }
        ["sobjects", object, id] => {
            let row = Object::named(object).and_then(|object| org.row(object, id));
            row.map_or_else(not_found, |row| {
                let kind = json!({ "type": object, "url": format!("/services/data/{}/{path}", ask.param("version")) });
                let mut body = json!(row);
                body["attributes"] = kind;
                body["Id"] = json!(text(row, "Id"));
                Answer::json(200, body)
            })
        }
        _ => not_found(),
    }
}
