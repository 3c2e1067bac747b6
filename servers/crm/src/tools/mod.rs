//! The tools. One file each; adding one is its file and its two lines here.

mod change_opportunity_stage;
mod find_accounts;
mod get_account_brief;
mod get_pipeline_summary;
mod list_customer_cases;
mod list_open_opportunities;
mod list_recent_activity;
mod list_upcoming_renewals;
mod log_customer_activity;
mod schedule_follow_up;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;

use tool::{Catalog, Kind};

use crate::book::Book;
use crate::writing;

/// Every tool of the domain, in the order clients see them.
#[must_use]
pub fn catalog() -> Catalog<Book> {
    Catalog::new()
        .with::<find_accounts::FindAccounts>()
        .with::<get_account_brief::GetAccountBrief>()
        .with::<list_open_opportunities::ListOpenOpportunities>()
        .with::<get_pipeline_summary::GetPipelineSummary>()
        .with::<list_recent_activity::ListRecentActivity>()
        .with::<list_upcoming_renewals::ListUpcomingRenewals>()
        .with::<list_customer_cases::ListCustomerCases>()
        .with::<log_customer_activity::LogCustomerActivity>()
        .with::<schedule_follow_up::ScheduleFollowUp>()
        .with::<change_opportunity_stage::ChangeOpportunityStage>()
        .kind(Kind { name: "account", title: "Account", tool: "get_account_brief", argument: "account" })
        .kind(Kind {
            name: writing::KIND,
            title: "What was done about a record",
            tool: "list_recent_activity",
            argument: "record",
        })
}
