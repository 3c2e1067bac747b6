//! The org's records.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sandbox::Records;
use serde_json::{Value, json};

use super::ids;
use super::schema::{OBJECTS, Object};

/// One org.
#[derive(Clone)]
pub(super) struct Org {
    tables: BTreeMap<&'static str, Records<Row>>,
    /// The recycle bin, by id: what was deleted is told from what never was.
    deleted: BTreeMap<String, Row>,
    /// Results that clients still page through: locator and records, the newest last.
    pub(super) cursors: Vec<(String, Vec<Value>)>,
    pub(super) last_number: u64,
}

/// A record's values by canonical field name; absent is null. Dates and times are texts as the API writes them.
pub(super) type Row = BTreeMap<&'static str, Value>;

/// Open results per org, at most; the oldest is forgotten first.
const MOST_CURSORS: usize = 50;

impl Org {
    pub(super) fn new() -> Self {
        let tables = OBJECTS.iter().map(|object| (object.name, Records::new())).collect();
        Self { tables, deleted: BTreeMap::new(), cursors: Vec::new(), last_number: 0 }
    }

    /// The records of an object, by id.
    pub(super) fn rows(&self, object: &Object) -> impl Iterator<Item = &Row> {
        self.tables.get(object.name).into_iter().flat_map(Records::iter).map(|(_, row)| &row.value)
    }

    /// A record by its id in either form.
    pub(super) fn row(&self, object: &Object, id: &str) -> Option<&Row> {
        let id = ids::long(id)?;
        self.tables.get(object.name)?.get(&id).map(|row| &row.value)
    }

    /// A record of whatever object its id says.
    pub(super) fn any(&self, id: &str) -> Option<&Row> {
        self.row(Object::of_id(id)?, id)
    }

    /// Adds a record or takes its place. The row has its id.
    pub(super) fn put(&mut self, object: &Object, row: Row, now: Timestamp) {
        let id = text(&row, "Id").to_owned();
        if let Some(table) = self.tables.get_mut(object.name) {
            table.insert(id, row, now);
        }
    }

    /// Changes one field the way the system does: neither author nor time of the last change move.
    pub(super) fn touch(&mut self, id: &str, field: &'static str, value: Value, now: Timestamp) {
        let Some(object) = Object::of_id(id) else { return };
        let Some(table) = self.tables.get_mut(object.name) else { return };
        // A record that is gone has nothing to touch.
        let _ = table.update(id, None, now, |row| {
            row.insert(field, value);
        });
    }

    pub(super) fn remove(&mut self, object: &Object, id: &str) -> Option<()> {
        let id = ids::long(id)?;
        let mut row = self.tables.get_mut(object.name)?.remove(&id)?.value;
        row.insert("IsDeleted", json!(true));
        self.deleted.insert(id, row);
        Some(())
    }

    /// What of an object lies in the recycle bin.
    pub(super) fn deleted(&self, object: &Object) -> impl Iterator<Item = &Row> {
        self.deleted.values().filter(|row| text(row, "Id").starts_with(object.prefix))
    }

    /// Whether there was such a record.
    pub(super) fn was_deleted(&self, id: &str) -> bool {
        ids::long(id).is_some_and(|id| self.deleted.contains_key(&id))
    }

    /// A number that no record bears yet.
    pub(super) fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Keeps what is left of a result.
    pub(super) fn keep(&mut self, locator: String, rest: Vec<Value>) {
        self.cursors.push((locator, rest));
        if self.cursors.len() > MOST_CURSORS {
            self.cursors.remove(0);
        }
    }
}

/// A text of a row; empty if it is null.
pub(super) fn text<'a>(row: &'a Row, field: &str) -> &'a str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A flag of a row.
pub(super) fn flag(row: &Row, field: &str) -> bool {
    row.get(field).and_then(Value::as_bool).unwrap_or_default()
}

/// A time as the API writes it: `2026-11-21T08:00:00.000+0000`.
pub(super) fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
}

/// A time as clients write it: with milliseconds or without, with any offset.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok().or_else(|| text.parse().ok())
}

/// The day of a time, in UTC, which is every demo user's zone.
pub(super) fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// A value, or null.
pub(super) fn or_null<T: serde::Serialize>(value: Option<T>) -> Value {
    value.map_or(Value::Null, |value| json!(value))
}
