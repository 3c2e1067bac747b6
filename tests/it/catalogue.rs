//! What a client sees before it calls anything.

use std::path::Path;

use it::{Spawn, run};
use serde_json::{Value, json};

fn contract(domain: &str) -> Vec<Value> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(format!("servers/{domain}/contract"));
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
    files.map(|f| serde_json::from_str(&std::fs::read_to_string(f).unwrap()).unwrap()).collect()
}

#[tokio::test]
async fn the_printed_catalogue_is_the_contract_and_is_small() {
    let output = run("issues", &["tools", "--json"]).await;
    assert!(output.status.success(), "{output:?}");
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let tools = printed["tools"].as_array().unwrap();
    let contract = contract("issues");
    assert_eq!(tools.len(), contract.len());
    for tool in tools {
        let golden = contract.iter().find(|c| c["name"] == tool["name"]).expect("a contract file");
        assert_eq!(golden, tool, "run `cargo xtask bless` if the change is meant");
    }
    let read: usize = tools
        .iter()
        .map(|t| ["name", "description", "inputSchema"].map(|m| t[m].to_string().len()).iter().sum::<usize>())
        .sum();
    assert!(read <= 12_000, "what a model reads has {read} bytes");
}

#[tokio::test]
async fn the_list_on_the_wire_is_small_closed_and_plain() {
    let server = Spawn::sandbox("issues").start().await;
    let list = server.client().request("tools/list", json!({})).await;
    let result = &list.message["result"];
    assert!(list.message.to_string().len() <= 40_000, "{} bytes", list.message.to_string().len());
    assert_eq!(result["cacheScope"], "private");
    assert!(result["ttlMs"].as_u64().unwrap() > 0);
    assert_eq!(result["tools"].as_array().unwrap().len(), contract("issues").len());
    for tool in result["tools"].as_array().unwrap() {
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{}", tool["name"]);
        assert_eq!(tool["outputSchema"]["type"], "object", "{}", tool["name"]);
        let text = tool.to_string();
        for unwanted in ["$ref", "anyOf", "oneOf", "allOf", "\"null\""] {
            assert!(!text.contains(unwanted), "{}: {unwanted}", tool["name"]);
        }
    }
}

#[tokio::test]
async fn prompts_resources_and_completion_answer() {
    let server = Spawn::sandbox("issues").start().await;
    let client = server.client();
    let prompts = client.request("prompts/list", json!({})).await;
    assert_eq!(prompts.message["result"]["prompts"].as_array().unwrap().len(), 2);
    let prompt = json!({"name": "triage_backlog", "arguments": {"project": "PAY"}});
    let text = client.request("prompts/get", prompt).await.message["result"].to_string();
    assert!(text.contains("PAY") && text.contains("search_issues"), "{text}");
    let complete = json!({
        "ref": {"type": "ref/prompt", "name": "triage_backlog"},
        "argument": {"name": "project", "value": "pa"}
    });
    let values = client.request("completion/complete", complete).await;
    assert_eq!(values.message["result"]["completion"]["values"], json!(["PAY"]));
    let read = client.request("resources/read", json!({"uri": "chancery://issues/jira/issue/PAY-12"})).await;
    let text = read.message["result"]["contents"][0]["text"].as_str().unwrap_or_else(|| panic!("{read:?}"));
    assert_eq!(serde_json::from_str::<Value>(text).unwrap()["issue"]["id"], "jira:PAY-12");
    let missing =
        client.request("resources/read", json!({"uri": "chancery://issues/jira/issue/PAY-99999"})).await;
    assert_eq!(missing.message["error"]["code"], -32602, "{missing:?}");
}
