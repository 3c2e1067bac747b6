//! Configured repositories that are not there.

use call::Cx;
use error::Code;
use tool::Fetch;

use super::Lab;
use crate::model::Priority;
use crate::tracker::{Query, Release};

/// Outside the installation, without issues, renamed, and never there.
const GONE: [&str; 4] = ["halden/secret", "halden/handbook", "halden/webshop", "halden/nothing"];

fn first(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

fn release(project: Option<&str>, name: Option<&str>) -> Release {
    Release {
        project: project.map(str::to_owned),
        name: name.map(str::to_owned),
        severity: Some(Priority::High),
    }
}

/// One question of each way that a list is made.
fn questions(project: Option<&str>) -> [Query; 4] {
    let all = Query { project: project.map(str::to_owned), ..Query::default() };
    [
        Query { assignee: Some("anaruiz".into()), open: true, ..all.clone() },
        Query { text: Some("the".into()), ..all.clone() },
        Query { updated_before: Some(jiff::Timestamp::now()), ..all.clone() },
        Query { due_before: Some(jiff::civil::date(2090, 1, 1)), ..all },
    ]
}

/// The ids of all pages, and the places that each token has.
async fn pages(lab: &Lab, query: &Query, limit: u32) -> (Vec<String>, Vec<usize>) {
    let (mut seen, mut places, mut token) = (Vec::new(), Vec::new(), None);
    loop {
        let rows = lab.tracker.search(&Cx::for_test(), query, Fetch { token, limit }).await.unwrap();
        seen.extend(rows.rows.iter().map(|row| row.id.native().to_owned()));
        places.extend(rows.next.iter().map(|token| token.split(',').count()));
        token = rows.next;
        if token.is_none() {
            return (seen, places);
        }
    }
}

#[tokio::test]
async fn a_repository_that_is_gone_costs_its_own_rows() {
    let whole = Lab::start().await;
    let (all, _) = pages(&whole, &Query::default(), 100).await;
    for query in questions(None) {
        let (expected, _) = pages(&whole, &query, 60).await;
        assert!(!expected.is_empty(), "{query:?}");
        for gone in GONE {
            let lab = Lab::over(&["halden/web", gone, "halden/sdk"]).await;
            assert_eq!(pages(&lab, &query, 60).await.0, expected, "{gone}: {query:?}");
            let (seen, places) = pages(&lab, &Query::default(), 20).await;
            assert_eq!(seen, all, "{gone}");
            assert!(places.len() > 1 && places.iter().all(|count| *count == 3), "{gone}: {places:?}");
        }
    }
}

#[tokio::test]
async fn a_repository_that_is_gone_hides_no_blocker_and_no_pull_request() {
    let (whole, cx) = (Lab::start().await, Cx::for_test());
    for gone in GONE {
        let lab = Lab::over(&[gone, "halden/web", "halden/sdk"]).await;
        for release in [release(None, Some("4.2")), release(None, None)] {
            let expected = whole.tracker.blockers(&cx, &release, first(50)).await.unwrap();
            let found = lab.tracker.blockers(&cx, &release, first(50)).await.unwrap();
            let ids = |rows: &tool::Rows<crate::model::Blocker>| -> Vec<String> {
                rows.rows.iter().map(|row| row.issue.id.to_string()).collect()
            };
            assert!(!expected.rows.is_empty() && ids(&found) == ids(&expected), "{gone}: {found:?}");
            assert_eq!(found.total, expected.total);
        }
        let pulls = lab.tracker.mentions(&cx, "PAY-12").await.unwrap();
        assert_eq!(pulls.iter().map(|pull| pull.id.native()).collect::<Vec<_>>(), ["halden/web#31"]);
        let projects = lab.tracker.projects(&cx).await.unwrap();
        let keys: Vec<_> = projects.iter().map(|one| one.key.as_str()).filter(|key| *key != gone).collect();
        assert_eq!(keys, ["halden/web", "halden/sdk"], "{gone}");
    }
}

#[tokio::test]
async fn what_counts_the_others_still_counts() {
    let lab = Lab::over(&["halden/web", "halden/secret"]).await;
    let query = Query { text: Some("blank frame".into()), ..Query::default() };
    let rows = lab.tracker.search(&Cx::for_test(), &query, first(5)).await.unwrap();
    assert_eq!(rows.rows.iter().map(|row| row.id.native()).collect::<Vec<_>>(), ["halden/web#7"]);
    assert_eq!(rows.total.map(|total| (total.count, total.kind)), Some((1, tool::Count::Exact)));
}

#[tokio::test]
async fn a_repository_that_is_named_and_gone_is_not_found() {
    let cx = Cx::for_test();
    for gone in ["halden/secret", "halden/webshop", "halden/nothing"] {
        let lab = Lab::over(&["halden/web", gone]).await;
        for query in questions(Some(gone)) {
            let refused = lab.tracker.search(&cx, &query, first(5)).await.unwrap_err();
            assert_eq!(refused.code(), Code::NotFound, "{gone}: {query:?}: {refused:?}");
        }
        for name in [Some("4.2"), None] {
            let asked = lab.tracker.blockers(&cx, &release(Some(gone), name), first(5)).await;
            assert_eq!(asked.unwrap_err().code(), Code::NotFound, "{gone}: {name:?}");
        }
    }
    let lab = Lab::over(&["halden/web", "halden/handbook"]).await;
    let silent = Query { project: Some("halden/handbook".into()), ..Query::default() };
    assert_eq!(lab.tracker.search(&cx, &silent, first(5)).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn where_no_repository_is_there_nothing_is_found() {
    let (lab, cx) = (Lab::over(&["halden/secret", "halden/webshop"]).await, Cx::for_test());
    for query in questions(None) {
        let refused = lab.tracker.search(&cx, &query, first(5)).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound, "{query:?}");
    }
    for name in [Some("4.2"), None] {
        let refused = lab.tracker.blockers(&cx, &release(None, name), first(5)).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound, "{name:?}");
    }
    assert_eq!(lab.tracker.mentions(&cx, "PAY-12").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(lab.tracker.projects(&cx).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn any_other_failure_of_one_repository_is_told() {
    let lab = Lab::start().await;
    let rule = serde_json::json!({
        "match": { "path_prefix": "/repos/halden/sdk/" },
        "fault": { "kind": "status", "status": 403, "headers": {}, "body": { "message": "no" } },
    });
    lab.running.control.add_fault(serde_json::from_value(rule).unwrap()).unwrap();
    let refused = lab.tracker.search(&Cx::for_test(), &Query::default(), first(5)).await.unwrap_err();
    assert_eq!(refused.code(), Code::Permission);
}
