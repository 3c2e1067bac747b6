//! Requests that the port never makes, but other clients of the simulator do.

use bytes::Bytes;
use http::{Method, Request};
use sandbox::{Answer, Credential};
use serde_json::{Value, json};

use super::{Lab, TITLE};

/// What these requests call themselves.
pub(super) const AGENT: &str = "by hand";

/// One request in process.
pub(super) fn ask(lab: &Lab, method: Method, path: &str, body: &Value) -> Answer {
    asked(lab, method, path, body, &[("notion-version", "2025-09-03")])
}

fn asked(lab: &Lab, method: Method, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    let token = lab.running.credentials.iter().find_map(|credential| match credential {
        Credential::Token { token } => Some(token.clone()),
        _ => None,
    });
    let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    let request = Request::builder().method(method).uri(path).header("user-agent", AGENT);
    let request = request.header("authorization", format!("Bearer {}", token.unwrap()));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    lab.simulator.reply(request.body(body).unwrap()).unwrap()
}

fn read(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// The rest of what the simulator serves, so that its schema test sees it.
pub(super) async fn everything_else(lab: &Lab) {
    let page = lab.titled(TITLE).await.id.native().to_owned();
    let source = lab.space("Meetings").await;
    let shown = read(&ask(lab, Method::GET, &format!("/v1/data_sources/{source}"), &Value::Null));
    let database = shown["parent"]["database_id"].as_str().unwrap().to_owned();
    let children = format!("/v1/blocks/{page}/children");
    let block = read(&ask(lab, Method::GET, &children, &Value::Null))["results"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let paragraph = json!({ "paragraph": { "rich_text": [{ "text": { "content": "More." } }] } });
    for (method, path, body) in [
        (Method::GET, "/v1/users/me".to_owned(), Value::Null),
        (Method::GET, format!("/v1/users/{}", shown["created_by"]["id"].as_str().unwrap()), Value::Null),
        (Method::GET, format!("/v1/databases/{database}"), Value::Null),
        (Method::GET, format!("/v1/pages/{}/properties/title", page.replace('-', "")), Value::Null),
        (Method::GET, format!("/v1/pages/{page}/properties/Status"), Value::Null),
        (Method::GET, format!("/v1/blocks/{page}"), Value::Null),
        (Method::GET, format!("/v1/blocks/{block}"), Value::Null),
        (Method::PATCH, children.clone(), json!({ "children": [paragraph], "after": block })),
        (Method::PATCH, format!("/v1/blocks/{block}"), paragraph.clone()),
        (Method::DELETE, format!("/v1/blocks/{block}"), Value::Null),
        (
            Method::PATCH,
            format!("/v1/pages/{page}"),
            json!({ "properties": { "Status": { "status": { "name": "Archived" } } } }),
        ),
        (
            Method::POST,
            format!("/v1/pages/{page}/move"),
            json!({ "parent": { "type": "database_id", "database_id": database } }),
        ),
    ] {
        let answer = ask(lab, method.clone(), &path, &body);
        assert_eq!(answer.status, 200, "{method} {path}: {}", String::from_utf8_lossy(&answer.body));
    }
}

#[tokio::test]
async fn a_page_starts_from_a_template() {
    let lab = Lab::start().await;
    let source = lab.space("Meetings").await;
    let templates =
        read(&ask(&lab, Method::GET, &format!("/v1/data_sources/{source}/templates"), &Value::Null));
    let body = json!({
        "parent": { "data_source_id": source }, "properties": {}, "icon": { "type": "emoji", "emoji": "📝" },
        "template": { "type": "template_id", "template_id": templates["templates"][0]["id"] },
    });
    let page = read(&ask(&lab, Method::POST, "/v1/pages", &body));
    assert_eq!(page["icon"]["emoji"], "📝");
    let path = format!("/v1/pages/{}/markdown", page["id"].as_str().unwrap());
    let text = read(&ask(&lab, Method::GET, &path, &Value::Null));
    assert!(text["markdown"].as_str().unwrap().starts_with("## Who was there"), "{text}");
    let body = json!({ "parent": { "page_id": page["id"] }, "rich_text": [{ "text": { "content": "hi" } }] });
    let comment = read(&ask(&lab, Method::POST, "/v1/comments", &body));
    let path = format!("/v1/comments/{}", comment["id"].as_str().unwrap());
    assert_eq!(read(&ask(&lab, Method::GET, &path, &Value::Null)), comment);
}

#[tokio::test]
async fn the_simulator_refuses_what_notion_refuses() {
    let lab = Lab::start().await;
    let page = lab.titled(TITLE).await.id.native().to_owned();
    let source = lab.space("Meetings").await;
    let query = format!("/v1/data_sources/{source}/query");
    let (pages, own) = ("/v1/pages".to_owned(), format!("/v1/pages/{page}"));
    let missing = "/v1/pages/00000000-0000-4000-8000-000000000000".to_owned();
    let parent = json!({ "data_source_id": source });
    let title = |text: &str| json!({ "Name": { "title": [{ "text": { "content": text } }] } });
    let nested = json!({ "and": [{ "or": [{ "and": [] }] }] });
    let cases = [
        (Method::GET, missing.clone(), Value::Null, 404, "object_not_found"),
        (Method::GET, "/v1/pages/nonsense".into(), Value::Null, 400, "validation_error"),
        (Method::GET, "/v1/nothing/here".into(), Value::Null, 400, "invalid_request_url"),
        (
            Method::POST,
            query.clone(),
            json!({ "filter": { "property": "Nope", "title": { "equals": "x" } } }),
            400,
            "validation_error",
        ),
        (
            Method::POST,
            query.clone(),
            json!({ "filter": { "property": "Name", "select": { "equals": "x" } } }),
            400,
            "validation_error",
        ),
        (
            Method::POST,
            query.clone(),
            json!({ "filter": { "property": "Name", "title": { "matches": "x" } } }),
            400,
            "validation_error",
        ),
        (Method::POST, query.clone(), json!({ "filter": nested }), 400, "validation_error"),
        (Method::POST, query.clone(), json!({ "page_size": 101 }), 400, "validation_error"),
        (Method::POST, query.clone(), json!({ "start_cursor": page }), 400, "validation_error"),
        (Method::POST, query.clone(), json!({ "filtre": {} }), 400, "validation_error"),
        (
            Method::POST,
            query,
            json!({ "sorts": [{ "property": "Nope", "direction": "ascending" }] }),
            400,
            "validation_error",
        ),
        (
            Method::POST,
            "/v1/search".into(),
            json!({ "filter": { "property": "object", "value": "database" } }),
            400,
            "validation_error",
        ),
        (Method::POST, pages.clone(), json!({ "properties": {} }), 400, "validation_error"),
        (
            Method::POST,
            pages.clone(),
            json!({ "parent": parent, "properties": { "Nope": { "title": [] } } }),
            400,
            "validation_error",
        ),
        (
            Method::POST,
            pages.clone(),
            json!({ "parent": parent, "properties": { "Status": { "status": { "name": "Nope" } } } }),
            400,
            "validation_error",
        ),
        (
            Method::POST,
            pages.clone(),
            json!({ "parent": parent, "properties": { "Owner": { "people": [{ "id": "x" }] } } }),
            400,
            "validation_error",
        ),
        (
            Method::POST,
            pages.clone(),
            json!({ "parent": parent, "properties": title(&"x".repeat(2001)) }),
            400,
            "validation_error",
        ),
        (
            Method::POST,
            pages,
            json!({ "parent": parent, "properties": title("x"), "markdown": "a", "children": [] }),
            400,
            "validation_error",
        ),
        (
            Method::PATCH,
            format!("{own}/markdown"),
            json!({ "type": "update_content", "update_content": { "content_updates": [{ "old_str": "not there", "new_str": "x" }] } }),
            400,
            "validation_error",
        ),
        (
            Method::PATCH,
            format!("{own}/markdown"),
            json!({ "type": "replace_content" }),
            400,
            "validation_error",
        ),
        (
            Method::POST,
            "/v1/comments".into(),
            json!({ "parent": { "page_id": page }, "rich_text": [] }),
            400,
            "validation_error",
        ),
        (Method::GET, "/v1/comments".into(), Value::Null, 400, "validation_error"),
    ];
    for (method, path, body, status, code) in cases {
        let answer = ask(&lab, method.clone(), &path, &body);
        let shown = read(&answer);
        assert_eq!(
            (answer.status.as_u16(), shown["code"].as_str()),
            (status, Some(code)),
            "{method} {path} {body}: {shown}"
        );
        assert_eq!((&shown["object"], &shown["status"]), (&json!("error"), &json!(status)));
        assert!(shown["request_id"].is_string() && shown["message"].is_string());
    }
    let answer = asked(&lab, Method::GET, &own, &Value::Null, &[]);
    assert_eq!(read(&answer)["code"], "missing_version");
    let answer = asked(&lab, Method::GET, &own, &Value::Null, &[("notion-version", "2026-03-11")]);
    assert!(read(&answer).get("archived").is_none() && read(&answer)["in_trash"] == false);
}
