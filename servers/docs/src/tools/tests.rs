//! The tools over the reference implementation: two libraries, one call at a time, in microseconds.

use std::sync::Arc;

use error::{Code, Error};
use serde_json::{Value, json};
use tool::Consent;
use tool::testing::{self, Bench, cx, ids, resumed};

mod masked;
mod reach;
mod runbooks;
mod shown;

use super::catalog;
use crate::library::{Able, Library, Reviews};
use crate::vendors::memory::Memory;

/// The domain over `wiki` (able to do all) and `notes` (titles only, no labels, no history, drafts in one place).
fn library() -> Bench {
    let little = Able {
        full_text: false,
        labels: false,
        history: false,
        policies: false,
        access: false,
        draft_parent: false,
        section_comments: false,
        review: Reviews { labels: false, dates: false, ..Reviews::ALL },
        ..Able::ALL
    };
    let source = |name: &str, able| {
        let port: Arc<Library> = Arc::new(Memory::new(name, able));
        testing::source(name, port, Some("mei"))
    };
    Bench::new(catalog(), vec![source("wiki", Able::ALL), source("notes", little)])
}

async fn ask(tool: &str, arguments: Value) -> Value {
    library().ask(tool, arguments).await
}

async fn refused(tool: &str, arguments: Value) -> Error {
    library().refused(tool, arguments).await
}

const POOL: &str = "Checkout API: connection pool exhausted";

#[tokio::test]
async fn a_search_merges_both_libraries_newest_first() {
    let page = ask("search_documents", json!({"text": "routing"})).await;
    assert_eq!(ids(&page), ["wiki:W-9", "notes:N-4"]);
    assert_eq!(page["sources"].as_array().unwrap().len(), 2);
    assert_eq!(page["total"], json!({"count": 2, "kind": "exact"}));
    assert!(page["items"][0].get("text").is_none(), "rows are rows");
    let full = ask("search_documents", json!({"ids": ["wiki:W-9", "N-4"], "detail": "full"})).await;
    assert_eq!(full["items"][0]["text"]["from"], "internal");
    assert_eq!(full["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_filter_that_a_library_lacks_costs_its_rows_and_is_said() {
    let page = ask("search_documents", json!({"labels": ["runbook"]})).await;
    assert!(!ids(&page).is_empty() && ids(&page).iter().all(|id| id.starts_with("wiki:")), "{page}");
    assert_eq!(page["sources"][1]["status"], "unsupported_filter");
    let alone = refused("search_documents", json!({"labels": ["runbook"], "source": "notes"})).await;
    assert_eq!(alone.code(), Code::UnsupportedFilter);
}

#[tokio::test]
async fn a_space_is_looked_for_only_where_it_is() {
    let page = ask("search_documents", json!({"space": "meetings"})).await;
    assert_eq!(page["sources"].as_array().unwrap().len(), 1, "{page}");
    let unknown = refused("search_documents", json!({"space": "meating"})).await;
    assert_eq!(unknown.code(), Code::NotFound);
    assert_eq!(unknown.wire("").candidates[0].id, "notes:meetings", "{unknown:?}");
}

#[tokio::test]
async fn pages_continue_and_belong_to_their_query() {
    let library = library();
    let first = library.run(&cx("search_documents", "k"), json!({"limit": 3})).await.unwrap().value;
    let cursor = first["next_cursor"].clone();
    let second = library.run(&cx("search_documents", "k"), json!({"limit": 3, "cursor": cursor})).await;
    let second = second.unwrap().value;
    assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)));
    let other = json!({"text": "x", "limit": 3, "cursor": cursor});
    let other = library.run(&cx("search_documents", "k"), other).await.unwrap_err();
    assert_eq!(other.code(), Code::CursorExpired);
}

