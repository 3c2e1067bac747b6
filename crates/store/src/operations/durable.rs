//! Operations as rows.

use std::time::Duration;

use call::BoxFuture;
use error::Result;

use super::held::Ticket;
use super::{Begin, Claim, End, Ended, Held, Known, Operations, State};
use crate::engine::{Row, Statement};
use crate::store::millis;
use crate::{Scope, Store, fault, handle, scope};

/// How long an operation of unknown fate is kept. Nobody looks for it later than that.
const UNKNOWN_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How often a duplicate looks whether the first ended on another replica.
const LOOK: Duration = Duration::from_millis(150);

/// How often a claim is tried where the operation changes between two looks.
const TRIES: u32 = 8;

impl Operations for Store {
    fn begin<'a>(&'a self, begin: Begin<'a>) -> BoxFuture<'a, Result<Claim>> {
        Box::pin(async move {
            check(&begin)?;
            for _ in 0..TRIES {
                let ticket = ticket(&begin);
                let taken = self.rows(take(self, &ticket, begin.arguments, None)).await?;
                if let Some(row) = taken.first() {
                    return claimed(self, ticket, row);
                }
                if let Some(claim) = standing(self, &begin).await? {
                    return Ok(claim);
                }
            }
            Err(fault::unreachable("an operation changes faster than it can be claimed"))
        })
    }

    fn resume<'a>(&'a self, scope: &'a Scope, id: &'a str) -> BoxFuture<'a, Result<Option<Held>>> {
        Box::pin(async move {
            let claim = handle::fresh();
            let rows =
                self.rows(key(RESUME, scope, id).bind(&*claim).bind(self.now()).bind(lease(self))).await?;
            let Some(row) = rows.first() else { return Ok(None) };
            let ticket =
                Ticket { scope: scope.clone(), id: id.to_owned(), digest: row.text("digest")?, claim };
            Ok(Some(Held::new(self, ticket, row.int("attempts")?, row.time("begun_at")?)))
        })
    }

    fn finish<'a>(&'a self, held: Held, end: End<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let ticket = held.release();
            let written = match end {
                End::Done { answer, keep } => self.rows(done(self, &ticket, answer, keep)).await.map(drop),
                End::Unknown => abandon(self, &ticket).await,
                End::Nothing => {
                    self.rows(key(FORGET, &ticket.scope, &ticket.id).bind(&*ticket.claim)).await.map(drop)
                }
            };
            self.ended().notify_waiters();
            written
        })
    }

    fn pending<'a>(&'a self, tenant: Option<&'a str>, most: u32) -> BoxFuture<'a, Result<Vec<Known>>> {
        Box::pin(async move {
            let now = self.now();
            let sought = Statement::new(PENDING).bind(now).bind(tenant).bind(i64::from(most));
            self.rows(sought).await?.iter().map(|row| known(row, now)).collect()
        })
    }

    fn find<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Vec<Known>>> {
        Box::pin(async move {
            scope::check("id", id)?;
            let now = self.now();
            self.rows(Statement::new(FIND).bind(id).bind(now))
                .await?
                .iter()
                .map(|row| known(row, now))
                .collect()
        })
    }
}

/// The statement that claims an operation, if it is free. With a plan, only if this claim consumed that.
pub(crate) fn take(store: &Store, ticket: &Ticket, arguments: &[u8], plan: Option<&str>) -> Statement {
    key(TAKE, &ticket.scope, &ticket.id)
        .bind(&*ticket.claim)
        .bind(store.now())
        .bind(lease(store))
        .bind(kept(store, UNKNOWN_KEPT))
        .bind(&*ticket.digest)
        .bind(arguments)
        .bind(plan)
}

/// The claim that a row of [`take`] tells of.
pub(crate) fn claimed(store: &Store, ticket: Ticket, row: &Row) -> Result<Claim> {
    let held = Held::new(store, ticket, row.int("attempts")?, row.time("begun_at")?);
    Ok(if held.attempts() == 1 { Claim::Fresh(held) } else { Claim::Unknown(held) })
}

