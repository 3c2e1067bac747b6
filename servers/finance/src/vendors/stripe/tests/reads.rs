//! What a read asks of Stripe and makes of the answer.

use call::Cx;
use error::Code;
use serde_json::{Value, json};
use tool::{Fetch, MatchedBy, Money};

use super::Lab;
use crate::ledger::{CustomerInvoiceQuery, CustomerName, NewRefund, Noun, PaymentQuery};
use crate::model::PaymentStatus;

fn first(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

fn only(id: &str) -> PaymentQuery {
    PaymentQuery { ids: vec![id.into()], ..PaymentQuery::default() }
}

#[tokio::test]
async fn a_payment_knows_its_invoice_and_its_payout() {
    let lab = Lab::start().await;
    for id in ["ch_3HaldenNordwind06", "pi_3HaldenNordwind06"] {
        let found = lab.ledger.payments(&Cx::for_test(), &only(id), first(1)).await.unwrap().rows;
        assert_eq!(found[0].id.native(), "ch_3HaldenNordwind06", "{id}");
        assert_eq!(found[0].invoice.as_ref().unwrap().native(), "in_1HaldenNordwindReports06");
        let payout = found[0].payout.as_ref().unwrap();
        assert_eq!(payout.id.native(), "po_1HaldenWeek31");
        assert!(payout.arrives.is_some());
        assert_eq!(found[0].customer.as_ref().unwrap().name.as_str(), "Nordwind Handel AG");
        assert_eq!(found[0].method.as_ref().unwrap().as_str(), "visa ending in 4242");
    }
    let absent = lab.ledger.payments(&Cx::for_test(), &only("ch_absent"), first(1)).await.unwrap();
    assert!(absent.rows.is_empty());
}

#[tokio::test]
async fn a_payout_by_hand_among_the_candidates_hides_nothing() {
    let lab = Lab::start().await;
    let asked = only("ch_3HaldenAurora09twice");
    let found = lab.ledger.payments(&Cx::for_test(), &asked, first(1)).await.unwrap().rows;
    assert_eq!(found[0].payout.as_ref().unwrap().id.native(), "po_1HaldenWeek46");
    let by_hand = |(name, value): &(String, String)| name == "payout" && value == "po_1HaldenInstant46";
    assert!(!lab.asked("/v1/balance_transactions").iter().any(|entry| entry.query.iter().any(by_hand)));
}

#[tokio::test]
async fn a_payout_that_stripe_refuses_to_tell_costs_nobody_the_payment() {
    let lab = Lab::start().await;
    let rule = json!({
        "match": { "path_prefix": "/v1/balance_transactions" },
        "fault": {
            "kind": "status", "status": 400,
            "body": { "error": { "type": "invalid_request_error", "message": "not this one", "param": "payout" } },
        },
    });
    lab.running.control.add_fault(serde_json::from_value(rule).unwrap()).unwrap();
    let asked = only("ch_3HaldenAurora09twice");
    let found = lab.ledger.payments(&Cx::for_test(), &asked, first(1)).await.unwrap().rows;
    assert!(found[0].payout.is_none(), "{found:?}");
}

#[tokio::test]
async fn money_that_is_only_held_is_pending() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let held = lab.ledger.payments(&cx, &only("ch_3HaldenNordwindHeld"), first(1)).await.unwrap().rows;
    assert_eq!(held[0].status, PaymentStatus::Pending);
    let pending = PaymentQuery { status: Some(PaymentStatus::Pending), ..PaymentQuery::default() };
    let found = lab.ledger.payments(&cx, &pending, first(100)).await.unwrap().rows;
    assert_eq!(found.iter().map(|p| p.id.native()).collect::<Vec<_>>(), ["ch_3HaldenNordwindHeld"]);
    let (ctx, mark) = super::writing("held");
    let new = NewRefund {
        payment: "ch_3HaldenNordwindHeld".into(),
        amount: Money::parse("1", "EUR").unwrap(),
        reason: None,
        note: None,
    };
    assert!(lab.ledger.refund(&ctx, &new, &mark).await.is_err(), "nothing to give back");
}

