//! What Jira alone can do, and what goes wrong there.

use std::time::Duration;

use call::{Cx, Operation};
use error::Code;
use sandbox::company::backlog::backlog;
use sandbox::{Fault, Match, Rule};
use serde_json::json;
use tokio::time::Instant;
use tool::{Count, Fetch, Mark};

use super::{Site, Way, schema};
use crate::model::{Priority, State, Visibility};
use crate::tracker::{Edit, NewIssue, Query, Release, Surroundings};

fn cx() -> Cx {
    Cx::for_test()
}

fn write(key: &str) -> (Cx, Mark) {
    let operation = Operation::derive(&["story"], key);
    let mark = Mark { operation: operation.id.clone(), external_key: None };
    (cx().with_operation(operation), mark)
}

fn page(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

fn fail(site: &Site, method: &str, path_prefix: &str, fault: Fault, times: Option<u32>) {
    let only = Match { method: Some(method.into()), path_prefix: Some(path_prefix.into()) };
    site.simulator.control().add_fault(Rule { only, fault, times }).unwrap();
}

fn status(status: u16, headers: &[(&str, &str)]) -> Fault {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Fault::Status { status, headers, body: None }
}

/// Where the gateway has issues.
fn issues(site: &Site) -> String {
    let base = &site.running.base_url;
    format!("{}/rest/api/3/issue", &base[base.find("/ex/").unwrap()..])
}

fn bug(title: &str) -> NewIssue {
    NewIssue { project: "PAY".into(), kind: Some("bug".into()), title: title.into(), ..NewIssue::default() }
}

#[tokio::test]
async fn a_required_custom_field_is_named_before_jira_is_asked() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    let (cx, mark) = write("bug");
    let error = tracker.create(&cx, &bug("No note"), &mark).await.unwrap_err();
    let wire = error.wire("c");
    assert_eq!(error.code(), Code::InvalidArgument);
    assert_eq!(wire.fields.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["fields/Severity note"]);
    let asked = site.simulator.control().log(0);
    assert!(!asked.iter().any(|e| e.method == "POST" && e.path.ends_with("/issue")), "nothing was sent");

    let mut new = bug("With a note");
    new.fields = serde_json::from_value(json!({ "severity note": "Wrong amounts" })).unwrap();
    new.template = Some("incident".into());
    new.priority = Some(Priority::Critical);
    let created = tracker.create(&cx, &new, &mark).await.unwrap();
    assert_eq!(created.priority, Some(Priority::Critical));
    assert!(created.description.unwrap().as_str().contains("Who is affected"));
    assert_eq!(created.custom_fields[0].value.as_str(), "Wrong amounts");

    new.fields = serde_json::from_value(json!({ "Nothing like it": 1 })).unwrap();
    let error = tracker.create(&cx, &new, &mark).await.unwrap_err();
    assert_eq!(error.wire("c").fields.len(), 2, "the unknown field and the missing one: {error:?}");
    new.kind = Some("Epic".into());
    assert_eq!(tracker.create(&cx, &new, &mark).await.unwrap_err().wire("c").fields[0].path, "type");
}

#[tokio::test]
async fn jiras_word_on_a_field_reaches_the_caller() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    let (cx, _) = write("labels");
    let edit = Edit { add_labels: vec!["two words".into()], title: Some("x".repeat(300)), ..Edit::default() };
    let error = tracker.update(&cx, "PAY-13", &edit, None).await.unwrap_err();
    let wire = error.wire("c");
    let paths: Vec<&str> = wire.fields.iter().map(|f| f.path.as_str()).collect();
    assert_eq!((error.code(), paths), (Code::InvalidArgument, vec!["labels", "title"]));
}

#[tokio::test]
async fn a_list_is_estimated_and_its_pages_expire() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Token);
    let query = Query { project: Some("PAY".into()), ..Query::default() };
    let first = tracker.search(&cx(), &query, page(5)).await.unwrap();
    let total = first.total.unwrap();
    assert_eq!((total.kind, total.count > 60), (Count::Estimate, true));
    let next = Fetch { token: first.next.clone(), limit: 5 };
    let second = tracker.search(&cx(), &query, next.clone()).await.unwrap();
    assert_eq!((second.rows.len(), second.total), (5, None), "no total but on the first page");
    site.simulator.control().advance(8 * 24 * 3600);
    let late = tracker.search(&cx(), &query, next).await.unwrap_err();
    assert_eq!(late.code(), Code::CursorExpired);
    let few = Query { ids: vec!["PAY-12".into(), "PAY-99999".into(), "nonsense".into()], ..Query::default() };
    let rows = tracker.search(&cx(), &few, page(5)).await.unwrap();
    assert_eq!(rows.rows.len(), 1, "what does not exist matches nothing");
    assert_eq!(rows.total.unwrap().kind, Count::Exact);
}

