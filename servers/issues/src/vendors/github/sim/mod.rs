//! A GitHub for tests and demos, written from its documents (docs.github.com/rest, version 2026-03-10) and knowing
//! nothing of our client.

mod apps;
mod delivery;
mod fill;
mod issues;
mod page;
pub(super) mod parse;
mod repos;
mod search;
mod show;
mod state;
mod talk;

use std::time::Duration;

use sandbox::company::backlog::backlog;
use sandbox::{Answer, Ask, Budget, Limit, Method, Principal, Refusal, Scheme, Simulator, Timestamp};
use serde_json::{Value, json};

use self::state::Hub;

/// The installation as an author.
const APP_LOGIN: &str = "chancery[bot]";

/// Labels that stand for what GitHub has no field for; `demo.toml` tells the source.
const DOING: &str = "in progress";
const BLOCKED: &str = "blocked";
const RELEASE_BLOCKER: &str = "release-blocker";

/// A personal access token of the demo company's agent.
const PERSONAL_TOKEN: &str = "ghp_5andb0xDemoTokenThatOpensNothing0000";

/// A personal access token that may read issues and write nothing.
pub(super) const NARROW_TOKEN: &str = "ghp_5andb0xDemoTokenForIssuesOnly0000000";

/// Ways to show a token (docs.github.com, "Authenticating to the REST API").
const SCHEMES: [Scheme; 2] = [Scheme::Bearer, Scheme::Lead("token ")];

/// Versions served; the first is meant where a request names none.
const VERSIONS: [&str; 2] = ["2022-11-28", "2026-03-10"];

/// GitHub allows an installation 5,000 to 15,000 requests an hour and 30 searches a minute. Ten times that is
/// allowed here, so that a suite is not slowed by the clock; what happens at the limit is the same.
const REQUESTS_PER_HOUR: u32 = 150_000;
const SEARCHES_PER_MINUTE: u32 = 300;

/// GitHub over the demo company.
pub(super) fn simulate() -> Simulator {
    let agent = |repositories: &[String]| apps::principal("halden-agent", repositories);
    let installed = apps::installed(&demo());
    let mut narrow = Principal::new("halden-agent", &["issues:read", "metadata:read"]);
    narrow.scopes.extend(installed.iter().map(|one| format!("repo:{one}")));
    let builder = Simulator::build("github", demo)
        .app(&apps::app())
        .token(PERSONAL_TOKEN, agent(&installed))
        .token(NARROW_TOKEN, narrow)
        .authorize(authorize)
        .errors(refused)
        .stamp(stamp)
        .limit(requests("core", REQUESTS_PER_HOUR, Duration::from_secs(3600)))
        .limit(requests("search", SEARCHES_PER_MINUTE, Duration::from_secs(60)));
    let builder =
        [Scheme::Bearer, Scheme::Lead("token ")].into_iter().fold(builder, sandbox::Builder::accept);
    let builder = builder
        .open(Method::GET, "/app", checked(apps::myself))
        .open(Method::GET, "/app/installations", checked(apps::installations))
        .open(Method::POST, "/app/installations/{id}/access_tokens", checked(apps::issue_token))
        .open(Method::GET, "/repos/{owner}/{repo}/installation", checked(apps::of_repository))
        .route(Method::DELETE, "/installation/token", checked(apps::revoke))
        .route(Method::GET, "/installation/repositories", checked(repos::of_installation))
        .route(Method::GET, "/rate_limit", checked(rate_limit))
        .route(Method::GET, "/user", checked(repos::myself))
        .route(Method::GET, "/users/{login}", checked(repos::person))
        .route(Method::GET, "/search/issues", checked(search::search));
    with_repository_routes(builder).finish()
}

