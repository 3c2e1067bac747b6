//! Money in and out.

use super::script::{List, Order, Script, Step, ask};

pub(crate) const SCRIPT: Script = Script {
    domain: "finance",
    steps: STEPS,
    nouns: NOUNS,
    takes: TAKES,
    facts: &[],
    kinds: &[],
    nameless: NAMELESS,
    lists: LISTS,
};

const STEPS: &[Step] = &[
    ask("compare_suppliers", r#"{"source": "$source", "top": 5}"#).unable(&["stripe"]),
    ask("compare_suppliers", r#"{"source": "$source", "sort_by": "lateness", "since": "P90D"}"#)
        .unable(&["stripe"]),
    ask("get_open_purchase_orders", r#"{"source": "$source", "limit": 5, "detail": "full"}"#)
        .unable(&["stripe"]),
    ask("get_open_purchase_orders", r#"{"source": "$source", "overdue": true, "where_empty": "contract"}"#)
        .unable(&["stripe"]),
    ask("get_supplier_invoice_history", r#"{"source": "$source", "status": "blocked"}"#).unable(&["stripe"]),
    ask("search_contracts_by_value_range", r#"{"source": "$source", "limit": 5}"#).unable(&["stripe"]),
    ask("get_budget_availability", r#"{"source": "$source", "cost_center": "CC-OPS"}"#).unable(&["stripe"]),
    ask("search_customer_invoices", r#"{"source": "$source", "limit": 5, "detail": "full"}"#),
    ask("search_customer_invoices", r#"{"source": "$source", "customer": "Aurora Retail Ltd", "status": "open"}"#),
    ask("search_customer_invoices", r#"{"source": "$source", "status": "draft"}"#).unable(&["sap"]),
    ask("list_overdue_receivables", r#"{"source": "$source"}"#),
    ask("list_overdue_receivables", r#"{"source": "$source", "bucket": "over_90", "currency": "EUR"}"#),
    ask("find_payments", r#"{"source": "$source", "status": "paid", "limit": 5}"#).keep(&[("paid", "/items/0/id")]),
    ask("find_payments", r#"{"source": "$source", "status": "failed"}"#).unable(&["sap"]),
    ask("issue_refund", r#"{"payment": "$paid", "reason": "requested_by_customer"}"#).unable(&["sap"]),
    ask(
        "draft_purchase_requisition",
        r#"{"source": "$source", "title": "Two terminals", "need_by": "2099-01-31", "cost_center": "CC-OPS",
            "lines": [{"text": "Terminal", "quantity": "2", "price": {"amount": "199.00", "currency": "EUR"}}]}"#,
    )
    .unable(&["stripe"]),
];

const NOUNS: &[(&str, &str)] = &[
    ("supplier/id", "supplier"),
    ("suppliers/id", "supplier"),
    ("lines/supplier", "supplier"),
    ("get_open_purchase_orders/items/id", "purchase_order"),
    ("order", "purchase_order"),
    ("get_supplier_invoice_history/items/id", "supplier_invoice"),
    ("search_contracts_by_value_range/items/id", "contract"),
    ("contracts", "contract"),
    ("budgets/id", "budget"),
    ("customer/id", "customer"),
    ("customers/id", "customer"),
    ("search_customer_invoices/items/id", "customer_invoice"),
    ("list_overdue_receivables/items/id", "customer_invoice"),
    ("invoice", "customer_invoice"),
    ("find_payments/items/id", "payment"),
    ("payment", "payment"),
    ("payout/id", "-"),
    ("issue_refund/change/record/id", "payment"),
    ("issue_refund/record/id", "-"),
    ("draft_purchase_requisition/record/id", "-"),
    ("draft_purchase_requisition/change/record/id", "-"),
];

const TAKES: &[(&str, Step)] = &[
    ("supplier", ask("compare_suppliers", r#"{"suppliers": ["$id"]}"#)),
    ("supplier", ask("get_open_purchase_orders", r#"{"supplier": "$id"}"#)),
    ("supplier", ask("get_supplier_invoice_history", r#"{"supplier": "$id"}"#)),
    ("supplier", ask("search_contracts_by_value_range", r#"{"supplier": "$id"}"#)),
    ("purchase_order", ask("get_open_purchase_orders", r#"{"ids": ["$id"]}"#)),
    ("supplier_invoice", ask("get_supplier_invoice_history", r#"{"ids": ["$id"]}"#)),
    ("contract", ask("search_contracts_by_value_range", r#"{"ids": ["$id"]}"#)),
    (
        "contract",
        ask(
            "draft_purchase_requisition",
            r#"{"title": "From a contract", "need_by": "2099-01-31", "cost_center": "CC-OPS", "lines": [{"text": "Box",
                "quantity": "1", "price": {"amount": "9.00", "currency": "EUR"}, "contract": "$id"}]}"#,
        ),
    ),
    ("budget", ask("get_budget_availability", r#"{"cost_center": "$id"}"#)),
    ("customer", ask("search_customer_invoices", r#"{"customer": "$id"}"#)),
    ("customer", ask("list_overdue_receivables", r#"{"customer": "$id"}"#)),
    ("customer", ask("find_payments", r#"{"customer": "$id"}"#)),
    ("customer_invoice", ask("search_customer_invoices", r#"{"ids": ["$id"]}"#)),
    ("payment", ask("find_payments", r#"{"ids": ["$id"]}"#)),
];

/// Contracts have titles, which are no names.
const NAMELESS: &[(&str, &str, &str)] = &[("*", "contract", "name")];

const LISTS: &[List] = &[
    List { tool: "search_customer_invoices", arguments: "{}", key: "/issued", order: Order::Descending },
    List {
        tool: "list_overdue_receivables",
        arguments: "{}",
        key: "/days_overdue",
        order: Order::Descending,
    },
    List { tool: "find_payments", arguments: "{}", key: "/at", order: Order::Descending },
];
