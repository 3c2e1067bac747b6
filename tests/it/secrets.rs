//! No secret in any output.

use std::collections::BTreeMap;

use it::{Spawn, Vendor, run};
use serde_json::Value;

const CANARY: &str = "canary-9f3d1c7e5b";

/// A read of each domain.
const READS: &[(&str, &str, &str)] = &[
    ("crm", "find_accounts", "{}"),
    ("docs", "search_documents", "{}"),
    ("finance", "search_customer_invoices", "{}"),
    ("issues", "search_issues", "{}"),
    ("itsm", "search_incidents", "{}"),
    ("usage", "get_product_usage", r#"{"customer": "Nordwind Handel AG"}"#),
];

/// A vendor, what its source needs besides, and every grant it takes. `$token` is the vendor's token endpoint.
const SOURCES: &[(&str, &str, &str, &[&str])] = &[
    ("crm", "hubspot", "portal_id = 1", &[BEARER]),
    ("crm", "salesforce", "", &[CLIENT, SIGNED]),
    ("docs", "confluence", "", &[CLIENT, BASIC]),
    ("docs", "notion", "", &[BEARER]),
    ("finance", "sap", "", &[CLIENT, BASIC]),
    ("finance", "stripe", "", &[BEARER, BASIC]),
    ("issues", "github", "repositories = [\"halden/web\"]", &[APP, BEARER]),
    ("issues", "jira", "projects = [\"PAY\"]", &[CLIENT, BASIC, BEARER]),
    ("itsm", "pagerduty", "subdomain = \"halden\"\nfrom = \"agent@halden.example\"", &[CLIENT, TOKEN]),
    ("itsm", "servicenow", "", &[CLIENT, BASIC]),
    ("usage", "warehouse", "", &[CLIENT, BEARER]),
];

const CLIENT: &str = r#"grant = "client_credentials"
token_url = "$token"
client_id = "canary-9f3d1c7e5b-id"
client_secret = "env:CANARY_SECRET""#;
const SIGNED: &str = r#"grant = "jwt_bearer"
token_url = "$token"
client_id = "canary-9f3d1c7e5b-id"
subject = "canary-9f3d1c7e5b@halden.example"
private_key = "env:CANARY_KEY""#;
const APP: &str = r#"grant = "github_app"
app_id = 1
installation_id = 1
private_key = "env:CANARY_KEY""#;
const BEARER: &str = r#"grant = "bearer"
token = "env:CANARY_SECRET""#;
const TOKEN: &str = r#"grant = "token"
token = "env:CANARY_SECRET""#;
const BASIC: &str = r#"grant = "basic"
user = "canary-9f3d1c7e5b@halden.example"
password = "env:CANARY_SECRET""#;

/// Servers over stand-alone simulators with every grant of every vendor, whose credentials are canaries that the
/// vendors refuse.
#[tokio::test]
async fn canaries_never_sing() {
    futures::future::join_all(READS.iter().map(|(domain, tool, arguments)| {
        canaries_of(domain, tool, serde_json::from_str(arguments).unwrap())
    }))
    .await;
}

async fn canaries_of(domain: &str, tool: &str, mut arguments: Value) {
    let mut config = String::new();
    let (mut vendors, mut sources) = (BTreeMap::new(), Vec::new());
    for (_, name, extra, grants) in SOURCES.iter().filter(|(of, ..)| *of == domain) {
        let vendor = Vendor::start(domain, name).await;
        let (base, token) = (vendor.told("base_url"), vendor.told["token_url"].as_str().unwrap_or_default());
        for (index, grant) in grants.iter().enumerate() {
            let (source, grant) = (format!("{name}-{index}"), grant.replace("$token", token));
            config += &format!(
                "[source.{source}]\nvendor = \"{name}\"\nbase_url = \"{base}\"\n{extra}\n[source.{source}.auth]\n{grant}\n"
            );
            sources.push(source);
        }
        vendors.insert(*name, vendor);
    }
    let key = private_key(&vendors);
    let server = Spawn::serve(domain).config(&config).variable("CANARY_SECRET", CANARY);
    let server = server.variable("CANARY_KEY", &key).start().await;
    let client = server.client();
    let mut seen = String::new();
    for source in sources {
        arguments["source"] = source.as_str().into();
        let error = client.refused(tool, arguments.clone()).await;
        assert_eq!(error["code"], "upstream_auth", "{source}: {error}");
        seen += &error.to_string();
    }
    seen += &server.admin("/metrics").await.1;
    seen += &server.admin("/readyz").await.1;
    for (name, vendor) in &vendors {
        assert!(!vendor.simulator().log().await.is_empty(), "{name} was not asked");
    }
    server.signal("TERM").await;
    let (code, stderr, home) = server.ended().await;
    assert_eq!(code, Some(0));
    seen += &stderr;
    for entry in walk(home.path()) {
        if !entry.ends_with("config.toml") {
            seen += &String::from_utf8_lossy(&std::fs::read(entry).unwrap());
        }
    }
    // A key is as secret in its parts.
    for secret in key.lines().filter(|line| line.len() > 20).chain([CANARY]) {
        let sung =
            seen.find(secret).map(|at| seen[at.saturating_sub(200)..].chars().take(400).collect::<String>());
        assert_eq!(sung, None, "a secret of {domain} came out");
    }
}

/// A key that some simulator hands out; it refuses the names under which it is used here.
fn private_key(vendors: &BTreeMap<&str, Vendor>) -> String {
    let grants = vendors.values().flat_map(|vendor| vendor.told["credentials"].as_array().unwrap());
    let mut keys = grants.filter_map(|grant| grant["private_key"].as_str());
    keys.next().unwrap_or_default().to_owned()
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
