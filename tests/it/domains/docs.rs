//! Knowing what is written.

use super::script::{List, Order, Script, Step, ask};

pub(crate) const SCRIPT: Script = Script {
    domain: "docs",
    steps: STEPS,
    nouns: NOUNS,
    takes: TAKES,
    facts: &[],
    kinds: &[],
    nameless: NAMELESS,
    lists: LISTS,
};

const STEPS: &[Step] = &[
    ask("search_documents", r#"{"source": "$source", "limit": 5}"#).keep(&[("story", "/items/0/id")]),
    ask("search_documents", r#"{"source": "$source", "text": "policy", "detail": "full", "limit": 3}"#),
    ask("search_documents", r#"{"source": "$source", "updated_after": "P300D", "status": "current"}"#),
    ask("get_document", r#"{"document": "$story"}"#).keep(&[("anchor", "/outline/0/anchor")]),
    ask("get_document", r#"{"document": "$story", "view": "outline"}"#),
    ask("find_runbook", r#"{"source": "$source", "service": "Checkout API"}"#),
    ask("find_policy_documents", r#"{"source": "$source", "topic": "policy"}"#),
    ask("list_changed_documents", r#"{"source": "$source", "since": "P60D", "limit": 5}"#),
    ask("list_documents_needing_review", r#"{"source": "$source", "limit": 5}"#),
    ask("list_documents_needing_review", r#"{"source": "$source", "where_empty": "owner"}"#),
    ask("check_document_exposure", r#"{"document": "$story"}"#),
    ask(
        "create_document_draft",
        r##"{"source": "$source", "title": "By the script", "text": "# One\n\nFirst.\n\n## Two\n\nSecond.\n"}"##,
    )
    .keep(&[("draft", "/record/id")]),
    ask("get_document", r#"{"document": "$draft"}"#).keep(&[("version", "/document/version")]),
    ask("comment_on_document", r#"{"document": "$story", "text": "Read it."}"#),
    ask("comment_on_document", r#"{"document": "$story", "text": "Read this.", "section": "$anchor"}"#)
        .unable(&["notion"]),
    ask(
        "update_document_section",
        r#"{"document": "$draft", "section": "two", "text": "Third.", "expected_version": "$version"}"#,
    ),
];

/// A draft is no document yet: Confluence takes no comments on it.
const NOUNS: &[(&str, &str)] = &[
    ("create_document_draft/record/id", "draft"),
    ("create_document_draft/change/record/id", "draft"),
    ("update_document_section/record/document/id", "draft"),
    ("update_document_section/change/record/id", "draft"),
    ("undo/args/document", "draft"),
    ("comment_on_document/record/id", "-"),
    ("items/id", "document"),
    ("document/id", "document"),
    ("check_document_exposure/id", "document"),
    ("change/record/id", "document"),
];

const TAKES: &[(&str, Step)] = &[
    ("document", ask("get_document", r#"{"document": "$id"}"#)),
    ("document", ask("search_documents", r#"{"ids": ["$id"]}"#)),
    ("document", ask("check_document_exposure", r#"{"document": "$id"}"#)),
    ("document", ask("comment_on_document", r#"{"document": "$id", "text": "Read it."}"#)),
    ("draft", ask("get_document", r#"{"document": "$id"}"#)),
    ("draft", ask("search_documents", r#"{"ids": ["$id"]}"#)),
    ("draft", ask("check_document_exposure", r#"{"document": "$id"}"#)),
    (
        "draft",
        ask("create_document_draft", r#"{"parent": "$id", "title": "Below", "text": "More."}"#)
            .unable(&["notion"]),
    ),
];

/// Drafts are in no index.
const NAMELESS: &[(&str, &str, &str)] = &[("*", "draft", "name")];

const LISTS: &[List] = &[
    List { tool: "search_documents", arguments: "{}", key: "/updated", order: Order::Descending },
    List { tool: "find_policy_documents", arguments: "{}", key: "/updated", order: Order::Descending },
    List {
        tool: "list_changed_documents",
        arguments: r#"{"since": "P60D"}"#,
        key: "/updated",
        order: Order::Descending,
    },
];
