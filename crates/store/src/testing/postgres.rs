//! A PostgreSQL server of a test process.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// A server that lives as long as this process.
pub struct Postgres {
    folder: String,
    /// Its standard input is our sign of life.
    _process: Child,
}

impl Postgres {
    /// The one of this process, started when it is first asked for; `None` where PostgreSQL is not installed.
    pub fn of_this_process() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
        let server = SERVER.get_or_init(Self::start).as_ref();
        if server.is_none() {
            eprintln!(
                "SKIPPED: no PostgreSQL is installed; set CHANCERY_POSTGRES_BIN to the folder of its programs"
            );
        }
        server
    }

    /// The URL of a new, empty database.
    pub async fn database(&self) -> String {
        let mut admin = PgConnection::connect(&self.url("postgres")).await.unwrap();
        let name = format!("t_{}", uuid::Uuid::new_v4().simple());
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut admin).await.unwrap();
        self.url(&name)
    }

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
