//! Requests that the port never makes, but other clients of the simulator do.

use bytes::Bytes;
use http::{Method, Request};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sandbox::{Answer, Credential};
use serde_json::{Value, json};

use super::Lab;

/// What these requests call themselves.
pub(super) const AGENT: &str = "by hand";

/// Makes one issue wait for another, as a person would: the port has no way to.
pub(super) async fn depend(lab: &Lab, of: &str, by: &str) {
    let issue = ask(lab, Method::GET, by, &Value::Null);
    let id: Value = serde_json::from_slice::<Value>(&issue.body).unwrap()["id"].clone();
    let answer = ask(lab, Method::POST, &format!("{of}/dependencies/blocked_by"), &json!({ "issue_id": id }));
    assert_eq!(answer.status, 201);
}

/// Locks an issue's conversation, or opens it again.
pub(super) fn lock(lab: &Lab, issue: &str, closed: bool) {
    let method = if closed { Method::PUT } else { Method::DELETE };
    assert_eq!(ask(lab, method, &format!("{issue}/lock"), &json!({})).status, 204);
}

/// Says something on an issue.
pub(super) fn comment(lab: &Lab, issue: &str) {
    assert_eq!(ask(lab, Method::POST, &format!("{issue}/comments"), &json!({ "body": "more" })).status, 201);
}

/// The rest of what the simulator serves, so that its schema test sees it.
pub(super) async fn everything_else(lab: &Lab) {
    let web = |path: &str| format!("/repos/halden/web{path}");
    for path in
        ["/pulls?state=all", "/pulls/31", "/labels", "/issues/7/labels", "/issues/7/sub_issues", "/assignees"]
    {
        assert_eq!(ask(lab, Method::GET, &web(path), &Value::Null).status, 200, "{path}");
    }
    for path in
        ["/user", "/rate_limit", "/installation/repositories", "/repos/halden/sdk/milestones?state=open"]
    {
        assert_eq!(ask(lab, Method::GET, path, &Value::Null).status, 200, "{path}");
    }
    for (method, path, body, status) in [
        (Method::POST, "/issues/9/labels", json!({ "labels": ["one", "two"] }), 200),
        (Method::DELETE, "/issues/9/labels/one", Value::Null, 200),
        (Method::DELETE, "/issues/9/labels/one", Value::Null, 404),
        (Method::POST, "/issues/9/labels", json!({ "labels": ["web/ui, 2"] }), 200),
        (Method::DELETE, "/issues/9/labels/WEB%2Fui%2C%202", Value::Null, 200),
        (Method::POST, "/issues/9/assignees", json!({ "assignees": ["anaruiz"] }), 201),
        (Method::DELETE, "/issues/9/assignees", json!({ "assignees": ["anaruiz"] }), 200),
        (Method::POST, "/issues", json!({ "body": "no title" }), 422),
        (Method::POST, "/issues/9/comments", json!({}), 422),
        (Method::PATCH, "/issues/9", json!({ "title": "Other", "milestone": 1, "type": "Bug" }), 200),
    ] {
        let answer = ask(lab, method, &web(path), &body);
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    }
    lock(lab, &web("/issues/9"), true);
    assert_eq!(ask(lab, Method::POST, &web("/issues/9/comments"), &json!({ "body": "a" })).status, 403);
    lock(lab, &web("/issues/9"), false);
    let comment = ask(lab, Method::POST, &web("/issues/9/comments"), &json!({ "body": "a" }));
    let id = serde_json::from_slice::<Value>(&comment.body).unwrap()["id"].clone();
    let path = web(&format!("/issues/comments/{id}"));
    assert_eq!(ask(lab, Method::PATCH, &path, &json!({ "body": "b" })).status, 200);
    assert_eq!(ask(lab, Method::GET, &path, &Value::Null).status, 200);
    for query in [
        "q=",
        "q=frame",
        "q=is:issue+repo:halden/secret",
        "q=is:issue+repo:halden/webshop",
        "q=is:issue+%22open",
        "q=is:issue&page=11&per_page=100",
    ] {
        assert_eq!(
            ask(lab, Method::GET, &format!("/search/issues?{query}"), &Value::Null).status,
            422,
            "{query}"
        );
    }
    assert_eq!(ask(lab, Method::GET, "/repos/halden/webshop/issues", &Value::Null).status, 301);
    as_the_app(lab);
}

