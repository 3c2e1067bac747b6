//! The books: the rows of every set, and who may write.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sandbox::{Records, Row as Record};

use super::catalog;
use super::filter::Scope;
use super::schema::{EntitySet, Navigation, Service};
use super::session::Sessions;
use super::value::{Row, get};

/// A row's key: the texts of its key properties.
pub(super) type Key = Vec<String>;

/// The state of the system.
pub(crate) struct Ledger {
    tables: BTreeMap<&'static str, Records<Row, Key>>,
    pub(super) sessions: Sessions,
    numbers: BTreeMap<&'static str, u64>,
}

impl Ledger {
    /// Empty books.
    pub(super) fn new() -> Self {
        Self { tables: BTreeMap::new(), sessions: Sessions::default(), numbers: BTreeMap::new() }
    }

    /// Adds a row to the set of this name, wherever it is.
    pub(super) fn insert(&mut self, set: &str, row: Row, now: Timestamp) {
        if let Some(set) = catalog::set(set) {
            self.tables.entry(set.name).or_default().insert(key_of(set, &row), row, now);
        }
    }

    /// The rows of a set, by key.
    pub(super) fn rows(&self, set: &EntitySet) -> impl Iterator<Item = &Record<Row>> {
        self.tables.get(set.name).into_iter().flat_map(|table| table.iter().map(|(_, record)| record))
    }

    /// One row.
    pub(super) fn row(&self, set: &EntitySet, key: &Key) -> Option<&Record<Row>> {
        self.tables.get(set.name)?.get(key)
    }

    /// Changes one row.
    pub(super) fn change(&mut self, set: &EntitySet, key: &Key, now: Timestamp, edit: impl FnOnce(&mut Row)) {
        if let Some(table) = self.tables.get_mut(set.name) {
            let _ = table.update(key, None, now, edit);
        }
    }

    /// The next number of a range that begins after `first`.
    pub(super) fn next_number(&mut self, range: &'static str, first: u64) -> u64 {
        let last = self.numbers.entry(range).or_insert(first);
        *last += 1;
        *last
    }

    /// The entities that a navigation leads to.
    pub(super) fn follow<'a>(&'a self, from: Scope<'a>, navigation: &str) -> Vec<Scope<'a>> {
        let found = from.set.navigation(navigation).and_then(|n| Some((n, from.service.set(n.target)?)));
        let Some((navigation, set)) = found else { return Vec::new() };
        let scope = |record: &'a Record<Row>| Scope { set, row: &record.value, ..from };
        self.targets(from.set, from.row, navigation, set).map(scope).collect()
    }

    /// The rows of `set` that `navigation` leads to from a row.
    pub(super) fn targets<'a>(
        &'a self,
        from: &'static EntitySet,
        row: &'a Row,
        navigation: &'static Navigation,
        set: &'static EntitySet,
    ) -> impl Iterator<Item = &'a Record<Row>> {
        let wanted: Vec<_> = navigation
            .on
            .iter()
            .filter_map(|(own, theirs)| Some((set.property(theirs)?, get(row, from.property(own)?))))
            .collect();
        self.rows(set).filter(move |record| wanted.iter().all(|(p, value)| get(&record.value, p) == *value))
    }
}

/// The key of a row.
pub(super) fn key_of(set: &EntitySet, row: &Row) -> Key {
    set.keys.iter().filter_map(|name| set.property(name)).map(|p| get(row, p).key()).collect()
}

/// The ETag of a row, weak as SAP's are.
pub(super) fn etag(record: &Record<Row>) -> String {
    let changed = record.updated.strftime("%Y%m%d%H%M%S");
    format!("W/\"SADL-0{changed}C~{:07}\"", record.version)
}

/// A service with one of its sets.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) service: &'static Service,
    pub(super) set: &'static EntitySet,
}
