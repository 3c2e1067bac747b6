//! Stories of one vendor: what the suite for all libraries cannot know.

use std::collections::BTreeMap;

use call::{Cx, Operation};
use error::Code;
use jiff::{SignedDuration, Timestamp};
use sandbox::{Fault, Match, Rule};
use serde_json::{Value, json};
use tool::{Fetch, Mark};

use super::{Way, Wiki};
use crate::library::{Changes, Criterion, Library, NewDocument, Query, Review};
use crate::markdown::{Edit, Outline};
use crate::model::{Audience, Document, Knowledge, Status};

fn cx() -> Cx {
    Cx::for_test()
}

fn writing(key: &str) -> (Cx, Mark) {
    let cx = cx().with_operation(Operation::derive(&["story"], key));
    let mark = Mark::new(&cx, None).unwrap();
    (cx, mark)
}

fn first(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

pub(super) async fn titled(library: &Library, title: &str, status: Option<Status>) -> Document {
    let query = Query { text: Some(title.into()), status, ..Query::default() };
    let rows = library.search(&cx(), &query, first(50)).await.unwrap().rows;
    rows.into_iter().find(|row| row.title.as_str() == title).unwrap()
}

/// The storage text that the last write sent.
fn sent(wiki: &Wiki, method: &str) -> String {
    let log = wiki.simulator.control().log(0);
    let entries = log.iter().filter_map(|entry| serde_json::to_value(entry).ok());
    let last = entries.rev().find(|entry| entry["method"] == method).unwrap();
    let body = &last["request_body"];
    let body: Value = body.as_str().map_or_else(|| body.clone(), |text| serde_json::from_str(text).unwrap());
    body["body"]["value"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_markdown_cannot_say_survives_an_edit() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let page = titled(&*library, "Runbook: Payouts stuck in the queue", None).await;
    let read = library.read(&cx(), page.id.native()).await.unwrap();
    let edit = Edit::new(&Outline::of(&read.text), "background", "It is updated by hand.").unwrap();
    let (cx, mark) = writing("edit");
    library.replace_section(&cx, page.id.native(), &edit, &read.version, &mark).await.unwrap();
    let storage = sent(&wiki, "PUT");
    assert!(storage.contains("ac:name=\"toc\""), "the table of contents is still there: {storage}");
    assert!(storage.ends_with("<h2>Background</h2><p>It is updated by hand.</p>"), "{storage}");
}

#[tokio::test]
async fn an_edit_whose_answer_was_lost_is_known_again() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let page = titled(&*library, "Runbook: Payouts stuck in the queue", None).await;
    let id = page.id.native();
    let again = async |text: &str| {
        let read = library.read(&cx(), id).await.unwrap();
        (Edit::new(&Outline::of(&read.text), "background", text).unwrap(), read.version)
    };
    let rule = json!({ "match": { "method": "PUT" }, "fault": { "kind": "apply_then_reset" }, "times": 1 });
    wiki.simulator.control().add_fault(serde_json::from_value(rule).unwrap()).unwrap();
    let ((lost, mark), (_, other)) = (writing("lost"), writing("another"));
    let (edit, version) = again("* one\n* two __bold__").await;
    let error = library.replace_section(&lost, id, &edit, &version, &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown);
    let (same, version) = again("* one\n* two __bold__").await;
    assert!(!same.is_empty(), "Confluence gives another spelling of it");
    assert!(library.edited(&cx(), id, Some(&same), &other).await.unwrap(), "the section says so");
    let (later, _) = again("Somebody's.").await;
    library.replace_section(&lost, id, &later, &version, &other).await.unwrap();
    let (gone, _) = again("* one\n* two __bold__").await;
    assert!(library.edited(&cx(), id, Some(&gone), &mark).await.unwrap(), "and so does the history");
    assert!(library.edited(&cx(), id, None, &mark).await.unwrap());
    assert!(!library.edited(&cx(), id, Some(&gone), &writing("a third").1).await.unwrap());
    let changes = Changes { space: None, since: page.updated.0, until: None, revisions: 5 };
    let rows = library.changed(&cx(), &changes, first(50)).await.unwrap().rows;
    let own = rows.into_iter().find(|row| row.document.id == page.id).unwrap();
    assert_eq!(own.revisions[0].message, Some("Section edited through Chancery".into()), "no mark shows");
}

#[tokio::test]
async fn a_section_that_says_more_than_markdown_is_given_back_by_hand() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let panel = "<h2>Panel</h2><ac:structured-macro ac:name=\"info\"><ac:rich-text-body><p>Careful.</p>\
                 </ac:rich-text-body></ac:structured-macro>";
    let template =
        json!({"name": "panel", "body": {"storage": {"value": panel, "representation": "storage"}}});
    let body = Some(json!({"results": [template], "_links": {}}));
    let fault = Fault::Status { status: 200, headers: BTreeMap::default(), body };
    let only = Match { method: Some("GET".into()), path_prefix: Some("/wiki/rest/api/template/".into()) };
    wiki.simulator.control().add_fault(Rule { only, fault, times: None }).unwrap();
    let (cx, mark) = writing("more than words");
    let new = NewDocument {
        title: "More than words".into(),
        text: "## Plain\n\n- one\n- **two**\n\n| a | b |\n|---|---|\n| c | d |".into(),
        template: Some("panel".into()),
        ..NewDocument::default()
    };
    let id = library.create_draft(&cx, &new, &mark).await.unwrap().id;
    for (section, comes_back) in [("plain", true), ("panel", false)] {
        let read = library.read(&cx, id.native()).await.unwrap();
        let edit = Edit::new(&Outline::of(&read.text), section, "Other.").unwrap();
        let done = library.replace_section(&cx, id.native(), &edit, &read.version, &mark).await.unwrap();
        assert_eq!(done.comes_back, comes_back, "{section}: {}", read.text);
    }
}

