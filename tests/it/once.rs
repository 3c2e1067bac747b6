//! Writes happen once.

use it::Spawn;
use serde_json::{Value, json};

use crate::gate::{Company, an_issue};

fn creates(log: &[Value]) -> usize {
    let is = |e: &&Value| {
        e["method"] == "POST" && e["path"].as_str().unwrap().ends_with("/issue") && e["status"] == 201
    };
    log.iter().filter(is).count()
}

#[tokio::test]
async fn a_timed_out_create_is_unknown_and_found_again_not_sent_again() {
    let server = Spawn::sandbox("issues").start().await;
    let client = server.client();
    let jira = server.simulator("jira");
    client.ok("search_issues", json!({"source": "jira", "limit": 1})).await;
    for fault in ["apply_then_reset", "apply_then_hang"] {
        let before = creates(&jira.log().await);
        let path = format!("{}/issue", base(&jira.log().await));
        jira.fault_on("POST", &path, json!({"kind": fault}), 1).await;
        let new = json!({"project": "OPS", "title": format!("Filed into a {fault}"), "type": "Task"});
        let unknown = client.refused("create_issue", new.clone()).await;
        assert_eq!(unknown["code"], "outcome_unknown", "{unknown}");
        assert_eq!(unknown["operation"].as_str().unwrap().len(), 26, "{unknown}");
        let again = client.ok("create_issue", new).await;
        assert_eq!(again["status"], "replayed", "{again}");
        assert_eq!(creates(&jira.log().await) - before, 1, "sent once");
        jira.heal().await;
    }
}

/// The base of the paths that were logged so far; among them is a search.
fn base(log: &[Value]) -> String {
    let search = log.iter().map(|e| e["path"].as_str().unwrap()).find(|p| p.contains("/search/jql")).unwrap();
    search.split("/search/jql").next().unwrap().to_owned()
}

#[tokio::test]
async fn a_repeat_returns_the_first_answer_and_says_how_to_do_it_again() {
    let server = Spawn::sandbox("issues").start().await;
    let client = server.client();
    let new = json!({"project": "halden/web", "title": "Filed by an eager agent"});
    let first = client.ok("create_issue", new.clone()).await;
    assert_eq!(first["status"], "committed");
    let second = client.ok("create_issue", new.clone()).await;
    assert_eq!(second["status"], "replayed");
    assert_eq!(second["record"]["id"], first["record"]["id"]);
    assert!(second["note"].as_str().unwrap().contains("idempotency_key"), "{second}");
    let mut keyed = new.clone();
    keyed["idempotency_key"] = "on purpose".into();
    let third = client.ok("create_issue", keyed.clone()).await;
    assert_ne!(third["record"]["id"], first["record"]["id"]);
    keyed["title"] = "Something else".into();
    assert_eq!(client.refused("create_issue", keyed).await["code"], "idempotency_conflict");
}

#[tokio::test]
async fn concurrent_duplicates_make_one_issue() {
    let server = Spawn::sandbox("issues").start().await;
    let client = server.client();
    let new = json!({"project": "OPS", "title": "Sixteen at once", "type": "Task"});
    let calls = (0..16).map(|_| client.ok("create_issue", new.clone()));
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(|a| a["record"]["id"] == answers[0]["record"]["id"]), "{answers:?}");
    assert_eq!(answers.iter().filter(|a| a["status"] == "committed").count(), 1);
    assert_eq!(creates(&server.simulator("jira").log().await), 1);
}

#[tokio::test]
async fn an_external_key_outlives_the_server() {
    let server = Spawn::sandbox("issues").start().await;
    for project in ["OPS", "halden/web"] {
        let client = server.client();
        let new = json!({"project": project, "title": "Keyed", "external_key": "contract/77"});
        let first = client.ok("create_issue", new.clone()).await;
        // Another workflow is another operation: only the key at the vendor tells that it is the same issue.
        let other = client.in_workflow("tomorrow").ok("create_issue", new).await;
        assert_eq!(other["status"], "replayed", "{other}");
        assert_eq!(other["record"]["id"], first["record"]["id"]);
    }
}

/// Two replicas are asked for two titles: these are two operations, and only the key says that it is one issue.
#[tokio::test]
async fn concurrent_writes_under_one_external_key_make_one_issue() {
    let company = Company::new().await;
    let servers = [company.server().await, company.server().await];
    for server in &servers {
        an_issue(&server.client()).await;
    }
    let jira = company.vendor.simulator();
    let search = format!("{}/search/jql", base(&jira.log().await));
    // A look for the key is answered late, so that neither creates before the other could look.
    jira.fault(&search, json!({"kind": "latency", "ms": 300}), None).await;
    let calls = servers.iter().zip(["One title", "Another title"]).map(|(server, title)| async move {
        let new = json!({"project": "OPS", "title": title, "type": "Task", "external_key": "contract/78"});
        server.client().ok("create_issue", new).await
    });
    let answers = futures::future::join_all(calls).await;
    assert_eq!(company.writes("/issue").await, 1, "{answers:?}");
    assert_eq!(answers[0]["record"]["id"], answers[1]["record"]["id"]);
    assert_eq!(answers.iter().filter(|a| a["status"] == "committed").count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|a| a["status"] == "replayed").count(), 1, "{answers:?}");
}
