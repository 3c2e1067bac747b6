//! What is put together from several records.

use content::Label;
use schemars::JsonSchema;
use serde::Serialize;
use tool::{Day, Link, Output, SourceReport, Totals};

use super::{Account, Activity, Contact, CustomerCase, Opportunity, Renewal, Section, Standing};

/// A customer and what surrounds it, for whoever is about to talk to them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AccountBrief {
    /// The account.
    pub account: Account,
    /// Its people, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<Contact>>,
    /// Its open opportunities, soonest close first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opportunities: Option<Vec<Opportunity>>,
    /// What was done lately, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<Vec<Activity>>,
    /// Its cases that are not closed, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cases: Option<Vec<CustomerCase>>,
    /// Its renewals to come, soonest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewals: Option<Vec<Renewal>>,
    /// Sections that were asked for and could not be had, each with its reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unavailable: Vec<Unavailable>,
    /// Something was left out or shortened for the size of the answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// How many records were left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omitted: Option<usize>,
}

impl Output for AccountBrief {
    fn links(&self) -> Vec<Link> {
        vec![Link {
            kind: "account".into(),
            id: self.account.id.clone(),
            label: self.account.name.to_string(),
        }]
    }
}

/// A section of a brief that could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Unavailable {
    /// The section.
    pub section: Section,
    /// Why.
    pub reason: String,
}

/// The opportunities that close in a period, added up per currency.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Pipeline {
    /// The first day of the period.
    pub from: Day,
    /// The day after its last.
    pub before: Day,
    /// Per source, standing and group; open first, the greatest number first.
    pub groups: Vec<PipelineGroup>,
    /// What is open, over all groups.
    pub open: Totals,
    /// What was won, over all groups.
    pub won: Totals,
    /// Whether every opportunity of the period was counted. If not, every number here is a lower bound.
    pub complete: bool,
    /// How each source answered.
    pub sources: Vec<SourceReport>,
}

impl Output for Pipeline {
    const LIST: Option<&'static str> = Some("groups");

    fn rows(&self) -> usize {
        self.groups.len()
    }
}

/// Opportunities of one source that stand alike and belong together.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PipelineGroup {
    /// The source.
    pub source: String,
    /// How they stand.
    pub standing: Standing,
    /// The stage, person or forecast category; absent for opportunities without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Label>,
    /// How many.
    pub count: u64,
    /// What they are worth; opportunities without an amount add nothing.
    pub totals: Totals,
}
