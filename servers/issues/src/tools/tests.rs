//! The tools over the reference implementation: two trackers, one call at a time, in microseconds.

use std::sync::Arc;

use call::{Caller, Clock, Cx, Operation};
use error::{Code, Error};
use serde_json::{Value, json};
use tool::testing::{self, Bench, cx, ids, resumed};
use tool::{Consent, Known, Settle, Terms};

use super::catalog;
use crate::tracker::{Able, Tracker};
use crate::vendors::memory::Memory;

/// The domain over `jira` (able to do all) and `github` (no priority, no due dates, no internal comments).
fn desk() -> Bench {
    let little = Able { priority: false, due: false, internal_comments: false, set_due: false, ..Able::ALL };
    let all = Able { mentions: false, ..Able::ALL };
    let source = |name: &str, able| {
        let port: Arc<Tracker> = Arc::new(Memory::new(name, name, able));
        testing::source(name, port, Some("ana"))
    };
    Bench::new(catalog(), vec![source("jira", all), source("github", little)])
}

async fn ask(tool: &str, arguments: Value) -> Value {
    desk().ask(tool, arguments).await
}

async fn refused(tool: &str, arguments: Value) -> Error {
    desk().refused(tool, arguments).await
}

#[tokio::test]
async fn a_search_merges_both_trackers_newest_first() {
    let page = ask("search_issues", json!({"text": "safari"})).await;
    assert_eq!(ids(&page), ["jira:PAY-12", "github:halden/web#7", "jira:PAY-17"]);
    assert_eq!(page["sources"].as_array().unwrap().len(), 2);
    assert_eq!(page["total"], json!({"count": 3, "kind": "exact"}));
    assert!(page["items"][0].get("description").is_none(), "rows are rows");
    let full =
        ask("search_issues", json!({"ids": ["PAY-12", "github:halden/web#7"], "detail": "full"})).await;
    assert_eq!(full["items"][0]["description"]["from"], "internal");
    assert_eq!(full["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_filter_that_a_tracker_lacks_costs_its_rows_and_is_said() {
    let page = ask("search_issues", json!({"priority": "critical"})).await;
    assert!(ids(&page).iter().all(|id| id.starts_with("jira:")), "{page}");
    assert_eq!(page["sources"][1]["status"], "unsupported_filter");
    let alone = refused("search_issues", json!({"priority": "critical", "source": "github"})).await;
    assert_eq!(alone.code(), Code::UnsupportedFilter);
}

#[tokio::test]
async fn a_project_is_looked_for_only_where_it_is() {
    let page = ask("search_issues", json!({"project": "payments", "limit": 3})).await;
    assert_eq!(page["sources"].as_array().unwrap().len(), 1, "{page}");
    let unknown = refused("search_issues", json!({"project": "PYA"})).await;
    assert_eq!(unknown.code(), Code::NotFound);
    assert_eq!(unknown.wire("").candidates[0].id, "jira:PAY", "{unknown:?}");
}

#[tokio::test]
async fn of_two_projects_of_one_source_neither_is_guessed() {
    for tool in ["search_issues", "list_release_blockers"] {
        let refused = refused(tool, json!({"project": "search"})).await;
        assert_eq!(refused.code(), Code::AmbiguousReference, "{tool}");
        let candidates: Vec<String> = refused.wire("").candidates.into_iter().map(|c| c.id).collect();
        assert_eq!(candidates, ["jira:SEA", "jira:SEARCH"], "{tool}");
    }
    let meant = ask("search_issues", json!({"project": "jira:SEA"})).await;
    assert!(ids(&meant).is_empty(), "{meant}");
}

#[tokio::test]
async fn pages_continue_and_belong_to_their_query() {
    let desk = desk();
    let first =
        desk.run(&cx("search_issues", "k"), json!({"state": "todo", "limit": 5})).await.unwrap().value;
    let cursor = first["next_cursor"].clone();
    let second = json!({"state": "todo", "limit": 5, "cursor": cursor});
    let second = desk.run(&cx("search_issues", "k"), second).await.unwrap().value;
    assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)));
    let other = json!({"state": "done", "limit": 5, "cursor": cursor});
    let other = desk.run(&cx("search_issues", "k"), other).await.unwrap_err();
    assert_eq!(other.code(), Code::CursorExpired);
}

#[tokio::test]
async fn references_come_in_every_form() {
    for reference in
        ["jira:PAY-12", "PAY-12", "https://jira.example/PAY-12", "card payments fail with 3ds on safari 19"]
    {
        let detail = ask("get_issue", json!({"issue": reference})).await;
        assert_eq!(detail["issue"]["id"], "jira:PAY-12", "{reference}");
    }
    for (reference, code) in [
        ("PAY-99999", Code::NotFound),
        ("https://elsewhere.example/PAY-12", Code::NotFound),
        ("No such title anywhere", Code::NotFound),
        ("gitlab:web#1", Code::InvalidArgument),
        ("jira:../../secret", Code::NotFound),
    ] {
        assert_eq!(refused("get_issue", json!({"issue": reference})).await.code(), code, "{reference}");
    }
}

