//! What goes wrong, in the domain's words.

use call::Cx;
use error::Code;
use sandbox::Rule;
use serde_json::{Value, json};

use super::{Lab, by_hand, path, writing};
use crate::model::Visibility;
use crate::tracker::{Edit, NewIssue, Surroundings};

fn strike(lab: &Lab, rule: Value) {
    let rule: Rule = serde_json::from_value(rule).unwrap();
    lab.running.control.add_fault(rule).unwrap();
}

fn status(status: u16, headers: Value, body: Value) -> Value {
    json!({ "match": { "path_prefix": "/repos/" }, "fault": { "kind": "status", "status": status, "headers": headers, "body": body } })
}

async fn read(lab: &Lab) -> error::Error {
    lab.tracker.get(&Cx::for_test(), "halden/web#7", Surroundings::NONE).await.unwrap_err()
}

#[tokio::test]
async fn refusals_have_their_codes_and_no_word_of_the_vendor() {
    let body =
        json!({ "message": "canary words", "documentation_url": "https://docs.github.com", "status": "4xx" });
    for (number, code) in [
        (404, Code::NotFound),
        (410, Code::NotFound),
        (301, Code::NotFound),
        (403, Code::Permission),
        (422, Code::InvalidArgument),
    ] {
        let lab = Lab::start().await;
        strike(&lab, status(number, json!({}), body.clone()));
        let error = read(&lab).await;
        assert_eq!(error.code(), code, "{number}");
        assert!(!serde_json::to_string(&error.wire("c")).unwrap().contains("canary"), "{number}");
    }
}

#[tokio::test]
async fn what_is_locked_or_archived_is_no_missing_permission() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("locked");
    let say = async || lab.tracker.comment(&cx, "halden/web#7", "x", Visibility::Public, &mark).await;
    by_hand::lock(&lab, "/repos/halden/web/issues/7", true);
    let locked = say().await.unwrap_err();
    assert_eq!(locked.code(), Code::Conflict);
    assert!(locked.wire("c").hint.contains("unlock"));
    by_hand::lock(&lab, "/repos/halden/web/issues/7", false);
    say().await.unwrap();
    strike(&lab, status(403, json!({}), json!({ "message": "Repository was archived so is read-only." })));
    let archived = say().await.unwrap_err();
    assert_eq!(archived.code(), Code::Conflict);
    assert!(archived.wire("c").hint.contains("unarchive"));
}

#[tokio::test]
async fn an_hourly_limit_is_a_quota_and_says_when_it_renews() {
    let lab = Lab::start().await;
    let reset = jiff::Timestamp::now().as_second() + 1800;
    let headers = json!({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset.to_string() });
    strike(&lab, status(403, headers, json!({ "message": "API rate limit exceeded" })));
    let error = read(&lab).await;
    assert_eq!(error.code(), Code::QuotaExhausted);
    assert!(error.wait().is_some_and(|wait| wait.as_secs() > 1700), "{:?}", error.wait());
}

#[tokio::test]
async fn a_secondary_limit_is_passed_on_with_its_minute() {
    let lab = Lab::start().await;
    let body = json!({ "message": "You have exceeded a secondary rate limit." });
    strike(&lab, status(403, json!({}), body));
    let until = tokio::time::Instant::now() + std::time::Duration::from_secs(3);
    let cx = Cx::for_test().with_deadline(until);
    let error = lab.tracker.get(&cx, "halden/web#7", Surroundings::NONE).await.unwrap_err();
    assert_eq!(error.code(), Code::RateLimited);
    assert!(error.wait().is_some_and(|wait| wait.as_secs() >= 50), "{:?}", error.wait());
}

#[tokio::test]
async fn a_repository_without_issues_has_none() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let error = lab.tracker.get(&cx, "halden/web#99999", Surroundings::NONE).await.unwrap_err();
    assert!(error.message().contains("halden/web#99999"), "{error}");
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_unknown_and_found_and_not_sent_twice() {
    for kind in ["apply_then_reset", "truncate"] {
        let lab = Lab::start().await;
        let (cx, mark) = writing(kind);
        let only = json!({ "method": "POST", "path_prefix": "/repos/halden/web/issues" });
        strike(&lab, json!({ "match": only, "fault": { "kind": kind }, "times": 1 }));
        let new = NewIssue { project: "halden/web".into(), title: "Once".into(), ..NewIssue::default() };
        let error = lab.tracker.create(&cx, &new, &mark).await.unwrap_err();
        assert_eq!(error.code(), Code::OutcomeUnknown, "{kind}: {error:?}");
        assert_eq!(error.wire("c").operation.as_deref(), Some(mark.operation.as_str()));
        let found = lab.tracker.find_marked(&cx, "halden/web", &mark).await.unwrap();
        assert_eq!(found.unwrap().title.as_str(), "Once");
        let sent = lab.asked("/repos/halden/web/issues").into_iter().filter(|entry| entry.method == "POST");
        assert_eq!(sent.count(), 1, "{kind}");
    }
}

