//! What a client sees before it calls anything.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

use it::{SERVERS, Spawn, run};
use serde_json::{Value, json};

/// The formats that every host's schema validator knows.
const FORMATS: [&str; 3] = ["date", "date-time", "uri"];

fn contract(domain: &str) -> Vec<Value> {
    let folder = SERVERS.iter().find(|s| s.domain == domain).unwrap().folder;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let files = std::fs::read_dir(root.join(folder).join("contract")).unwrap().map(|f| f.unwrap().path());
    files.map(|f| serde_json::from_str(&std::fs::read_to_string(f).unwrap()).unwrap()).collect()
}

/// How many tools a server has: enough to be useful, few enough to be told apart.
fn tools_of(domain: &str) -> RangeInclusive<usize> {
    if domain == "usage" { 3..=3 } else { 8..=10 }
}

#[tokio::test]
async fn the_printed_catalogues_are_the_contracts_and_are_small() {
    let mut owners = BTreeMap::new();
    for domain in SERVERS.map(|s| s.domain) {
        let output = run(domain, &["tools", "--json"]).await;
        assert!(output.status.success(), "{output:?}");
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        let tools = printed["tools"].as_array().unwrap();
        assert!(tools_of(domain).contains(&tools.len()), "{domain} has {} tools", tools.len());
        let contract = contract(domain);
        assert_eq!(tools.len(), contract.len(), "{domain}");
        for tool in tools {
            let golden = contract.iter().find(|c| c["name"] == tool["name"]).expect("a contract file");
            let name = tool["name"].as_str().unwrap().to_owned();
            let other = |member: &&String| golden.get(member) != tool.get(member);
            let differs: Vec<_> = tool.as_object().unwrap().keys().filter(other).collect();
            assert!(golden == tool, "{name} has other {differs:?}: `cargo xtask bless` if this is meant");
            if let Some(other) = owners.insert(name, domain) {
                panic!("{other} and {domain} both have a tool {}", tool["name"]);
            }
        }
        let read: usize = tools
            .iter()
            .map(|t| {
                ["name", "description", "inputSchema"].map(|m| t[m].to_string().len()).iter().sum::<usize>()
            })
            .sum();
        assert!(read <= 12_000, "what a model reads of {domain} has {read} bytes");
    }
    assert!(owners.len() >= 50, "{}", owners.len());
}

/// The digest is that of the contract files, and the same wherever it is told.
#[tokio::test]
async fn the_catalogue_has_one_digest() {
    let domain = "issues";
    let mut tools = contract(domain);
    tools.sort_by_key(|tool| tool["name"].as_str().unwrap().to_owned());
    let digest = format!("sha256:{}", audit::digest(Value::Array(tools).to_string().as_bytes()));

    let printed = run(domain, &["tools", "--json"]).await.stdout;
    assert_eq!(serde_json::from_slice::<Value>(&printed).unwrap()["digest"], *digest);
    let alone = run(domain, &["tools", "--digest"]).await.stdout;
    assert_eq!(String::from_utf8(alone).unwrap().trim_end(), digest);
    let server = Spawn::sandbox(domain).start().await;
    let found = server.client().request("server/discover", json!({})).await.message;
    assert_eq!(found["result"]["_meta"]["dev.chancery/catalogue_digest"], *digest, "{found}");
}

#[tokio::test]
async fn the_lists_on_the_wire_are_small_closed_and_plain() {
    for domain in SERVERS.map(|s| s.domain) {
        let server = Spawn::sandbox(domain).start().await;
        let list = server.client().request("tools/list", json!({})).await;
        let result = &list.message["result"];
        let bytes = list.message.to_string().len();
        assert!(bytes <= 40_000, "{domain}: {bytes} bytes");
        assert_eq!(result["cacheScope"], "private");
        assert!(result["ttlMs"].as_u64().unwrap() > 0);
        let tools = result["tools"].as_array().unwrap();
        assert_eq!(tools.len(), contract(domain).len(), "every tool of {domain} has a vendor that can do it");
        for tool in tools {
            let name = &tool["name"];
            assert_eq!(tool["inputSchema"]["type"], "object", "{name}");
            assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{name}");
            assert_eq!(tool["outputSchema"]["type"], "object", "{name}");
            assert!(tool["description"].as_str().is_some_and(|d| d.len() > 20), "{name}");
            if tool["annotations"]["readOnlyHint"] == false {
                let undo = &tool["outputSchema"]["properties"]["undo"]["properties"];
                for way in ["tool", "args", "manual", "none"] {
                    assert!(undo[way].is_object(), "{name} does not say how it is undone: {undo}");
                }
            }
            for unwanted in ["$ref", "anyOf", "oneOf", "allOf", "\"null\""] {
                assert!(!tool.to_string().contains(unwanted), "{name}: {unwanted}");
            }
            odd_formats(&name.to_string(), tool);
        }
    }
}

