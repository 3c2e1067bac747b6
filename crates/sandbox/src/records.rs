//! Vendor records with revisions.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use jiff::Timestamp;

/// A table of records by id, each with a version that every change raises and the times of its life.
#[derive(Clone, Debug)]
pub struct Records<T, K = String> {
    rows: BTreeMap<K, Row<T>>,
    last_number: u64,
}

/// One record and its history in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<T> {
    /// The record.
    pub value: T,
    /// 1 at creation, one more with each change.
    pub version: u64,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// Why a change was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// No such record.
    Missing,
    /// The caller's version is not this present one.
    Version(u64),
}

impl<T, K: Ord> Records<T, K> {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self { rows: BTreeMap::new(), last_number: 0 }
    }

    /// The next free number of this table, for ids: 1, 2, 3, ...
    pub fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Adds a record, replacing one of the same id.
    pub fn insert(&mut self, id: K, value: T, now: Timestamp) {
        self.insert_row(id, Row { value, version: 1, created: now, updated: now });
    }

    /// Adds a record with a past.
    pub fn insert_row(&mut self, id: K, row: Row<T>) {
        self.rows.insert(id, row);
    }

    /// A record.
    pub fn get<Q: Ord + ?Sized>(&self, id: &Q) -> Option<&Row<T>>
    where
        K: Borrow<Q>,
    {
        self.rows.get(id)
    }

    /// Changes a record and raises its version. With `expected`, only if that is its present version.
    /// Errors: [`Stale`], and nothing is changed.
    pub fn update<Q: Ord + ?Sized>(
        &mut self,
        id: &Q,
        expected: Option<u64>,
        now: Timestamp,
        change: impl FnOnce(&mut T),
    ) -> Result<&Row<T>, Stale>
    where
        K: Borrow<Q>,
    {
        let row = self.rows.get_mut(id).ok_or(Stale::Missing)?;
        if expected.is_some_and(|version| version != row.version) {
            return Err(Stale::Version(row.version));
        }
        change(&mut row.value);
        row.version += 1;
        row.updated = now;
        Ok(row)
    }

    /// Takes a record out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, id: &Q) -> Option<Row<T>>
    where
        K: Borrow<Q>,
    {
        self.rows.remove(id)
    }

    /// Every record, by id.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &Row<T>)> {
        self.rows.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl<T, K: Ord> Default for Records<T, K> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_raises_the_version_and_a_stale_one_changes_nothing() {
        let (born, later) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        let mut pages = Records::<&str>::new();
        pages.insert("7".into(), "draft", born);
        let row = pages.update("7", Some(1), later, |text| *text = "final").unwrap();
        assert_eq!((row.version, row.created, row.updated), (2, born, later));
        assert_eq!(pages.update("7", Some(1), later, |text| *text = "lost").err(), Some(Stale::Version(2)));
        assert_eq!(pages.get("7").map(|row| row.value), Some("final"));
        assert_eq!(pages.update("8", None, later, |_| {}).err(), Some(Stale::Missing));
    }
}
