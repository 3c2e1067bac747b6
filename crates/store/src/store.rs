//! The store itself: an engine, a clock, and how long anything may take.

use std::sync::Arc;
use std::time::Duration;

use call::Clock;
use error::Result;
use tokio::sync::Notify;

use crate::engine::{Engine, Rows, Statement, Value};
use crate::{Location, Settings, fault};

/// The state of a server. Cheap to clone; two stores at one location are two replicas.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    engine: Engine,
    clock: Clock,
    settings: Settings,
    /// Rings whenever an operation ends in this process, so that its duplicates need not wait for the next look.
    ended: Notify,
}

/// Rows removed by one sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Operations whose answer is no longer kept.
    pub operations: usize,
    /// Plans that expired, or were consumed a day ago.
    pub plans: usize,
    /// Approvals nobody can use any more.
    pub approvals: usize,
    /// Counters of days long past.
    pub budgets: usize,
    /// Used links that have expired.
    pub links: usize,
}

impl Swept {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.operations + self.plans + self.approvals + self.budgets + self.links
    }
}

impl Store {
    /// Opens the store and brings its schema up to date; replicas may do so at the same time.
    ///
    /// # Errors
    /// `internal` with the cure as hint: the file is readable by others, cannot be written or is no database;
    /// PostgreSQL is unreachable or its clock is far from ours; the schema is newer than this program.
    pub async fn open(location: &Location, settings: Settings, clock: Clock) -> Result<Self> {
        let engine = Engine::open(location, &settings, &clock).await?;
        Ok(Self(Arc::new(Inner { engine, clock, settings, ended: Notify::new() })))
    }

    /// A store that lives in memory.
    ///
    /// # Errors
    /// `internal` where SQLite cannot be started at all.
    pub async fn in_memory(clock: Clock) -> Result<Self> {
        Self::open(&Location::Memory, Settings::default(), clock).await
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    pub async fn health(&self) -> Result<()> {
        self.rows(Statement::new("SELECT 1")).await.map(drop)
    }

    /// Removes at most `most` rows of each kind that are past use. To be called every minute or so, and again at
    /// once while [`Swept::total`] is not zero.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    pub async fn sweep(&self, most: u32) -> Result<Swept> {
        let now = self.now();
        let past = |sql| Statement::new(sql).bind(now).bind(i64::from(most));
        let month = Statement::new(SWEEP_BUDGETS).bind(now / DAY - 40).bind(i64::from(most));
        let kept = [SWEEP_OPERATIONS, SWEEP_PLANS, SWEEP_APPROVALS, SWEEP_LINKS].map(past);
        let swept = self.run(kept.into_iter().chain([month]).collect()).await?;
        let count = |at: usize| swept.get(at).map_or(0, Vec::len);
        Ok(Swept {
            operations: count(0),
            plans: count(1),
            approvals: count(2),
            links: count(3),
            budgets: count(4),
        })
    }

    /// The present time in milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.0.clock.now().as_millisecond()
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn ended(&self) -> &Notify {
        &self.0.ended
    }

    /// Runs one statement.
    pub(crate) async fn rows(&self, statement: Statement) -> Result<Rows> {
        Ok(self.run(vec![statement]).await?.pop().unwrap_or_default())
    }

    /// Runs statements in one transaction and returns the rows of each.
    pub(crate) async fn run(&self, script: Vec<Statement>) -> Result<Vec<Rows>> {
        let answer = tokio::time::timeout(self.0.settings.timeout, self.0.engine.run(script));
        answer.await.unwrap_or_else(|_| Err(fault::late()))
    }
}

/// A day in milliseconds.
pub(crate) const DAY: i64 = 24 * 60 * 60 * 1000;

/// A duration in milliseconds, as times are kept.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        millis(duration).into()
    }
}

// What is past use is asked twice: by who picks the rows, and again of each row as it is when it goes. PostgreSQL asks
// only the second time whether a row that another replica has just taken into use is still past it.

/// A write of unknown fate is kept until it is looked for, also where nobody could say so; nobody looks for a turn.
const SWEEP_OPERATIONS: &str = "DELETE FROM chancery_operations
    WHERE keep_until <= $1 AND (state <> 'started' OR caller = '') AND (tenant, caller, tool, id) IN (
        SELECT tenant, caller, tool, id FROM chancery_operations
        WHERE keep_until <= $1 AND (state <> 'started' OR caller = '') LIMIT $2) RETURNING 1";

const SWEEP_PLANS: &str = "DELETE FROM chancery_plans WHERE keep_until <= $1 AND handle IN (
    SELECT handle FROM chancery_plans WHERE keep_until <= $1 LIMIT $2) RETURNING 1";

const SWEEP_APPROVALS: &str = "DELETE FROM chancery_approvals WHERE keep_until <= $1 AND id IN (
    SELECT id FROM chancery_approvals WHERE keep_until <= $1 LIMIT $2) RETURNING 1";

const SWEEP_LINKS: &str = "DELETE FROM chancery_links WHERE (tenant, link) IN (
    SELECT tenant, link FROM chancery_links WHERE keep_until <= $1 LIMIT $2) RETURNING 1";

const SWEEP_BUDGETS: &str = "DELETE FROM chancery_budgets WHERE (tenant, level, name, day) IN (
    SELECT tenant, level, name, day FROM chancery_budgets WHERE day < $1 LIMIT $2) RETURNING 1";