#[tokio::test]
async fn me_is_mapped_or_said_not_to_be() {
    let page = ask("list_assigned_work", json!({})).await;
    assert!(ids(&page).contains(&"jira:PAY-12") && ids(&page).contains(&"github:halden/web#7"), "{page}");
    let stranger = Cx::new("list_assigned_work", Caller::local("stranger"), Clock::system());
    let error = desk().run(&stranger, json!({})).await.unwrap_err();
    assert_eq!(error.code(), Code::CallerNotMapped);
    let two = refused("list_assigned_work", json!({"user": "Ana Ruiz"})).await;
    assert_eq!((two.code(), two.wire("").candidates.len()), (Code::AmbiguousReference, 2));
}

#[tokio::test]
async fn a_long_issue_is_shortened_to_the_budget_and_says_so() {
    let detail = ask("get_issue", json!({"issue": "PAY-20", "max_bytes": 2048})).await;
    assert!(detail.to_string().len() <= 2048, "{}", detail.to_string().len());
    assert_eq!(detail["truncated"], true);
    assert!(detail["issue"]["description"]["flags"].as_array().unwrap().contains(&json!("cut")));
}

#[tokio::test]
async fn hidden_orders_are_data_and_visible() {
    let text = ask("get_issue", json!({"issue": "PAY-18"})).await["issue"]["description"].to_string();
    assert!(
        text.contains("untrusted") && text.contains("hidden_characters") && text.contains("html_comments")
    );
    assert!(!text.contains("SYSTEM:") && !text.contains('\u{202e}'), "{text}");
}

#[tokio::test]
async fn what_a_write_would_do_is_shown_and_not_done() {
    desk()
        .previews(&[
            ("create_issue", json!({"project": "PAY", "title": "Renew contract 77"})),
            ("comment_on_issue", json!({"issue": "PAY-13", "text": "On it.", "visibility": "public"})),
            (
                "update_issue_fields",
                json!({"issue": "PAY-13", "title": "New", "assignee": "anaruiz", "add_labels": ["urgent"]}),
            ),
            ("transition_issue", json!({"issue": "PAY-13", "to": "in progress"})),
        ])
        .await;
}

#[tokio::test]
async fn an_external_key_is_filed_once() {
    let desk = desk();
    let new = json!({"project": "PAY", "title": "Renew contract 77", "external_key": "contract/77"});
    let first = desk.run(&cx("create_issue", "monday"), new.clone()).await.unwrap();
    assert_eq!(first.value["status"], "committed");
    assert_eq!(first.facts.unwrap().target.to_string(), first.value["record"]["id"].as_str().unwrap());
    let elsewhere = json!({"project": "OPS", "title": "Renew contract 77", "external_key": "contract/77"});
    for (day, new) in [("tuesday", new), ("wednesday", elsewhere.clone())] {
        let again = desk.run(&cx("create_issue", day), new).await.unwrap().value;
        assert_eq!(again["status"], "replayed", "{day}");
        assert_eq!(again["record"]["id"], first.value["record"]["id"]);
    }
    let terms = Terms { settle: Some(Arc::new(Only("OPS"))), ..Terms::default() };
    let narrow = cx("create_issue", "thursday").with_attached(Arc::new(terms));
    let beyond = desk.run(&narrow, elsewhere).await.unwrap_err();
    assert_eq!(beyond.code(), Code::Permission, "it is not shown to whoever may not see it");
}

