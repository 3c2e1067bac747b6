//! Writes: once, as asked, and found again.

use call::Cx;
use error::Code;

use super::*;
use crate::desk::{AlertQuery, NewIncident, Transition};
use crate::model::{Action, Audience, Priority, State, Urgency};

fn new(title: &str) -> NewIncident {
    NewIncident {
        service: service("ledger"),
        title: title.into(),
        description: Some("Found by a test.".into()),
        urgency: Urgency::High,
    }
}

fn to(action: Action) -> Transition {
    Transition { action, assignee: None, group: None, close_code: None, notes: None }
}

#[tokio::test]
async fn a_dedup_key_of_any_form_finds_what_is_open() {
    let lab = Lab::start().await;
    let long = "k".repeat(300);
    for (nth, key) in ["checkout-pool-eu-1", "a^NQb, \"c\"", "NULL", "ключ", &long].into_iter().enumerate()
    {
        let (cx, mark) = writing(&format!("open {nth}"));
        let mark = Mark { external_key: Some(key.into()), ..mark };
        assert!(lab.desk.find_opened(&cx, &service("ledger"), &mark).await.unwrap().is_none(), "{key}");
        let opened = lab.desk.open(&cx, &new("Ledger is late"), &mark).await.unwrap();
        assert_eq!((opened.priority, opened.state), (Some(Priority::P2), State::New));
        assert_eq!(opened.group.as_ref().unwrap().as_str(), "Platform Operations", "by the service");
        let other = Mark { external_key: Some(key.into()), ..writing("another day").1 };
        let found = lab.desk.find_opened(&cx, &service("ledger"), &other).await.unwrap().unwrap();
        assert_eq!(found.id, opened.id, "{key}");
        let resolve = Transition {
            close_code: Some("Solution provided".into()),
            notes: Some("done".into()),
            ..to(Action::Resolve)
        };
        lab.desk.change(&cx, opened.id.native(), &resolve, &mark).await.unwrap();
        assert!(
            lab.desk.find_opened(&cx, &service("ledger"), &other).await.unwrap().is_none(),
            "not open: {key}"
        );
        let own = lab.desk.find_opened(&cx, &service("ledger"), &mark).await.unwrap().unwrap();
        assert_eq!(own.id, opened.id, "the operation's own, open or not");
    }
}

#[tokio::test]
async fn a_component_is_named_where_components_are() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("component");
    let component = NewIncident { service: sys_id("cmdb_ci", "ledger-db-primary"), ..new("Disk is full") };
    let opened = lab.desk.open(&cx, &component, &mark).await.unwrap();
    assert_eq!(opened.service.unwrap().as_str(), "ledger-db-primary");
    let absent = NewIncident { service: "0123456789abcdef0123456789abcdef".into(), ..new("Nothing") };
    assert_eq!(lab.desk.open(&cx, &absent, &mark).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn the_desks_own_rules_decide() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("rules");
    let opened = lab.desk.open(&cx, &new("Rules"), &mark).await.unwrap();
    let id = opened.id.native();
    let bare = lab.desk.change(&cx, id, &to(Action::Resolve), &mark).await.unwrap_err();
    assert_eq!(bare.code(), Code::InvalidArgument, "a data policy wants code and notes");
    let moves = lab.desk.moves(&cx, id).await.unwrap();
    let resolve = moves.iter().find(|way| way.action == Action::Resolve).unwrap();
    assert!(resolve.needs_notes && resolve.close_codes.contains(&"Solution provided".to_owned()));

    let risen = lab.desk.change(&cx, id, &to(Action::Escalate), &mark).await.unwrap();
    assert_eq!((risen.before.priority, risen.after.priority), (Some(Priority::P2), Some(Priority::P1)));
    let highest = lab.desk.moves(&cx, id).await.unwrap();
    assert!(highest.iter().all(|way| way.action != Action::Escalate), "there is no higher one");

    let wrong = Transition { group: Some("0123456789abcdef0123456789abcdef".into()), ..to(Action::Assign) };
    assert_eq!(
        lab.desk.change(&cx, id, &wrong, &mark).await.unwrap_err().code(),
        Code::Conflict,
        "dropped, not taken"
    );

    let assign = Transition {
        assignee: Some(sys_id("sys_user", "oskar")),
        notes: Some("yours".into()),
        ..to(Action::Assign)
    };
    let assigned = lab.desk.change(&cx, id, &assign, &mark).await.unwrap();
    assert_eq!(assigned.assignee_before, None);
    assert!(!assigned.after.assignees.is_empty());
}

