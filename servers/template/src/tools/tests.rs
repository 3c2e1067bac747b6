//! The tools over the reference implementation: two meters, one call at a time, in microseconds.

use std::collections::BTreeMap;
use std::sync::Arc;

use call::{Caller, Clock, Cx, Operation};
use error::{Code, Error, Result};
use serde_json::{Map, Value, json};
use tool::{Answer, Call, Seal, Source, Sources, Spec, Toolbox};

use super::catalog;
use crate::meter::{Able, Meter};
use crate::vendors::memory::Memory;

/// The domain over `east` (able to do all) and `west` (no filter by product, no annotations).
fn meters() -> Arc<dyn Toolbox> {
    let source = |name: &str, able| Source {
        name: name.into(),
        vendor: "memory",
        port: Arc::new(Memory::new(name, able)) as Arc<Meter>,
        users: BTreeMap::new(),
    };
    let little = Able { drops_by_product: false, annotations: false };
    Arc::new(catalog())
        .bind(Sources::new(vec![source("east", Able::ALL), source("west", little)], Seal::ephemeral()))
}

fn cx(tool: &str, key: &str) -> Cx {
    Cx::new(tool, Caller::local("agent"), Clock::system()).with_operation(Operation::derive(&[tool], key))
}

async fn run_in(meters: &Arc<dyn Toolbox>, cx: &Cx, arguments: Value) -> Result<Answer> {
    let arguments: Map<String, Value> = arguments.as_object().unwrap().clone();
    let spec = meters.specs().iter().find(|s| s.meta.name == cx.tool()).unwrap();
    spec.check(&arguments)?;
    let answer = meters.run(cx, Call { tool: cx.tool().to_owned(), arguments }).await?;
    conforms(spec, &answer.value);
    Ok(answer)
}

/// Every answer is held against the tool's own output schema.
fn conforms(spec: &Spec, value: &Value) {
    let schema = Value::Object((*spec.output).clone());
    let problems: Vec<_> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(value).map(|e| e.to_string()).collect();
    assert!(problems.is_empty(), "{}: {problems:?}", spec.meta.name);
}

async fn ask(tool: &str, arguments: Value) -> Value {
    run_in(&meters(), &cx(tool, "k"), arguments).await.unwrap().value
}

async fn refused(tool: &str, arguments: Value) -> Error {
    run_in(&meters(), &cx(tool, "k"), arguments).await.unwrap_err()
}

#[tokio::test]
async fn usage_of_all_sources_stands_in_one_answer() {
    let usage = ask("get_product_usage", json!({"customer": "nordwind.example"})).await;
    assert_eq!(usage["matched_by"], "domain");
    let of =
        |source: &str| usage["products"].as_array().unwrap().iter().filter(|p| p["source"] == source).count();
    assert!(of("east") > 1 && of("east") == of("west"), "{usage}");
    assert_eq!(usage["sources"].as_array().unwrap().len(), 2);
    assert!(usage["products"][0]["change_percent"].as_i64().unwrap() < 0, "{usage}");
}

#[tokio::test]
async fn customers_are_known_by_every_key_and_never_guessed() {
    for (customer, by) in [
        ("Nordwind Handel AG", "name"),
        ("NORDWIND.example", "domain"),
        ("17100001", "erp_customer"),
        ("cus_HaldenNordwind", "billing_customer"),
        ("east:nordwind", "id"),
        ("https://east.example/nordwind", "id"),
    ] {
        let usage = ask("get_product_usage", json!({"customer": customer})).await;
        assert_eq!(usage["matched_by"], by, "{customer}");
        assert!(usage["customer"]["id"].as_str().unwrap().ends_with(":nordwind"));
    }
    let near = refused("get_product_usage", json!({"customer": "Nordwind"})).await;
    assert_eq!(near.code(), Code::NotFound);
    assert!(near.wire("").candidates.iter().any(|c| c.id == "east:nordwind"), "{near:?}");
    let product =
        refused("get_product_usage", json!({"customer": "nordwind.example", "product": "paymnts"})).await;
    assert_eq!(product.code(), Code::NotFound);
    assert_eq!(product.wire("").candidates[0].id, "east:payments");
    assert_eq!(refused("get_product_usage", json!({"customer": " "})).await.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_long_history_is_shortened_to_the_budget_and_says_so() {
    let all = json!({"customer": "nordwind.example", "weeks": 26, "max_bytes": 1024});
    let budgeted = cx("get_product_usage", "k").with_budget(1024);
    let usage = run_in(&meters(), &budgeted, all).await.unwrap().value;
    assert!(usage.to_string().len() <= 1024, "{}", usage.to_string().len());
    assert_eq!(usage["truncated"], true);
}

#[tokio::test]
async fn drops_merge_steepest_first_and_continue() {
    let meters = meters();
    let few = json!({"at_least_percent": 1, "limit": 4});
    let page = run_in(&meters, &cx("list_usage_drops", "k"), few).await.unwrap().value;
    let rows = page["items"].as_array().unwrap();
    let changes: Vec<_> = rows.iter().map(|r| r["change_percent"].as_i64().unwrap()).collect();
    assert!(changes.len() == 4 && changes.is_sorted(), "{changes:?}");
    let more = json!({"at_least_percent": 1, "limit": 4, "cursor": page["next_cursor"]});
    let next = run_in(&meters, &cx("list_usage_drops", "k"), more).await.unwrap().value;
    assert!(next["items"].as_array().unwrap().iter().all(|row| !rows.contains(row)));
}

#[tokio::test]
async fn a_filter_that_a_source_lacks_costs_its_rows_and_is_said() {
    let page = ask("list_usage_drops", json!({"product": "payments", "customer": "nordwind.example"})).await;
    assert_eq!(page["customers"].as_array().unwrap().len(), 2, "{page}");
    assert!(page["items"].as_array().unwrap().iter().all(|r| r["id"].as_str().unwrap().starts_with("east:")));
    assert_eq!(page["sources"][1]["status"], "unsupported_filter");
}

#[tokio::test]
async fn an_annotation_is_made_once_where_it_can_be() {
    let meters = meters();
    let new =
        json!({"customer": "east:nordwind", "product": "payments", "text": "Pilot", "external_key": "q/1"});
    let first = run_in(&meters, &cx("annotate_usage", "monday"), new.clone()).await.unwrap();
    assert_eq!(first.value["status"], "committed");
    let again = run_in(&meters, &cx("annotate_usage", "tuesday"), new).await.unwrap().value;
    assert_eq!((&again["status"], &again["record"]), (&json!("replayed"), &first.value["record"]));
    let there = json!({"customer": "west:nordwind", "product": "payments", "text": "Pilot"});
    assert_eq!(refused("annotate_usage", there).await.code(), Code::Unsupported);
    let both = json!({"customer": "nordwind.example", "product": "payments", "text": "Pilot"});
    assert_eq!(refused("annotate_usage", both).await.code(), Code::AmbiguousReference);
    let lost = cx("annotate_usage", "lost").with_operation(Operation::derive(&["x"], "lost").resume());
    let blind = json!({"customer": "east:nordwind", "product": "payments", "text": "Sent, perhaps"});
    assert_eq!(run_in(&meters, &lost, blind).await.unwrap_err().code(), Code::OutcomeUnknown);
}
