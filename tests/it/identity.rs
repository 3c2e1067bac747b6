//! Who calls: real binaries, an issuer on loopback, and a wire to the vendor that is listened to.

use std::path::Path;
use std::process::Output;

use it::{Client, Issuer, Spawn, Tap, Vendor, run, trusting};
use serde_json::{Value, json};

/// A source at a stand-alone Jira, by way of a tap.
async fn jira() -> (Vendor, Tap, String, String) {
    let vendor = Vendor::start("issues", "jira").await;
    let base = vendor.told("base_url").to_owned();
    let token = vendor.told("access_token").to_owned();
    let tap = Tap::before(&base).await;
    let config = format!(
        "[source.jira]\nvendor = \"jira\"\nbase_url = \"{}\"\nprojects = [\"OPS\"]\n\
         [source.jira.auth]\ngrant = \"bearer\"\ntoken = \"env:JIRA_TOKEN\"\n",
        tap.way(&base)
    );
    (vendor, tap, config, token)
}

/// `[identity.keys]` in this folder, and a key of it.
async fn key(home: &Path, config: &str, scope: &str) -> (String, String) {
    let pepper = home.join("pepper");
    std::fs::write(&pepper, "a pepper of some length").unwrap();
    let table = format!(
        "[identity.keys]\nfile = \"{}\"\npepper = \"file:{}\"\n",
        home.join("keys").display(),
        pepper.display()
    );
    let file = home.join("with-keys.toml");
    std::fs::write(&file, format!("{config}{table}")).unwrap();
    let file = file.to_str().unwrap();
    let made =
        run("issues", &["keys", "create", "--subject", "billing", "--scope", scope, "--config", file]).await;
    assert!(made.status.success(), "{}", said(&made));
    (table, String::from_utf8(made.stdout).unwrap().trim().to_owned())
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn an_inbound_token_reaches_nobody() {
    let (issuer, (_vendor, tap, source, vendor_token)) = (Issuer::start().await, jira().await);
    let (home, audit) = (tempfile::TempDir::new().unwrap(), tempfile::TempDir::new().unwrap());
    let identity = issuer.config();
    let (keys, key) = key(home.path(), &identity, "issues:write").await;
    let server = Spawn::serve("issues").config(&format!("{identity}{keys}{source}"));
    let server = server.variable("JIRA_TOKEN", &vendor_token).variable("CHANCERY_LOG__LEVEL", "trace");
    let server = server.audit(audit.path()).start().await;

    let jwt = issuer.token(json!({ "scope": "issues:write", "jti": "jti-1" }));
    let poor = issuer.token(json!({ "scope": "issues:read" }));
    let stale = issuer.token(json!({ "iat": 1000, "exp": 2000 }));
    let mut seen = String::new();
    for (title, token) in [("by jwt", &jwt), ("by key", &key)] {
        let client = server.client().bearing(token);
        seen += &client.ok("search_issues", json!({ "limit": 1 })).await.to_string();
        seen += &client
            .ok("create_issue", json!({ "project": "OPS", "title": title, "type": "Task" }))
            .await
            .to_string();
        seen += &client.refused("get_issue", json!({ "issue": "jira:OPS-999999" })).await.to_string();
        seen += &client.refused("get_issue", json!({ "isue": "x" })).await.to_string();
        seen += &client.refused("no_such_tool", json!({})).await.to_string();
    }
    let new = json!({ "name": "create_issue", "arguments": { "project": "OPS", "title": "x" } });
    for (token, status) in [(&poor, 403), (&stale, 401)] {
        let reply = server.client().bearing(token).request("tools/call", new.clone()).await;
        assert_eq!(reply.status, status, "{}", reply.message);
        seen += &reply.message.to_string();
    }
    let in_query = format!("{}?access_token={jwt}", server.listening["mcp"].as_str().unwrap());
    let reply = Client::new(&in_query).request("tools/list", json!({})).await;
    assert_eq!(reply.status, 400, "{}", reply.message);
    seen += &reply.message.to_string();

    seen += &server.admin("/metrics").await.1;
    seen += &server.admin("/readyz").await.1;
    server.signal("TERM").await;
    let (code, stderr, _home) = server.ended().await;
    assert_eq!(code, Some(0), "{stderr}");
    let records = read_all(audit.path());
    let (wire, record) = (tap.heard(), &records);
    assert!(wire.contains(&vendor_token), "the wire shows what a vendor is sent");
    for words in [
        "\"sub\":\"alice\"",
        "\"token_id\":\"jti-1\"",
        "\"client\":\"agent\"",
        "\"method\":\"key\"",
        "\"denied\"",
    ] {
        assert!(record.contains(words), "{words} in {record}");
    }
    let signatures = [&jwt, &poor, &stale].map(|token| token.rsplit('.').next().unwrap());
    for secret in signatures.into_iter().chain(key.rsplit('_').next()) {
        assert!(secret.len() > 60, "{secret}");
        for (place, text) in
            [("the wire", &wire), ("the record", record), ("the log", &stderr), ("an answer", &seen)]
        {
            let around =
                text.find(secret).map(|at| text[at.saturating_sub(300)..].lines().next().unwrap_or_default());
            assert_eq!(around, None, "a token stands in {place}");
        }
    }
}

fn read_all(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let text = |path: std::path::PathBuf| {
        if path.is_dir() {
            read_all(&path)
        } else {
            String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
        }
    };
    entries.map(text).collect()
}

#[tokio::test]
async fn beyond_loopback_callers_are_told_apart_and_tokens_are_not_read_on_the_way() {
    let issuer = Issuer::start().await;
    let home = tempfile::TempDir::new().unwrap();
    let path = home.path().join("c.toml");
    let exit = async |config: &str| {
        std::fs::write(&path, config).unwrap();
        let line = ["serve", "--sandbox", "--listen", "0.0.0.0:0", "--admin", "127.0.0.1:0", "--config"];
        let output = run("issues", &[&line[..], &[path.to_str().unwrap()]].concat()).await;
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        said(&output)
    };
    for (config, cure) in [
        (String::new(), "[identity.keys]"),
        ("[server]\nbehind_tls_proxy = true\n".to_owned(), "[issuer.NAME]"),
        (issuer.config(), "behind_tls_proxy = true"),
        ("[identity]\nresorce = \"https://x.example/mcp\"\n".to_owned(), "did you mean `resource`?"),
        ("[[identity.certificates]]\nname = \"dns:a\"\nscopes = []\n".to_owned(), "client_ca_file"),
    ] {
        let told = exit(&config).await;
        assert!(told.contains(cure), "{cure} in {told}");
    }
    std::fs::write(&path, "[server]\nbehind_tls_proxy = true\n").unwrap();
    let line = ["serve", "--sandbox", "--listen", "127.0.0.1:0", "--config", path.to_str().unwrap()];
    let output = run("issues", &line).await;
    let told = said(&output);
    assert_eq!(output.status.code(), Some(2), "a proxy leads beyond loopback: {told}");
    assert!(told.contains("local administrator") && told.contains("[identity.keys]"), "{told}");

    let config = format!("[server]\nbehind_tls_proxy = true\n{}", issuer.config());
    let server = Spawn::sandbox("issues").listen("0.0.0.0:0").config(&config).start().await;
    let url = server.listening["mcp"].as_str().unwrap().replace("0.0.0.0", "127.0.0.1");
    let stranger = Client::new(&url).request("tools/list", json!({})).await;
    assert_eq!(stranger.status, 401, "{}", stranger.message);
    let known = Client::new(&url).bearing(&issuer.token(json!({ "scope": "issues:read" })));
    known.ok("search_issues", json!({ "limit": 1 })).await;
    assert_eq!(server.admin("/healthz").await.0, 200, "health needs no token");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_of_keys_for_everybody_is_refused_and_one_that_cannot_be_written_is_helped() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::TempDir::new().unwrap();
    let (table, key) = key(home.path(), "", "issues:read").await;
    let path = home.path().join("with-keys.toml");
    let config = path.to_str().unwrap();
    let list = run("issues", &["keys", "list", "--json", "--config", config]).await;
    let listed: Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!((&listed["subject"], &listed["live"]), (&json!("billing"), &json!(true)));
    assert!(key.contains(listed["id"].as_str().unwrap()) && listed.get("hash").is_none());

    let wrong =
        run("issues", &["keys", "create", "--subject", "x", "--scope", "issue:read", "--config", config])
            .await;
    assert!(wrong.status.code() == Some(2) && said(&wrong).contains("issues:read"), "{}", said(&wrong));
    let none = run("issues", &["keys", "list"]).await;
    assert!(none.status.code() == Some(2) && said(&none).contains("[identity.keys]"), "{}", said(&none));

    let file = home.path().join("keys");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let serve = run("issues", &["serve", "--sandbox", "--listen", "127.0.0.1:0", "--config", config]).await;
    assert!(serve.status.code() == Some(2) && said(&serve).contains("chmod 600"), "{}", said(&serve));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let id = listed["id"].as_str().unwrap();
    let revoked = run("issues", &["keys", "revoke", id, "--config", config]).await;
    assert!(String::from_utf8_lossy(&revoked.stdout).contains("revoked"), "{}", said(&revoked));

    // Nobody can make a file in a folder that is not there.
    std::fs::write(&path, table.replace("/keys\"", "/none/keys\"")).unwrap();
    let made =
        run("issues", &["keys", "create", "--subject", "x", "--scope", "issues:read", "--config", config])
            .await;
    assert!(made.status.success() && said(&made).contains("Add this line"), "{}", said(&made));
    let printed = String::from_utf8(made.stdout).unwrap();
    let (secret, line) = printed.trim().split_once('\n').unwrap();
    assert!(secret.starts_with("chancery_"), "the key comes first");
    std::fs::write(&file, line).unwrap();
    std::fs::write(&path, &table).unwrap();
    let server = Spawn::sandbox("issues").config(&table).start().await;
    server.client().bearing(secret).ok("search_issues", json!({ "limit": 1 })).await;
    assert_eq!(
        server.client().bearing(&key).request("tools/list", json!({})).await.status,
        401,
        "it was revoked"
    );
}

/// Whether whoever was granted `granted` may do what needs `needed`, as `shared/docs/identity.md` has it.
fn suffices(granted: &str, needed: &str) -> bool {
    let (domain, right) = granted.split_once(':').unwrap();
    needed == granted
        || (needed.starts_with(&format!("{domain}:")) && right == "admin")
        || (needed == format!("{domain}:read") && right == "write")
}

#[tokio::test]
async fn every_tool_of_every_server_takes_its_scope_and_what_includes_it_and_nothing_else() {
    let issuer = Issuer::start().await;
    let one = async |domain: &'static str| {
        let server = Spawn::sandbox(domain).config(&issuer.config()).start().await;
        let contract: Value =
            serde_json::from_slice(&run(domain, &["tools", "--json"]).await.stdout).unwrap();
        let tools = contract["tools"].as_array().unwrap();
        let needed = |tool: &Value| tool["scope"].as_str().unwrap().to_owned();
        let mut scopes: Vec<String> = tools.iter().map(needed).collect();
        scopes.extend(["read", "write", "admin", "other"].map(|right| format!("{domain}:{right}")));
        scopes.extend(["else:admin".to_owned(), format!("{domain}x:admin")]);
        scopes.sort();
        scopes.dedup();
        for scope in &scopes {
            let client = server.client().bearing(&issuer.token(json!({ "scope": scope })));
            for tool in tools {
                // An argument that no tool has: whoever may call is told so, and nothing is done.
                let params = json!({ "name": tool["name"], "arguments": { "no_such_argument": 1 } });
                let reply = client.request("tools/call", params).await;
                let expected = if suffices(scope, &needed(tool)) { 200 } else { 403 };
                assert_eq!(reply.status, expected, "{} with {scope}: {}", tool["name"], reply.message);
                if expected == 200 {
                    let said = reply.message["result"]["content"][0]["text"].as_str().unwrap_or_default();
                    assert!(said.contains("invalid_argument"), "{said}");
                }
            }
        }
        tools.len() * scopes.len()
    };
    let cells =
        futures::future::join_all(it::SERVERS.map(|home| one(home.domain))).await.into_iter().sum::<usize>();
    assert!(cells > 300, "{cells}");
}

#[tokio::test]
async fn an_issuer_that_cannot_be_reached_is_told_by_check_and_readiness() {
    let issuer = Issuer::start().await;
    let home = tempfile::TempDir::new().unwrap();
    let path = home.path().join("c.toml");
    // Nobody listens on the discard port of loopback.
    for (config, code, line) in [
        (issuer.config(), 0, "publishes 1 keys we can use"),
        (trusting("http://127.0.0.1:9"), 1, "FAIL issuer http://127.0.0.1:9: "),
    ] {
        std::fs::write(&path, config).unwrap();
        let output = run("issues", &["check", "--sandbox", "--config", path.to_str().unwrap()]).await;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(code), "{printed}{}", said(&output));
        assert!(printed.contains(line) && printed.contains("PASS jira"), "{printed}");
    }
    let server = Spawn::sandbox("issues").config(&trusting("http://127.0.0.1:9")).start().await;
    let (status, body) = server.admin("/readyz").await;
    assert!(status == 503 && body.contains("identity"), "{status} {body}");
    let reply = server.client().bearing(&issuer.token(json!({}))).request("tools/list", json!({})).await;
    assert_eq!(reply.status, 401, "a token of an issuer that nobody named");
}