#[tokio::test]
async fn what_a_capture_in_part_released_was_not_given_back() {
    let listed: Value = serde_json::from_str(include_str!("../fixtures/charges.json")).unwrap();
    let dollars = |text| Some(Money::parse(text, "USD").unwrap());
    // Of 10.99 authorized, 6.00 were captured: Stripe counts the 4.99 it released as refunded.
    for (counted, refunded, status) in
        [(499, None, PaymentStatus::Paid), (699, dollars("2"), PaymentStatus::Refunded)]
    {
        let lab = Lab::start().await;
        let mut charge = listed["data"][0].clone();
        (charge["amount_captured"], charge["amount_refunded"]) = (json!(600), json!(counted));
        charge["payment_intent"] = Value::Null;
        let rule = json!({
            "match": { "path_prefix": "/v1/charges" },
            "fault": { "kind": "status", "status": 200, "body": charge },
        });
        lab.running.control.add_fault(serde_json::from_value(rule).unwrap()).unwrap();
        let id = charge["id"].as_str().unwrap();
        let found = lab.ledger.payments(&Cx::for_test(), &only(id), first(1)).await.unwrap().rows;
        assert_eq!(found[0].collected, dollars("6"));
        assert_eq!((found[0].refunded, found[0].status), (refunded, status), "{counted}");
    }
}

#[tokio::test]
async fn an_invoice_with_more_lines_than_it_shows_is_read_to_its_last() {
    let lab = Lab::start().await;
    let id = "in_1HaldenNordwindReports06";
    let whole = CustomerInvoiceQuery { ids: vec![id.into()], full: true, ..Default::default() };
    let short = lab.ledger.customer_invoices(&Cx::for_test(), &whole, first(1)).await.unwrap().rows;
    let (_, mut shown) = super::by_hand::Desk::open().await.get(&format!("/v1/invoices/{id}"));
    let own = shown["lines"]["data"][0].clone();
    let mut earlier = own.clone();
    (earlier["id"], earlier["amount"]) = (json!("il_1Earlier"), json!(1_250));
    shown["lines"]["has_more"] = json!(true);
    let page = json!({ "object": "list", "data": [earlier, own], "has_more": true, "url": "/v1/x" });
    for (path, body) in [(format!("/v1/invoices/{id}"), shown), (format!("/v1/invoices/{id}/lines"), page)] {
        let rule = json!({
            "match": { "path_prefix": path }, "fault": { "kind": "status", "status": 200, "body": body }, "times": 1,
        });
        lab.running.control.add_fault(serde_json::from_value(rule).unwrap()).unwrap();
    }
    let found = lab.ledger.customer_invoices(&Cx::for_test(), &whole, first(1)).await.unwrap().rows;
    let amounts: Vec<String> = found[0].lines.iter().map(|line| line.amount.to_string()).collect();
    assert_eq!(amounts, ["12.50 EUR".to_owned(), short[0].lines[0].amount.to_string()]);
    let asked = lab.asked(&format!("/v1/invoices/{id}/lines"));
    let asked: Vec<_> = asked.iter().map(|entry| entry.query.clone()).collect();
    let limit = ("limit".to_owned(), "100".to_owned());
    let after = ("starting_after".to_owned(), id.replacen("in_", "il_", 1));
    assert_eq!(asked, [vec![limit.clone()], vec![limit, after]]);
}

#[tokio::test]
async fn what_the_key_may_not_see_is_not_known() {
    let lab = Lab::with(super::super::VENDOR.demo, Some(super::super::sim::NARROW_KEY)).await;
    let cx = Cx::for_test();
    let found = lab.ledger.payments(&cx, &only("ch_3HaldenNordwind06"), first(1)).await.unwrap().rows;
    assert!(found[0].payout.is_none() && found[0].invoice.is_none(), "{found:?}");
    let refused = lab.ledger.customer_invoices(&cx, &Default::default(), first(1)).await.unwrap_err();
    assert_eq!(refused.code(), Code::Permission);
}

#[tokio::test]
async fn every_request_names_the_version_it_was_written_for() {
    let lab = Lab::with("account = \"acct_1HaldenBranch\"\n", None).await;
    lab.ledger.customer_invoices(&Cx::for_test(), &Default::default(), first(1)).await.unwrap();
    let asked = lab.asked("/v1/");
    for entry in &asked {
        let header = |name: &str| {
            let mut headers = entry.request_headers.iter();
            headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
        };
        assert_eq!(header("stripe-version").as_deref(), Some("2026-10-28.endive"), "{}", entry.path);
        assert_eq!(header("stripe-account").as_deref(), Some("acct_1HaldenBranch"));
    }
    assert!(!asked.is_empty());
}

