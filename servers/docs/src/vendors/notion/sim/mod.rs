//! A Notion for tests and demos, written from its documents (developers.notion.com/reference, versions 2025-09-03 and
//! 2026-03-11) and knowing nothing of our client.

mod blocks;
mod content;
mod fill;
pub(super) mod filter;
mod inline;
mod list;
mod markdown;
mod pages;
mod property;
mod show;
pub(super) mod state;
mod talk;

use std::time::Duration;

use sandbox::{Answer, Ask, Method, Principal, Refusal, Simulator, Timestamp};
use serde_json::{Map, Value, json};

use self::state::Workspace;

/// The token of the demo company's connection.
const TOKEN: &str = "ntn_5andb0xDemoTokenThatOpensNothing00000000000000";

/// A token of a connection that may read pages and nothing else.
pub(super) const NARROW_TOKEN: &str = "ntn_5andb0xDemoTokenThatOnlyReadsPages000000000000";

/// Versions served.
const VERSIONS: [&str; 2] = ["2025-09-03", "2026-03-11"];

/// What a connection may be allowed (developers.notion.com/reference/capabilities).
const CAPABILITIES: [&str; 6] =
    ["read_content", "update_content", "insert_content", "read_comments", "insert_comments", "read_users"];

/// Requests a connection may make in a minute. Notion's budgets depend on the plan; what happens at the limit is the
/// same.
const REQUESTS_PER_MINUTE: u32 = 3_000;

type Handler = fn(&mut Workspace, &Ask) -> sandbox::Reply;

/// Notion over the demo company.
pub(super) fn simulate() -> Simulator {
    let builder = Simulator::build("notion", || fill::workspace(Timestamp::now()))
        .token(TOKEN, Principal::new("Chancery", &CAPABILITIES))
        .token(NARROW_TOKEN, Principal::new("Reader", &["read_content"]))
        .errors(refused)
        .stamp(stamp)
        .limit(sandbox::Limit::new(REQUESTS_PER_MINUTE, Duration::from_secs(60)));
    let routes: [(Method, &str, &'static str, Handler); 23] = [
        (Method::GET, "/v1/users", "read_users", talk::users),
        (Method::GET, "/v1/users/me", "", talk::me),
        (Method::GET, "/v1/users/{id}", "read_users", talk::user),
        (Method::POST, "/v1/search", "read_content", list::search),
        (Method::GET, "/v1/databases/{id}", "read_content", list::database),
        (Method::GET, "/v1/data_sources/{id}", "read_content", list::data_source),
        (Method::POST, "/v1/data_sources/{id}/query", "read_content", list::query),
        (Method::GET, "/v1/data_sources/{id}/templates", "read_content", list::templates),
        (Method::POST, "/v1/pages", "insert_content", pages::create),
        (Method::GET, "/v1/pages/{id}", "read_content", pages::get),
        (Method::PATCH, "/v1/pages/{id}", "update_content", pages::update),
        (Method::POST, "/v1/pages/{id}/move", "update_content", pages::relocate),
        (Method::GET, "/v1/pages/{id}/properties/{property}", "read_content", pages::property),
        (Method::GET, "/v1/pages/{id}/markdown", "read_content", content::read),
        (Method::PATCH, "/v1/pages/{id}/markdown", "update_content", content::write),
        (Method::GET, "/v1/blocks/{id}", "read_content", blocks::get),
        (Method::PATCH, "/v1/blocks/{id}", "update_content", blocks::update),
        (Method::DELETE, "/v1/blocks/{id}", "update_content", blocks::delete),
        (Method::GET, "/v1/blocks/{id}/children", "read_content", blocks::children),
        (Method::PATCH, "/v1/blocks/{id}/children", "insert_content", blocks::append),
        (Method::GET, "/v1/comments", "read_comments", talk::comments),
        (Method::GET, "/v1/comments/{id}", "read_comments", talk::one_comment),
        (Method::POST, "/v1/comments", "insert_comments", talk::comment),
    ];
    routes
        .into_iter()
        .fold(builder, |builder, (method, path, needs, handler)| {
            builder.route(method, path, checked(needs, handler))
        })
        .finish()
}

/// A handler behind the checks that every request meets.
fn checked(
    needs: &'static str,
    handler: Handler,
) -> impl Fn(&mut Workspace, &Ask) -> Answer + Send + Sync + 'static {
    move |workspace, ask| Answer::from(welcome(ask, needs).and_then(|()| handler(workspace, ask)))
}

