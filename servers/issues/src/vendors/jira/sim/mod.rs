//! A Jira site in memory: Cloud v3 and v2, at its own address and behind the gateway, and Data Center v2 below
//! `/jira`.
//!
//! Written from developer.atlassian.com/cloud/jira/platform/rest/v3, .../cloud/jira/software/rest and
//! docs.atlassian.com/software/jira/docs/api/REST; it shares nothing with the client.

mod agile;
mod comment;
mod face;
mod fill;
mod issue;
pub(crate) mod jql;
mod link;
mod meta;
mod people;
mod project;
mod render;
mod screen;
mod search;
mod state;
mod text;
pub(crate) mod words;
mod workflow;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use sandbox::company::backlog::backlog;
use sandbox::{
    Answer, Ask, Budget, Builder, ClientCredentials, Limit, Method, Principal, Refusal, Reply, Scheme,
    Simulator,
};
use serde_json::json;

use face::{DATA_CENTER, Face, GATEWAY};
use state::Site;
#[cfg(test)]
pub(super) use text::check_adf;

/// Whom all demo credentials stand for.
const AGENT: &str = "agent@halden.example";

/// What the demo client may do, in Atlassian's scopes.
const SCOPES: &[&str] = &[
    "read:jira-work",
    "write:jira-work",
    "read:jira-user",
    "read:board-scope:jira-software",
    "read:sprint:jira-software",
];

/// Writes to one issue: "20 operations per 2 seconds" (Atlassian, "Rate limiting", per-issue write limits).
const PER_ISSUE: u32 = 20;

/// Calls of one endpoint and method a second. Atlassian does not tell its number; this one lets benchmarks pass.
const BURST: u32 = 20_000;

type Handler = fn(&mut Site, &Ask, &Face) -> Reply;

/// The demo company's Jira.
#[must_use]
pub(super) fn simulator() -> Simulator {
    let agent = || Principal::new(AGENT, SCOPES);
    let grant = ClientCredentials::new(Duration::from_hours(1)).client(
        "halden-jira-agent",
        "sandbox-jira-client-secret",
        agent(),
    );
    // Read anew at each reset: between them the site is the only copy.
    let builder = Simulator::build("jira", || fill::fill(&backlog(), Timestamp::now()))
        .base_path(GATEWAY)
        .client_credentials("/oauth/token", grant)
        .basic(AGENT, "sandbox-jira-api-token", agent())
        // The personal access token is Data Center's; the gateway takes it too, so that there is one ready token.
        .token("sandbox-jira-personal-access-token", agent())
        .accept(Scheme::Bearer)
        .accept(Scheme::Basic)
        .authorize(authorize)
        .errors(refuse)
        .stamp(stamp)
        .limit(burst())
        .limit(per_issue())
        .open(Method::GET, "/_edge/tenant_info", |_, _| {
            Answer::json(200, json!({ "cloudId": face::CLOUD_ID }))
        });
    let builder = [("", "3"), ("", "2"), (GATEWAY, "3"), (GATEWAY, "2")]
        .into_iter()
        .fold(builder, |builder, (prefix, version)| cloud(builder, &format!("{prefix}/rest/api/{version}")));
    let builder = ["2", "latest"]
        .into_iter()
        .fold(builder, |builder, version| data_center(builder, &format!("{DATA_CENTER}/rest/api/{version}")));
    ["", GATEWAY, DATA_CENTER]
        .into_iter()
        .fold(builder, |builder, prefix| agile::routes(builder, &format!("{prefix}/rest/agile/1.0")))
        .finish()
}

/// Adds a route whose handler knows the face it shows.
fn on(builder: Builder<Site>, method: Method, path: String, handler: Handler) -> Builder<Site> {
    builder.route(method, &path, move |site, ask| handler(site, ask, &Face::of(ask)))
}

fn cloud(builder: Builder<Site>, api: &str) -> Builder<Site> {
    let routes: [(Method, &str, Handler); 9] = [
        (Method::GET, "search", search::gone),
        (Method::POST, "search", search::gone),
        (Method::GET, "search/jql", search::by_token),
        (Method::POST, "search/jql", search::by_token),
        (Method::POST, "search/approximate-count", search::count),
        (Method::POST, "jql/parse", search::parse),
        (Method::GET, "issue/{issue}/changelog", issue::changelog),
        (Method::GET, "project/search", project::search),
        (Method::GET, "priority/search", meta::priority_search),
    ];
    let builder =
        routes.into_iter().fold(builder, |b, (method, path, h)| on(b, method, format!("{api}/{path}"), h));
    both(builder, api)
}

