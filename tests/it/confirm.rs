//! Writes that the person at the client confirms: in answers over HTTP, and by requests of the server on stdio.

use std::process::Stdio;

use it::{Client, Reply, command, outcome};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::gate::{Company, an_issue};

async fn comment(client: &Client, text: &str) -> Value {
    json!({"issue": an_issue(client).await, "text": text, "visibility": "public"})
}

async fn call(client: &Client, arguments: &Value, more: Value) -> Reply {
    let mut params = json!({"name": "comment_on_issue", "arguments": arguments});
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.request("tools/call", params).await
}

fn said(action: &str, state: &Value) -> Value {
    json!({"inputResponses": {"consent": {"action": action, "content": {}}}, "requestState": state})
}

/// The state of an answer that asks.
fn state(reply: &Reply) -> Value {
    let result = &reply.message["result"];
    assert_eq!(result["resultType"], "input_required", "{}", reply.message);
    let asked = &result["inputRequests"]["consent"];
    assert_eq!((&asked["method"], &asked["params"]["mode"]), (&json!("elicitation/create"), &json!("form")));
    assert_eq!(asked["params"]["requestedSchema"]["type"], "object");
    assert!(asked["params"]["message"].as_str().unwrap().contains("We are on it."), "{asked}");
    result["requestState"].clone()
}

#[tokio::test]
async fn a_person_confirms_in_a_modern_client_and_only_that_is_done_and_once() {
    let company = Company::new().await;
    let server = company.server().await;
    // What an agent has read would make it an approval: who finds the issue works on something else.
    let client = server.client().asking().in_workflow("answering");
    let blind = server.client().in_workflow("answering, too");
    let arguments = comment(&server.client().in_workflow("looking"), "We are on it.").await;
    let asked = state(&call(&client, &arguments, json!({})).await);
    assert_eq!(company.writes("/comment").await, 0);

    for action in ["decline", "cancel"] {
        let refused = outcome(&call(&client, &arguments, said(action, &asked)).await.message).unwrap_err();
        assert_eq!(refused["code"], "approval_denied", "{refused}");
    }
    let mut altered = asked.as_str().unwrap().to_owned();
    let other = if &altered[40..41] == "A" { "B" } else { "A" };
    altered.replace_range(40..41, other);
    let mut paraphrased = arguments.clone();
    paraphrased["text"] = "We are not.".into();
    for (arguments, state) in
        [(&arguments, json!(altered)), (&arguments, json!("nonsense")), (&paraphrased, asked.clone())]
    {
        let refused = outcome(&call(&client, arguments, said("accept", &state)).await.message).unwrap_err();
        assert_eq!(refused["code"], "plan_mismatch", "{refused}");
    }
    assert_eq!(company.writes("/comment").await, 0);

    for status in ["committed", "replayed"] {
        let done = outcome(&call(&client, &arguments, said("accept", &asked)).await.message).unwrap();
        assert_eq!(done["status"], status, "{done}");
        assert!(done["undo"].is_object(), "{done}");
    }
    assert_eq!(company.writes("/comment").await, 1);
    let records = company.command(&["audit", "query", "--tool", "comment_on_issue"]).await;
    assert_eq!(
        records.iter().filter(|r| r["consent"]["source"] == "client").count(),
        2,
        "intent and outcome"
    );
    let declined = |r: &&Value| r["result"]["error_code"] == "approval_denied";
    assert_eq!(records.iter().filter(declined).count(), 2);

    // A client that cannot ask its person is no way around one.
    let shown = outcome(&call(&blind, &arguments, json!({})).await.message).unwrap();
    assert_eq!(shown["status"], "pending_approval", "{shown}");
}

/// A host on stdio, of the revision in which servers send requests.
struct Host {
    _child: Child,
    to: ChildStdin,
    from: Lines<BufReader<ChildStdout>>,
    /// What the person answers.
    action: &'static str,
    questions: Vec<String>,
}

impl Host {
    async fn start(company: &Company, capabilities: Value) -> Self {
        let mut child = command("issues", company.folder.path())
            .args(["stdio", "--config", company.config().to_str().unwrap()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()).lines());
        let mut host = Self { _child: child, to, from, action: "accept", questions: Vec::new() };
        let hello = json!({
            "protocolVersion": "2025-11-25", "capabilities": capabilities,
            "clientInfo": {"name": "it", "version": "1"},
        });
        host.request("initialize", hello).await;
        host.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        host
    }

    async fn send(&mut self, message: Value) {
        self.to.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    /// Sends a request and answers those of the server until its reply is there.
    async fn request(&mut self, method: &str, params: Value) -> Value {
        self.send(json!({"jsonrpc": "2.0", "id": "ours", "method": method, "params": params})).await;
        loop {
            let line = self.from.next_line().await.unwrap().expect("the server left");
            let message: Value = serde_json::from_str(&line).unwrap();
            if message["method"] == "elicitation/create" {
                self.questions.push(message["params"]["message"].as_str().unwrap().to_owned());
                let result = json!({"action": self.action, "content": {}});
                self.send(json!({"jsonrpc": "2.0", "id": message["id"], "result": result})).await;
            } else if message["id"] == "ours" {
                return message;
            }
        }
    }

    async fn call(&mut self, tool: &str, arguments: Value) -> Result<Value, Value> {
        outcome(&self.request("tools/call", json!({"name": tool, "arguments": arguments})).await)
    }
}

#[tokio::test]
async fn a_person_confirms_on_stdio_while_the_call_waits() {
    let company = Company::new().await;
    let mut host = Host::start(&company, json!({"elicitation": {}})).await;
    // Nothing is read before: what an agent has read would make it an approval.
    let arguments = |text: &str| json!({"issue": "OPS-3", "text": text, "visibility": "public"});
    host.action = "decline";
    let refused = host.call("comment_on_issue", arguments("Not this.")).await.unwrap_err();
    assert_eq!((&refused["code"], company.writes("/comment").await), (&json!("approval_denied"), 0));
    host.action = "accept";
    let done = host.call("comment_on_issue", arguments("We are on it.")).await.unwrap();
    assert_eq!((&done["status"], company.writes("/comment").await), (&json!("committed"), 1));
    assert!(host.questions.len() == 2 && host.questions[1].contains("We are on it."), "{:?}", host.questions);

    let mut blind = Host::start(&company, json!({})).await;
    let shown = blind.call("comment_on_issue", arguments("Again.")).await.unwrap();
    assert_eq!((&shown["status"], blind.questions.len()), (&json!("pending_approval"), 0));
}
