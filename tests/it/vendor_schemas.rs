//! What we say to vendors and what our simulators answer, held against the vendors' own schemas, both directions.
//! `CHANCERY_VENDOR_SPECS` names the folder with `<vendor>.jsonschema.json`; without it there is nothing to hold
//! against and the test says so. CI always sets it.

mod elsewhere;

use std::collections::BTreeSet;
use std::path::PathBuf;

use it::{Server, Spawn};
use serde_json::{Value, json};

use elsewhere::ELSEWHERE;

/// The schema files, and how a vendor refuses where its file names no refusal.
const FILES: &[(&str, &str)] =
    &[("github", "github-rest-issues"), ("jira", "jira-cloud-v3"), ("notion", "notion-2025-09-03")];

fn specs() -> Option<PathBuf> {
    let folder = std::env::var_os("CHANCERY_VENDOR_SPECS").map(PathBuf::from);
    assert!(folder.is_some() || std::env::var_os("CI").is_none(), "CI must set CHANCERY_VENDOR_SPECS");
    folder
}

/// Everything the domain can do, once.
async fn exercise(server: &Server) {
    let client = server.client();
    for arguments in [
        json!({"text": "safari", "detail": "full"}),
        json!({"project": "PAY", "state": "doing", "priority": "high", "labels": ["reports"]}),
        json!({"project": "halden/web", "state": "todo"}),
        json!({"ids": ["PAY-12", "halden/web#7"]}),
        json!({"assignee": "me", "updated_after": "P30D", "where_empty": "labels", "limit": 5}),
    ] {
        client.ok("search_issues", arguments).await;
    }
    for issue in ["jira:PAY-12", "github:halden/web#7"] {
        client.ok("get_issue", json!({"issue": issue})).await;
        client.ok("get_delivery_links", json!({"issue": issue})).await;
    }
    client.ok("list_assigned_work", json!({})).await;
    client.ok("get_iteration_status", json!({"project": "PAY"})).await;
    client.ok("get_iteration_status", json!({"project": "halden/web", "iteration": "4.2"})).await;
    client.ok("list_release_blockers", json!({"release": "4.2"})).await;
    for project in ["OPS", "halden/web"] {
        let new = json!({"project": project, "title": "By the schema", "type": "Task", "labels": ["schema"],
            "description": "# Heading\n\n- one\n- `two`\n\n> quoted", "external_key": format!("schema/{project}")});
        let filed = client.ok("create_issue", new).await;
        let id = filed["record"]["id"].as_str().unwrap();
        let edit =
            json!({"issue": id, "title": "By the schema, twice", "assignee": "me", "add_labels": ["more"]});
        client.ok("update_issue_fields", edit).await;
        client.ok("comment_on_issue", json!({"issue": id, "text": "Noted.", "visibility": "public"})).await;
        let done = if project == "OPS" { "Done" } else { "closed" };
        if let Err(error) = client.call("transition_issue", json!({"issue": id, "to": done})).await {
            let allowed = error["allowed"].as_array().unwrap_or_else(|| panic!("{error}"));
            client.ok("transition_issue", json!({"issue": id, "to": allowed[0]})).await;
        }
    }
    client.refused("get_issue", json!({"issue": "PAY-99999"})).await;
    client.refused("get_issue", json!({"issue": "halden/web#99999"})).await;
    client.refused("create_issue", json!({"project": "PAY", "title": "x", "type": "Bug"})).await;
}

#[tokio::test]
async fn both_directions_conform() {
    let server = Spawn::sandbox("issues").start().await;
    exercise(&server).await;
    let mut problems = BTreeSet::new();
    for vendor in server.vendors() {
        problems.extend(problems_of(&server, &vendor).await);
    }
    assert!(problems.is_empty(), "{}", problems.into_iter().collect::<Vec<_>>().join("\n"));
}

