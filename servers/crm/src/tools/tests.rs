//! The tools over the reference implementation: two systems, one call at a time, in microseconds.

use std::sync::Arc;

use call::{Caller, Clock, Cx};
use error::{Code, Error};
use serde_json::{Value, json};
use tool::testing::{self, Bench, cx, ids, resumed};
use tool::{Consent, Source};

use super::catalog;
use crate::book::{Able, Book};
use crate::model::AccountGap;
use crate::vendors::memory::Memory;

/// The domain over `sf` (able to do all) and `hs` (keeps no renewals, no segments, no lost reasons).
fn desk() -> Bench {
    let little = Able {
        segment: false,
        account_renewal: false,
        account_empty: &[AccountGap::Owner],
        renewals: false,
        renewal_value: false,
        lost_reason: false,
        forecast: false,
        ..Able::ALL
    };
    Bench::new(catalog(), vec![source("sf", "salesforce", Able::ALL), source("hs", "hubspot", little)])
}

fn source(name: &str, home: &str, able: Able) -> Source<Book> {
    testing::source(name, Arc::new(Memory::new(name, home, able)), Some("ingrid"))
}

async fn ask(tool: &str, arguments: Value) -> Value {
    desk().ask(tool, arguments).await
}

async fn refused(tool: &str, arguments: Value) -> Error {
    desk().refused(tool, arguments).await
}

