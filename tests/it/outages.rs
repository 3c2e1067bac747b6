//! The faults of `vendor_faults` on every vendor: the right code inside the deadline, and no restart to heal.

use std::time::{Duration, Instant};

use it::{Client, SERVERS, Server, Spawn};
use serde_json::{Value, json};

/// Class deadline of a read, and what the machine may take on top.
const READ: Duration = Duration::from_secs(10 + 5);

/// A read of each domain that every vendor of it is able to do and that asks the vendor each time.
const READS: &[(&str, &str, &str)] = &[
    ("crm", "find_accounts", r#"{"limit": 3}"#),
    ("docs", "search_documents", r#"{"limit": 3}"#),
    ("finance", "search_customer_invoices", r#"{"limit": 3}"#),
    ("issues", "search_issues", r#"{"limit": 3}"#),
    ("itsm", "search_incidents", r#"{"limit": 3}"#),
    ("usage", "get_product_usage", r#"{"customer": "Nordwind Handel AG"}"#),
];

/// Breaks every vendor of every server at once, each server by itself.
async fn befalls(fault: Value, codes: &[&str]) {
    let servers = SERVERS.map(|server| of_a_server(server.domain, &fault, codes));
    let problems = futures::future::join_all(servers).await.concat();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

async fn of_a_server(domain: &str, fault: &Value, codes: &[&str]) -> Vec<String> {
    let server = Spawn::sandbox(domain).start().await;
    let (_, tool, arguments) = READS.iter().find(|(of, ..)| *of == domain).unwrap();
    let vendors = server.vendors();
    let all = vendors.iter().map(|vendor| of_a_vendor(&server, vendor, tool, arguments, fault, codes));
    futures::future::join_all(all).await.into_iter().flatten().collect()
}

async fn of_a_vendor(
    server: &Server,
    vendor: &str,
    tool: &str,
    arguments: &str,
    fault: &Value,
    codes: &[&str],
) -> Option<String> {
    let client = server.client();
    let mut asked: Value = serde_json::from_str(arguments).unwrap();
    asked["source"] = vendor.into();
    // The tokens are fetched before anything is broken: this is about the interface itself.
    client.ok(tool, asked.clone()).await;
    let simulator = server.simulator(vendor);
    simulator.fault("/", fault.clone(), None).await;
    let begun = Instant::now();
    let error = client.refused(tool, asked.clone()).await;
    let taken = begun.elapsed();
    simulator.heal().await;
    if taken > READ || !codes.contains(&error["code"].as_str().unwrap()) {
        return Some(format!("{vendor} with {fault} after {taken:?}: {error}"));
    }
    let healed = tokio::time::timeout(Duration::from_secs(60), heals(&client, tool, &asked)).await;
    healed.is_err().then(|| format!("{vendor} has not healed from {fault}"))
}

async fn heals(client: &Client, tool: &str, asked: &Value) {
    while client.call(tool, asked.clone()).await.is_err() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn every_vendor_may_limit() {
    let fault = json!({"kind": "status", "status": 429, "headers": {"Retry-After": "1"}});
    befalls(fault, &["rate_limited"]).await;
}

#[tokio::test]
async fn every_vendor_may_be_unavailable() {
    befalls(json!({"kind": "status", "status": 503}), &["upstream_unavailable"]).await;
}

#[tokio::test]
async fn every_vendor_may_show_a_login_page() {
    befalls(json!({"kind": "html_200"}), &["upstream_garbled", "upstream_unavailable"]).await;
}

#[tokio::test]
async fn every_vendor_may_break_off() {
    befalls(json!({"kind": "reset"}), &["upstream_unavailable", "upstream_garbled"]).await;
}

#[tokio::test]
async fn every_vendor_may_hang() {
    befalls(json!({"kind": "hang"}), &["deadline", "upstream_unavailable"]).await;
}
