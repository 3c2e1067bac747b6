//! The warehouse's JSON, as it answers.

use std::collections::BTreeSet;

use sandbox::{Answer, Ask, Budget, Refusal, Row};
use serde_json::{Value, json};

use super::state::{Annotation, Customer, Fall, House, Series};

pub(super) fn products(house: &House) -> Vec<Value> {
    let keys: BTreeSet<&str> = house.series.iter().map(|s| s.product.as_str()).collect();
    keys.into_iter().map(|key| json!({ "key": key, "name": capital(key) })).collect()
}

/// `payments` is called Payments.
fn capital(key: &str) -> String {
    let mut letters = key.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

pub(super) fn customer(customer: &Customer, ask: &Ask) -> Value {
    json!({
        "id": customer.id,
        "name": customer.name,
        "domain": customer.domain,
        "erp_customer": customer.erp_customer,
        "billing_customer": customer.billing_customer,
        "url": format!("{}/customers/{}", ask.origin, customer.id),
    })
}

pub(super) fn product(house: &House, series: &Series, weeks: usize) -> Value {
    let own = house.annotations.iter().rev().filter(|(_, row)| {
        let draft = &row.value.draft;
        draft.customer == series.customer && draft.product == series.product
    });
    json!({
        "product": series.product,
        "calls": &series.weeks[..weeks.min(series.weeks.len())],
        "annotations": own.map(|(_, row)| annotation(row)).collect::<Vec<_>>(),
    })
}

pub(super) fn drop(house: &House, fall: &Fall, ask: &Ask) -> Value {
    json!({
        "customer": house.customer(&fall.customer).map(|c| customer(c, ask)),
        "product": fall.product,
        "calls": fall.calls,
        "change_percent": fall.change_percent,
    })
}

pub(super) fn annotation(row: &Row<Annotation>) -> Value {
    let draft = &row.value.draft;
    json!({
        "id": row.value.id,
        "product": draft.product,
        "week": draft.week,
        "text": draft.text,
        "author": draft.author,
        "created": row.created,
    })
}

pub(super) fn unknown_customer() -> Answer {
    error(404, "unknown_customer", "there is no such customer", None)
}

pub(super) fn invalid(field: &str, why: &str) -> Answer {
    error(400, "invalid_field", &format!("{field} {why}"), Some(field))
}

/// Every error has this body.
pub(super) fn error(status: u16, code: &str, message: &str, field: Option<&str>) -> Answer {
    let mut body = json!({ "error": { "code": code, "message": message } });
    if let Some(field) = field {
        body["error"]["field"] = field.into();
    }
    Answer::json(status, body)
}

pub(super) fn refuse(_: &Ask, refusal: &Refusal) -> Answer {
    let code = match refusal {
        Refusal::Unauthenticated(_) => "unauthenticated",
        Refusal::Forbidden(_) => "forbidden",
        Refusal::NoRoute | Refusal::WrongMethod(_) => "no_such_resource",
        Refusal::Malformed(_) | Refusal::TooLarge => "malformed",
        Refusal::RateLimited(_) => "rate_limited",
        Refusal::Injected(_) => "unavailable",
    };
    let answer = error(refusal.status(), code, &refusal.message(), None);
    match refusal {
        Refusal::Unauthenticated(_) => answer.header("www-authenticate", "Bearer"),
        Refusal::RateLimited(budget) => answer.header("retry-after", budget.retry_after),
        _ => answer,
    }
}

pub(super) fn budget(budget: &Budget) -> Vec<(&'static str, String)> {
    vec![
        ("x-ratelimit-remaining", budget.remaining.to_string()),
        ("x-ratelimit-reset", budget.reset.as_second().to_string()),
    ]
}
