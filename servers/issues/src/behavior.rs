//! What every tracker must do, in the words of the domain. Each vendor runs it over its simulator, filled with the
//! demo backlog; what a vendor is not `Able` to do must be refused, never faked.

use std::collections::HashSet;

use call::{Cx, Operation};
use error::Code;
use futures::future::join_all;
use jiff::SignedDuration;
use sandbox::company::backlog::backlog;
use tool::{Fetch, Mark};

use crate::model::{Emptiable, Priority, State, Visibility};
use crate::tracker::{Edit, NewIssue, Query, Release, Surroundings, Tracker};

/// What the suite needs to know of the tracker under test.
pub(crate) struct Subject<'a> {
    /// The tracker, filled with the demo backlog.
    pub(crate) tracker: &'a Tracker,
    /// The name of its boards' tracker in the backlog: `jira`.
    pub(crate) boards: &'static str,
    /// A project with written issues: `PAY`.
    pub(crate) project: &'static str,
    /// A written, open issue of it, native id.
    pub(crate) issue: &'static str,
    /// A person assigned to it, by full name or login.
    pub(crate) person: &'static str,
}

/// Runs the whole suite.
pub(crate) async fn holds(subject: &Subject<'_>) {
    finds_projects_and_people(subject).await;
    searches_newest_first_and_pages_without_loss(subject).await;
    filters_hold_together(subject).await;
    text_never_widens(subject).await;
    refuses_what_it_cannot_filter(subject).await;
    reads_one_issue_with_what_surrounds_it(subject).await;
    finds_what_blocks_a_release(subject).await;
    judges_a_severity_or_refuses_it(subject).await;
    creates_once_and_finds_by_mark(subject).await;
    updates_with_old_values_and_refuses_stale_ones(subject).await;
    keeps_labels_that_are_changed_at_the_same_moment(subject).await;
    moves_through_its_workflow(subject).await;
    comments_with_explicit_visibility(subject).await;
}

fn cx() -> Cx {
    Cx::for_test()
}

fn writing(key: &str) -> (Cx, Mark) {
    let operation = Operation::derive(&["behavior"], key);
    let mark = Mark { operation: operation.id.clone(), external_key: None };
    (cx().with_operation(operation), mark)
}

