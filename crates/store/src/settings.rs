//! Where the state lives and how long anything may take.

use std::path::PathBuf;
use std::time::Duration;

use error::{Error, Result};
use secrecy::SecretString;

/// Where the state lives.
#[derive(Clone, Debug)]
pub enum Location {
    /// A file, made if absent, readable by its owner alone. For one machine; several processes may share it.
    File(PathBuf),
    /// A database that replicas share: `postgres://user:password@host/database?sslmode=verify-full`.
    Postgres(SecretString),
    /// Nowhere: gone with the process. For the sandbox and for tests, whose paused clock it respects.
    Memory,
}

impl Location {
    /// Reads `postgres://...`, `memory`, or the path of a file.
    ///
    /// # Errors
    /// `invalid_argument` where the text is another kind of URL, or empty.
    pub fn parse(text: &str) -> Result<Self> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.into()));
        }
        match text {
            "memory" => Ok(Self::Memory),
            "" => Err(Error::invalid("store", "is empty").hint("name a file or a `postgres://` URL")),
            url if url.contains("://") => Err(Error::invalid("store", "is of no kind known here")
                .hint("name a file, a `postgres://` URL or `memory`")),
            path => Ok(Self::File(path.into())),
        }
    }
}

/// How the store behaves. The defaults are for production.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The longest that one call of the store may take, waiting for its turn included: 5 s.
    pub timeout: Duration,
    /// For how long a claim on an operation holds unless it is renewed, which happens three times in that time:
    /// 30 s. What a crashed replica held is free after it.
    pub lease: Duration,
    /// Connections to PostgreSQL: 8.
    pub connections: u32,
    /// How far this host's clock may be from PostgreSQL's: 5 s. Leases compare the clocks of hosts.
    pub skew: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            lease: Duration::from_secs(30),
            connections: 8,
            skew: Duration::from_secs(5),
        }
    }
}
