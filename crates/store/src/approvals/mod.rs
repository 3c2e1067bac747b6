//! Approvals: what another person decided about a change.

mod after;
mod sql;

use std::time::Duration;

use call::BoxFuture;
use error::{Code, Error, Result};
use jiff::Timestamp;

pub use self::after::After;
use self::sql::{ASK, DECIDE, FIND, HELD, OPEN, REDEEM, SHOW, TURN, WAITING};
use crate::engine::{Row, Statement};
use crate::store::{DAY, millis};
use crate::{Scope, Store, handle, scope};

/// When somebody with too many open requests may look whether one was decided.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Requests for approval and what became of them. Each is decided once, by somebody other than its requester, and
/// used once.
pub trait Approvals: Send + Sync {
    /// Asks for approval of an operation. Asked again, it is the same request, with whatever was decided; only an
    /// approval that expired or was used makes room for another.
    ///
    /// # Errors
    /// `idempotency_conflict` where the operation was asked for with another digest; `rate_limited` where
    /// [`Request::MOST_OPEN`] of the caller wait already, on whatever replica; `internal`, to be tried again.
    fn request<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Result<Approval>>;

    /// What waits for a decision in this scope with this digest: the latest of several.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    fn still_open<'a>(&'a self, scope: &'a Scope, digest: &'a str)
    -> BoxFuture<'a, Result<Option<Approval>>>;

    /// Whether the caller may ask for anything more, so that nothing is prepared in vain; [`Approvals::request`]
    /// decides.
    ///
    /// # Errors
    /// `rate_limited` where [`Request::MOST_OPEN`] of the caller wait already; `internal`, to be tried again.
    fn room<'a>(&'a self, scope: &'a Scope) -> BoxFuture<'a, Result<()>>;

    /// What was asked for an operation, and what became of it.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    fn asked<'a>(&'a self, scope: &'a Scope, operation: &'a str) -> BoxFuture<'a, Result<Option<Approval>>>;

    /// One request of a tenant.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    fn approval<'a>(&'a self, tenant: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Approval>>>;

    /// The requests of a tenant that wait for a decision, oldest first: from the first on, or behind a place.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    fn waiting<'a>(
        &'a self,
        tenant: &'a str,
        after: Option<&'a After>,
        most: u32,
    ) -> BoxFuture<'a, Result<Vec<Approval>>>;

    /// Decides a request of a tenant.
    ///
    /// # Errors
    /// `not_found`; `permission` where the approver is the requester; `conflict` where it was decided before or
    /// has expired; `internal`, to be tried again.
    fn decide<'a>(
        &'a self,
        tenant: &'a str,
        id: &'a str,
        decision: Decision<'a>,
    ) -> BoxFuture<'a, Result<Approval>>;

    /// Uses an approval: `true` for one call, and only where this requester's operation was approved with this
    /// digest and the approval has not expired.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    fn redeem<'a>(
        &'a self,
        scope: &'a Scope,
        operation: &'a str,
        digest: &'a str,
    ) -> BoxFuture<'a, Result<bool>>;
}

/// A request for approval.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks, and with which tool.
    pub scope: &'a Scope,
    /// The operation that would begin.
    pub operation: &'a str,
    /// Digest of the arguments: what is approved is this and nothing else.
    pub digest: &'a str,
    /// The change, as the approver is shown it.
    pub shown: &'a [u8],
    /// The plan that would be committed.
    pub plan: Option<&'a str>,
    /// For how long it may be decided and used.
    pub expiry: Duration,
}

impl Request<'_> {
    /// Requests of one caller of a tenant that may wait at a time, of all tools: people have to read them.
    pub const MOST_OPEN: u32 = 20;
}

/// What an approver says.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Who decides, as `call::Caller::key` writes it.
    pub approver: &'a str,
    /// What is decided.
    pub verdict: Verdict,
    /// Why, for the requester and the record.
    pub reason: Option<&'a str>,
    /// When.
    pub at: Timestamp,
    /// The signature over the decision, kept as it is.
    pub signature: &'a [u8],
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The change may be made.
    Approve,
    /// It may not.
    Deny,
}