#[tokio::test]
async fn who_was_faster_wins() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let page = titled(&*library, "Design: instant payouts", None).await;
    let read = library.read(&cx(), page.id.native()).await.unwrap();
    let outline = Outline::of(&read.text);
    let anchor = &outline.spans()[0].section.anchor;
    let (mine, theirs) =
        (Edit::new(&outline, anchor, "mine").unwrap(), Edit::new(&outline, anchor, "theirs").unwrap());
    let ((a, of_a), (b, of_b)) = (writing("a"), writing("b"));
    let id = page.id.native();
    let both = futures::future::join(
        library.replace_section(&a, id, &mine, &read.version, &of_a),
        library.replace_section(&b, id, &theirs, &read.version, &of_b),
    );
    let (a, b) = both.await;
    let lost = [a, b].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(lost.iter().map(error::Error::code).collect::<Vec<_>>(), [Code::Conflict]);
}

#[tokio::test]
async fn a_draft_without_labels_is_found_by_its_text() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let (cx, mark) = writing("half a draft");
    let new = NewDocument {
        space: Some("OPS".into()),
        title: "Half a draft".into(),
        text: "x".into(),
        labels: vec!["Needs Review?".into()],
        ..NewDocument::default()
    };
    let refused = library.create_draft(&cx, &new, &mark).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(library.find_marked(&cx, Some("OPS"), &mark).await.unwrap().is_none(), "nothing was written");
    let rule = json!({
        "match": { "method": "POST", "path_prefix": "/wiki/rest/api/content/" },
        "fault": { "kind": "status", "status": 400 },
        "times": 1,
    });
    wiki.simulator.control().add_fault(serde_json::from_value(rule).unwrap()).unwrap();
    let sound = NewDocument { labels: vec!["payments".into()], ..new.clone() };
    let error = library.create_draft(&cx, &sound, &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown);
    let found = library.find_marked(&cx, Some("OPS"), &mark).await.unwrap().unwrap();
    assert_eq!((found.title.as_str(), found.status), ("Half a draft", Status::Draft));
    let still = library.complete_draft(&cx, found.clone(), &new.labels, &mark).await.unwrap();
    assert_eq!(
        (still.id, still.labels.len()),
        (found.id, 0),
        "refused again, and no reason to fail for ever"
    );
    let (_, other) = writing("another");
    assert!(library.find_marked(&cx, Some("OPS"), &other).await.unwrap().is_none());
}

