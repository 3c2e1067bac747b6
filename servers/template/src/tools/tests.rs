//! The tools over the reference implementation: two meters, one call at a time, in microseconds.

use std::sync::Arc;

use call::Operation;
use error::{Code, Error};
use serde_json::{Value, json};
use tool::testing::{self, Bench, cx, resumed};

use super::catalog;
use crate::meter::{Able, Meter};
use crate::vendors::memory::Memory;

/// The domain over `east` (able to do all) and `west` (no filter by product, no annotations).
fn meters() -> Bench {
    let source = |name: &str, able| {
        let port: Arc<Meter> = Arc::new(Memory::new(name, able));
        testing::source(name, port, None)
    };
    let little = Able { drops_by_product: false, annotations: false };
    Bench::new(catalog(), vec![source("east", Able::ALL), source("west", little)])
}

async fn ask(tool: &str, arguments: Value) -> Value {
    meters().ask(tool, arguments).await
}

async fn refused(tool: &str, arguments: Value) -> Error {
    meters().refused(tool, arguments).await
}

#[tokio::test]
async fn usage_of_all_sources_stands_in_one_answer() {
    let usage = ask("get_product_usage", json!({"customer": "nordwind.example"})).await;
    assert!(usage["customers"].as_array().unwrap().iter().all(|c| c["matched_by"] == "domain"), "{usage}");
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
        let meant = &usage["customers"][0];
        assert_eq!(meant["matched_by"], by, "{customer}");
        assert!(meant["id"].as_str().unwrap().ends_with(":nordwind"));
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
    let usage = meters().run(&budgeted, all).await.unwrap().value;
    assert!(usage.to_string().len() <= 1024, "{}", usage.to_string().len());
    assert_eq!(usage["truncated"], true);
}

#[tokio::test]
async fn drops_merge_steepest_first_and_continue() {
    let meters = meters();
    let few = json!({"at_least_percent": 1, "limit": 4});
    let page = meters.run(&cx("list_usage_drops", "k"), few).await.unwrap().value;
    let rows = page["items"].as_array().unwrap();
    let changes: Vec<_> = rows.iter().map(|r| r["change_percent"].as_i64().unwrap()).collect();
    assert!(changes.len() == 4 && changes.is_sorted(), "{changes:?}");
    let more = json!({"at_least_percent": 1, "limit": 4, "cursor": page["next_cursor"]});
    let next = meters.run(&cx("list_usage_drops", "k"), more).await.unwrap().value;
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
async fn what_a_write_would_do_is_shown_and_not_done() {
    meters()
        .previews(&[(
            "annotate_usage",
            json!({"customer": "east:nordwind", "product": "payments", "text": "Pilot"}),
        )])
        .await;
}

#[tokio::test]
async fn the_week_is_read_before_anything_is_shown_and_is_shown() {
    let (meters, cx) = (meters(), cx("annotate_usage", "preview"));
    let preview = cx.clone().with_operation(Operation::derive(&["annotate_usage"], "preview").preview());
    let mut new = json!({"customer": "east:nordwind", "product": "payments", "text": "Pilot"});
    let shown = meters.run(&preview, new.clone()).await.unwrap().value;
    assert_eq!(shown["change"]["fields"][0], json!({"field": "week", "after": "the last whole week"}));
    new["week"] = json!("2026-11-18");
    let shown = meters.run(&preview, new.clone()).await.unwrap().value;
    assert_eq!(shown["change"]["fields"][0]["after"], "of 2026-11-18");
    let done = meters.run(&cx, new.clone()).await.unwrap().value;
    assert_eq!(done["change"]["fields"][0]["after"], "of 2026-11-16", "its Monday");
    new["week"] = json!("someday");
    assert_eq!(meters.run(&preview, new).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn an_annotation_is_made_once_where_it_can_be() {
    let meters = meters();
    let new =
        json!({"customer": "east:nordwind", "product": "payments", "text": "Pilot", "external_key": "q/1"});
    let first = meters.run(&cx("annotate_usage", "monday"), new.clone()).await.unwrap();
    assert_eq!(first.value["status"], "committed");
    let again = meters.run(&cx("annotate_usage", "tuesday"), new).await.unwrap().value;
    assert_eq!((&again["status"], &again["record"]), (&json!("replayed"), &first.value["record"]));
    let there = json!({"customer": "west:nordwind", "product": "payments", "text": "Pilot"});
    assert_eq!(refused("annotate_usage", there).await.code(), Code::Unsupported);
    let both = json!({"customer": "nordwind.example", "product": "payments", "text": "Pilot"});
    assert_eq!(refused("annotate_usage", both).await.code(), Code::AmbiguousReference);
    let lost = resumed("annotate_usage", "lost");
    let blind = json!({"customer": "east:nordwind", "product": "payments", "text": "Sent, perhaps"});
    assert_eq!(meters.run(&lost, blind).await.unwrap_err().code(), Code::OutcomeUnknown);
}

/// Vendor texts are `FreeText` or `Label`; these are of the domain's own making.
#[test]
fn every_text_of_an_output_is_marked_or_ours() {
    const OURS: &[&str] = &["created", "week"];
    testing::assert_texts_are_marked(&catalog(), OURS);
}

#[test]
fn the_catalogue_is_small_and_plain() {
    testing::assert_small_and_plain(&catalog());
}
