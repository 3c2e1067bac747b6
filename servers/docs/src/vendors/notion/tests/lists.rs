//! Lists out of several streams, and what they ask of Notion.

use std::collections::BTreeSet;

use call::Cx;
use error::Code;
use http::Method;
use jiff::SignedDuration;
use serde_json::json;
use tool::Fetch;

use super::{Lab, by_hand, first};
use crate::library::{Changes, Query};
use crate::listing::newest_first;
use crate::model::{Document, Kind};

async fn all(lab: &Lab, query: &Query, limit: u32) -> Vec<Document> {
    let (mut rows, mut token) = (Vec::new(), None);
    loop {
        let page = lab.library.search(&Cx::for_test(), query, Fetch { token, limit }).await.unwrap();
        assert!(page.rows.len() <= limit as usize);
        rows.extend(page.rows);
        token = page.next;
        if token.is_none() {
            return rows;
        }
    }
}

fn assert_in_order(rows: &[Document]) {
    let ids: BTreeSet<_> = rows.iter().map(|row| &row.id).collect();
    assert_eq!(ids.len(), rows.len(), "nothing twice");
    assert!(
        rows.windows(2).all(|pair| newest_first(&pair[0]) <= newest_first(&pair[1])),
        "newest first, then by id"
    );
}

#[tokio::test]
async fn several_data_sources_are_one_list() {
    let lab = Lab::start().await;
    let query = Query { labels: vec!["internal".into()], ..Query::default() };
    let (by_three, at_once) = (all(&lab, &query, 3).await, all(&lab, &query, 100).await);
    assert_in_order(&by_three);
    let ids = |rows: &[Document]| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&by_three), ids(&at_once), "pages lose nothing");
    let spaces: BTreeSet<_> = at_once.iter().filter_map(|row| row.space.clone()).collect();
    assert!(spaces.len() > 2, "{spaces:?}");
}

/// Notion rounds to the minute and promises no order within one.
#[tokio::test]
async fn pages_made_in_one_minute_are_neither_lost_nor_given_twice() {
    let lab = Lab::start().await;
    let meetings = lab.space("Meetings").await;
    at_the_beginning_of_a_minute(&lab);
    for number in 0..25 {
        let title = format!("Storm {number}");
        add(&lab, &meetings, &title, "Meeting");
    }
    for query in [
        Query { text: Some("storm".into()), ..Query::default() },
        Query { text: Some("storm".into()), space: Some(meetings.clone()), ..Query::default() },
    ] {
        let rows = all(&lab, &query, 4).await;
        assert_eq!(rows.len(), 25, "{query:?}");
        assert_in_order(&rows);
    }
}

/// So that what is made now is made within one minute.
fn at_the_beginning_of_a_minute(lab: &Lab) {
    let control = &lab.running.control;
    control.advance(60 - control.now().as_second().rem_euclid(60));
}

/// A page in a data source, by hand.
fn add(lab: &Lab, source: &str, title: &str, kind: &str) {
    let body = json!({
        "parent": { "type": "data_source_id", "data_source_id": source },
        "properties": {
            "Name": { "title": [{ "text": { "content": title } }] }, "Type": { "select": { "name": kind } },
        },
    });
    assert_eq!(by_hand::ask(lab, Method::POST, "/v1/pages", &body).status, 200);
}

/// What is filtered by us may lie far behind what is not wanted; the order holds all the same.
#[tokio::test]
async fn rows_wait_for_those_that_may_come_before_them() {
    let lab = Lab::start().await;
    let query = Query { service: Some("webhooks".into()), ..Query::default() };
    let before = all(&lab, &query, 50).await;
    assert!(before.len() > 2, "{before:?}");
    let (runbooks, meetings) = (lab.space("Team Runbooks").await, lab.space("Meetings").await);
    // A minute apart: one that is wanted here, one that is wanted there, and many that are not.
    let made = [(&meetings, "webhooks", 1), (&runbooks, "webhooks", 1), (&runbooks, "fraud", 450)];
    for (source, service, count) in made {
        let body = json!({
            "parent": { "data_source_id": source },
            "properties": {
                "Name": { "title": [] }, "Service": { "rich_text": [{ "text": { "content": service } }] },
            },
        });
        for _ in 0..count {
            lab.running.control.advance(60);
            assert_eq!(by_hand::ask(&lab, Method::POST, "/v1/pages", &body).status, 200);
        }
    }
    let rows = all(&lab, &query, 2).await;
    assert_in_order(&rows);
    let spaces: Vec<_> = rows[..2].iter().filter_map(|row| row.space.as_ref()).map(|s| s.as_str()).collect();
    assert_eq!(spaces, ["Team Runbooks", "Meetings"]);
    let ids = |rows: &[Document]| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&rows[2..]), ids(&before));
}