#[tokio::test]
async fn only_the_configured_projects_are_within_reach() {
    let site = Site::start().await;
    let mut settings = site.settings(Way::Gateway);
    settings.rest.insert("projects".into(), toml::Value::try_from(["PAY"]).unwrap());
    let tracker = site.connect(&settings);
    let (cx, mark) = write("scope");
    assert_eq!(tracker.projects(&cx).await.unwrap().len(), 1);
    assert_eq!(tracker.recognize("OPS-3"), None);
    let bare = Surroundings::NONE;
    assert_eq!(tracker.get(&cx, "OPS-3", bare).await.unwrap_err().code(), Code::NotFound);
    let said = tracker.comment(&cx, "OPS-3", "hello", Visibility::Public, &mark).await;
    assert_eq!(said.unwrap_err().code(), Code::NotFound);
    let all = tracker.search(&cx, &Query::default(), page(100)).await.unwrap();
    assert!(all.rows.iter().all(|row| row.id.native().starts_with("PAY-")));
    let elsewhere = Query { project: Some("OPS".into()), ..Query::default() };
    assert!(tracker.search(&cx, &elsewhere, page(100)).await.unwrap().rows.is_empty());
    let new = NewIssue { project: "OPS".into(), title: "x".into(), ..NewIssue::default() };
    assert_eq!(tracker.create(&cx, &new, &mark).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_sprint_is_told_from_its_changelogs() {
    for way in [Way::Gateway, Way::DataCenter] {
        let site = Site::start().await;
        let tracker = site.tracker(way);
        let (cx, mark) = write("late");
        let now = tracker.iteration(&cx, "PAY", None).await.unwrap();
        assert_eq!((now.name.as_str(), now.state.as_str()), ("PAY Sprint 42", "active"), "{way:?}");
        let numbers = (now.committed, now.done, now.spilled, now.blocked, now.open);
        assert_eq!(numbers, backlog_numbers(), "{way:?}");
        // Added after the start: in the sprint, and not committed.
        let mut new = bug("Added late");
        let sprint: u64 = now.url.unwrap().rsplit_once('=').unwrap().1.parse().unwrap();
        new.fields = serde_json::from_value(json!({ "Severity note": "x", "Sprint": sprint })).unwrap();
        tracker.create(&cx, &new, &mark).await.unwrap();
        let grown = tracker.iteration(&cx, "PAY", Some("pay sprint 42")).await.unwrap();
        assert_eq!((grown.committed, grown.open), (now.committed, now.open.map(|n| n + 1)), "{way:?}");
        let none = tracker.iteration(&cx, "PAY", Some("PAY Sprint 24")).await.unwrap_err();
        assert_eq!((none.code(), none.wire("c").candidates.len()), (Code::NotFound, 3));
        let ahead = tracker.iteration(&cx, "PAY", Some("PAY Sprint 43")).await.unwrap();
        assert_eq!(
            (ahead.committed, ahead.spilled),
            (None, None),
            "a sprint that has not begun committed to nothing"
        );
        let judged = schema::judge(&site.simulator);
        assert!(judged.faults.is_empty(), "{}", judged.faults.join("\n"));
    }
}

#[tokio::test]
async fn closed_sprints_do_not_stand_before_the_one_under_way() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    let closed = || {
        let asked = site.simulator.control().log(0).into_iter();
        let lists = asked.filter(|e| e.path.split('?').next().unwrap().ends_with("/sprint"));
        lists.filter(|e| e.response_body.contains("\"closed\"")).count()
    };
    let now = tracker.iteration(&cx(), "PAY", None).await.unwrap();
    assert_eq!((now.state.as_str(), closed()), ("active", 0), "of them there may be more than are read");
    let past = tracker.iteration(&cx(), "PAY", Some("PAY Sprint 41")).await.unwrap();
    assert_eq!((past.state.as_str(), closed()), ("closed", 1));
}

#[tokio::test]
async fn of_a_sprint_too_large_to_be_read_no_number_is_known() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::DataCenter);
    tracker.iteration(&cx(), "PAY", None).await.unwrap();
    let asked = site.simulator.control().log(0);
    let issues = asked.iter().find(|e| e.path.contains("/agile/1.0/sprint/")).unwrap();
    let mut page: serde_json::Value = serde_json::from_str(&issues.response_body).unwrap();
    page["total"] = json!(5_000);
    let endless = Fault::Status { status: 200, headers: Default::default(), body: Some(page) };
    fail(&site, "GET", issues.path.split('?').next().unwrap(), endless, None);
    let large = tracker.iteration(&cx(), "PAY", None).await.unwrap();
    let numbers = (large.committed, large.done, large.spilled, large.blocked, large.open);
    assert_eq!(numbers, (None, None, None, None, None));
}

