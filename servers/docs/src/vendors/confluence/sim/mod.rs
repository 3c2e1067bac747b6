//! A Confluence Cloud site in memory: v2 and what is left of v1, at its own address and behind the gateway.
//!
//! Written from developer.atlassian.com/cloud/confluence/rest/v1 and /v2 and the pages on CQL; it shares nothing with
//! the client.

mod contents;
pub(crate) mod cql;
mod face;
mod fill;
mod list;
mod meta;
mod pages;
mod people;
mod search;
mod show;
mod spaces;
mod state;
mod talk;
mod text;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use sandbox::{
    Answer, Ask, Builder, ClientCredentials, Limit, Method, Principal, Refusal, Reply, Scheme, Simulator,
};
use serde_json::json;

use face::GATEWAY;
use state::Site;

/// Whom all demo credentials stand for.
const AGENT: &str = "agent@halden.example";

/// What the demo client may do, in Atlassian's granular scopes and the classic ones of v1.
const SCOPES: &[&str] = &[
    "read:page:confluence",
    "write:page:confluence",
    "read:space:confluence",
    "read:space.permission:confluence",
    "read:comment:confluence",
    "write:comment:confluence",
    "read:label:confluence",
    "write:label:confluence",
    "read:content.restriction:confluence",
    "read:content-details:confluence",
    "read:template:confluence",
    "read:user:confluence",
    "search:confluence",
];

/// Calls of one endpoint and method a second. Atlassian does not tell its number; this one lets benchmarks pass.
const BURST: u32 = 20_000;

type Handler = fn(&mut Site, &Ask) -> Reply;

/// The demo company's Confluence.
#[must_use]
pub(super) fn simulator() -> Simulator {
    let agent = || Principal::new(AGENT, SCOPES);
    let grant = ClientCredentials::new(Duration::from_hours(1)).client(
        "halden-confluence-agent",
        "sandbox-confluence-client-secret",
        agent(),
    );
    let builder = Simulator::build("confluence", || fill::fill(face::whole(Timestamp::now())))
        .base_path(GATEWAY)
        .client_credentials("/oauth/token", grant)
        .basic(AGENT, "sandbox-confluence-api-token", agent())
        .token("sandbox-confluence-access-token", agent())
        .accept(Scheme::Bearer)
        .accept(Scheme::Basic)
        .authorize(authorize)
        .errors(refuse)
        .stamp(stamp)
        .limit(burst())
        .open(Method::GET, "/_edge/tenant_info", |_, _| {
            Answer::json(200, json!({ "cloudId": face::CLOUD_ID }))
        });
    ["", GATEWAY].into_iter().fold(builder, |builder, prefix| v2(v1(builder, prefix), prefix)).finish()
}

fn v2(builder: Builder<Site>, prefix: &str) -> Builder<Site> {
    let routes: [(Method, &str, Handler); 22] = [
        (Method::GET, "pages", pages::all),
        (Method::POST, "pages", pages::create),
        (Method::GET, "pages/{id}", pages::get),
        (Method::PUT, "pages/{id}", pages::update),
        (Method::DELETE, "pages/{id}", pages::delete),
        (Method::GET, "pages/{id}/versions", pages::versions),
        (Method::GET, "pages/{id}/ancestors", pages::ancestors),
        (Method::GET, "pages/{id}/children", pages::children),
        (Method::GET, "pages/{id}/direct-children", pages::children),
        (Method::GET, "pages/{id}/labels", meta::labels),
        (Method::GET, "pages/{id}/properties", meta::properties),
        (Method::POST, "pages/{id}/properties", meta::add_property),
        (Method::GET, "pages/{id}/footer-comments", talk::footers),
        (Method::GET, "pages/{id}/inline-comments", talk::inlines),
        (Method::POST, "footer-comments", talk::add_footer),
        (Method::POST, "inline-comments", talk::add_inline),
        (Method::GET, "footer-comments/{id}", talk::one),
        (Method::GET, "spaces", spaces::all),
        (Method::GET, "spaces/{id}", spaces::one),
        (Method::GET, "spaces/{id}/pages", pages::all),
        (Method::GET, "spaces/{id}/permissions", spaces::permissions),
        (Method::POST, "users-bulk", people::bulk),
    ];
    routes.into_iter().fold(builder, |b, (method, path, handler)| {
        b.route(method, &format!("{prefix}/wiki/api/v2/{path}"), handler)
    })
}

