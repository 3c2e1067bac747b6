//! Objects have the fields that Stripe's own examples have (`stripe/openapi`, `fixtures3.json`), where those are at
//! hand: `CHANCERY_VENDOR_SPECS` names their folder.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::by_hand::Desk;

/// Fields of the examples that are shown on demand only, or by older versions.
const NOT_SHOWN: [(&str, &str); 7] = [
    ("charge", "refunds"),
    ("customer", "test_clock"),
    ("customer", "customer_account"),
    ("invoice", "customer_account"),
    ("invoice", "subscription"),
    ("payment_intent", "customer_account"),
    ("refund", "customer_account"),
];

#[tokio::test]
async fn objects_have_the_fields_of_stripes_own_examples() {
    let Some(folder) = std::env::var_os("CHANCERY_VENDOR_SPECS") else { return };
    let text = std::fs::read_to_string(Path::new(&folder).join("stripe-fixtures3.json")).unwrap();
    let examples: Value = serde_json::from_str(&text).unwrap();
    let desk = Desk::open().await;
    let mut problems = BTreeSet::new();
    for (kind, path) in [
        ("customer", "customers"),
        ("charge", "charges"),
        ("payment_intent", "payment_intents"),
        ("invoice", "invoices"),
        ("refund", "refunds"),
        ("dispute", "disputes"),
        ("payout", "payouts"),
        ("balance_transaction", "balance_transactions"),
    ] {
        let (status, list) = desk.get(&format!("/v1/{path}?limit=100"));
        assert_eq!(status, 200, "{path}");
        let rows = list["data"].as_array().unwrap();
        problems.extend(rows.iter().flat_map(|row| compare(kind, row, &examples["resources"][kind])));
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Every field of the example is there, none besides, and what is there has the example's type or is null.
fn compare(kind: &str, object: &Value, example: &Value) -> Vec<String> {
    let (object, example) = (object.as_object().unwrap(), example.as_object().unwrap());
    let mut problems = Vec::new();
    for (field, shown) in example {
        match object.get(field) {
            None if NOT_SHOWN.contains(&(kind, field)) => {}
            None => problems.push(format!("{kind}.{field} is missing")),
            Some(value) if value.is_null() || shown.is_null() => {}
            Some(value) if std::mem::discriminant(value) == std::mem::discriminant(shown) => {}
            Some(value) => problems.push(format!("{kind}.{field}: {value} is not like {shown}")),
        }
    }
    let strange = object.keys().filter(|field| !example.contains_key(*field));
    problems.extend(strange.map(|field| format!("{kind}.{field} is not Stripe's")));
    problems
}