async fn labeled(lab: &Lab, key: &str) -> String {
    let (cx, mark) = writing(key);
    let (project, labels) = ("halden/web".into(), vec!["old".into()]);
    let new = NewIssue { project, title: "Before".into(), labels, ..NewIssue::default() };
    lab.tracker.create(&cx, &new, &mark).await.unwrap().id.native().to_owned()
}

#[tokio::test]
async fn a_change_of_labels_whose_answer_was_lost_is_made_once_more_and_counts_once() {
    let lab = Lab::start().await;
    let id = labeled(&lab, "lost labels").await;
    for method in ["POST", "DELETE"] {
        let only = json!({ "method": method, "path_prefix": path(&id) });
        strike(&lab, json!({ "match": only, "fault": { "kind": "apply_then_reset" }, "times": 1 }));
    }
    let edit = Edit { add_labels: vec!["new".into()], remove_labels: vec!["old".into()], ..Edit::default() };
    let changed = lab.tracker.update(&Cx::for_test(), &id, &edit, None).await.unwrap();
    assert_eq!(changed.after.labels.iter().map(|label| label.as_str()).collect::<Vec<_>>(), ["new"]);
    assert_eq!(lab.changes(&id), ["POST 200", "POST 200", "DELETE 200", "DELETE 404"]);
}

#[tokio::test]
async fn a_change_that_was_made_in_part_is_finished_by_the_next_attempt() {
    let lab = Lab::start().await;
    let (id, cx) = (labeled(&lab, "in part").await, Cx::for_test());
    let labels = |label: &str| vec![label.to_owned()];
    let (add_labels, remove_labels) = (labels("new"), labels("old"));
    let edit = Edit { title: Some("After".into()), add_labels, remove_labels, ..Edit::default() };
    let only = json!({ "method": "DELETE", "path_prefix": path(&id) });
    strike(&lab, json!({ "match": only, "fault": { "kind": "status", "status": 500 } }));
    let error = lab.tracker.update(&cx, &id, &edit, None).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown, "{error:?}");
    assert_eq!(error.message().matches("a part of the change").count(), 1, "said once: {error:?}");
    lab.running.control.clear_faults();
    let changed = lab.tracker.update(&cx, &id, &edit, None).await.unwrap();
    assert_eq!((changed.before.title.as_str(), changed.before.labels.len()), ("After", 2), "a part was done");
    assert_eq!((changed.after.title.as_str(), changed.after.labels.len()), ("After", 1));
}

#[tokio::test]
async fn a_change_that_cannot_be_read_back_is_not_taken_for_undone() {
    let lab = Lab::start().await;
    let (id, cx) = (labeled(&lab, "unread").await, Cx::for_test());
    let only = json!({ "method": "GET", "path_prefix": path(&id) });
    strike(&lab, json!({ "match": only, "fault": { "kind": "latency", "ms": 0 }, "times": 1 }));
    strike(&lab, json!({ "match": only, "fault": { "kind": "status", "status": 404 } }));
    let edit = Edit { add_labels: vec!["new".into()], ..Edit::default() };
    let error = lab.tracker.update(&cx, &id, &edit, None).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown, "{error:?}");
    assert_eq!(lab.changes(&id), ["POST 200"]);
}

#[tokio::test]
async fn a_revoked_token_is_replaced_once() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("revoked");
    lab.tracker.projects(&cx).await.unwrap();
    strike(
        &lab,
        json!({ "match": { "path_prefix": "/repos/" }, "fault": { "kind": "revoke_token" }, "times": 1 }),
    );
    let comment = lab.tracker.comment(&cx, "halden/web#7", "still here", Visibility::Public, &mark).await;
    assert!(comment.is_ok(), "{comment:?}");
    assert_eq!(lab.asked("/app/").len(), 2);
}

#[tokio::test]
async fn garbage_is_garbled_and_a_page_of_html_too() {
    for kind in ["garbage", "html_200"] {
        let lab = Lab::start().await;
        strike(&lab, json!({ "match": { "path_prefix": "/repos/" }, "fault": { "kind": kind } }));
        assert_eq!(read(&lab).await.code(), Code::UpstreamGarbled, "{kind}");
    }
}