fn data_center(builder: Builder<Site>, api: &str) -> Builder<Site> {
    let builder = on(builder, Method::GET, format!("{api}/search"), search::by_offset);
    both(on(builder, Method::POST, format!("{api}/search"), search::by_offset), api)
}

/// What Cloud and Data Center have in common.
fn both(builder: Builder<Site>, api: &str) -> Builder<Site> {
    let routes: [(Method, &str, Handler); 32] = [
        (Method::POST, "issue", issue::create),
        (Method::GET, "issue/{issue}", issue::get),
        (Method::PUT, "issue/{issue}", issue::edit),
        (Method::DELETE, "issue/{issue}", issue::delete),
        (Method::PUT, "issue/{issue}/assignee", issue::assign),
        (Method::GET, "issue/{issue}/transitions", workflow::list),
        (Method::POST, "issue/{issue}/transitions", workflow::take),
        (Method::GET, "issue/{issue}/comment", comment::list),
        (Method::POST, "issue/{issue}/comment", comment::add),
        (Method::GET, "issue/{issue}/comment/{id}", comment::get),
        (Method::PUT, "issue/{issue}/comment/{id}", comment::edit),
        (Method::GET, "issue/{issue}/remotelink", link::remote),
        (Method::POST, "issue/{issue}/remotelink", link::add_remote),
        (Method::GET, "issue/createmeta/{project}/issuetypes", meta::create_types),
        (Method::GET, "issue/createmeta/{project}/issuetypes/{type}", meta::create_fields),
        (Method::GET, "issue/{issue}/editmeta", meta::edit_fields),
        (Method::POST, "issueLink", link::add),
        (Method::GET, "issueLinkType", link::types),
        (Method::GET, "project", project::all),
        (Method::GET, "project/{project}", project::get),
        (Method::GET, "project/{project}/versions", project::versions),
        (Method::GET, "project/{project}/statuses", project::statuses),
        (Method::GET, "field", meta::fields),
        (Method::GET, "priority", meta::priorities),
        (Method::GET, "status", meta::statuses),
        (Method::GET, "issuetype", meta::types),
        (Method::GET, "serverInfo", meta::server_info),
        (Method::GET, "mypermissions", meta::permissions),
        (Method::GET, "myself", people::myself),
        (Method::GET, "user", people::one),
        (Method::GET, "user/search", people::search),
        (Method::GET, "user/assignable/search", people::assignable),
    ];
    routes.into_iter().fold(builder, |b, (method, path, h)| on(b, method, format!("{api}/{path}"), h))
}

/// The site itself knows no OAuth tokens, Data Center no e-mail addresses; behind the gateway scopes count.
fn authorize(ask: &Ask) -> Result<Principal, Refusal> {
    let gateway = ask.path.starts_with(GATEWAY);
    let bearer = gateway || ask.path.starts_with(DATA_CENTER);
    let schemes: &[Scheme] = if bearer { &[Scheme::Bearer, Scheme::Basic] } else { &[Scheme::Basic] };
    let principal = ask.check(schemes).map_err(Refusal::Unauthenticated)?;
    let reads = ask.method == Method::GET || ask.path.contains("/search") || ask.path.ends_with("/jql/parse");
    let scope = if reads { "read:jira-work" } else { "write:jira-work" };
    if gateway && !principal.may(scope) { Err(Refusal::Forbidden(scope.to_owned())) } else { Ok(principal) }
}

/// Jira's and the gateway's error bodies.
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
            let message = "Client must be authenticated to access this resource.";
            face::error(401, &[message]).header("www-authenticate", "OAuth realm=\"jira\"")
        }
        Refusal::NoRoute => Answer::json(
            404,
            json!({ "message": format!("null for uri: {}{}", ask.origin, ask.path), "status-code": 404 }),
        ),
        Refusal::Malformed(_) => {
            face::error(400, &["Invalid request payload. Refer to the REST API documentation and try again."])
        }
        Refusal::RateLimited(budget) => face::error(429, &["Rate limit exceeded."])
            .header("retry-after", budget.retry_after)
            .header("ratelimit-reason", reason(budget)),
        other => face::error(other.status(), &[&other.message()]),
    }
}

fn reason(budget: &Budget) -> &'static str {
    if budget.limit == PER_ISSUE { "jira-per-issue-on-write" } else { "jira-burst-based" }
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

fn per_issue() -> Limit {
    Limit::new(PER_ISSUE, Duration::from_secs(2)).per(|ask| {
        let writes = ask.method == Method::POST || ask.method == Method::PUT;
        let (_, rest) = ask.path.split_once("/issue/")?;
        writes.then(|| rest.split('/').next().unwrap_or_default().to_owned())
    })
}
