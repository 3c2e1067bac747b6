//! Getting work done.

use super::script::{List, Order, Script, Step, ask};

pub(crate) const SCRIPT: Script = Script {
    domain: "issues",
    steps: STEPS,
    nouns: NOUNS,
    takes: TAKES,
    facts: FACTS,
    kinds: &[],
    nameless: &[],
    lists: LISTS,
};

const STEPS: &[Step] = &[
    ask("search_issues", r#"{"source": "$source", "text": "safari", "detail": "full"}"#),
    ask("search_issues", r#"{"source": "$source", "state": "todo", "priority": "high", "limit": 5}"#)
        .keep(&[("story", "/items/0/id")]),
    ask("search_issues", r#"{"source": "$source", "assignee": "me", "updated_after": "P300D"}"#),
    ask("search_issues", r#"{"source": "$source", "where_empty": "assignee", "limit": 5}"#),
    ask("get_issue", r#"{"issue": "$story"}"#),
    ask("list_assigned_work", r#"{"source": "$source"}"#),
    ask("list_release_blockers", r#"{"source": "$source"}"#),
    ask("get_delivery_links", r#"{"issue": "$story"}"#),
    ask("create_issue", r#"{"source": "$source", "project": "$project", "title": "By the script"}"#)
        .keep(&[("filed", "/record/id")]),
    ask("get_iteration_status", r#"{"source": "$source", "project": "$project"}"#),
    ask(
        "update_issue_fields",
        r#"{"issue": "$filed", "title": "By the script, twice", "assignee": "me", "add_labels": ["scripted"]}"#,
    ),
    ask("comment_on_issue", r#"{"issue": "$filed", "text": "Seen.", "visibility": "public"}"#),
    ask("comment_on_issue", r#"{"issue": "$filed", "text": "Seen.", "visibility": "internal"}"#)
        .unable(&["github"]),
    ask("transition_issue", r#"{"issue": "$filed", "to": "$done"}"#),
];

const NOUNS: &[(&str, &str)] = &[
    ("items/id", "issue"),
    ("issue/id", "issue"),
    ("links/id", "issue"),
    ("issue", "issue"),
    ("comments/id", "-"),
    ("change/record/id", "issue"),
    ("comment_on_issue/record/id", "-"),
    ("record/id", "issue"),
    ("pull_requests/id", "-"),
];

const TAKES: &[(&str, Step)] = &[
    ("issue", ask("get_issue", r#"{"issue": "$id"}"#)),
    ("issue", ask("search_issues", r#"{"ids": ["$id"]}"#)),
    ("issue", ask("get_delivery_links", r#"{"issue": "$id"}"#)),
    ("issue", ask("update_issue_fields", r#"{"issue": "$id", "add_labels": ["looked-at"]}"#)),
    ("issue", ask("comment_on_issue", r#"{"issue": "$id", "text": "Seen.", "visibility": "public"}"#)),
];

const FACTS: &[(&str, &str, &str)] = &[
    ("github", "project", "halden/web"),
    ("github", "done", "closed as completed"),
    ("jira", "project", "PAY"),
    ("jira", "done", "Done"),
];

const LISTS: &[List] = &[
    List { tool: "search_issues", arguments: "{}", key: "/updated", order: Order::Descending },
    List { tool: "list_assigned_work", arguments: "{}", key: "/due", order: Order::Ascending },
    List { tool: "list_release_blockers", arguments: "{}", key: "/priority", order: Order::Ascending },
];