/// Fails on a schema with a format that not every host knows.
fn odd_formats(path: &str, schema: &Value) {
    let members = schema.as_object().into_iter().flatten();
    for (key, value) in members {
        if key == "format" && value.is_string() {
            assert!(FORMATS.contains(&value.as_str().unwrap()), "{path}: format {value}");
        }
        odd_formats(&format!("{path}/{key}"), value);
    }
    for (index, value) in schema.as_array().into_iter().flatten().enumerate() {
        odd_formats(&format!("{path}/{index}"), value);
    }
}

/// A playbook: its domain and name, an argument and its beginning, how that is completed, and a tool it names.
const PLAYBOOKS: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("crm", "prepare_account_meeting", "account", "nordw", "Nordwind Handel AG", "get_account_brief"),
    ("crm", "review_pipeline", "owner", "", "", "get_pipeline_summary"),
    ("itsm", "respond_to_alert", "service", "check", "Checkout API", "get_alert_evidence"),
    ("itsm", "write_post_incident_review", "incident", "", "", "get_incident_context"),
    ("issues", "triage_backlog", "project", "pa", "PAY", "search_issues"),
    ("issues", "plan_iteration", "project", "op", "OPS", "get_iteration_status"),
    ("docs", "answer_from_documents", "space", "hand", "Handbook", "search_documents"),
    ("docs", "review_stale_documents", "space", "hand", "Handbook", "list_documents_needing_review"),
    ("finance", "review_suppliers", "supplier", "ferr", "Ferrum Terminals S.r.l.", "compare_suppliers"),
    (
        "finance",
        "chase_overdue_receivables",
        "customer",
        "nordw",
        "Nordwind Handel AG",
        "list_overdue_receivables",
    ),
];

#[tokio::test]
async fn playbooks_are_listed_filled_in_and_completed() {
    for domain in SERVERS.map(|s| s.domain) {
        let server = Spawn::sandbox(domain).start().await;
        let client = server.client();
        let listed = client.request("prompts/list", json!({})).await;
        let listed = listed.message["result"]["prompts"].as_array().unwrap().clone();
        let own = PLAYBOOKS.iter().filter(|p| p.0 == domain);
        assert_eq!(listed.len(), own.clone().count(), "{domain}: {listed:?}");
        for (_, name, argument, begun, completed, tool) in own {
            let prompt = listed.iter().find(|p| p["name"] == *name).unwrap_or_else(|| panic!("no {name}"));
            let required = prompt["arguments"].as_array().unwrap().iter().filter(|a| a["required"] == true);
            let filled: Value =
                required.map(|a| (a["name"].as_str().unwrap().to_owned(), json!("Ada's word"))).collect();
            let text = client.request("prompts/get", json!({"name": name, "arguments": filled})).await;
            let text = text.message["result"].to_string();
            assert!(text.contains(tool), "{name} does not name {tool}: {text}");
            assert_eq!(text.contains("Ada's word"), !filled.as_object().unwrap().is_empty(), "{text}");
            let missing = client.request("prompts/get", json!({"name": name, "arguments": {}})).await;
            assert_eq!(
                missing.message["error"]["code"] == -32602,
                !filled.as_object().unwrap().is_empty(),
                "{missing:?}"
            );
            if begun.is_empty() {
                continue;
            }
            let complete = json!({
                "ref": {"type": "ref/prompt", "name": name},
                "argument": {"name": argument, "value": begun}
            });
            let reply = client.request("completion/complete", complete).await;
            let values = reply.message["result"]["completion"]["values"].as_array().unwrap().clone();
            assert!(values.contains(&json!(completed)), "{name} {argument} {begun}: {values:?}");
            let begins = |v: &Value| v.as_str().unwrap().to_lowercase().starts_with(begun);
            assert!(values.iter().all(begins), "{name} {argument} {begun}: {values:?}");
        }
    }
}

