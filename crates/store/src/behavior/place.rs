//! Where a test keeps its state.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use call::Clock;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;

use crate::{Location, Settings, Store};

/// An empty place of one engine, gone with this value.
pub(crate) enum Place {
    File(TempDir),
    Postgres(String),
}

impl Place {
    pub(crate) fn file() -> Self {
        Self::File(TempDir::new().unwrap())
    }

    /// A database of a server that lives as long as this process; `None` where PostgreSQL is not installed.
    pub(crate) async fn postgres() -> Option<Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        let Some(server) = SERVER.get_or_init(Server::start) else {
            eprintln!(
                "SKIPPED: no PostgreSQL is installed; set CHANCERY_POSTGRES_BIN to the folder of its programs"
            );
            return None;
        };
        let mut admin = PgConnection::connect(&server.url("postgres")).await.unwrap();
        let name = format!("t_{}", uuid::Uuid::new_v4().simple());
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut admin).await.unwrap();
        Some(Self::Postgres(server.url(&name)))
    }

    pub(crate) fn location(&self) -> Location {
        match self {
            Self::File(folder) => Location::File(folder.path().join("state/store.db")),
            Self::Postgres(url) => Location::parse(url).unwrap(),
        }
    }

    /// A replica.
    pub(crate) async fn open(&self) -> Store {
        self.open_after(Duration::ZERO).await
    }

    /// A replica whose clock is ahead of that of [`Place::open`].
    pub(crate) async fn open_after(&self, ahead: Duration) -> Store {
        let start: jiff::Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let settings =
            Settings { skew: Duration::MAX, timeout: Duration::from_secs(30), ..Settings::default() };
        Store::open(&self.location(), settings, Clock::starting_at(start + ahead)).await.unwrap()
    }
}

struct Server {
    folder: String,
    /// Its standard input is our sign of life.
    _process: Child,
}

impl Server {
    fn start() -> Option<Self> {
        let programs = programs()?;
        #[allow(clippy::disallowed_methods, reason = "a test starts the server that it needs")]
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        command.args(["-c", include_str!("postgres.sh"), "sh"]).arg(programs).current_dir("/tmp");
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut folder = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut folder).unwrap();
        assert!(!folder.is_empty(), "PostgreSQL did not start");
        Some(Self { folder: folder.trim().to_owned(), _process: process })
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.folder)
    }
}

/// The folder of `initdb` and `pg_ctl`.
fn programs() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("CHANCERY_POSTGRES_BIN") {
        return Some(folder.into());
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.filter_map(Result::ok).map(|version| version.path().join("bin"));
    folders.filter(|folder: &PathBuf| Path::join(folder, "initdb").exists()).max()
}