fn first(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

async fn finds_projects_and_people(s: &Subject<'_>) {
    let cx = cx();
    let projects = s.tracker.projects(&cx).await.unwrap();
    for board in backlog().boards(s.boards) {
        assert!(projects.iter().any(|p| p.key == board.key), "project {}", board.key);
    }
    assert_eq!(s.tracker.people(&cx, s.person).await.unwrap().len(), 1, "{}", s.person);
    assert!(s.tracker.people(&cx, "Nobody Ofthisname").await.unwrap().is_empty());
}

async fn searches_newest_first_and_pages_without_loss(s: &Subject<'_>) {
    let cx = cx();
    let query = Query { project: Some(s.project.into()), ..Query::default() };
    let (mut ids, mut last, mut token) = (Vec::new(), None, None);
    loop {
        let rows = s.tracker.search(&cx, &query, Fetch { token, limit: 7 }).await.unwrap();
        for row in &rows.rows {
            assert!(last.is_none_or(|l| row.updated <= l), "newest change first");
            last = Some(row.updated);
            ids.push(row.id.native().to_owned());
        }
        token = rows.next;
        if token.is_none() {
            break;
        }
    }
    let expected: HashSet<u64> =
        backlog().issues.iter().filter(|i| i.project == s.project).map(|i| i.number).collect();
    let seen: HashSet<u64> = ids.iter().filter_map(|id| id.rsplit(['-', '#']).next()?.parse().ok()).collect();
    assert_eq!(ids.len(), seen.len(), "nothing is given twice");
    assert_eq!(seen, expected, "nothing is lost between pages");
}

async fn filters_hold_together(s: &Subject<'_>) {
    let cx = cx();
    let known = s.tracker.get(&cx, s.issue, Surroundings::NONE).await.unwrap().issue;
    let person = s.tracker.people(&cx, s.person).await.unwrap().remove(0).id;
    let query = Query {
        project: Some(s.project.into()),
        assignee: Some(person),
        open: true,
        labels: vec![known.labels[0].to_string()],
        updated_after: Some(known.updated.0 - SignedDuration::from_hours(1)),
        ..Query::default()
    };
    let rows = s.tracker.search(&cx, &query, first(50)).await.unwrap().rows;
    assert!(rows.iter().any(|r| r.id == known.id), "the known issue matches its own values");
    for row in &rows {
        assert_eq!(row.assignee, known.assignee);
        assert_ne!(row.state, State::Done);
        assert!(row.labels.contains(&known.labels[0]));
    }
    let before = Query { updated_after: None, updated_before: Some(known.updated.0), ..query.clone() };
    let rows = s.tracker.search(&cx, &before, first(50)).await.unwrap().rows;
    assert!(rows.iter().all(|r| r.id != known.id), "`before` does not include the moment itself");
    let done = Query { project: Some(s.project.into()), state: Some(State::Done), ..Query::default() };
    let rows = s.tracker.search(&cx, &done, first(50)).await.unwrap().rows;
    assert!(!rows.is_empty() && rows.iter().all(|r| r.state == State::Done));
    let only = Query { ids: vec![s.issue.into()], ..Query::default() };
    let rows = s.tracker.search(&cx, &only, first(50)).await.unwrap().rows;
    assert_eq!(rows.iter().map(|r| r.id.native()).collect::<Vec<_>>(), [s.issue]);
    let absent = Query { ids: vec![absent(s.issue)], ..Query::default() };
    let rows = s.tracker.search(&cx, &absent, first(50)).await.unwrap().rows;
    assert!(rows.is_empty(), "an id that does not exist matches nothing");
}

/// A well-formed id of no issue.
fn absent(issue: &str) -> String {
    let stem = issue.trim_end_matches(|c: char| c.is_ascii_digit());
    format!("{stem}99999")
}

async fn text_never_widens(s: &Subject<'_>) {
    let cx = cx();
    for text in [
        "zzzznothing\" OR project = OPS OR \"",
        "zzzznothing' OR 1=1 --",
        "zzzznothing) OR (state = open",
        "zzzznothing repo:halden/secret",
        "zzzznothing\nORDER BY created",
        "zzzznothing\\",
        "zzzznothing AND NOT",
        "zzzznothing \u{202E} 設定",
        "zzzznothing * ? ~ ! { } [ ] ^ : + - & |",
    ] {
        let query = Query { project: Some(s.project.into()), text: Some(text.into()), ..Query::default() };
        let rows = s.tracker.search(&cx, &query, first(50)).await;
        assert!(rows.as_ref().is_ok_and(|r| r.rows.is_empty()), "{text:?}: {rows:?}");
    }
}

async fn refuses_what_it_cannot_filter(s: &Subject<'_>) {
    let (cx, able) = (cx(), s.tracker.able());
    let project = Some(s.project.to_owned());
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let base = Query { project, ..Query::default() };
    let mut cases = vec![
        (able.priority, Query { priority: Some(Priority::High), ..base.clone() }),
        (
            able.due,
            Query { due_before: Some(today.saturating_add(jiff::Span::new().days(30))), ..base.clone() },
        ),
        (able.doing, Query { state: Some(State::Doing), ..base.clone() }),
        (able.blocked, Query { blocked: Some(true), ..base.clone() }),
    ];
    for field in [Emptiable::Assignee, Emptiable::Labels, Emptiable::Priority, Emptiable::Due] {
        cases.push((able.empty.contains(&field), Query { where_empty: Some(field), ..base.clone() }));
    }
    for (able, query) in cases {
        match s.tracker.search(&cx, &query, first(100)).await {
            Err(error) => assert!(!able && error.code() == Code::UnsupportedFilter, "{query:?}: {error:?}"),
            Ok(rows) => {
                assert!(able, "{query:?} must be refused, not ignored");
                for row in rows.rows {
                    assert!(query.priority.is_none_or(|p| row.priority == Some(p)), "{query:?}");
                    assert!(query.due_before.is_none() || row.due.is_some(), "{query:?}");
                    assert!(query.state.is_none_or(|s| row.state == s), "{query:?}");
                    assert!(query.blocked.is_none_or(|b| row.blocked == b), "{query:?}");
                    match query.where_empty {
                        Some(Emptiable::Assignee) => assert!(row.assignee.is_none()),
                        Some(Emptiable::Labels) => assert!(row.labels.is_empty()),
                        Some(Emptiable::Priority) => assert!(row.priority.is_none()),
                        Some(Emptiable::Due) => assert!(row.due.is_none()),
                        None => {}
                    }
                }
            }
        }
    }
}

async fn reads_one_issue_with_what_surrounds_it(s: &Subject<'_>) {
    let cx = cx();
    let all = Surroundings { comments: 2, history: 10, links: true, development: true };
    let detail = s.tracker.get(&cx, s.issue, all).await.unwrap();
    assert_eq!(detail.issue.id.native(), s.issue);
    assert!(detail.issue.description.is_some());
    assert_eq!(detail.comments.len(), 2, "the newest two");
    assert!(detail.comments[0].created >= detail.comments[1].created, "newest first");
    assert_eq!(s.tracker.recognize(&detail.issue.url).as_deref(), Some(s.issue), "its URL leads back to it");
    assert_eq!(s.tracker.recognize(s.issue).as_deref(), Some(s.issue));
    assert_eq!(s.tracker.recognize("https://elsewhere.example/browse/PAY-12"), None);
    let missing = s.tracker.get(&cx, &absent(s.issue), Surroundings::NONE).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
}

async fn finds_what_blocks_a_release(s: &Subject<'_>) {
    let cx = cx();
    let release = Release { project: Some(s.project.into()), name: Some("4.2".into()), severity: None };
    let rows = s.tracker.blockers(&cx, &release, first(50)).await.unwrap().rows;
    assert!(rows.iter().any(|b| b.issue.id.native() == s.issue), "{rows:?}");
    assert!(rows.iter().all(|b| b.issue.state != State::Done && !b.reason.as_str().is_empty()));
}

async fn judges_a_severity_or_refuses_it(s: &Subject<'_>) {
    let (project, name) = (Some(s.project.to_owned()), Some("4.2".to_owned()));
    let usual = Release { project, name, severity: None };
    let ask = async |severity: Option<Priority>| {
        let release = Release { severity, ..usual.clone() };
        let rows = s.tracker.blockers(&cx(), &release, first(50)).await?.rows;
        Ok::<_, error::Error>(rows.iter().map(|b| b.issue.id.native().to_owned()).collect::<Vec<_>>())
    };
    if !s.tracker.able().priority {
        assert_eq!(ask(Some(Priority::High)).await.unwrap_err().code(), Code::UnsupportedFilter);
        return;
    }
    let high = ask(Some(Priority::High)).await.unwrap();
    assert_eq!(ask(None).await.unwrap(), high, "what is meant where nobody says");
    assert!(ask(Some(Priority::Critical)).await.unwrap().iter().all(|id| high.contains(id)));
}

async fn creates_once_and_finds_by_mark(s: &Subject<'_>) {
    let (cx, mark) = writing("create");
    assert!(s.tracker.find_marked(&cx, s.project, &mark).await.unwrap().is_none());
    let new = NewIssue {
        project: s.project.into(),
        title: "A \"quoted\" title with <tags> & 設定".into(),
        description: Some("First line.\n\n- one\n- two\n\n`code` and **bold**".into()),
        labels: vec!["behavior".into()],
        kind: Some("Task".into()),
        ..NewIssue::default()
    };
    let created = s.tracker.create(&cx, &new, &mark).await.unwrap();
    assert_eq!(created.title.as_str(), new.title);
    assert_eq!(
        created.labels.iter().map(|l| l.as_str()).collect::<Vec<_>>(),
        ["behavior"],
        "no marker shows"
    );
    let found = s.tracker.find_marked(&cx, s.project, &mark).await.unwrap().unwrap();
    assert_eq!(found.id, created.id);
    let text =
        s.tracker.get(&cx, created.id.native(), Surroundings::NONE).await.unwrap().issue.description.unwrap();
    assert!(text.as_str().contains("one") && text.as_str().contains("**bold**"), "{text:?}");
    assert!(!text.as_str().contains(&mark.operation), "no marker shows");

    let keyed = Mark { external_key: Some("contract/77 \"x\"".into()), ..writing("create keyed").1 };
    assert!(s.tracker.find_marked(&cx, s.project, &keyed).await.unwrap().is_none());
    let second = s.tracker.create(&cx, &new, &keyed).await.unwrap();
    let again = Mark { external_key: keyed.external_key.clone(), ..writing("another day").1 };
    assert_eq!(s.tracker.find_marked(&cx, s.project, &again).await.unwrap().unwrap().id, second.id);
}

async fn updates_with_old_values_and_refuses_stale_ones(s: &Subject<'_>) {
    let (cx, mark) = writing("update");
    let new = NewIssue {
        project: s.project.into(),
        title: "Before".into(),
        labels: vec!["old".into()],
        kind: Some("Task".into()),
        ..NewIssue::default()
    };
    let created = s.tracker.create(&cx, &new, &mark).await.unwrap();
    let id = created.id.native();
    let person = s.tracker.people(&cx, s.person).await.unwrap().remove(0).id;
    let edit = Edit {
        title: Some("After".into()),
        add_labels: vec!["new".into()],
        remove_labels: vec!["old".into()],
        assignee: Some(Some(person)),
        ..Edit::default()
    };
    let changed = s.tracker.update(&cx, id, &edit, Some(created.updated.0)).await.unwrap();
    assert_eq!((changed.before.title.as_str(), changed.after.title.as_str()), ("Before", "After"));
    assert_eq!(changed.after.labels.iter().map(|l| l.as_str()).collect::<Vec<_>>(), ["new"]);
    assert!(changed.former.assignees.is_empty() && changed.after.assignee.is_some());
    let long_ago = created.updated.0 - SignedDuration::from_hours(1);
    let stale = s.tracker.update(&cx, id, &edit, Some(long_ago)).await.unwrap_err();
    assert_eq!(stale.code(), Code::Conflict, "{stale:?}");
    let nobody = Edit { assignee: Some(None), ..Edit::default() };
    assert!(s.tracker.update(&cx, id, &nobody, None).await.unwrap().after.assignee.is_none());
    assert!(s.tracker.find_marked(&cx, s.project, &mark).await.unwrap().is_some(), "a change keeps the mark");
}

async fn keeps_labels_that_are_changed_at_the_same_moment(s: &Subject<'_>) {
    let (cx, mark) = writing("labels");
    let old = ["old-0", "old-1", "old-2", "old-3"].map(str::to_owned);
    let new = NewIssue {
        project: s.project.into(),
        title: "Labeled by many".into(),
        labels: old.to_vec(),
        kind: Some("Task".into()),
        ..NewIssue::default()
    };
    let created = s.tracker.create(&cx, &new, &mark).await.unwrap();
    let id = created.id.native();
    let edits = old.map(|label| Edit {
        add_labels: vec![label.replace("old", "new")],
        remove_labels: vec![label],
        ..Edit::default()
    });
    let done = join_all(edits.iter().map(|edit| s.tracker.update(&cx, id, edit, None))).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    let now = s.tracker.get(&cx, id, Surroundings::NONE).await.unwrap().issue;
    let labels: HashSet<&str> = now.labels.iter().map(|label| label.as_str()).collect();
    assert_eq!(labels, HashSet::from(["new-0", "new-1", "new-2", "new-3"]));
}

async fn moves_through_its_workflow(s: &Subject<'_>) {
    let (cx, mark) = writing("move");
    let new = NewIssue {
        project: s.project.into(),
        title: "To be moved".into(),
        kind: Some("Task".into()),
        ..NewIssue::default()
    };
    let created = s.tracker.create(&cx, &new, &mark).await.unwrap();
    let id = created.id.native();
    let transitions = s.tracker.transitions(&cx, id).await.unwrap();
    let done = transitions.iter().find(|t| t.state == State::Done).unwrap();
    let changed = s.tracker.transition(&cx, id, done).await.unwrap();
    assert_ne!(changed.before.state, State::Done);
    assert_eq!(changed.after.state, State::Done);
    let back = s.tracker.transitions(&cx, id).await.unwrap();
    let back = back.iter().find(|t| t.state != State::Done).unwrap();
    assert_ne!(s.tracker.transition(&cx, id, back).await.unwrap().after.state, State::Done);
}

async fn comments_with_explicit_visibility(s: &Subject<'_>) {
    let (cx, mark) = writing("comment");
    let text = "Looked at it: `x < 1` holds.\n\nSee the *runbook*.";
    assert!(s.tracker.find_marked_comment(&cx, s.issue, &mark).await.unwrap().is_none());
    let posted = s.tracker.comment(&cx, s.issue, text, Visibility::Public, &mark).await.unwrap();
    assert!(posted.text.as_str().contains("x < 1"), "{posted:?}");
    assert!(!posted.text.as_str().contains(&mark.operation), "no marker shows");
    let found = s.tracker.find_marked_comment(&cx, s.issue, &mark).await.unwrap().unwrap();
    assert_eq!(found.id, posted.id);
    let (cx, mark) = writing("comment internally");
    let internal = s.tracker.comment(&cx, s.issue, text, Visibility::Internal, &mark).await;
    if s.tracker.able().internal_comments {
        assert_eq!(internal.unwrap().visibility, Some(Visibility::Internal));
    } else {
        assert_eq!(internal.unwrap_err().code(), Code::Unsupported);
        assert!(
            s.tracker.find_marked_comment(&cx, s.issue, &mark).await.unwrap().is_none(),
            "refused, never posted"
        );
    }
}

#[tokio::test]
async fn memory_holds() {
    use crate::tracker::Able;
    use crate::vendors::memory::Memory;

    let jira = Memory::new("jira", "jira", Able::ALL);
    holds(&Subject { tracker: &jira, boards: "jira", project: "PAY", issue: "PAY-12", person: "anaruiz" })
        .await;
    let plain = Memory::new("jira", "jira", Able { priority: false, ..Able::ALL });
    let subject =
        Subject { tracker: &plain, boards: "jira", project: "PAY", issue: "PAY-12", person: "anaruiz" };
    judges_a_severity_or_refuses_it(&subject).await;
}
