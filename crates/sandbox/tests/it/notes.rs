//! A small vendor to try the kit on: notes with versions, paged three ways.

use std::time::Duration;

use sandbox::{
    Answer, App, Ask, ClientCredentials, JwtBearer, Limit, Method, Principal, Records, Refusal, Reply,
    Scheme, Simulator, page,
};
use serde_json::{Value, json};

pub(crate) const APP: u64 = 4_711;

/// The vendor's state.
struct Notes {
    notes: Records<String, u64>,
    pages: page::PageTokens,
}

/// A simulator with three notes and every way in.
pub(crate) fn simulator() -> Simulator {
    let scopes = &["notes:read", "notes:write"];
    let grant = ClientCredentials::new(Duration::from_secs(3600))
        .client("demo", "s3cr:t~+", Principal::new("robot@notes.example", scopes))
        .jwt_bearer(JwtBearer::new(
            "signer",
            "robot@notes.example",
            "https://login.notes.example",
            180,
            Principal::new("robot@notes.example", scopes),
        ))
        .field("instance", "eu1")
        .finished_by(|ask, who, reply| {
            reply.insert("api".into(), json!(format!("{}/{}", ask.origin, who.name)));
        });
    let app = App::new(APP, "Iv1.demo", 7);
    let listed = app.clone();
    Simulator::build("notes", fill)
        .base_path("/api")
        .client_credentials("/oauth/token", grant)
        .accept(Scheme::Basic)
        .accept(Scheme::Bearer)
        .accept(Scheme::Header("private-token"))
        .basic("ann@notes.example", "api-token", Principal::new("ann@notes.example", scopes))
        .app(&listed)
        .errors(|_, refusal| Answer::json(refusal.status(), json!({ "message": refusal.message() })))
        .stamp(|_, answer| answer.push_header("x-request-id", "r-1"))
        .limit(Limit::new(2, Duration::from_secs(60)).per(exports).headers(|budget| {
            vec![("x-remaining", budget.remaining.to_string()), ("x-reset", budget.retry_after.to_string())]
        }))
        .route(Method::GET, "/api/notes", list)
        .route(Method::POST, "/api/notes", create)
        .route(Method::GET, "/api/notes/{id}", read)
        .route(Method::PUT, "/api/notes/{id}", change)
        .route(Method::GET, "/api/export", export)
        .open(Method::POST, "/api/app/tokens", move |_, ask| -> Reply {
            app.verify(ask)?;
            let issued = app.issue(ask, Principal::new("installation 7", &[]), Duration::from_secs(3600))?;
            Ok(Answer::json(201, json!({ "token": issued.token, "expires_at": issued.expires })).private())
        })
        .finish()
}

fn fill() -> Notes {
    let mut notes = Notes { notes: Records::new(), pages: page::PageTokens::new(Duration::from_secs(600)) };
    for text in ["first", "second", "third"] {
        let id = notes.notes.next_number();
        notes.notes.insert(id, text.to_owned(), sandbox::Timestamp::UNIX_EPOCH);
    }
    notes
}

/// Only exports are limited.
fn exports(ask: &Ask) -> Option<String> {
    ask.path.ends_with("/export").then(|| ask.who().to_owned())
}

fn list(state: &mut Notes, ask: &Ask) -> Reply {
    let number = ask.query_as::<usize>("page")?.unwrap_or(1);
    let cut = page::cut(state.notes.iter().map(|(_, row)| &row.value), (number - 1) * 2, 2);
    let answer = Answer::json(200, &cut.items);
    Ok(match page::link(ask, number, 2, cut.total) {
        Some(link) => answer.header("link", link),
        None => answer,
    })
}

fn export(state: &mut Notes, ask: &Ask) -> Reply {
    let start = match ask.query("token") {
        None => 0,
        Some(token) => state.pages.open(token, "all", ask.now).map_err(|_| Answer::empty(410))?,
    };
    let cut = page::cut(state.notes.iter().map(|(_, row)| &row.value), start, 2);
    let next = cut.next.map(|next| state.pages.seal("all", next, ask.now));
    Ok(Answer::json(200, json!({ "notes": cut.items, "next": next, "total": cut.total })))
}

fn create(state: &mut Notes, ask: &Ask) -> Reply {
    ask.require_scope("notes:write")?;
    let body: Value = ask.json()?;
    let text =
        body["text"].as_str().ok_or_else(|| ask.refuse(Refusal::Malformed("text is missing".into())))?;
    let id = state.notes.next_number();
    state.notes.insert(id, text.to_owned(), ask.now);
    Ok(Answer::json(201, json!({ "id": id, "self": format!("{}/api/notes/{id}", ask.origin) })))
}

fn read(state: &mut Notes, ask: &Ask) -> Reply {
    let row = state.notes.get(&ask.param_as::<u64>("id")?).ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    Ok(Answer::json(200, json!({ "text": row.value, "version": row.version })))
}

fn change(state: &mut Notes, ask: &Ask) -> Reply {
    let expected = ask.query_as::<u64>("version")?;
    let text = String::from_utf8_lossy(&ask.body).into_owned();
    let changed = state.notes.update(&ask.param_as::<u64>("id")?, expected, ask.now, |note| *note = text);
    changed.map(|row| Answer::json(200, json!({ "version": row.version }))).map_err(|stale| match stale {
        sandbox::Stale::Missing => ask.refuse(Refusal::NoRoute),
        sandbox::Stale::Version(current) => Answer::json(409, json!({ "current": current })),
    })
}
