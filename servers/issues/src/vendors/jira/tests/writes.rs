//! What a write may not do, and what of it can be taken back.

use std::sync::Arc;

use call::{Cx, Operation};
use error::{Code, Error, Result};
use serde_json::json;
use tool::{Fetch, Known, Mark, Settle, Source, Sources, Terms};

use super::{Site, Way};
use crate::model::{Priority, State, Visibility};
use crate::reference;
use crate::tracker::{Edit, NewIssue, Query, Release, Surroundings, Tracker};

fn write(key: &str) -> (Cx, Mark) {
    let operation = Operation::derive(&["jira"], key);
    let mark = Mark { operation: operation.id.clone(), external_key: None };
    (Cx::for_test().with_operation(operation), mark)
}

fn task(title: &str) -> NewIssue {
    NewIssue { project: "OPS".into(), kind: Some("Task".into()), title: title.into(), ..NewIssue::default() }
}

async fn created(tracker: &Tracker, key: &str) -> String {
    let (cx, mark) = write(key);
    tracker.create(&cx, &task(key), &mark).await.unwrap().id.native().to_owned()
}

#[tokio::test]
async fn free_fields_replace_nothing_that_has_an_argument() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    let (cx, mark) = write("elsewhere");
    for (fields, path) in [
        (json!({ "project": { "key": "PAY" } }), "fields/project"),
        (json!({ "Labels": ["mine"] }), "fields/Labels"),
        (json!({ "reporter": "somebody" }), "fields/reporter"),
        (json!({ "Severity note": "a", "customfield_10050": "b" }), "fields/customfield_10050"),
    ] {
        let new = NewIssue { fields: serde_json::from_value(fields).unwrap(), ..task("Slips away") };
        let refused = tracker.create(&cx, &new, &mark).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        let paths: Vec<String> = refused.wire("c").fields.into_iter().map(|field| field.path).collect();
        assert!(paths.contains(&path.to_owned()), "{paths:?}");
    }
    let asked = site.simulator.control().log(0);
    assert!(!asked.iter().any(|e| e.method == "POST" && e.path.ends_with("/issue")), "nothing was sent");
}

#[tokio::test]
async fn a_priority_without_a_word_of_its_own_is_given_back_by_hand() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    let id = created(&*tracker, "ranked").await;
    let (cx, _) = write("rank");
    let rank = |priority| Edit { priority: Some(priority), ..Edit::default() };
    tracker.update(&cx, &id, &rank(Priority::High), None).await.unwrap();
    let changed = tracker.update(&cx, &id, &rank(Priority::Low), None).await.unwrap();
    assert!(changed.former.lost.is_empty(), "{:?}", changed.former);
    let lowest = json!({ "fields": { "priority": { "name": "Lowest" } } }).to_string();
    let token = site.running.access_token.clone().unwrap();
    let base = &site.running.base_url;
    let path = format!("{}/rest/api/3/issue/{id}", &base[base.find("/ex/").unwrap()..]);
    let put = http::Request::put(path).header("authorization", format!("Bearer {token}"));
    assert_eq!(site.simulator.reply(put.body(lowest.into()).unwrap()).unwrap().status, 204);
    let changed = tracker.update(&cx, &id, &rank(Priority::High), None).await.unwrap();
    assert_eq!(changed.former.lost, ["priority"]);
}

#[tokio::test]
async fn a_text_is_given_back_as_it_was_or_by_hand() {
    for way in [Way::Gateway, Way::DataCenter] {
        let site = Site::start().await;
        let tracker = site.tracker(way);
        let (cx, _) = write("text");
        let anew = Edit { description: Some("1. One\n2. Two".into()), ..Edit::default() };
        let changed = tracker.update(&cx, "PAY-12", &anew, None).await.unwrap();
        let again = tracker.update(&cx, "PAY-12", &anew, None).await.unwrap();
        assert!(again.former.lost.is_empty(), "{way:?}: {:?}", again.former);
        let former = Edit { description: changed.former.description.clone(), ..Edit::default() };
        tracker.update(&cx, "PAY-12", &former, None).await.unwrap();
        let third = tracker.update(&cx, "PAY-12", &anew, None).await.unwrap();
        assert_eq!(third.former, changed.former, "{way:?}");
    }
}

