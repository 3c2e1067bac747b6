//! Money moves once.

use error::Code;
use sandbox::Rule;
use tool::{Mark, Money};

use super::{Lab, writing};
use crate::ledger::{NewRefund, RefundReason};
use crate::model::RefundStatus;

fn some_of(payment: &str, amount: &str) -> NewRefund {
    NewRefund {
        payment: payment.into(),
        amount: Money::parse(amount, "EUR").unwrap(),
        reason: Some(RefundReason::RequestedByCustomer),
        note: Some("agreed with \"Ana\" & co.".into()),
    }
}

fn rule(fault: &str, times: u32) -> Rule {
    let text = format!(
        r#"{{"match": {{"method": "POST", "path_prefix": "/v1/refunds"}}, "fault": {fault}, "times": {times}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

/// Refunds of a payment there are, as Stripe sees them.
async fn given_back(lab: &Lab, payment: &str) -> Option<Money> {
    let query = crate::ledger::PaymentQuery { ids: vec![payment.into()], ..Default::default() };
    let page = tool::Fetch { token: None, limit: 1 };
    lab.ledger.payments(&call::Cx::for_test(), &query, page).await.unwrap().rows[0].refunded
}

#[tokio::test]
async fn a_refund_bears_its_operation_and_says_why() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("once");
    let refund = lab.ledger.refund(&cx, &some_of("ch_3HaldenAurora09", "12.50"), &mark).await.unwrap();
    assert_eq!((refund.status, refund.amount.to_string()), (RefundStatus::Succeeded, "12.50 EUR".to_owned()));
    assert!(refund.url.contains("/test/payments/ch_3HaldenAurora09"), "{}", refund.url);
    let sent = &lab.asked("/v1/refunds")[0];
    let body = sent.request_body.as_str();
    for field in ["amount=1250", "charge=ch_3HaldenAurora09", "reason=requested_by_customer"] {
        assert!(body.contains(field), "{body}");
    }
    let key = sent.request_headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("idempotency-key"));
    assert_eq!(key.map(|(_, value)| value.as_str()), Some(mark.operation.as_str()), "the key is mandatory");
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_under_the_same_key() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("lost");
    lab.running.control.add_fault(rule(r#"{"kind": "apply_then_reset"}"#, 1)).unwrap();
    let refund = lab.ledger.refund(&cx, &some_of("ch_3HaldenAurora09", "10.00"), &mark).await.unwrap();
    assert_eq!(lab.asked("/v1/refunds").len(), 2, "sent twice");
    assert_eq!(given_back(&lab, "ch_3HaldenAurora09").await, Some(refund.amount), "given back once");
}

#[tokio::test]
async fn a_fate_that_stays_unknown_is_said_and_can_be_looked_up() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("storm");
    lab.running.control.add_fault(rule(r#"{"kind": "apply_then_reset"}"#, 10)).unwrap();
    let new = some_of("ch_3HaldenAurora09", "10.00");
    let unknown = lab.ledger.refund(&cx, &new, &mark).await.unwrap_err();
    assert_eq!(unknown.code(), Code::OutcomeUnknown, "{unknown:?}");
    lab.running.control.clear_faults();
    let found = lab.ledger.find_refund(&cx, "ch_3HaldenAurora09", &mark).await.unwrap().unwrap();
    assert_eq!(found.amount, new.amount);
    assert_eq!(found.url, lab.ledger.refund(&cx, &new, &mark).await.unwrap().url, "the key is remembered");
    assert_eq!(given_back(&lab, "ch_3HaldenAurora09").await, Some(new.amount), "given back once");
}

#[tokio::test]
async fn what_stripe_refuses_moves_nothing() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("refused");
    for (payment, amount, code) in [
        ("ch_3HaldenNordlys14", "1.00", Code::Conflict),
        ("ch_3HaldenAurora08", "1.00", Code::Conflict),
        ("ch_3HaldenNordwind07", "1.00", Code::InvalidArgument),
        ("ch_3HaldenAurora09", "2400.01", Code::InvalidArgument),
        ("ch_absent", "1.00", Code::NotFound),
        ("ch_3HaldenAurora09", "0.001", Code::InvalidArgument),
    ] {
        let error = lab.ledger.refund(&cx, &some_of(payment, amount), &mark).await.unwrap_err();
        assert_eq!(error.code(), code, "{payment} {amount}: {error:?}");
    }
    // A refusal is not kept under the key; a success is, with its arguments.
    lab.ledger.refund(&cx, &some_of("ch_3HaldenAurora09", "1.00"), &mark).await.unwrap();
    let other = lab.ledger.refund(&cx, &some_of("ch_3HaldenAurora09", "2.00"), &mark).await.unwrap_err();
    assert_eq!(other.code(), Code::IdempotencyConflict);
}

#[tokio::test]
async fn refunds_are_off_unless_enabled_with_a_cap() {
    let lab = Lab::with("", None).await;
    let (cx, mark) = writing("off");
    let error = lab.ledger.refund(&cx, &some_of("ch_3HaldenAurora09", "1.00"), &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::Unsupported);
    assert!(lab.asked("/v1/refunds").is_empty(), "nothing was sent");
    let head = "vendor = \"stripe\"\nauth = { grant = \"bearer\", token = \"env:UNUSED\" }\n";
    for (keys, is_right) in [
        ("refunds = { enabled = true }", false),
        ("refunds = { enabled = true, caps = { EUR = \"5.00\" } }", true),
        ("refunds = { enabled = true, caps = { EURO = \"5.00\" } }", false),
        ("refund = { enabled = true }", false),
        ("account = \"../x\"", false),
        ("api_version = \"2026 10\"", false),
        ("map = { domain = \"a\\\"] OR x\" }", false),
    ] {
        let settings: outbound::Settings = toml::from_str(&format!("{head}{keys}")).unwrap();
        assert_eq!(super::super::settings::read(&settings).is_ok(), is_right, "{keys}");
    }
}

#[tokio::test]
async fn a_mark_of_another_operation_is_not_found() {
    let lab = Lab::start().await;
    let (cx, _) = writing("nobody");
    let mark = Mark { operation: "zzzzzzzzzzzzzzzzzzzzzzzzzz".into(), external_key: None };
    assert!(lab.ledger.find_refund(&cx, "ch_3HaldenAurora08", &mark).await.unwrap().is_none());
}
