//! A vendor that fails costs its rows and nothing else; when it heals, the server does too.

use std::time::{Duration, Instant};

use it::{Server, Spawn};
use serde_json::{Value, json};

/// Class deadline of a read, and what the machine may take on top.
const READ: Duration = Duration::from_secs(10 + 5);

async fn search(server: &Server) -> Value {
    let begun = Instant::now();
    let page = server.client().ok("search_issues", json!({"text": "safari"})).await;
    assert!(begun.elapsed() < READ, "answered after {:?}", begun.elapsed());
    page
}

fn rows_of(page: &Value, source: &str) -> usize {
    let items = page["items"].as_array().unwrap();
    items.iter().filter(|i| i["id"].as_str().unwrap().starts_with(&format!("{source}:"))).count()
}

fn error_of<'a>(page: &'a Value, source: &str) -> &'a str {
    let sources = page["sources"].as_array().unwrap();
    sources.iter().find(|s| s["source"] == source).unwrap()["error"]["code"].as_str().unwrap_or("none")
}

async fn survives(fault: Value, codes: &[&str]) {
    let server = Spawn::sandbox("issues").start().await;
    let healthy = search(&server).await;
    assert!(rows_of(&healthy, "jira") > 0 && rows_of(&healthy, "github") > 0, "{healthy}");
    let jira = server.simulator("jira");
    let before = jira.log().await.len();

    jira.fault("/rest/api", fault.clone(), None).await;
    jira.fault("/ex/jira", fault.clone(), None).await;
    let page = search(&server).await;
    assert!(rows_of(&page, "github") > 0, "GitHub rows still come: {page}");
    assert_eq!(rows_of(&page, "jira"), 0, "{page}");
    assert!(codes.contains(&error_of(&page, "jira")), "{fault}: {page}");
    let attempts = jira.log().await.len() - before;
    assert!(attempts <= 3, "{attempts} attempts for one call");
    let alone = server.client().refused("search_issues", json!({"text": "safari", "source": "jira"})).await;
    assert!(codes.contains(&alone["code"].as_str().unwrap()), "{alone}");

    jira.heal().await;
    let healed = tokio::time::timeout(Duration::from_secs(60), async {
        loop {
            let page = search(&server).await;
            if rows_of(&page, "jira") > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    assert!(healed.await.is_ok(), "the server heals with its vendor, without a restart");
}

#[tokio::test]
async fn rate_limited_for_ever() {
    let fault = json!({"kind": "status", "status": 429, "headers": {"Retry-After": "1"}});
    survives(fault, &["rate_limited"]).await;
}

#[tokio::test]
async fn unavailable() {
    survives(json!({"kind": "status", "status": 503}), &["upstream_unavailable"]).await;
}

#[tokio::test]
async fn a_login_page_with_200() {
    survives(json!({"kind": "html_200"}), &["upstream_garbled", "upstream_unavailable"]).await;
}

#[tokio::test]
async fn a_reset_in_the_middle_of_the_body() {
    survives(json!({"kind": "reset"}), &["upstream_unavailable", "upstream_garbled"]).await;
}

#[tokio::test]
async fn a_body_without_end() {
    survives(json!({"kind": "huge_body"}), &["upstream_too_large"]).await;
}

#[tokio::test]
async fn a_trickle() {
    survives(json!({"kind": "trickle", "bytes_per_second": 1}), &["deadline", "upstream_unavailable"]).await;
}

#[tokio::test]
async fn nothing_at_all() {
    survives(json!({"kind": "hang"}), &["deadline", "upstream_unavailable"]).await;
}

#[tokio::test]
async fn a_token_revoked_in_flight_is_renewed_once() {
    let server = Spawn::sandbox("issues").start().await;
    search(&server).await;
    for vendor in ["jira", "github"] {
        let simulator = server.simulator(vendor);
        simulator.fault("/", json!({"kind": "revoke_token"}), Some(1)).await;
        let page = search(&server).await;
        assert!(rows_of(&page, vendor) > 0, "{page}");
        let tokens = simulator.log().await.iter().filter(|e| is_token_request(e)).count();
        assert_eq!(tokens, 2, "one token at first, one after the revocation");
    }
}

#[tokio::test]
async fn an_expired_token_is_renewed_by_one_request_for_all() {
    let server = Spawn::sandbox("issues").start().await;
    search(&server).await;
    server.simulator("jira").advance(3 * 3600).await;
    let client = server.client();
    // As many as the source lets be under way at a time.
    let calls = (0..32).map(|_| client.ok("search_issues", json!({"text": "safari", "source": "jira"})));
    futures::future::join_all(calls).await;
    let log = server.simulator("jira").log().await;
    assert_eq!(log.iter().filter(|e| is_token_request(e)).count(), 2);
}

fn is_token_request(entry: &Value) -> bool {
    let path = entry["path"].as_str().unwrap();
    entry["method"] == "POST" && (path.ends_with("/oauth/token") || path.ends_with("/access_tokens"))
}
