//! Every exchange against Atlassian's own description, where `CHANCERY_VENDOR_SPECS` names its folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jsonschema::Validator;
use sandbox::{Entry, Simulator};
use serde_json::{Value, json};

/// Operations that the description leaves out, with the page that documents each. A new one fails until listed.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "GET /rest/api/3/issue/{}/remotelink",
        "developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-remote-links",
    ),
    (
        "GET /rest/api/3/project/{}/versions",
        "developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions",
    ),
    ("GET /rest/agile/1.0/board", "developer.atlassian.com/cloud/jira/software/rest/api-group-board"),
    (
        "GET /rest/agile/1.0/board/{}/sprint",
        "developer.atlassian.com/cloud/jira/software/rest/api-group-board",
    ),
    (
        "GET /rest/agile/1.0/sprint/{}/issue",
        "developer.atlassian.com/cloud/jira/software/rest/api-group-sprint",
    ),
    (
        "GET /rest/api/2/serverInfo",
        "developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-server-info",
    ),
    (
        "GET /_edge/tenant_info",
        "developer.atlassian.com/cloud/jira/platform/apis/authentication (cloud id of a site)",
    ),
    (
        "POST /oauth/token",
        "developer.atlassian.com/cloud/oauth/getting-started (client credentials of service accounts)",
    ),
];

/// What the judge found.
pub(super) struct Judged {
    /// Broken promises, in words.
    pub(super) faults: Vec<String>,
    /// Exchanges held against a schema.
    pub(super) checked: usize,
}

/// Judges everything the simulator logged. Without the folder only the list is checked.
pub(super) fn judge(simulator: &Simulator) -> Judged {
    let mut judge = Judge { spec: spec(), validators: BTreeMap::new(), faults: BTreeSet::new(), checked: 0 };
    for entry in simulator.control().log(0) {
        judge.entry(&entry);
    }
    Judged { faults: judge.faults.into_iter().collect(), checked: judge.checked }
}

fn spec() -> Option<Value> {
    let folder = PathBuf::from(std::env::var_os("CHANCERY_VENDOR_SPECS")?);
    let text = std::fs::read(folder.join("jira-cloud-v3.jsonschema.json"))
        .expect("the folder holds Jira's description");
    Some(serde_json::from_slice(&text).expect("the description is JSON"))
}

struct Judge {
    spec: Option<Value>,
    validators: BTreeMap<String, Validator>,
    faults: BTreeSet<String>,
    checked: usize,
}

impl Judge {
    fn entry(&mut self, entry: &Entry) {
        let path =
            entry.path.split_once("/rest/").map_or(entry.path.clone(), |(_, rest)| format!("/rest/{rest}"));
        if entry.path.starts_with("/jira/") {
            // Data Center publishes no description, only docs.atlassian.com/software/jira/docs/api/REST.
            return;
        }
        let is_listed = ELSEWHERE.iter().any(|(known, _)| matches(known, &entry.method, &path));
        let Some(spec) = &self.spec else { return };
        let operations = spec["operations"].as_object().expect("operations");
        // `/search/jql` fits `{issueIdOrKey}` nowhere, but literal segments go first all the same.
        let found =
            operations.keys().filter(|name| matches(name, &entry.method, &path)).max_by_key(|n| literals(n));
        let Some(name) = found.cloned() else {
            if !is_listed {
                self.faults.insert(format!("{} {path} is in no description and on no list", entry.method));
            }
            return;
        };
        self.checked += 1;
        let operation = operations[&name].clone();
        self.query(&name, &operation, entry);
        if !entry.request_body.is_empty() {
            self.body(&format!("{name} request"), &operation["request"]["schema"], &entry.request_body);
        }
        let Some(status) = entry.status.map(|s| s.to_string()) else { return };
        match operation["responses"].get(&status) {
            // Limits and failures of the gateway stand in no operation.
            None if matches!(status.as_str(), "401" | "429" | "503") => {}
            None => drop(self.faults.insert(format!("{name} never answers {status}"))),
            Some(Value::Null) => {}
            Some(schema) if status != "204" => {
                self.body(&format!("{name} {status}"), schema, &entry.response_body)
            }
            Some(_) => {}
        }
    }

    fn query(&mut self, name: &str, operation: &Value, entry: &Entry) {
        let known = operation["query"].as_object().expect("query");
        for (parameter, _) in &entry.query {
            if !known.contains_key(parameter) {
                self.faults.insert(format!("{name} knows no query parameter `{parameter}`"));
            }
        }
    }

    fn body(&mut self, name: &str, schema: &Value, body: &str) {
        let Ok(value) = serde_json::from_str::<Value>(body) else {
            self.faults.insert(format!("{name}: no JSON: {body}"));
            return;
        };
        let spec = self.spec.as_ref().expect("a description");
        let validator = self.validators.entry(name.to_owned()).or_insert_with(|| {
            let whole = json!({ "$schema": spec["$schema"], "$defs": spec["$defs"], "allOf": [schema] });
            jsonschema::validator_for(&whole).expect("a schema")
        });
        for fault in validator.iter_errors(&value) {
            self.faults.insert(format!("{name}: {} at {}", fault, fault.instance_path()));
        }
    }
}

/// Whether a request is this operation: `GET /rest/api/3/issue/{key}`.
fn matches(operation: &str, method: &str, path: &str) -> bool {
    let Some((verb, template)) = operation.split_once(' ') else { return false };
    let (asked, known): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), template.split('/').collect());
    verb == method
        && asked.len() == known.len()
        && asked.iter().zip(&known).all(|(asked, known)| known.starts_with('{') || asked == known)
}

fn literals(operation: &str) -> usize {
    operation.split('/').filter(|segment| !segment.starts_with('{')).count()
}