/// What in the traffic between a server and a vendor does not fit the vendor's schemas. Vendors without a file have
/// every operation in the list.
#[allow(clippy::print_stdout, reason = "who runs the tests is told what was left out")]
pub(crate) async fn problems_of(server: &Server, vendor: &str) -> BTreeSet<String> {
    let Some(folder) = specs() else {
        println!("CHANCERY_VENDOR_SPECS is not set: vendor schemas were not checked");
        return BTreeSet::new();
    };
    let root = match FILES.iter().find(|(of, _)| *of == vendor) {
        Some((_, file)) => {
            let text = std::fs::read_to_string(folder.join(format!("{file}.jsonschema.json"))).unwrap();
            serde_json::from_str(&text).unwrap()
        }
        None => json!({"operations": {}, "$defs": {}}),
    };
    let spec = Spec { vendor, root };
    let log = server.simulator(vendor).log().await;
    let mut problems: BTreeSet<String> = log.iter().flat_map(|entry| spec.problems(entry)).collect();
    if log.len() <= 10 {
        problems.insert(format!("{vendor} was hardly asked"));
    }
    problems
}

struct Spec<'v> {
    vendor: &'v str,
    root: Value,
}

impl Spec<'_> {
    fn problems(&self, entry: &Value) -> Vec<String> {
        let (method, path) = (entry["method"].as_str().unwrap(), bare(entry["path"].as_str().unwrap()));
        let operations = self.root["operations"].as_object().unwrap();
        // The template with the fewest parameters is the one that is meant.
        let fitting = operations.iter().filter(|(name, _)| fits(name, method, &path));
        let Some((name, operation)) = fitting.min_by_key(|(name, _)| name.matches('{').count()) else {
            let own = ELSEWHERE.iter().filter(|(vendor, ..)| *vendor == self.vendor);
            let known = own.flat_map(|(.., operations)| *operations).any(|name| fits(name, method, &path));
            return if known {
                Vec::new()
            } else {
                vec![format!("{} {method} {path} is in no schema", self.vendor)]
            };
        };
        let mut problems = Vec::new();
        for pair in entry["query"].as_array().into_iter().flatten() {
            let key = pair[0].as_str().unwrap();
            if operation["query"].get(key).is_none() {
                problems.push(format!("{name}: query parameter {key} is unknown"));
            }
        }
        let request = &operation["request"]["schema"];
        if let (true, Ok(body)) = (request.is_object(), parse(&entry["request_body"])) {
            problems.extend(self.violations(&format!("{name} request"), request, &body));
        }
        let status = entry["status"].to_string();
        match operation["responses"].get(&status) {
            // Jira's file gives 204 an empty schema; the status itself says that there is no body.
            Some(_) if status == "204" => {
                if entry["response_body"].as_str().is_some_and(|b| !b.is_empty()) {
                    problems.push(format!("{name} 204: there is a body"));
                }
            }
            Some(schema) if schema.is_object() => match parse(&entry["response_body"]) {
                Ok(body) => problems.extend(self.violations(&format!("{name} {status}"), schema, &body)),
                Err(_) => problems.push(format!("{name} {status}: the body is no JSON")),
            },
            Some(_) => {}
            // Notion's file has the refusals of its newest operations only.
            None if self.vendor == "notion" && matches!(status.as_str(), "404" | "409") => {}
            // Any operation may refuse credentials or be limited.
            None if matches!(status.as_str(), "401" | "403" | "429" | "503") => {}
            None => problems.push(format!("{name}: status {status} is unknown")),
        }
        problems
    }

    fn violations(&self, what: &str, schema: &Value, body: &Value) -> Vec<String> {
        let whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$defs": self.root["$defs"],
            "allOf": [schema]
        });
        let validator = jsonschema::validator_for(&whole).unwrap();
        let tell =
            |e: jsonschema::ValidationError<'_>| format!("{what} at {}: {}", e.instance_path(), e.masked());
        validator.iter_errors(body).take(5).map(tell).collect()
    }
}

fn parse(body: &Value) -> Result<Value, serde_json::Error> {
    serde_json::from_str(body.as_str().unwrap_or_default())
}

/// The path below the site: `/ex/{product}/{cloudId}` is Atlassian's gateway.
fn bare(path: &str) -> String {
    match path.strip_prefix("/ex/").map(|rest| rest.splitn(3, '/').collect::<Vec<_>>()).as_deref() {
        Some([_, _, rest]) => format!("/{rest}"),
        _ => path.strip_prefix("/api/v3").unwrap_or(path).to_owned(),
    }
}

fn fits(name: &str, method: &str, path: &str) -> bool {
    let Some((verb, template)) = name.split_once(' ') else { return false };
    let (own, given): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    verb == method
        && own.len() == given.len()
        && own.iter().zip(&given).all(|(t, p)| t.starts_with('{') || t == p)
}
