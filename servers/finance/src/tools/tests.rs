//! The tools over the reference implementation: two ledgers, one call at a time, in microseconds.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use error::{Code, Error};
use sandbox::company;
use serde_json::{Value, json};
use tool::testing::{self, Bench, cx, ids, resumed};
use tool::{Consent, Money, Totals};

use super::catalog;
use crate::ledger::{Able, Ledger};
use crate::model::{InvoiceStatus, PaymentStatus};
use crate::vendors::memory::Memory;

/// The domain over `sap` (buys and sells, gives nothing back) and `stripe` (sells only).
fn house() -> Bench {
    let buys = Able { refunds: false, payments: &[PaymentStatus::Paid], ..Able::ALL };
    let sells = Able {
        customer_invoices: &InvoiceStatus::ALL,
        receivables: true,
        payments: &PaymentStatus::ALL,
        refunds: true,
        ..Able::NOTHING
    };
    let source = |name: &'static str, able| {
        let port: Arc<Ledger> = Arc::new(Memory::new(name, name, able));
        testing::source(name, port, None)
    };
    Bench::new(catalog(), vec![source("sap", buys), source("stripe", sells)])
}

async fn ask(tool: &str, arguments: Value) -> Value {
    house().ask(tool, arguments).await
}

async fn refused(tool: &str, arguments: Value) -> Error {
    house().refused(tool, arguments).await
}