/// More than can be read to the end of a minute: said, and not guessed at.
#[tokio::test]
async fn a_minute_with_too_many_changes_is_too_broad() {
    let lab = Lab::start().await;
    let meetings = lab.space("Meetings").await;
    at_the_beginning_of_a_minute(&lab);
    (0..450).for_each(|number| add(&lab, &meetings, &format!("Import {number}"), "Meeting"));
    let query = Query { space: Some(meetings.clone()), ..Query::default() };
    let error = lab.library.search(&Cx::for_test(), &query, first(5)).await.unwrap_err();
    assert_eq!(error.code(), Code::TooBroad);
    let narrower = Query { text: Some("import 44".into()), ..query };
    assert_eq!(all(&lab, &narrower, 5).await.len(), 14, "44, 144, 244, 344, 440 to 449");
}

#[tokio::test]
async fn only_what_is_mapped_is_asked_for() {
    let lab = Lab::start().await;
    let query =
        Query { kind: Some(Kind::Runbook), service: Some("Fraud-Scoring".into()), ..Query::default() };
    let rows = all(&lab, &query, 50).await;
    assert!(!rows.is_empty() && rows.iter().all(|row| row.kind == Some(Kind::Runbook)), "{rows:?}");
    let queries = lab.asked("/v1/data_sources/");
    assert!(
        queries.iter().all(|entry| entry
            .query
            .iter()
            .filter(|(name, _)| name == "filter_properties")
            .count()
            == 9)
    );
    assert!(queries.iter().all(|entry| entry.request_headers["notion-version"] == "2025-09-03"));
    assert!(!queries[0].response_body.contains("\"Alert\""), "what is not mapped is not sent");
}

#[tokio::test]
async fn a_window_ends_the_search() {
    let lab = Lab::start().await;
    let newest = all(&lab, &Query::default(), 1).await.remove(0);
    let before = lab.asked("/v1/search").len();
    let changes = Changes {
        space: None,
        since: newest.updated.0 - SignedDuration::from_secs(60),
        until: None,
        revisions: 5,
    };
    let rows = lab.library.changed(&Cx::for_test(), &changes, first(20)).await.unwrap();
    assert!(!rows.rows.is_empty() && rows.next.is_none(), "{rows:?}");
    assert_eq!(lab.asked("/v1/search").len() - before, 1, "the rest is older");
}

#[tokio::test]
async fn without_a_mapping_there_are_titles_and_nothing_else() {
    let lab = Lab::with(None, |settings| settings.map.clear()).await;
    let able = lab.library.able();
    assert!(!able.runbooks && !able.policies && !able.drafts && !able.review.any() && able.space);
    let cx = Cx::for_test();
    let titled = Query { text: Some("travel".into()), ..Query::default() };
    assert!(!lab.library.search(&cx, &titled, first(5)).await.unwrap().rows.is_empty());
    for query in [
        Query { labels: vec!["internal".into()], ..Query::default() },
        Query { owner: Some("x".into()), ..Query::default() },
        Query { kind: Some(Kind::Policy), ..Query::default() },
    ] {
        let refused = lab.library.search(&cx, &query, first(5)).await.unwrap_err();
        assert_eq!(refused.code(), Code::UnsupportedFilter, "{query:?}");
    }
}

#[tokio::test]
async fn a_cursor_that_means_nothing_has_expired() {
    let lab = Lab::start().await;
    let fetch = Fetch { token: Some("nonsense".into()), limit: 5 };
    let error = lab.library.search(&Cx::for_test(), &Query::default(), fetch).await.unwrap_err();
    assert_eq!(error.code(), Code::CursorExpired);
    let token = json!({ "after": null, "open": { "": "59833787-2cf9-4fdf-8782-e53db20768a5" } }).to_string();
    let fetch = Fetch { token: Some(token), limit: 5 };
    let error = lab.library.search(&Cx::for_test(), &Query::default(), fetch).await.unwrap_err();
    assert_eq!(error.code(), Code::CursorExpired, "{error:?}");
}
