//! Accounts and revenue.

use super::script::{List, Order, Script, Step, ask};

pub(crate) const SCRIPT: Script = Script {
    domain: "crm",
    steps: STEPS,
    nouns: NOUNS,
    takes: TAKES,
    facts: &[],
    kinds: &[("activity", "recent")],
    nameless: &[],
    lists: LISTS,
};

const STEPS: &[Step] = &[
    ask("find_accounts", r#"{"source": "$source", "limit": 5}"#),
    ask("find_accounts", r#"{"source": "$source", "name": "aurora", "detail": "full"}"#),
    ask("find_accounts", r#"{"source": "$source", "domain": "aurora-retail.example"}"#),
    ask("find_accounts", r#"{"source": "$source", "owner": "me", "has_open_opportunities": true}"#),
    ask("find_accounts", r#"{"source": "$source", "segment": "enterprise", "limit": 3}"#),
    ask("find_accounts", r#"{"source": "$source", "where_empty": "owner"}"#),
    ask("list_open_opportunities", r#"{"source": "$source", "limit": 5}"#),
    ask("list_open_opportunities", r#"{"source": "$source", "account": "$account", "detail": "full"}"#),
    ask(
        "list_open_opportunities",
        r#"{"source": "$source", "min_amount": {"amount": "1000.00", "currency": "EUR"}, "stale_for_days": 20}"#,
    ),
    ask("list_open_opportunities", r#"{"source": "$source", "where_empty": "amount"}"#),
    ask("get_pipeline_summary", r#"{"source": "$source"}"#),
    ask("get_pipeline_summary", r#"{"source": "$source", "group_by": "owner"}"#),
    ask("list_recent_activity", r#"{"source": "$source", "limit": 10}"#),
    ask("list_recent_activity", r#"{"source": "$source", "kinds": ["call", "meeting"], "since": "P90D"}"#),
    ask("list_upcoming_renewals", r#"{"source": "$source", "before": "2099-01-01"}"#),
    ask("list_customer_cases", r#"{"source": "$source", "limit": 5}"#),
    ask("list_customer_cases", r#"{"source": "$source", "severity": "medium", "detail": "full"}"#),
    ask("list_customer_cases", r#"{"source": "$source", "status": "closed", "older_than_days": 3}"#),
    ask("get_account_brief", r#"{"account": "$account"}"#),
    ask(
        "log_customer_activity",
        r#"{"record": "$account", "kind": "call", "subject": "The roadmap", "text": "Content.", "minutes": 20}"#,
    ),
    ask(
        "schedule_follow_up",
        r#"{"record": "$opportunity", "subject": "Send the offer", "due": "2099-01-31", "owner": "me"}"#,
    ),
    ask("change_opportunity_stage", r#"{"opportunity": "$opportunity", "to": "Negotiation"}"#),
    ask(
        "change_opportunity_stage",
        r#"{"opportunity": "$opportunity", "to": "lost", "lost_reason": "Price"}"#,
    ),
];

const NOUNS: &[(&str, &str)] = &[
    ("find_accounts/items/id", "account"),
    ("undo/args/opportunity", "opportunity"),
    ("account/id", "account"),
    ("customers/id", "account"),
    ("contacts/id", "contact"),
    ("list_open_opportunities/items/id", "opportunity"),
    ("opportunities/id", "opportunity"),
    ("change_opportunity_stage/record/id", "opportunity"),
    ("change_opportunity_stage/change/record/id", "opportunity"),
    ("list_customer_cases/items/id", "case"),
    ("cases/id", "case"),
    ("list_upcoming_renewals/items/id", "renewal"),
    ("renewals/id", "renewal"),
    ("list_recent_activity/items/about/id", "recent"),
    ("about/id", "record"),
    ("log_customer_activity/change/record/id", "account"),
    ("schedule_follow_up/change/record/id", "opportunity"),
    ("list_recent_activity/items/id", "activity"),
    ("activity/id", "activity"),
    ("record/id", "activity"),
];

const TAKES: &[(&str, Step)] = &[
    ("account", ask("find_accounts", r#"{"ids": ["$id"]}"#)),
    ("account", ask("get_account_brief", r#"{"account": "$id"}"#)),
    ("account", ask("list_open_opportunities", r#"{"account": "$id"}"#)),
    ("account", ask("list_customer_cases", r#"{"account": "$id"}"#)),
    ("account", ask("list_upcoming_renewals", r#"{"account": "$id"}"#)),
    ("account", ask("list_recent_activity", r#"{"record": "$id"}"#)),
    ("account", ask("log_customer_activity", r#"{"record": "$id", "kind": "note", "subject": "A note"}"#)),
    ("account", ask("schedule_follow_up", r#"{"record": "$id", "subject": "Call", "due": "2099-02-01"}"#)),
    ("contact", ask("log_customer_activity", r#"{"record": "$id", "kind": "meeting", "subject": "Met"}"#)),
    ("contact", ask("list_recent_activity", r#"{"record": "$id"}"#)),
    ("contact", ask("schedule_follow_up", r#"{"record": "$id", "subject": "Call", "due": "2099-02-01"}"#)),
    ("opportunity", ask("list_open_opportunities", r#"{"ids": ["$id"]}"#)),
    ("opportunity", ask("list_recent_activity", r#"{"record": "$id"}"#)),
    ("opportunity", ask("log_customer_activity", r#"{"record": "$id", "kind": "call", "subject": "Rang"}"#)),
    (
        "opportunity",
        ask("schedule_follow_up", r#"{"record": "$id", "subject": "Call", "due": "2099-02-01"}"#),
    ),
    ("opportunity", ask("change_opportunity_stage", r#"{"opportunity": "$id", "to": "Proposal"}"#)),
    ("case", ask("list_customer_cases", r#"{"ids": ["$id"]}"#)),
    ("case", ask("list_recent_activity", r#"{"record": "$id"}"#)),
    ("case", ask("log_customer_activity", r#"{"record": "$id", "kind": "note", "subject": "A note"}"#)),
    ("case", ask("schedule_follow_up", r#"{"record": "$id", "subject": "Call", "due": "2099-02-01"}"#)),
    ("recent", ask("log_customer_activity", r#"{"record": "$id", "kind": "note", "subject": "A note"}"#)),
    ("recent", ask("list_recent_activity", r#"{"record": "$id"}"#)),
    ("record", ask("log_customer_activity", r#"{"record": "$id", "kind": "note", "subject": "A note"}"#)),
    ("record", ask("list_recent_activity", r#"{"record": "$id"}"#)),
    ("record", ask("schedule_follow_up", r#"{"record": "$id", "subject": "Call", "due": "2099-02-01"}"#)),
];

const LISTS: &[List] = &[
    List { tool: "find_accounts", arguments: "{}", key: "/name", order: Order::Ascending },
    List { tool: "list_open_opportunities", arguments: "{}", key: "/close", order: Order::Ascending },
    List { tool: "list_recent_activity", arguments: "{}", key: "/at", order: Order::Descending },
    List {
        tool: "list_upcoming_renewals",
        arguments: r#"{"before": "2099-01-01"}"#,
        key: "/due",
        order: Order::Ascending,
    },
    List { tool: "list_customer_cases", arguments: "{}", key: "/opened", order: Order::Descending },
];
