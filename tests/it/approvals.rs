//! The approval page over real sockets: two people by their API keys, links, and the word to a chat.

use std::path::Path;

use it::{Client, Server};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::gate::{Company, an_issue};

const EVIL: &str = "<script>alert(1)</script> & <img src=x onerror=alert(2)>";

/// A configuration with a page, keys for decisions and for people, and the webhook `chat`.
fn tables(folder: &Path, chat: &str) -> String {
    let path = |name: &str| folder.join(name).display().to_string();
    std::fs::write(path("seal"), "the key of this house").unwrap();
    std::fs::write(path("pepper"), "a pepper of some length").unwrap();
    std::fs::write(path("hook"), "what a chat knows us by").unwrap();
    let webhook = match chat {
        "" => String::new(),
        url => format!("webhook = {{ url = \"{url}\", secret = \"file:{}\" }}\n", path("hook")),
    };
    format!(
        "[seal]\nkeys = [\"file:{}\"]\n[identity.keys]\nfile = \"{}\"\npepper = \"file:{}\"\n\
         [approvals]\nlisten = \"127.0.0.1:0\"\nurl = \"http://page.example\"\n{webhook}",
        path("seal"),
        path("keys"),
        path("pepper"),
    )
}

struct House {
    company: Company,
    server: Server,
    /// Whoever asks; may approve, too.
    alice: String,
    carol: String,
}

impl House {
    async fn new(chat: &str) -> Self {
        let company = Company::with(|folder| tables(folder, chat)).await;
        let key = async |subject: &str, scopes: &[&str]| {
            let mut line = vec!["keys", "create", "--subject", subject];
            line.extend(scopes.iter().flat_map(|scope| ["--scope", scope]));
            let config = company.config();
            line.extend(["--config", config.to_str().unwrap()]);
            let made = it::run("issues", &line).await;
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            String::from_utf8(made.stdout).unwrap().trim().to_owned()
        };
        let alice = key("alice", &["issues:write", "issues:approve"]).await;
        let carol = key("carol", &["issues:approve"]).await;
        Self { server: company.server().await, company, alice, carol }
    }

    fn client(&self) -> Client {
        self.server.client().bearing(&self.alice)
    }

    /// Asks for a public comment; the call that would commit it, and the request's id.
    async fn ask(&self, text: &str) -> (Value, String) {
        let client = self.client();
        let mut call = json!({"issue": an_issue(&client).await, "text": text, "visibility": "public"});
        let shown = client.ok("comment_on_issue", call.clone()).await;
        assert_eq!(shown["status"], "pending_approval", "{shown}");
        call["plan"] = shown["plan"].clone();
        let waiting = self.company.command(&["approvals", "list", "--json"]).await;
        let id = waiting.iter().find(|r| r["arguments"]["text"] == text).unwrap()["id"].as_str().unwrap();
        (call, id.to_owned())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.listening["approvals"].as_str().unwrap())
    }

    /// The path of a new link.
    async fn link(&self, id: &str, approver: &str) -> String {
        let made = self.company.command(&["approvals", "link", id, "--approver", approver, "--json"]).await;
        let url = made[0]["url"].as_str().unwrap();
        url.strip_prefix("http://page.example").unwrap_or_else(|| panic!("{url}")).to_owned()
    }
}

/// A browser without scripts: it keeps cookies by hand and follows nothing.
fn browser() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