#[tokio::test]
async fn what_a_draft_would_be_refused_for_is_said_before() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let sound = NewDocument {
        title: "Sound".into(),
        labels: vec!["payments".into()],
        template: Some("daily compliance report".into()),
        ..NewDocument::default()
    };
    library.check_draft(&cx(), &sound).await.unwrap();
    for (new, code) in [
        (NewDocument { labels: vec!["why?".into()], ..sound.clone() }, Code::InvalidArgument),
        (NewDocument { template: Some("none such".into()), ..sound.clone() }, Code::NotFound),
        (NewDocument { space: Some("NONE".into()), ..sound.clone() }, Code::NotFound),
    ] {
        assert_eq!(library.check_draft(&cx(), &new).await.unwrap_err().code(), code);
    }
    let log = wiki.simulator.control().log(0);
    assert!(!log.iter().any(|entry| entry.method == "POST" && entry.path.ends_with("/pages")));
}

#[tokio::test]
async fn a_key_is_known_before_the_search_knows_the_draft() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let keyed = |key: &str| Mark { external_key: Some("report/today".into()), ..writing(key).1 };
    let new = NewDocument { title: "Today".into(), text: "x".into(), ..NewDocument::default() };
    let draft = library.create_draft(&writing("first").0, &new, &keyed("first")).await.unwrap();
    let body = Some(json!({"results": [], "start": 0, "limit": 25, "size": 0, "totalSize": 0, "_links": {}}));
    let fault = Fault::Status { status: 200, headers: BTreeMap::default(), body };
    let only = Match { method: Some("GET".into()), path_prefix: Some("/wiki/rest/api/search".into()) };
    wiki.simulator.control().add_fault(Rule { only, fault, times: None }).unwrap();
    let found = library.find_marked(&cx(), None, &keyed("second")).await.unwrap();
    assert_eq!(found.map(|found| found.id), Some(draft.id));
    // One that was deleted is not taken for the one that came after it.
    let next = library.create_draft(&writing("next").0, &new, &keyed("next")).await.unwrap();
    let found = library.find_marked(&cx(), None, &keyed("third")).await.unwrap();
    assert_eq!(found.map(|found| found.id), Some(next.id));
    let elsewhere = library.find_marked(&cx(), Some("OPS"), &keyed("second")).await.unwrap();
    assert!(elsewhere.is_none(), "a key counts within its space");
}

#[tokio::test]
async fn a_draft_whose_answer_was_lost_is_found() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    library.spaces(&cx()).await.unwrap();
    let rule = json!({
        "match": { "method": "POST", "path_prefix": "/wiki/api/v2/pages" },
        "fault": { "kind": "apply_then_reset" },
        "times": 1,
    });
    wiki.simulator.control().add_fault(serde_json::from_value(rule).unwrap()).unwrap();
    let (cx, mark) = writing("lost");
    let new = NewDocument { title: "Lost".into(), text: "y".into(), ..NewDocument::default() };
    assert_eq!(library.create_draft(&cx, &new, &mark).await.unwrap_err().code(), Code::OutcomeUnknown);
    let found = library.find_marked(&cx, None, &mark).await.unwrap().unwrap();
    assert_eq!((found.title.as_str(), found.labels.len()), ("Lost", 0));
    library.complete_draft(&cx, found, &["payments".to_owned()], &mark).await.unwrap();
    let whole = library.find_marked(&cx, None, &mark).await.unwrap().unwrap();
    assert_eq!(whole.labels, ["payments".into()], "the labels that the lost answer kept from it");
}