#[tokio::test]
async fn references_come_in_every_form() {
    for reference in
        ["wiki:W-2", "W-2", "https://wiki.example/W-2", "checkout api: connection pool exhausted"]
    {
        let detail = ask("get_document", json!({"document": reference})).await;
        assert_eq!(detail["document"]["id"], "wiki:W-2", "{reference}");
    }
    for (reference, code) in [
        ("W-99999", Code::NotFound),
        ("https://elsewhere.example/W-2", Code::NotFound),
        ("No such title anywhere", Code::NotFound),
        ("Payment routing", Code::AmbiguousReference),
        ("other:W-1", Code::InvalidArgument),
        ("wiki:../../secret", Code::NotFound),
    ] {
        assert_eq!(refused("get_document", json!({"document": reference})).await.code(), code, "{reference}");
    }
}

#[tokio::test]
async fn a_document_is_read_whole_by_section_or_as_its_outline() {
    let whole = ask("get_document", json!({"document": POOL})).await;
    let anchors: Vec<_> = whole["outline"].as_array().unwrap().iter().map(|s| s["anchor"].clone()).collect();
    assert_eq!(json!(anchors), json!(["top", "signs", "steps", "if-it-does-not-help", "background"]));
    assert_eq!(whole["document"]["version"], "1");
    let section = ask("get_document", json!({"document": POOL, "section": "Steps"})).await;
    let text = section["text"]["untrusted"].as_str().unwrap();
    assert!(text.starts_with("## Steps") && text.ends_with("Escalate to Platform Operations."), "{text}");
    assert!(section.get("outline").is_none());
    let outline = ask("get_document", json!({"document": POOL, "view": "outline"})).await;
    assert!(outline.get("text").is_none() && outline["outline"].as_array().unwrap().len() == 5);
    let unknown = refused("get_document", json!({"document": POOL, "section": "step"})).await;
    assert_eq!((unknown.code(), &*unknown.wire("").candidates[0].id), (Code::NotFound, "steps"));
}

#[tokio::test]
async fn a_long_document_is_shortened_to_the_budget_and_says_so() {
    let detail = ask("get_document", json!({"document": "Incident archive", "max_bytes": 2048})).await;
    assert!(detail.to_string().len() <= 2048, "{}", detail.to_string().len());
    assert_eq!(detail["truncated"], true);
    assert!(detail["text"]["flags"].as_array().unwrap().contains(&json!("cut")));
    let whole = ask("get_document", json!({"document": "Incident archive"})).await;
    assert!(
        whole["truncated"] == true && whole["omitted"].as_u64().unwrap() > 10_000,
        "{}",
        whole["omitted"]
    );
}

#[tokio::test]
async fn hidden_orders_are_data_and_visible() {
    let text = ask("get_document", json!({"document": "W-7"})).await.to_string();
    assert!(
        text.contains("untrusted") && text.contains("hidden_characters") && text.contains("html_comments")
    );
    assert!(!text.contains("SYSTEM:") && !text.contains('\u{202e}'), "{text}");
}

