//! A ServiceNow instance in memory: the Table, Aggregate, Batch, Service Catalog and On-Call Scheduling APIs over the tables
//! of a fresh instance.
//!
//! Written from ServiceNow's documents ("REST API reference", "Operators available for filters and queries", "Inbound
//! REST API rate limiting"); it shares nothing with the client.

mod batch;
mod call;
mod catalog;
mod choices;
pub(super) mod encoded;
mod evaluate;
mod fill;
mod oncall;
mod people;
mod rules;
mod schema;
mod state;
mod table;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sandbox::{
    Answer, Ask, Builder, ClientCredentials, Limit, Method, Principal, Refusal, Reply, Scheme, Simulator,
    Timestamp,
};
use serde_json::json;

use call::Call;
use state::Instance;
#[cfg(test)]
pub(super) use state::sys_id;

/// Requests an hour that the instance's one rule allows; ServiceNow has none unless somebody makes one.
const REQUESTS_PER_HOUR: u32 = 200_000;

/// The rule's `sys_id`.
const RULE: &str = "3f2c5ad1530130104f7addeeff7b1201";

type Handler = fn(&mut Instance, &Ask) -> Reply;

type TableHandler = fn(&mut Instance, &Call) -> Reply;

/// The demo company's instance.
#[must_use]
pub(super) fn simulate() -> Simulator {
    let user = |name| Principal::new(name, &["useraccount"]);
    let agent = || user(people::AGENT);
    let grant = ClientCredentials::new(Duration::from_secs(1799))
        .client("halden-servicenow-agent", "sandbox-servicenow-client-secret", agent())
        .client("halden-servicenow-reader", "sandbox-servicenow-reader-secret", user(people::READER))
        .client("halden-servicenow-dispatcher", "sandbox-servicenow-dispatcher", user(people::DISPATCHER));
    let builder = Simulator::build("servicenow", || fill::instance(Timestamp::now()))
        .client_credentials("/oauth_token.do", grant)
        .basic(people::AGENT, "sandbox-servicenow-password", agent())
        .token("sandbox-servicenow-access-token", agent())
        .accept(Scheme::Bearer)
        .accept(Scheme::Basic)
        .errors(refused)
        .stamp(stamp)
        .limit(per_hour());
    // The version may be named, and changes nothing here.
    ["/api/now", "/api/now/v1", "/api/now/v2"].into_iter().fold(with_catalog(builder), with_tables).finish()
}

fn with_tables(builder: Builder<Instance>, api: &str) -> Builder<Instance> {
    let tables: [(Method, &str, TableHandler); 7] = [
        (Method::GET, "table/{table}", table::list),
        (Method::POST, "table/{table}", table::create),
        (Method::GET, "table/{table}/{sys_id}", table::get),
        (Method::PATCH, "table/{table}/{sys_id}", table::update),
        (Method::PUT, "table/{table}/{sys_id}", table::update),
        (Method::DELETE, "table/{table}/{sys_id}", table::delete),
        (Method::GET, "stats/{table}", table::stats),
    ];
    let builder = tables.into_iter().fold(builder, |builder, (method, path, handler)| {
        builder
            .route(method, &format!("{api}/{path}"), move |instance, ask| handler(instance, &Call::of(ask)))
    });
    builder.route(Method::GET, &format!("{api}/on_call_rota/whoisoncall"), oncall::who_is).route(
        Method::POST,
        &format!("{api}/batch"),
        batch::run,
    )
}

fn with_catalog(builder: Builder<Instance>) -> Builder<Instance> {
    let routes: [(Method, &str, Handler); 3] = [
        (Method::GET, "items", catalog::items),
        (Method::GET, "items/{sys_id}", catalog::item),
        (Method::POST, "items/{sys_id}/order_now", catalog::order),
    ];
    ["/api/sn_sc", "/api/sn_sc/v1"].into_iter().fold(builder, |builder, api| {
        routes.iter().fold(builder, |b, (method, path, handler)| {
            b.route(method.clone(), &format!("{api}/servicecatalog/{path}"), *handler)
        })
    })
}

/// An error body.
fn failure(status: u16, message: &str, detail: Option<&str>) -> Answer {
    Answer::json(status, json!({ "error": { "message": message, "detail": detail }, "status": "failure" }))
}

/// What the kit refuses, in ServiceNow's words.
fn refused(ask: &Ask, why: &Refusal) -> Answer {
    match why {
        Refusal::Unauthenticated(_) => {
            failure(401, "User Not Authenticated", Some("Required to provide Auth information"))
                .header("www-authenticate", "BASIC realm=\"Service-now\"")
        }
        Refusal::Forbidden(_) => failure(403, "User Not Authorized", Some("Failed API level ACL Validation")),
        Refusal::NoRoute => {
            let message = format!("Requested URI does not represent any resource: {}", ask.path);
            failure(400, &message, None)
        }
        Refusal::WrongMethod(_) => failure(405, "Method not supported", None),
        Refusal::Malformed(reason) => failure(400, "Exception while reading request", Some(reason)),
        Refusal::RateLimited(budget) => failure(429, "Rate limit exceeded", Some("Too many requests"))
            .header("retry-after", budget.retry_after),
        other => failure(other.status(), &other.message(), None),
    }
}

fn stamp(_: &Ask, answer: &mut Answer) {
    static SERIAL: AtomicU64 = AtomicU64::new(1);
    answer.push_header("x-transaction-id", format!("{:012x}", SERIAL.fetch_add(1, Ordering::Relaxed)));
    answer.push_header("x-is-logged-in", "true");
}

fn per_hour() -> Limit {
    Limit::new(REQUESTS_PER_HOUR, Duration::from_secs(3600)).headers(|budget| {
        vec![
            ("x-ratelimit-limit", budget.limit.to_string()),
            ("x-ratelimit-reset", budget.reset.as_second().to_string()),
            ("x-ratelimit-rule", RULE.to_owned()),
        ]
    })
}
