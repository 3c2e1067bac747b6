//! A HubSpot account in memory, at dated paths (`/crm/objects/2026-09/...`) and at the numbered ones
//! (`/crm/v3/objects/...`, `/crm/v4/associations/...`) that older client libraries call.
//!
//! Written from developers.hubspot.com/docs/api-reference; it shares nothing with the client.

mod associations;
mod batch;
mod face;
mod fill;
mod meta;
mod objects;
mod schema;
pub(super) mod search;
pub(super) mod state;

use std::time::Duration;

use jiff::Timestamp;
use sandbox::{Answer, Ask, Builder, Limit, Method, Principal, Reply, Scheme, Simulator};

use self::state::{Kind, Portal};

/// What the demo's service key may do, in HubSpot's scopes.
const SCOPES: &[&str] = &[
    "crm.objects.companies.read",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.write",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.objects.owners.read",
    "tickets",
];

/// What the second key may do: read.
const READING: &[&str] = &[
    "crm.objects.companies.read",
    "crm.objects.contacts.read",
    "crm.objects.deals.read",
    "crm.objects.owners.read",
    "tickets",
];

/// Calls in ten seconds. HubSpot allows 100 to 250 by plan; this number lets tests and the demo pass without waiting.
const BURST: u32 = 100_000;

/// Searches in a second. HubSpot allows five; this number lets tests and the demo pass without waiting.
const SEARCHES: u32 = 10_000;

/// Versions of the dated paths.
const DATES: [&str; 2] = ["2026-03", "2026-09"];

type Handler = fn(&mut Portal, &Ask) -> Reply;

/// The demo company's HubSpot.
#[must_use]
pub(super) fn simulator() -> Simulator {
    let builder = Simulator::build("hubspot", || fill::fill(Timestamp::now()))
        .token("pat-eu1-5a11d0c5-0000-4000-8000-5ervicekey01", Principal::new("chancery", SCOPES))
        .token("pat-eu1-5a11d0c5-0000-4000-8000-5ervicekey02", Principal::new("chancery-reading", READING))
        .accept(Scheme::Bearer)
        .errors(face::refuse)
        .stamp(face::stamp)
        .limit(searches())
        .limit(burst());
    let builder = DATES.into_iter().fold(builder, |builder, date| {
        let objects = format!("/crm/objects/{date}");
        let builder = records(builder, &objects);
        let builder = ties(builder, &objects, &format!("/crm/associations/{date}"));
        described(
            builder,
            &format!("/crm/owners/{date}"),
            &format!("/crm/pipelines/{date}"),
            &format!("/crm/properties/{date}"),
        )
        .route(Method::GET, &format!("/account-info/{date}/details"), meta::account)
    });
    let builder = records(builder, "/crm/v3/objects");
    let builder = ties(builder, "/crm/v4/objects", "/crm/v4/associations");
    let builder = described(builder, "/crm/v3/owners", "/crm/v3/pipelines", "/crm/v3/properties");
    // Client libraries ask these of the numbered objects too.
    let builder = tie_routes(builder, "/crm/v3/objects");
    builder
        .route(Method::PUT, "/crm/v3/objects/{type}/{id}/associations/{to}/{toId}/{label}", associations::put)
        .route(Method::GET, "/account-info/v3/details", meta::account)
        .finish()
}

/// The account by itself, for tests of query builders.
#[cfg(test)]
pub(super) fn filled(now: Timestamp) -> Portal {
    fill::fill(now)
}

fn records(builder: Builder<Portal>, objects: &str) -> Builder<Portal> {
    let routes: [(Method, &str, Handler); 11] = [
        (Method::GET, "{type}", objects::list),
        (Method::POST, "{type}", objects::create),
        (Method::GET, "{type}/{id}", objects::get),
        (Method::PATCH, "{type}/{id}", objects::change),
        (Method::DELETE, "{type}/{id}", objects::archive),
        (Method::POST, "{type}/search", search::search),
        (Method::POST, "{type}/batch/read", batch::read),
        (Method::POST, "{type}/batch/create", batch::create),
        (Method::POST, "{type}/batch/update", batch::update),
        (Method::POST, "{type}/batch/upsert", batch::upsert),
        (Method::POST, "{type}/batch/archive", batch::archive),
    ];
    routes
        .into_iter()
        .fold(builder, |b, (method, path, handler)| b.route(method, &format!("{objects}/{path}"), handler))
}