#[tokio::test]
async fn the_best_runbook_comes_first_with_its_steps() {
    let found = ask("find_runbook", json!({"service": "checkout-api", "alert": "ERR_POOL_TIMEOUT"})).await;
    assert_eq!(ids(&found)[0], "wiki:W-2", "{found}");
    let first = &found["items"][0];
    assert_eq!((&first["section"], &first["matched"]), (&json!("steps"), &json!(["alert", "service"])));
    assert!(first["steps"]["untrusted"].as_str().unwrap().contains("poolctl show checkout"));
    let symptom = ask("find_runbook", json!({"symptom": "the refunds are stuck in a queue"})).await;
    assert_eq!(ids(&symptom)[0], "notes:N-2", "{symptom}");
    assert_eq!(symptom["items"][0]["section"], "mitigation");
    let rows = ask("find_runbook", json!({"service": "Checkout API", "detail": "row"})).await;
    assert!(rows["items"][0].get("steps").is_none());
    let nothing = ask("find_runbook", json!({"symptom": "zzzz"})).await;
    assert!(ids(&nothing).is_empty(), "what does not fit at all is not offered");
    assert_eq!(refused("find_runbook", json!({"symptom": "the"})).await.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn policies_are_found_by_topic_and_day() {
    let found = ask("find_policy_documents", json!({"topic": "travel"})).await;
    assert_eq!(ids(&found), ["wiki:W-5"]);
    assert_eq!(found["sources"][1]["status"], "unsupported_filter");
    let today = ask("find_policy_documents", json!({"effective_on": "PT1H"})).await;
    assert_eq!(ids(&today), ["wiki:W-4"], "the travel policy begins next month");
    let old = ask("find_policy_documents", json!({"status": "archived"})).await;
    assert_eq!(ids(&old), ["wiki:W-6"]);
    let mine = ask("find_policy_documents", json!({"owner": "me"})).await;
    assert_eq!(ids(&mine), ["wiki:W-4"]);
}

#[tokio::test]
async fn changes_say_who_and_what_where_that_is_known() {
    let changed = ask("list_changed_documents", json!({})).await;
    assert_eq!(ids(&changed), ["notes:N-1", "wiki:W-1"]);
    assert!(changed["items"][0].get("revisions").is_none(), "no history is kept there");
    let revisions = &changed["items"][1]["revisions"];
    assert_eq!(revisions[0]["message"], "pager moved");
    assert_eq!((&revisions[0]["version"], revisions.as_array().unwrap().len()), (&json!("2"), 1));
}

#[tokio::test]
async fn reviews_name_every_reason_longest_unchanged_first() {
    let usual = ask("list_documents_needing_review", json!({})).await;
    let reasons = |id: &str| -> Value {
        let items = usual["items"].as_array().unwrap();
        items.iter().find(|i| i["id"] == id).map_or(Value::Null, |i| i["reasons"].clone())
    };
    assert_eq!(reasons("wiki:W-4"), json!(["review_overdue"]));
    assert_eq!(reasons("wiki:W-7"), json!(["no_owner"]));
    assert_eq!(reasons("notes:N-3"), json!(["stale_draft"]), "what a library cannot find is left out there");
    let updated: Vec<_> =
        usual["items"].as_array().unwrap().iter().map(|i| i["updated"].as_str().unwrap()).collect();
    assert!(updated.is_sorted(), "{updated:?}");
    let label =
        ask("list_documents_needing_review", json!({"label_missing": "runbook", "kind": "runbook"})).await;
    assert!(ids(&label).is_empty());
    assert_eq!(label["sources"][1]["status"], "unsupported_filter", "what was asked for is not left out");
    let empty = ask("list_documents_needing_review", json!({"where_empty": "labels", "space": "ENG"})).await;
    assert_eq!(ids(&empty), ["wiki:W-9"]);
}

#[tokio::test]
async fn exposure_is_known_or_unknown() {
    let known = ask("check_document_exposure", json!({"document": "Data retention policy"})).await;
    assert_eq!(known["readers"]["audience"], "restricted");
    assert_eq!(known["editors"]["people"].as_array().unwrap().len(), 1);
    assert_eq!(known["public_link"], json!({"status": "known"}));
    let half = ask("check_document_exposure", json!({"document": "Refunds are stuck"})).await;
    assert_eq!(half["readers"], json!({"status": "unknown"}));
    assert_eq!(half["public_link"]["url"], "https://notes.example/public/N-2");
}

#[tokio::test]
async fn what_a_write_would_do_is_shown_and_not_done() {
    library()
        .previews(&[
            (
                "create_document_draft",
                json!({"title": "Compliance report", "text": "# All good", "source": "wiki"}),
            ),
            ("comment_on_document", json!({"document": "W-2", "text": "Still true?", "section": "steps"})),
            (
                "update_document_section",
                json!({"document": "W-2", "section": "signs", "text": "- silence", "expected_version": "1"}),
            ),
        ])
        .await;
}

#[tokio::test]
async fn a_draft_is_written_once_and_never_published() {
    let library = library();
    let new =
        json!({"title": "Compliance report", "text": "# All good", "source": "wiki", "external_key": "c/1"});
    let first = library.run(&cx("create_document_draft", "monday"), new.clone()).await.unwrap();
    assert_eq!(
        (&first.value["status"], &first.value["record"]["status"]),
        (&json!("committed"), &json!("draft"))
    );
    assert_eq!(first.facts.unwrap().target.to_string(), first.value["record"]["id"].as_str().unwrap());
    let again = library.run(&cx("create_document_draft", "tuesday"), new).await.unwrap().value;
    assert_eq!(
        (&again["status"], &again["record"]["id"]),
        (&json!("replayed"), &first.value["record"]["id"])
    );
    let page = library.run(&cx("search_documents", "k"), json!({"text": "Compliance report"})).await;
    assert!(ids(&page.unwrap().value).is_empty());
}

#[tokio::test]
async fn a_resumed_draft_looks_and_never_sends() {
    let library = library();
    let new = json!({"title": "Written in a storm", "text": "x", "space": "OPS"});
    let lost = library.run(&resumed("create_document_draft", "lost"), new.clone()).await.unwrap_err();
    assert_eq!(lost.code(), Code::OutcomeUnknown);
    assert!(lost.wire("").operation.is_some());
    library.run(&cx("create_document_draft", "arrived"), new.clone()).await.unwrap();
    assert_eq!(
        library.run(&resumed("create_document_draft", "arrived"), new).await.unwrap().value["status"],
        "replayed"
    );
}

#[tokio::test]
async fn a_draft_goes_where_it_can() {
    let nowhere = refused("create_document_draft", json!({"title": "x", "text": "y"})).await;
    assert_eq!((nowhere.code(), nowhere.wire("").allowed.len()), (Code::InvalidArgument, 2));
    let below = json!({"title": "x", "text": "y", "parent": "N-1"});
    assert_eq!(refused("create_document_draft", below).await.code(), Code::Unsupported);
    let crossed = json!({"title": "x", "text": "y", "parent": "N-1", "source": "wiki"});
    assert_eq!(refused("create_document_draft", crossed).await.code(), Code::InvalidArgument);
    let blank = json!({"title": "  ", "text": "y", "source": "wiki"});
    assert_eq!(refused("create_document_draft", blank).await.code(), Code::InvalidArgument);
    let from = json!({"title": "x", "text": "y", "parent": "W-2", "template": "runbook"});
    let below = ask("create_document_draft", from).await["record"].clone();
    assert_eq!((&below["id"], &below["space"]), (&json!("wiki:W-10"), &json!("OPS")), "beside its parent");
    let apart = json!({"title": "x", "text": "y", "parent": "W-2", "space": "ENG"});
    let apart = refused("create_document_draft", apart).await;
    assert_eq!(apart.code(), Code::InvalidArgument);
    for named in ["wiki:W-2", "OPS", "ENG"] {
        assert!(apart.message().contains(named), "{apart:?}");
    }
}

#[tokio::test]
async fn a_section_is_replaced_shown_and_put_back() {
    let library = library();
    let edit = json!({"document": "W-2", "section": "signs", "text": "- errors\n- silence", "expected_version": "1"});
    let done = library.run(&cx("update_document_section", "do"), edit).await.unwrap().value;
    let diff = done["record"]["diff"]["untrusted"].as_str().unwrap();
    assert!(diff.contains("-- latency above 3 s") && diff.contains("+- silence"), "{diff}");
    assert_eq!(
        (&done["record"]["document"]["version"], &done["undo"]["tool"]),
        (&json!("2"), &json!("update_document_section"))
    );
    let undo = library.run(&cx("update_document_section", "undo"), done["undo"]["args"].clone()).await;
    assert_eq!(undo.unwrap().value["record"]["document"]["version"], "3");
    let read = library.run(&cx("get_document", "k"), json!({"document": "W-2"})).await.unwrap().value;
    assert!(
        read["text"]["untrusted"].as_str().unwrap().contains("- latency above 3 s\n- `ERR_POOL_TIMEOUT`")
    );
}

#[tokio::test]
async fn a_stale_version_is_a_conflict_and_a_resumed_edit_is_found() {
    let library = library();
    let edit = json!({"document": "W-2", "section": "signs", "text": "- errors", "expected_version": "1"});
    library.run(&cx("update_document_section", "do"), edit.clone()).await.unwrap();
    let stale = library.run(&cx("update_document_section", "late"), edit.clone()).await.unwrap_err();
    assert_eq!(stale.code(), Code::Conflict);
    let again = library.run(&resumed("update_document_section", "do"), edit).await.unwrap().value;
    assert_eq!(again["status"], "replayed");
    let heading =
        json!({"document": "W-2", "section": "signs", "text": "# New part", "expected_version": "2"});
    let heading = library.run(&cx("update_document_section", "h"), heading).await.unwrap_err();
    assert_eq!(heading.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn an_edit_that_took_its_section_away_is_found() {
    let library = library();
    let empty = json!({"document": "W-2", "section": "top", "text": "", "expected_version": "1"});
    library.run(&cx("update_document_section", "do"), empty.clone()).await.unwrap();
    let again = library.run(&resumed("update_document_section", "do"), empty.clone()).await.unwrap().value;
    assert_eq!(again["status"], "replayed");
    assert!(again["undo"]["manual"].as_str().unwrap().contains("version 1"), "{again}");
    let other = library.run(&resumed("update_document_section", "another"), empty).await.unwrap_err();
    assert_eq!(other.code(), Code::NotFound, "nobody knows of another");
}

#[tokio::test]
async fn nobody_replaces_what_they_cannot_have_read() {
    let library = library();
    let long = format!("## Long\n{}", "A line of some length, and another.\n".repeat(600));
    let new = json!({"title": "Long", "text": long, "source": "wiki"});
    let made = library.run(&cx("create_document_draft", "k"), new).await.unwrap().value;
    let edit =
        json!({"document": made["record"]["id"], "section": "long", "text": "x", "expected_version": "1"});
    let refused = library.run(&cx("update_document_section", "k"), edit).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn comments_go_on_the_document_or_a_section() {
    let posted =
        ask("comment_on_document", json!({"document": "W-2", "text": "Still true?", "section": "steps"}))
            .await;
    assert_eq!(posted["record"]["section"], "steps");
    assert_eq!(posted["record"]["id"], "wiki:W-2/1", "an id like all others");
    let refused_there =
        refused("comment_on_document", json!({"document": "N-2", "text": "x", "section": "mitigation"}))
            .await;
    assert_eq!(refused_there.code(), Code::Unsupported);
    let whole = ask("comment_on_document", json!({"document": "N-2", "text": "x"})).await;
    assert!(whole["record"].get("section").is_none());
}

#[test]
fn only_an_edit_wants_a_second_look() {
    let levels: Vec<_> = catalog().specs().unwrap().iter().map(|s| (s.meta.name, s.meta.consent)).collect();
    for (name, level) in levels {
        let wanted = if name == "update_document_section" { Consent::Preview } else { Consent::None };
        assert_eq!(level, wanted, "{name}");
    }
}

#[tokio::test]
async fn a_page_of_ten_rows_is_cheap() {
    let page = ask("search_documents", json!({"limit": 10})).await;
    let tokens = page.to_string().len() / 4;
    assert!(tokens <= 900, "{tokens} tokens");
}

/// Vendor texts are `FreeText` or `Label`; these are of the domain's own making.
#[test]
fn every_text_of_an_output_is_marked_or_ours() {
    const OURS: &[&str] = &[
        "anchor",
        "at",
        "audience",
        "created",
        "effective",
        "inherited_from",
        "matched",
        "reasons",
        "review_by",
        "section",
        "updated",
        "version",
    ];
    testing::assert_texts_are_marked(&catalog(), OURS);
}

#[test]
fn the_catalogue_is_small_and_plain() {
    testing::assert_small_and_plain(&catalog());
}
