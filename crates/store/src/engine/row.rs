//! Rows of either database.

use error::Result;
use jiff::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type};

use crate::fault;

/// The rows of one statement.
pub(crate) type Rows = Vec<Row>;

/// One row; columns are read by name.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    pub(crate) fn int(&self, column: &str) -> Result<i64> {
        self.get(column)
    }

    /// A column of milliseconds since 1970.
    pub(crate) fn time(&self, column: &str) -> Result<Timestamp> {
        Timestamp::from_millisecond(self.get(column)?).map_err(fault::garbled)
    }

    pub(crate) fn some_time(&self, column: &str) -> Result<Option<Timestamp>> {
        let millis: Option<i64> = self.get(column)?;
        millis.map(Timestamp::from_millisecond).transpose().map_err(fault::garbled)
    }

    pub(crate) fn text(&self, column: &str) -> Result<String> {
        self.get(column)
    }

    pub(crate) fn some_text(&self, column: &str) -> Result<Option<String>> {
        self.get(column)
    }

    pub(crate) fn bytes(&self, column: &str) -> Result<Vec<u8>> {
        self.get(column)
    }

    pub(crate) fn some_bytes(&self, column: &str) -> Result<Option<Vec<u8>>> {
        self.get(column)
    }

    fn get<T>(&self, column: &str) -> Result<T>
    where
        T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>,
    {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(fault::garbled)
    }
}
