//! `get_budget_availability`.

use call::{BoxFuture, Cx};
use error::{Error, Result};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Listing, Meta, Output, Source, SourceReport, Sources, Tool};

use crate::ledger::{BudgetQuery, Ledger, Period, Unit};
use crate::model::Budget;
use crate::reference;

/// How much money a cost center has left: budget, committed by orders, actually spent, available. For "can we afford
/// it?" before buying.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetBudgetAvailability {
    /// Id, code or name
    #[schemars(length(min = 1, max = 200))]
    cost_center: String,
    /// Year, quarter or month: 2026, 2026-Q4, 2026-11; this year if absent
    #[schemars(regex(pattern = r"^\d{4}(-[Qq][1-4]|-\d{2})?$"))]
    period: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

/// Budgets of one cost center: one for each currency and source.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Availability {
    budgets: Vec<Budget>,
    sources: Vec<SourceReport>,
}

impl Output for Availability {
    const LIST: Option<&'static str> = Some("budgets");

    fn rows(&self) -> usize {
        self.budgets.len()
    }
}

impl Tool for GetBudgetAvailability {
    type Port = Ledger;
    type Out = Availability;
    const META: Meta = Meta::read("get_budget_availability", "Get budget availability", "finance:read");

    fn able(port: &Ledger) -> bool {
        port.able().budgets
    }

    async fn run(self, cx: &Cx, sources: &Sources<Ledger>) -> Result<Availability> {
        let period = self.period(cx)?;
        let text = self.cost_center.as_str();
        let mut listing = Listing { source: self.source.clone(), ..Listing::default() };
        let keys = &reference::unit_of_each(cx, sources, &mut listing, Unit::CostCenter, Some(text)).await?;
        let budgets = |source| -> BoxFuture<'_, _> {
            let source: &Source<Ledger> = source;
            Box::pin(async move {
                let cost_center = keys.of(source)?.unwrap_or_default();
                source.port.budgets(cx, &BudgetQuery { cost_center, period }).await
            })
        };
        let (budgets, reports) = sources.gather(cx, &listing, budgets).await?;
        Ok(Availability { budgets: budgets.into_iter().flatten().collect(), sources: reports })
    }
}

impl GetBudgetAvailability {
    fn period(&self, cx: &Cx) -> Result<Period> {
        let this_year =
            || Period { year: cx.now().to_zoned(TimeZone::UTC).date().year(), first: 1, last: 12 };
        match &self.period {
            None => Ok(this_year()),
            Some(text) => Period::parse(text).ok_or_else(|| {
                Error::invalid("period", "must be a year, a quarter or a month: 2026, 2026-Q4, 2026-11")
            }),
        }
    }
}
