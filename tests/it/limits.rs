//! Limits and tenants on real binaries.

use std::path::Path;

use it::{Client, Issuer, Server, Spawn, run};
use serde_json::{Value, json};

async fn sandbox(config: &str) -> Server {
    Spawn::sandbox("issues").config(config).start().await
}

async fn search(client: &Client) -> Result<Value, Value> {
    client.call("search_issues", json!({ "limit": 1 })).await
}

/// The value of a metric's line.
async fn metric(server: &Server, line: &str) -> Option<String> {
    let (_, text) = server.admin("/metrics").await;
    let found = text.lines().find_map(|l| l.strip_prefix(line));
    found.map(|value| value.trim().to_owned())
}

#[tokio::test]
async fn one_callers_limit_is_not_anothers_and_the_refusal_says_when_to_come_again() {
    let issuer = Issuer::start().await;
    let limits = "[limits.caller]\nper_second = 1\nburst = 3\n";
    let server = sandbox(&format!("{}{limits}", issuer.config())).await;
    let known =
        |sub: &str| server.client().bearing(&issuer.token(json!({ "sub": sub, "scope": "issues:read" })));
    let (alice, bob) = (known("alice"), known("bob"));
    let mut refused = search(&alice).await;
    while refused.is_ok() {
        refused = search(&alice).await;
    }
    let error = refused.unwrap_err();
    assert_eq!((&error["code"], &error["retryable"]), (&json!("rate_limited"), &json!(true)), "{error}");
    assert!(error["retry_after_ms"].as_u64().is_some_and(|wait| (1..=1000).contains(&wait)), "{error}");
    search(&bob).await.unwrap();
    assert_eq!(metric(&server, "chancery_limited_total{level=\"caller\"}").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_caller_that_floods_is_turned_away_at_the_door_and_another_is_not() {
    let issuer = Issuer::start().await;
    let limits = "[limits.caller]\nper_second = 1\nburst = 2\n";
    let server = sandbox(&format!("{}{limits}", issuer.config())).await;
    let known =
        |sub: &str| server.client().bearing(&issuer.token(json!({ "sub": sub, "scope": "issues:read" })));
    let (alice, bob) = (known("alice"), known("bob"));
    let mut statuses = Vec::new();
    while !statuses.contains(&429) {
        assert!(statuses.len() < 200, "nobody asks so often and is let in: {statuses:?}");
        statuses.push(alice.request("tools/list", json!({})).await.status);
    }
    assert!(statuses.len() > 4, "twice the burst comes in: {statuses:?}");
    search(&bob).await.unwrap();
    assert_eq!(metric(&server, "chancery_limited_total{level=\"door\"}").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_peer_is_refused_before_anything_is_done_for_it() {
    let issuer = Issuer::start().await;
    let limits = "[limits.peer]\nper_second = 1\nburst = 40\nfailures_per_minute = 2\n";
    let server = sandbox(&format!("{}{limits}", issuer.config())).await;
    let list =
        async |token: &str| server.client().bearing(token).request("tools/list", json!({})).await.status;
    for _ in 0..3 {
        assert_eq!(list("guess").await, 401);
    }
    let good = issuer.token(json!({}));
    assert_eq!(list(&good).await, 429, "guesses are over for now");

    let patient = sandbox("[limits.peer]\nper_second = 1\nburst = 3\n").await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(patient.client().request("tools/list", json!({})).await.status);
    }
    assert_eq!(statuses[..3], [200; 3]);
    assert!(statuses.contains(&429), "{statuses:?}");

    let closed = sandbox("[limits]\nallow = [\"10.0.0.0/8\"]\n").await;
    assert!(closed.client().try_request("tools/list", &mut json!({})).await.is_err());
}

#[tokio::test]
async fn without_the_shared_limiter_each_replica_holds_its_own_part() {
    let limits = "[limits]\nshared = \"redis://127.0.0.1:1\"\n[limits.caller]\nper_second = 1\nburst = 4\n";
    let server = sandbox(limits).await;
    let client = server.client();
    let mut answered = 0;
    while search(&client).await.is_ok() {
        answered += 1;
    }
    // Two of the burst of four are this replica's; one more grows back every two seconds.
    assert!((2..4).contains(&answered), "{answered}");
}

#[tokio::test]
async fn tenants_are_apart_and_change_without_a_restart() {
    let (issuer, home) = (Issuer::start().await, tempfile::TempDir::new().unwrap());
    let path = home.path().join("tenants.toml");
    let write = |text: &str| std::fs::write(&path, text).unwrap();
    write("[acme]\n[other]\ntools = [\"issues:search_issues\"]\nsources = [\"github\"]\n");
    let config =
        format!("{}tenant_claim = \"org\"\n[tenants]\nfile = \"{}\"\n", issuer.config(), path.display());
    let server = sandbox(&config).await;
    let of = |org: &str| {
        let token = issuer.token(json!({ "sub": "alice", "org": org, "scope": "issues:write" }));
        server.client().bearing(&token)
    };
    let (acme, other) = (of("acme"), of("other"));
    let page = search(&acme).await.unwrap();
    let next = json!({ "limit": 1, "cursor": page["next_cursor"] });
    assert_eq!(other.refused("search_issues", next.clone()).await["code"], "cursor_expired");
    acme.ok("search_issues", next).await;

    let found = search(&other).await.unwrap();
    assert_eq!(found["sources"].as_array().unwrap().len(), 1, "{found}");
    assert!(found["items"][0]["id"].as_str().unwrap().starts_with("github:"), "{found}");
    let record = page["items"][0]["id"].clone();
    let hidden = other.refused("get_issue", json!({ "issue": record })).await;
    assert_eq!(hidden["code"], "unknown_tool");
    let tools = async |client: &Client| {
        let reply = client.request("tools/list", json!({})).await;
        reply.message["result"]["tools"].as_array().unwrap().len()
    };
    assert_eq!(tools(&other).await, 1);
    assert!(tools(&acme).await > 5);
    assert_eq!(search(&of("stranger")).await.unwrap_err()["code"], "permission");

    write("[acme]\nenabled = true\n[[[");
    write("[acme]\nenabled = false\n[other]\n");
    while tools(&acme).await > 0 {}
    assert_eq!(search(&acme).await.unwrap_err()["code"], "permission");
    search(&other).await.unwrap();
}

/// What a command prints; it must succeed.
async fn command(config: &Path, arguments: &[&str]) -> String {
    let output = run("issues", &[arguments, &["--config", config.to_str().unwrap()]].concat()).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn tenants_in_the_store_are_set_and_removed_from_the_command_line() {
    let home = tempfile::TempDir::new().unwrap();
    let at = |name: &str| home.path().join(name);
    let config = at("c.toml");
    let store = format!("[store]\nurl = \"{}\"\n", at("store.db").display());
    std::fs::write(&config, &store).unwrap();
    let none = run("issues", &["tenants", "list", "--config", config.to_str().unwrap()]).await;
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&none.stderr).contains("in_store = true"));

    std::fs::write(&config, format!("{store}[tenants]\nin_store = true\n")).unwrap();
    let terms = at("acme.toml");
    let set = ["tenants", "set", "acme", "--terms", terms.to_str().unwrap()];
    std::fs::write(&terms, "tools = [\"issues:serch_issues\"]\n").unwrap();
    let wrong = run("issues", &[&set[..], &["--config", config.to_str().unwrap()]].concat()).await;
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("did you mean `issues:search_issues`?"));
    std::fs::write(&terms, "tools = [\"issues:*\"]\nroles = [\"analyst\"]\n").unwrap();
    command(&config, &set).await;
    let listed: Value =
        serde_json::from_str(&command(&config, &["tenants", "list", "--json"]).await).unwrap();
    let expected = json!({ "enabled": true, "tools": ["issues:*"], "roles": ["analyst"] });
    assert_eq!((&listed["tenant"], &listed["terms"]), (&json!("acme"), &expected));
    command(&config, &["tenants", "remove", "acme"]).await;
    assert_eq!(command(&config, &["tenants", "list"]).await, "");
}
