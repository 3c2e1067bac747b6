//! A Salesforce org in memory: REST of any version from 31 on, the token endpoint, and the SOAP login that older
//! clients begin with.
//!
//! Written from the REST API Developer Guide, the SOQL and SOSL Reference, the Object Reference, the User Interface API
//! Developer Guide and Salesforce Help on OAuth flows; it shares nothing with the client.

mod collections;
mod composite;
mod describe;
mod effects;
mod face;
mod fill;
mod ids;
mod meta;
mod query;
mod record;
mod schema;
mod screen;
mod search;
mod soap;
pub(crate) mod soql;
mod store;

use std::time::Duration;

use jiff::Timestamp;
use sandbox::{
    Answer, Ask, Budget, ClientCredentials, JwtBearer, Limit, Method, Principal, Refusal, Reply, Simulator,
};
use serde_json::{Map, Value, json};

use face::{ORG, error};
use store::Org;

/// Whom all demo credentials stand for.
const AGENT: &str = "agent@halden.example";

/// What an external client app must be granted: the API, and tokens without a browser.
const SCOPES: &[&str] = &["api", "refresh_token"];

/// Calls a day and org; Salesforce counts some thousands per licence.
const DAILY: u32 = 5_000_000;

/// A session's life without use (Salesforce Help, "Modify Session Security Settings").
const SESSION: Duration = Duration::from_hours(2);

type Handler = fn(&mut Org, &Ask) -> Reply;

/// The demo company's Salesforce.
#[must_use]
pub(super) fn simulator() -> Simulator {
    let agent = || Principal::new(AGENT, SCOPES);
    let signer =
        JwtBearer::new("halden-salesforce-agent", AGENT, "https://login.salesforce.com", 300, agent());
    let grant = ClientCredentials::new(SESSION)
        .client("halden-salesforce-agent", "sandbox-salesforce-client-secret", agent())
        .jwt_bearer(signer)
        .refusing_clients_with(400)
        .finished_by(finish_token);
    let builder = Simulator::build("salesforce", || fill::fill(Timestamp::now()))
        .client_credentials("/services/oauth2/token", grant)
        .authorize(authorize)
        .errors(refuse)
        .limit(daily())
        .open(Method::GET, "/services/data", |_, _| meta::versions())
        .open(Method::GET, "/services/data/", |_, _| meta::versions())
        .open(Method::POST, "/services/Soap/u/{version}", soap::login)
        .route(Method::GET, "/services/oauth2/userinfo", meta::user_info)
        .route(Method::GET, "/id/{org}/{user}", meta::user_info);
    routes()
        .into_iter()
        .fold(builder, |builder, (method, path, handler)| {
            // Some clients end their addresses with a slash.
            ["", "/"].into_iter().fold(builder, |builder, end| {
                builder.route(
                    method.clone(),
                    &format!("/services/data/{{version}}{path}{end}"),
                    move |org, ask| face::known_version(ask).and_then(|()| handler(org, ask)),
                )
            })
        })
        .finish()
}

fn routes() -> [(Method, &'static str, Handler); 27] {
    [
        (Method::GET, "", meta::resources),
        (Method::GET, "/limits", meta::limits),
        (Method::GET, "/query", query::ask),
        (Method::GET, "/queryAll", query::ask_all),
        (Method::GET, "/query/{locator}", query::more),
        (Method::GET, "/queryAll/{locator}", query::more),
        (Method::GET, "/search", search::find),
        (Method::GET, "/parameterizedSearch", search::by_parameters),
        (Method::POST, "/parameterizedSearch", search::by_body),
        (Method::GET, "/sobjects", describe::all),
        (Method::GET, "/sobjects/{object}", describe::basic),
        (Method::POST, "/sobjects/{object}", record::create),
        (Method::GET, "/sobjects/{object}/describe", describe::one),
        (Method::GET, "/sobjects/{object}/{id}", record::get),
        (Method::PATCH, "/sobjects/{object}/{id}", record::update),
        (Method::DELETE, "/sobjects/{object}/{id}", record::delete),
        (Method::GET, "/sobjects/{object}/{field}/{value}", record::get_by),
        (Method::PATCH, "/sobjects/{object}/{field}/{value}", record::upsert),
        (Method::DELETE, "/sobjects/{object}/{field}/{value}", record::delete_by),
        (Method::POST, "/composite", composite::run),
        (Method::POST, "/composite/batch", composite::batch),
        (Method::POST, "/composite/sobjects", collections::create),
        (Method::PATCH, "/composite/sobjects", collections::update),
        (Method::DELETE, "/composite/sobjects", collections::delete),
        (Method::GET, "/composite", composite::resources),
        (
            Method::GET,
            "/ui-api/object-info/{object}/picklist-values/{record_type}/{field}",
            meta::picklist_values,
        ),
        (Method::GET, "/chatter/users/me", meta::user_info),
    ]
}

fn authorize(ask: &Ask) -> Result<Principal, Refusal> {
    let principal = ask.check(&[sandbox::Scheme::Bearer]).map_err(Refusal::Unauthenticated)?;
    if principal.may("api") { Ok(principal) } else { Err(Refusal::Forbidden("api".into())) }
}

/// No life is said, and where the API is, is.
fn finish_token(ask: &Ask, who: &Principal, reply: &mut Map<String, Value>) {
    reply.remove("expires_in");
    reply.insert("instance_url".into(), json!(ask.origin));
    reply.insert("id".into(), json!(format!("{}/id/{ORG}/{}", ask.origin, face::user_id(&who.name))));
    reply.insert("issued_at".into(), json!(ask.now.as_millisecond().to_string()));
    reply.insert("signature".into(), json!("c2FuZGJveA=="));
}

/// Salesforce's error bodies.
fn refuse(_: &Ask, refusal: &Refusal) -> Answer {
    match refusal {
        Refusal::Unauthenticated(_) => {
            error(401, "INVALID_SESSION_ID", "Session expired or invalid").header("www-authenticate", "Token")
        }
        Refusal::Forbidden(_) => error(403, "API_DISABLED_FOR_ORG", "API is not enabled for this user"),
        Refusal::NoRoute => error(404, "NOT_FOUND", "The requested resource does not exist"),
        Refusal::WrongMethod(allowed) => {
            let allowed: Vec<&str> = allowed.iter().map(Method::as_str).collect();
            let message = format!("HTTP Method not allowed. Allowed are {}", allowed.join(","));
            error(405, "METHOD_NOT_ALLOWED", &message)
        }
        Refusal::Malformed(reason) => error(400, "JSON_PARSER_ERROR", reason),
        Refusal::RateLimited(_) => error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        Refusal::Injected(status) if status.as_u16() == 503 => {
            error(503, "SERVER_UNAVAILABLE", "Server Unavailable")
        }
        Refusal::Injected(status) if status.as_u16() == 403 => error(
            403,
            "REQUEST_LIMIT_EXCEEDED",
            "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        ),
        other => error(other.status(), "UNKNOWN_EXCEPTION", &other.message()),
    }
}

fn daily() -> Limit {
    Limit::new(DAILY, Duration::from_hours(24)).per(|_| Some(ORG.to_owned())).headers(|budget: &Budget| {
        vec![("sforce-limit-info", format!("api-usage={}/{}", budget.used, budget.limit))]
    })
}
