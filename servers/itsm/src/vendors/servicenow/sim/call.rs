//! One request to the Table API: by itself, or one of a batch.

use bytes::Bytes;
use jiff::Timestamp;
use sandbox::{Answer, Ask};

use super::failure;

/// What is asked of a table.
pub(super) struct Call {
    pub(super) table: String,
    /// Empty where the whole table is asked.
    pub(super) sys_id: String,
    /// The path, for links.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Bytes,
    /// The caller's user name.
    pub(super) who: String,
    pub(super) now: Timestamp,
    /// Scheme, host and port, for links.
    pub(super) origin: String,
}

impl Call {
    /// A request by itself.
    pub(super) fn of(ask: &Ask) -> Self {
        Self {
            table: ask.param("table").to_owned(),
            sys_id: ask.param("sys_id").to_owned(),
            path: ask.path.clone(),
            query: ask.query.clone(),
            body: ask.body.clone(),
            who: ask.who().to_owned(),
            now: ask.now,
            origin: ask.origin.clone(),
        }
    }

    /// The first query parameter of this name.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter is set; clients spell `true` as their language does.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A parameter that is a number. Errors: 400 for anything else, and for what is below zero.
    pub(super) fn number(&self, name: &str, default: usize) -> Result<usize, Answer> {
        let Some(text) = self.query(name).filter(|text| !text.is_empty()) else { return Ok(default) };
        text.parse().map_err(|_| {
            failure(400, &format!("Invalid value for {name}: {text}"), Some("Pagination not supported"))
        })
    }
}
