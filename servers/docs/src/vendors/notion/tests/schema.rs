//! Everything said on the wire, judged by the vendor's own schema.

use std::collections::{BTreeMap, BTreeSet};

use call::Cx;
use sandbox::Entry;
use serde_json::{Value, json};

use super::{Lab, TITLE, by_hand, first, writing};
use crate::library::{Changes, Criterion, NewDocument, Query, Review};
use crate::markdown::{Edit, Outline};
use crate::model::{Kind, Status};

/// The vendor's schema by operation.
struct Spec {
    whole: Value,
}

impl Spec {
    /// The file in the folder that `CHANCERY_VENDOR_SPECS` names.
    fn read() -> Option<Self> {
        let folder = std::env::var_os("CHANCERY_VENDOR_SPECS")?;
        let path = std::path::Path::new(&folder).join("notion-2025-09-03.jsonschema.json");
        Some(Self { whole: serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() })
    }

    /// The operation of a request: the one whose path has the most literal segments in common.
    fn operation(&self, entry: &Entry) -> (&str, &Value) {
        let all = self.whole["operations"].as_object().unwrap();
        let found = all.iter().filter(|(name, _)| fits(name, entry));
        let literals = |name: &str| name.split('/').filter(|segment| !segment.starts_with('{')).count();
        let best = found.max_by_key(|(name, _)| literals(name));
        let (name, operation) =
            best.unwrap_or_else(|| panic!("{} {} is in no list", entry.method, entry.path));
        (name, operation)
    }

    fn faults(&self, schema: &Value, text: &str) -> Vec<String> {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": self.whole["$defs"], "allOf": [schema],
        });
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let body: Value = serde_json::from_str(text).unwrap();
        validator.iter_errors(&body).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
    }

    fn check(&self, what: &str, schema: &Value, text: &str) {
        let faults = self.faults(schema, text);
        assert!(faults.is_empty(), "{what}\n{}\n{text}", faults.join("\n"));
    }

    fn judge(&self, operation: &Value, name: &str, entry: &Entry) {
        let known = operation["query"].as_object().unwrap();
        for (parameter, _) in &entry.query {
            assert!(known.contains_key(parameter), "{name} has no parameter {parameter}");
        }
        let status = entry.status.unwrap();
        // Notion lists its refusals incompletely; their shape is one.
        let schema = operation["responses"].get(status.to_string()).unwrap_or(&operation["responses"]["400"]);
        if !schema.is_null() {
            self.check(&format!("{name} answers {status}"), schema, &entry.response_body);
        }
        let by_hand = entry.request_headers.get("user-agent").is_some_and(|agent| agent == by_hand::AGENT);
        if let Some(schema) = operation.get("request").filter(|_| !entry.request_body.is_empty() && !by_hand)
        {
            self.check(&format!("{name} is asked"), &schema["schema"], &entry.request_body);
        }
    }
}

fn fits(name: &str, entry: &Entry) -> bool {
    let Some((method, template)) = name.split_once(' ') else { return false };
    let (template, path): (Vec<&str>, Vec<&str>) =
        (template.split('/').collect(), entry.path.split('/').collect());
    let same = |(wanted, segment): (&&str, &&str)| wanted == segment || wanted.starts_with('{');
    method == entry.method && template.len() == path.len() && template.iter().zip(&path).all(same)
}

#[tokio::test]
async fn every_request_and_answer_is_what_the_vendor_published() {
    let Some(spec) = Spec::read() else { return };
    let request = &spec.whole["operations"]["POST /v1/comments"]["request"]["schema"];
    assert!(!spec.faults(request, "{\"parent\": {}}").is_empty(), "the schema refuses what is no comment");
    let lab = Lab::start().await;
    everything(&lab).await;
    by_hand::everything_else(&lab).await;
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for entry in lab.running.control.log(0) {
        let (name, operation) = spec.operation(&entry);
        spec.judge(operation, name, &entry);
        *seen.entry(name.to_owned()).or_default() += 1;
    }
    let all: BTreeSet<&String> = spec.whole["operations"].as_object().unwrap().keys().collect();
    let unseen: Vec<_> = all.into_iter().filter(|name| !seen.contains_key(*name)).collect();
    assert_eq!(unseen, ["PATCH /v1/data_sources/{data_source_id}", "POST /v1/data_sources"], "not served");
}

/// Every operation of the port at least once, refusals included.
async fn everything(lab: &Lab) {
    let (cx, port) = (Cx::for_test(), &lab.library);
    let meetings = lab.space("Meetings").await;
    port.people(&cx, "Rafael Gonçalves").await.unwrap();
    let now = jiff::Timestamp::now();
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let owner = port.people(&cx, "Rafael Gonçalves").await.unwrap().remove(0).id;
    for query in [
        Query::default(),
        Query {
            text: Some("nordwind".into()),
            updated_after: Some(jiff::Timestamp::UNIX_EPOCH),
            ..Query::default()
        },
        Query {
            space: Some(meetings),
            owner: Some(owner),
            labels: vec!["internal".into()],
            updated_before: Some(now),
            ..Query::default()
        },
        Query { kind: Some(Kind::Policy), effective_on: Some(today), full: true, ..Query::default() },
        Query { status: Some(Status::Archived), ..Query::default() },
    ] {
        port.search(&cx, &query, first(3)).await.unwrap();
    }
    let any_of = vec![
        Criterion::NoOwner,
        Criterion::ReviewBefore(today),
        Criterion::DraftSince(now),
        Criterion::Lacks("x".into()),
    ];
    port.needing_review(&cx, &Review { any_of, ..Review::default() }, first(5)).await.unwrap();
    let changes = Changes { space: None, since: jiff::Timestamp::UNIX_EPOCH, until: None, revisions: 5 };
    port.changed(&cx, &changes, first(5)).await.unwrap();
    let page = lab.titled(TITLE).await.id;
    port.exposure(&cx, page.native()).await.unwrap();
    port.read(&cx, "00000000-0000-4000-8000-000000000000").await.unwrap_err();
    let (cx, mark) = writing("schema");
    let new = NewDocument {
        title: "Everything".into(),
        text: "a\n\n## b\nc".into(),
        labels: vec!["internal".into()],
        template: Some("minutes".into()),
        ..NewDocument::default()
    };
    port.find_marked(&cx, None, &mark).await.unwrap();
    let draft = port.create_draft(&cx, &new, &mark).await.unwrap().id;
    let read = port.read(&cx, draft.native()).await.unwrap();
    let edit = Edit::new(&Outline::of(&read.text), "b", "d").unwrap();
    port.replace_section(&cx, draft.native(), &edit, &read.version, &mark).await.unwrap();
    port.comment(&cx, draft.native(), "Done", None, &mark).await.unwrap();
    port.find_marked_comment(&cx, draft.native(), None, &mark).await.unwrap().unwrap();
}
