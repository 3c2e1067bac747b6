//! The nouns of the domain, as they leave.

mod records;
mod reports;
mod words;

pub use records::{Account, Activity, CaseComment, Contact, CustomerCase, Linked, Opportunity, Renewal};
pub use reports::{AccountBrief, Pipeline, PipelineGroup, Unavailable};
pub use words::{
    AccountGap, ActivityKind, CaseState, GroupBy, Noun, OpportunityGap, Section, Severity, Standing,
};
