//! Writing.

use call::Cx;
use error::Code;
use futures::future::join_all;
use serde_json::{Map, json};

use super::{Lab, writing};
use crate::model::{Priority, State};
use crate::tracker::{Edit, NewIssue, Surroundings};

fn new(title: &str) -> NewIssue {
    NewIssue { project: "halden/web".into(), title: title.into(), ..NewIssue::default() }
}

#[tokio::test]
async fn a_whole_issue_is_filed_from_a_template() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("whole");
    let issue = NewIssue {
        kind: Some("bug".into()),
        description: Some("It broke.".into()),
        priority: Some(Priority::High),
        assignee: Some("meitanaka".into()),
        template: Some("Bug report".into()),
        fields: Map::from_iter([("milestone".to_owned(), json!("4.2"))]),
        ..new("Broken")
    };
    let filed = lab.tracker.create(&cx, &issue, &mark).await.unwrap();
    assert_eq!(filed.kind.unwrap().as_str(), "Bug");
    assert_eq!((filed.priority, filed.due.is_some()), (Some(Priority::High), true));
    assert_eq!(filed.assignee.unwrap().as_str(), "meitanaka");
    let text = filed.description.unwrap();
    assert_eq!(text.as_str(), "It broke.\n\n**What happened**\n\n**What should happen**");
    assert!(!serde_json::to_string(&text).unwrap().contains("flags"), "our own mark raises no flag");
}

#[tokio::test]
async fn what_cannot_be_filed_is_refused_before_anything_is_sent() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("refused");
    let cases = [
        (NewIssue { due: Some(jiff::civil::date(2030, 1, 1)), ..new("x") }, Code::Unsupported),
        (NewIssue { project: "halden/secret".into(), ..new("x") }, Code::NotFound),
        (NewIssue { template: Some("Feature".into()), ..new("x") }, Code::NotFound),
        (
            NewIssue { fields: Map::from_iter([("color".to_owned(), json!(1))]), ..new("x") },
            Code::InvalidArgument,
        ),
        (
            NewIssue { fields: Map::from_iter([("milestone".to_owned(), json!("9"))]), ..new("x") },
            Code::InvalidArgument,
        ),
    ];
    for (issue, code) in cases {
        let refused = lab.tracker.create(&cx, &issue, &mark).await.unwrap_err();
        assert_eq!(refused.code(), code, "{issue:?}");
    }
    assert!(lab.asked("/repos/").iter().all(|entry| entry.method == "GET"));
    let unknown = NewIssue { assignee: Some("nobody".into()), ..new("x") };
    let refused = lab.tracker.create(&cx, &unknown, &mark).await.unwrap_err();
    assert_eq!(refused.wire("c").fields[0].path, "assignee");
}

#[tokio::test]
async fn a_token_without_contents_refuses_templates_and_one_without_writes_refuses_writes() {
    let lab = Lab::with_token(crate::vendors::github::sim::NARROW_TOKEN).await;
    let (cx, mark) = writing("narrow");
    let templated = NewIssue { template: Some("Bug report".into()), ..new("x") };
    assert_eq!(lab.tracker.create(&cx, &templated, &mark).await.unwrap_err().code(), Code::Unsupported);
    assert_eq!(lab.tracker.create(&cx, &new("x"), &mark).await.unwrap_err().code(), Code::Permission);
}

#[tokio::test]
async fn an_update_sends_what_it_changes_and_nothing_else() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("update");
    let issue = NewIssue {
        labels: vec!["keep".into()],
        priority: Some(Priority::Low),
        description: Some("Old".into()),
        ..new("x")
    };
    let filed = lab.tracker.create(&cx, &issue, &mark).await.unwrap();
    let edit = Edit {
        description: Some("New".into()),
        add_labels: vec!["KEEP".into(), "more".into()],
        priority: Some(Priority::Critical),
        ..Edit::default()
    };
    let changed = lab.tracker.update(&cx, filed.id.native(), &edit, Some(filed.updated.0)).await.unwrap();
    assert_eq!(changed.former.description.as_deref(), Some("Old"));
    let labels: Vec<_> = changed.after.labels.iter().map(|label| label.as_str()).collect();
    assert_eq!(labels, ["keep", "more", "priority: critical"]);
    assert_eq!(changed.after.description.unwrap().as_str(), "New");
    let sent = ["PATCH 200", "POST 200", "DELETE 200"];
    assert_eq!(lab.changes(filed.id.native()), sent);
    let nothing = Edit {
        add_labels: vec!["More".into()],
        remove_labels: vec!["never borne".into()],
        priority: Some(Priority::Critical),
        ..Edit::default()
    };
    lab.tracker.update(&cx, filed.id.native(), &nothing, None).await.unwrap();
    assert_eq!(lab.changes(filed.id.native()), sent, "what holds already is not sent");
    let due = Edit { due: Some(None), ..Edit::default() };
    assert_eq!(
        lab.tracker.update(&cx, filed.id.native(), &due, None).await.unwrap_err().code(),
        Code::Unsupported
    );
}

