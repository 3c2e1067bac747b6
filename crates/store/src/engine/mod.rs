//! Statements and the databases that run them. Both speak the same text: `$1` for arguments, `ON CONFLICT`,
//! `RETURNING`; a script of several statements is one transaction.

mod migrations;
mod permissions;
mod postgres;
mod row;
mod sqlite;

use call::Clock;
use error::Result;

pub(crate) use row::{Row, Rows};

use crate::{Location, Settings};

/// One statement and its arguments, in order.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    sql: &'static str,
    arguments: Vec<Value>,
}

impl Statement {
    pub(crate) fn new(sql: &'static str) -> Self {
        Self { sql, arguments: Vec::new() }
    }

    /// Adds the next argument: the first is `$1`.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.arguments.push(value.into());
        self
    }
}

/// An argument.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(i64),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(Some(value.to_owned()))
    }
}

impl From<Option<&[u8]>> for Value {
    fn from(value: Option<&[u8]>) -> Self {
        Self::Bytes(value.map(<[u8]>::to_owned))
    }
}

/// A database.
pub(crate) enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Engine {
    pub(crate) async fn open(location: &Location, settings: &Settings, clock: &Clock) -> Result<Self> {
        Ok(match location {
            Location::File(path) => Self::Sqlite(sqlite::Sqlite::open(path, settings).await?),
            Location::Memory => Self::Sqlite(sqlite::Sqlite::in_memory()?),
            Location::Postgres(url) => {
                Self::Postgres(postgres::Postgres::connect(url, settings, clock).await?)
            }
        })
    }

    /// Runs statements in one transaction and returns the rows of each.
    pub(crate) async fn run(&self, script: Vec<Statement>) -> Result<Vec<Rows>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.run(script).await,
            Self::Postgres(postgres) => postgres.run(&script).await,
        }
    }
}
