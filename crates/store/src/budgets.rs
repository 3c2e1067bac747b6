//! Budgets: what was used today.

use call::BoxFuture;
use error::Result;

use crate::engine::{Row, Statement};
use crate::store::DAY;
use crate::{Store, fault, scope};

/// Counters of a day (UTC), shared by all replicas.
pub trait Budgets: Send + Sync {
    /// Adds to today's counters and returns, in the same order, what they stand at now. Adding nothing reads.
    /// Callers gather what they used and spend it every few seconds, not at each call.
    ///
    /// # Errors
    /// `internal`: nothing, or all of it, was added.
    fn spend<'a>(&'a self, usages: &'a [Usage<'a>]) -> BoxFuture<'a, Result<Vec<Spent>>>;
}

/// What somebody used.
#[derive(Clone, Copy, Debug)]
pub struct Usage<'a> {
    /// The tenant; empty where there is none.
    pub tenant: &'a str,
    /// Whose counter it is.
    pub level: Level,
    /// The caller or workflow; empty for the tenant itself.
    pub name: &'a str,
    /// What is added.
    pub add: Spent,
}

/// Whose counter it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// All of a tenant's callers together.
    Tenant,
    /// One caller.
    Caller,
    /// One workflow.
    Workflow,
}

/// Calls, rows and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Calls of tools.
    pub calls: u64,
    /// Rows returned.
    pub rows: u64,
    /// Bytes returned.
    pub bytes: u64,
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Caller => "caller",
            Self::Workflow => "workflow",
        }
    }
}

impl Budgets for Store {
    fn spend<'a>(&'a self, usages: &'a [Usage<'a>]) -> BoxFuture<'a, Result<Vec<Spent>>> {
        Box::pin(async move {
            for usage in usages {
                scope::check("tenant", usage.tenant)?;
                scope::check("name", usage.name)?;
            }
            let day = self.now().div_euclid(DAY);
            // Everybody locks rows in the same order, or two replicas could wait for each other.
            let mut order: Vec<usize> = (0..usages.len()).collect();
            order.sort_by_key(|&at| (usages[at].tenant, usages[at].level.as_str(), usages[at].name));
            let script = order.iter().map(|&at| add(&usages[at], day)).collect();
            let answers = self.run(script).await?;
            let mut spent = vec![Spent::default(); usages.len()];
            for (at, rows) in order.into_iter().zip(&answers) {
                let row = rows.first().ok_or_else(|| fault::garbled("a counter was not returned"))?;
                spent[at] = total(row)?;
            }
            Ok(spent)
        })
    }
}

fn add(usage: &Usage<'_>, day: i64) -> Statement {
    Statement::new(ADD)
        .bind(usage.tenant)
        .bind(usage.level.as_str())
        .bind(usage.name)
        .bind(day)
        .bind(signed(usage.add.calls))
        .bind(signed(usage.add.rows))
        .bind(signed(usage.add.bytes))
}

fn total(row: &Row) -> Result<Spent> {
    let count = |column: &str| row.int(column).map(|count| u64::try_from(count).unwrap_or_default());
    Ok(Spent { calls: count("call_count")?, rows: count("row_count")?, bytes: count("byte_count")? })
}

/// At most a million times a million at once, so that a day's sum stays far from the end of the numbers.
fn signed(count: u64) -> i64 {
    const MOST: i64 = 1_000_000_000_000;
    i64::try_from(count).unwrap_or(MOST).min(MOST)
}

const ADD: &str = "INSERT INTO chancery_budgets AS b
        (tenant, level, name, day, call_count, row_count, byte_count)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (tenant, level, name, day) DO UPDATE SET
        call_count = b.call_count + excluded.call_count,
        row_count = b.row_count + excluded.row_count,
        byte_count = b.byte_count + excluded.byte_count
    RETURNING call_count, row_count, byte_count";