/// A request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// 26 characters that cannot be guessed.
    pub id: String,
    /// Who asked, and with which tool.
    pub scope: Scope,
    /// The operation that would begin.
    pub operation: String,
    /// Digest of the arguments.
    pub digest: String,
    /// The change, as the approver is shown it.
    pub shown: Vec<u8>,
    /// The plan that would be committed.
    pub plan: Option<String>,
    /// How it stands.
    pub standing: Standing,
    /// Who decided.
    pub approver: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The signature over the decision.
    pub signature: Option<Vec<u8>>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Until when it may be decided and used.
    pub expires_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
}

impl Approval {
    /// Its place in the list of what waits.
    #[must_use]
    pub fn place(&self) -> After {
        After::new(self.created_at, &self.id)
    }
}

/// How a request for approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has decided.
    Open,
    /// It was approved and not used yet.
    Approved,
    /// It was refused.
    Denied,
    /// It was approved and used.
    Redeemed,
    /// Its time is over.
    Expired,
}

impl Approvals for Store {
    fn request<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Result<Approval>> {
        Box::pin(async move {
            scope::check("operation", request.operation)?;
            scope::check("digest", request.digest)?;
            let now = self.now();
            let expires = now.saturating_add(millis(request.expiry));
            let ask = of(ASK, request.scope, request.operation)
                .bind(&*handle::fresh())
                .bind(request.digest)
                .bind(request.shown)
                .bind(request.plan)
                .bind(now)
                .bind(expires)
                .bind(expires.saturating_add(DAY))
                .bind(i64::from(Request::MOST_OPEN));
            let find = of(FIND, request.scope, request.operation);
            let answers = self.run(vec![Statement::new(TURN), ask, find]).await?;
            let found = answers.last().and_then(|rows| rows.first());
            let found = found.map(|row| approval(row, now)).transpose()?;
            // What should have made room for this one and did not was kept by the bound alone.
            let over = |found: &Approval| matches!(found.standing, Standing::Expired | Standing::Redeemed);
            let approval = found.filter(|found| !over(found)).ok_or_else(crowded)?;
            if approval.digest != request.digest {
                let message = "this operation waits for approval with other arguments";
                return Err(Error::new(Code::IdempotencyConflict, message));
            }
            Ok(approval)
        })
    }

