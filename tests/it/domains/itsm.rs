//! Keeping services up.

use super::script::{List, Order, Script, Step, ask};

pub(crate) const SCRIPT: Script = Script {
    domain: "itsm",
    steps: STEPS,
    nouns: NOUNS,
    takes: TAKES,
    facts: &[],
    kinds: &[],
    nameless: NAMELESS,
    lists: LISTS,
};

const STEPS: &[Step] = &[
    ask("search_incidents", r#"{"source": "$source", "service": "Checkout API"}"#)
        .keep(&[("story", "/items/0/id")]),
    ask("search_incidents", r#"{"source": "$source", "opened_after": "P7D", "detail": "full", "limit": 5}"#),
    ask("search_incidents", r#"{"source": "$source", "group": "Payments Operations", "limit": 3}"#),
    ask("search_incidents", r#"{"source": "$source", "related_to": "$story"}"#),
    ask("search_incidents", r#"{"source": "$source", "text": "checkout"}"#).unable(&["pagerduty"]),
    ask("search_incidents", r#"{"source": "$source", "priority": "p1"}"#).unable(&["pagerduty"]),
    ask("search_incidents", r#"{"source": "$source", "customer": "Nordwind Handel AG"}"#)
        .unable(&["pagerduty"]),
    ask("search_incidents", r#"{"source": "$source", "where_empty": "assignee"}"#).unable(&["pagerduty"]),
    ask("get_incident_context", r#"{"incident": "$story"}"#),
    ask("get_alert_evidence", r#"{"source": "$source", "service": "Checkout API"}"#),
    ask("get_alert_evidence", r#"{"incident": "$story", "samples": 2}"#),
    ask("list_service_changes", r#"{"source": "$source", "limit": 5}"#),
    ask("list_service_changes", r#"{"source": "$source", "service": "Checkout API", "after": "P30D"}"#),
    ask("list_service_changes", r#"{"source": "$source", "risk": "high"}"#).unable(&["pagerduty"]),
    ask("get_on_call", r#"{"source": "$source", "service": "Checkout API"}"#),
    ask("get_on_call", r#"{"source": "$source", "group": "Payments Operations"}"#),
    ask("list_sla_breaches", r#"{"source": "$source"}"#).unable(&["pagerduty"]),
    ask(
        "open_incident",
        r#"{"source": "$source", "service": "Checkout API", "title": "Payments time out", "urgency": "high",
            "dedup_key": "it/payments", "description": "Since noon.", "evidence": ["https://graphs.example/1"]}"#,
    )
    .keep(&[("opened", "/record/id")]),
    ask(
        "post_incident_update",
        r#"{"incident": "$opened", "audience": "internal", "text": "Looking at the pool."}"#,
    ),
    ask("post_incident_update", r#"{"incident": "$opened", "audience": "customer", "text": "We are at it."}"#)
        .unable(&["pagerduty"]),
    ask("get_incident_context", r#"{"incident": "$opened"}"#).keep(&[("remedy", "/remediations/0/id")]),
    ask("run_remediation", r#"{"incident": "$opened", "remediation": "$remedy"}"#),
    ask("change_incident_state", r#"{"incident": "$opened", "action": "acknowledge"}"#),
    ask("change_incident_state", r#"{"incident": "$opened", "action": "assign", "assignee": "me"}"#),
    ask("change_incident_state", r#"{"incident": "$opened", "action": "escalate", "notes": "No success."}"#),
    ask(
        "change_incident_state",
        r#"{"incident": "$opened", "action": "resolve", "notes": "The pool was recycled.",
            "close_code": "Solution provided"}"#,
    )
    .unable(&["pagerduty"]),
    ask(
        "open_incident",
        r#"{"source": "$source", "service": "Checkout API", "title": "Payments time out again",
            "urgency": "high", "dedup_key": "it/payments-again"}"#,
    )
    .keep(&[("opened", "/record/id")]),
];

const NOUNS: &[(&str, &str)] = &[
    ("search_incidents/items/id", "incident"),
    ("incident/id", "incident"),
    ("incident", "incident"),
    ("post_incident_update/record/id", "-"),
    ("run_remediation/record/id", "-"),
    ("change/record/id", "incident"),
    ("open_incident/record/id", "incident"),
    ("change_incident_state/record/id", "incident"),
    ("customers/id", "customer"),
    ("service/id", "service"),
    ("service_id", "service"),
    ("group/id", "group"),
    ("group_id", "group"),
    ("samples/id", "alert"),
    ("alerts/id", "alert"),
    ("remediations/id", "remediation"),
    ("remediation/id", "remediation"),
    ("list_service_changes/items/id", "-"),
    ("changes/id", "-"),
    ("list_sla_breaches/items/id", "-"),
    ("slas/id", "-"),
];

const TAKES: &[(&str, Step)] = &[
    ("incident", ask("get_incident_context", r#"{"incident": "$id"}"#)),
    ("incident", ask("search_incidents", r#"{"ids": ["$id"]}"#)),
    ("incident", ask("search_incidents", r#"{"source": "$source", "related_to": "$id"}"#)),
    ("incident", ask("get_alert_evidence", r#"{"incident": "$id"}"#)),
    ("customer", ask("search_incidents", r#"{"source": "$source", "customer": "$id"}"#)),
    ("service", ask("list_service_changes", r#"{"source": "$source", "service": "$id"}"#)),
    ("service", ask("search_incidents", r#"{"source": "$source", "service": "$id"}"#)),
    ("service", ask("get_alert_evidence", r#"{"source": "$source", "service": "$id"}"#)),
    ("service", ask("get_on_call", r#"{"source": "$source", "service": "$id"}"#)),
    ("group", ask("get_on_call", r#"{"source": "$source", "group": "$id"}"#)),
    ("group", ask("search_incidents", r#"{"source": "$source", "group": "$id"}"#)),
    ("group", ask("list_sla_breaches", r#"{"source": "$source", "group": "$id"}"#).unable(&["pagerduty"])),
    ("alert", ask("search_incidents", r#"{"source": "$source", "related_to": "$id"}"#)),
    ("remediation", ask("run_remediation", r#"{"incident": "$opened", "remediation": "$id"}"#)),
];

/// Alerts are told by their ids and addresses alone: the desks find none by words.
const NAMELESS: &[(&str, &str, &str)] = &[("*", "alert", "name")];

const LISTS: &[List] = &[
    List { tool: "search_incidents", arguments: "{}", key: "/opened", order: Order::Descending },
    List { tool: "list_service_changes", arguments: "{}", key: "/start", order: Order::Descending },
];
