//! The language as documented.

use serde_json::json;

use super::*;

const FIELDS: &[(&str, Kind)] = &[
    ("amount", Kind::Number),
    ("name", Kind::Text),
    ("status", Kind::Token),
    ("disputed", Kind::Flag),
    ("metadata", Kind::Metadata),
    ("payment_method_details.card.last4", Kind::Token),
];

fn matches(query: &str) -> bool {
    let object = json!({
        "amount": 1000, "name": "Jenny \"JJ\" Rosen", "status": "succeeded", "disputed": false,
        "metadata": { "donation-id": "asdf-jkl", "the key": "x\\y" },
        "payment_method_details": { "card": { "last4": "4242" } }, "description": null,
    });
    evaluate(&parse(query, FIELDS).unwrap(), &object)
}

#[test]
fn documented_queries_are_understood() {
    for query in [
        "amount:1000",
        "amount>999 AND amount<=1000",
        "amount>1000 OR status:\"SUCCEEDED\"",
        "-status:\"failed\" -disputed:true",
        "name~\"jenny\"",
        "name:\"jenny \\\"jj\\\" rosen\"",
        "metadata[\"donation-id\"]:\"asdf-jkl\"",
        "metadata['the key']:'x\\\\y'",
        "metadata[\"absent\"]:null",
        "payment_method_details.card.last4:4242 OR payment_method_details.card.last4:\"4242\"",
    ] {
        if query.contains("last4:4242") {
            assert!(parse(query, FIELDS).is_err(), "a token stands in quotes");
            continue;
        }
        assert!(matches(query), "{query}");
    }
    for query in ["amount<1000", "status:\"fail\"", "name~\"jenny jj\"", "amount:1000 status:\"failed\""] {
        assert!(!matches(query), "{query}");
    }
}

#[test]
fn what_stripe_refuses_is_refused() {
    for query in [
        "",
        "jenny",
        "name",
        "name:",
        "name:jenny",
        "name~\"je\"",
        "status~\"succ\"",
        "amount~\"100\"",
        "amount>\"much\"",
        "name:\"open",
        "email:\"x@example.com\"",
        "metadata:\"x\"",
        "(name:\"a\")",
        "name:\"a\" AND",
        "name:\"a\"OR name:\"b\"",
        "name:\"a\" AND status:\"b\" OR status:\"c\"",
        "amount:1 amount:1 amount:1 amount:1 amount:1 amount:1 amount:1 amount:1 amount:1 amount:1 amount:1",
    ] {
        assert!(parse(query, FIELDS).is_err(), "{query}");
    }
}
