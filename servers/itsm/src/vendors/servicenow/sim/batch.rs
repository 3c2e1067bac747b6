//! The Batch API (ServiceNow, "Batch API"): several requests to tables in one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::state::Instance;
use super::{failure, table};

#[derive(Deserialize)]
struct Batch {
    batch_request_id: Value,
    rest_requests: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    method: String,
    url: String,
    /// Base 64.
    body: Option<String>,
}

/// `POST /batch`.
pub(super) fn run(instance: &mut Instance, ask: &Ask) -> Reply {
    let batch: Batch = ask.json()?;
    let answers = batch.rest_requests.iter().map(|item| {
        let answer = Answer::from(one(instance, ask, item));
        let body = STANDARD.encode(&answer.body);
        json!({
            "id": item.id, "body": body, "status_code": answer.status.as_u16(),
            "status_text": answer.status.canonical_reason().unwrap_or_default(), "execution_time": 1,
            "headers": [{ "name": "Content-Type", "value": "application/json;charset=UTF-8" }],
        })
    });
    let answers: Vec<Value> = answers.collect();
    let id =
        batch.batch_request_id.as_str().map_or_else(|| batch.batch_request_id.to_string(), str::to_owned);
    Ok(Answer::json(
        200,
        json!({ "batch_request_id": id, "serviced_requests": answers, "unserviced_requests": [] }),
    ))
}

fn one(instance: &mut Instance, ask: &Ask, item: &Item) -> Reply {
    let call = call(ask, item).ok_or_else(|| {
        failure(400, &format!("Requested URI does not represent any resource: {}", item.url), None)
    })?;
    match (item.method.as_str(), call.sys_id.is_empty()) {
        ("GET", true) => table::list(instance, &call),
        ("POST", true) => table::create(instance, &call),
        ("GET", false) => table::get(instance, &call),
        ("PATCH" | "PUT", false) => table::update(instance, &call),
        ("DELETE", false) => table::delete(instance, &call),
        _ => Err(failure(405, "Method not supported", None)),
    }
}

/// `/api/now/table/incident/<sys_id>?sysparm_fields=...`, with a version or without.
fn call(ask: &Ask, item: &Item) -> Option<Call> {
    let (path, query) = item.url.split_once('?').unwrap_or((&item.url, ""));
    let rest = path.trim_start_matches('/').strip_prefix("api/now/")?;
    let rest = rest.strip_prefix("v1/").or_else(|| rest.strip_prefix("v2/")).unwrap_or(rest);
    let (name, sys_id) =
        rest.strip_prefix("table/").map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let body = item.body.as_deref().unwrap_or_default();
    Some(Call {
        table: name.to_owned(),
        sys_id: sys_id.to_owned(),
        path: path.to_owned(),
        query: pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
        body: Bytes::from(STANDARD.decode(body).ok()?),
        ..Call::of(ask)
    })
}