fn with_repository_routes(builder: sandbox::Builder<Hub>) -> sandbox::Builder<Hub> {
    let get: [(&str, Handler); 19] = [
        ("", repos::get),
        ("/issues", issues::list),
        ("/issues/{number}", issues::get),
        ("/issues/{number}/comments", talk::comments),
        ("/issues/{number}/labels", talk::labels),
        ("/issues/{number}/timeline", talk::timeline),
        ("/issues/{number}/sub_issues", talk::sub_issues),
        ("/issues/{number}/dependencies/blocked_by", talk::blocked_by),
        ("/issues/{number}/dependencies/blocking", talk::blocking),
        ("/issues/comments/{id}", talk::one_comment),
        ("/labels", repos::labels),
        ("/milestones", repos::milestones),
        ("/assignees", repos::assignees),
        ("/pulls", delivery::pulls),
        ("/pulls/{number}", delivery::pull),
        ("/commits/{sha}/check-runs", delivery::check_runs),
        ("/deployments", delivery::deployments),
        ("/deployments/{id}/statuses", delivery::statuses),
        ("/contents/.github/ISSUE_TEMPLATE", repos::templates),
    ];
    let other: [(Method, &str, Handler); 12] = [
        (Method::GET, "/contents/.github/ISSUE_TEMPLATE/{file}", repos::template),
        (Method::POST, "/issues", issues::create),
        (Method::PATCH, "/issues/{number}", issues::update),
        (Method::POST, "/issues/{number}/comments", talk::comment),
        (Method::PATCH, "/issues/comments/{id}", talk::edit_comment),
        (Method::PUT, "/issues/{number}/lock", talk::lock),
        (Method::DELETE, "/issues/{number}/lock", talk::lock),
        (Method::POST, "/issues/{number}/labels", talk::add_labels),
        (Method::DELETE, "/issues/{number}/labels/{name}", talk::remove_label),
        (Method::POST, "/issues/{number}/assignees", talk::assignees),
        (Method::DELETE, "/issues/{number}/assignees", talk::assignees),
        (Method::POST, "/issues/{number}/dependencies/blocked_by", talk::block),
    ];
    let get = get.into_iter().map(|(path, handler)| (Method::GET, path, handler));
    get.chain(other).fold(builder, |builder, (method, path, handler)| {
        builder.route(method, &format!("/repos/{{owner}}/{{repo}}{path}"), checked(handler))
    })
}

type Handler = fn(&mut Hub, &Ask) -> sandbox::Reply;

/// A handler behind the checks that every request meets.
fn checked(handler: Handler) -> impl Fn(&mut Hub, &Ask) -> Answer + Send + Sync + 'static {
    move |hub, ask| Answer::from(welcome(ask).and_then(|()| handler(hub, ask)))
}

/// Errors: 403 without a user agent, 400 for a version that does not exist.
fn welcome(ask: &Ask) -> Result<(), Answer> {
    if ask.header("user-agent").is_none_or(|agent| agent.trim().is_empty()) {
        let message = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.";
        return Err(refusal(ask, 403, message, &[]));
    }
    match ask.header("x-github-api-version") {
        Some(version) if !VERSIONS.contains(&version) => {
            Err(refusal(ask, 400, "The requested API version does not exist or is no longer supported.", &[]))
        }
        _ => Ok(()),
    }
}

fn demo() -> Hub {
    fill::hub(&backlog(), Timestamp::now())
}

fn authorize(ask: &Ask) -> Result<Principal, Refusal> {
    ask.check(&SCHEMES).map_err(Refusal::Unauthenticated)
}

/// A refusal in GitHub's shape.
fn refusal(ask: &Ask, status: u16, message: &str, errors: &[Value]) -> Answer {
    let page = if ask.path.starts_with("/search") { "search/search" } else { "issues/issues" };
    let mut body = json!({
        "message": message, "documentation_url": format!("https://docs.github.com/rest/{page}"),
        "status": status.to_string(),
    });
    if !errors.is_empty() {
        body["errors"] = json!(errors);
    }
    Answer::json(status, body)
}

