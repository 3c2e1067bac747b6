//! Plans: what a caller was shown, stored until it commits.

use std::time::Duration;

use call::BoxFuture;
use error::Result;
use jiff::Timestamp;

use crate::engine::{Row, Statement};
use crate::operations::{self, Begin, Claim, Operations as _};
use crate::store::{DAY, millis};
use crate::{Scope, Store, fault, handle, scope};

/// Stored plans. A plan belongs to one caller and tool of one tenant and is used once; to anybody else it is as
/// unknown as one that never was.
pub trait Plans: Send + Sync {
    /// Stores a plan and returns its handle: 26 characters that cannot be guessed.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    fn propose<'a>(&'a self, plan: NewPlan<'a>) -> BoxFuture<'a, Result<String>>;

    /// The plan, if it is this scope's and has not expired. One that was consumed is still shown for a day, with
    /// its operation.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    fn peek<'a>(&'a self, scope: &'a Scope, handle: &'a str) -> BoxFuture<'a, Result<Option<Plan>>>;

    /// Consumes the plan and begins the operation that it becomes, both or neither. Of any number of callers at once,
    /// one gets the operation. Its arguments are those of the plan and its handle: what is kept with an operation has
    /// to name it as its call did.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    fn consume<'a>(&'a self, begin: Begin<'a>, handle: &'a str) -> BoxFuture<'a, Result<Consumed>>;
}

/// A plan to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewPlan<'a> {
    /// Whose it is.
    pub scope: &'a Scope,
    /// Digest of the arguments.
    pub digest: &'a str,
    /// The arguments that a commit runs with.
    pub arguments: &'a [u8],
    /// The change that the caller is shown.
    pub shown: &'a [u8],
    /// The version of the record that the change was made for, where the vendor has versions.
    pub record_version: Option<&'a str>,
    /// For how long it may be committed; [`NewPlan::EXPIRY`] unless there is a reason.
    pub expiry: Duration,
}

impl NewPlan<'_> {
    /// How long a plan may be committed unless its tool says otherwise: 10 minutes.
    pub const EXPIRY: Duration = Duration::from_secs(10 * 60);
}

/// A stored plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Digest of the arguments.
    pub digest: String,
    /// The arguments that a commit runs with.
    pub arguments: Vec<u8>,
    /// The change that the caller was shown.
    pub shown: Vec<u8>,
    /// The version of the record that the change was made for.
    pub record_version: Option<String>,
    /// Until when it may be committed.
    pub expires_at: Timestamp,
    /// The operation that it became, if it was consumed.
    pub operation: Option<String>,
}

/// What became of an attempt to consume a plan.
#[derive(Debug)]
pub enum Consumed {
    /// The plan is consumed now, and this is how its operation stands: [`Claim::Fresh`], unless an operation of
    /// the same id was there before.
    Now(Plan, Claim),
    /// It was consumed before: what became of it is what became of its operation.
    Before(Plan),
    /// There is no such plan, it has expired, or it is another's.
    Unknown,
}

impl Plans for Store {
    fn propose<'a>(&'a self, plan: NewPlan<'a>) -> BoxFuture<'a, Result<String>> {
        Box::pin(async move {
            scope::check("digest", plan.digest)?;
            let handle = handle::fresh();
            let now = self.now();
            let statement = of(INSERT, plan.scope, &handle)
                .bind(plan.digest)
                .bind(plan.arguments)
                .bind(plan.shown)
                .bind(plan.record_version)
                .bind(now)
                .bind(now.saturating_add(millis(plan.expiry)));
            self.rows(statement).await?;
            Ok(handle)
        })
    }

    fn peek<'a>(&'a self, scope: &'a Scope, handle: &'a str) -> BoxFuture<'a, Result<Option<Plan>>> {
        Box::pin(async move {
            if !handle::is_one(handle) {
                return Ok(None);
            }
            let rows = self.rows(of(PEEK, scope, handle).bind(self.now())).await?;
            rows.first().map(plan).transpose()
        })
    }

    fn consume<'a>(&'a self, begin: Begin<'a>, handle: &'a str) -> BoxFuture<'a, Result<Consumed>> {
        Box::pin(async move {
            let scope = begin.scope;
            scope::check("operation", begin.id)?;
            scope::check("digest", begin.digest)?;
            let Some(found) = self.peek(scope, handle).await? else { return Ok(Consumed::Unknown) };
            if found.operation.is_some() {
                return Ok(Consumed::Before(found));
            }
            let ticket = operations::ticket(&begin);
            let now = self.now();
            let spend = of(SPEND, scope, handle)
                .bind(begin.id)
                .bind(&*ticket.claim)
                .bind(now)
                .bind(now.saturating_add(DAY));
            let take = operations::take(self, &ticket, begin.arguments, Some(handle));
            let answers = self.run(vec![spend, take]).await?;
            let [spent, taken] = answers.as_slice() else {
                return Err(fault::garbled("two answers were due"));
            };
            if spent.is_empty() {
                // Another call was faster between the look and the step.
                let now = self.peek(scope, handle).await?;
                return Ok(now.map_or(Consumed::Unknown, Consumed::Before));
            }
            let claim = match taken.first() {
                Some(row) => operations::claimed(self, ticket, row)?,
                None => self.begin(begin).await?,
            };
            Ok(Consumed::Now(found, claim))
        })
    }
}

/// A statement whose first four arguments name a plan and whose it is.
fn of(sql: &'static str, scope: &Scope, handle: &str) -> Statement {
    Statement::new(sql).bind(scope.tenant()).bind(scope.caller()).bind(scope.tool()).bind(handle)
}

fn plan(row: &Row) -> Result<Plan> {
    Ok(Plan {
        digest: row.text("digest")?,
        arguments: row.bytes("arguments")?,
        shown: row.bytes("shown")?,
        record_version: row.some_text("record_version")?,
        expires_at: row.time("expires_at")?,
        operation: row.some_text("operation")?,
    })
}

const INSERT: &str = "INSERT INTO chancery_plans
        (tenant, caller, tool, handle, digest, arguments, shown, record_version, created_at, expires_at, keep_until)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";

const PEEK: &str = "SELECT * FROM chancery_plans
    WHERE tenant = $1 AND caller = $2 AND tool = $3 AND handle = $4
        AND (expires_at > $5 OR (operation IS NOT NULL AND keep_until > $5))";

const SPEND: &str = "UPDATE chancery_plans SET operation = $5, claim = $6, keep_until = $8
    WHERE tenant = $1 AND caller = $2 AND tool = $3 AND handle = $4 AND operation IS NULL AND expires_at > $7
    RETURNING 1";