    fn still_open<'a>(
        &'a self,
        scope: &'a Scope,
        digest: &'a str,
    ) -> BoxFuture<'a, Result<Option<Approval>>> {
        Box::pin(async move {
            let now = self.now();
            let rows = self.rows(of(OPEN, scope, digest).bind(now)).await?;
            rows.first().map(|row| approval(row, now)).transpose()
        })
    }

    fn room<'a>(&'a self, scope: &'a Scope) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let held = Statement::new(HELD).bind(scope.tenant()).bind(scope.caller()).bind(self.now());
            let held = self.rows(held.bind(i64::from(Request::MOST_OPEN) - 1)).await?;
            if held.is_empty() { Ok(()) } else { Err(crowded()) }
        })
    }

    fn asked<'a>(&'a self, scope: &'a Scope, operation: &'a str) -> BoxFuture<'a, Result<Option<Approval>>> {
        Box::pin(async move {
            let rows = self.rows(of(FIND, scope, operation)).await?;
            rows.first().map(|row| approval(row, self.now())).transpose()
        })
    }

    fn approval<'a>(&'a self, tenant: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Approval>>> {
        Box::pin(async move {
            if !handle::is_one(id) {
                return Ok(None);
            }
            let rows = self.rows(Statement::new(SHOW).bind(tenant).bind(id)).await?;
            rows.first().map(|row| approval(row, self.now())).transpose()
        })
    }

    fn waiting<'a>(
        &'a self,
        tenant: &'a str,
        after: Option<&'a After>,
        most: u32,
    ) -> BoxFuture<'a, Result<Vec<Approval>>> {
        Box::pin(async move {
            let (now, (at, id)) = (self.now(), after.map_or((i64::MIN, ""), After::key));
            let sought = Statement::new(WAITING).bind(tenant).bind(now).bind(at).bind(id);
            let sought = sought.bind(i64::from(most));
            self.rows(sought).await?.iter().map(|row| approval(row, now)).collect()
        })
    }

    fn decide<'a>(
        &'a self,
        tenant: &'a str,
        id: &'a str,
        decision: Decision<'a>,
    ) -> BoxFuture<'a, Result<Approval>> {
        Box::pin(async move {
            scope::check("approver", decision.approver)?;
            let Some(before) = self.approval(tenant, id).await? else { return Err(unknown()) };
            let state = match decision.verdict {
                Verdict::Approve => "approved",
                Verdict::Deny => "denied",
            };
            let decide = Statement::new(DECIDE)
                .bind(tenant)
                .bind(id)
                .bind(decision.approver)
                .bind(state)
                .bind(decision.reason)
                .bind(decision.signature)
                .bind(self.now())
                .bind(decision.at.as_millisecond());
            let rows = self.rows(decide).await?;
            match rows.first() {
                Some(row) => approval(row, self.now()),
                None => Err(refused(&before, decision.approver)),
            }
        })
    }

    fn redeem<'a>(
        &'a self,
        scope: &'a Scope,
        operation: &'a str,
        digest: &'a str,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let redeem = of(REDEEM, scope, operation).bind(digest).bind(self.now());
            Ok(!self.rows(redeem).await?.is_empty())
        })
    }
}

/// A statement whose first four arguments name an operation, or a digest, and whose it is.
fn of(sql: &'static str, scope: &Scope, name: &str) -> Statement {
    Statement::new(sql).bind(scope.tenant()).bind(scope.caller()).bind(scope.tool()).bind(name)
}

fn crowded() -> Error {
    let message = format!("{} of your requests for approval wait already", Request::MOST_OPEN);
    Error::new(Code::RateLimited, message)
        .retry_after(LOOK_AGAIN)
        .hint("let another person decide on some of them, or wait; do not ask for more until then")
}

fn unknown() -> Error {
    Error::new(Code::NotFound, "there is no such request for approval").hint("list the requests that wait")
}

/// Why a decision changed nothing.
fn refused(before: &Approval, approver: &str) -> Error {
    if before.scope.caller() == approver {
        return Error::new(Code::Permission, "nobody approves what they asked for themselves")
            .hint("let another person decide");
    }
    if before.standing == Standing::Expired {
        return Error::new(Code::Conflict, "this request for approval has expired")
            .hint("let the requester ask again");
    }
    Error::new(Code::Conflict, "this request was decided before")
        .hint("a decision stands; let the requester ask again")
}

fn approval(row: &Row, now: i64) -> Result<Approval> {
    Ok(Approval {
        id: row.text("id")?,
        scope: Scope::new(row.text("tenant")?, row.text("requester")?, row.text("tool")?)?,
        operation: row.text("operation")?,
        digest: row.text("digest")?,
        shown: row.bytes("shown")?,
        plan: row.some_text("plan")?,
        standing: standing(row, now)?,
        approver: row.some_text("approver")?,
        reason: row.some_text("reason")?,
        signature: row.some_bytes("signature")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        decided_at: row.some_time("decided_at")?,
    })
}

fn standing(row: &Row, now: i64) -> Result<Standing> {
    let expired = row.int("expires_at")? <= now;
    Ok(match row.text("state")?.as_str() {
        "denied" => Standing::Denied,
        "approved" if row.some_time("redeemed_at")?.is_some() => Standing::Redeemed,
        _ if expired => Standing::Expired,
        "approved" => Standing::Approved,
        _ => Standing::Open,
    })
}