fn token(page: &str) -> String {
    let field = page.split("name=\"token\" value=\"").nth(1).unwrap_or_else(|| panic!("no form in {page}"));
    field.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_page_that_this_process_does_not_serve_is_nobody_to_ask() {
    let folder = tempfile::TempDir::new().unwrap();
    let config = folder.path().join("config.toml");
    std::fs::write(&config, tables(folder.path(), "") + "[consent]\nin_sandbox = true\n").unwrap();
    let line = ["--sandbox", "--config", config.to_str().unwrap()];
    let call = async |tool: &str, arguments: Value| {
        let out = it::run("issues", &[&["call", tool, &arguments.to_string()], &line[..]].concat()).await;
        serde_json::from_slice::<Value>(&out.stdout).unwrap()
    };
    let found = call("search_issues", json!({"project": "OPS", "limit": 1})).await;
    let comment = json!({"issue": found["items"][0]["id"], "text": "Out.", "visibility": "public"});
    let refused = call("comment_on_issue", comment).await;
    assert_eq!(refused["code"], "approval_required", "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("nobody can be asked"), "{refused}");
}

#[tokio::test]
async fn the_requester_is_refused_and_another_person_decides_once() {
    let house = House::new("").await;
    let (call, id) = house.ask(EVIL).await;
    let (browser, url) = (browser(), house.url(&format!("/requests/{id}")));
    let look = async |key: &str| {
        let page = browser.get(&url).bearer_auth(key).send().await.unwrap();
        (page.status(), page.text().await.unwrap())
    };
    let decide = async |key: &str, token: &str, verdict: &str| {
        let form = format!("token={token}&verdict={verdict}");
        let form = browser.post(&url).bearer_auth(key).body(form);
        let form = form.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        form.send().await.unwrap().status()
    };
    let (status, shown) = look(&house.carol).await;
    assert_eq!(status, StatusCode::OK, "{shown}");
    assert!(shown.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{shown}");
    assert!(!shown.contains("<script") && !shown.contains("<img"), "{shown}");
    let (_, own) = look(&house.alice).await;
    assert!(own.contains("another person has to decide") && !own.contains("<form"), "{own}");
    assert_eq!(decide(&house.alice, &token(&shown), "approve").await, StatusCode::FORBIDDEN);
    assert_eq!(browser.get(&url).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let list = browser.get(house.url("/")).bearer_auth(&house.carol).send().await.unwrap();
    assert!(list.text().await.unwrap().contains(&format!("href=\"/requests/{id}\"")));

    assert_eq!(house.client().refused("comment_on_issue", call.clone()).await["code"], "approval_required");
    assert_eq!(decide(&house.carol, &token(&shown), "approve").await, StatusCode::SEE_OTHER);
    assert_eq!(decide(&house.carol, &token(&shown), "deny").await, StatusCode::CONFLICT);
    assert!(look(&house.carol).await.1.contains("Approved by carol"));
    assert_eq!(house.client().ok("comment_on_issue", call).await["status"], "committed");
    assert_eq!(house.company.writes("/comment").await, 1);

    let records = house.company.command(&["audit", "query", "--tool", "comment_on_issue"]).await;
    let decisions: Vec<_> = records.iter().filter(|r| r["phase"] == "decision").collect();
    let [decided, refused] = decisions.as_slice() else { panic!("{decisions:?}") };
    assert_eq!((&decided["caller"]["sub"], &decided["approval"]["id"]), (&json!("carol"), &json!(id)));
    assert_eq!(
        (&decided["approval"]["verdict"], &decided["result"]["status"]),
        (&json!("approve"), &json!("ok"))
    );
    assert_eq!(
        (&refused["result"]["status"], &refused["result"]["error_code"]),
        (&json!("denied"), &json!("conflict"))
    );
    let done =
        records.iter().find(|r| r["phase"] == "outcome" && r["consent"]["source"] == "person").unwrap();
    assert_eq!(done["consent"], json!({"source": "person", "by": "carol", "request": id}));
}

#[tokio::test]
async fn a_link_works_once_and_a_decision_at_the_terminal_counts_as_well() {
    let house = House::new("").await;
    let (call, id) = house.ask("We are on it.").await;
    let (browser, link) = (browser(), house.link(&id, "dora").await);
    let landing = browser.get(house.url(&link)).send().await.unwrap().text().await.unwrap();
    assert!(landing.contains("Continue as dora"), "{landing}");
    let entered = browser.post(house.url(&link)).send().await.unwrap();
    assert_eq!(entered.status(), StatusCode::SEE_OTHER);
    let cookie =
        entered.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(browser.post(house.url(&link)).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let url = house.url(&format!("/requests/{id}"));
    let shown = browser.get(&url).header(header::COOKIE, &cookie).send().await.unwrap().text().await.unwrap();
    let form = format!("token={}&verdict=deny&reason=not+today", token(&shown));
    let denied = browser.post(&url).header(header::COOKIE, &cookie).body(form);
    let denied =
        denied.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").send().await.unwrap();
    assert_eq!(denied.status(), StatusCode::SEE_OTHER);
    let refused = house.client().refused("comment_on_issue", call).await;
    assert_eq!(refused["code"], "approval_denied");
    assert!(refused["message"].as_str().unwrap().contains("not today"), "{refused}");

    let (call, id) = house.ask("Another.").await;
    let own = ["approvals", "link", &id, "--approver", "alice", "--config"];
    let config = house.company.config();
    let output = it::run("issues", &[&own[..], &[config.to_str().unwrap()]].concat()).await;
    assert!(!output.status.success(), "nobody gets a link to their own request");
    let decided = house.company.command(&["approvals", "approve", &id, "--as", "erin", "--json"]).await;
    assert_eq!(decided[0]["standing"], "approved");
    assert_eq!(house.client().ok("comment_on_issue", call).await["status"], "committed");
    let records = house.company.command(&["audit", "query", "--tool", "comment_on_issue"]).await;
    let by =
        |method: &str| records.iter().find(|r| r["phase"] == "decision" && r["caller"]["method"] == method);
    assert_eq!(
        (&by("link").unwrap()["caller"]["sub"], &by("cli").unwrap()["caller"]["sub"]),
        (&json!("dora"), &json!("erin"))
    );
}

#[tokio::test]
async fn a_chat_hears_of_a_request_and_of_nothing_in_it_and_its_failure_hinders_nobody() {
    let chat = MockServer::start().await;
    let busy = Mock::given(method("POST")).respond_with(ResponseTemplate::new(503)).up_to_n_times(1);
    busy.expect(1).mount(&chat).await;
    let (heard, mut words) = tokio::sync::mpsc::unbounded_channel();
    let hear = move |request: &wiremock::Request| {
        heard.send(request.clone()).unwrap();
        ResponseTemplate::new(204)
    };
    Mock::given(method("POST")).respond_with(hear).mount(&chat).await;
    let house = House::new(&format!("{}/hook", chat.uri())).await;
    let (_, id) = house.ask("A canary in a comment.").await;
    let word = words.recv().await.unwrap();
    let body: Value = serde_json::from_slice(&word.body).unwrap();
    assert_eq!(body["link"], format!("http://page.example/requests/{id}"));
    assert_eq!(body["title"], "Comment on an issue");
    let said = String::from_utf8(word.body.clone()).unwrap();
    assert!(!said.contains("canary") && !said.contains("jira"), "{said}");
    assert!(word.headers["chancery-signature"].to_str().unwrap().starts_with("v1="), "{:?}", word.headers);
    assert_eq!(word.headers["chancery-request"], id);

    // Nobody listens on the discard port of loopback.
    let deaf = House::new("http://127.0.0.1:9/hook").await;
    let (call, id) = deaf.ask("We are on it.").await;
    deaf.company.command(&["approvals", "approve", &id, "--as", "carol", "--json"]).await;
    assert_eq!(deaf.client().ok("comment_on_issue", call).await["status"], "committed");
}
