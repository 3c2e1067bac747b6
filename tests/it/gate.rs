//! Consent and operations over real binaries, with a store that outlives them.

use std::path::{Path, PathBuf};

use it::{Client, Spawn, Vendor, run};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A company with one Jira and a configuration that names a store.
pub(crate) struct Company {
    pub(crate) vendor: Vendor,
    pub(crate) folder: TempDir,
}

impl Company {
    pub(crate) async fn new() -> Self {
        Self::with(|_| String::new()).await
    }

    /// The same with more tables, which may name files in the folder.
    pub(crate) async fn with(tables: impl Fn(&Path) -> String) -> Self {
        let (vendor, folder) = (Vendor::start("issues", "jira").await, TempDir::new().unwrap());
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("token"), vendor.told("access_token")).unwrap();
        let config = format!(
            "[store]\nurl = \"{}\"\n[audit]\ndir = \"{}\"\n[source.jira]\nvendor = \"jira\"\nbase_url = \"{}\"\n\
             projects = [\"OPS\"]\nauth = {{ grant = \"bearer\", token = \"file:{}\" }}\n",
            path("store.db"),
            path("audit"),
            vendor.told("base_url"),
            path("token"),
        );
        std::fs::write(path("config.toml"), config + &tables(folder.path())).unwrap();
        Self { vendor, folder }
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    pub(crate) async fn server(&self) -> it::Server {
        Spawn::serve("issues").argument("--config").argument(self.config().to_str().unwrap()).start().await
    }

    /// What a command of an operator prints, a JSON object a line.
    pub(crate) async fn command(&self, arguments: &[&str]) -> Vec<Value> {
        let config = self.config();
        let arguments = [arguments, &["--config", config.to_str().unwrap()]].concat();
        let output = run("issues", &arguments).await;
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {out}{err}");
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// How many requests of a kind changed something.
    pub(crate) async fn writes(&self, path: &str) -> usize {
        let is = |e: &&Value| {
            e["method"] == "POST" && e["path"].as_str().unwrap().ends_with(path) && e["status"] == 201
        };
        self.vendor.simulator().log().await.iter().filter(is).count()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) async fn an_issue(client: &Client) -> Value {
    let found = client.ok("search_issues", json!({"project": "OPS", "limit": 1})).await;
    found["items"][0]["id"].clone()
}

#[tokio::test]
async fn what_a_person_approved_is_done_once_and_the_answer_outlives_the_server() {
    let company = Company::new().await;
    let server = company.server().await;
    let client = server.client();
    let mut call = json!({"issue": an_issue(&client).await, "text": "We are on it.", "visibility": "public"});
    let shown = client.ok("comment_on_issue", call.clone()).await;
    assert_eq!(shown["status"], "pending_approval", "{shown}");
    assert_eq!(shown["change"]["fields"][0]["after"], "We are on it.");
    call["plan"] = shown["plan"].clone();
    assert_eq!(client.refused("comment_on_issue", call.clone()).await["code"], "approval_required");
    let mut paraphrased = call.clone();
    paraphrased["text"] = "We are not.".into();
    let refused = client.refused("comment_on_issue", paraphrased).await;
    assert_eq!(
        (&refused["code"], &refused["preview"]["status"]),
        (&json!("plan_mismatch"), &json!("pending_approval"))
    );
    assert_eq!(company.writes("/comment").await, 0);

    let waiting = company.command(&["approvals", "list", "--json"]).await;
    let request = waiting.iter().find(|r| r["arguments"]["text"] == "We are on it.").unwrap();
    let id = request["id"].as_str().unwrap();
    let decided = company.command(&["approvals", "approve", id, "--as", "carol", "--json"]).await;
    assert_eq!((&decided[0]["standing"], &decided[0]["approver"]), (&json!("approved"), &json!("carol")));
    assert_eq!(client.ok("comment_on_issue", call.clone()).await["status"], "committed");
    server.signal("KILL").await;

    let next = company.server().await;
    assert_eq!(next.client().ok("comment_on_issue", call).await["status"], "replayed");
    assert_eq!(company.writes("/comment").await, 1);
    let agreed = company.command(&["audit", "query", "--tool", "comment_on_issue"]).await;
    let by: Vec<_> =
        agreed.iter().filter(|r| r["consent"]["source"] == "person").map(|r| &r["consent"]["by"]).collect();
    assert_eq!(by, ["carol", "carol"], "intent and outcome");
}

#[tokio::test]
async fn an_operator_finds_out_what_became_of_a_write() {
    let company = Company::new().await;
    let server = company.server().await;
    let client = server.client();
    an_issue(&client).await;
    let log = company.vendor.simulator().log().await;
    let search = log.iter().map(|e| e["path"].as_str().unwrap()).find(|p| p.contains("/search/jql")).unwrap();
    let create = format!("{}/issue", search.split("/search/jql").next().unwrap());
    company.vendor.simulator().fault_on("POST", &create, json!({"kind": "apply_then_reset"}), 1).await;
    let new = json!({"project": "OPS", "title": "Filed, and nobody heard", "type": "Task"});
    let unknown = client.refused("create_issue", new.clone()).await;
    server.signal("KILL").await;

    let pending = company.command(&["operations", "pending", "--json"]).await;
    assert_eq!((pending.len(), &pending[0]["id"]), (1, &unknown["operation"]));
    assert_eq!(pending[0]["arguments"]["title"], "Filed, and nobody heard");
    let id = unknown["operation"].as_str().unwrap();
    let found = company.command(&["operations", "reconcile", id]).await;
    assert_eq!(found[0]["record"]["title"], "Filed, and nobody heard", "{found:?}");
    assert!(company.command(&["operations", "pending", "--json"]).await.is_empty());
    assert_eq!(company.command(&["operations", "show", id, "--json"]).await[0]["state"], "done");

    let next = company.server().await;
    let again = next.client().ok("create_issue", new).await;
    assert_eq!((&again["status"], &again["record"]["id"]), (&json!("replayed"), &found[0]["record"]["id"]));
    assert_eq!(company.writes("/issue").await, 1);
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_ends_the_start_with_the_cure() {
    let company = Company::new().await;
    std::fs::write(company.folder.path().join("store.db"), "no database ".repeat(1000)).unwrap();
    for command in ["check", "serve"] {
        let output = run("issues", &[command, "--config", company.config().to_str().unwrap()]).await;
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("[store] url") && said.contains("store.db"), "{said}");
        assert!(said.contains("chmod 600") || said.contains("move it away"), "{said}");
    }
}
