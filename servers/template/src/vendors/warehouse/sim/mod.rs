//! A warehouse in memory, written from its API as the README has it; it shares nothing with the client.

mod answer;
mod state;

use std::time::Duration;

use jiff::civil::Date;
use sandbox::page::{BadToken, cut};
use sandbox::{Answer, Ask, ClientCredentials, Limit, Method, Principal, Refusal, Reply, Simulator};
use serde::Deserialize;
use serde_json::json;

use answer::{error, invalid};
use state::{Draft, House};

/// Whom the demo credentials stand for.
const AGENT: &str = "agent@halden.example";

/// Requests a minute.
const A_MINUTE: u32 = 6_000;

/// The demo company's warehouse.
#[must_use]
pub(super) fn simulator() -> Simulator {
    let agent = Principal::new(AGENT, &["usage:read", "annotations:write"]);
    let grant = ClientCredentials::new(Duration::from_hours(1)).client(
        "halden-usage-agent",
        "sandbox-warehouse-secret",
        agent,
    );
    Simulator::build("warehouse", House::of_the_company)
        .client_credentials("/oauth/token", grant)
        .errors(answer::refuse)
        .limit(Limit::new(A_MINUTE, Duration::from_mins(1)).headers(answer::budget))
        .route(Method::GET, "/v1/products", products)
        .route(Method::GET, "/v1/customers", customers)
        .route(Method::GET, "/v1/customers/{id}", customer)
        .route(Method::GET, "/v1/usage", usage)
        .route(Method::GET, "/v1/drops", drops)
        .route(Method::GET, "/v1/annotations", annotations)
        .route(Method::POST, "/v1/annotations", annotate)
        .finish()
}

fn products(house: &mut House, ask: &Ask) -> Reply {
    allow(ask, &[])?;
    Ok(Answer::json(200, json!({ "products": answer::products(house) })))
}

fn customers(house: &mut House, ask: &Ask) -> Reply {
    allow(ask, &["q"])?;
    let text = ask.query("q").filter(|q| !q.trim().is_empty()).ok_or_else(|| invalid("q", "is required"))?;
    let found: Vec<_> = house.called(text).into_iter().take(10).map(|c| answer::customer(c, ask)).collect();
    Ok(Answer::json(200, json!({ "customers": found })))
}

fn customer(house: &mut House, ask: &Ask) -> Reply {
    let found = house.customer(ask.param("id")).ok_or_else(answer::unknown_customer)?;
    Ok(Answer::json(200, answer::customer(found, ask)))
}

fn usage(house: &mut House, ask: &Ask) -> Reply {
    ask.require_scope("usage:read")?;
    allow(ask, &["customer", "product", "weeks"])?;
    let customer = house.customer(wanted(ask, "customer")?).ok_or_else(answer::unknown_customer)?;
    let weeks = within(ask, "weeks", 8, 1..=26)?;
    let product = ask.query("product");
    let own = house.series.iter().filter(|s| s.customer == customer.id);
    let own = own.filter(|s| product.is_none_or(|p| s.product == p));
    let products: Vec<_> = own.map(|s| answer::product(house, s, weeks)).collect();
    Ok(Answer::json(
        200,
        json!({ "customer": answer::customer(customer, ask), "week": state::week(ask.now, None), "products": products }),
    ))
}

fn drops(house: &mut House, ask: &Ask) -> Reply {
    ask.require_scope("usage:read")?;
    allow(ask, &["customer", "product", "at_least", "limit", "page"])?;
    let at_least = within(ask, "at_least", 10, 1..=100)?;
    let limit = within(ask, "limit", 50, 1..=100)?;
    if ask.query("customer").is_some_and(|id| house.customer(id).is_none()) {
        return Err(answer::unknown_customer());
    }
    let asked = format!("{at_least} {:?} {:?}", ask.query("customer"), ask.query("product"));
    let start = match ask.query("page") {
        Some(token) => house.pages.open(token, &asked, ask.now).map_err(|bad| match bad {
            BadToken::Expired => error(400, "page_expired", "this page is too old; start anew", None),
            _ => invalid("page", "is not a page of this list"),
        })?,
        None => 0,
    };
    let found = house.drops(at_least, ask.query("customer"), ask.query("product"));
    let page = cut(found, start, limit);
    let rows: Vec<_> = page.items.iter().map(|row| answer::drop(house, row, ask)).collect();
    let next = page.next.map(|offset| house.pages.seal(&asked, offset, ask.now));
    Ok(Answer::json(200, json!({ "drops": rows, "next": next })))
}

fn annotations(house: &mut House, ask: &Ask) -> Reply {
    ask.require_scope("usage:read")?;
    allow(ask, &["idempotency_key"])?;
    let key = wanted(ask, "idempotency_key")?;
    let found: Vec<_> = house.keyed(key).map(answer::annotation).into_iter().collect();
    Ok(Answer::json(200, json!({ "annotations": found })))
}

/// The body of `POST /v1/annotations`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    customer: String,
    product: String,
    day: Option<Date>,
    text: String,
}

fn annotate(house: &mut House, ask: &Ask) -> Reply {
    ask.require_scope("annotations:write")?;
    let key = ask.header("idempotency-key").filter(|k| (8..=64).contains(&k.len()));
    let key = key.ok_or_else(|| invalid("idempotency_key", "a header of 8 to 64 characters is required"))?;
    let body: Body = ask.json()?;
    let customer = house.customer(&body.customer).ok_or_else(answer::unknown_customer)?.id.clone();
    let used = house.series.iter().find(|s| s.customer == customer && s.product == body.product);
    let product = used
        .map(|s| s.product.clone())
        .ok_or_else(|| error(404, "unknown_product", "this customer uses no such product", None))?;
    if body.text.trim().is_empty() || body.text.chars().count() > 2_000 {
        return Err(invalid("text", "must have 1 to 2,000 characters"));
    }
    let week = state::week(ask.now, body.day);
    let draft = Draft { customer, product, week, text: body.text, author: ask.who().to_owned() };
    match house.keyed(key) {
        Some(row) if row.value.draft == draft => Ok(Answer::json(200, answer::annotation(row))),
        Some(_) => Err(error(409, "key_in_use", "this key was used for another annotation", None)),
        None => {
            let id = house.note(draft, Some(key), ask.now);
            let made = house.annotations.get(&id).map(answer::annotation);
            Ok(Answer::json(201, made))
        }
    }
}

/// A query parameter that must be there.
fn wanted<'a>(ask: &'a Ask, name: &'static str) -> Result<&'a str, Answer> {
    ask.query(name).filter(|v| !v.is_empty()).ok_or_else(|| invalid(name, "is required"))
}

/// A number among the query parameters.
fn within(
    ask: &Ask,
    name: &'static str,
    default: usize,
    range: std::ops::RangeInclusive<usize>,
) -> Result<usize, Answer> {
    let value = ask.query_as(name)?.unwrap_or(default);
    let why = || format!("must be from {} to {}", range.start(), range.end());
    if range.contains(&value) { Ok(value) } else { Err(invalid(name, &why())) }
}

/// The warehouse refuses parameters it does not know.
fn allow(ask: &Ask, known: &[&str]) -> Result<(), Answer> {
    match ask.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(ask.refuse(Refusal::Malformed(format!("there is no parameter {name}")))),
        None => Ok(()),
    }
}
