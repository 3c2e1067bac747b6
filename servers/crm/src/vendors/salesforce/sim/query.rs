//! Queries and their pages.

use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::face::{batch_size, error, fault};
use super::ids;
use super::soql;
use super::store::Org;

/// The longest query (SOQL and SOSL Reference, "SOQL SELECT Syntax").
const LONGEST: usize = 100_000;

/// `GET /query?q=`.
pub(super) fn ask(org: &mut Org, ask: &Ask) -> Reply {
    let Some(text) = ask.query("q") else { return Err(no_query()) };
    result(org, ask, text, batch_size(ask), false)
}

/// `GET /queryAll?q=`: what is archived or deleted, too.
pub(super) fn ask_all(org: &mut Org, ask: &Ask) -> Reply {
    let Some(text) = ask.query("q") else { return Err(no_query()) };
    result(org, ask, text, batch_size(ask), true)
}

fn no_query() -> Answer {
    error(400, "MALFORMED_QUERY", "A query string has to be specified")
}

/// A query's first page, for a request of its own and for a part of a composite one.
pub(super) fn result(org: &mut Org, ask: &Ask, text: &str, size: usize, all: bool) -> Reply {
    if text.len() > LONGEST {
        return Err(error(
            400,
            "QUERY_TOO_COMPLICATED",
            "SOQL statements cannot be longer than 100000 characters.",
        ));
    }
    let version = ask.param("version").to_owned();
    let found = soql::run(org, text, ask.now, &version, all).map_err(|refused| fault(&refused))?;
    Ok(page(org, &version, found.total, found.records, size))
}

/// `GET /query/{locator}`.
pub(super) fn more(org: &mut Org, ask: &Ask) -> Reply {
    let shown = ask.param("locator");
    let (locator, start) = shown.rsplit_once('-').unwrap_or((shown, ""));
    let lost = || error(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
    let start: usize = start.parse().map_err(|_| lost())?;
    let (_, records) = org.cursors.iter().find(|(own, _)| own == locator).ok_or_else(lost)?;
    let (total, rest) = (records.len(), records.get(start..).ok_or_else(lost)?);
    let size = batch_size(ask);
    let (now, left) = rest.split_at(rest.len().min(size));
    let next = (!left.is_empty()).then(|| next_url(ask.param("version"), locator, start + now.len()));
    Ok(Answer::json(200, shaped(total, now.to_vec(), next)))
}

fn page(org: &mut Org, version: &str, total: usize, records: Vec<Value>, size: usize) -> Answer {
    if records.len() <= size {
        return Answer::json(200, shaped(total, records, None));
    }
    let locator = ids::fresh("0r8", org.next_number());
    let next = next_url(version, &locator, size);
    let first = records[..size].to_vec();
    org.keep(locator, records);
    Answer::json(200, shaped(total, first, Some(next)))
}

fn next_url(version: &str, locator: &str, start: usize) -> String {
    format!("/services/data/{version}/query/{locator}-{start}")
}

fn shaped(total: usize, records: Vec<Value>, next: Option<String>) -> Value {
    let mut body = json!({ "totalSize": total, "done": next.is_none(), "records": records });
    if let Some(next) = next {
        body["nextRecordsUrl"] = json!(next);
    }
    body
}
