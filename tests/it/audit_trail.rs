//! The record: who did what, and that nobody changed it since.

use std::path::{Path, PathBuf};

use it::{Spawn, run};
use serde_json::{Value, json};

async fn verify(directory: &Path) -> (bool, String) {
    let output = run("issues", &["audit", "verify", "--dir", directory.to_str().unwrap()]).await;
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

async fn query(directory: &Path, more: &[&str]) -> Vec<Value> {
    let mut arguments = vec!["audit", "query", "--dir", directory.to_str().unwrap()];
    arguments.extend(more);
    let output = run("issues", &arguments).await;
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// The one segment of a directory.
fn segment(directory: &Path) -> PathBuf {
    let stream =
        std::fs::read_dir(directory).unwrap().map(|e| e.unwrap().path()).find(|p| p.is_dir()).unwrap();
    stream.join("0001.jsonl")
}

#[tokio::test]
async fn every_call_is_on_the_record_and_tampering_is_found() {
    let audit = tempfile::TempDir::new().unwrap();
    let server = Spawn::sandbox("issues").audit(audit.path()).start().await;
    let client = server.client().in_workflow("release-4.2");
    client.ok("search_issues", json!({"text": "safari"})).await;
    let filed =
        client.ok("create_issue", json!({"project": "OPS", "title": "On the record", "type": "Task"})).await;
    client.refused("search_issues", json!({"limit": 1000})).await;
    client.refused("no_such_tool", json!({})).await;
    server.signal("TERM").await;
    assert_eq!(server.ended().await.0, Some(0));

    let (intact, said) = verify(audit.path()).await;
    assert!(intact, "{said}");
    let by_workflow = query(audit.path(), &["--workflow", "release-4.2"]).await;
    let outcomes: Vec<_> = by_workflow.iter().filter(|r| r["phase"] == "outcome").collect();
    let statuses: Vec<_> = outcomes.iter().map(|r| r["result"]["status"].as_str().unwrap()).collect();
    assert_eq!(outcomes.len(), 4, "{by_workflow:?}");
    assert_eq!(statuses.iter().filter(|s| **s == "ok").count(), 2, "{statuses:?}");
    let id = filed["record"]["id"].as_str().unwrap();
    let by_record = query(audit.path(), &["--record", id]).await;
    let write = by_record.iter().find(|r| r["phase"] == "outcome").unwrap_or_else(|| panic!("{by_record:?}"));
    assert_eq!(write["agent"]["name"], "it");
    assert!(write["upstream"].as_array().is_some_and(|u| !u.is_empty()), "{write}");
    assert!(write["args_sha256"].is_string() && write["correlation_id"].is_string(), "{write}");
    assert!(by_workflow.iter().any(|r| r["phase"] == "intent" && r["op"]["id"] == write["op"]["id"]));

    let path = segment(audit.path());
    let whole = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let mut swapped = lines.clone();
    swapped.swap(2, 3);
    let mut dropped = lines.clone();
    dropped.remove(2);
    let mut doubled = lines.clone();
    doubled.insert(3, lines[2]);
    let flipped = whole.replacen("safari", "Safari", 1);
    assert_ne!(flipped, whole);
    for (what, forged) in [
        ("flipped", flipped),
        ("swapped", swapped.join("\n") + "\n"),
        ("dropped", dropped.join("\n") + "\n"),
        ("doubled", doubled.join("\n") + "\n"),
    ] {
        std::fs::write(&path, forged).unwrap();
        let (intact, said) = verify(audit.path()).await;
        assert!(!intact, "{what} was not found: {said}");
    }
    std::fs::write(&path, whole).unwrap();
    assert!(verify(audit.path()).await.0);
}

#[tokio::test]
async fn writes_fail_closed_without_a_log() {
    let home = tempfile::TempDir::new().unwrap();
    let file = home.path().join("not-a-folder");
    std::fs::write(&file, "").unwrap();
    let server = Spawn::sandbox("issues").audit(&file).start().await;
    let client = server.client();
    let refused =
        client.refused("create_issue", json!({"project": "OPS", "title": "x", "type": "Task"})).await;
    assert_eq!(refused["code"], "audit_unavailable", "{refused}");
    assert_eq!(server.admin("/readyz").await.0, 503);
    let creates = server.simulator("jira").log().await;
    assert!(
        !creates.iter().any(|e| e["method"] == "POST" && e["path"].as_str().unwrap().ends_with("/issue"))
    );
}
