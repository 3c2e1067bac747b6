//! The embedded database: one connection, owned by one task, that commits in groups.

use std::path::Path;
use std::sync::Mutex;

use error::Result;
use futures::executor::block_on;
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};
use tokio::sync::{mpsc, oneshot};

use super::{Row, Rows, Statement, Value, migrations, permissions};
use crate::{Settings, fault};

/// Scripts that may wait for the writer; more callers wait for a place.
const QUEUE: usize = 1024;

/// Scripts that share one commit, at most.
const GROUP: usize = 256;

pub(crate) enum Sqlite {
    /// A file: a commit waits for the disk, so what comes in meanwhile shares the next one.
    File(mpsc::Sender<Job>),
    /// Memory: a script takes microseconds and is run where it is asked for. No timer of tokio's stands still or
    /// runs ahead meanwhile, so it is sound under a paused clock.
    Memory(Mutex<SqliteConnection>),
}

/// A script and who waits for its rows.
pub(crate) struct Job {
    script: Vec<Statement>,
    answer: oneshot::Sender<Result<Vec<Rows>>>,
}

impl Sqlite {
    pub(super) async fn open(path: &Path, settings: &Settings) -> Result<Self> {
        let owned = path.to_owned();
        tokio::task::spawn_blocking(move || permissions::secure(&owned))
            .await
            .map_err(fault::unreachable)??;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            // A write is sent to a vendor as soon as its beginning is committed: that must survive the power.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(settings.timeout)
            .disable_statement_logging();
        let mut connection = options.connect().await.map_err(|cause| unreadable(path, cause))?;
        migrate(&mut connection).await.map_err(|error| error.or_unreadable(path))?;
        let (sender, jobs) = mpsc::channel(QUEUE);
        tokio::spawn(write(connection, jobs));
        Ok(Self::File(sender))
    }

    pub(super) fn in_memory() -> Result<Self> {
        let options = SqliteConnectOptions::new().in_memory(true).disable_statement_logging();
        block_on(async {
            let mut connection = options.connect().await.map_err(fault::unreachable)?;
            migrate(&mut connection).await.map_err(|error| error.or_unreadable(Path::new(":memory:")))?;
            Ok(Self::Memory(Mutex::new(connection)))
        })
    }

    pub(super) async fn run(&self, script: Vec<Statement>) -> Result<Vec<Rows>> {
        match self {
            Self::File(jobs) => {
                let (answer, rows) = oneshot::channel();
                jobs.send(Job { script, answer }).await.map_err(|_| stopped())?;
                rows.await.map_err(|_| stopped())?
            }
            Self::Memory(connection) => {
                let mut connection = connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                block_on(transaction(&mut connection, &[&script])).map(first).map_err(fault::unreachable)
            }
        }
    }
}

fn first(mut answers: Vec<Vec<Rows>>) -> Vec<Rows> {
    answers.pop().unwrap_or_default()
}

fn stopped() -> error::Error {
    fault::unreachable("the writer of the embedded database has stopped")
}

/// Runs what comes in until nobody can ask any more.
async fn write(mut connection: SqliteConnection, mut jobs: mpsc::Receiver<Job>) {
    let mut group = Vec::with_capacity(GROUP);
    while jobs.recv_many(&mut group, GROUP).await > 0 {
        commit(&mut connection, &mut group).await;
    }
    // A clean end folds the write-ahead log into the file; a process that is killed leaves that to the next one.
    let _ = connection.close().await;
}

/// Runs a group in one transaction. If that fails, each script has its own, so that only the one at fault fails.
async fn commit(connection: &mut SqliteConnection, group: &mut Vec<Job>) {
    group.retain(|job| !job.answer.is_closed());
    let scripts: Vec<&[Statement]> = group.iter().map(|job| job.script.as_slice()).collect();
    match transaction(connection, &scripts).await {
        Ok(answers) => {
            for (job, rows) in group.drain(..).zip(answers) {
                // Who no longer waits has its own way to learn what became of it.
                let _ = job.answer.send(Ok(rows));
            }
        }
        Err(_) => {
            for job in group.drain(..) {
                let rows = transaction(connection, &[&job.script]).await;
                let _ = job.answer.send(rows.map(first).map_err(fault::unreachable));
            }
        }
    }
}

/// Runs scripts in one transaction and returns the rows of each statement of each.
async fn transaction<S: AsRef<[Statement]> + ?Sized>(
    connection: &mut SqliteConnection,
    scripts: &[&S],
) -> sqlx::Result<Vec<Vec<Rows>>> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut answers = Vec::with_capacity(scripts.len());
    for script in scripts {
        let mut rows = Vec::new();
        for statement in script.as_ref() {
            let fetched = query(statement).fetch_all(&mut *transaction).await?;
            rows.push(fetched.into_iter().map(Row::Sqlite).collect());
        }
        answers.push(rows);
    }
    transaction.commit().await?;
    Ok(answers)
}

fn query(statement: &Statement) -> Query<'_, sqlx::Sqlite, SqliteArguments> {
    statement.arguments.iter().fold(sqlx::query(statement.sql), |query, value| match value {
        Value::Int(value) => query.bind(*value),
        Value::Text(value) => query.bind(value.as_deref()),
        Value::Bytes(value) => query.bind(value.as_deref()),
    })
}

/// Why a schema could not be brought up to date: the file, or its history.
enum Unmigrated {
    Database(sqlx::Error),
    History(error::Error),
}

impl From<sqlx::Error> for Unmigrated {
    fn from(cause: sqlx::Error) -> Self {
        Self::Database(cause)
    }
}

impl Unmigrated {
    fn or_unreadable(self, path: &Path) -> error::Error {
        match self {
            Self::Database(cause) => unreadable(path, cause),
            Self::History(error) => error,
        }
    }
}

/// Brings the schema up to date; several processes take their turns by SQLite's own lock.
async fn migrate(connection: &mut SqliteConnection) -> Result<(), Unmigrated> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query(migrations::TABLE).execute(&mut *transaction).await?;
    let rows = sqlx::query(migrations::TAKEN).fetch_all(&mut *transaction).await?;
    let taken: Vec<(i64, String)> = rows
        .iter()
        .map(|row| Ok((row.try_get("version")?, row.try_get("checksum")?)))
        .collect::<sqlx::Result<_>>()?;
    for step in migrations::missing(&taken).map_err(Unmigrated::History)? {
        sqlx::raw_sql(step.sql).execute(&mut *transaction).await?;
        let note = sqlx::query(migrations::NOTE).bind(step.version).bind(step.checksum);
        note.execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}

fn unreadable(path: &Path, cause: sqlx::Error) -> error::Error {
    let problem = format!("the store's file is damaged or no database, or is locked: {}", path.display());
    fault::unusable(
        problem,
        "restore it from a backup, or move it away to start anew: open plans and approvals are then gone",
    )
    .source(cause)
}
