//! PostgreSQL, where replicas share state.

use std::time::Duration;

use call::Clock;
use error::Result;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::query::Query;
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use super::{Row, Rows, Statement, Value, migrations};
use crate::{Settings, fault};

/// Attempts at a transaction that the database asks to repeat.
const ATTEMPTS: u32 = 5;

/// Taken while the schema is brought up to date: replicas that start at once do it one after the other.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7236837465924)";

pub(crate) struct Postgres(PgPool);

impl Postgres {
    pub(super) async fn connect(url: &SecretString, settings: &Settings, clock: &Clock) -> Result<Self> {
        let options: PgConnectOptions = url.expose_secret().parse().map_err(malformed)?;
        // A statement that outlives its caller's patience is ended by the database too.
        let patience = settings.timeout.as_millis().to_string();
        let options = options
            .application_name("chancery")
            .options([("statement_timeout", patience.as_str()), ("lock_timeout", patience.as_str())])
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(settings.connections)
            .acquire_timeout(settings.timeout)
            .connect_with(options);
        let postgres = Self(pool.await.map_err(fault::unreachable)?);
        postgres.compare_clocks(clock, settings.skew).await?;
        postgres.migrate().await?;
        Ok(postgres)
    }

    pub(super) async fn run(&self, script: &[Statement]) -> Result<Vec<Rows>> {
        let mut attempt = 1;
        loop {
            match self.attempt(script).await {
                Err(error) if attempt < ATTEMPTS && is_transient(&error) => attempt += 1,
                done => return done.map_err(fault::unreachable),
            }
        }
    }

    async fn attempt(&self, script: &[Statement]) -> sqlx::Result<Vec<Rows>> {
        if let [statement] = script {
            let rows = query(statement).fetch_all(&self.0).await?;
            return Ok(vec![rows.into_iter().map(Row::Postgres).collect()]);
        }
        let mut transaction = self.0.begin().await?;
        let mut answers = Vec::with_capacity(script.len());
        for statement in script {
            let rows = query(statement).fetch_all(&mut *transaction).await?;
            answers.push(rows.into_iter().map(Row::Postgres).collect());
        }
        transaction.commit().await?;
        Ok(answers)
    }

    /// Leases compare times of different hosts.
    async fn compare_clocks(&self, clock: &Clock, most: Duration) -> Result<()> {
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now";
        let row = sqlx::query(sql).fetch_one(&self.0).await.map_err(fault::unreachable)?;
        let theirs: i64 = row.try_get("now").map_err(fault::garbled)?;
        let apart = Duration::from_millis(clock.now().as_millisecond().abs_diff(theirs));
        if apart <= most {
            return Ok(());
        }
        let problem = format!("this host's clock is {} s away from PostgreSQL's", apart.as_secs());
        Err(fault::unusable(problem, "synchronize both hosts by NTP; replicas compare their times"))
    }

    async fn migrate(&self) -> Result<()> {
        let mut connection = self.0.acquire().await.map_err(fault::unreachable)?;
        let mut transaction = connection.begin().await.map_err(fault::unreachable)?;
        let taken = taken(&mut transaction).await.map_err(unmigrated)?;
        for step in migrations::missing(&taken)? {
            sqlx::raw_sql(step.sql).execute(&mut *transaction).await.map_err(unmigrated)?;
            let note = sqlx::query(migrations::NOTE).bind(step.version).bind(step.checksum);
            note.execute(&mut *transaction).await.map_err(unmigrated)?;
        }
        transaction.commit().await.map_err(unmigrated)
    }
}

async fn taken(connection: &mut PgConnection) -> sqlx::Result<Vec<(i64, String)>> {
    sqlx::query(LOCK).execute(&mut *connection).await?;
    sqlx::query(migrations::TABLE).execute(&mut *connection).await?;
    let rows = sqlx::query(migrations::TAKEN).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get("version")?, row.try_get("checksum")?))).collect()
}

fn query(statement: &Statement) -> Query<'_, sqlx::Postgres, PgArguments> {
    statement.arguments.iter().fold(sqlx::query(statement.sql), |query, value| match value {
        Value::Int(value) => query.bind(*value),
        Value::Text(value) => query.bind(value.as_deref()),
        Value::Bytes(value) => query.bind(value.as_deref()),
    })
}

/// A serialization failure or a deadlock: the database rolled back and asks for another attempt
/// (PostgreSQL, appendix A, class 40).
fn is_transient(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code());
    code.is_some_and(|code| code.starts_with("40"))
}

fn malformed(_: sqlx::Error) -> error::Error {
    // The cause repeats the URL, which holds a password.
    fault::unusable(
        "the store's `postgres://` URL is malformed".to_owned(),
        "write postgres://user:password@host/database",
    )
}

fn unmigrated(cause: sqlx::Error) -> error::Error {
    let problem = "the store's schema could not be brought up to date".to_owned();
    fault::unusable(
        problem,
        "let the store's user create tables in this database, or create them as its owner",
    )
    .source(cause)
}