fn ties(builder: Builder<Portal>, objects: &str, associations: &str) -> Builder<Portal> {
    let builder = tie_routes(builder, objects);
    builder
        .route(Method::POST, &format!("{associations}/{{type}}/{{to}}/batch/read"), associations::batch_read)
        .route(
            Method::POST,
            &format!("{associations}/{{type}}/{{to}}/batch/associate/default"),
            associations::batch_default,
        )
        .route(
            Method::POST,
            &format!("{associations}/{{type}}/{{to}}/batch/create"),
            associations::batch_create,
        )
        .route(Method::GET, &format!("{associations}/{{type}}/{{to}}/labels"), associations::labels)
}

fn tie_routes(builder: Builder<Portal>, objects: &str) -> Builder<Portal> {
    let routes: [(Method, &str, Handler); 4] = [
        (Method::GET, "{type}/{id}/associations/{to}", associations::list),
        (Method::PUT, "{type}/{id}/associations/default/{to}/{toId}", associations::put),
        (Method::PUT, "{type}/{id}/associations/{to}/{toId}", associations::put),
        (Method::DELETE, "{type}/{id}/associations/{to}/{toId}", associations::delete),
    ];
    routes
        .into_iter()
        .fold(builder, |b, (method, path, handler)| b.route(method, &format!("{objects}/{path}"), handler))
}

fn described(builder: Builder<Portal>, owners: &str, pipelines: &str, properties: &str) -> Builder<Portal> {
    builder
        .route(Method::GET, owners, meta::owners)
        // HubSpot's own client libraries end the path with a slash.
        .route(Method::GET, &format!("{owners}/"), meta::owners)
        .route(Method::GET, &format!("{owners}/{{id}}"), meta::owner)
        .route(Method::GET, &format!("{pipelines}/{{type}}"), meta::pipelines)
        .route(Method::GET, &format!("{pipelines}/{{type}}/{{id}}"), meta::pipeline)
        .route(Method::GET, &format!("{pipelines}/{{type}}/{{id}}/stages"), meta::stages)
        .route(Method::GET, &format!("{properties}/{{type}}"), meta::properties)
        .route(Method::GET, &format!("{properties}/{{type}}/{{name}}"), meta::property)
}

/// The kind that a path names: by plural, singular or number. Errors: HubSpot's 400.
fn kind(ask: &Ask, param: &str) -> Result<Kind, Answer> {
    Kind::named(ask.param(param)).ok_or_else(|| {
        face::error(
            400,
            "VALIDATION_ERROR",
            &format!("Unable to infer object type from: {}", ask.param(param)),
        )
    })
}

/// Refuses a caller whose key lacks the scope for a kind.
fn allow(ask: &Ask, kind: Kind, writes: bool) -> Result<(), Answer> {
    // Activities go with contacts (HubSpot, "Scopes").
    let noun = match kind {
        Kind::Company => "companies",
        Kind::Deal => "deals",
        Kind::Ticket => return ask.require_scope("tickets"),
        _ => "contacts",
    };
    ask.require_scope(&format!("crm.objects.{noun}.{}", if writes { "write" } else { "read" }))
}

fn searches() -> Limit {
    Limit::new(SEARCHES, Duration::from_secs(1))
        .per(|ask| ask.path.ends_with("/search").then(|| ask.who().to_owned()))
}

fn burst() -> Limit {
    Limit::new(BURST, Duration::from_secs(10))
        .per(|ask| (!ask.path.ends_with("/search")).then(|| ask.who().to_owned()))
        .headers(|budget| {
            vec![
                ("x-hubspot-ratelimit-max", budget.limit.to_string()),
                ("x-hubspot-ratelimit-remaining", budget.remaining.to_string()),
                ("x-hubspot-ratelimit-interval-milliseconds", "10000".to_owned()),
            ]
        })
}