#[tokio::test]
async fn of_several_ways_to_a_state_those_that_want_a_value_say_so() {
    for way in [Way::Gateway, Way::DataCenter] {
        let site = Site::start().await;
        let tracker = site.tracker(way);
        let id = created(&*tracker, "moved").await;
        let (cx, _) = write("move");
        let ways = |state: State| {
            let (tracker, cx, id) = (&tracker, &cx, &id);
            async move {
                let all = tracker.transitions(cx, id).await.unwrap();
                all.into_iter().filter(|one| one.state == state).collect::<Vec<_>>()
            }
        };
        let start = ways(State::Doing).await.remove(0);
        tracker.transition(&cx, &id, &start).await.unwrap();
        let done = ways(State::Done).await;
        assert_eq!(done.iter().map(|one| one.wants.len()).collect::<Vec<_>>(), [1, 0], "{done:?}");
        let refused = tracker.transition(&cx, &id, &done[0]).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "Jira does refuse it: {refused:?}");
        tracker.transition(&cx, &id, &done[1]).await.unwrap();
        assert_eq!(ways(State::Doing).await[0].wants, ["Severity note"], "{way:?}");
    }
}

#[tokio::test]
async fn a_key_finds_what_was_filed_under_it_and_nothing_that_looks_alike() {
    let site = Site::start().await;
    for way in [Way::Gateway, Way::DataCenter] {
        let tracker = site.tracker(way);
        let key = format!("renewal-{way:?}");
        let (cx, mark) = write(&key);
        let mark = Mark { external_key: Some(key.clone()), ..mark };
        let filed = tracker.create(&cx, &task(&key), &mark).await.unwrap().id.native().to_owned();
        let original = site.by_hand(http::Method::GET, &format!("issue/{filed}"), &json!({}));
        let original: serde_json::Value = serde_json::from_slice(&original.body).unwrap();
        let labels = &original["fields"]["labels"];
        let clone = json!({ "fields": {
            "project": { "key": "OPS" }, "issuetype": { "id": original["fields"]["issuetype"]["id"] },
            "summary": format!("CLONE - {key}"), "labels": labels,
        } });
        assert_eq!(site.by_hand(http::Method::POST, "issue", &clone).status, 201);
        let later = Mark { external_key: Some(key), ..write("later").1 };
        for mark in [mark, later] {
            let found = tracker.find_marked(&cx, "OPS", &mark).await.unwrap().unwrap();
            assert_eq!(found.id.native(), filed, "{way:?}");
        }
        for label in labels.as_array().unwrap() {
            let forged = NewIssue { labels: vec![label.as_str().unwrap().into()], ..task("Forged") };
            let refused = tracker.create(&cx, &forged, &write("forged").1).await.unwrap_err();
            assert_eq!(refused.wire("c").fields[0].path, "labels", "{refused:?}");
        }
    }
}

#[tokio::test]
async fn fields_are_sent_in_the_shape_of_their_types() {
    let site = Site::start().await;
    for (way, parent) in [(Way::Gateway, Some("OPS-3")), (Way::DataCenter, None)] {
        let tracker = site.tracker(way);
        let mut fields = json!({
            "Environment": "**Linux** and _Safari_", "Security Level": "staff only", "Sales channel": "online",
        });
        if let Some(key) = parent {
            fields["Parent"] = json!(key);
        }
        let new = NewIssue { fields: serde_json::from_value(fields).unwrap(), ..task("Of many fields") };
        let (cx, mark) = write(&format!("shapes {way:?}"));
        let created = tracker.create(&cx, &new, &mark).await.unwrap();
        let path = format!("issue/{}", created.id.native());
        let held = site.by_hand(http::Method::GET, &path, &json!({}));
        let held: serde_json::Value = serde_json::from_slice(&held.body).unwrap();
        let held = &held["fields"];
        assert_eq!(
            (&held["security"]["id"], &held["customfield_10060"]["value"]),
            (&json!("10300"), &json!("Online"))
        );
        assert_eq!(held["parent"]["key"].as_str(), parent);
        let environment = held["environment"].to_string();
        assert!(environment.contains("Linux") && !environment.contains("**"), "{environment}");
    }
    let tracker = site.tracker(Way::Gateway);
    for parent in [json!("SEC-5"), json!({ "key": "SEC-5" }), json!({ "id": "10101" })] {
        let fields = serde_json::from_value(json!({ "Parent": parent })).unwrap();
        let new = NewIssue { fields, ..task("Below another") };
        let refused = tracker.create(&write("below").0, &new, &write("below").1).await.unwrap_err();
        assert_eq!(refused.wire("c").fields[0].path, "fields/Parent", "{refused:?}");
    }
}

#[tokio::test]
async fn a_key_counts_in_every_project() {
    let site = Site::start().await;
    for way in [Way::Gateway, Way::DataCenter] {
        let tracker = site.tracker(way);
        let keyed =
            |operation: &str| Mark { external_key: Some(format!("{way:?}/77")), ..write(operation).1 };
        let filed = tracker.create(&write("keyed").0, &task("Keyed"), &keyed("keyed")).await.unwrap();
        let found = tracker.find_marked(&Cx::for_test(), "PAY", &keyed("another day")).await.unwrap();
        assert_eq!(found.map(|issue| issue.id), Some(filed.id), "{way:?}");
    }
}

