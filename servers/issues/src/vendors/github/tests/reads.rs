//! Reading.

use call::Cx;
use error::Code;
use sandbox::company::backlog::backlog;
use serde_json::{Value, json};
use tool::{Count, Fetch};

use super::{Lab, by_hand, path};
use crate::model::{Emptiable, Priority, State};
use crate::tracker::{Query, Release, Surroundings};

fn page(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

fn web() -> Query {
    Query { project: Some("halden/web".into()), ..Query::default() }
}

#[tokio::test]
async fn the_app_shows_its_version_and_a_token_it_got_once() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    lab.tracker.projects(&cx).await.unwrap();
    lab.tracker.search(&cx, &web(), page(5)).await.unwrap();
    assert_eq!(lab.asked("/app/").len(), 1, "one token for all");
    for entry in lab.asked("/repos/") {
        assert_eq!(entry.request_headers["x-github-api-version"], "2026-03-10", "octocrab's own is not sent");
        assert_eq!(entry.request_headers["accept"], "application/vnd.github+json");
        assert_eq!(entry.caller.as_deref(), Some("chancery[bot]"));
    }
}

#[tokio::test]
async fn what_a_listing_can_say_is_listed_and_the_rest_is_searched() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let ask = async |query: Query| {
        let before = lab.asked("/search/").len();
        let rows = lab.tracker.search(&cx, &query, page(100)).await.unwrap();
        (rows, lab.asked("/search/").len() > before)
    };
    for query in [
        web(),
        Query { state: Some(State::Todo), ..web() },
        Query { state: Some(State::Doing), ..web() },
        Query { priority: Some(Priority::Critical), ..web() },
        Query { where_empty: Some(Emptiable::Assignee), ..web() },
        Query { where_empty: Some(Emptiable::Due), ..web() },
        Query { labels: vec!["checkout".into()], ..web() },
    ] {
        let (rows, searched) = ask(query.clone()).await;
        assert!(!searched && !rows.rows.is_empty(), "{query:?}");
        assert!(rows.rows.iter().all(|row| !row.url.contains("/pull/")), "pull requests are kept apart");
    }
    for query in [
        Query { text: Some("blank frame".into()), ..web() },
        Query { where_empty: Some(Emptiable::Priority), ..web() },
        Query { updated_before: Some(jiff::Timestamp::now()), ..web() },
    ] {
        let (rows, searched) = ask(query.clone()).await;
        assert!(searched && !rows.rows.is_empty(), "{query:?}");
        assert_eq!(rows.total.unwrap().kind, Count::Exact, "{query:?}");
    }
}

#[tokio::test]
async fn several_repositories_are_merged_and_nothing_foreign_comes_out() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let (mut token, mut seen, mut last) = (None, Vec::new(), None);
    loop {
        let rows = lab.tracker.search(&cx, &Query::default(), Fetch { token, limit: 30 }).await.unwrap();
        for row in &rows.rows {
            assert!(last.is_none_or(|last| row.updated <= last));
            last = Some(row.updated);
            seen.push(row.id.native().to_owned());
        }
        token = rows.next;
        if token.is_none() {
            break;
        }
    }
    let distinct: std::collections::HashSet<_> = seen.iter().collect();
    let repositories = ["halden/web", "halden/sdk"];
    let filed = backlog().issues.iter().filter(|i| repositories.contains(&i.project.as_str())).count();
    assert_eq!((seen.len(), distinct.len()), (filed, filed));
    assert!(seen.iter().all(|id| id.starts_with("halden/web#") || id.starts_with("halden/sdk#")));

    let secret = Query { text: Some("blank frame".into()), ..Query::default() };
    let rows = lab.tracker.search(&cx, &secret, page(50)).await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| row.id.native()).collect::<Vec<_>>(), ["halden/web#7"]);
    assert_eq!(
        lab.tracker.get(&cx, "halden/secret#1", Surroundings::NONE).await.unwrap_err().code(),
        Code::NotFound
    );
    let elsewhere = Query { project: Some("halden/secret".into()), ..Query::default() };
    assert_eq!(lab.tracker.search(&cx, &elsewhere, page(5)).await.unwrap_err().code(), Code::NotFound);
    assert!(lab.asked("/repos/halden/secret").is_empty(), "it was not even asked for");
}

