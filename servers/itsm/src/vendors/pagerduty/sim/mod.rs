//! A PagerDuty account in memory: REST API v2 and its token endpoint.
//!
//! Written from developer.pagerduty.com/api-reference (REST 2.0.0) and developer.pagerduty.com/docs; it shares nothing
//! with the client.

mod automation;
mod directory;
mod fill;
pub(super) mod filter;
mod ids;
mod incidents;
mod insight;
mod page;
mod show;
mod state;
mod talk;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use sandbox::{Answer, Ask, ClientCredentials, Limit, Method, Principal, Refusal, Reply, Scheme, Simulator};
use serde_json::{Value, json};

use state::Account;

/// Where people look at the account.
const SITE: &str = "https://halden.pagerduty.com";

/// The user the demo credentials stand for.
const AGENT: &str = "agent@halden.example";

/// The names of keys that belong to no user.
const ACCOUNT_KEY: &str = "account key";
const READ_ONLY_KEY: &str = "read-only account key";

/// What the demo app may do.
const SCOPES: &[&str] = &[
    "as_account-us.halden",
    "abilities.read",
    "change_events.read",
    "escalation_policies.read",
    "incidents.read",
    "incidents.write",
    "oncalls.read",
    "priorities.read",
    "schedules.read",
    "services.read",
    "teams.read",
    "users.read",
    "automation_actions.read",
    "automation_actions.write",
];

/// Requests a minute and key: a hundred times PagerDuty's 960, so that benchmarks pass.
const A_MINUTE: u32 = 96_000;

/// App tokens live thirty days.
const LIFETIME: Duration = Duration::from_hours(24 * 30);

type Handler = fn(&mut Account, &Ask) -> Reply;

/// The demo company's PagerDuty.
#[must_use]
pub(super) fn simulate() -> Simulator {
    let app = Principal::new(ACCOUNT_KEY, SCOPES);
    let grant =
        ClientCredentials::new(LIFETIME).client("halden-pagerduty-app", "sandbox-pagerduty-app-secret", app);
    let builder = Simulator::build("pagerduty", || fill::account(Timestamp::now()))
        .client_credentials("/oauth/token", grant)
        .token("sandbox-pagerduty-account-key", Principal::new(ACCOUNT_KEY, &["*"]))
        .token("sandbox-pagerduty-user-key", Principal::new(AGENT, &["*"]))
        .token("sandbox-pagerduty-read-only-key", Principal::new(READ_ONLY_KEY, &["*"]))
        .accept(Scheme::Lead("Token token="))
        .accept(Scheme::Bearer)
        .authorize(authorize)
        .errors(refuse)
        .stamp(stamp)
        .limit(Limit::new(A_MINUTE, Duration::from_secs(60)).headers(|budget| {
            vec![
                ("ratelimit-limit", budget.limit.to_string()),
                ("ratelimit-remaining", budget.remaining.to_string()),
                ("ratelimit-reset", budget.retry_after.to_string()),
            ]
        }));
    routes()
        .into_iter()
        .fold(builder, |builder, (method, path, handler)| builder.route(method, path, handler))
        .finish()
}

