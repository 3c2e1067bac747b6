//! What the simulated instance holds: rows of text by table.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::choices;
use super::schema::{Kind, Table};

/// One record: field to value. A field that is not there is empty.
pub(super) type Row = BTreeMap<String, String>;

/// The instance.
#[derive(Default)]
pub(super) struct Instance {
    tables: BTreeMap<&'static str, BTreeMap<String, Row>>,
    numbers: BTreeMap<&'static str, u64>,
    serial: u64,
    /// Who is on call, and when.
    pub(super) shifts: Vec<Shift>,
    /// Catalog items that, once ordered, end the trouble of a service: item to service.
    pub(super) cures: Vec<(String, String)>,
}

/// A person's turn.
pub(super) struct Shift {
    pub(super) rota: String,
    pub(super) group: String,
    pub(super) user: String,
    pub(super) order: u8,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

/// Times of day are shown in the zone of the integration's user, which is not UTC: a client that reads what is shown
/// instead of what is stored is an hour off.
const SHOWN_IN: Offset = Offset::constant(1);

impl Instance {
    /// The rows of a table: of its own class where it extends another.
    pub(super) fn rows(&self, table: &'static Table) -> impl Iterator<Item = &Row> {
        let all = self.tables.get(table.stored_in()).into_iter().flat_map(BTreeMap::values);
        all.filter(move |row| table.extends.is_none() || value(row, "sys_class_name") == table.name)
    }

    /// A row.
    pub(super) fn row(&self, table: &'static Table, sys_id: &str) -> Option<&Row> {
        let row = self.tables.get(table.stored_in())?.get(sys_id)?;
        (table.extends.is_none() || value(row, "sys_class_name") == table.name).then_some(row)
    }

    /// The first row whose field has this value.
    pub(super) fn find(&self, table: &'static str, field: &str, wanted: &str) -> Option<&Row> {
        self.rows(Table::named(table)?).find(|row| value(row, field) == wanted)
    }

    /// Puts a row in the place of the one with its `sys_id`.
    pub(super) fn put(&mut self, table: &'static Table, row: Row) {
        let id = value(&row, "sys_id").to_owned();
        self.tables.entry(table.stored_in()).or_default().insert(id, row);
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, table: &'static Table, sys_id: &str) -> bool {
        self.tables.get_mut(table.stored_in()).is_some_and(|rows| rows.remove(sys_id).is_some())
    }

    /// A new row's `sys_id`.
    pub(super) fn next_id(&mut self, now: Timestamp) -> String {
        self.serial += 1;
        sys_id("new", &format!("{} {}", self.serial, now.as_nanosecond()))
    }

    /// The next number of a table: `INC0010001`.
    pub(super) fn next_number(&mut self, table: &'static Table) -> Option<String> {
        let prefix = table.prefix?;
        let last = self.numbers.entry(table.name).or_insert(10_000);
        *last += 1;
        Some(format!("{prefix}{last:07}"))
    }

    /// Keeps numbers above one that is used.
    pub(super) fn reserve(&mut self, table: &'static Table, number: &str) {
        let digits = number.trim_start_matches(|c: char| !c.is_ascii_digit());
        let last = self.numbers.entry(table.name).or_insert(10_000);
        *last = (*last).max(digits.parse().unwrap_or(0));
    }

    /// What a person sees in a field.
    pub(super) fn shown(&self, table: &'static Table, row: &Row, field: &str) -> String {
        let raw = value(row, field);
        match table.kind(field) {
            Some(Kind::Reference(to)) => self.label(to, raw),
            Some(Kind::Choice) => choices::label(table, field, raw).unwrap_or(raw).to_owned(),
            Some(Kind::Time) => time(raw).map_or_else(|| raw.to_owned(), shown_time),
            Some(Kind::Journal) => self.thread(value(row, "sys_id"), field),
            _ => raw.to_owned(),
        }
    }

    /// What a record is shown by, wherever it is referred to.
    pub(super) fn label(&self, table: &str, sys_id: &str) -> String {
        let found = Table::named(table).and_then(|table| Some((table, self.row(table, sys_id)?)));
        found.map_or_else(|| sys_id.to_owned(), |(table, row)| value(row, table.display).to_owned())
    }

    /// A journal as the form shows it, newest first.
    fn thread(&self, sys_id: &str, field: &str) -> String {
        let Some(journal) = Table::named("sys_journal_field") else { return String::new() };
        let mut entries: Vec<&Row> = self
            .rows(journal)
            .filter(|entry| value(entry, "element_id") == sys_id && value(entry, "element") == field)
            .collect();
        entries.sort_by(|a, b| value(b, "sys_created_on").cmp(value(a, "sys_created_on")));
        let kind = if field == "comments" { "Additional comments" } else { "Work notes" };
        let shown = |entry: &Row| {
            let at = time(value(entry, "sys_created_on")).map(shown_time).unwrap_or_default();
            format!("{at} - {} ({kind})\n{}\n\n", value(entry, "sys_created_by"), value(entry, "value"))
        };
        entries.into_iter().map(shown).collect()
    }
}

/// A field's value; empty if it has none.
pub(super) fn value<'r>(row: &'r Row, field: &str) -> &'r str {
    row.get(field).map(String::as_str).unwrap_or_default()
}

/// The same record has the same `sys_id` in every run.
pub(in super::super) fn sys_id(table: &str, key: &str) -> String {
    // FNV-1a over 128 bits: it only has to tell keys apart.
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let step = |hash: u128, byte: u8| (hash ^ u128::from(byte)).wrapping_mul(PRIME);
    format!("{:032x}", table.bytes().chain([b'/']).chain(key.bytes()).fold(BASIS, step))
}

/// Whether this is one.
pub(super) fn is_sys_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// A time as it is stored.
pub(super) fn stored_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn shown_time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(SHOWN_IN)).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Reads a stored time.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let (day, hour) = text.split_once(' ')?;
    format!("{day}T{hour}Z").parse().ok()
}