#[tokio::test]
async fn a_foreign_token_of_a_page_is_refused() {
    let lab = Lab::start().await;
    for token in ["https://evil.example/?page=2", "1.0,1.0,1.0", "", "0.0"] {
        let fetch = Fetch { token: Some(token.into()), limit: 5 };
        let refused = lab.tracker.search(&Cx::for_test(), &web(), fetch).await.unwrap_err();
        assert_eq!(refused.code(), Code::CursorExpired, "{token}");
    }
}

#[tokio::test]
async fn a_search_ends_honestly_at_a_thousand() {
    let lab = Lab::start().await;
    let query = Query { text: Some("the".into()), ..web() };
    let beyond = Fetch { token: Some("11.0".into()), limit: 100 };
    let error = lab.tracker.search(&Cx::for_test(), &query, beyond).await.unwrap_err();
    assert_eq!(error.code(), Code::TooBroad);
    assert!(lab.asked("/search/").is_empty());
}

#[tokio::test]
async fn due_dates_are_those_of_milestones() {
    let lab = Lab::start().await;
    let soon = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .saturating_add(jiff::Span::new().days(10));
    let query = Query { due_before: Some(soon), open: true, ..Query::default() };
    let rows = lab.tracker.search(&Cx::for_test(), &query, page(50)).await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| row.id.native()).collect::<Vec<_>>(), ["halden/web#7", "halden/web#11"]);
    assert!(rows.iter().all(|row| row.due.is_some()));
}

#[tokio::test]
async fn milestones_that_are_done_with_do_not_make_a_question_too_broad() {
    let lab = Lab::start().await;
    let (cx, day) = (Cx::for_test(), jiff::civil::date(2090, 1, 1));
    let due = |open| Query { due_before: Some(day), open, ..web() };
    let before = lab.tracker.search(&cx, &due(true), page(50)).await.unwrap().rows;
    let at = "/repos/halden/web/milestones";
    let mut list: Vec<Value> = serde_json::from_str(&lab.asked(at)[0].response_body).unwrap();
    let past = |number: u64, open: u64| {
        let one = json!({ "number": number, "title": format!("Sprint {number}"), "open_issues": open });
        let one = list[0].as_object().unwrap().clone().into_iter().chain(one.as_object().unwrap().clone());
        Value::Object(one.collect())
    };
    let (done, open): (Vec<_>, Vec<_>) = (100..130).map(|number| (past(number, 0), past(number, 1))).unzip();
    list.extend(done);
    let answer = |body: &[Value]| {
        lab.running.control.clear_faults();
        let fault = json!({ "kind": "status", "status": 200, "body": body });
        let rule = json!({ "match": { "path_prefix": at }, "fault": fault });
        lab.running.control.add_fault(serde_json::from_value(rule).unwrap()).unwrap();
    };
    answer(&list);
    let after = lab.tracker.search(&cx, &due(true), page(50)).await.unwrap().rows;
    let ids = |rows: &[crate::model::Issue]| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    assert!(!before.is_empty() && ids(&after) == ids(&before), "{after:?}");
    assert_eq!(
        lab.tracker.search(&cx, &due(false), page(50)).await.unwrap_err().code(),
        Code::TooBroad,
        "what is done may be in any of them"
    );
    answer(&open);
    let broad = lab.tracker.search(&cx, &due(true), page(50)).await.unwrap_err();
    assert_eq!(broad.code(), Code::TooBroad);
}

