//! Requisitions and the session they are written in.

use call::Operation;
use jiff::Span;
use rust_decimal::Decimal;
use sandbox::{Fault, Match, Rule};
use tool::{Mark, Money};

use super::*;
use crate::ledger::{NewLine, NewRequisition};

fn new(need: i64) -> NewRequisition {
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    NewRequisition {
        title: "Spare readers".into(),
        lines: vec![NewLine {
            text: "Reader R2".into(),
            quantity: Decimal::new(25, 1),
            unit: None,
            price: Money::parse("19.90", "EUR").unwrap(),
            supplier: None,
            contract: None,
        }],
        cost_center: "CC-OPS".into(),
        plant: None,
        need: today.saturating_add(Span::new().days(need)),
    }
}

fn writing(key: &str) -> (Cx, Mark) {
    let operation = Operation::derive(&["sap"], key);
    let mark = Mark { operation: operation.id.clone(), external_key: None };
    (cx().with_operation(operation), mark)
}

fn posts(site: &Site) -> Vec<Option<u16>> {
    let log = site.simulator.control().log(0);
    log.iter().filter(|e| e.method == "POST" && e.path.ends_with("/PurchaseReqn")).map(|e| e.status).collect()
}

#[tokio::test]
async fn what_sap_remarks_reaches_the_caller() {
    let site = Site::start().await;
    let ledger = site.ledger();
    let (cx, mark) = writing("soon");
    let drafted = ledger.draft_requisition(&cx, &new(2), &mark).await.unwrap();
    assert_eq!(drafted.total, Money::parse("49.75", "EUR").unwrap());
    assert_eq!(drafted.warnings.len(), 1, "{drafted:?}");
    assert!(drafted.warnings[0].as_str().contains("delivery date"));
    assert!(drafted.version.is_some_and(|version| version.starts_with("W/")));
    let (cx, mark) = writing("late");
    assert!(ledger.draft_requisition(&cx, &new(60), &mark).await.unwrap().warnings.is_empty());
}

#[tokio::test]
async fn a_session_that_ended_is_opened_again_once() {
    let site = Site::start().await;
    let ledger = site.ledger();
    let (cx, mark) = writing("first");
    ledger.draft_requisition(&cx, &new(30), &mark).await.unwrap();
    // The sessions of the system end, and the client does not know.
    site.simulator.control().advance(3600);
    let (cx, mark) = writing("second");
    ledger.draft_requisition(&cx, &new(30), &mark).await.unwrap();
    assert_eq!(posts(&site), [Some(201), Some(403), Some(201)], "refused once, done once");
}

#[tokio::test]
async fn what_sap_refuses_is_named_by_field() {
    let site = Site::start().await;
    let ledger = site.ledger();
    let (cx, mark) = writing("refused");
    let wrong = NewRequisition { cost_center: "CC-NONE".into(), ..new(30) };
    let error = ledger.draft_requisition(&cx, &wrong, &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument, "{error:?}");
    assert!(serde_json::to_string(&error.wire("c")).unwrap().contains("CostCenter"), "{error:?}");
    assert!(ledger.find_requisition(&cx, &mark).await.unwrap().is_none());
}

#[tokio::test]
async fn a_draft_whose_answer_was_lost_is_found_and_not_repeated() {
    let site = Site::start().await;
    let ledger = site.ledger();
    let rule = Rule {
        only: Match { method: Some("POST".into()), path_prefix: Some("/sap/opu/odata4".into()) },
        fault: Fault::ApplyThenReset {},
        times: Some(1),
    };
    site.simulator.control().add_fault(rule).unwrap();
    let (cx, mark) = writing("lost");
    let error = ledger.draft_requisition(&cx, &new(30), &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown, "{error:?}");
    assert!(ledger.find_requisition(&cx, &mark).await.unwrap().is_some(), "the mark finds it");
    assert_eq!(posts(&site).len(), 1, "nothing was sent twice");
}

#[tokio::test]
async fn a_token_that_never_counts_is_told_and_not_tried_for_ever() {
    let site = Site::start().await;
    let ledger = site.ledger();
    let headers = [("x-csrf-token".to_owned(), "Required".to_owned())].into();
    let rule = Rule {
        only: Match { method: Some("POST".into()), path_prefix: Some("/sap/opu/odata4".into()) },
        fault: Fault::Status { status: 403, headers, body: Some("CSRF token validation failed".into()) },
        times: None,
    };
    site.simulator.control().add_fault(rule).unwrap();
    let (cx, mark) = writing("never");
    let error = ledger.draft_requisition(&cx, &new(30), &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamAuth, "{error:?}");
    assert_eq!(posts(&site), [Some(403), Some(403)]);
}

#[tokio::test]
async fn a_contract_stands_for_its_only_item() {
    let site = Site::start().await;
    let ledger = site.ledger();
    let contract = &sandbox::company::contracts()[0];
    let mut with_contract = new(30);
    with_contract.lines[0].contract = Some(contract.key.clone());
    with_contract.lines[0].supplier = Some(contract.supplier.clone());
    let (cx, mark) = writing("contract");
    let drafted = ledger.draft_requisition(&cx, &with_contract, &mark).await.unwrap();
    assert_eq!(drafted.lines[0].supplier.as_ref().map(|id| id.native()), Some(contract.supplier.as_str()));
    with_contract.lines[0].contract = Some("4699999999".into());
    let (cx, mark) = writing("no contract");
    let error = ledger.draft_requisition(&cx, &with_contract, &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument, "{error:?}");
}
