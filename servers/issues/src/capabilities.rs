//! What each tracker is able to do: the tables in the vendors' READMEs.

use capabilities::{Ability, argument, check, field, value, values};

use crate::model::Emptiable;
use crate::tracker::{Able, Tracker};

/// With `CHANCERY_BLESS=1` the tables are written, else they are compared.
#[tokio::test]
async fn tables_say_what_vendors_are_able_to_do() {
    let (catalog, vendors) = (crate::tools::catalog(), crate::vendors::all());
    check(env!("CARGO_MANIFEST_DIR"), catalog, &vendors, abilities).unwrap();
}

fn abilities(tracker: &Tracker) -> Vec<Ability> {
    let Able {
        priority,
        doing,
        due,
        blocked,
        empty,
        internal_comments,
        committed,
        checks,
        deployments,
        // It concerns the issues of other trackers; said in prose.
        mentions: _,
        set_priority,
        set_due,
        templates,
        total,
    } = tracker.able();
    let fields = [Emptiable::Assignee, Emptiable::Labels, Emptiable::Priority, Emptiable::Due];
    let mut all = vec![
        argument("search_issues", "priority", priority),
        value("search_issues", "state", "doing", doing),
        argument("list_assigned_work", "due_before", due),
        argument("list_assigned_work", "blocked", blocked),
        field("get_iteration_status", "committed", committed),
        field("get_iteration_status", "spilled", committed),
        argument("list_release_blockers", "severity", priority),
        field("get_issue", "checks", checks),
        field("get_issue", "deployments", deployments),
        field("get_delivery_links", "checks", checks),
        field("get_delivery_links", "deployments", deployments),
        argument("create_issue", "priority", set_priority),
        argument("create_issue", "due", set_due),
        argument("create_issue", "template", templates),
        argument("update_issue_fields", "priority", set_priority),
        argument("update_issue_fields", "due", set_due),
        value("update_issue_fields", "clear", "due", set_due),
        value("comment_on_issue", "visibility", "internal", internal_comments),
    ];
    all.extend(values("search_issues", "where_empty", &fields, empty));
    let lists = ["search_issues", "list_assigned_work", "list_release_blockers"];
    all.extend(lists.map(|tool| field(tool, "total", total)));
    all
}