fn ahead(days: i64) -> String {
    let day = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    day.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

#[tokio::test]
async fn accounts_of_both_systems_are_merged_by_name() {
    let page = ask("find_accounts", json!({"name": "nordwind"})).await;
    assert_eq!(ids(&page), ["sf:account/nordwind", "hs:account/nordwind-logistik"]);
    let by_url = ask("find_accounts", json!({"domain": "https://www.Nordwind.example/shop?x=1"})).await;
    assert_eq!(ids(&by_url), ["sf:account/nordwind"]);
    let keys = &by_url["items"][0]["keys"];
    assert_eq!(keys["erp_customer"], "17100001");
    assert!(by_url["items"][0].get("description").is_none(), "rows are rows");
    let full = json!({"ids": ["17100001", "nordwind logistik gmbh"], "detail": "full"});
    let full = ask("find_accounts", full).await;
    assert_eq!(full["items"].as_array().unwrap().len(), 2);
    assert_eq!(full["items"][0]["description"]["from"], "internal");
}

#[tokio::test]
async fn a_filter_that_a_system_lacks_costs_its_rows_and_is_said() {
    let page = ask("find_accounts", json!({"segment": "enterprise"})).await;
    assert!(!ids(&page).is_empty() && ids(&page).iter().all(|id| id.starts_with("sf:")), "{page}");
    assert_eq!(page["sources"][1]["status"], "unsupported_filter");
    let alone = refused("find_accounts", json!({"segment": "enterprise", "source": "hs"})).await;
    assert_eq!(alone.code(), Code::UnsupportedFilter);
}

#[tokio::test]
async fn a_customer_of_two_systems_is_listed_from_both_and_briefed_on_from_one() {
    let page = ask("list_customer_cases", json!({"account": "aurora-retail.example"})).await;
    let accounts = page["customers"].as_array().unwrap();
    let meant: Vec<_> = accounts.iter().map(|a| (a["id"].as_str().unwrap(), &a["matched_by"])).collect();
    assert_eq!(
        meant,
        [("sf:account/aurora-retail", &json!("domain")), ("hs:account/aurora-retail", &json!("domain"))]
    );
    assert_eq!(page["sources"].as_array().unwrap().len(), 2);
    let error = refused("get_account_brief", json!({"account": "Aurora Retail Ltd"})).await;
    assert_eq!((error.code(), error.wire("").candidates.len()), (Code::AmbiguousReference, 2));
}

#[tokio::test]
async fn an_account_is_looked_for_only_where_it_is() {
    for (reference, by) in [
        ("sf:account/nordwind", "id"),
        ("https://sf.example/account/nordwind", "id"),
        ("Nordwind Handel AG", "name"),
        ("nordwind.example", "domain"),
        ("17100001", "erp_customer"),
        ("cus_HaldenNordwind", "billing_customer"),
    ] {
        let page = ask("list_open_opportunities", json!({"account": reference})).await;
        assert!(ids(&page).contains(&"sf:opportunity/nordwind-instant-payouts"), "{reference}: {page}");
        assert_eq!(page["sources"].as_array().unwrap().len(), 1, "{reference}");
        if reference.starts_with("sf:") || !reference.contains("://") {
            assert_eq!(page["customers"][0]["matched_by"], by, "{reference}");
        }
    }
    let unknown = refused("list_open_opportunities", json!({"account": "Nordwind"})).await;
    assert_eq!(unknown.code(), Code::NotFound, "part of a name is no name");
    assert_eq!(unknown.wire("").candidates.len(), 2, "but the nearest are named: {unknown:?}");
    for (reference, code) in [
        ("sf:../../secret", Code::NotFound),
        ("https://elsewhere.example/account/nordwind", Code::NotFound),
        ("nosuch:account/x", Code::InvalidArgument),
    ] {
        let error = refused("list_open_opportunities", json!({"account": reference})).await;
        assert_eq!(error.code(), code, "{reference}");
    }
}

#[tokio::test]
async fn what_is_open_is_told_soonest_first_and_can_be_narrowed() {
    let page = ask("list_open_opportunities", json!({"limit": 100})).await;
    let days: Vec<_> = page["items"].as_array().unwrap().iter().map(|o| o["close"].as_str()).collect();
    assert!(days.is_sorted(), "{days:?}");
    let first = &page["items"][0];
    assert!(first["amount"]["amount"].is_string() && first["account"]["name"].is_string(), "{first}");
    let min = json!({"min_amount": {"amount": "500000", "currency": "EUR"}});
    let large = ask("list_open_opportunities", min).await;
    assert!(ids(&large).contains(&"sf:opportunity/nordwind-renewal"), "{large}");
    assert!(large["items"].as_array().unwrap().iter().all(|o| o["amount"]["currency"] == "EUR"), "{large}");
    let quiet =
        ask("list_open_opportunities", json!({"stale_for_days": 60, "owner": "me", "limit": 100})).await;
    assert!(ids(&quiet).contains(&"sf:opportunity/nordwind-gift-cards"), "{quiet}");
    let gap = ask("list_open_opportunities", json!({"where_empty": "amount", "limit": 100})).await;
    assert!(ids(&gap).contains(&"sf:opportunity/nordwind-gift-cards"), "{gap}");
    let stage = refused("list_open_opportunities", json!({"stage": "Frobnicating"})).await;
    assert_eq!(stage.code(), Code::InvalidArgument);
    assert!(stage.wire("").allowed.contains(&"Negotiation".to_owned()));
    let money =
        refused("list_open_opportunities", json!({"min_amount": {"amount": 5, "currency": "EUR"}})).await;
    assert_eq!(money.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn pages_continue_and_belong_to_their_query() {
    let desk = desk();
    let first = desk.run(&cx("find_accounts", "k"), json!({"limit": 5})).await.unwrap().value;
    let cursor = first["next_cursor"].clone();
    let second = json!({"limit": 5, "cursor": cursor});
    let second = desk.run(&cx("find_accounts", "k"), second).await.unwrap().value;
    assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)));
    let other = json!({"name": "a", "limit": 5, "cursor": cursor});
    let other = desk.run(&cx("find_accounts", "k"), other).await.unwrap_err();
    assert_eq!(other.code(), Code::CursorExpired);
}