#[tokio::test]
async fn what_a_service_desks_customer_wrote_is_a_customers() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Token);
    let want = Surroundings { comments: 5, ..Surroundings::NONE };
    let told = async || {
        let detail = tracker.get(&cx(), "PAY-12", want).await.unwrap();
        let texts = detail.issue.description.into_iter().chain(detail.comments.into_iter().map(|c| c.text));
        texts.map(|text| serde_json::to_value(text).unwrap()["from"].clone()).collect::<Vec<_>>()
    };
    let inside = told().await;
    assert!(inside.len() > 1 && inside.iter().all(|from| from == "internal"), "{inside:?}");
    let mut read: Vec<_> = site.simulator.control().log(0);
    read.retain(|entry| entry.path.contains("/issue/PAY-12"));
    // The path of the comments begins with that of the issue.
    read.sort_by_key(|entry| std::cmp::Reverse(entry.path.contains("/comment")));
    for entry in read {
        let body = entry.response_body.replace("\"atlassian\"", "\"customer\"");
        let body = Some(serde_json::from_str(&body).unwrap());
        let fault = Fault::Status { status: 200, headers: Default::default(), body };
        fail(&site, "GET", entry.path.split('?').next().unwrap(), fault, None);
    }
    let outside = told().await;
    assert!(outside.len() == inside.len() && outside.iter().all(|from| from == "customer"), "{outside:?}");
}

type Numbers = (Option<u32>, Option<u32>, Option<u32>, Option<u32>, Option<u32>);

/// Sprint 42 of the backlog, counted from the file.
fn backlog_numbers() -> Numbers {
    let company = backlog();
    let sprint = company.iterations.iter().find(|i| i.name == "PAY Sprint 42").unwrap();
    let inside: Vec<_> =
        company.issues.iter().filter(|i| i.iteration.as_ref() == Some(&sprint.name)).collect();
    let count = |n: usize| u32::try_from(n).ok();
    let done = inside.iter().filter(|i| i.status == "Done").count();
    // Those created after the sprint began came later.
    let committed = inside.iter().filter(|i| Some(i.created) <= sprint.start).count();
    let blocked =
        inside.iter().filter(|i| i.flagged || i.links.iter().any(|(how, _)| how == "is blocked by")).count();
    (count(committed), count(done), Some(0), count(blocked), count(inside.len() - done))
}

#[tokio::test]
async fn blockers_say_why_and_unknown_versions_name_the_nearest() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    let release =
        Release { project: Some("PAY".into()), name: Some("4.2".into()), severity: Some(Priority::Critical) };
    let rows = tracker.blockers(&cx(), &release, page(50)).await.unwrap().rows;
    let reason = |key: &str| rows.iter().find(|b| b.issue.id.native() == key).map(|b| b.reason.to_string());
    assert_eq!(reason("PAY-12").as_deref(), Some("priority Highest; is blocked by OPS-3 (To Do)"));
    assert_eq!(reason("PAY-14").as_deref(), Some("flagged: Impediment"));
    assert_eq!(reason("PAY-13"), None, "high alone does not block at this severity");
    let unreleased = Release { name: None, ..release.clone() };
    assert!(!tracker.blockers(&cx(), &unreleased, page(50)).await.unwrap().rows.is_empty());
    let unknown = Release { name: Some("4.22".into()), ..release };
    let error = tracker.blockers(&cx(), &unknown, page(50)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    assert_eq!(error.wire("c").candidates[0].id, "4.2");
    let anywhere = Release { project: None, ..unknown };
    let error = tracker.blockers(&cx(), &anywhere, page(50)).await.unwrap_err();
    assert_eq!((error.code(), &*error.wire("c").candidates[0].id), (Code::NotFound, "4.2"), "{error:?}");
}