/// The redirect to a repository that was renamed. Reads may be sent elsewhere for good, writes are repeated there.
fn moved(ask: &Ask, id: u64) -> Answer {
    let (status, message) =
        if ask.method == Method::GET { (301, "Moved Permanently") } else { (307, "Temporary Redirect") };
    let url = format!("{}/repositories/{id}", ask.origin);
    let page = "guides/best-practices-for-using-the-rest-api#follow-redirects";
    let body = json!({
        "message": message, "url": url, "documentation_url": format!("https://docs.github.com/rest/{page}"),
    });
    Answer::json(status, body).header("location", url)
}

/// One entry of `errors`.
fn fault(resource: &str, field: &str, code: &str) -> Value {
    json!({ "resource": resource, "field": field, "code": code })
}

/// What the kit refuses, in GitHub's words.
fn refused(ask: &Ask, why: &Refusal) -> Answer {
    let (status, message) = match why {
        Refusal::Unauthenticated(sandbox::Denial::Missing) => (401, "Requires authentication".to_owned()),
        Refusal::Unauthenticated(sandbox::Denial::Assertion(reason)) => (401, reason.clone()),
        Refusal::Unauthenticated(_) => (401, "Bad credentials".to_owned()),
        Refusal::Forbidden(_) => (403, "Resource not accessible by integration".to_owned()),
        Refusal::NoRoute | Refusal::WrongMethod(_) => (404, "Not Found".to_owned()),
        Refusal::Malformed(_) => (400, "Problems parsing JSON".to_owned()),
        Refusal::RateLimited(_) => (403, format!("API rate limit exceeded for {}.", ask.who())),
        Refusal::TooLarge => (413, "Payload too large".to_owned()),
        Refusal::Injected(status) => (status.as_u16(), why.message()),
    };
    refusal(ask, status, &message, &[])
}

fn stamp(ask: &Ask, answer: &mut Answer) {
    let id: u64 = ask.now.as_nanosecond().unsigned_abs() as u64;
    answer.push_header("x-github-request-id", format!("{:04X}:{:X}", id & 0xffff, id >> 16));
    let version = ask.header("x-github-api-version").filter(|asked| VERSIONS.contains(asked));
    answer.push_header("x-github-api-version-selected", version.unwrap_or(VERSIONS[0]));
    answer.push_header("x-github-media-type", "github.v3; format=json");
}

/// One of GitHub's primary limits. Searches have their own.
fn requests(resource: &'static str, allowed: u32, window: Duration) -> Limit {
    let counts = move |ask: &Ask| {
        (ask.path.starts_with("/search/") == (resource == "search")) && ask.path != "/rate_limit"
    };
    Limit::new(allowed, window)
        .per(move |ask| counts(ask).then(|| ask.who().to_owned()))
        .headers(move |budget| told(resource, budget))
}

fn told(resource: &'static str, budget: &Budget) -> Vec<(&'static str, String)> {
    vec![
        ("x-ratelimit-limit", budget.limit.to_string()),
        ("x-ratelimit-remaining", budget.remaining.to_string()),
        ("x-ratelimit-used", budget.used.to_string()),
        ("x-ratelimit-reset", budget.reset.as_second().to_string()),
        ("x-ratelimit-resource", resource.to_owned()),
    ]
}

/// `GET /rate_limit`: the sizes of the windows, taken as untouched. Version 2026-03-10 dropped `rate`.
fn rate_limit(_: &mut Hub, ask: &Ask) -> sandbox::Reply {
    let window = |limit: u32, seconds: i64| json!({ "limit": limit, "remaining": limit, "used": 0, "reset": ask.now.as_second() + seconds });
    let core = window(REQUESTS_PER_HOUR, 3600);
    let mut body = json!({ "resources": { "core": core, "search": window(SEARCHES_PER_MINUTE, 60) } });
    if ask.header("x-github-api-version").unwrap_or(VERSIONS[0]) == VERSIONS[0] {
        body["rate"] = core;
    }
    Ok(Answer::json(200, body))
}