#[tokio::test]
async fn the_pipeline_is_added_up_per_currency() {
    let period = json!({"from": ahead(-100), "before": ahead(200)});
    let pipeline = ask("get_pipeline_summary", period).await;
    let open = pipeline["open"].as_array().unwrap();
    assert!(open.len() > 1, "several currencies stand apart: {open:?}");
    assert!(pipeline["groups"].as_array().unwrap().iter().all(|g| g["group"].is_string()));
    assert_eq!(pipeline["groups"][0]["standing"], "open");
    assert_eq!(pipeline["complete"], true);
    let forecast = ask("get_pipeline_summary", json!({"group_by": "forecast"})).await;
    assert_eq!(forecast["sources"][1]["status"], "unsupported_filter");
    assert_eq!(forecast["complete"], false, "a source is missing");
    let backwards = json!({"from": "2026-06-01", "before": "2026-01-01"});
    assert_eq!(refused("get_pipeline_summary", backwards).await.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn activity_is_told_of_any_record() {
    let of_account = ask("list_recent_activity", json!({"record": "nordwind.example"})).await;
    assert!(ids(&of_account).contains(&"sf:activity/nordwind-mail-outage"), "{of_account}");
    for record in ["sf:opportunity/nordwind-instant-payouts", "emre.yildiz@nordwind.example"] {
        let page = ask("list_recent_activity", json!({"record": record, "kinds": ["email"]})).await;
        assert_eq!(ids(&page), ["sf:activity/nordwind-mail-outage"], "{record}");
        assert!(page["items"][0].get("text").is_none(), "{page}");
        let full = json!({"record": record, "kinds": ["email"], "detail": "full"});
        let full = ask("list_recent_activity", full).await;
        assert_eq!(full["items"][0]["text"]["from"], "customer");
    }
    let all = ask("list_recent_activity", json!({"since": "P14D", "limit": 50})).await;
    assert_eq!(all["sources"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn renewals_are_listed_where_they_are_kept() {
    let page = ask("list_upcoming_renewals", json!({"before": ahead(60)})).await;
    assert!(ids(&page).contains(&"sf:renewal/renewal-nordwind"), "{page}");
    assert_eq!(page["sources"][1]["status"], "unsupported");
    let desk = Bench::new(catalog(), vec![source("hs", "hubspot", Able { renewals: false, ..Able::ALL })]);
    assert!(!desk.offered("list_upcoming_renewals") && desk.offered("list_customer_cases"));
}

#[tokio::test]
async fn hidden_orders_are_data_and_visible() {
    let cases = ask("list_customer_cases", json!({"detail": "full", "limit": 100})).await.to_string();
    assert!(
        cases.contains("hidden_characters") && cases.contains(r#""from":"customer""#),
        "{}",
        content::cut(&cases, 500)
    );
    assert!(!cases.contains(['\u{202e}', '\u{200b}', '\u{2066}']), "{}", content::cut(&cases, 500));
    let closed = ask("list_customer_cases", json!({"status": "closed"})).await;
    assert!(closed["items"].as_array().unwrap().iter().all(|c| c["state"] == "closed"));
    let by_number = ask("list_customer_cases", json!({"ids": ["00000991"]})).await;
    assert_eq!(ids(&by_number), ["sf:case/00000991"], "a closed case that is asked for by number is shown");
}

#[tokio::test]
async fn a_brief_is_whole_or_says_what_is_missing() {
    let brief = ask("get_account_brief", json!({"account": "nordwind.example"})).await;
    for section in ["contacts", "opportunities", "activity", "cases", "renewals"] {
        assert!(!brief[section].as_array().unwrap().is_empty(), "{section}");
    }
    assert!(brief.get("truncated").is_none() && brief.get("unavailable").is_none(), "{brief}");
    let other = ask("get_account_brief", json!({"account": "nordwind-logistik.example"})).await;
    assert_eq!(
        other["unavailable"],
        json!([{"section": "renewals", "reason": "this source does not keep it"}])
    );
    let short = json!({"account": "nordwind.example", "max_bytes": 2048});
    let short = ask("get_account_brief", short).await;
    assert!(short.to_string().len() <= 2048, "{}", short.to_string().len());
    assert!(short["truncated"] == true && short["omitted"].as_u64() > Some(0), "{short}");
}

#[tokio::test]
async fn me_is_mapped_or_said_not_to_be() {
    let page = ask("find_accounts", json!({"owner": "me"})).await;
    assert!(ids(&page).contains(&"sf:account/nordwind"), "{page}");
    let stranger = Cx::new("find_accounts", Caller::local("stranger"), Clock::system());
    let error = desk().run(&stranger, json!({"owner": "me"})).await.unwrap_err();
    assert_eq!(error.code(), Code::CallerNotMapped);
    let two = refused("find_accounts", json!({"owner": "Ana Ruiz"})).await;
    assert_eq!((two.code(), two.wire("").candidates.len()), (Code::AmbiguousReference, 2));
}

#[tokio::test]
async fn what_a_write_would_do_is_shown_and_not_done() {
    desk()
        .previews(&[
            (
                "log_customer_activity",
                json!({"record": "sf:account/nordwind", "kind": "call", "subject": "Spoke to Katrin"}),
            ),
            (
                "schedule_follow_up",
                json!({"record": "sf:account/nordwind", "subject": "Call back", "due": ahead(3)}),
            ),
            (
                "change_opportunity_stage",
                json!({"opportunity": "Nordwind: instant payouts for 410 stores", "to": "won"}),
            ),
        ])
        .await;
}

#[tokio::test]
async fn an_external_key_is_scheduled_once() {
    let desk = desk();
    let new = json!({"record": "nordwind.example", "subject": "Call Katrin", "due": ahead(2),
        "external_key": "briefing/nordwind/47"});
    let first = desk.run(&cx("schedule_follow_up", "monday"), new.clone()).await.unwrap();
    assert_eq!((&first.value["status"], &first.value["record"]["due"]), (&json!("committed"), &new["due"]));
    assert_eq!(first.value["change"]["record"]["id"], "sf:account/nordwind");
    assert_eq!(first.value["change"]["record"]["label"], "Nordwind Handel AG");
    assert_eq!(first.facts.unwrap().target.to_string(), "sf:account/nordwind");
    let again = desk.run(&cx("schedule_follow_up", "tuesday"), new).await.unwrap().value;
    assert_eq!(again["status"], "replayed");
    assert_eq!(again["record"]["id"], first.value["record"]["id"]);
    let late = json!({"record": "nordwind.example", "subject": "Call Katrin", "due": ahead(-2)});
    assert_eq!(refused("schedule_follow_up", late).await.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn people_are_known_as_such_where_no_field_says_it() {
    let desk = desk();
    let people = async |tool: &str, arguments: Value| desk.run(&cx(tool, "k"), arguments).await.unwrap();
    let note = json!({"record": "sf:contact/nordwind-katrin", "kind": "note", "subject": "Spoke of prices"});
    let logged = people("log_customer_activity", note).await;
    assert_eq!(logged.value["change"]["record"]["label"], logged.value["record"]["about"][0]["name"]);
    assert_eq!(logged.links[0].label, logged.value["change"]["record"]["label"]);
    assert!(logged.people.has(&logged.links[0].label), "{}", logged.value);
    let task = json!({"record": "nordwind.example", "subject": "Call", "due": ahead(2), "owner": "me"});
    let task = people("schedule_follow_up", task).await;
    assert!(task.people.has(task.value["record"]["owner"].as_str().unwrap()), "{}", task.value);
    assert!(!task.people.has("Nordwind Handel AG"));
    let period = json!({"from": ahead(-100), "before": ahead(200), "group_by": "owner"});
    let pipeline = people("get_pipeline_summary", period).await;
    let groups = pipeline.value["groups"].as_array().unwrap();
    let mut owners = groups.iter().filter_map(|group| group["group"].as_str()).peekable();
    assert!(owners.peek().is_some() && owners.all(|owner| pipeline.people.has(owner)), "{groups:?}");
}

#[tokio::test]
async fn a_resumed_log_looks_and_never_sends() {
    let desk = desk();
    let new = json!({"record": "sf:account/nordwind", "kind": "call", "subject": "Spoke to Katrin"});
    let lost = desk.run(&resumed("log_customer_activity", "lost"), new.clone()).await.unwrap_err();
    assert_eq!(lost.code(), Code::OutcomeUnknown);
    desk.run(&cx("log_customer_activity", "arrived"), new.clone()).await.unwrap();
    assert_eq!(
        desk.run(&resumed("log_customer_activity", "arrived"), new).await.unwrap().value["status"],
        "replayed"
    );
    let ahead = json!({"record": "sf:account/nordwind", "kind": "call", "subject": "x", "at": ahead(2)});
    assert_eq!(refused("log_customer_activity", ahead).await.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_move_can_be_taken_back_by_calling_its_undo() {
    let desk = desk();
    let to_won = json!({"opportunity": "Nordwind: instant payouts for 410 stores", "to": "won",
        "amount": {"amount": "190000", "currency": "EUR"}});
    let done = desk.run(&cx("change_opportunity_stage", "do"), to_won).await.unwrap().value;
    assert_eq!(
        (&done["record"]["stage"], &done["record"]["standing"]),
        (&json!("Closed Won"), &json!("won"))
    );
    assert_eq!(done["record"]["amount"]["amount"], "190000.00");
    let undo = done["undo"]["args"].clone();
    let undone = desk.run(&cx("change_opportunity_stage", "undo"), undo).await.unwrap().value;
    assert_eq!(
        (&undone["record"]["stage"], &undone["record"]["amount"]["amount"]),
        (&json!("Negotiation"), &json!("185000.00"))
    );
    let there = json!({"opportunity": "sf:opportunity/nordwind-instant-payouts", "to": "negotiation"});
    let there = desk.run(&cx("change_opportunity_stage", "again"), there).await.unwrap().value;
    assert_eq!(there["undo"]["none"], "it was in this stage already");
}

#[tokio::test]
async fn a_move_that_does_not_fit_is_refused_with_what_does() {
    let at = |more: Value| {
        let mut arguments = json!({"opportunity": "sf:opportunity/nordwind-instant-payouts"});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    let stage = refused("change_opportunity_stage", at(json!({"to": "Frobnicating"}))).await;
    assert_eq!((stage.code(), stage.wire("").allowed.len()), (Code::Conflict, 6));
    for (more, code) in [
        (json!({"to": "lost"}), Code::InvalidArgument),
        (json!({"to": "proposal", "lost_reason": "x"}), Code::InvalidArgument),
        (json!({"to": "proposal", "amount": {"amount": "1", "currency": "USD"}}), Code::InvalidArgument),
        (json!({"to": "proposal", "amount": {"amount": "-1", "currency": "EUR"}}), Code::InvalidArgument),
        (json!({"to": "proposal", "expected_updated_at": "2020-01-01T00:00:00Z"}), Code::Conflict),
        (json!({"to": "proposal", "expected_updated_at": "yesterday"}), Code::InvalidArgument),
    ] {
        assert_eq!(refused("change_opportunity_stage", at(more.clone())).await.code(), code, "{more}");
    }
    let worth = |currency: &str| {
        json!({"opportunity": "sf:opportunity/nordwind-gift-cards", "to": "proposal",
            "amount": {"amount": "5000000", "currency": currency}})
    };
    let error = refused("change_opportunity_stage", worth("JPY")).await;
    assert_eq!(error.code(), Code::InvalidArgument, "it has no amount, and a currency nevertheless");
    ask("change_opportunity_stage", worth("EUR")).await;
    let lost = ask("change_opportunity_stage", at(json!({"to": "lost", "lost_reason": "Price"}))).await;
    assert_eq!(lost["record"]["lost_reason"], "Price");
    let consent = desk().consent("change_opportunity_stage", at(json!({"to": "won"})));
    assert_eq!(consent, Consent::Preview);
}

#[tokio::test]
async fn another_reason_for_a_loss_is_written() {
    let desk = desk();
    let lose = |reason: &str| json!({"opportunity": "sf:opportunity/nordwind-instant-payouts", "to": "lost", "lost_reason": reason});
    let run = async |key: &str, reason: &str| {
        desk.run(&cx("change_opportunity_stage", key), lose(reason)).await.unwrap().value
    };
    run("first", "Price").await;
    let other = run("second", "They built it themselves").await;
    assert_eq!(other["record"]["lost_reason"], "They built it themselves");
    assert_eq!(other["undo"]["args"]["lost_reason"], "Price");
    let again = run("third", "They built it themselves").await;
    assert_eq!(again["undo"]["none"], "it was in this stage already");
}

#[tokio::test]
async fn a_page_of_ten_rows_is_cheap() {
    for (tool, most) in [("find_accounts", 900), ("list_open_opportunities", 900)] {
        let page = ask(tool, json!({"limit": 10})).await;
        let tokens = page.to_string().len() / 4;
        assert!(tokens <= most, "{tool}: {tokens} tokens");
    }
}

/// Vendor texts are `FreeText` or `Label`; these are of the domain's own making.
#[test]
fn every_text_of_an_output_is_marked_or_ours() {
    const OURS: &[&str] = &[
        "at",
        "before",
        "close",
        "due",
        "last_activity",
        "opened",
        "reason",
        "renewal",
        "section",
        "severity",
        "standing",
        "state",
        "updated",
    ];
    testing::assert_texts_are_marked(&catalog(), OURS);
}

#[test]
fn the_catalogue_is_small_and_plain() {
    testing::assert_small_and_plain(&catalog());
}
