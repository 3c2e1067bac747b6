//! The command line, used by a stranger.

use it::{Spawn, binary, run};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn help_teaches_and_wrong_use_exits_with_2() {
    let help = run("issues", &["--help"]).await;
    assert!(help.status.success());
    for word in
        ["serve", "health", "stdio", "tools", "call", "check", "sandbox", "audit", "operations", "approvals"]
    {
        assert!(text(&help.stdout).contains(word), "{word}");
    }
    for wrong in [
        vec!["serve", "--no-such-flag"],
        vec!["no-such-command"],
        vec!["serve", "--config", "/no/such/file.toml"],
        vec!["sandbox", "no-such-vendor"],
        vec!["call", "search_issues", "{not json", "--sandbox"],
        vec!["serve", "--sandbox", "--listen", "0.0.0.0:0"],
        vec!["health", "--admin", "127.0.0.1:0"],
    ] {
        let output = run("issues", &wrong).await;
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {}", text(&output.stderr));
        assert!(!output.stderr.is_empty(), "{wrong:?} says why");
    }
}

#[tokio::test]
async fn a_call_from_the_terminal_goes_through_the_same_house() {
    let output = run("issues", &["call", "get_issue", r#"{"issue": "PAY-12"}"#, "--sandbox"]).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["issue"]["id"], "jira:PAY-12");
    let output = run("issues", &["call", "get_issue", r#"{"isue": "PAY-12"}"#, "--sandbox"]).await;
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(said.contains("invalid_argument") && said.contains("isue"), "{said}");
}

#[tokio::test]
async fn check_passes_on_the_sandbox_and_names_what_is_wrong_elsewhere() {
    let output = run("issues", &["check", "--sandbox"]).await;
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).contains("PASS store (memory)"), "{}", text(&output.stdout));
    let home = tempfile::TempDir::new().unwrap();
    let path = home.path().join("c.toml");
    let token = home.path().join("token");
    std::fs::write(&token, "secret").unwrap();
    // Nobody listens on the discard port of loopback.
    let config = format!(
        "[source.jira]\nvendor = \"jira\"\nbase_url = \"http://127.0.0.1:9\"\nprojects = [\"PAY\"]\n\
         [source.jira.auth]\ngrant = \"bearer\"\ntoken = \"file:{}\"\n",
        token.display()
    );
    std::fs::write(&path, config).unwrap();
    let output = run("issues", &["check", "--config", path.to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(1), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).contains("FAIL jira (jira): upstream_unavailable: jira cannot be reached"));
    assert!(text(&output.stderr).contains("1 of 3 checks failed"), "{}", text(&output.stderr));
}

#[tokio::test]
async fn stdio_cautions_of_the_secrets_on_the_machine_where_the_sources_are_real() {
    let home = tempfile::TempDir::new().unwrap();
    let path = home.path().join("c.toml");
    let (token, audit) = (home.path().join("token"), home.path().join("audit"));
    std::fs::write(&token, "secret").unwrap();
    let config = format!(
        "[audit]\ndir = \"{}\"\n[store]\nurl = \"memory\"\n[source.jira]\nvendor = \"jira\"\n\
         base_url = \"http://127.0.0.1:9\"\nprojects = [\"PAY\"]\n[source.jira.auth]\ngrant = \"bearer\"\n\
         token = \"file:{}\"\n",
        audit.display(),
        token.display()
    );
    std::fs::write(&path, config).unwrap();
    // Its stdin has ended, and so it ends.
    let real = run("issues", &["stdio", "--config", path.to_str().unwrap()]).await;
    let said = text(&real.stderr);
    assert!(real.status.success() && real.stdout.is_empty(), "{said}");
    assert!(said.contains("\"WARN\"") && said.contains("behind an identity provider"), "{said}");
    let simulated = run("issues", &["stdio", "--sandbox"]).await;
    assert!(!text(&simulated.stderr).contains("identity provider"), "{}", text(&simulated.stderr));
}

#[tokio::test]
async fn an_unknown_key_is_named_with_file_line_and_the_nearest_known_one() {
    let home = tempfile::TempDir::new().unwrap();
    let path = home.path().join("c.toml");
    std::fs::write(&path, "[source.jira]\nvendor = \"jira\"\n\nbase_ulr = \"https://x.example\"\n").unwrap();
    let output = run("issues", &["serve", "--config", path.to_str().unwrap()]).await;
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for word in ["base_ulr", "c.toml:4", "base_url"] {
        assert!(said.contains(word), "{word} in {said}");
    }
}

#[tokio::test]
async fn writes_that_need_consent_are_offered_with_real_sources() {
    let home = tempfile::TempDir::new().unwrap();
    let token = home.path().join("token");
    std::fs::write(&token, "secret").unwrap();
    let config = format!(
        "[source.jira]\nvendor = \"jira\"\nbase_url = \"http://127.0.0.1:9\"\nprojects = [\"PAY\"]\n\
         [source.jira.auth]\ngrant = \"bearer\"\ntoken = \"file:{}\"\n",
        token.display()
    );
    let server = Spawn::serve("issues").config(&config).start().await;
    let client = server.client();
    let list =
        client.request("tools/list", serde_json::json!({})).await.message["result"]["tools"].to_string();
    assert!(list.contains("\"transition_issue\"") && list.contains("\"create_issue\""), "{list}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_limit_below_the_connection_cap_is_refused_with_the_cure() {
    let start = |limit: &str| {
        let serve = format!(
            "ulimit -n {limit} && exec {} serve --sandbox --listen 127.0.0.1:0",
            binary("issues").display()
        );
        let mut shell = tokio::process::Command::new("/bin/sh");
        shell.args(["-c", &serve]).kill_on_drop(true).output()
    };
    let output = start("1024").await.unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for cure in ["12512 open files", "ulimit -n", "`connections` of [limits] to 512"] {
        assert!(said.contains(cure), "{cure}: {said}");
    }
    let output = start("300").await.unwrap();
    assert!(!text(&output.stderr).contains("[limits]"), "nothing would be left: {}", text(&output.stderr));
}