#[tokio::test]
async fn without_mappings_filters_by_label_are_refused() {
    let lab = Lab::mapped(toml::Table::new()).await;
    let able = lab.tracker.able();
    assert!(!able.priority && !able.set_priority && !able.empty.contains(&Emptiable::Priority));
    for query in [
        Query { priority: Some(Priority::High), ..web() },
        Query { state: Some(State::Doing), ..web() },
        Query { where_empty: Some(Emptiable::Priority), ..web() },
    ] {
        let refused = lab.tracker.search(&Cx::for_test(), &query, page(5)).await.unwrap_err();
        assert_eq!(refused.code(), Code::UnsupportedFilter, "{query:?}");
    }
}

#[tokio::test]
async fn one_issue_with_everything_around_it() {
    let lab = Lab::start().await;
    let all = Surroundings { comments: 10, history: 10, links: true, development: true };
    let detail = lab.tracker.get(&Cx::for_test(), "halden/web#7", all).await.unwrap();
    assert_eq!((detail.issue.state, detail.issue.priority), (State::Doing, Some(Priority::Critical)));
    assert_eq!(detail.issue.status.as_str(), "in progress");
    assert_eq!(detail.comments.len(), 2);
    assert_eq!(detail.history[0].field.as_str(), "labels");
    let development = detail.development.unwrap();
    assert_eq!(development.pull_requests[0].id.native(), "halden/web#31");
    let checks: Vec<_> = development.checks.iter().map(|c| (c.name.as_str(), c.state.as_str())).collect();
    assert_eq!(checks, [("build", "success"), ("e2e-safari", "success")]);
    let pull = lab.tracker.get(&Cx::for_test(), "halden/web#31", all).await.unwrap_err();
    assert!(pull.message().contains("is a pull request"), "{pull}");
}

#[tokio::test]
async fn delivery_leaves_out_what_the_token_may_not_see() {
    let lab = Lab::start().await;
    let delivered = lab.tracker.delivery(&Cx::for_test(), "halden/web#14").await.unwrap();
    assert_eq!(delivered.pull_requests[0].state.as_str(), "merged");
    assert_eq!(delivered.deployments[0].environment.as_str(), "production");
    let narrow = Lab::with_token(crate::vendors::github::sim::NARROW_TOKEN).await;
    let delivered = narrow.tracker.delivery(&Cx::for_test(), "halden/web#14").await.unwrap();
    assert_eq!(delivered.pull_requests.len(), 1);
    assert!(delivered.deployments.is_empty() && delivered.checks.is_empty());
}

#[tokio::test]
async fn a_pull_request_is_seen_behind_a_long_conversation() {
    let lab = Lab::start().await;
    for _ in 0..350 {
        by_hand::comment(&lab, "/repos/halden/web/issues/14");
    }
    let delivered = lab.tracker.delivery(&Cx::for_test(), "halden/web#14").await.unwrap();
    assert_eq!(delivered.pull_requests.len(), 1);
}

#[tokio::test]
async fn pull_requests_are_found_by_the_key_they_name() {
    let lab = Lab::start().await;
    let found = lab.tracker.mentions(&Cx::for_test(), "PAY-12").await.unwrap();
    assert_eq!(found.iter().map(|pull| pull.id.native()).collect::<Vec<_>>(), ["halden/web#31"]);
    assert!(
        lab.tracker.mentions(&Cx::for_test(), "PAY-1").await.unwrap().is_empty(),
        "PAY-1 is not in PAY-12"
    );
}

#[tokio::test]
async fn a_milestone_counts_its_issues_and_says_what_it_does_not_know() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    for name in [Some("4.2"), None] {
        let iteration = lab.tracker.iteration(&cx, "halden/web", name).await.unwrap();
        assert_eq!((iteration.name.as_str(), iteration.state.as_str()), ("4.2", "active"));
        assert_eq!((iteration.open, iteration.done, iteration.blocked), (Some(2), Some(1), Some(0)));
        assert_eq!((iteration.committed, iteration.spilled), (None, None));
    }
    let missing = lab.tracker.iteration(&cx, "halden/web", Some("4.1")).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    assert_eq!(missing.wire("c").candidates[0].id, "4.2", "the nearest one is named");
}

