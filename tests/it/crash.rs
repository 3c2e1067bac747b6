//! kill -9 in the middle of writes: the log verifies, no effect lacks an intent, no answered write lacks an outcome.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use it::{Spawn, Vendor, run};
use serde_json::{Value, json};
use tokio::sync::Notify;

/// Cycles of start, write, kill.
const CYCLES: u32 = 100;

#[tokio::test]
async fn nothing_is_lost_when_the_process_is_killed() {
    let audit = tempfile::TempDir::new().unwrap();
    let vendor = Vendor::start("issues", "jira").await;
    let (config, control) = (config(&vendor), vendor.simulator());
    let (answered, answer) = (Arc::new(Mutex::new(HashSet::new())), Arc::new(Notify::new()));
    let (mut effects, mut seen) = (Vec::new(), 0);
    for cycle in 0..CYCLES {
        let server = Spawn::serve("issues")
            .config(&config)
            .variable("JIRA_TOKEN", vendor.told("access_token"))
            .audit(audit.path())
            .start()
            .await;
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (client, answered, answer) = (server.client(), answered.clone(), answer.clone());
                tokio::spawn(async move {
                    for n in 0.. {
                        let key = format!("{cycle}-{writer}-{n}");
                        let new = json!({"name": "create_issue", "arguments": {
                            "project": "OPS", "title": key, "type": "Task", "idempotency_key": key
                        }});
                        match client.try_request("tools/call", &mut new.clone()).await {
                            Ok(reply) if reply.message["result"]["isError"] != true => {
                                let id = &reply.message["result"]["structuredContent"]["record"]["id"];
                                answered.lock().unwrap().insert(id.as_str().unwrap().to_owned());
                                answer.notify_one();
                            }
                            Ok(_) => {}
                            Err(_) => return,
                        }
                    }
                })
            })
            .collect();
        // Early and late in the life of a process, by turns: after so many answers, and then somewhere in a write.
        let enough = answered.lock().unwrap().len() + cycle as usize % 4;
        while answered.lock().unwrap().len() < enough {
            answer.notified().await;
        }
        tokio::time::sleep(Duration::from_millis(u64::from(cycle * 7 % 40))).await;
        server.signal("KILL").await;
        server.ended().await;
        for writer in writers {
            writer.await.unwrap();
        }
        for entry in control.log_since(seen).await {
            seen = entry["n"].as_u64().unwrap();
            let created = entry["path"].as_str().unwrap().ends_with("/issue") && entry["status"] == 201;
            if created && entry["method"] == "POST" {
                effects.push(entry["request_body"].as_str().unwrap().to_owned());
            }
        }
    }
    let verified = run("issues", &["audit", "verify", "--dir", audit.path().to_str().unwrap()]).await;
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    let records = records(audit.path());
    let of = |phase: &str| -> HashMap<String, &Value> {
        let own = records.iter().filter(|r| r["phase"] == phase && r["tool"] == "create_issue");
        own.map(|r| (r["op"]["id"].as_str().unwrap().to_owned(), r)).collect()
    };
    let (intents, outcomes) = (of("intent"), of("outcome"));
    let answered = answered.lock().unwrap().clone();
    assert!(answered.len() > CYCLES as usize, "{} writes were answered", answered.len());
    let recorded: HashSet<&str> = outcomes
        .values()
        .filter_map(|r| r["target"]["record_id"].as_str().or(r["target"]["id"].as_str()))
        .collect();
    for id in answered.iter() {
        let native = id.split_once(':').unwrap().1;
        assert!(
            recorded.contains(native) || recorded.contains(id.as_str()),
            "{id} was answered without an outcome"
        );
    }
    assert!(effects.len() >= answered.len(), "{} effects, {} answers", effects.len(), answered.len());
    for body in effects {
        assert!(intents.keys().any(|op| body.contains(op.as_str())), "an effect without an intent: {body}");
    }
}

/// A source at the vendor, with the access token it printed.
fn config(vendor: &Vendor) -> String {
    format!(
        "[source.jira]\nvendor = \"jira\"\nbase_url = \"{}\"\nprojects = [\"OPS\"]\n\
         auth = {{ grant = \"bearer\", token = \"env:JIRA_TOKEN\" }}\n",
        vendor.told("base_url")
    )
}

fn records(folder: &Path) -> Vec<Value> {
    let mut records = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            records.extend(self::records(&entry));
        } else if entry.extension().is_some_and(|e| e == "jsonl") {
            let text = String::from_utf8_lossy(&std::fs::read(&entry).unwrap()).into_owned();
            records.extend(text.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok()));
        }
    }
    records
}
