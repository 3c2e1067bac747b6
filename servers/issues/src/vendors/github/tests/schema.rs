//! Everything said on the wire, judged by the vendor's own schema.

use std::collections::{BTreeMap, BTreeSet};

use call::Cx;
use sandbox::Entry;
use serde_json::{Value, json};
use tool::Fetch;

use super::{Lab, by_hand, writing};
use crate::model::{Priority, Visibility};
use crate::tracker::{Edit, NewIssue, Query, Release, Surroundings};

/// Operations that the published excerpt of the schema lacks, and where GitHub documents them.
const ELSEWHERE: [(&str, &str); 8] = [
    (
        "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
        "rest/checks/runs#list-check-runs-for-a-git-reference",
    ),
    ("GET /repos/{owner}/{repo}/deployments", "rest/deployments/deployments#list-deployments"),
    (
        "GET /repos/{owner}/{repo}/deployments/{id}/statuses",
        "rest/deployments/statuses#list-deployment-statuses",
    ),
    ("POST /repos/{owner}/{repo}/issues/{number}/dependencies/blocked_by", "rest/issues/issue-dependencies"),
    ("GET /repos/{owner}/{repo}/issues/{number}/dependencies/{side}", "rest/issues/issue-dependencies"),
    (
        "GET /repos/{owner}/{repo}/contents/.github/ISSUE_TEMPLATE",
        "rest/repos/contents#get-repository-content",
    ),
    (
        "GET /repos/{owner}/{repo}/contents/.github/ISSUE_TEMPLATE/{file}",
        "rest/repos/contents#get-repository-content",
    ),
    ("GET /users/{login}", "rest/users/users#get-a-user"),
];

/// The vendor's schema by operation.
struct Spec {
    whole: Value,
}

impl Spec {
    /// The excerpt in the folder that `CHANCERY_VENDOR_SPECS` names.
    fn read() -> Option<Self> {
        let folder = std::env::var_os("CHANCERY_VENDOR_SPECS")?;
        let path = std::path::Path::new(&folder).join("github-rest-issues.jsonschema.json");
        Some(Self { whole: serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() })
    }

    /// The operation of a request: the one whose path has the most literal segments in common.
    fn operation(&self, entry: &Entry) -> Option<(&str, &Value)> {
        let all = self.whole["operations"].as_object().unwrap();
        let found = all.iter().filter(|(name, _)| fits(name, entry));
        found.max_by_key(|(name, _)| literals(name)).map(|(name, operation)| (name.as_str(), operation))
    }

    fn check(&self, what: &str, schema: &Value, text: &str) {
        let faults = self.faults(schema, text);
        assert!(faults.is_empty(), "{what}\n{}\n{text}", faults.join("\n"));
    }

    fn faults(&self, schema: &Value, text: &str) -> Vec<String> {
        let mut schema =
            json!({ "$schema": self.whole["$schema"], "$defs": self.whole["$defs"], "allOf": [schema] });
        if self.whole["$schema"].is_null() {
            schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        }
        let validator = jsonschema::validator_for(&schema).unwrap();
        let body: Value = serde_json::from_str(text).unwrap();
        validator.iter_errors(&body).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
    }

    fn judge(&self, operation: &Value, name: &str, entry: &Entry) {
        let known = operation["query"].as_object().unwrap();
        for (parameter, _) in &entry.query {
            assert!(known.contains_key(parameter), "{name} has no parameter {parameter}");
        }
        let status = entry.status.unwrap();
        let basic = json!({ "$ref": "#/$defs/basic-error" });
        let schema = match operation["responses"].get(status.to_string()) {
            Some(schema) => schema,
            // GitHub lists its refusals incompletely; their shape is one.
            None if status >= 400 => &basic,
            None => panic!("{name} does not answer {status}"),
        };
        // A status without a body has no schema; a token's answer is not in the log as it was.
        if !schema.is_null() && !entry.path.ends_with("/access_tokens") {
            self.check(&format!("{name} answers {status}"), schema, &entry.response_body);
        }
        if let Some(schema) =
            operation.get("request").filter(|_| !entry.request_body.is_empty() && !is_by_hand(entry))
        {
            self.check(&format!("{name} is asked"), &schema["schema"], &entry.request_body);
        }
    }
}

/// Requests by hand may be wrong on purpose; the client's never are.
fn is_by_hand(entry: &Entry) -> bool {
    entry.request_headers.get("user-agent").is_some_and(|agent| agent == by_hand::AGENT)
}

fn fits(name: &str, entry: &Entry) -> bool {
    let Some((method, template)) = name.split_once(' ') else { return false };
    let (template, path): (Vec<&str>, Vec<&str>) =
        (template.split('/').collect(), entry.path.split('/').collect());
    let same = |(wanted, segment): (&&str, &&str)| wanted == segment || wanted.starts_with('{');
    method == entry.method && template.len() == path.len() && template.iter().zip(&path).all(same)
}