#[tokio::test]
async fn blockers_have_reasons_and_dependencies_count() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let release = Release { project: None, name: Some("4.2".into()), severity: Some(Priority::Critical) };
    let rows = lab.tracker.blockers(&cx, &release, page(10)).await.unwrap().rows;
    let reasons = |rows: &[crate::model::Blocker]| -> Vec<(String, String)> {
        rows.iter().map(|b| (b.issue.id.native().to_owned(), b.reason.to_string())).collect()
    };
    let own = [("halden/web#7", "priority critical"), ("halden/web#11", "label release-blocker")];
    assert_eq!(reasons(&rows), own.map(|(id, why)| (id.to_owned(), why.to_owned())));

    let (of, by) = ("/repos/halden/web/issues/11", "/repos/halden/sdk/issues/5");
    by_hand::depend(&lab, of, by).await;
    let rows = lab.tracker.blockers(&cx, &release, page(10)).await.unwrap().rows;
    assert!(
        reasons(&rows).contains(&("halden/sdk#5".into(), "blocks halden/web#11".into())),
        "{:?}",
        reasons(&rows)
    );
    let blocked = Query { blocked: Some(true), open: true, ..Query::default() };
    let rows = lab.tracker.search(&cx, &blocked, page(10)).await.unwrap().rows;
    assert!(rows.iter().any(|row| row.id.native() == "halden/web#11" && row.blocked));
    let links = Surroundings { links: true, ..Surroundings::NONE };
    let detail = lab.tracker.get(&cx, "halden/web#11", links).await.unwrap();
    assert_eq!(
        (detail.links[0].relation.as_str(), detail.links[0].id.native()),
        ("is blocked by", "halden/sdk#5")
    );
    let other = lab.tracker.get(&cx, "halden/sdk#5", links).await.unwrap();
    assert_eq!((other.links[0].relation.as_str(), other.links[0].id.native()), ("blocks", "halden/web#11"));
}

#[tokio::test]
async fn people_are_found_by_login_name_and_address() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    for text in ["bjornak", "@Bjornak", "Björn Åkesson", "bjorn.akesson@halden.example"] {
        let people = lab.tracker.people(&cx, text).await.unwrap();
        assert_eq!(people.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["bjornak"], "{text}");
    }
    assert_eq!(lab.tracker.people(&cx, "Ana Ruiz").await.unwrap().len(), 2, "two people have this name");
    assert_eq!(lab.asked("/repos/halden/web/assignees").len(), 1, "people are kept for a while");
}

#[tokio::test]
async fn what_anybody_may_write_is_not_a_colleagues() {
    let lab = Lab::start().await;
    let (cx, id) = (Cx::for_test(), "halden/web#7");
    let want = Surroundings { comments: 5, ..Surroundings::NONE };
    let told = async || {
        let detail = lab.tracker.get(&cx, id, want).await.unwrap();
        let texts = detail.issue.description.into_iter().chain(detail.comments.into_iter().map(|c| c.text));
        texts.map(|text| serde_json::to_value(text).unwrap()["from"].clone()).collect::<Vec<_>>()
    };
    let inside = told().await;
    assert!(inside.len() > 1 && inside.iter().all(|from| from == "internal"), "{inside:?}");
    for at in [format!("{}/comments", path(id)), path(id)] {
        let body =
            lab.asked(&at).into_iter().find(|e| e.path.split('?').next() == Some(&at)).unwrap().response_body;
        let body = body.replace("\"MEMBER\"", "\"NONE\"");
        let body: Value = serde_json::from_str(&body).unwrap();
        let fault = json!({ "kind": "status", "status": 200, "body": body });
        let only = json!({ "match": { "path_prefix": at }, "fault": fault });
        lab.running.control.add_fault(serde_json::from_value(only).unwrap()).unwrap();
    }
    let outside = told().await;
    assert!(outside.len() == inside.len() && outside.iter().all(|from| from == "customer"), "{outside:?}");
}