#[tokio::test]
async fn without_mapped_keys_the_address_tells_the_domain() {
    let lab = Lab::with("", None).await;
    let name = CustomerName::Domain("nordwind.example".into());
    let found = lab.ledger.find_customers(&Cx::for_test(), &name).await.unwrap();
    assert_eq!(found.len(), 1, "nordwind-logistik.example is another: {found:?}");
    assert_eq!(found[0].matched_by, MatchedBy::Domain);
    assert_eq!(found[0].customer.keys.domain.as_deref(), Some("nordwind.example"));
    assert!(found[0].customer.keys.erp_customer.is_none(), "what is not mapped is not known");
    assert!(!lab.ledger.able().refunds, "refunds are off unless enabled");
}

#[tokio::test]
async fn references_are_ids_and_addresses_of_the_dashboard() {
    let lab = Lab::start().await;
    let ledger = &lab.ledger;
    for (noun, reference, native) in [
        (Noun::Payment, "ch_3MmlLrLkdIwHu7ix0snN0B15", Some("ch_3MmlLrLkdIwHu7ix0snN0B15")),
        (Noun::Payment, "https://dashboard.stripe.com/payments/pi_3Mml", Some("pi_3Mml")),
        (Noun::Payment, "https://dashboard.stripe.com/acct_1/test/payments/py_1?x=1#y", Some("py_1")),
        (Noun::CustomerInvoice, "https://dashboard.stripe.com/test/invoices/in_1Mt/", Some("in_1Mt")),
        (Noun::Customer, "cus_NffrFeUfNV2Hib", Some("cus_NffrFeUfNV2Hib")),
        (Noun::Payment, "https://dashboard.stripe.com.evil.example/payments/ch_1x", None),
        (Noun::Payment, "https://elsewhere.example/payments/ch_1", None),
        (Noun::Payment, "ch_", None),
        (Noun::Payment, "ch_1/../refunds", None),
        (Noun::Payment, "cus_1", None),
        (Noun::Supplier, "cus_1", None),
    ] {
        assert_eq!(ledger.recognize(noun, reference).as_deref(), native, "{reference}");
    }
}

#[tokio::test]
async fn one_status_is_asked_of_the_search_with_the_whole_amount() {
    let lab = Lab::start().await;
    let amount = Money::parse("85.12", "KWD").unwrap();
    let query = PaymentQuery {
        amounts: Some(crate::ledger::Amounts::exactly(amount)),
        status: Some(PaymentStatus::Paid),
        ..PaymentQuery::default()
    };
    let found = lab.ledger.payments(&Cx::for_test(), &query, first(10)).await.unwrap().rows;
    assert!(found.iter().any(|p| p.id.native() == "ch_3HaldenGulfSouq03"), "{found:?}");
    let asked = lab.asked("/v1/charges/search");
    let text = asked[0].query.iter().find(|(name, _)| name == "query").map(|(_, text)| text.as_str());
    let expected = "currency:\"kwd\" AND amount>=85120 AND amount<=85120 AND status:\"succeeded\" AND disputed:false AND refunded:false";
    assert_eq!(text, Some(expected));
}

/// Adds a customer by the form that any client would send.
async fn customer(lab: &Lab, name: &str) {
    let body = format!("name={}", name.replace(' ', "+"));
    let request = http::Request::builder()
        .method("POST")
        .uri("/v1/customers")
        .header("authorization", format!("Bearer {}", lab.running.access_token.as_deref().unwrap()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(bytes::Bytes::from(body));
    let answer = lab.simulator.reply(request.unwrap()).unwrap();
    assert_eq!(answer.status.as_u16(), 200);
}

#[tokio::test]
async fn a_name_is_as_unique_as_it_is_among_all_customers() {
    let lab = Lab::start().await;
    customer(&lab, "Tidewater Freight").await;
    for n in 0..15 {
        customer(&lab, &format!("Tidewater Freight {n}")).await;
    }
    let (cx, name) = (Cx::for_test(), CustomerName::Text("tidewater freight".into()));
    let found = lab.ledger.find_customers(&cx, &name).await.unwrap();
    assert_eq!(found.iter().map(|f| f.customer.name.as_str()).collect::<Vec<_>>(), ["Tidewater Freight"]);
    customer(&lab, "Tidewater Freight").await;
    assert_eq!(lab.ledger.find_customers(&cx, &name).await.unwrap().len(), 2);
    let near = CustomerName::Text("Tidewater".into());
    assert_eq!(lab.ledger.find_customers(&cx, &near).await.unwrap().len(), 10, "at most");
}