#[tokio::test]
async fn before_the_epoch_there_was_nothing() {
    let site = Site::start().await;
    let old: Option<jiff::Timestamp> = "1899-01-01T00:00:00Z".parse().ok();
    for way in [Way::Gateway, Way::DataCenter] {
        let tracker = site.tracker(way);
        let since = Query { updated_after: old, ..Query::default() };
        assert!(!tracker.search(&cx(), &since, page(5)).await.unwrap().rows.is_empty(), "{way:?}");
        let until = Query { updated_before: old, ..Query::default() };
        assert!(tracker.search(&cx(), &until, page(5)).await.unwrap().rows.is_empty(), "{way:?}");
    }
}

#[tokio::test]
async fn a_severity_that_no_priority_tells_is_refused() {
    let site = Site::start().await;
    let mut settings = site.settings(Way::Gateway);
    let low = toml::toml! { low = ["Highest", "High", "Medium", "Low", "Lowest"] };
    settings.map.insert("priorities".into(), toml::Value::Table(low));
    let tracker = site.connect(&settings);
    let release = |severity| Release { project: Some("PAY".into()), name: Some("4.2".into()), severity };
    let refused = tracker.blockers(&cx(), &release(Some(Priority::High)), page(50)).await.unwrap_err();
    assert_eq!(refused.code(), Code::UnsupportedFilter, "{refused:?}");
    assert!(refused.wire("c").hint.contains("map.priorities"), "{refused:?}");
    let flagged = tracker.blockers(&cx(), &release(None), page(50)).await.unwrap().rows;
    assert!(flagged.iter().any(|b| b.issue.id.native() == "PAY-14"), "flags and links still tell");
    assert!(!tracker.blockers(&cx(), &release(Some(Priority::Low)), page(50)).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn history_and_delivery_are_read() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    let all = Surroundings { comments: 5, history: 10, links: true, development: true };
    let detail = tracker.get(&cx(), "PAY-12", all).await.unwrap();
    assert!(detail.history.iter().any(|h| h.field.as_str() == "status"), "{:?}", detail.history);
    assert_eq!(detail.links[0].relation.as_str(), "is blocked by");
    assert!(detail.issue.blocked && detail.links[0].state == Some(State::Todo));
    assert!(detail.comments.iter().any(|c| c.visibility == Some(Visibility::Internal)));
    let link = &detail.development.unwrap().remote_links[0];
    assert!(link.url.as_str().ends_with("/pull/31"), "{link:?}");
    let text = detail.issue.description.unwrap();
    assert!(text.as_str().contains("- happens on **every** 3DS challenge"), "{text:?}");
    assert_eq!(tracker.delivery(&cx(), "PAY-12").await.unwrap().remote_links.len(), 1);
    assert_eq!(tracker.mentions(&cx(), "X-1").await.unwrap_err().code(), Code::Unsupported);
}

#[tokio::test]
async fn a_hidden_address_is_found_and_a_shared_name_is_not_guessed() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    let chidi = tracker.people(&cx(), "chidi.okafor@halden.example").await.unwrap();
    assert_eq!((chidi.len(), chidi[0].email.as_deref()), (1, None));
    assert_eq!(tracker.people(&cx(), &chidi[0].id).await.unwrap(), chidi);
    assert_eq!(tracker.people(&cx(), "Ana Ruiz").await.unwrap().len(), 2);
    assert!(tracker.people(&cx(), "Ana").await.unwrap().is_empty(), "a beginning is no name");
}

#[tokio::test]
async fn a_create_of_unknown_fate_is_found_by_its_mark() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    let (cx, mark) = write("lost");
    let prefix = issues(&site);
    fail(&site, "POST", &prefix, Fault::ApplyThenReset {}, Some(1));
    let new = NewIssue { project: "OPS".into(), title: "Lost answer".into(), ..NewIssue::default() };
    let lost = tracker.create(&cx, &new, &mark).await.unwrap_err();
    assert_eq!(lost.code(), Code::OutcomeUnknown, "{lost:?}");
    let found = tracker.find_marked(&cx, "OPS", &mark).await.unwrap().unwrap();
    assert_eq!(found.title.as_str(), "Lost answer");
    let sent = site
        .simulator
        .control()
        .log(0)
        .into_iter()
        .filter(|e| e.method == "POST" && e.path == prefix)
        .count();
    assert_eq!(sent, 1, "never sent twice");
}

