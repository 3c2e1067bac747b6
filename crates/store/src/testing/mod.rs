//! A real PostgreSQL and the time that passes when a holder of claims dies: for the tests of this crate and of those
//! that depend on it.

#![allow(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on fails here"
)]

mod postgres;

pub use self::postgres::Postgres;

use call::Clock;

use crate::engine::Statement;
use crate::{Location, Settings, Store};

/// Lets every claim at a place lapse, as the lease does some time after its holder died without a word.
pub async fn lapse(place: &Location) {
    let store = Store::open(place, Settings::default(), Clock::for_test()).await.unwrap();
    store.rows(Statement::new(LAPSE)).await.unwrap();
}

const LAPSE: &str =
    "UPDATE chancery_operations SET lease_until = changed_at WHERE state = 'started' RETURNING 1";
