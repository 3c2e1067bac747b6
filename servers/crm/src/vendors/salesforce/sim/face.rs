//! What every resource of the API shares.

use sandbox::{Answer, Ask};
use serde_json::{Value, json};

use super::ids;
use super::soql::Fault;

/// The org's id.
pub(super) const ORG: &str = "00DgL000000HaLdUAK";

/// The oldest version still served: those before 31 were retired in summer 2025.
const OLDEST: f64 = 31.0;

/// The newest version this org knows.
pub(super) const NEWEST: f64 = 67.0;

/// Salesforce's error body: a list of one.
pub(super) fn error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, json!([{ "message": message, "errorCode": code }]))
}

/// The same about fields.
pub(super) fn field_error(code: &str, message: &str, fields: &[&str]) -> Answer {
    Answer::json(400, json!([{ "message": message, "errorCode": code, "fields": fields }]))
}

/// A query's refusal.
pub(super) fn fault(fault: &Fault) -> Answer {
    error(400, fault.code, &fault.message)
}

pub(super) fn not_found() -> Answer {
    error(404, "NOT_FOUND", "The requested resource does not exist")
}

/// `v66.0` and the like. Errors: 404, as for every path that is not there.
pub(super) fn known_version(ask: &Ask) -> Result<(), Answer> {
    let number = ask.param("version").strip_prefix('v').and_then(|v| v.parse::<f64>().ok());
    let known = number.is_some_and(|v| (OLDEST..=NEWEST).contains(&v) && v.fract() == 0.0);
    let written = ask.param("version").ends_with(".0");
    if known && written { Ok(()) } else { Err(not_found()) }
}

/// The id of the user with this name.
pub(super) fn user_id(username: &str) -> String {
    ids::derived("005", username)
}

/// `Sforce-Query-Options: batchSize=500`, between 200 and 2,000.
pub(super) fn batch_size(ask: &Ask) -> usize {
    let options = ask.header("sforce-query-options").unwrap_or_default();
    let asked = options.split(',').find_map(|one| {
        let (name, value) = one.split_once('=')?;
        name.trim().eq_ignore_ascii_case("batchsize").then(|| value.trim().parse().ok()).flatten()
    });
    asked.unwrap_or(2_000_usize).clamp(200, 2_000)
}

/// The one element of an error body, for parts of a composite answer.
pub(super) fn body(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}
