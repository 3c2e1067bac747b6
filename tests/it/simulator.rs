//! The control plane of a vendor simulator.

use serde_json::{Value, json};

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
        let request = self.http.post(format!("{}/{path}", self.control)).header("content-type", "application/json");
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
        let text = self.http.get(format!("{}/log", self.control)).send().await.unwrap().text().await.unwrap();
        let log: Value = serde_json::from_str(&text).unwrap();
        log.as_array().or(log["entries"].as_array()).expect("a log").clone()
    }
}