#[tokio::test]
async fn drafts_start_from_templates_and_below_pages() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Gateway);
    let parent = titled(&*library, "Incident Management Policy", None).await;
    let (cx, mark) = writing("from a template");
    let new = NewDocument {
        parent: Some(parent.id.native().into()),
        title: "Report".into(),
        text: "## Own part\n\n- [ ] to do".into(),
        labels: vec!["compliance".into()],
        template: Some("daily compliance report".into()),
        ..NewDocument::default()
    };
    let draft = library.create_draft(&cx, &new, &mark).await.unwrap();
    assert_eq!(
        draft.labels.iter().map(|l| l.as_str()).collect::<Vec<_>>(),
        ["compliance"],
        "our marks do not show"
    );
    let read = library.read(&cx, draft.id.native()).await.unwrap();
    let outline = Outline::of(&read.text);
    assert!(outline.spans().len() > 2 && outline.find("own part").is_ok(), "{}", read.text);
    let edit = Edit::new(&outline, "own part", "- [x] done").unwrap();
    let edited =
        library.replace_section(&cx, draft.id.native(), &edit, &read.version, &mark).await.unwrap().document;
    assert_ne!(edited.version.as_ref(), Some(&read.version), "a draft's version is its text");
    let again = library.read(&cx, draft.id.native()).await.unwrap();
    assert_eq!(Some(&again.version), edited.version.as_ref());
    let wrong = NewDocument { template: Some("Daily report".into()), ..new };
    let error = library.create_draft(&cx, &wrong, &writing("wrong").1).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    assert_eq!(error.wire("c").candidates[0].label, "daily compliance report", "the nearest is named");
}

#[tokio::test]
async fn exposure_follows_restrictions() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Gateway);
    let open = titled(&*library, "Incident Management Policy", None).await;
    let open = library.exposure(&cx(), open.id.native()).await.unwrap();
    assert_eq!(
        (open.readers.audience, open.editors.audience),
        (Some(Audience::Space), Some(Audience::Space))
    );
    assert!(!open.readers.groups.is_empty());
    let narrow = titled(&*library, "Data Protection Policy", None).await;
    let narrow = library.exposure(&cx(), narrow.id.native()).await.unwrap();
    assert_eq!(
        (narrow.readers.audience, narrow.editors.audience),
        (Some(Audience::Space), Some(Audience::Restricted))
    );
    assert_eq!(narrow.editors.people.len(), 2, "{narrow:?}");
    assert_eq!(narrow.public_link.status, Knowledge::Unknown);
    let contract = titled(&*library, "Frame contract 4600000017: Cloudhafen GmbH, cloud hosting", None).await;
    let contract = library.exposure(&cx(), contract.id.native()).await.unwrap();
    assert_eq!((contract.readers.audience, contract.readers.people.len()), (Some(Audience::Restricted), 4));
    assert_eq!(contract.editors.audience, Some(Audience::Restricted), "who cannot read cannot edit");
}

#[tokio::test]
async fn of_whom_not_all_are_told_nothing_is_said() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let page = titled(&*library, "Incident Management Policy", None).await;
    let open = library.exposure(&cx(), page.id.native()).await.unwrap();
    assert_eq!(open.readers.status, Knowledge::Known);
    let role = json!({"type": "role", "id": "everybody"});
    let may = json!({"key": "read", "targetType": "space"});
    let role = json!({"results": [{"id": "1", "principal": role, "operation": may}], "_links": {}});
    let fault = Fault::Status { status: 200, headers: BTreeMap::default(), body: Some(role) };
    let only = Match { method: Some("GET".into()), path_prefix: Some("/wiki/api/v2/spaces/".into()) };
    wiki.simulator.control().add_fault(Rule { only, fault, times: None }).unwrap();
    let hidden = library.exposure(&cx(), page.id.native()).await.unwrap();
    assert_eq!(hidden.readers.status, Knowledge::Unknown, "a role may be anybody: {hidden:?}");
}

