//! The limits that hold for a caller, told from the defaults, the configuration and the caller's tenant.

use std::time::Duration;

use store::{Level, Rate, Spent};

use super::table::{CallsTable, Most, PaceTable, QuotaTable, ToolTable, WorkflowTable};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// The limits of a caller's calls. `None` is no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rates {
    /// All callers of the tenant together.
    pub(crate) tenant: Option<Rate>,
    /// The caller.
    pub(crate) caller: Option<Rate>,
    /// Calls of the caller under way.
    pub(crate) in_flight: Option<u32>,
    /// A workflow of the caller's: calls and, among them, writes.
    pub(crate) workflow: Option<Rate>,
    pub(crate) workflow_writes: Option<Rate>,
    /// One tool by the caller, as it reads or writes.
    pub(crate) tool: Option<Rate>,
    pub(crate) tool_writes: Option<Rate>,
    /// Budgets of a day.
    pub(crate) day: Day,
}

/// Budgets of a day by whose they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Day {
    tenant: Quota,
    caller: Quota,
    workflow: Quota,
}

/// What may be used in a day. `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quota {
    calls: Option<u64>,
    rows: Option<u64>,
    bytes: Option<u64>,
}

impl Rates {
    /// What holds for callers who proved who they are, unless somebody says otherwise (security, section 2.7).
    pub(crate) fn usual() -> Self {
        Self {
            tenant: Some(Rate::per(SECOND, 100).with_burst(200)),
            caller: Some(Rate::per(SECOND, 20).with_burst(40)),
            in_flight: Some(8),
            workflow: Some(Rate::per(HOUR, 300)),
            workflow_writes: Some(Rate::per(HOUR, 30)),
            tool: None,
            tool_writes: Some(Rate::per(SECOND, 1).with_burst(5)),
            day: Day::default(),
        }
    }

    /// These limits with those that `table` names in their places.
    pub(crate) fn with(&self, table: &CallsTable) -> Self {
        let caller = PaceTable { per_second: table.caller.per_second, burst: table.caller.burst };
        let WorkflowTable { calls_per_hour, writes_per_hour } = &table.workflow;
        let ToolTable { reads_per_second, writes_per_second } = &table.tool;
        let in_flight = table.caller.in_flight;
        Self {
            tenant: pace(self.tenant, &table.tenant),
            caller: pace(self.caller, &caller),
            in_flight: in_flight.map_or(self.in_flight, Most::number),
            workflow: rate(self.workflow, *calls_per_hour, |n| Rate::per(HOUR, n)),
            workflow_writes: rate(self.workflow_writes, *writes_per_hour, |n| Rate::per(HOUR, n)),
            tool: rate(self.tool, *reads_per_second, |n| twice(SECOND, n)),
            tool_writes: rate(self.tool_writes, *writes_per_second, |n| {
                Rate::per(SECOND, n).with_burst(n.saturating_mul(5))
            }),
            day: Day {
                tenant: self.day.tenant.with(&table.day.tenant),
                caller: self.day.caller.with(&table.day.caller),
                workflow: self.day.workflow.with(&table.day.workflow),
            },
        }
    }
}

impl Day {
    /// The budget of a level.
    pub(crate) fn of(&self, level: Level) -> &Quota {
        match level {
            Level::Tenant => &self.tenant,
            Level::Caller => &self.caller,
            Level::Workflow => &self.workflow,
        }
    }
}

impl Quota {
    /// Whether nothing is limited.
    pub(crate) fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// What of it is used up, in words: `budget of 1000 rows a day`.
    pub(crate) fn used_up(&self, spent: &Spent) -> Option<String> {
        let parts = [
            (self.calls, spent.calls, "calls"),
            (self.rows, spent.rows, "rows"),
            (self.bytes, spent.bytes, "bytes"),
        ];
        let over = |(most, spent, what): (Option<u64>, u64, &str)| {
            most.filter(|most| spent >= *most).map(|most| format!("budget of {most} {what} a day"))
        };
        parts.into_iter().find_map(over)
    }

    fn with(&self, table: &QuotaTable) -> Self {
        let most = |known: Option<u64>, told: Option<Most<u64>>| told.map_or(known, Most::number);
        Self {
            calls: most(self.calls, table.calls),
            rows: most(self.rows, table.rows),
            bytes: most(self.bytes, table.bytes),
        }
    }
}

/// A rate as a table changes it: a number alone comes with twice as many at once.
pub(crate) fn pace(known: Option<Rate>, table: &PaceTable) -> Option<Rate> {
    let rate = rate(known, table.per_second, |n| twice(SECOND, n));
    match (rate, table.burst) {
        (Some(rate), Some(burst)) => Some(rate.with_burst(burst)),
        (rate, _) => rate,
    }
}

fn rate(known: Option<Rate>, told: Option<Most>, rate: impl Fn(u32) -> Rate) -> Option<Rate> {
    told.map_or(known, |told| told.number().map(rate))
}

/// So many in `period`, and twice as many at once.
fn twice(period: Duration, n: u32) -> Rate {
    Rate::per(period, n).with_burst(n.saturating_mul(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> CallsTable {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn what_a_table_does_not_name_stays() {
        let usual = Rates::usual();
        assert_eq!(usual.with(&CallsTable::default()), usual);
        let told = usual.with(&table(
            "caller = { per_second = 5, in_flight = \"off\" }\ntenant = { burst = 9 }\nworkflow = { writes_per_hour = \"off\" }",
        ));
        assert_eq!(told.caller, Some(Rate { burst: 10, interval: Duration::from_millis(200) }));
        assert_eq!(told.in_flight, None);
        assert_eq!(told.tenant, Some(Rate { burst: 9, interval: Duration::from_millis(10) }));
        assert_eq!((told.workflow, told.workflow_writes), (usual.workflow, None));
        assert_eq!(told.tool_writes, usual.tool_writes);
    }

    #[test]
    fn a_tenant_has_the_last_word_on_its_budget() {
        let server = Rates::default().with(&table("day = { tenant = { calls = 10, rows = 100 } }"));
        let tenant = server.with(&table("day = { tenant = { rows = \"off\", bytes = 1000 } }"));
        let quota = tenant.day.of(Level::Tenant);
        let spent = |calls, rows, bytes| quota.used_up(&Spent { calls, rows, bytes });
        assert_eq!(spent(9, 1_000_000, 999), None);
        assert_eq!(spent(10, 0, 0).as_deref(), Some("budget of 10 calls a day"));
        assert_eq!(spent(0, 0, 1000).as_deref(), Some("budget of 1000 bytes a day"));
        assert!(tenant.day.of(Level::Caller).is_open() && !quota.is_open());
    }
}
