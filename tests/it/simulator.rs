//! The control plane of a vendor simulator.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A simulator, seen from its control plane.
pub struct Simulator {
    control: String,
    http: reqwest::Client,
}

impl Simulator {
    pub fn at(control: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { control: control.trim_end_matches('/').to_owned(), http }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request =
            self.http.post(format!("{}/{path}", self.control)).header("content-type", "application/json");
        let reply = request.body(body.to_string()).send().await.unwrap();
        assert!(reply.status().is_success(), "{path}: {}", reply.text().await.unwrap());
        serde_json::from_str(&reply.text().await.unwrap()).unwrap_or(Value::Null)
    }

    /// Breaks requests whose path begins with `path`; `times` of them, or all.
    pub async fn fault(&self, path: &str, fault: Value, times: Option<u32>) {
        let mut rule = json!({"match": {"path_prefix": path}, "fault": fault});
        if let Some(times) = times {
            rule["times"] = times.into();
        }
        self.post("faults", rule).await;
    }

    /// Breaks requests of one method.
    pub async fn fault_on(&self, method: &str, path: &str, fault: Value, times: u32) {
        let rule = json!({"match": {"method": method, "path_prefix": path}, "fault": fault, "times": times});
        self.post("faults", rule).await;
    }

    /// Ends all faults.
    pub async fn heal(&self) {
        let reply = self.http.delete(format!("{}/faults", self.control)).send().await.unwrap();
        assert!(reply.status().is_success());
    }

    /// Moves its clock.
    pub async fn advance(&self, seconds: u64) {
        self.post("clock", json!({"advance_seconds": seconds})).await;
    }

    /// Everything it was asked and answered.
    pub async fn log(&self) -> Vec<Value> {
        self.log_since(0).await
    }

    /// The same after entry number `n`; the simulator keeps only the newest thousands.
    pub async fn log_since(&self, n: u64) -> Vec<Value> {
        let text = self
            .http
            .get(format!("{}/log?since={n}", self.control))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let log: Value = serde_json::from_str(&text).unwrap();
        log.as_array().or(log["entries"].as_array()).expect("a log").clone()
    }
}

/// A vendor that outlives the servers: `chancery-<domain> sandbox VENDOR`. Ends when dropped.
pub struct Vendor {
    _process: Child,
    /// What it printed: `base_url`, `token_url`, `credentials`, `access_token`.
    pub told: Value,
}

impl Vendor {
    pub async fn start(domain: &str, vendor: &str) -> Self {
        let mut process = Command::new(crate::binary(domain))
            .args(["sandbox", vendor, "--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).await.unwrap();
        // Kept flowing, so that the process never waits for a reader.
        tokio::spawn(async move {
            let mut rest = String::new();
            while said.read_line(&mut rest).await.is_ok_and(|n| n > 0) {
                rest.clear();
            }
        });
        let told = serde_json::from_str(&line).unwrap_or_else(|_| panic!("first line: {line}"));
        Self { _process: process, told }
    }

    /// One of the things it printed.
    pub fn told(&self, name: &str) -> &str {
        self.told[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.told))
    }

    /// Its control plane.
    pub fn simulator(&self) -> Simulator {
        Simulator::at(self.told("control_url"))
    }
}