#[tokio::test]
async fn of_a_restriction_that_may_go_on_nothing_is_said() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let page = titled(&*library, "Incident Management Policy", None).await;
    let of = |names: &[&str], limit: usize| {
        let people: Vec<Value> =
            names.iter().map(|name| json!({"accountId": name, "displayName": name})).collect();
        let none = json!({"results": [], "start": 0, "limit": limit, "size": 0});
        json!({"restrictions": {"user": {"results": people, "start": 0, "limit": limit}, "group": none}})
    };
    let body = Some(json!({"read": of(&["Mia", "Noa"], 2), "update": of(&["Mia"], 2)}));
    let fault = Fault::Status { status: 200, headers: BTreeMap::default(), body };
    let only = Match { method: Some("GET".into()), path_prefix: Some("/wiki/rest/api/content/".into()) };
    wiki.simulator.control().add_fault(Rule { only, fault, times: None }).unwrap();
    let exposure = library.exposure(&cx(), page.id.native()).await.unwrap();
    assert_eq!(exposure.readers.status, Knowledge::Unknown, "a third may be told on the next page");
    assert_eq!(exposure.editors.status, Knowledge::Known);
}

#[tokio::test]
async fn exposure_asks_for_the_name_of_a_group_once() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let page = titled(&*library, "Incident Management Policy", None).await;
    let (mut requests, mut told) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let before = wiki.simulator.control().log(0).len();
        let exposure = library.exposure(&cx(), page.id.native()).await.unwrap();
        told.push((exposure.readers.groups, exposure.editors.groups));
        let paths = wiki.simulator.control().log(0).into_iter().skip(before);
        requests.push(paths.map(|entry| entry.path).collect::<Vec<_>>());
    }
    // 22 and 19 when names were asked for in each half and in each call.
    assert_eq!(requests.iter().map(Vec::len).collect::<Vec<_>>(), [19, 4], "{requests:#?}");
    assert!(!requests[1].iter().any(|path| path.contains("/group/by-id")));
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn a_draft_takes_no_comments_and_says_what_to_do() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let (cx, mark) = writing("a draft to talk about");
    let text = "## Steps\n\nOne.".to_owned();
    let new = NewDocument { title: "Not yet".into(), text: text.clone(), ..NewDocument::default() };
    let draft = library.create_draft(&cx, &new, &mark).await.unwrap();
    let outline = Outline::of(&text);
    let steps = &outline.find("steps").unwrap().section;
    for on in [None, Some(steps)] {
        let error = library.comment(&cx, draft.id.native(), "Seen.", on, &mark).await.unwrap_err();
        assert_eq!(error.code(), Code::Unsupported, "{error:?}");
        assert!(error.wire("c").hint.contains("publish"), "{error:?}");
    }
    let nobody = library.comment(&cx, "99999999", "Seen.", None, &mark).await.unwrap_err();
    assert_eq!(nobody.code(), Code::NotFound);
}