fn routes() -> [(Method, &'static str, Handler); 37] {
    use Method as M;
    [
        (M::GET, "/abilities", directory::abilities),
        (M::GET, "/users", directory::users),
        (M::GET, "/users/me", directory::me),
        (M::GET, "/users/{id}", directory::user),
        (M::GET, "/teams", directory::teams),
        (M::GET, "/teams/{id}", directory::team),
        (M::GET, "/services", directory::services),
        (M::GET, "/services/{id}", directory::service),
        (M::GET, "/services/{id}/change_events", insight::service_changes),
        (M::GET, "/escalation_policies", directory::policies),
        (M::GET, "/escalation_policies/{id}", directory::policy),
        (M::GET, "/schedules", directory::schedules),
        (M::GET, "/oncalls", directory::on_calls),
        (M::GET, "/priorities", directory::priorities),
        (M::GET, "/log_entries", talk::all_log_entries),
        (M::GET, "/change_events", insight::changes),
        (M::GET, "/change_events/{id}", insight::change),
        (M::GET, "/incidents", incidents::list),
        (M::POST, "/incidents", incidents::open),
        (M::PUT, "/incidents", incidents::edit_many),
        (M::GET, "/incidents/{id}", incidents::get),
        (M::PUT, "/incidents/{id}", incidents::edit),
        (M::GET, "/incidents/{id}/notes", talk::notes),
        (M::POST, "/incidents/{id}/notes", talk::add_note),
        (M::GET, "/incidents/{id}/log_entries", talk::log_entries),
        (M::GET, "/incidents/{id}/alerts", talk::alerts),
        (M::GET, "/incidents/{id}/alerts/{alert}", talk::alert),
        (M::GET, "/incidents/{id}/past_incidents", insight::past),
        (M::GET, "/incidents/{id}/related_incidents", insight::related),
        (M::GET, "/incidents/{id}/related_change_events", insight::related_changes),
        (M::POST, "/incidents/{id}/status_updates", talk::status_update),
        (M::POST, "/incidents/{id}/snooze", talk::snooze),
        (M::GET, "/automation_actions/actions", automation::actions),
        (M::GET, "/automation_actions/actions/{id}", automation::action),
        (M::POST, "/automation_actions/actions/{id}/invocations", automation::invoke),
        (M::GET, "/automation_actions/invocations", automation::invocations),
        (M::GET, "/automation_actions/invocations/{id}", automation::invocation),
    ]
}

/// API keys come as `Token token=`, app tokens as `Bearer` with scopes; a read-only key writes nothing.
fn authorize(ask: &Ask) -> Result<Principal, Refusal> {
    let principal =
        ask.check(&[Scheme::Lead("Token token="), Scheme::Bearer]).map_err(Refusal::Unauthenticated)?;
    let right = if ask.method == Method::GET { "read" } else { "write" };
    if principal.name == READ_ONLY_KEY && right == "write" {
        return Err(Refusal::Forbidden("write".into()));
    }
    let scope = format!("{}.{right}", family(&ask.path));
    match principal.may("*") || principal.may(&scope) {
        true => Ok(principal),
        false => Err(Refusal::Forbidden(scope)),
    }
}

/// The family of scopes that a path belongs to.
fn family(path: &str) -> &str {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    match first {
        "log_entries" => "incidents",
        _ if path.ends_with("/change_events") => "change_events",
        other => other,
    }
}

/// Who a write is by: the token's user, or the user that `From` names. Errors: 400.
fn from(account: &Account, ask: &Ask) -> Result<String, Answer> {
    let email = match ask.header("from") {
        Some(email) => email,
        None if ask.who() == ACCOUNT_KEY => return Err(invalid(&["From header is required"])),
        None => ask.who(),
    };
    let known = account.users.iter().find(|user| user.email.eq_ignore_ascii_case(email));
    known.map(|user| user.id.clone()).ok_or_else(|| error(400, 1008, "Requester User Not Found", &[]))
}

/// 400 with code 2001.
fn invalid(errors: &[&str]) -> Answer {
    error(400, 2001, "Invalid Input Provided", errors)
}

fn error(status: u16, code: u32, message: &str, errors: &[&str]) -> Answer {
    let mut body = json!({ "message": message, "code": code });
    if !errors.is_empty() {
        body["errors"] = errors.iter().map(|text| Value::from(*text)).collect();
    }
    Answer::json(status, json!({ "error": body }))
}

fn refuse(_: &Ask, refusal: &Refusal) -> Answer {
    match refusal {
        Refusal::Unauthenticated(_) => error(401, 2006, "You provided an invalid API key.", &[]),
        Refusal::Forbidden(scope) => error(403, 2010, "Access Denied", &[&format!("Requires {scope}")]),
        Refusal::NoRoute => error(404, 2100, "Not Found", &[]),
        Refusal::RateLimited(_) => error(429, 2020, "Rate Limit Exceeded", &[]),
        Refusal::Malformed(reason) => invalid(&[reason]),
        other => error(other.status(), 2000, &other.message(), &[]),
    }
}

fn stamp(_: &Ask, answer: &mut Answer) {
    static SERIAL: AtomicU64 = AtomicU64::new(1);
    answer.push_header("x-request-id", format!("{:032x}", SERIAL.fetch_add(1, Ordering::Relaxed)));
}
