//! What goes wrong, in the domain's words.

use call::Cx;
use error::Code;
use sandbox::Rule;
use serde_json::{Value, json};

use super::{Lab, TITLE, first, writing};
use crate::library::{NewDocument, Query};
use crate::vendors::notion::sim::NARROW_TOKEN;

fn strike(lab: &Lab, rule: Value) {
    let rule: Rule = serde_json::from_value(rule).unwrap();
    lab.running.control.add_fault(rule).unwrap();
}

#[tokio::test]
async fn a_connection_that_may_only_read_reads() {
    let lab = Lab::with(Some(NARROW_TOKEN), |_| ()).await;
    let document = lab.titled(TITLE).await;
    assert!(document.updated_by.is_none(), "nobody is known by name");
    let (cx, mark) = writing("narrow");
    let new = NewDocument { title: "No".into(), ..NewDocument::default() };
    let error = lab.library.create_draft(&cx, &new, &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::Permission);
    let error = lab.library.comment(&cx, document.id.native(), "x", None, &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::Permission);
}

#[tokio::test]
async fn a_token_that_is_none_is_said_to_be() {
    let lab = Lab::with(Some("ntn_wrong"), |_| ()).await;
    let error = lab.library.spaces(&Cx::for_test()).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamAuth);
}

#[tokio::test]
async fn a_version_that_notion_does_not_serve_is_said_to_be() {
    let version = |settings: &mut outbound::Settings| {
        settings.rest.insert("notion_version".into(), "2019-01-01".into());
    };
    let lab = Lab::with(None, version).await;
    let error = lab.library.spaces(&Cx::for_test()).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument, "{error:?}");
    let newer = |settings: &mut outbound::Settings| {
        settings.rest.insert("notion_version".into(), "2026-03-11".into());
    };
    let lab = Lab::with(None, newer).await;
    assert!(!lab.library.search(&Cx::for_test(), &Query::default(), first(5)).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn an_overload_passes() {
    let lab = Lab::start().await;
    strike(
        &lab,
        json!({ "fault": { "kind": "status", "status": 529, "headers": { "retry-after": "0" } }, "times": 1 }),
    );
    lab.titled(TITLE).await;
}

#[tokio::test]
async fn a_page_that_is_gone_costs_its_text_and_no_list() {
    let lab = Lab::start().await;
    let gone = lab.titled(TITLE).await.id;
    let body = json!({ "object": "error", "status": 404, "code": "object_not_found", "message": "gone" });
    strike(
        &lab,
        json!({
            "match": { "method": "GET", "path_prefix": format!("/v1/pages/{}/markdown", gone.native()) },
            "fault": { "kind": "status", "status": 404, "body": body },
        }),
    );
    let query = Query { text: Some("runbook".into()), full: true, ..Query::default() };
    let rows = lab.library.search(&Cx::for_test(), &query, first(20)).await.unwrap().rows;
    assert!(rows.len() > 1);
    assert!(rows.iter().all(|row| row.text.is_none() == (row.id == gone)), "{rows:?}");
}

#[tokio::test]
async fn a_page_in_the_trash_is_archived_and_in_no_list() {
    let lab = Lab::start().await;
    let id = lab.titled(TITLE).await.id;
    let path = format!("/v1/pages/{}", id.native());
    let answer = super::by_hand::ask(&lab, http::Method::PATCH, &path, &json!({ "in_trash": true }));
    assert_eq!(answer.status, 200);
    let cx = Cx::for_test();
    let read = lab.library.read(&cx, id.native()).await.unwrap();
    assert_eq!(read.document.status, crate::model::Status::Archived);
    let query = Query { text: Some(TITLE.into()), ..Query::default() };
    assert!(lab.library.search(&cx, &query, first(5)).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn a_draft_whose_answer_is_lost_is_found_by_its_mark() {
    let lab = Lab::start().await;
    strike(
        &lab,
        json!({
            "match": { "method": "POST", "path_prefix": "/v1/pages" }, "fault": { "kind": "apply_then_reset" }, "times": 1,
        }),
    );
    let (cx, mark) = writing("lost");
    let new = NewDocument { title: "Lost and found".into(), ..NewDocument::default() };
    let error = lab.library.create_draft(&cx, &new, &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown);
    assert!(lab.library.find_marked(&cx, None, &mark).await.unwrap().is_some());
    assert_eq!(lab.asked("/v1/pages").iter().filter(|entry| entry.method == "POST").count(), 1);
}

/// A refusal of the text itself is no conflict: the page is still what was read.
#[tokio::test]
async fn an_edit_that_notion_refuses_is_invalid_while_nobody_was_faster() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("refused");
    let id = lab.titled(TITLE).await.id;
    let read = lab.library.read(&cx, id.native()).await.unwrap();
    let edit = crate::markdown::Edit::new(&crate::markdown::Outline::of(&read.text), "steps", "x").unwrap();
    strike(
        &lab,
        json!({
            "match": { "method": "PATCH" }, "times": 1,
            "fault": { "kind": "status", "status": 400, "body": { "code": "validation_error", "message": "canary" } },
        }),
    );
    let error = lab.library.replace_section(&cx, id.native(), &edit, &read.version, &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument, "{error:?}");
}

/// Notion has confirmed the write, and only what else is known of the page does not come.
#[tokio::test]
async fn a_page_that_cannot_be_read_after_its_edit_is_edited() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("blind");
    let page = lab.titled(TITLE).await;
    let id = page.id.native();
    let read = lab.library.read(&cx, id).await.unwrap();
    let edit = crate::markdown::Edit::new(&crate::markdown::Outline::of(&read.text), "steps", "x").unwrap();
    let texts = json!({ "method": "GET", "path_prefix": format!("/v1/pages/{id}/markdown") });
    let pages = json!({ "method": "GET", "path_prefix": format!("/v1/pages/{id}") });
    let (as_ever, broken) =
        (json!({ "kind": "latency", "ms": 0 }), json!({ "kind": "status", "status": 500 }));
    strike(&lab, json!({ "match": texts, "fault": as_ever }));
    strike(&lab, json!({ "match": pages, "fault": broken, "times": 3 }));
    let replace = || lab.library.replace_section(&cx, id, &edit, &read.version, &mark);
    assert_eq!(replace().await.unwrap_err().code(), Code::UpstreamUnavailable);
    assert!(lab.asked("/v1/pages").iter().all(|entry| entry.method != "PATCH"), "before it was sent");
    strike(&lab, json!({ "match": pages, "fault": as_ever, "times": 1 }));
    strike(&lab, json!({ "match": pages, "fault": broken }));
    let edited = replace().await.unwrap();
    assert_eq!(edited.document.title, page.title);
    assert_ne!(edited.document.version, Some(read.version));
}