/// Lists with what a caller asks of them to get ten rows, and how many tokens of four bytes they may cost a model: 900
/// for the search of each server (the bar of the product), more where rows bear a text or reasons.
const LISTS: &[(&str, &str, &str, usize)] = &[
    ("crm", "find_accounts", "{}", 900),
    ("crm", "list_recent_activity", "{}", 900),
    ("crm", "list_customer_cases", "{}", 900),
    ("crm", "list_upcoming_renewals", r#"{"before": "2099-01-01"}"#, 900),
    ("crm", "list_open_opportunities", "{}", 1_100),
    ("itsm", "search_incidents", "{}", 900),
    ("itsm", "list_service_changes", "{}", 900),
    ("issues", "search_issues", "{}", 900),
    ("issues", "list_assigned_work", "{}", 900),
    ("issues", "list_release_blockers", "{}", 1_100),
    ("docs", "search_documents", "{}", 900),
    ("docs", "find_policy_documents", r#"{"topic": "policy"}"#, 1_400),
    ("docs", "list_changed_documents", r#"{"since": "P300D"}"#, 1_400),
    ("docs", "list_documents_needing_review", "{}", 1_400),
    ("finance", "search_customer_invoices", "{}", 900),
    ("finance", "find_payments", "{}", 1_100),
    ("finance", "search_contracts_by_value_range", "{}", 1_100),
];

/// Ten rows of all sources, merged, are a small part of what a model can hold.
#[tokio::test]
async fn ten_rows_are_cheap_to_read() {
    for (domain, tool, arguments, most) in LISTS {
        let server = Spawn::sandbox(domain).start().await;
        let mut arguments: Value = serde_json::from_str(arguments).unwrap();
        arguments["limit"] = json!(10);
        let page = server.client().ok(tool, arguments).await;
        assert_eq!(page["items"].as_array().map(Vec::len), Some(10), "{tool}");
        let tokens = page.to_string().len() / 4;
        assert!(tokens <= *most, "{tool}: {tokens} tokens");
    }
}

/// What was done about a record is a resource also where nothing was; a record that is not there is none.
#[tokio::test]
async fn a_record_without_activity_has_an_empty_resource() {
    let server = Spawn::sandbox("crm").start().await;
    let client = server.client();
    let accounts = client.ok("find_accounts", json!({"limit": 100})).await;
    let ids = accounts["items"].as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap().to_owned());
    let mut quiet = 0;
    for id in ids {
        let (source, native) = id.split_once(':').unwrap();
        let uri = format!("chancery://crm/{source}/activity/{}", native.replace('/', "%2F"));
        let reply = client.request("resources/read", json!({"uri": uri})).await;
        let text = reply.message["result"]["contents"][0]["text"].as_str();
        let page: Value = serde_json::from_str(text.unwrap_or_else(|| panic!("{uri}: {reply:?}"))).unwrap();
        quiet += usize::from(page["items"] == json!([]));
    }
    assert!(quiet > 0, "every account has activity");
    for unknown in ["salesforce/activity/001gLwcso0BwnEIQXX", "hubspot/activity/company%2F999"] {
        let uri = json!({"uri": format!("chancery://crm/{unknown}")});
        let missing = client.request("resources/read", uri).await;
        assert_eq!(missing.message["error"]["code"], -32602, "{missing:?}");
    }
}

/// A record of each server that a client may read as a resource, and one that is not there.
const RESOURCES: &[(&str, &str, &str)] = &[
    ("crm", "salesforce/account/001gLwcso0BwnEIQAZ", "salesforce/account/001gLwcso0BwnEIQXX"),
    ("itsm", "servicenow/incident/INC0010201", "servicenow/incident/INC0099999"),
    ("issues", "jira/issue/PAY-12", "jira/issue/PAY-99999"),
    (
        "docs",
        "notion/document/f1c3bece-45fb-4f6c-8267-169f6d840e63",
        "notion/document/f1c3bece-0000-4f6c-8267-169f6d840e63",
    ),
    ("finance", "sap/supplier/10300004", "sap/supplier/99999999"),
];

#[tokio::test]
async fn records_are_resources() {
    for (domain, known, unknown) in RESOURCES {
        let server = Spawn::sandbox(domain).start().await;
        let client = server.client();
        let templates = client.request("resources/templates/list", json!({})).await;
        let templates = templates.message["result"]["resourceTemplates"].to_string();
        let kind = known.split('/').nth(1).unwrap();
        assert!(templates.contains(&format!("chancery://{domain}/{{source}}/{kind}/{{id}}")), "{templates}");
        let uri = |path: &str| json!({"uri": format!("chancery://{domain}/{path}")});
        let read = client.request("resources/read", uri(known)).await;
        let text = read.message["result"]["contents"][0]["text"].as_str();
        let record: Value = serde_json::from_str(text.unwrap_or_else(|| panic!("{read:?}"))).unwrap();
        let (source, native) = known.split_once(&format!("/{kind}/")).unwrap();
        assert!(record.to_string().contains(&format!("\"{source}:{native}\"")), "{record}");
        let missing = client.request("resources/read", uri(unknown)).await;
        assert_eq!(missing.message["error"]["code"], -32602, "{missing:?}");
    }
}
