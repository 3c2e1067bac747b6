//! An S/4HANA system in memory: seven of its released OData services, three for its organization and three CDS views
//! of the company's own.
//!
//! Written from SAP's published metadata (api.sap.com), the SAP Gateway Foundation guide and the OData 2.0 and 4.0
//! specifications; it shares nothing with the client. What is not simulated is refused: Atom, `$batch`, `$apply`,
//! function imports.

mod address;
mod catalog;
mod expand;
mod fill;
pub(crate) mod filter;
mod metadata;
mod options;
mod read;
mod refusal;
mod rules;
pub(crate) mod schema;
mod session;
mod show;
mod state;
pub(crate) mod value;
mod write;

use std::time::Duration;

use jiff::Timestamp;
use sandbox::{Answer, Ask, Builder, ClientCredentials, Method, Principal, Scheme, Simulator};

use address::Target;
use refusal::Fault;
use schema::{Service, Version};
use state::Ledger;

/// Whom all demo credentials stand for: the communication user.
const USER: &str = "CHANCERY";

/// Segments that a path below a service may have.
const DEEPEST: usize = 4;

/// The demo company's S/4HANA.
#[must_use]
pub(super) fn simulator() -> Simulator {
    let user = || Principal::new(USER, &[]);
    let grant = ClientCredentials::new(Duration::from_hours(12)).client(
        "sb-halden-s4-agent!b42",
        "sandbox-sap-client-secret",
        user(),
    );
    let builder = Simulator::build("sap", || fill::ledger(Timestamp::now()))
        .client_credentials("/oauth/token", grant)
        .basic(USER, "sandbox-sap-password", user())
        .accept(Scheme::Bearer)
        .accept(Scheme::Basic)
        .errors(refusal::refuse)
        .stamp(stamp);
    catalog::services().fold(builder, routes).finish()
}

/// Every method on every path below a service.
fn routes(builder: Builder<Ledger>, service: &'static Service) -> Builder<Ledger> {
    let merge = Method::from_bytes(b"MERGE").unwrap_or(Method::PATCH);
    let root = service.path.trim_end_matches('/');
    let mut paths = vec![root.to_owned(), service.path.to_owned()];
    for depth in 1..=DEEPEST {
        let segments: Vec<String> = (1..=depth).map(|nth| format!("{{{nth}}}")).collect();
        paths.push(format!("{}{}", service.path, segments.join("/")));
    }
    let methods = [Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE, merge];
    paths.into_iter().fold(builder, |builder, path| {
        methods.iter().fold(builder, |builder, method| {
            builder.route(method.clone(), &path, move |ledger: &mut Ledger, ask: &Ask| {
                handle(ledger, ask, service)
            })
        })
    })
}

fn handle(ledger: &mut Ledger, ask: &Ask, service: &'static Service) -> Answer {
    let reads = ask.method == Method::GET || ask.method == Method::HEAD;
    if !reads && let Err(refused) = ledger.sessions.require(ask) {
        return refused;
    }
    let segments: Vec<&str> = ask.params.iter().map(|(_, segment)| segment.as_str()).collect();
    let outcome = answered(ledger, ask, service, &segments, reads);
    let mut answer = outcome.unwrap_or_else(|fault| fault.answer(service.version));
    if reads {
        ledger.sessions.offer(ask, &mut answer);
    }
    answer
}

fn answered(
    ledger: &mut Ledger,
    ask: &Ask,
    service: &'static Service,
    segments: &[&str],
    reads: bool,
) -> Result<Answer, Fault> {
    acceptable(ask, service, segments)?;
    match address::resolve(ledger, service, segments)? {
        Target::Batch => Err(Fault::not_offered(501, "$batch is not offered here")),
        Target::Document if reads => Ok(metadata::document(service)),
        Target::Metadata if reads => Ok(metadata::metadata(service)),
        Target::Entities(selection) if reads => read::entities(ledger, ask, &selection),
        Target::Entities(selection) => write::write(ledger, ask, &selection),
        _ => Err(Fault::not_offered(405, format!("Method {} is not allowed here", ask.method))),
    }
}

/// Errors: 406 for a client that takes Atom alone.
fn acceptable(ask: &Ask, service: &Service, segments: &[&str]) -> Result<(), Fault> {
    let accepts = ask.header("accept").unwrap_or("*/*");
    let asks_json = ask.query("$format").is_some() || accepts.contains("json") || accepts.contains("*/*");
    if asks_json || segments == ["$metadata"] || service.version == Version::V4 && segments.is_empty() {
        return Ok(());
    }
    let counts = segments.last() == Some(&"$count") && accepts.contains("text/plain");
    if counts { Ok(()) } else { Err(Fault::not_offered(406, "Only JSON is offered here")) }
}

/// What the application server adds to every answer.
fn stamp(_: &Ask, answer: &mut Answer) {
    answer.push_header("sap-server", "true");
    answer.push_header("sap-passport-component", "S4H/sandbox");
    answer.push_header("x-request-id", uuid::Uuid::new_v4().simple());
}
