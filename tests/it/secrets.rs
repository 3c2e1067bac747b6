//! No secret in any output.

use it::{Spawn, Vendor, run};
use serde_json::json;

const CANARY: &str = "canary-9f3d1c7e5b";

/// A server over a stand-alone simulator whose credentials are canaries that the vendor refuses.
#[tokio::test]
async fn canaries_never_sing() {
    let vendor = Vendor::start("issues", "jira").await;
    let config = format!(
        r#"
[source.jira]
vendor = "jira"
base_url = "{base}"
projects = ["PAY"]
[source.jira.auth]
grant = "client_credentials"
token_url = "{token}"
client_id = "{CANARY}-id"
client_secret = "env:CANARY_SECRET"
body = "json"
[source.basic]
vendor = "jira"
base_url = "{base}"
projects = ["PAY"]
[source.basic.auth]
grant = "basic"
user = "someone@halden.example"
password = "env:CANARY_SECRET"
"#,
        base = vendor.told("base_url"),
        token = vendor.told("token_url"),
    );
    let server = Spawn::serve("issues").config(&config).variable("CANARY_SECRET", CANARY).start().await;
    let client = server.client();
    let mut seen = String::new();
    for (tool, arguments) in [
        ("search_issues", json!({})),
        ("get_issue", json!({"issue": "jira:PAY-12"})),
        ("create_issue", json!({"project": "PAY", "title": "x"})),
        ("search_issues", json!({"source": "basic"})),
    ] {
        let error = client.refused(tool, arguments).await;
        assert_eq!(error["code"], "upstream_auth", "{error}");
        seen += &error.to_string();
    }
    seen += &server.admin("/metrics").await.1;
    seen += &server.admin("/readyz").await.1;
    let log = vendor.simulator().log().await;
    assert!(!log.is_empty(), "the vendor was asked");
    server.signal("TERM").await;
    let (code, stderr, home) = server.ended().await;
    assert_eq!(code, Some(0));
    seen += &stderr;
    for entry in walk(home.path()) {
        if !entry.ends_with("config.toml") {
            seen += &String::from_utf8_lossy(&std::fs::read(entry).unwrap());
        }
    }
    assert!(
        !seen.contains(CANARY),
        "a secret came out: {}",
        &seen[seen.find(CANARY).unwrap().saturating_sub(200)..]
    );
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn a_literal_secret_and_a_missing_one_are_refused_by_name() {
    let home = tempfile::TempDir::new().unwrap();
    let path = home.path().join("c.toml");
    let config = |secret: &str| {
        let text = format!(
            "[source.jira]\nvendor = \"jira\"\nbase_url = \"https://example.atlassian.net\"\nprojects = [\"PAY\"]\n\
             [source.jira.auth]\ngrant = \"bearer\"\ntoken = \"{secret}\"\n"
        );
        std::fs::write(&path, text).unwrap();
    };
    for (secret, expected) in [(CANARY, "env:NAME"), ("env:NOT_SET_ANYWHERE", "NOT_SET_ANYWHERE")] {
        config(secret);
        let output =
            run("issues", &["serve", "--listen", "127.0.0.1:0", "--config", path.to_str().unwrap()]).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected) && !said.contains(CANARY), "{said}");
    }
}