#[tokio::test]
async fn of_priorities_set_at_the_same_moment_one_stays() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("priorities");
    let issue = NewIssue { priority: Some(Priority::Low), labels: vec!["bug".into()], ..new("x") };
    let filed = lab.tracker.create(&cx, &issue, &mark).await.unwrap();
    let id = filed.id.native();
    let edits = [Priority::Critical, Priority::High, Priority::Medium]
        .map(|priority| Edit { priority: Some(priority), ..Edit::default() });
    let done = join_all(edits.iter().map(|edit| lab.tracker.update(&cx, id, edit, None))).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    let labels = lab.tracker.get(&cx, id, Surroundings::NONE).await.unwrap().issue.labels;
    let priorities = labels.iter().filter(|label| label.as_str().starts_with("priority: ")).count();
    assert_eq!((labels.len(), priorities), (2, 1), "{labels:?}");
}

#[tokio::test]
async fn a_move_keeps_a_label_of_the_same_moment() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("move and label");
    let filed = lab.tracker.create(&cx, &new("x"), &mark).await.unwrap();
    let id = filed.id.native();
    let steps = lab.tracker.transitions(&cx, id).await.unwrap();
    let begin = steps.iter().find(|step| step.to == "in progress").unwrap();
    // With what a path cannot hold as it is.
    let edit = Edit { add_labels: vec!["area: web/ui 設定".into()], ..Edit::default() };
    let (moved, labeled) =
        tokio::join!(lab.tracker.transition(&cx, id, begin), lab.tracker.update(&cx, id, &edit, None));
    assert!(moved.is_ok() && labeled.is_ok(), "{moved:?} {labeled:?}");
    let now = lab.tracker.get(&cx, id, Surroundings::NONE).await.unwrap().issue;
    assert_eq!((now.state, now.labels.len()), (State::Doing, 2), "{:?}", now.labels);
    let back = Edit { remove_labels: edit.add_labels, ..Edit::default() };
    assert_eq!(lab.tracker.update(&cx, id, &back, None).await.unwrap().after.labels.len(), 1);
}

#[tokio::test]
async fn every_state_can_be_reached_and_left() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("move");
    let filed = lab.tracker.create(&cx, &new("x"), &mark).await.unwrap();
    let id = filed.id.native();
    for (to, state) in [
        ("in progress", State::Doing),
        ("open", State::Todo),
        ("closed as not planned", State::Done),
        ("open", State::Todo),
        ("closed as completed", State::Done),
        ("in progress", State::Doing),
    ] {
        let transitions = lab.tracker.transitions(&cx, id).await.unwrap();
        let step = transitions
            .iter()
            .find(|step| step.to == to)
            .unwrap_or_else(|| panic!("{to} in {transitions:?}"));
        let changed = lab.tracker.transition(&cx, id, step).await.unwrap();
        assert_eq!((changed.after.status.as_str(), changed.after.state), (to, state));
        let again = lab.tracker.transition(&cx, id, step).await.unwrap_err();
        assert_eq!(again.code(), Code::Conflict, "it is there already");
    }
}

#[tokio::test]
async fn a_mark_is_found_beyond_the_newest_issues() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("old");
    let filed = lab.tracker.create(&cx, &new("the first"), &mark).await.unwrap();
    for n in 0..100 {
        let (cx, mark) = writing(&format!("later {n}"));
        lab.tracker.create(&cx, &new("later"), &mark).await.unwrap();
    }
    let found = lab.tracker.find_marked(&cx, "halden/web", &mark).await.unwrap().unwrap();
    assert_eq!(found.id, filed.id);
    assert_eq!(lab.asked("/search/issues").len(), 1, "the listing of the newest hundred did not have it");
}

#[tokio::test]
async fn the_newest_comments_come_first_however_many_there_are() {
    let lab = Lab::start().await;
    let (_, first) = writing("comment 0");
    for n in 0..105 {
        let (cx, mark) = writing(&format!("comment {n}"));
        let text = format!("number {n}");
        lab.tracker
            .comment(&cx, "halden/web#9", &text, crate::model::Visibility::Public, &mark)
            .await
            .unwrap();
    }
    let cx = Cx::for_test();
    let want = Surroundings { comments: 10, ..Surroundings::NONE };
    let detail = lab.tracker.get(&cx, "halden/web#9", want).await.unwrap();
    let texts: Vec<_> = detail.comments.iter().map(|comment| comment.text.as_str().to_owned()).collect();
    assert_eq!(texts, (95..105).rev().map(|n| format!("number {n}")).collect::<Vec<_>>());
    assert!(lab.tracker.find_marked_comment(&cx, "halden/web#9", &first).await.unwrap().is_some());
}