fn v1(builder: Builder<Site>, prefix: &str) -> Builder<Site> {
    let routes: [(Method, &str, Handler); 27] = [
        (Method::GET, "search", search::search),
        (Method::GET, "search/user", search::users),
        (Method::GET, "content/search", search::contents),
        (Method::GET, "content", contents::all),
        (Method::POST, "content", contents::create),
        (Method::GET, "content/{id}", contents::get),
        (Method::PUT, "content/{id}", contents::update),
        (Method::DELETE, "content/{id}", pages::delete),
        (Method::GET, "content/{id}/history", contents::history),
        (Method::GET, "content/{id}/version", contents::versions),
        (Method::GET, "content/{id}/child/page", contents::children),
        (Method::GET, "content/{id}/label", meta::labels_v1),
        (Method::POST, "content/{id}/label", meta::add_labels),
        (Method::DELETE, "content/{id}/label", meta::remove_label),
        (Method::DELETE, "content/{id}/label/{label}", meta::remove_label),
        (Method::POST, "content/{id}/property", meta::add_property),
        (Method::GET, "content/{id}/property/{key}", meta::property_of),
        (Method::GET, "content/{id}/restriction", meta::restrictions),
        (Method::GET, "content/{id}/restriction/byOperation", meta::restrictions),
        (Method::GET, "space", spaces::all_v1),
        (Method::GET, "space/{key}", spaces::one_v1),
        (Method::GET, "space/{key}/content/page", spaces::contents),
        (Method::GET, "user", people::one),
        (Method::GET, "user/current", people::current),
        (Method::GET, "user/bulk", people::several),
        (Method::GET, "group/by-id", people::group),
        (Method::GET, "template/page", meta::templates),
    ];
    routes.into_iter().fold(builder, |b, (method, path, handler)| {
        b.route(method.clone(), &format!("{prefix}/wiki/rest/api/{path}"), handler).route(
            method,
            &format!("{prefix}/wiki/rest/api/{path}/"),
            handler,
        )
    })
}

/// The site itself knows no OAuth tokens; behind the gateway scopes count.
fn authorize(ask: &Ask) -> Result<Principal, Refusal> {
    let gateway = ask.path.starts_with(GATEWAY);
    let schemes: &[Scheme] = if gateway { &[Scheme::Bearer, Scheme::Basic] } else { &[Scheme::Basic] };
    let principal = ask.check(schemes).map_err(Refusal::Unauthenticated)?;
    let scope = scope(ask);
    if gateway && !principal.may(scope) { Err(Refusal::Forbidden(scope.to_owned())) } else { Ok(principal) }
}

/// The scope that a route asks for, by the pages of the reference.
fn scope(ask: &Ask) -> &'static str {
    let reads = ask.method == Method::GET;
    let has = |part: &str| ask.path.contains(part);
    match () {
        () if has("/rest/api/search") || has("/content/search") => "search:confluence",
        () if has("/user") || has("/group") => "read:user:confluence",
        () if has("/template") => "read:template:confluence",
        () if has("/restriction") => "read:content.restriction:confluence",
        () if has("/permissions") => "read:space.permission:confluence",
        () if has("comments") && reads => "read:comment:confluence",
        () if has("comments") => "write:comment:confluence",
        () if has("/label") && reads => "read:label:confluence",
        () if has("/label") => "write:label:confluence",
        () if has("/space") => "read:space:confluence",
        () if reads => "read:page:confluence",
        () => "write:page:confluence",
    }
}

/// Confluence's and the gateway's error bodies.
fn refuse(ask: &Ask, refusal: &Refusal) -> Answer {
    let gateway = ask.path.starts_with(GATEWAY);
    match refusal {
        Refusal::Unauthenticated(_) if gateway => {
            Answer::json(401, json!({ "code": 401, "message": "Unauthorized" }))
        }
        Refusal::Forbidden(_) => {
            Answer::json(401, json!({ "code": 401, "message": "Unauthorized; scope does not match" }))
        }
        Refusal::Unauthenticated(_) => {
            face::error(ask, 401, "Basic authentication with passwords is deprecated")
                .header("www-authenticate", "Basic realm=\"Atlassian Confluence\"")
        }
        Refusal::NoRoute => Answer::json(
            404,
            json!({ "message": format!("null for uri: {}{}", ask.origin, ask.path), "status-code": 404 }),
        ),
        Refusal::RateLimited(budget) => face::error(ask, 429, "Rate limit exceeded")
            .header("retry-after", budget.retry_after)
            .header("ratelimit-reason", "confluence-burst-based"),
        other => face::error(ask, other.status(), &other.message()),
    }
}

fn stamp(_: &Ask, answer: &mut Answer) {
    static SERIAL: AtomicU64 = AtomicU64::new(1);
    answer.push_header("atl-traceid", format!("{:032x}", SERIAL.fetch_add(1, Ordering::Relaxed)));
}

fn burst() -> Limit {
    Limit::new(BURST, Duration::from_secs(1))
        .per(|ask| Some(format!("{} {}", ask.method, ask.path.rsplit('/').next().unwrap_or_default())))
        .headers(|budget| {
            vec![
                ("x-ratelimit-limit", budget.limit.to_string()),
                ("x-ratelimit-remaining", budget.remaining.to_string()),
                ("x-ratelimit-reset", budget.reset.strftime("%Y-%m-%dT%H:%MZ").to_string()),
                ("x-ratelimit-nearlimit", (budget.remaining < budget.limit / 5).to_string()),
            ]
        })
}
