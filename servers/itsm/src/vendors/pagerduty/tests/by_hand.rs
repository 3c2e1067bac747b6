//! The simulator by hand, as clients that we did not write find it.

use bytes::Bytes;
use http::{Method, Request};
use sandbox::{Answer, Simulator};
use serde_json::{Value, json};

const ACCOUNT: &str = "Token token=sandbox-pagerduty-account-key";
const USER: &str = "Token token=sandbox-pagerduty-user-key";

/// One request, with `From` as PagerDuty wants it for account keys.
fn ask(simulator: &Simulator, authorization: &str, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path).header("authorization", authorization);
    let request =
        if authorization == ACCOUNT { request.header("from", "agent@halden.example") } else { request };
    let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    read(simulator.reply(request.header("content-type", "application/json").body(body).unwrap()))
}

fn read(answer: Option<Answer>) -> (u16, Value) {
    let answer = answer.unwrap();
    (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
}

fn get(simulator: &Simulator, path: &str) -> (u16, Value) {
    ask(simulator, USER, Method::GET, path, &Value::Null)
}

#[test]
fn credentials_are_pagerdutys() {
    let simulator = super::super::sim::simulate();
    let (status, body) = ask(&simulator, "Token token=wrong", Method::GET, "/incidents", &Value::Null);
    assert_eq!((status, &body["error"]["code"]), (401, &json!(2006)));
    let (status, body) =
        ask(&simulator, "Bearer sandbox-pagerduty-user-key", Method::GET, "/users/me", &Value::Null);
    assert_eq!((status, &body["user"]["email"]), (200, &json!("agent@halden.example")));
    let (status, body) = ask(&simulator, ACCOUNT, Method::GET, "/users/me", &Value::Null);
    assert_eq!(status, 400, "an account key belongs to nobody: {body}");
    let note = json!({ "note": { "content": "x" } });
    let read_only = "Token token=sandbox-pagerduty-read-only-key";
    let incident = get(&simulator, "/incidents?date_range=all&limit=1").1["incidents"][0]["id"].clone();
    let notes = format!("/incidents/{}/notes", incident.as_str().unwrap());
    let (status, body) = ask(&simulator, read_only, Method::POST, &notes, &note);
    assert_eq!((status, &body["error"]["code"]), (403, &json!(2010)));
    let request =
        Request::post(&*notes).header("authorization", ACCOUNT).body(note.to_string().into()).unwrap();
    assert_eq!(read(simulator.reply(request)).0, 400, "without From");
}

#[test]
fn app_tokens_do_what_their_scopes_say() {
    let simulator = super::super::sim::simulate();
    let form = "grant_type=client_credentials&client_id=halden-pagerduty-app&client_secret=sandbox-pagerduty-app-secret\
        &scope=as_account-us.halden%20incidents.read";
    let request = Request::post("/oauth/token").header("content-type", "application/x-www-form-urlencoded");
    let (status, token) = read(simulator.reply(request.body(form.into()).unwrap()));
    assert_eq!((status, &token["token_type"]), (200, &json!("Bearer")));
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    assert_eq!(ask(&simulator, &bearer, Method::GET, "/incidents", &Value::Null).0, 200);
    assert_eq!(ask(&simulator, &bearer, Method::GET, "/services", &Value::Null).0, 403);
    assert_eq!(ask(&simulator, &bearer, Method::POST, "/incidents", &json!({})).0, 403);
}

#[test]
fn lists_page_and_filter_as_documented() {
    let simulator = super::super::sim::simulate();
    let (_, page) = get(&simulator, "/incidents?date_range=all&limit=1&total=true&sort_by=created_at:asc");
    assert_eq!((&page["limit"], &page["offset"], &page["more"]), (&json!(1), &json!(0), &json!(true)));
    assert!(page["total"].as_u64().unwrap() > 2);
    assert!(get(&simulator, "/incidents").1["total"].is_null(), "only if asked for");
    assert_eq!(get(&simulator, "/incidents?limit=5000").1["limit"], 100);
    let (_, unknown) = get(&simulator, "/incidents?date_range=all&colour=red&statuses=resolved");
    let (_, all) = get(&simulator, "/incidents?date_range=all");
    assert_eq!(unknown, all, "unknown parameters and lists without brackets are ignored");
    for wrong in [
        "since=yesterday",
        "statuses[]=open",
        "since=2020-01-01&until=2021-01-01",
        "since=2026-02-01&until=2026-01-01",
        "sort_by=colour",
        "offset=9990&limit=100",
        "limit=many",
    ] {
        let (status, body) = get(&simulator, &format!("/incidents?{wrong}"));
        assert_eq!((status, &body["error"]["code"]), (400, &json!(2001)), "{wrong}");
        assert!(body["error"]["errors"][0].is_string(), "{wrong}: {body}");
    }
    assert_eq!(get(&simulator, "/incidents/PNOTHING").1["error"]["code"], 2100);
}

#[test]
fn incidents_are_opened_and_changed_as_documented() {
    let simulator = super::super::sim::simulate();
    let service = get(&simulator, "/services?query=checkout%20api").1["services"][0].clone();
    let reference = json!({ "id": service["id"], "type": "service_reference" });
    let new = |title: Value, service: Value| json!({ "incident": { "type": "incident", "title": title, "service": service, "incident_key": "k", "colour": 1 } });
    let post = |body: &Value| ask(&simulator, USER, Method::POST, "/incidents", body);
    for wrong in [
        new(json!(""), reference.clone()),
        new(json!("x"), Value::Null),
        new(json!("x"), json!({ "id": "PNONE" })),
    ] {
        assert_eq!(post(&wrong).0, 400, "{wrong}");
    }
    let (status, opened) = post(&new(json!("Down"), reference.clone()));
    assert_eq!((status, &opened["incident"]["status"]), (201, &json!("triggered")));
    assert!(opened["incident"]["assignments"][0]["assignee"]["id"].is_string(), "whoever is on call");
    let (status, twice) = post(&new(json!("Down"), reference));
    assert_eq!(status, 400);
    assert!(twice["error"]["errors"][0].as_str().unwrap().contains("matching dedup key"), "{twice}");
    let path = format!("/incidents/{}", opened["incident"]["id"].as_str().unwrap());
    let put = |edit: Value| ask(&simulator, USER, Method::PUT, &path, &json!({ "incident": edit }));
    assert_eq!(put(json!({ "type": "incident_reference", "status": "open" })).0, 400);
    assert_eq!(put(json!({ "type": "incident_reference", "escalation_level": 9 })).0, 400);
    assert_eq!(
        put(json!({ "type": "incident_reference", "assignments": [{ "assignee": { "id": "PNONE" } }] })).0,
        400
    );
    assert_eq!(
        put(json!({ "type": "incident_reference", "status": "acknowledged" })).1["incident"]["status"],
        "acknowledged"
    );
    assert_eq!(
        ask(&simulator, USER, Method::POST, &format!("{path}/snooze"), &json!({ "duration": 60 })).0,
        201
    );
    let update = json!({ "message": "Looking at it." });
    assert_eq!(ask(&simulator, USER, Method::POST, &format!("{path}/status_updates"), &update).0, 200);
    let many = json!({ "incidents": [{ "id": opened["incident"]["id"], "type": "incident_reference", "status": "resolved" }] });
    assert_eq!(
        ask(&simulator, USER, Method::PUT, "/incidents", &many).1["incidents"][0]["status"],
        "resolved"
    );
    let (status, late) = put(json!({ "type": "incident_reference", "status": "acknowledged" }));
    assert_eq!((status, &late["error"]["errors"][0]), (400, &json!("Incident Already Resolved")));
}

#[test]
fn the_rest_of_the_account_answers() {
    let simulator = super::super::sim::simulate();
    for path in [
        "/abilities",
        "/users?limit=1",
        "/teams",
        "/escalation_policies",
        "/schedules",
        "/oncalls?earliest=true",
        "/priorities",
        "/log_entries?limit=3",
        "/change_events",
        "/automation_actions/actions?limit=1",
        "/automation_actions/invocations",
    ] {
        let (status, body) = get(&simulator, path);
        assert_eq!(status, 200, "{path}: {body}");
    }
    let (_, first) = get(&simulator, "/automation_actions/actions?limit=1");
    let cursor = first["next_cursor"].as_str().unwrap();
    let (_, second) = get(&simulator, &format!("/automation_actions/actions?limit=1&cursor={cursor}"));
    assert_ne!(first["actions"][0]["id"], second["actions"][0]["id"]);
    let action = format!("/automation_actions/actions/{}", first["actions"][0]["id"].as_str().unwrap());
    assert_eq!(get(&simulator, &action).0, 200);
    let run = json!({ "invocation": { "metadata": {} } });
    assert_eq!(ask(&simulator, USER, Method::POST, &format!("{action}/invocations"), &run).0, 400);
}