#[tokio::test]
async fn a_list_is_read_to_its_end_whatever_is_sorted_out() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let now = Timestamp::now();
    let changes =
        Changes { space: None, since: now - SignedDuration::from_hours(24 * 400), until: None, revisions: 1 };
    let (mut ids, mut token) = (Vec::new(), None);
    loop {
        let page = library.changed(&cx(), &changes, Fetch { token, limit: 3 }).await.unwrap();
        assert!(page.rows.iter().all(|row| row.document.updated.0 >= changes.since));
        ids.extend(page.rows.into_iter().map(|row| row.document.id));
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    let whole = library.changed(&cx(), &changes, first(100)).await.unwrap();
    assert!(ids.len() > 10);
    assert_eq!(ids, whole.rows.into_iter().map(|row| row.document.id).collect::<Vec<_>>());
    let garbled = Fetch { token: Some(r#"{"cursor":"nonsense","after":null}"#.into()), limit: 3 };
    let error = library.changed(&cx(), &changes, garbled).await.unwrap_err();
    assert_eq!(error.code(), Code::CursorExpired);
}

#[tokio::test]
async fn a_page_that_is_gone_costs_no_list() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let page = titled(&*library, "Incident Management Policy", None).await;
    let prefix = format!("/wiki/api/v2/pages/{}/versions", page.id.native());
    let body = Some(json!({"errors": [{"status": 404, "code": "NOT_FOUND", "title": "Not Found"}]}));
    let fault = Fault::Status { status: 404, headers: BTreeMap::default(), body };
    let only = Match { method: Some("GET".into()), path_prefix: Some(prefix) };
    wiki.simulator.control().add_fault(Rule { only, fault, times: None }).unwrap();
    let changes = Changes { space: None, since: page.updated.0, until: None, revisions: 1 };
    let rows = library.changed(&cx(), &changes, first(100)).await.unwrap().rows;
    let gone = rows.iter().find(|row| row.document.id == page.id).unwrap();
    assert!(gone.revisions.is_empty() && rows.iter().any(|row| !row.revisions.is_empty()));
}

#[tokio::test]
async fn labels_are_found_however_they_are_written() {
    let wiki = Wiki::start().await;
    let mut settings = wiki.settings(Way::Token);
    let rule = toml::toml! { labels = ["RunBook"] };
    settings.map.insert("runbooks".into(), rule.into());
    let library = super::connect(&settings).unwrap();
    for query in [
        Query { labels: vec!["Runbook".into()], ..Query::default() },
        Query { kind: Some(crate::model::Kind::Runbook), ..Query::default() },
    ] {
        let rows = library.search(&cx(), &query, first(5)).await.unwrap().rows;
        assert!(
            !rows.is_empty() && rows.iter().all(|row| row.labels.contains(&"runbook".into())),
            "{query:?}"
        );
    }
}

#[tokio::test]
async fn forgotten_drafts_are_reviewed() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Gateway);
    let since = Timestamp::now() - SignedDuration::from_hours(24);
    let review = Review { any_of: vec![Criterion::DraftSince(since)], ..Review::default() };
    let rows = library.needing_review(&cx(), &review, first(50)).await.unwrap().rows;
    assert!(!rows.is_empty() && rows.iter().all(|item| item.document.status == Status::Draft));
}

#[tokio::test]
async fn spaces_beyond_those_configured_are_out_of_reach() {
    let wiki = Wiki::start().await;
    let all = wiki.library(Way::Token);
    let page = titled(&*all, "Incident Management Policy", None).await;
    let mut settings = wiki.settings(Way::Token);
    settings.rest.insert("spaces".into(), vec!["OPS"].into());
    let narrow = super::connect(&settings).unwrap();
    assert_eq!(narrow.read(&cx(), page.id.native()).await.unwrap_err().code(), Code::NotFound);
    let query = Query { ids: vec![page.id.native().into()], ..Query::default() };
    assert!(narrow.search(&cx(), &query, first(5)).await.unwrap().rows.is_empty());
    let query = Query { space: Some("POL".into()), ..Query::default() };
    assert!(narrow.search(&cx(), &query, first(5)).await.unwrap().rows.is_empty());
    assert_eq!(narrow.spaces(&cx()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn addresses_of_every_kind_are_recognized() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let origin = format!("http://{}", wiki.running.addr);
    for path in [
        "/wiki/spaces/OPS/pages/98312/Some+Title?focusedCommentId=1#x",
        "/wiki/spaces/OPS/pages/edit-v2/98312",
        "/wiki/pages/viewpage.action?pageId=98312",
    ] {
        assert_eq!(library.recognize(&format!("{origin}{path}")).as_deref(), Some("98312"), "{path}");
    }
    for other in ["/jira/browse/98312", "/wiki/spaces/OPS/overview", "/wiki/x/CIAB"] {
        assert_eq!(library.recognize(&format!("{origin}{other}")), None, "{other}");
    }
    assert_eq!(library.recognize("012"), None);
}

#[tokio::test]
async fn people_are_found_by_address_where_it_is_shown() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Gateway);
    let by_address = library.people(&cx(), "priya.raman@halden.example").await.unwrap();
    assert_eq!(by_address.len(), 1);
    let by_id = library.people(&cx(), &by_address[0].id).await.unwrap();
    assert_eq!(by_id, by_address);
    assert!(library.people(&cx(), "raman").await.unwrap().is_empty(), "a part of a name is none");
    assert!(library.people(&cx(), "\" OR user.fullname ~ \"a").await.unwrap().is_empty());
}