#[tokio::test]
async fn nothing_is_written_on_what_is_closed() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("closed");
    let refused = lab.desk.post(&cx, &number(POOL), "one more thing", Audience::Internal, &mark).await;
    assert_eq!(refused.unwrap_err().code(), Code::Conflict);
    assert!(lab.desk.moves(&cx, &number(POOL)).await.unwrap().is_empty());
    let acknowledge = lab.desk.change(&cx, &number(POOL), &to(Action::Acknowledge), &mark).await;
    assert_eq!(acknowledge.unwrap_err().code(), Code::Conflict);
    assert!(
        lab.asked("/api/now/table/incident").iter().all(|entry| entry.method == "GET"),
        "nothing was sent"
    );
}

#[tokio::test]
async fn a_note_goes_where_its_audience_is() {
    let lab = Lab::start().await;
    for (audience, element) in [(Audience::Internal, "work_notes"), (Audience::Customer, "comments")] {
        let (cx, mark) = writing(element);
        let posted =
            lab.desk.post(&cx, &number(LATE_REPORT), "We look at it.", audience, &mark).await.unwrap();
        assert_eq!((posted.audience, posted.text.as_str()), (audience, "We look at it."), "no mark shows");
        let sent = lab.asked("/api/now/table/incident/").into_iter().next_back().unwrap();
        let body: serde_json::Value = serde_json::from_str(&sent.request_body).unwrap();
        assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), [element]);
        let found = lab.desk.find_posted(&cx, &number(LATE_REPORT), &mark).await.unwrap().unwrap();
        assert_eq!(found.id, posted.id);
    }
}

#[tokio::test]
async fn a_remediation_is_ordered_once_and_ends_the_trouble() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("run");
    let offered = lab.desk.remediations(&cx, &service("checkout-api")).await.unwrap();
    assert_eq!(offered.len(), 3);
    assert!(lab.desk.remediations(&cx, &service("ledger")).await.unwrap().is_empty());
    let key = "recycle-checkout-pool";
    assert!(lab.desk.find_run(&cx, key, &number(OUTAGE), &mark).await.unwrap().is_none());
    let run = lab.desk.run(&cx, key, &number(OUTAGE), &mark).await.unwrap();
    let found = lab.desk.find_run(&cx, key, &number(OUTAGE), &mark).await.unwrap().unwrap();
    assert_eq!(found.id, run.id);
    let other = writing("another run").1;
    assert!(lab.desk.find_run(&cx, key, &number(OUTAGE), &other).await.unwrap().is_none());
    let query = AlertQuery { service: Some(service("checkout-api")), ..AlertQuery::default() };
    let alerts = lab.desk.alerts(&cx, &query, first(50)).await.unwrap().rows;
    assert!(!alerts.is_empty() && alerts.iter().all(|alert| !alert.firing));
    assert_eq!(lab.desk.run(&cx, "rm-rf", &number(OUTAGE), &mark).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_run_without_a_mark_is_found_by_its_time() {
    let lab = Lab::with(As::Agent, |settings| {
        let items = settings.map["remediations"].as_array_mut().unwrap();
        for item in items {
            item.as_table_mut().unwrap().remove("mark_variable");
        }
    })
    .await;
    let (cx, mark) = writing("run");
    let run = lab.desk.run(&cx, "switch-acquirer", &number(LATE_REPORT), &mark).await.unwrap();
    let found =
        lab.desk.find_run(&cx, "switch-acquirer", &number(LATE_REPORT), &mark).await.unwrap().unwrap();
    assert_eq!(found.id, run.id);
    assert!(lab.desk.find_run(&cx, "switch-acquirer", &number(OUTAGE), &mark).await.unwrap().is_none());
}

/// The remediations of the demo source are those of the demo company.
#[tokio::test]
async fn the_demo_offers_what_the_company_has() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    for own in
        sandbox::company::services().iter().filter(|one| one.home.iter().any(|home| home == "servicenow"))
    {
        let offered = lab.desk.remediations(&cx, &service(&own.key)).await.unwrap();
        let keys: Vec<&str> = offered.iter().map(|one| one.id.native()).collect();
        assert_eq!(keys, own.remediations.iter().map(|one| one.key.as_str()).collect::<Vec<_>>());
        let (cx, mark) = writing(&own.key);
        for one in &own.remediations {
            lab.desk.run(&cx, &one.key, &number(LATE_REPORT), &mark).await.unwrap();
        }
    }
}
