//! The filters of a query, decided on a row.
//!
//! Some filters GitHub cannot express, some it decides in its own way, and a search may return more than it was
//! asked for: every row is judged once more here.

use super::map::Mapper;
use super::query::searchable_words;
use super::settings::{Meanings, same_label};
use super::wire;
use crate::model::{Emptiable, State};
use crate::tracker::Query;

/// Whether an issue is one that the query asks for, its words aside. Pull requests never are.
pub(super) fn passes(mapper: &Mapper, query: &Query, issue: &wire::Issue) -> bool {
    let meanings = &mapper.meanings;
    let priority = || meanings.priority_of(issue.label_names());
    !issue.is_pull()
        && query.state.is_none_or(|state| mapper.state(issue) == state)
        && (!query.open || issue.is_open())
        && query.assignee.as_deref().is_none_or(|login| is_assigned(issue, login))
        && query.labels.iter().all(|label| issue.label_names().any(|one| same_label(one, label)))
        && query.priority.is_none_or(|wanted| priority() == Some(wanted))
        && query.updated_after.is_none_or(|from| issue.updated_at >= from)
        && query.updated_before.is_none_or(|until| issue.updated_at < until)
        && query.due_before.is_none_or(|last| issue.due().is_some_and(|due| due <= last))
        && query.blocked.is_none_or(|blocked| mapper.is_blocked(issue) == blocked)
        && query.where_empty.is_none_or(|field| is_empty(meanings, issue, field))
}

/// Whether all words of a text occur in an issue, for issues that were fetched one by one.
pub(super) fn mentions(issue: &wire::Issue, text: &str) -> bool {
    let hay = format!("{}\n{}", issue.title, issue.body.as_deref().unwrap_or_default()).to_lowercase();
    searchable_words(text).all(|word| hay.contains(&word.to_lowercase()))
}

fn is_assigned(issue: &wire::Issue, login: &str) -> bool {
    issue.assignees.iter().any(|user| user.login.eq_ignore_ascii_case(login))
}

fn is_empty(meanings: &Meanings, issue: &wire::Issue, field: Emptiable) -> bool {
    match field {
        Emptiable::Assignee => issue.assignees.is_empty(),
        Emptiable::Labels => issue.labels.is_empty(),
        Emptiable::Priority => meanings.priority_of(issue.label_names()).is_none(),
        Emptiable::Due => issue.due().is_none(),
    }
}

/// Whether a search asks GitHub for all that [`passes`] decides, so that GitHub's count is that of the answer. Rows are
/// due by their milestones and blocked by what GitHub has no qualifier for.
pub(super) fn fits_a_search(query: &Query) -> bool {
    query.blocked.is_none() && query.where_empty != Some(Emptiable::Due)
}

/// What of a query one listing of one repository can be asked for; the rest is left to [`passes`].
pub(super) fn fits_a_listing(meanings: &Meanings, query: &Query) -> bool {
    let single = |labels: usize| labels == 1;
    query.text.is_none()
        && query.updated_before.is_none()
        && (query.state != Some(State::Doing) || single(meanings.doing_labels.len()))
        && query.priority.is_none_or(|priority| single(meanings.labels_of(priority).len()))
        && !matches!(query.where_empty, Some(Emptiable::Labels | Emptiable::Priority))
}
