//! What blocks a release, where labels mean less than everything.

use call::Cx;
use error::{Code, Result};
use tool::{Count, Fetch, Rows};

use super::{Lab, path, writing};
use crate::model::{Blocker, Priority};
use crate::tracker::{NewIssue, Release};

async fn lab(map: &str) -> Lab {
    Lab::mapped(map.parse().unwrap()).await
}

async fn blockers(lab: &Lab, name: Option<&str>, severity: Option<Priority>) -> Result<Rows<Blocker>> {
    let release = Release { project: None, name: name.map(str::to_owned), severity };
    lab.tracker.blockers(&Cx::for_test(), &release, Fetch { token: None, limit: 50 }).await
}

fn ids(rows: &Rows<Blocker>) -> Vec<&str> {
    rows.rows.iter().map(|row| row.issue.id.native()).collect()
}

const RELEASE_BLOCKERS: &str = "release_blocker_labels = [\"release-blocker\"]";

#[tokio::test]
async fn a_severity_that_no_label_tells_is_refused() {
    for map in ["", RELEASE_BLOCKERS, "priority = { \"priority: low\" = \"low\" }"] {
        let lab = lab(map).await;
        for name in [Some("4.2"), None] {
            let refused = blockers(&lab, name, Some(Priority::High)).await.unwrap_err();
            assert_eq!(refused.code(), Code::UnsupportedFilter, "{map}: {name:?}");
            assert!(refused.wire("c").hint.contains("map.priority"), "{refused:?}");
        }
        assert!(lab.asked("/repos/").is_empty(), "nothing is asked for");
    }
}

#[tokio::test]
async fn a_severity_is_told_by_any_label_as_bad_or_worse() {
    let lab = lab("priority = { \"priority: critical\" = \"critical\" }").await;
    let rows = blockers(&lab, Some("4.2"), Some(Priority::Medium)).await.unwrap();
    assert_eq!(ids(&rows), ["halden/web#7"]);
    assert_eq!(rows.rows[0].reason.as_str(), "priority critical");
}

#[tokio::test]
async fn where_nothing_tells_a_blocker_none_are_counted() {
    for map in ["", "priority = { \"priority: low\" = \"low\" }", "blocked_labels = [\"blocked\"]"] {
        let refused = blockers(&lab(map).await, None, None).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unsupported, "{map}");
        let hint = refused.wire("c").hint;
        assert!(hint.contains("map.priority") && hint.contains("`release`"), "{hint}");
    }
}

#[tokio::test]
async fn a_release_or_a_label_is_enough_to_find_blockers_by() {
    let labelled = lab(RELEASE_BLOCKERS).await;
    for name in [Some("4.2"), None] {
        assert_eq!(ids(&blockers(&labelled, name, None).await.unwrap()), ["halden/web#11"], "{name:?}");
    }
    let plain = lab("").await;
    let none = blockers(&plain, Some("4.2"), None).await.unwrap();
    assert_eq!(none.total.map(|total| (total.count, total.kind)), Some((0, Count::Exact)));
    super::by_hand::depend(&plain, "/repos/halden/web/issues/11", "/repos/halden/sdk/issues/5").await;
    let waiting = blockers(&plain, Some("4.2"), None).await.unwrap();
    let mut found = ids(&waiting);
    found.sort_unstable();
    assert_eq!(found, ["halden/sdk#5", "halden/web#11"], "dependencies need no label");
}

#[tokio::test]
async fn a_count_is_exact_only_where_every_blocker_was_looked_up() {
    let lab = lab(RELEASE_BLOCKERS).await;
    for nth in 1..=21 {
        let (cx, mark) = writing(&format!("waiting {nth}"));
        let labels = vec!["release-blocker".into()];
        let new =
            NewIssue { project: "halden/web".into(), title: "Waits".into(), labels, ..NewIssue::default() };
        let waiting = lab.tracker.create(&cx, &new, &mark).await.unwrap();
        super::by_hand::depend(&lab, &path(waiting.id.native()), "/repos/halden/sdk/issues/5").await;
        if nth >= 20 {
            let kind = blockers(&lab, None, None).await.unwrap().total.unwrap().kind;
            assert_eq!(kind, if nth == 20 { Count::Exact } else { Count::AtLeast }, "{nth} wait");
        }
    }
}