fn literals(name: &str) -> usize {
    name.split('/').filter(|segment| !segment.starts_with('{')).count()
}

#[tokio::test]
async fn every_request_and_answer_is_what_the_vendor_published() {
    let Some(spec) = Spec::read() else { return };
    let issue =
        &spec.whole["operations"]["GET /repos/{owner}/{repo}/issues/{issue_number}"]["responses"]["200"];
    assert!(!spec.faults(issue, "{\"number\": \"7\"}").is_empty(), "the schema refuses what is no issue");
    let lab = Lab::start().await;
    everything(&lab).await;
    by_hand::everything_else(&lab).await;
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut elsewhere = BTreeSet::new();
    for entry in lab.running.control.log(0) {
        match spec.operation(&entry) {
            Some((name, operation)) => {
                spec.judge(operation, name, &entry);
                *seen.entry(name.to_owned()).or_default() += 1;
            }
            None => {
                let known = ELSEWHERE.iter().find(|(name, _)| fits(name, &entry));
                let (name, _) =
                    known.unwrap_or_else(|| panic!("{} {} is in no list", entry.method, entry.path));
                elsewhere.insert(*name);
            }
        }
    }
    assert!(seen.len() >= 24, "{seen:?}");
    assert_eq!(elsewhere.len(), ELSEWHERE.len(), "a line that nothing needs: {elsewhere:?}");
}

/// Every operation of the port at least once, refusals included.
async fn everything(lab: &Lab) {
    let (cx, port) = (Cx::for_test(), &lab.tracker);
    let page = || Fetch { token: None, limit: 20 };
    let all = Surroundings { comments: 10, history: 50, links: true, development: true };
    port.projects(&cx).await.unwrap();
    port.people(&cx, "Mei Tanaka 田中").await.unwrap();
    for query in [
        Query { labels: vec!["bug".into()], assignee: Some("anaruiz".into()), ..Query::default() },
        Query {
            text: Some("frame".into()),
            updated_after: Some(jiff::Timestamp::UNIX_EPOCH),
            ..Query::default()
        },
        Query { due_before: Some(jiff::civil::date(2090, 1, 1)), ..Query::default() },
    ] {
        port.search(&cx, &query, page()).await.unwrap();
    }
    by_hand::depend(lab, "/repos/halden/web/issues/11", "/repos/halden/sdk/issues/5").await;
    for id in ["halden/web#7", "halden/web#11", "halden/web#14", "halden/sdk#5"] {
        port.get(&cx, id, all).await.unwrap();
    }
    port.get(&cx, "halden/web#99999", Surroundings::NONE).await.unwrap_err();
    port.iteration(&cx, "halden/web", None).await.unwrap();
    let release = Release { project: None, name: Some("4.2".into()), severity: Some(Priority::High) };
    port.blockers(&cx, &release, page()).await.unwrap();
    port.blockers(&cx, &Release { name: None, ..release }, page()).await.unwrap();
    port.mentions(&cx, "PAY-12").await.unwrap();
    let (cx, mark) = writing("schema");
    let new = NewIssue {
        project: "halden/web".into(),
        title: "Everything".into(),
        kind: Some("Bug".into()),
        labels: vec!["new-label".into()],
        assignee: Some("meitanaka".into()),
        template: Some("bug_report.md".into()),
        fields: serde_json::Map::from_iter([("milestone".to_owned(), json!("4.2"))]),
        ..NewIssue::default()
    };
    let filed = port.create(&cx, &new, &mark).await.unwrap();
    port.create(&cx, &NewIssue { assignee: Some("nobody".into()), template: None, ..new }, &mark)
        .await
        .unwrap_err();
    port.find_marked(&cx, "halden/web", &mark).await.unwrap().unwrap();
    let edit = Edit {
        title: Some("All".into()),
        assignee: Some(None),
        remove_labels: vec!["new-label".into()],
        ..Edit::default()
    };
    port.update(&cx, filed.id.native(), &edit, None).await.unwrap();
    for to in ["closed as not planned", "open", "in progress"] {
        let steps = port.transitions(&cx, filed.id.native()).await.unwrap();
        let step = steps.iter().find(|step| step.to == to).unwrap();
        port.transition(&cx, filed.id.native(), step).await.unwrap();
    }
    port.comment(&cx, filed.id.native(), "Done", Visibility::Public, &mark).await.unwrap();
    port.find_marked_comment(&cx, filed.id.native(), &mark).await.unwrap().unwrap();
    port.get(&cx, filed.id.native(), all).await.unwrap();
}