/// Allows what lies in one project.
struct Only(&'static str);

impl Settle for Only {
    fn settle(&self, known: &Known) -> Result<()> {
        match known.place.as_deref() == Some(self.0) {
            true => Ok(()),
            false => Err(Error::new(Code::Permission, "elsewhere")),
        }
    }

    fn wants_place(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn a_moved_issue_lies_where_it_is_now() {
    let site = Site::start().await;
    let source = Source {
        name: "jira".into(),
        vendor: "jira",
        port: site.tracker(Way::Gateway),
        users: call::Users::default(),
    };
    let sources = Sources::new(vec![source], tool::Seal::ephemeral());
    let within = |project| {
        let terms = Terms { settle: Some(Arc::new(Only(project))), ..Terms::default() };
        Cx::for_test().with_attached(Arc::new(terms))
    };
    let by_former_key = reference::issue(&Cx::for_test(), &sources, "PAY-900").await.unwrap();
    assert_eq!(by_former_key.native, "PAY-900", "nobody asks where it lies");
    for project in ["PAY", "OPS"] {
        let refused = reference::issue(&within(project), &sources, "PAY-900").await.err().unwrap();
        assert_eq!(refused.code(), Code::Permission, "the key names one project, the issue lies in another");
    }
    assert_eq!(reference::issue(&within("PAY"), &sources, "PAY-12").await.unwrap().native, "PAY-12");
}

#[tokio::test]
async fn nothing_is_told_of_what_lies_in_a_project_that_is_not_configured() {
    let site = Site::start().await;
    let link = json!({
        "type": { "name": "Blocks" }, "inwardIssue": { "key": "OPS-3" }, "outwardIssue": { "key": "PAY-13" },
    });
    assert_eq!(site.by_hand(http::Method::POST, "issueLink", &link).status, 201);
    let mut settings = site.settings(Way::Gateway);
    let (cx, mark) = write("reach");
    let links = Surroundings { links: true, ..Surroundings::NONE };
    let release = Release { project: Some("PAY".into()), name: Some("4.2".into()), severity: None };
    let some = || Fetch { token: None, limit: 50 };
    let told = async |tracker: &Tracker| {
        let detail = tracker.get(&cx, "PAY-13", links).await.unwrap();
        assert!(detail.issue.blocked, "that it is blocked is its own affair");
        let rows = tracker.blockers(&cx, &release, some()).await.unwrap().rows;
        let reasons: Vec<_> = rows.into_iter().map(|row| row.reason.to_string()).collect();
        (detail.links.iter().any(|link| link.id.native() == "OPS-3"), reasons.join("; ").contains("OPS-3"))
    };
    let former = "PAY-900";
    let open = site.connect(&settings);
    assert_eq!(told(&*open).await, (true, true));
    open.delivery(&cx, former).await.unwrap();
    assert!(!open.transitions(&cx, former).await.unwrap().is_empty());

    settings.rest.insert("projects".into(), toml::Value::try_from(["PAY"]).unwrap());
    let narrow = site.connect(&settings);
    assert_eq!(told(&*narrow).await, (false, false));
    assert_eq!(narrow.delivery(&cx, former).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(narrow.transitions(&cx, former).await.unwrap_err().code(), Code::NotFound);
    let said = narrow.comment(&cx, former, "hello", Visibility::Public, &mark).await;
    assert_eq!(said.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_project_that_is_gone_costs_nobody_the_others() {
    let site = Site::start().await;
    for way in [Way::Gateway, Way::DataCenter] {
        let mut settings = site.settings(way);
        settings.rest.insert("projects".into(), toml::Value::try_from(["PAY", "GONE"]).unwrap());
        let tracker = site.connect(&settings);
        let some = Fetch { token: None, limit: 5 };
        let rows = tracker.search(&Cx::for_test(), &Query::default(), some.clone()).await.unwrap().rows;
        assert_eq!(rows.len(), 5, "{way:?}");
        settings.rest.insert("projects".into(), toml::Value::try_from(["GONE"]).unwrap());
        let refused = site.connect(&settings).search(&Cx::for_test(), &Query::default(), some).await;
        assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    }
}

#[tokio::test]
async fn ids_of_which_one_is_missing_are_paged_to_their_end() {
    let site = Site::start().await;
    let tracker = site.tracker(Way::Gateway);
    let query =
        Query { ids: ["PAY-12", "PAY-13", "PAY-99999"].map(str::to_owned).into(), ..Query::default() };
    let rows = tracker.search(&Cx::for_test(), &query, Fetch { token: None, limit: 1 }).await.unwrap();
    assert_eq!((rows.rows.len(), rows.next), (2, None), "all at once: no token can go stale");
}
