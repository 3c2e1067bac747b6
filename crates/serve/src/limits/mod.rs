//! Limits of calls: what each caller, tenant, workflow and tool may use of this server (security, section 2.7).
//!
//! What is given back by itself (places for calls under way) is taken first, then budgets are looked at, and rates last,
//! the narrowest first: a rate knows no refunds, so a call that its tool's limit refuses costs its tenant nothing.

mod bounded;
mod budgets;
mod cells;
mod flight;
mod rates;
mod table;

use std::sync::Arc;
use std::time::Duration;

use call::{Caller, Clock, Cx};
use error::{Code, Error, Result};
use metrics::{counter, gauge};
use store::{Budgets as Counters, Limiter as _, Rate, Shared, Taken};
use tool::{Answer, Deadline, Meta};

use crate::tenants::Tenant;

pub(crate) use bounded::Bounded;
use budgets::Account;
pub(crate) use budgets::Budgets;
pub(crate) use cells::Cells;
use flight::{Aboard, Flight, Full};
pub(crate) use rates::{Rates, pace};
pub(crate) use table::{CallerTable, CallsTable, DayTable, Most, PaceTable, ToolTable, WorkflowTable};

/// How long a caller waits for a place: calls end within seconds.
const PLACE: Duration = Duration::from_secs(1);

/// How many times its rate a caller may ask before it is turned away at the door. Whoever goes a little too fast is told by
/// a typed refusal, which is on record; a flood would make work of that.
const FLOOD: u32 = 2;

/// The limits of this process.
pub(crate) struct Limits {
    usual: Rates,
    spared: Rates,
    door: Cells,
    limiter: Limiter,
    flight: Arc<Flight>,
    capacity: usize,
    pub(crate) budgets: Arc<Budgets>,
}

/// What the limits are made of.
pub(crate) struct Plan {
    /// For callers who proved who they are.
    pub(crate) usual: Rates,
    /// For the person at the machine, and for everybody in the sandbox.
    pub(crate) spared: Rates,
    /// The limiter that replicas share; none: this process counts for itself.
    pub(crate) shared: Option<Shared>,
    /// Calls under way of all callers together, from which on none begins.
    pub(crate) capacity: usize,
}

/// Who counts the calls.
enum Limiter {
    Own(Cells),
    Shared(Box<Shared>),
}

/// Whose calls are counted. Every part is from another hand, and only the last may be anything.
#[derive(Hash)]
struct Key<'a> {
    level: &'static str,
    tenant: &'a str,
    caller: &'a str,
    name: &'a str,
}

/// A call that may run. Its place is free again when this is dropped.
pub(crate) struct Admitted {
    _aboard: Aboard,
    accounts: Vec<Account>,
    budgets: Arc<Budgets>,
}

impl Limits {
    pub(crate) fn new(plan: Plan, counters: Arc<dyn Counters>, clock: Clock) -> Self {
        Self {
            usual: plan.usual,
            spared: plan.spared,
            door: Cells::default(),
            limiter: plan
                .shared
                .map_or_else(|| Limiter::Own(Cells::default()), |shared| Limiter::Shared(Box::new(shared))),
            flight: Arc::default(),
            capacity: plan.capacity,
            budgets: Arc::new(Budgets::new(counters, clock)),
        }
    }

    fn rates<'a>(&'a self, caller: &Caller, tenant: Option<&'a Tenant>) -> &'a Rates {
        match tenant {
            Some(tenant) => &tenant.rates,
            None if caller.is_local() => &self.spared,
            None => &self.usual,
        }
    }

    /// How long a caller has to wait who asks many times as often as it may; `None` lets it in. Of this process alone,
    /// without a record and before anything is read: a flood is to cost next to nothing.
    pub(crate) fn turn_away(&self, caller: &Caller, tenant: Option<&Tenant>) -> Option<Duration> {
        let rate = self.rates(caller, tenant).caller?.times(FLOOD);
        let of = caller.tenant.as_deref().unwrap_or_default();
        let key = Key { level: "door", tenant: of, caller: &caller.key(), name: "" };
        match self.door.take(&key, rate) {
            Taken::Granted => None,
            Taken::Refused { wait } => {
                refused(key.level);
                Some(wait)
            }
        }
    }

    /// Tells the store what was used, and operators how it stands, as long as it is polled.
    pub(crate) async fn tend(self: Arc<Self>) {
        let alone = gauge!(ALONE);
        loop {
            alone.set(if self.limiter.is_alone() { 1.0 } else { 0.0 });
            tokio::time::sleep(budgets::EVERY).await;
            self.budgets.settle().await;
        }
    }

    /// Lets a call of `meta`'s tool begin, by somebody of `tenant`.
    ///
    /// # Errors
    /// `rate_limited` or `quota_exhausted`, with whose limit it is and when to come again.
    pub(crate) async fn admit(&self, cx: &Cx, meta: &Meta, tenant: Option<&Tenant>) -> Result<Admitted> {
        let rates = self.rates(cx.caller(), tenant);
        let caller = cx.caller().key();
        let aboard = self.board(cx, &caller, meta, rates)?;
        let accounts = self.budgets.check(cx, &rates.day).await.inspect_err(|_| refused("budget"))?;
        self.pace(cx, &caller, meta, rates).await?;
        Ok(Admitted { _aboard: aboard, accounts, budgets: self.budgets.clone() })
    }

