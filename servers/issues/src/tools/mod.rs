//! The tools. One file each; adding one is its file and its two lines here.

mod comment_on_issue;
mod create_issue;
mod get_delivery_links;
mod get_issue;
mod get_iteration_status;
mod list_assigned_work;
mod list_release_blockers;
mod search_issues;
#[cfg(test)]
mod tests;
mod transition_issue;
mod update_issue_fields;

use tool::{Catalog, Kind};

use crate::tracker::Tracker;

/// Every tool of the domain, in the order clients see them.
#[must_use]
pub fn catalog() -> Catalog<Tracker> {
    Catalog::new()
        .with::<search_issues::SearchIssues>()
        .with::<get_issue::GetIssue>()
        .with::<list_assigned_work::ListAssignedWork>()
        .with::<get_iteration_status::GetIterationStatus>()
        .with::<list_release_blockers::ListReleaseBlockers>()
        .with::<get_delivery_links::GetDeliveryLinks>()
        .with::<create_issue::CreateIssue>()
        .with::<update_issue_fields::UpdateIssueFields>()
        .with::<transition_issue::TransitionIssue>()
        .with::<comment_on_issue::CommentOnIssue>()
        .kind(Kind { name: "issue", title: "Issue", tool: "get_issue", argument: "issue" })
}
