//! A Stripe for tests and demos, written from its documents (docs.stripe.com/api, version 2026-10-28.endive) and
//! knowing nothing of our client.

mod books;
mod expand;
mod fill;
mod form;
mod list;
mod once;
mod read;
mod refund;
mod refusal;
mod resource;
pub(super) mod search;
mod shape;
mod write;

use std::time::Duration;

use sandbox::{Answer, Ask, Limit, Method, Principal, Scheme, Simulator, Timestamp};
use serde_json::json;

use self::books::Books;
use self::resource::{RESOURCES, Resource};

/// The restricted key of the demo company's agent.
const KEY: &str = "rk_test_51HaldenDemoKeyThatOpensNothing";

/// A restricted key that reads charges and customers, and nothing else.
pub(super) const NARROW_KEY: &str = "rk_test_51HaldenNarrowKeyThatOpensLess";

/// Stripe allows 25 requests a second in test mode and 100 in live mode (docs.stripe.com/rate-limits). More is
/// allowed here, so that a suite is not slowed by the clock; what happens at the limit is the same.
const REQUESTS_PER_SECOND: u32 = 1_000;

/// Stripe over the demo company.
pub(super) fn simulate() -> Simulator {
    let agent = Principal::new("halden-agent", &scopes());
    let narrow = Principal::new("halden-narrow", &["charge_read", "customer_read"]);
    let builder = Simulator::build("stripe", || fill::books(Timestamp::now()))
        .token(KEY, agent.clone())
        .token(NARROW_KEY, narrow)
        .basic(KEY, "", agent)
        .accept(Scheme::Bearer)
        .accept(Scheme::Basic)
        .errors(refusal::refused)
        .stamp(stamp)
        .limit(Limit::new(REQUESTS_PER_SECOND, Duration::from_secs(1)).per(|ask| Some(ask.who().to_owned())));
    let builder = RESOURCES.iter().fold(builder, with_reads);
    builder
        .route(Method::GET, "/v1/account", checked(account))
        .route(Method::GET, "/v1/balance", checked(balance))
        .route(Method::GET, "/v1/invoices/{id}/lines", checked(read::lines))
        .route(Method::POST, "/v1/customers", written(write::create_customer))
        .route(Method::POST, "/v1/customers/{id}", written(write::update_customer))
        .route(Method::DELETE, "/v1/customers/{id}", checked(write::delete_customer))
        .route(Method::POST, "/v1/charges/{id}", written(write::update_charge))
        .route(Method::POST, "/v1/refunds", written(refund::create))
        .route(Method::POST, "/v1/refunds/{id}", written(write::update_refund))
        .finish()
}

/// All that the agent's key may do.
fn scopes() -> Vec<&'static str> {
    let reads = RESOURCES.iter().map(|resource| resource.reads);
    reads.chain(["charge_write", "customer_write"]).collect()
}

fn with_reads(builder: sandbox::Builder<Books>, resource: &'static Resource) -> sandbox::Builder<Books> {
    let path = format!("/v1/{}", resource.path);
    let builder = builder
        .route(Method::GET, &path, checked(|books, ask| list::list(books, ask, resource)))
        .route(Method::GET, &format!("{path}/{{id}}"), checked(|books, ask| read::one(books, ask, resource)));
    match resource.search {
        [] => builder,
        _ => builder.route(
            Method::GET,
            &format!("{path}/search"),
            checked(|books, ask| list::search(books, ask, resource)),
        ),
    }
}

/// A handler behind the checks that every request meets.
fn checked(
    handler: impl Fn(&mut Books, &Ask) -> sandbox::Reply + Send + Sync + 'static,
) -> impl Fn(&mut Books, &Ask) -> Answer + Send + Sync + 'static {
    move |books, ask| Answer::from(refusal::version(ask).and_then(|()| handler(books, ask)))
}

/// A write: a form, done once for each idempotency key.
fn written(
    handler: fn(&mut Books, &Ask) -> sandbox::Reply,
) -> impl Fn(&mut Books, &Ask) -> Answer + Send + Sync + 'static {
    move |books, ask| {
        let admitted = refusal::version(ask).and_then(|()| refusal::form(ask));
        Answer::from(admitted.and_then(|()| once::once(books, ask, handler)))
    }
}

fn account(_: &mut Books, ask: &Ask) -> sandbox::Reply {
    form::known(&ask.query, &["expand"]).map_err(|name| refusal::unknown(ask, &name))?;
    Ok(Answer::json(200, shape::account()))
}

fn balance(_: &mut Books, ask: &Ask) -> sandbox::Reply {
    form::known(&ask.query, &["expand"]).map_err(|name| refusal::unknown(ask, &name))?;
    let amounts = json!([{ "amount": 1_840_000, "currency": "eur", "source_types": { "card": 1_840_000 } }]);
    Ok(Answer::json(
        200,
        json!({ "object": "balance", "available": amounts, "pending": [], "livemode": false }),
    ))
}

/// Headers of every answer (docs.stripe.com/api/request_ids).
fn stamp(ask: &Ask, answer: &mut Answer) {
    answer.push_header("request-id", refusal::request_id(ask));
    answer.push_header("stripe-version", ask.header("stripe-version").unwrap_or(refusal::VERSION));
    if let Some(key) = ask.header("idempotency-key") {
        answer.push_header("idempotency-key", key);
    }
}
