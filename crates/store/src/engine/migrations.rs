//! The schema's history: forward only. A step that was released never changes; its checksum is kept beside it.

use error::Result;
use sha2::{Digest, Sha256};

use crate::fault;

/// Every step, oldest first; a step's version is its place, from 1.
const STEPS: &[&str] =
    &[include_str!("../../migrations/0001_first.sql"), include_str!("../../migrations/0002_links.sql")];

/// The table of steps taken.
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS chancery_migrations (
    version BIGINT NOT NULL PRIMARY KEY, checksum TEXT NOT NULL)";

/// The steps taken, oldest first.
pub(super) const TAKEN: &str = "SELECT version, checksum FROM chancery_migrations ORDER BY version";

/// Notes a step as taken.
pub(super) const NOTE: &str = "INSERT INTO chancery_migrations (version, checksum) VALUES ($1, $2)";

/// A step of the schema.
pub(super) struct Step {
    pub(super) version: i64,
    pub(super) sql: &'static str,
    pub(super) checksum: String,
}

/// The steps still to take after those `taken`, given as version and checksum.
pub(super) fn missing(taken: &[(i64, String)]) -> Result<Vec<Step>> {
    let known: Vec<Step> = (1..).zip(STEPS).map(|(version, sql)| step(version, sql)).collect();
    for (at, (version, checksum)) in taken.iter().enumerate() {
        match known.get(at) {
            None => return Err(newer(*version, known.len())),
            Some(step) if step.version == *version && step.checksum == *checksum => {}
            Some(_) => return Err(foreign(*version)),
        }
    }
    Ok(known.into_iter().skip(taken.len()).collect())
}

fn step(version: i64, sql: &'static str) -> Step {
    Step { version, sql, checksum: call::hex(&Sha256::digest(sql)) }
}

fn newer(version: i64, known: usize) -> error::Error {
    let problem =
        format!("the store's schema has version {version}, and this program knows versions up to {known}");
    fault::unusable(problem, "run the newer release of the server; a schema never goes back")
}

fn foreign(version: i64) -> error::Error {
    let problem =
        format!("version {version} of the store's schema is not the one this program was built with");
    fault::unusable(problem, "name another database or file: this one was made by something else, or altered")
}