/// What an app may ask with its assertion alone.
fn as_the_app(lab: &Lab) {
    let app = lab.running.credentials.iter().find_map(|credential| match credential {
        Credential::App { client_id, private_key, .. } => Some((client_id, private_key)),
        _ => None,
    });
    let (issuer, key) = app.unwrap();
    let now = jiff::Timestamp::now().as_second();
    let claims = json!({ "iss": issuer, "iat": now - 60, "exp": now + 300 });
    let key = EncodingKey::from_rsa_pem(key.as_bytes()).unwrap();
    let assertion = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap();
    for path in ["/app", "/app/installations", "/repos/halden/web/installation"] {
        assert_eq!(send(lab, Method::GET, path, &Value::Null, &assertion).status, 200, "{path}");
    }
    assert_eq!(
        send(lab, Method::GET, "/repos/halden/secret/installation", &Value::Null, &assertion).status,
        404
    );
    let forged = format!("{}x", assertion);
    assert_eq!(send(lab, Method::GET, "/app", &Value::Null, &forged).status, 401);
}

#[tokio::test]
async fn the_simulator_refuses_what_github_refuses() {
    let lab = Lab::start().await;
    let issue = "/repos/halden/web/issues/7";
    assert_eq!(send(&lab, Method::GET, issue, &Value::Null, "ghs_unknown").status, 401);
    for foreign in [
        "/repos/halden/secret",
        "/repos/halden/secret/issues/1",
        "/repos/other/repo",
        "/repos/halden/web/issues/99",
    ] {
        assert_eq!(ask(&lab, Method::GET, foreign, &Value::Null).status, 404, "{foreign}");
    }
    for silent in ["/repos/halden/handbook/issues/1", "/repos/halden/handbook/issues"] {
        assert_eq!(ask(&lab, Method::GET, silent, &Value::Null).status, 410, "{silent}");
    }
    for renamed in ["/repos/halden/webshop", "/repos/Halden/WebShop/issues?state=all"] {
        let answer = ask(&lab, Method::GET, renamed, &Value::Null);
        assert_eq!(answer.status, 301, "{renamed}");
        assert!(answer.headers.iter().any(|(name, _)| name == "location"), "{answer:?}");
    }
    let filed = ask(&lab, Method::POST, "/repos/halden/webshop/issues", &json!({ "title": "x" }));
    assert_eq!(filed.status, 307);
    let (label, narrow) = (format!("{issue}/labels/none"), crate::vendors::github::sim::NARROW_TOKEN);
    assert_eq!(send(&lab, Method::DELETE, &label, &Value::Null, narrow).status, 403);
    let dressed = |name: &str, value: &str| {
        let token = lab.running.access_token.clone().unwrap();
        let mut request = request(Method::GET, issue, &Value::Null, &token);
        request.headers_mut().insert(http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        lab.simulator.reply(request).unwrap()
    };
    assert_eq!(dressed("x-github-api-version", "2021-01-01").status, 400);
    assert_eq!(dressed("user-agent", "").status, 403);
    for version in ["2022-11-28", "2026-03-10"] {
        let answer = dressed("x-github-api-version", version);
        assert!(
            answer
                .headers
                .iter()
                .any(|(name, value)| name == "x-github-api-version-selected" && value == version)
        );
    }
}

#[tokio::test]
async fn tokens_stay_out_of_the_log() {
    let lab = Lab::start().await;
    lab.tracker.projects(&call::Cx::for_test()).await.unwrap();
    let issued = lab.asked("/app/installations/").remove(0);
    assert_eq!((issued.method.as_str(), issued.status), ("POST", Some(201)));
    assert!(issued.response_body.contains("expires_at") && !issued.response_body.contains("ghs_"));
}

fn ask(lab: &Lab, method: Method, path: &str, body: &Value) -> Answer {
    send(lab, method, path, body, &lab.running.access_token.clone().unwrap())
}

fn send(lab: &Lab, method: Method, path: &str, body: &Value, token: &str) -> Answer {
    lab.simulator.reply(request(method, path, body, token)).unwrap()
}

fn request(method: Method, path: &str, body: &Value, token: &str) -> Request<Bytes> {
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let request = Request::builder().method(method).uri(path).header("user-agent", AGENT);
    request.header("authorization", format!("Bearer {token}")).body(body).unwrap()
}
