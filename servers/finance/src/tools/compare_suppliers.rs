//! `compare_suppliers`.

use call::Cx;
use error::Result;
use jiff::{Span, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{
    Currency, Day, Meta, Output, RecordId, Source, SourceReport, SourceStatus, Sources, Told, Tool, When,
};

use crate::ledger::{Days, Ledger, SupplierOrder, SupplierQuery};
use crate::model::Supplier;
use crate::{ranking, reference};

/// Compares suppliers (vendors we buy from): payment terms, blocks, contacts, spend and how late they deliver. The top
/// n, or those named; sorted by any of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CompareSuppliers {
    /// Only these
    #[schemars(length(max = 20))]
    suppliers: Option<Vec<String>>,
    /// How many; 20 if absent
    #[schemars(range(min = 1, max = 50))]
    top: Option<u32>,
    /// Spend if absent and known, else name
    sort_by: Option<SupplierOrder>,
    /// Rank spend in this currency
    currency: Option<Currency>,
    /// Spend and lateness since; P1Y if absent
    since: Option<When>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

/// Suppliers side by side.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Comparison {
    suppliers: Vec<Supplier>,
    sorted_by: SupplierOrder,
    /// The currency that spend is ranked in.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    /// Spend and lateness cover the time from here to today.
    since: Day,
    /// No supplier was left out of the ranking.
    complete: bool,
    /// Suppliers were left out for the size of the answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    omitted: Option<usize>,
    sources: Vec<SourceReport>,
}

impl Output for Comparison {
    const LIST: Option<&'static str> = Some("suppliers");

    fn rows(&self) -> usize {
        self.suppliers.len()
    }
}

impl Tool for CompareSuppliers {
    type Port = Ledger;
    type Out = Comparison;
    const META: Meta = Meta::read("compare_suppliers", "Compare suppliers", "finance:read").report();

    fn able(port: &Ledger) -> bool {
        port.able().suppliers
    }

    async fn run(self, cx: &Cx, sources: &Sources<Ledger>) -> Result<Comparison> {
        let now = cx.now();
        let today = now.to_zoned(TimeZone::UTC).date();
        let since = match &self.since {
            Some(when) => when.day(now, "since")?,
            None => today.saturating_sub(Span::new().years(1)),
        };
        let named = self.named(cx, sources).await?;
        let some = self.concerned(sources, &named)?;
        let spend_is_known = some.iter().any(|s| s.port.able().spend);
        let order = self.sort_by.unwrap_or(match spend_is_known {
            true => SupplierOrder::Spend,
            false => SupplierOrder::Name,
        });
        let limit = self.top.map_or(20, |top| top as usize).max(named.len());
        let query = |source: &Source<Ledger>| SupplierQuery {
            ids: of(&named, source),
            order,
            currency: self.currency,
            days: Days { from: Some(since), to: Some(today) },
            limit,
        };
        let answers = sources
            .ask(cx, some, |source| {
                let query = query(source);
                Box::pin(async move { source.port.suppliers(cx, &query).await })
            })
            .await;
        let Told { answers: sweeps, reports, .. } = Told::of(answers, now).settled()?;
        // A ledger without suppliers leaves none out.
        let answered = |r: &SourceReport| matches!(r.status, SourceStatus::Ok | SourceStatus::Unsupported);
        let complete = sweeps.iter().all(|(_, s)| s.complete) && reports.iter().all(answered);
        let found: Vec<Vec<Supplier>> = sweeps.into_iter().map(|(_, s)| s.rows).collect();
        let alike = order != SupplierOrder::Spend
            || self.currency.is_some()
            || ranking::is_ranked_alike(&found, limit);
        let mut suppliers: Vec<Supplier> = found.into_iter().flatten().collect();
        let currency = ranking::rank(&mut suppliers, order, self.currency);
        suppliers.truncate(limit);
        let comparison = Comparison {
            suppliers,
            sorted_by: order,
            currency,
            since: Day(since),
            complete: complete && alike,
            truncated: false,
            omitted: None,
            sources: reports,
        };
        Ok(tool::fit(comparison, cx.budget(), shed))
    }
}

impl CompareSuppliers {
    async fn named(&self, cx: &Cx, sources: &Sources<Ledger>) -> Result<Vec<RecordId>> {
        let mut ids = Vec::new();
        for text in self.suppliers.iter().flatten() {
            let id = reference::supplier(cx, sources, text).await?.id();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    fn concerned<'s>(
        &self,
        sources: &'s Sources<Ledger>,
        named: &[RecordId],
    ) -> Result<Vec<&'s Source<Ledger>>> {
        let some = sources.narrowed(self.source.as_deref())?.into_iter();
        Ok(some.filter(|s| named.is_empty() || !of(named, s).is_empty()).collect())
    }
}

fn of(ids: &[RecordId], source: &Source<Ledger>) -> Vec<String> {
    ids.iter().filter(|id| id.source() == source.name).map(|id| id.native().to_owned()).collect()
}

/// The last in rank goes first.
fn shed(comparison: &mut Comparison) -> bool {
    let shed = comparison.suppliers.len() > 1 && comparison.suppliers.pop().is_some();
    if shed {
        comparison.truncated = true;
        comparison.omitted = Some(comparison.omitted.unwrap_or_default() + 1);
    }
    shed
}
