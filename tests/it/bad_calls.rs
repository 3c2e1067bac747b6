//! Every bad call gets a typed error with a hint, and the vendor never hears of it.

use it::{Client, Server, Spawn};
use serde_json::{Value, json};

async fn vendor_requests(server: &Server) -> usize {
    let mut count = 0;
    for vendor in ["jira", "github"] {
        count += server.simulator(vendor).log().await.len();
    }
    count
}

async fn code(client: &Client, tool: &str, arguments: Value) -> String {
    let error = client.refused(tool, arguments).await;
    assert!(error["hint"].as_str().is_some_and(|h| !h.is_empty()), "no hint: {error}");
    assert!(error["correlation_id"].is_string(), "{error}");
    error["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn bad_calls_are_typed_and_stay_in_the_house() {
    let server = Spawn::sandbox("issues").start().await;
    let client = server.client();
    // One good call first, so that nothing below is merely the start of the sandbox.
    let page = client.ok("search_issues", json!({"limit": 2})).await;
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();
    let before = vendor_requests(&server).await;

    let altered = format!("{}A", &cursor[..cursor.len() - 1]);
    let altered = if altered == cursor { format!("{}B", &cursor[..cursor.len() - 1]) } else { altered };
    for (tool, arguments, expected) in [
        ("search_isues", json!({}), "unknown_tool"),
        ("search_issues", json!({"limit": "ten"}), "invalid_argument"),
        ("search_issues", json!({"limit": 101}), "invalid_argument"),
        ("search_issues", json!({"limit": -1}), "invalid_argument"),
        ("search_issues", json!({"projekt": "PAY"}), "invalid_argument"),
        ("search_issues", json!({"state": "open"}), "invalid_argument"),
        ("search_issues", json!({"updated_after": "yesterday"}), "invalid_argument"),
        ("search_issues", json!({"source": "gitlab"}), "invalid_argument"),
        ("search_issues", json!({"cursor": altered, "limit": 2}), "cursor_expired"),
        ("search_issues", json!({"cursor": cursor, "limit": 3}), "cursor_expired"),
        ("search_issues", json!({"cursor": "nonsense"}), "cursor_expired"),
        ("list_assigned_work", json!({"cursor": cursor}), "cursor_expired"),
        ("get_issue", json!({}), "invalid_argument"),
        ("get_issue", json!({"issue": "gitlab:web#1"}), "invalid_argument"),
        ("get_issue", json!({"issue": "jira:../../secret"}), "not_found"),
        ("get_issue", json!({"issue": "https://elsewhere.example/browse/PAY-12"}), "not_found"),
        ("create_issue", json!({"project": "PAY"}), "invalid_argument"),
        (
            "create_issue",
            json!({"project": "PAY", "title": "x", "plan": "abcdefghijklmnopqrstuvwxyz"}),
            "plan_mismatch",
        ),
        ("update_issue_fields", json!({"issue": "jira:PAY-12"}), "invalid_argument"),
    ] {
        let got = code(&client, tool, arguments.clone()).await;
        assert_eq!(got, expected, "{tool} {arguments}");
    }
    assert_eq!(vendor_requests(&server).await, before, "a bad call reached a vendor");
}

#[tokio::test]
async fn huge_arguments_are_refused_before_anything_is_read_into_them() {
    let server = Spawn::sandbox("issues").start().await;
    let client = server.client();
    client.ok("search_issues", json!({"limit": 1})).await;
    let before = vendor_requests(&server).await;
    let within = json!({"text": "x".repeat(1024 * 1024)});
    let refused = client.refused("search_issues", within).await;
    assert_eq!(refused["code"], "invalid_argument");
    assert!(refused["hint"].as_str().is_some_and(|hint| hint.contains("shorten")), "{refused}");
    let beyond = json!({"name": "search_issues", "arguments": {"text": "x".repeat(2 * 1024 * 1024)}});
    let reply = client.request("tools/call", beyond).await;
    assert_eq!(reply.status, 413, "{reply:?}");
    let mut deep = json!(1);
    for _ in 0..200 {
        deep = json!([deep]);
    }
    let deep = client
        .request("tools/call", json!({"name": "create_issue", "arguments": {"fields": {"x": deep}}}))
        .await;
    assert!(deep.status == 400 || deep.message["result"]["isError"] == true, "{deep:?}");
    assert_eq!(vendor_requests(&server).await, before);
}

#[tokio::test]
async fn a_known_method_with_params_of_another_form_is_told_so() {
    let server = Spawn::sandbox("issues").start().await;
    let client = server.client();
    let reply = client.request("tools/call", json!({"name": 5, "arguments": {}})).await;
    assert_eq!(reply.message["error"]["code"], -32602, "{reply:?}");
    let reply = client.request("prompts/get", json!({})).await;
    assert_eq!(reply.message["error"]["code"], -32602, "{reply:?}");
    let reply = client.request("no/such_method", json!({})).await;
    assert_eq!((reply.status, &reply.message["error"]["code"]), (404, &json!(-32601)), "{reply:?}");
}

#[tokio::test]
async fn hidden_and_unknown_tools_answer_alike() {
    let server = Spawn::sandbox("issues").argument("--read-only").start().await;
    let client = server.client();
    let ask = async |name: &str| {
        let reply = client.request("tools/call", json!({"name": name, "arguments": {}})).await;
        let mut error = reply.message["error"].clone();
        error["data"]["correlation_id"] = Value::Null;
        error.to_string().replace(name, "NAME")
    };
    assert_eq!(ask("create_issue").await, ask("create_ixxue").await);
    let listed = client.request("tools/list", json!({})).await.message["result"]["tools"].to_string();
    assert!(!listed.contains("\"create_issue\"") && listed.contains("\"get_issue\""));
}