#[tokio::test]
async fn open_orders_say_what_is_late_and_what_nobody_approved() {
    let late = ask("get_open_purchase_orders", json!({"overdue": true, "supplier": "10300005"})).await;
    let place = |id: &str| ids(&late).iter().position(|known| *known == id).unwrap();
    assert!(place("sap:4500001241") < place("sap:4500001234"), "newest first");
    let order = &late["items"][place("sap:4500001234")];
    assert_eq!(order["value"], json!({"amount": "85400.00", "currency": "EUR"}));
    assert_eq!(order["supplier"]["name"], "Ferrum Terminals S.r.l.");
    assert!(late["items"].as_array().unwrap().iter().all(|o| o["overdue"] == true));
    let sources = late["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 1, "only the supplier's source is asked: {sources:?}");
    let waiting = ask("get_open_purchase_orders", json!({"approval": "waiting"})).await;
    assert!(waiting["items"].as_array().unwrap().iter().all(|o| o["approval"] == "waiting"));
    assert_eq!(waiting["sources"][1]["status"], "unsupported", "said, not hidden");
    let nobody = ask("get_open_purchase_orders", json!({"where_empty": "requester"})).await;
    assert!(ids(&nobody).contains(&"sap:4500001255"), "{nobody}");
    let dear = json!({"min_value": {"amount": "100000", "currency": "eur"}, "supplier": "10300001"});
    assert!(ids(&ask("get_open_purchase_orders", dear).await).contains(&"sap:4500001250"));
    let full = json!({"ids": ["https://sap.example/4500001234"], "detail": "full"});
    let full = ask("get_open_purchase_orders", full).await;
    assert_eq!(full["items"][0]["items"][0]["quantity"], "400");
    assert_eq!(refused("get_open_purchase_orders", json!({"plant": "9999"})).await.code(), Code::NotFound);
}

#[tokio::test]
async fn of_two_units_of_one_name_neither_is_guessed() {
    for (tool, unit) in [("get_open_purchase_orders", "plant"), ("get_budget_availability", "cost_center")] {
        let refused = refused(tool, json!({unit: "lager", "source": "sap"})).await;
        assert_eq!(refused.code(), Code::AmbiguousReference, "{tool}");
        let candidates: Vec<String> = refused.wire("").candidates.into_iter().map(|c| c.id).collect();
        assert_eq!(candidates, ["sap:LAGER-N", "sap:LAGER-S"], "{tool}");
    }
}

#[tokio::test]
async fn suppliers_are_ranked_within_one_currency() {
    let top = ask("compare_suppliers", json!({"top": 3})).await;
    let names = |answer: &Value| -> Vec<String> {
        let rows = answer["suppliers"].as_array().unwrap();
        rows.iter().map(|s| s["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((&top["sorted_by"], &top["currency"]), (&json!("spend"), &json!("EUR")));
    let mut euros: Vec<_> = company::suppliers().into_iter().filter(|s| s.currency == "EUR").collect();
    euros.sort_by_key(|s| Reverse(Money::parse(&s.spend, "EUR").unwrap().amount));
    let expected: Vec<&str> = euros.iter().take(3).map(|s| &*s.name).collect();
    assert_eq!(names(&top), expected, "148 million yen are not more than 2.6 million euros");
    assert_eq!(top["complete"], true, "a ledger without suppliers leaves none out");
    assert_eq!(top["sources"][1]["status"], "unsupported");
    let dollars = ask("compare_suppliers", json!({"top": 1, "currency": "USD", "source": "sap"})).await;
    assert_eq!(dollars["suppliers"][0]["spend"][0]["currency"], "USD");
    let worst = ask("compare_suppliers", json!({"top": 1, "sort_by": "lateness"})).await;
    let lateness = &worst["suppliers"][0]["lateness"];
    let share = lateness["late"].as_f64().unwrap() / lateness["deliveries"].as_f64().unwrap();
    assert!(share >= 19.0 / 41.0, "at least as bad as the one to replace: {lateness}");
    let two = json!({"suppliers": ["kiro staffing ltd", "sap:10300006"], "sort_by": "blocks"});
    assert_eq!(names(&ask("compare_suppliers", two).await), ["Guardia Seguridad, S.L.", "Kiro Staffing Ltd"]);
    let unknown = refused("compare_suppliers", json!({"suppliers": ["Cloudhafen"]})).await;
    assert_eq!((unknown.code(), unknown.wire("").candidates.len()), (Code::NotFound, 2), "both are near");
}

#[tokio::test]
async fn blocked_invoices_say_why() {
    let blocked = json!({"blocked_because": "price", "supplier": "10300005", "limit": 100});
    let blocked = ask("get_supplier_invoice_history", blocked).await;
    let rows = blocked["items"].as_array().unwrap();
    let one = rows.iter().find(|i| i["id"] == "sap:5105600127").unwrap();
    assert_eq!((&one["order"], &one["status"]), (&json!("sap:4500001234"), &json!("blocked")));
    assert!(rows.iter().all(|i| i["blocked_because"] == json!(["price"])), "{blocked}");
    let of_one = json!({"supplier": "Cloudhafen GmbH", "status": "paid", "posted_after": "P60D"});
    assert!(ids(&ask("get_supplier_invoice_history", of_one).await).contains(&"sap:5105600090"));
    let backwards = json!({"posted_after": "2026-02-01", "posted_before": "2026-01-01"});
    assert_eq!(refused("get_supplier_invoice_history", backwards).await.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn contracts_are_found_by_value_in_one_currency() {
    let eur = |amount: &str| json!({"amount": amount, "currency": "EUR"});
    let range = json!({"min_value": eur("1000000"), "max_value": eur("2500000.00")});
    let found = ask("search_contracts_by_value_range", range).await;
    let place = |id: &str| ids(&found).iter().position(|known| *known == id).unwrap();
    assert!(place("sap:4600000017") < place("sap:4600000021"), "the first to end first");
    assert!(found["items"].as_array().unwrap().iter().all(|c| c["target"]["currency"] == "EUR"));
    let mixed = json!({"min_value": eur("1"), "max_value": {"amount": "9", "currency": "USD"}});
    let mixed = refused("search_contracts_by_value_range", mixed).await;
    assert_eq!(mixed.code(), Code::InvalidArgument);
    let float = json!({"min_value": {"amount": 1.5, "currency": "EUR"}});
    assert_eq!(refused("search_contracts_by_value_range", float).await.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_customer_is_one_customer_in_every_ledger() {
    let page = ask("search_customer_invoices", json!({"customer": "Nordwind.example", "limit": 100})).await;
    for id in ["sap:90000123", "stripe:in_1HaldenNordwindReports07"] {
        assert!(ids(&page).contains(&id), "both ledgers have some: {page}");
    }
    let matched = page["customers"].as_array().unwrap();
    assert_eq!(matched.len(), 2);
    assert!(matched.iter().all(|m| m["matched_by"] == "domain"), "{matched:?}");
    let by_key = ask("search_customer_invoices", json!({"customer": "17100001", "status": "open"})).await;
    let seen: Vec<&Value> =
        by_key["customers"].as_array().unwrap().iter().map(|m| &m["matched_by"]).collect();
    assert_eq!(seen, ["id", "erp_customer"], "the other ledger knows it by the mapped key");
    let by_id = ask("search_customer_invoices", json!({"customer": "stripe:cus_HaldenNordwind"})).await;
    assert_eq!(by_id["sources"].as_array().unwrap().len(), 1);
    let unknown = refused("search_customer_invoices", json!({"customer": "Nordwind"})).await;
    assert_eq!(unknown.code(), Code::NotFound);
    assert_eq!(unknown.wire("").candidates[0].label, "Nordwind Handel AG");
    let two = refused("search_customer_invoices", json!({"customer": "  "})).await;
    assert_eq!(two.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn pages_continue_and_belong_to_their_query() {
    let house = house();
    let tool = "search_customer_invoices";
    let first = house.run(&cx(tool, "k"), json!({"limit": 5})).await.unwrap().value;
    assert_eq!(first["total"], json!({"count": company::customer_invoices().len(), "kind": "exact"}));
    let cursor = first["next_cursor"].clone();
    let second = house.run(&cx(tool, "k"), json!({"limit": 5, "cursor": cursor})).await.unwrap().value;
    assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)));
    let other = json!({"limit": 5, "status": "paid", "cursor": cursor});
    assert_eq!(house.run(&cx(tool, "k"), other).await.unwrap_err().code(), Code::CursorExpired);
}

#[tokio::test]
async fn receivables_are_summed_by_bucket_and_currency_and_never_across() {
    let house = house();
    let tool = "list_overdue_receivables";
    let first = house.run(&cx(tool, "k"), json!({"limit": 4})).await.unwrap().value;
    assert_eq!(first["complete"], true);
    let dues: Vec<&str> =
        first["items"].as_array().unwrap().iter().map(|i| i["due"].as_str().unwrap()).collect();
    assert!(dues.is_sorted(), "the longest overdue first: {dues:?}");
    assert_eq!(first["totals"], expected_totals());
    let next = json!({"limit": 4, "cursor": first["next_cursor"]});
    let next = house.run(&cx(tool, "k"), next).await.unwrap().value;
    assert!(ids(&first).iter().all(|id| !ids(&next).contains(id)));
    assert!(next["items"][0]["due"].as_str() >= dues.last().copied());
    let old = ask(tool, json!({"bucket": "61-90", "limit": 100})).await;
    assert!(ids(&old).contains(&"stripe:in_1HaldenKaito05"), "{old}");
    assert_eq!(old["totals"].as_array().unwrap().len(), 1);
    let yen = ask(tool, json!({"currency": "JPY", "customer": "kaito-games.example"})).await;
    let yen = yen["totals"].as_array().unwrap();
    assert!(!yen.is_empty() && yen.iter().all(|t| t["open"][0]["currency"] == "JPY"), "{yen:?}");
}

/// Summed here once more, from the company itself.
fn expected_totals() -> Value {
    let mut buckets = BTreeMap::<usize, (usize, Totals)>::new();
    for invoice in company::customer_invoices() {
        let days = -invoice.due_days.unwrap_or(0);
        if invoice.status == "open" && days > 0 {
            let bucket = [30, 60, 90].iter().filter(|end| days > **end).count();
            let (invoices, open) = buckets.entry(bucket).or_default();
            *invoices += 1;
            open.add(Money::parse(&invoice.amount, &invoice.currency).unwrap());
        }
    }
    let names = ["1-30", "31-60", "61-90", "over_90"];
    let total = |(bucket, (invoices, open)): (usize, (usize, Totals))| json!({"bucket": names[bucket], "invoices": invoices, "open": open});
    Value::Array(buckets.into_iter().map(total).collect())
}

#[tokio::test]
async fn a_budget_says_what_is_left() {
    for center in ["CC-OPS", "platform operations", "sap:CC-OPS"] {
        let answer = ask("get_budget_availability", json!({"cost_center": center})).await;
        assert_eq!(answer["budgets"][0]["available"], json!({"amount": "21600.00", "currency": "EUR"}));
        assert_eq!(answer["sources"].as_array().unwrap().len(), 1);
    }
    let period = json!({"cost_center": "CC-OPS", "period": "2026-Q5"});
    assert_eq!(refused("get_budget_availability", period).await.code(), Code::InvalidArgument);
    let month = json!({"cost_center": "CC-OPS", "period": "2026-13"});
    assert_eq!(refused("get_budget_availability", month).await.code(), Code::InvalidArgument);
    let unknown = refused("get_budget_availability", json!({"cost_center": "CC-OSP"})).await;
    assert_eq!(unknown.wire("").candidates[0].id, "sap:CC-OPS", "{unknown:?}");
}

#[tokio::test]
async fn payments_are_found_and_their_ids_fit() {
    let failed = ask("find_payments", json!({"status": "failed", "customer": "bluepeak.example"})).await;
    let place = |id: &str| ids(&failed).iter().position(|known| *known == id).unwrap();
    let (later, earlier) = (place("stripe:ch_3HaldenBluePeak11b"), place("stripe:ch_3HaldenBluePeak11a"));
    assert!(later < earlier, "newest first");
    assert_eq!(failed["items"][later]["reason"], "insufficient_funds");
    let all = ask("find_payments", json!({"status": "disputed"})).await;
    assert_eq!(all["sources"][0]["status"], "unsupported_filter");
    let exact = json!({"amount": {"amount": "2400", "currency": "EUR"}, "after": "P30D"});
    let exact = ask("find_payments", exact).await;
    let found: Vec<&Value> = exact["items"].as_array().unwrap().iter().collect();
    assert!(found.iter().all(|p| p["amount"]["amount"] == "2400.00"), "{exact}");
    let twice = found.iter().find(|p| p["id"] == "stripe:ch_3HaldenAurora09twice").unwrap();
    assert_eq!(twice["payout"]["id"], "stripe:po_1HaldenWeek46");
    let named = json!({"ids": ["https://stripe.example/ch_3HaldenAurora09"]});
    assert_eq!(ids(&ask("find_payments", named).await), ["stripe:ch_3HaldenAurora09"]);
}

fn wish() -> Value {
    json!({
        "title": "Replacement terminals",
        "lines": [{"text": "Card terminal T10", "quantity": "12.5", "price": {"amount": "199.90", "currency": "EUR"},
            "supplier": "Ferrum Terminals S.r.l.", "contract": "4600000021"}],
        "cost_center": "CC-OPS",
        "need_by": "2099-01-31",
    })
}

fn with(mut value: Value, key: &str, other: Value) -> Value {
    value[key] = other;
    value
}

#[tokio::test]
async fn a_requisition_is_drafted_once_and_under_its_cap() {
    let house = house();
    let tool = "draft_purchase_requisition";
    let keyed = with(wish(), "external_key", json!("renewal/4600000021"));
    let first = house.run(&cx(tool, "monday"), keyed.clone()).await.unwrap();
    assert_eq!(first.value["status"], "committed");
    assert_eq!(first.value["record"]["total"], json!({"amount": "2498.75", "currency": "EUR"}));
    assert_eq!(first.value["record"]["released"], false);
    assert_eq!(first.facts.unwrap().target.to_string(), first.value["record"]["id"].as_str().unwrap());
    let again = house.run(&cx(tool, "tuesday"), keyed).await.unwrap().value;
    assert_eq!(
        (&again["status"], &again["record"]["id"]),
        (&json!("replayed"), &first.value["record"]["id"])
    );

    let dear = with(
        wish(),
        "lines",
        json!([
        {"text": "a", "quantity": "1", "price": {"amount": "5000.00", "currency": "EUR"}},
        {"text": "b", "quantity": "1", "price": {"amount": "0.01", "currency": "EUR"}}]),
    );
    let dear = refused(tool, dear).await;
    assert_eq!(dear.code(), Code::Permission);
    assert!(dear.message().contains("5000.01 EUR") && dear.message().contains("5000.00 EUR"), "{dear}");
    let dollars = json!([{"text": "a", "quantity": "1", "price": {"amount": "1", "currency": "USD"}}]);
    assert_eq!(refused(tool, with(wish(), "lines", dollars)).await.code(), Code::Permission, "no cap, no");
    let mixed = json!([
        {"text": "a", "quantity": "1", "price": {"amount": "1", "currency": "USD"}},
        {"text": "b", "quantity": "1", "price": {"amount": "1", "currency": "EUR"}}]);
    assert_eq!(refused(tool, with(wish(), "lines", mixed)).await.code(), Code::InvalidArgument);
    assert_eq!(refused(tool, with(wish(), "need_by", json!("P1D"))).await.code(), Code::InvalidArgument);
    for (quantity, price) in [("0", "1"), ("1", "0"), ("1", "0.00"), ("1", "-1")] {
        let free =
            json!([{"text": "a", "quantity": quantity, "price": {"amount": price, "currency": "EUR"}}]);
        let free = refused(tool, with(wish(), "lines", free)).await;
        assert_eq!(free.code(), Code::InvalidArgument, "{quantity} of {price}");
    }
}

#[tokio::test]
async fn a_refund_is_given_once_under_its_cap_and_only_of_what_came() {
    let house = house();
    let tool = "issue_refund";
    let twice = json!({"payment": "stripe:ch_3HaldenAurora09twice", "reason": "duplicate"});
    let part = with(twice.clone(), "amount", json!({"amount": "400", "currency": "EUR"}));
    let part = house.run(&cx(tool, "part"), part).await.unwrap();
    assert_eq!(part.value["record"]["amount"], json!({"amount": "400.00", "currency": "EUR"}));
    assert_eq!(part.value["change"]["record"]["id"], "stripe:ch_3HaldenAurora09twice", "what was meant");
    assert!(part.value["undo"]["none"].is_string(), "{}", part.value);
    let rest = house.run(&cx(tool, "rest"), twice.clone()).await.unwrap().value;
    assert_eq!(rest["record"]["amount"]["amount"], "2000.00", "what is left");
    let error = house.run(&cx(tool, "more"), twice).await.unwrap_err();
    assert_eq!(error.code(), Code::Conflict, "all was given back");
    for (payment, code) in [
        ("stripe:ch_3HaldenNordwind07", Code::Conflict),
        ("stripe:ch_3HaldenNordlys14", Code::Conflict),
        ("stripe:ch_3HaldenNordwindHeld", Code::Conflict),
        ("stripe:ch_3HaldenKaito04", Code::Permission),
        ("stripe:ch_nothing", Code::NotFound),
        ("sap:1400000098", Code::Unsupported),
    ] {
        assert_eq!(refused(tool, json!({"payment": payment})).await.code(), code, "{payment}");
    }
    for amount in ["0", "-1", "2400.01"] {
        let wrong =
            json!({"payment": "stripe:ch_3HaldenAurora09", "amount": {"amount": amount, "currency": "EUR"}});
        assert_eq!(refused(tool, wrong).await.code(), Code::InvalidArgument, "{amount}");
    }
}

#[tokio::test]
async fn what_a_write_would_do_is_shown_and_not_done() {
    house()
        .previews(&[
            ("draft_purchase_requisition", wish()),
            ("issue_refund", json!({"payment": "ch_3HaldenAurora09"})),
        ])
        .await;
}

#[tokio::test]
async fn a_resumed_write_looks_and_never_sends() {
    let house = house();
    let refund = json!({"payment": "ch_3HaldenAurora09"});
    for (tool, arguments) in [("draft_purchase_requisition", wish()), ("issue_refund", refund)] {
        let lost = house.run(&resumed(tool, "lost"), arguments.clone()).await.unwrap_err();
        assert_eq!(lost.code(), Code::OutcomeUnknown, "{tool}");
        house.run(&cx(tool, "arrived"), arguments.clone()).await.unwrap();
        let again = house.run(&resumed(tool, "arrived"), arguments).await.unwrap().value;
        assert_eq!(again["status"], "replayed", "{tool}");
    }
}

#[test]
fn money_moves_only_with_another_person() {
    for spec in catalog().specs().unwrap() {
        let expected = if spec.meta.is_write() { Consent::Approve } else { Consent::None };
        assert_eq!(spec.meta.consent, expected, "{}", spec.meta.name);
    }
}

#[tokio::test]
async fn a_page_of_ten_rows_is_cheap() {
    for tool in ["search_customer_invoices", "find_payments", "get_open_purchase_orders"] {
        let page = ask(tool, json!({"limit": 10})).await;
        let tokens = page.to_string().len() / 4;
        assert!(tokens <= 1100, "{tool}: {tokens} tokens");
    }
}

/// Vendor texts are `FreeText` or `Label`; these are of the domain's own making.
#[test]
fn every_text_of_an_output_is_marked_or_ours() {
    const OURS: &[&str] = &[
        "approval",
        "arrives",
        "at",
        "blocked_because",
        "bucket",
        "company",
        "contracts",
        "country",
        "due",
        "ends",
        "invoice",
        "issued",
        "need",
        "number",
        "order",
        "ordered",
        "paid",
        "payment",
        "plants",
        "posted",
        "quantity",
        "since",
        "sorted_by",
        "starts",
        "supplier",
        "to",
    ];
    testing::assert_texts_are_marked(&catalog(), OURS);
}

#[test]
fn the_catalogue_is_small_and_plain() {
    testing::assert_small_and_plain(&catalog());
}