/// Errors: 400 without a version or for one that does not exist, 403 without the capability.
fn welcome(ask: &Ask, needs: &str) -> Result<(), Answer> {
    let told = |instead: &str| {
        let should = VERSIONS.map(|v| format!("`\"{v}\"`")).join(" or ");
        format!(
            "Notion-Version header failed validation: Notion-Version header should be {should}, instead was `{instead}`."
        )
    };
    match ask.header("notion-version") {
        None => return Err(fail(ask, 400, "missing_version", &told("undefined"))),
        Some(version) if !VERSIONS.contains(&version) => {
            return Err(fail(ask, 400, "validation_error", &told(version)));
        }
        Some(_) => {}
    }
    match needs.is_empty() || ask.caller.as_ref().is_some_and(|caller| caller.may(needs)) {
        true => Ok(()),
        false => Err(fail(ask, 403, "restricted_resource", "Insufficient permissions for this endpoint.")),
    }
}

/// Whether the request speaks the version in which pages are trashed and no longer archived.
fn is_new(ask: &Ask) -> bool {
    ask.header("notion-version") == Some(VERSIONS[1])
}

/// A refusal in Notion's shape.
fn fail(ask: &Ask, status: u16, code: &str, message: &str) -> Answer {
    let body = json!({
        "object": "error", "status": status, "code": code, "message": message, "request_id": request_id(ask),
    });
    Answer::json(status, body)
}

/// What is wrong with a body or a parameter.
fn invalid(ask: &Ask, message: impl AsRef<str>) -> Answer {
    fail(ask, 400, "validation_error", message.as_ref())
}

/// A record that does not exist or is not shared.
fn missing(ask: &Ask, noun: &str, id: &str) -> Answer {
    let message = format!(
        "Could not find {noun} with ID: {id}. Make sure the relevant pages and databases are shared with your integration \"Chancery\"."
    );
    fail(ask, 404, "object_not_found", &message)
}

/// The body as an object that has no members but these.
fn body(ask: &Ask, known: &[&str]) -> Result<Map<String, Value>, Answer> {
    if ask.body.is_empty() {
        return Ok(Map::new());
    }
    let Value::Object(map) = ask.json::<Value>()? else {
        return Err(invalid(ask, "body failed validation: body should be an object."));
    };
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(invalid(
            ask,
            format!("body failed validation: body.{key} should be not present, instead was defined."),
        )),
        None => Ok(map),
    }
}

/// A path's id in Notion's own spelling: dashes are optional.
fn path_id(ask: &Ask) -> Result<String, Answer> {
    spelled(ask.param("id")).ok_or_else(|| {
        let message = format!(
            "path failed validation: path.id should be a valid uuid, instead was `\"{}\"`.",
            ask.param("id")
        );
        invalid(ask, message)
    })
}

/// An id as Notion spells it.
fn spelled(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let hex = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    hex.then(|| state::uuid(&digits.to_ascii_lowercase()))
}

/// What the kit refuses, in Notion's words.
fn refused(ask: &Ask, why: &Refusal) -> Answer {
    match why {
        Refusal::Unauthenticated(_) => fail(ask, 401, "unauthorized", "API token is invalid."),
        Refusal::Forbidden(_) => {
            fail(ask, 403, "restricted_resource", "Insufficient permissions for this endpoint.")
        }
        Refusal::NoRoute | Refusal::WrongMethod(_) => {
            fail(ask, 400, "invalid_request_url", "Invalid request URL.")
        }
        Refusal::Malformed(_) => fail(ask, 400, "invalid_json", "Error parsing JSON body."),
        Refusal::TooLarge => fail(ask, 413, "validation_error", "The request body is too large."),
        Refusal::RateLimited(budget) => {
            let mut answer = Answer::json(429, limited(ask, "rate_limited"));
            answer.push_header("retry-after", budget.retry_after);
            answer
        }
        Refusal::Injected(status) if status.as_u16() == 429 => {
            Answer::json(429, limited(ask, "rate_limited"))
        }
        Refusal::Injected(status) => {
            let code = match status.as_u16() {
                409 => "conflict_error",
                502 => "bad_gateway",
                503 => "service_unavailable",
                504 => "gateway_timeout",
                529 => "service_overload",
                _ => "internal_server_error",
            };
            fail(ask, status.as_u16(), code, &why.message())
        }
    }
}

fn limited(ask: &Ask, code: &str) -> Value {
    json!({
        "object": "error", "status": 429, "code": code,
        "message": "You have been rate limited. Please try again in a few minutes.",
        "request_id": request_id(ask), "additional_data": { "rate_limit_reason": "integration" },
    })
}

fn stamp(ask: &Ask, answer: &mut Answer) {
    answer.push_header("x-notion-request-id", request_id(ask));
}

/// The same for all that is said about one request.
fn request_id(ask: &Ask) -> String {
    state::id_of(&format!("request {}", ask.now.as_nanosecond()))
}