/// How an operation stands that could not be claimed; `None` where that changed in the meantime.
pub(crate) async fn standing(store: &Store, begin: &Begin<'_>) -> Result<Option<Claim>> {
    let rows = store.rows(key(STANDING, begin.scope, begin.id)).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let now = store.now();
    let done = row.text("state")? == "done";
    if done && row.int("keep_until")? <= now {
        return Ok(None);
    }
    if row.text("digest")? != begin.digest {
        return Ok(Some(Claim::OtherArguments));
    }
    Ok(match state(row, now)? {
        State::Done => Some(Claim::Done(row.some_bytes("answer")?.unwrap_or_default())),
        State::Running => Some(Claim::Running(ended(store, begin.scope, begin.id))),
        State::Unknown => None,
    })
}

/// Prolongs a claim; `false` where it is no longer ours.
pub(super) async fn renew(store: &Store, ticket: &Ticket) -> Result<bool> {
    let renewal = key(RENEW, &ticket.scope, &ticket.id).bind(&*ticket.claim).bind(lease(store));
    Ok(!store.rows(renewal).await?.is_empty())
}

/// Marks an operation as of unknown fate, if the claim still holds.
pub(super) async fn abandon(store: &Store, ticket: &Ticket) -> Result<()> {
    let mark = key(ABANDON, &ticket.scope, &ticket.id)
        .bind(&*ticket.claim)
        .bind(store.now())
        .bind(kept(store, UNKNOWN_KEPT));
    let written = store.rows(mark).await;
    store.ended().notify_waiters();
    written.map(drop)
}

/// A new claim for an operation.
pub(crate) fn ticket(begin: &Begin<'_>) -> Ticket {
    Ticket {
        scope: begin.scope.clone(),
        id: begin.id.to_owned(),
        digest: begin.digest.to_owned(),
        claim: handle::fresh(),
    }
}

fn check(begin: &Begin<'_>) -> Result<()> {
    scope::check("operation", begin.id)?;
    scope::check("digest", begin.digest)
}

fn done(store: &Store, ticket: &Ticket, answer: &[u8], keep: Duration) -> Statement {
    key(DONE, &ticket.scope, &ticket.id)
        .bind(&*ticket.digest)
        .bind(answer)
        .bind(store.now())
        .bind(kept(store, keep))
}

/// A statement whose first four arguments name an operation.
fn key(sql: &'static str, scope: &Scope, id: &str) -> Statement {
    Statement::new(sql).bind(scope.tenant()).bind(scope.caller()).bind(scope.tool()).bind(id)
}

fn lease(store: &Store) -> i64 {
    kept(store, store.settings().lease)
}

fn kept(store: &Store, long: Duration) -> i64 {
    store.now().saturating_add(millis(long))
}

fn ended(store: &Store, scope: &Scope, id: &str) -> Ended {
    let (store, scope, id) = (store.clone(), scope.clone(), id.to_owned());
    Ended(Box::pin(async move {
        loop {
            // Registered before the look, so that an end between look and wait is not missed.
            let rung = store.ended().notified();
            match runs(&store, &scope, &id).await {
                Ok(true) | Err(_) => {
                    let _ = tokio::time::timeout(LOOK, rung).await;
                }
                Ok(false) => return,
            }
        }
    }))
}

async fn runs(store: &Store, scope: &Scope, id: &str) -> Result<bool> {
    let rows = store.rows(key(STANDING, scope, id)).await?;
    rows.first().map_or(Ok(false), |row| Ok(state(row, store.now())? == State::Running))
}

fn state(row: &Row, now: i64) -> Result<State> {
    Ok(match row.text("state")?.as_str() {
        "done" => State::Done,
        "started" if row.int("lease_until")? > now => State::Running,
        _ => State::Unknown,
    })
}