    /// A place among the calls under way. As they become many, reports find none first, then reads, then writes: what
    /// is dear and can be had later goes before what somebody decided to do.
    fn board(&self, cx: &Cx, caller: &str, meta: &Meta, rates: &Rates) -> Result<Aboard> {
        let capacity = match meta.deadline {
            Deadline::Report => self.capacity / 2,
            _ if meta.is_write() => self.capacity,
            _ => self.capacity / 4 * 3,
        };
        let tenant = cx.caller().tenant.as_deref().unwrap_or_default();
        self.flight.board(&(tenant, caller), capacity, rates.in_flight).map_err(|full| match full {
            Full::All => {
                refused("overload");
                limited("the server is at its limit", PLACE)
            }
            Full::Caller => {
                refused("in_flight");
                let most = rates.in_flight.unwrap_or_default();
                limited(&format!("{most} calls of this caller are under way, as many as may be"), PLACE)
            }
        })
    }

    /// Takes the call out of every rate it falls under.
    async fn pace(&self, cx: &Cx, caller: &str, meta: &Meta, rates: &Rates) -> Result<()> {
        let tenant = cx.caller().tenant.as_deref().unwrap_or_default();
        let write = meta.is_write();
        let workflow = Some(cx.workflow()).filter(|workflow| !workflow.derived && !workflow.id.is_empty());
        let workflow = workflow.map(|workflow| workflow.id.as_str());
        let writes = workflow.filter(|_| write);
        let of_tool = if write { rates.tool_writes } else { rates.tool };
        let tenants = Some("").filter(|_| !tenant.is_empty());
        for (level, rate, whose, name) in [
            ("tool", of_tool, caller, Some(meta.name)),
            ("workflow_writes", rates.workflow_writes, caller, writes),
            ("workflow", rates.workflow, caller, workflow),
            ("caller", rates.caller, caller, Some("")),
            ("tenant", rates.tenant, "", tenants),
        ] {
            let (Some(rate), Some(name)) = (rate, name) else { continue };
            let key = Key { level, tenant, caller: whose, name };
            if let Taken::Refused { wait } = self.limiter.take(&key, rate).await {
                refused(level);
                return Err(limited(&reached(level, rate), wait));
            }
        }
        Ok(())
    }
}

impl Admitted {
    /// Charges the call, however it ended, to the budgets it falls under.
    pub(crate) fn charge(&self, answer: &Result<Answer>) {
        let (rows, bytes) = answer.as_ref().map_or((0, 0), |answer| (answer.rows, answer.text.len()));
        self.budgets.charge(&self.accounts, rows as u64, bytes as u64);
    }
}

impl Limiter {
    /// Whether others should be asked and do not answer.
    fn is_alone(&self) -> bool {
        match self {
            Self::Own(_) => false,
            Self::Shared(shared) => shared.is_alone(),
        }
    }

    async fn take(&self, key: &Key<'_>, rate: Rate) -> Taken {
        match self {
            Self::Own(cells) => cells.take(key, rate),
            Self::Shared(shared) => shared.take(&key.text(), rate).await,
        }
    }
}

impl Key<'_> {
    /// The key as replicas share it. Lengths first, so that no two keys share a text.
    fn text(&self) -> String {
        let Self { level, tenant, caller, name } = self;
        format!("{level}:{}:{}:{tenant}{caller}{name}", tenant.len(), caller.len())
    }
}

/// `the caller's limit of 20 calls a second is reached`.
fn reached(level: &str, rate: Rate) -> String {
    let (whose, what) = match level {
        "workflow_writes" => ("workflow", "writes"),
        "tool" => ("tool", "calls by this caller"),
        level => (level, "calls"),
    };
    let a_second = Duration::from_secs(1).as_nanos() / rate.interval.as_nanos().max(1);
    match a_second {
        0 => {
            let an_hour = Duration::from_secs(3600).as_nanos() / rate.interval.as_nanos().max(1);
            format!("the {whose}'s limit of {an_hour} {what} an hour is reached")
        }
        n => format!("the {whose}'s limit of {n} {what} a second is reached"),
    }
}

fn limited(why: &str, wait: Duration) -> Error {
    Error::new(Code::RateLimited, why.to_owned()).retry_after(wait)
}

/// Counts a refusal: `chancery_limited_total{level}`.
pub(crate) fn refused(level: &'static str) {
    counter!(LIMITED, "level" => level).increment(1);
}

const LIMITED: &str = "chancery_limited_total";
const ALONE: &str = "chancery_limiter_alone";

/// Gives the metrics their help texts, in the recorder that is installed.
pub(crate) fn describe() {
    metrics::describe_counter!(
        LIMITED,
        metrics::Unit::Count,
        "Calls and requests refused because a limit was reached, by level."
    );
    metrics::describe_gauge!(
        ALONE,
        metrics::Unit::Count,
        "1 while the shared limiter does not answer and this replica grants its own part."
    );
}

#[cfg(test)]
mod tests;
