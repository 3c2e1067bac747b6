//! The simulator as any other client would find it.

use serde_json::{Value, json};

use super::*;

/// One request as the agent; status and body.
pub(super) async fn ask(lab: &Lab, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let mut request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("host", "instance")
        .header("authorization", "Bearer sandbox-servicenow-access-token");
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let answer = lab.simulator.reply(request.body(bytes::Bytes::from(body)).unwrap()).unwrap();
    (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
}

#[tokio::test]
async fn errors_have_the_vendors_shape() {
    let lab = Lab::start().await;
    for (method, path, status, message) in [
        ("GET", "/api/now/table/nonsense", 400, "Invalid table nonsense"),
        ("GET", "/api/now/table/incident/0123456789abcdef0123456789abcdef", 404, "No Record found"),
        ("GET", "/api/now/nonsense", 400, "Requested URI does not represent any resource"),
        ("POST", "/api/now/table/sys_user", 403, "Operation Failed"),
    ] {
        let (got, body) = ask(&lab, method, path, Some(json!({}))).await;
        assert_eq!((got, &body["status"]), (status, &json!("failure")), "{path}");
        assert!(body["error"]["message"].as_str().unwrap().starts_with(message), "{body}");
    }
}

#[tokio::test]
async fn what_is_unknown_is_dropped_in_silence() {
    let lab = Lab::start().await;
    let fields = "sysparm_fields=number,u_nonsense&sysparm_limit=2";
    let (status, body) = ask(&lab, "GET", &format!("/api/now/table/incident?{fields}"), None).await;
    assert_eq!(status, 200);
    assert_eq!(body["result"][0].as_object().unwrap().keys().collect::<Vec<_>>(), ["number"]);
    let count = async |query: &str| {
        let path = format!("/api/now/stats/incident?sysparm_count=true&sysparm_query={query}");
        ask(&lab, "GET", &path, None).await.1["result"]["stats"]["count"].clone()
    };
    assert_eq!(count("u_nonsense=1").await, count("").await, "every row");
    assert_eq!(count("active=true%5EORu_nonsense=1").await, count("active=true").await);
    let new = json!({ "short_description": "x", "u_nonsense": "y", "priority": "1", "sys_id": "z" });
    let (status, body) = ask(&lab, "POST", "/api/now/table/incident", Some(new)).await;
    assert_eq!((status, &body["result"]["priority"]), (201, &json!("5")), "looked up, not taken");
    assert!(body["result"].get("u_nonsense").is_none() && body["result"]["sys_id"] != "z");
}

#[tokio::test]
async fn values_are_shown_as_asked() {
    let lab = Lab::start().await;
    let look = async |shown: &str| {
        let fields = "sysparm_fields=state,assigned_to,company.name";
        let path =
            format!("/api/now/table/incident?sysparm_query=number={}&{fields}&{shown}", number(LATE_REPORT));
        ask(&lab, "GET", &path, None).await.1["result"][0].clone()
    };
    let plain = look("sysparm_exclude_reference_link=true").await;
    assert_eq!((&plain["state"], &plain["company.name"]), (&json!("2"), &json!("Nordwind Handel AG")));
    let linked = look("").await;
    assert!(linked["assigned_to"]["link"].as_str().unwrap().contains("/api/now/table/sys_user/"));
    let shown = look("sysparm_display_value=true&sysparm_exclude_reference_link=true").await;
    assert_eq!(shown["state"], "In Progress");
    let all = look("sysparm_display_value=all").await;
    assert_eq!(all["state"], json!({ "display_value": "In Progress", "value": "2" }));
}

#[tokio::test]
async fn scripts_in_values_are_run() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("script");
    let agent = sys_id("sys_user", "chancery.agent");
    let assign = crate::desk::Transition {
        action: crate::model::Action::Assign,
        assignee: Some(agent),
        group: None,
        close_code: None,
        notes: None,
    };
    lab.desk.change(&cx, &number(LATE_REPORT), &assign, &mark).await.unwrap();
    let query = "sysparm_query=assigned_to=javascript:gs.getUserID()&sysparm_fields=number";
    let (_, body) = ask(&lab, "GET", &format!("/api/now/table/incident?{query}"), None).await;
    assert_eq!(body["result"], json!([{ "number": number(LATE_REPORT) }]));
    drop(mark);
}

#[tokio::test]
async fn several_requests_go_in_one() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    let lab = Lab::start().await;
    let note = STANDARD.encode(json!({ "short_description": "batched" }).to_string());
    let batch = json!({ "batch_request_id": 1, "rest_requests": [
        { "id": "a", "method": "POST", "url": "/api/now/table/incident", "headers": [], "body": note },
        { "id": "b", "method": "GET", "url": "/api/now/v1/table/nonsense?sysparm_limit=1", "headers": [] },
        { "id": "c", "method": "GET", "url": "/api/now/attachment", "headers": [] },
    ]});
    let (status, body) = ask(&lab, "POST", "/api/now/v1/batch", Some(batch)).await;
    let codes: Vec<_> =
        body["serviced_requests"].as_array().unwrap().iter().map(|one| &one["status_code"]).collect();
    assert_eq!((status, codes), (200, vec![&json!(201), &json!(400), &json!(400)]));
    let (_, found) =
        ask(&lab, "GET", "/api/now/table/incident?sysparm_query=short_description=batched", None).await;
    assert_eq!(found["result"].as_array().unwrap().len(), 1);
}
