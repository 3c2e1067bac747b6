//! What a total counts: what is given, not what GitHub found.

use call::Cx;
use jiff::{SignedDuration, Timestamp};
use tool::{Count, Fetch};

use super::{Lab, writing};
use crate::model::{Emptiable, Priority};
use crate::tracker::{NewIssue, Query};

/// A word that no other issue has.
const WORD: &str = "zzzweighed";

/// Files issues with the word, each with its labels and, if told, in the milestone that is due.
async fn filed(lab: &Lab, issues: &[(&[&str], bool)]) -> Vec<Timestamp> {
    let mut updated = Vec::new();
    for (n, (labels, due)) in issues.iter().enumerate() {
        let (cx, mark) = writing(&format!("count {n}"));
        let milestone = due.then(|| ("milestone".to_owned(), serde_json::json!("4.2")));
        let new = NewIssue {
            project: "halden/web".into(),
            title: format!("{WORD} {n}"),
            labels: labels.iter().map(|&label| label.to_owned()).collect(),
            fields: milestone.into_iter().collect(),
            ..NewIssue::default()
        };
        updated.push(lab.tracker.create(&cx, &new, &mark).await.unwrap().updated.0);
    }
    updated
}

fn worded() -> Query {
    Query { text: Some(WORD.into()), ..Query::default() }
}

/// Rows of the first page, and the total.
async fn counted(lab: &Lab, query: &Query, limit: u32) -> (usize, Option<(u64, Count)>) {
    let page = Fetch { token: None, limit };
    let rows = lab.tracker.search(&Cx::for_test(), query, page).await.unwrap();
    (rows.rows.len(), rows.total.map(|total| (total.count, total.kind)))
}

#[tokio::test]
async fn what_github_cannot_be_asked_is_not_counted() {
    let lab = Lab::start().await;
    filed(&lab, &[(&[], true), (&[], false), (&["blocked"], false)]).await;
    assert_eq!(counted(&lab, &worded(), 1).await, (1, Some((3, Count::Exact))));
    let undue = Query { where_empty: Some(Emptiable::Due), ..worded() };
    assert_eq!(counted(&lab, &undue, 50).await, (2, None));
    let blocked = Query { blocked: Some(true), ..worded() };
    assert_eq!(counted(&lab, &blocked, 50).await, (1, None));
}

#[tokio::test]
async fn an_issue_counts_with_its_worst_priority_alone() {
    let lab = Lab::start().await;
    filed(&lab, &[(&["priority: high", "priority: critical"], false), (&["priority: high"], false)]).await;
    for priority in [Priority::Critical, Priority::High] {
        let query = Query { priority: Some(priority), ..worded() };
        assert_eq!(counted(&lab, &query, 50).await, (1, Some((1, Count::Exact))), "{priority:?}");
    }
    let low = Query { priority: Some(Priority::Low), ..worded() };
    assert_eq!(counted(&lab, &low, 50).await, (0, Some((0, Count::Exact))));
}

#[tokio::test]
async fn a_moment_within_a_second_counts_what_comes_after_it() {
    let lab = Lab::start().await;
    let updated = filed(&lab, &[(&[], false)]).await.remove(0);
    let half = SignedDuration::from_millis(500);
    for (from, count) in [(updated, 1), (updated - half, 1), (updated + half, 0)] {
        let query = Query { updated_after: Some(from), ..worded() };
        let rows = usize::try_from(count).unwrap();
        assert_eq!(counted(&lab, &query, 50).await, (rows, Some((count, Count::Exact))), "{from}");
    }
}

#[tokio::test]
async fn a_label_that_cannot_be_asked_for_as_it_is_leaves_the_count_open() {
    let lab = Lab::start().await;
    filed(&lab, &[(&["say  hi"], false)]).await;
    let query = Query { labels: vec!["say \"hi".into()], ..worded() };
    assert_eq!(counted(&lab, &query, 50).await, (0, None));
}