#[tokio::test]
async fn the_index_is_asked_to_reconcile_what_was_just_written() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    let (cx, mark) = write("fresh");
    let new = NewIssue { project: "OPS".into(), title: "Fresh".into(), ..NewIssue::default() };
    tracker.create(&cx, &new, &mark).await.unwrap();
    tracker.find_marked(&cx, "OPS", &mark).await.unwrap().unwrap();
    let asked = site.simulator.control().log(0).pop().unwrap();
    let body: serde_json::Value = serde_json::from_str(&asked.request_body).unwrap();
    assert_eq!(body["reconcileIssues"].as_array().map(Vec::len), Some(1), "{body}");
}

#[tokio::test]
async fn failures_have_their_codes() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    let query = Query::default();
    tracker.search(&cx(), &query, page(1)).await.unwrap();
    for (fault, code) in [
        (status(403, &[]), Code::Permission),
        (status(409, &[]), Code::Conflict),
        (status(410, &[]), Code::Unsupported),
        (status(413, &[]), Code::InvalidArgument),
        (status(422, &[]), Code::InvalidArgument),
        (
            status(429, &[("retry-after", "3600"), ("ratelimit-reason", "jira-quota-tenant-based")]),
            Code::QuotaExhausted,
        ),
    ] {
        // A fresh source each time: what one failure teaches must not hide the next.
        let tracker = site.tracker(Way::Gateway);
        let (cx, _) = write(code.as_str());
        fail(&site, "PUT", &issues(&site), fault, Some(1));
        let edit = Edit { title: Some("New".into()), ..Edit::default() };
        let error = tracker.update(&cx, "OPS-3", &edit, None).await.unwrap_err();
        assert_eq!(error.code(), code, "{error:?}");
        site.simulator.control().clear_faults();
    }
}

#[tokio::test]
async fn a_limit_of_one_issue_refuses_a_write_to_it_and_holds_back_no_other_call() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    let headers = [("retry-after", "30"), ("ratelimit-reason", "jira-per-issue-on-write")];
    fail(&site, "PUT", &format!("{}/OPS-3", issues(&site)), status(429, &headers), None);
    let edit = Edit { title: Some("New".into()), ..Edit::default() };
    // Too little time to wait for it.
    let hurried = || cx().with_deadline(Instant::now() + Duration::from_secs(10));
    let error = tracker.update(&hurried(), "OPS-3", &edit, None).await.unwrap_err();
    assert_eq!((error.code(), error.wait()), (Code::RateLimited, Some(Duration::from_secs(30))));
    tracker.update(&hurried(), "PAY-13", &edit, None).await.unwrap();
    site.simulator.control().clear_faults();
    tracker.update(&hurried(), "OPS-3", &edit, None).await.unwrap();
}

#[tokio::test]
async fn the_simulator_limits_the_writes_to_one_issue() {
    let site = Site::start().await;
    let token = site.running.access_token.clone().unwrap();
    let put = |key: &str| {
        let request = http::Request::put(format!("{}/{key}", issues(&site)));
        let request = request.header("authorization", format!("Bearer {token}"));
        let body = json!({ "fields": { "summary": "New" } }).to_string();
        site.simulator.reply(request.body(body.into()).unwrap()).unwrap()
    };
    for n in 0..20 {
        assert_eq!(put("PAY-13").status, 204, "{n}");
    }
    let refused = put("PAY-13");
    assert_eq!(refused.status, 429);
    let told = |wanted: &str| refused.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    assert_eq!(told("ratelimit-reason").unwrap(), "jira-per-issue-on-write");
    assert!(told("retry-after").is_some());
    assert_eq!(put("PAY-14").status, 204, "other issues are not concerned");
}

#[tokio::test]
async fn a_revoked_token_is_renewed_unseen() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    tracker.search(&cx(), &Query::default(), page(1)).await.unwrap();
    fail(&site, "POST", "/ex/", Fault::RevokeToken {}, Some(1));
    tracker.search(&cx(), &Query::default(), page(1)).await.unwrap();
}

#[tokio::test]
async fn urls_of_this_site_alone_are_recognized() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Token);
    let origin = format!("http://{}", site.running.addr);
    assert_eq!(tracker.recognize(&format!("{origin}/browse/PAY-12")).as_deref(), Some("PAY-12"));
    assert_eq!(
        tracker.recognize(&format!("{origin}/jira/boards/1?selectedIssue=PAY-13")).as_deref(),
        Some("PAY-13")
    );
    assert_eq!(tracker.recognize("pay-12").as_deref(), Some("PAY-12"));
    for other in
        ["https://other.atlassian.net/browse/PAY-12", "PAY-0", "PAY12", "acme/web#7", "PAY-1 OR 1", ""]
    {
        assert_eq!(tracker.recognize(other), None, "{other}");
    }
}