/// Allows what lies in one project.
struct Only(&'static str);

impl Settle for Only {
    fn settle(&self, known: &Known) -> error::Result<()> {
        match known.place.as_deref() == Some(self.0) {
            true => Ok(()),
            false => Err(Error::new(Code::Permission, "elsewhere")),
        }
    }

    fn wants_place(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn a_resumed_create_looks_and_never_sends() {
    let desk = desk();
    let new = json!({"project": "PAY", "title": "Filed in a storm"});
    let lost = desk.run(&resumed("create_issue", "lost"), new.clone()).await.unwrap_err();
    assert_eq!(lost.code(), Code::OutcomeUnknown);
    assert!(lost.wire("").operation.is_some());
    desk.run(&cx("create_issue", "arrived"), new.clone()).await.unwrap();
    assert_eq!(desk.run(&resumed("create_issue", "arrived"), new).await.unwrap().value["status"], "replayed");
}

#[tokio::test]
async fn an_update_can_be_undone_by_calling_its_undo() {
    let desk = desk();
    let edit =
        json!({"issue": "PAY-13", "title": "New title", "assignee": "anaruiz", "add_labels": ["urgent"]});
    let done = desk.run(&cx("update_issue_fields", "do"), edit).await.unwrap().value;
    assert_eq!(done["record"]["title"], "New title");
    assert_eq!(done["undo"]["tool"], "update_issue_fields");
    let undone =
        desk.run(&cx("update_issue_fields", "undo"), done["undo"]["args"].clone()).await.unwrap().value;
    assert_eq!(undone["record"]["title"], "Refund in SEK is rounded twice");
    assert_eq!(undone["record"]["assignee"], "Björn Åkesson");
    assert_eq!(undone["record"]["labels"], json!(["refunds", "customer:nordlys"]));
}

#[tokio::test]
async fn nobody_writes_a_mask_in_place_of_the_value() {
    let desk = desk();
    let whole = json!({
        "issue": "PAY-13", "title": "Refund for jane@acme.example", "description": "Card 4111 1111 1111 1111\nTwice",
    });
    desk.run(&cx("update_issue_fields", "whole"), whole).await.unwrap();
    for (field, masked, kept) in [
        ("title", "Refunds for j***@a***.example", "Refunds for jane@acme.example"),
        ("description", "Card ****1111\nThrice", "Card 4111 1111 1111 1111\nThrice"),
    ] {
        let edit = |text: &str| json!({"issue": "PAY-13", field: text});
        let refused = desk.run(&cx("update_issue_fields", masked), edit(masked)).await.unwrap_err();
        assert_eq!((refused.code(), &*refused.wire("").fields[0].path), (Code::InvalidArgument, field));
        desk.run(&cx("update_issue_fields", kept), edit(kept)).await.unwrap();
    }
}

#[tokio::test]
async fn undo_gives_back_the_whole_title_or_says_that_it_cannot() {
    let desk = desk();
    let long = "l".repeat(250);
    let titled = |title: &str| json!({"issue": "PAY-13", "title": title});
    desk.run(&cx("update_issue_fields", "long"), titled(&long)).await.unwrap();
    let done = desk.run(&cx("update_issue_fields", "short"), titled("Short")).await.unwrap().value;
    assert_eq!(done["undo"]["args"]["title"], long, "not the label that readers see");
    let bare = json!({"project": "PAY", "title": "Bare"});
    let bare = desk.run(&cx("create_issue", "bare"), bare).await.unwrap().value;
    let rank = json!({"issue": bare["record"]["id"], "priority": "high"});
    let done = desk.run(&cx("update_issue_fields", "rank"), rank).await.unwrap().value;
    assert!(done["undo"]["manual"].as_str().unwrap().contains("priority"), "it had none: {done}");
}

#[tokio::test]
async fn whoever_agrees_to_a_new_issue_sees_all_of_it() {
    let new = json!({
        "project": "PAY", "title": "Renew", "description": "All of it", "type": "Task", "labels": ["a", "b"],
        "priority": "high", "assignee": "anaruiz", "due": "2030-01-02", "template": "incident",
        "fields": {"Severity note": "none", "Team": {"id": 7}},
    });
    let cx =
        cx("create_issue", "seen").with_operation(Operation::derive(&["create_issue"], "seen").preview());
    let desk = desk();
    let preview = desk.run(&cx, new.clone()).await.unwrap().value;
    let done = desk.run(&self::cx("create_issue", "done"), new).await.unwrap().value;
    let wanted = [
        ("title", "Renew"),
        ("type", "Task"),
        ("description", "All of it"),
        ("template", "incident"),
        ("labels", "a, b"),
        ("priority", "high"),
        ("assignee", "ana"),
        ("due", "2030-01-02"),
        ("fields/Severity note", "none"),
        ("fields/Team", r#"{"id":7}"#),
    ];
    for answer in [preview, done] {
        let fields = answer["change"]["fields"].as_array().unwrap();
        let shown: Vec<_> =
            fields.iter().map(|f| (f["field"].as_str().unwrap(), f["after"].as_str().unwrap())).collect();
        assert_eq!(shown, wanted);
    }
}

#[tokio::test]
async fn what_nobody_sees_is_neither_said_nor_looked_for() {
    for (tool, arguments, path) in [
        ("comment_on_issue", json!({"issue": "PAY-13", "text": "\u{200b}", "visibility": "public"}), "text"),
        ("create_issue", json!({"project": "PAY", "title": "Renew", "labels": ["a", " "]}), "labels/1"),
        ("search_issues", json!({"text": ""}), "text"),
        ("search_issues", json!({"text": "   "}), "text"),
        ("list_release_blockers", json!({"release": "\u{feff}"}), "release"),
    ] {
        let refused = refused(tool, arguments).await;
        let field = refused.wire("").fields.remove(0);
        assert_eq!((refused.code(), &*field.path), (Code::InvalidArgument, path));
        assert!(field.problem.contains("leave it out"), "{refused}");
    }
    let bare = json!({"project": "PAY", "title": "Renew", "description": ""});
    assert_eq!(ask("create_issue", bare).await["status"], "committed");
}

#[tokio::test]
async fn nothing_new_is_due_in_the_past() {
    for due in ["P3D", "1999-01-01"] {
        let new = json!({"project": "PAY", "title": "Renew", "due": due});
        let refused = refused("create_issue", new).await;
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().starts_with("due: lies in the past; today is"), "{refused}");
    }
}

#[tokio::test]
async fn a_stale_update_is_a_conflict() {
    let stale = json!({"issue": "PAY-13", "title": "x", "expected_updated_at": "2020-01-01T00:00:00Z"});
    assert_eq!(refused("update_issue_fields", stale).await.code(), Code::Conflict);
    assert_eq!(
        refused("update_issue_fields", json!({"issue": "PAY-13"})).await.code(),
        Code::InvalidArgument
    );
    let both = json!({"issue": "PAY-13", "assignee": "me", "clear": ["assignee"]});
    assert_eq!(refused("update_issue_fields", both).await.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_move_names_the_states_there_are() {
    let moved = ask("transition_issue", json!({"issue": "PAY-13", "to": "in progress"})).await;
    assert_eq!(moved["record"]["state"], "doing");
    assert_eq!(moved["undo"]["args"], json!({"issue": "jira:PAY-13", "to": "To Do"}));
    let error = refused("transition_issue", json!({"issue": "PAY-13", "to": "Shipped"})).await;
    assert_eq!(error.code(), Code::Conflict);
    assert_eq!(error.wire("").allowed, ["In Progress", "Done"]);
    let there = ask("transition_issue", json!({"issue": "PAY-13", "to": "To Do"})).await;
    assert_eq!(there["status"], "committed");
}

#[tokio::test]
async fn what_everybody_reads_needs_a_person() {
    let desk = desk();
    let level = |visibility: &str| {
        let arguments = json!({"issue": "PAY-12", "text": "hi", "visibility": visibility});
        desk.consent("comment_on_issue", arguments)
    };
    assert_eq!((level("internal"), level("public")), (Consent::None, Consent::Confirm));
    let internal = json!({"issue": "github:halden/web#7", "text": "hi", "visibility": "internal"});
    assert_eq!(refused("comment_on_issue", internal).await.code(), Code::Unsupported);
    let posted =
        ask("comment_on_issue", json!({"issue": "PAY-12", "text": "hi", "visibility": "internal"})).await;
    assert_eq!(posted["record"]["visibility"], "internal");
}

#[tokio::test]
async fn the_other_reads_answer() {
    let iteration = ask("get_iteration_status", json!({"project": "PAY"})).await;
    assert_eq!((&iteration["name"], &iteration["done"]), (&json!("PAY Sprint 42"), &json!(1)));
    assert!(iteration.get("committed").is_none(), "unknown is absent");
    let blockers = ask("list_release_blockers", json!({"release": "4.2", "severity": "critical"})).await;
    assert!(ids(&blockers).contains(&"jira:PAY-12"), "{blockers}");
    assert_eq!(blockers["items"][0]["reason"], "priority critical");
    assert_eq!(blockers["sources"][1]["status"], "unsupported_filter", "a severity it cannot judge");
    let usual = ask("list_release_blockers", json!({"release": "4.2"})).await;
    assert_eq!(usual["sources"][1]["status"], "ok", "{usual}");
    let links = ask("get_delivery_links", json!({"issue": "PAY-12"})).await;
    assert_eq!(links["pull_requests"][0]["id"], "github:halden/web#31");
}

#[tokio::test]
async fn a_page_of_ten_rows_is_cheap() {
    let page = ask("search_issues", json!({"limit": 10})).await;
    let tokens = page.to_string().len() / 4;
    assert!(tokens <= 900, "{tokens} tokens");
}

/// Vendor texts are `FreeText` or `Label`; these are of the domain's own making.
#[test]
fn every_text_of_an_output_is_marked_or_ours() {
    const OURS: &[&str] =
        &["at", "created", "due", "end", "issue", "priority", "start", "state", "updated", "visibility"];
    testing::assert_texts_are_marked(&catalog(), OURS);
}

#[test]
fn the_catalogue_is_small_and_plain() {
    testing::assert_small_and_plain(&catalog());
}