fn known(row: &Row, now: i64) -> Result<Known> {
    Ok(Known {
        scope: Scope::new(row.text("tenant")?, row.text("caller")?, row.text("tool")?)?,
        id: row.text("id")?,
        digest: row.text("digest")?,
        arguments: row.bytes("arguments")?,
        state: state(row, now)?,
        attempts: row.int("attempts")?,
        begun_at: row.time("begun_at")?,
        changed_at: row.time("changed_at")?,
    })
}

/// New, or free to be taken: of unknown fate, lapsed, or done so long ago that it is another operation. Where it
/// begins with a plan, only if this claim is the one that consumed it.
const TAKE: &str = "INSERT INTO chancery_operations AS o
        (tenant, caller, tool, id, digest, state, claim, lease_until, attempts, arguments,
         begun_at, changed_at, keep_until)
    SELECT $1, $2, $3, $4, $9, 'started', $5, $7, 1, $10, $6, $6, $8
    WHERE $11 IS NULL OR EXISTS (SELECT 1 FROM chancery_plans WHERE handle = $11 AND claim = $5)
    ON CONFLICT (tenant, caller, tool, id) DO UPDATE SET
        digest = excluded.digest, state = 'started', claim = excluded.claim, lease_until = excluded.lease_until,
        attempts = CASE WHEN o.state = 'done' THEN 1 ELSE o.attempts + 1 END,
        begun_at = CASE WHEN o.state = 'done' THEN excluded.begun_at ELSE o.begun_at END,
        arguments = excluded.arguments, answer = NULL, changed_at = excluded.changed_at,
        keep_until = excluded.keep_until
    WHERE (o.digest = excluded.digest AND (o.state = 'unknown' OR (o.state = 'started' AND o.lease_until <= $6)))
        OR (o.state = 'done' AND o.keep_until <= $6)
    RETURNING attempts, begun_at";

const RESUME: &str = "UPDATE chancery_operations
    SET state = 'started', claim = $5, lease_until = $7, attempts = attempts + 1, changed_at = $6
    WHERE tenant = $1 AND caller = $2 AND tool = $3 AND id = $4
        AND (state = 'unknown' OR (state = 'started' AND lease_until <= $6))
    RETURNING attempts, digest, begun_at";

const STANDING: &str = "SELECT digest, state, lease_until, answer, keep_until FROM chancery_operations
    WHERE tenant = $1 AND caller = $2 AND tool = $3 AND id = $4";

const DONE: &str = "UPDATE chancery_operations
    SET state = 'done', answer = $6, arguments = '', changed_at = $7, keep_until = $8
    WHERE tenant = $1 AND caller = $2 AND tool = $3 AND id = $4 AND digest = $5 AND state <> 'done'
    RETURNING 1";

const ABANDON: &str = "UPDATE chancery_operations SET state = 'unknown', changed_at = $6, keep_until = $7
    WHERE tenant = $1 AND caller = $2 AND tool = $3 AND id = $4 AND claim = $5 AND state = 'started'
    RETURNING 1";

const FORGET: &str = "DELETE FROM chancery_operations
    WHERE tenant = $1 AND caller = $2 AND tool = $3 AND id = $4 AND claim = $5 AND state = 'started'
    RETURNING 1";

const RENEW: &str = "UPDATE chancery_operations SET lease_until = $6
    WHERE tenant = $1 AND caller = $2 AND tool = $3 AND id = $4 AND claim = $5 AND state = 'started'
    RETURNING 1";

const PENDING: &str = "SELECT * FROM chancery_operations
    WHERE (state = 'unknown' OR (state = 'started' AND lease_until <= $1))
        AND ($2 IS NULL OR tenant = $2) AND caller <> ''
    ORDER BY begun_at, id LIMIT $3";

const FIND: &str = "SELECT * FROM chancery_operations
    WHERE id = $1 AND (state <> 'done' OR keep_until > $2) ORDER BY begun_at LIMIT 100";
