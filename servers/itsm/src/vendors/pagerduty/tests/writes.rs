//! What is written, once.

use call::Cx;
use error::Code;
use serde_json::{Value, json};
use tool::{Fetch, Mark};

use super::{Lab, strike, writing};
use crate::desk::{AlertQuery, NewIncident, Noun, Query, Signature, Transition};
use crate::model::{Action, Audience, State, Urgency};

fn cx() -> Cx {
    Cx::for_test()
}

async fn new(lab: &Lab) -> NewIncident {
    NewIncident {
        service: lab.desk.places(&cx(), Noun::Service, "Checkout API").await.unwrap().remove(0).key,
        title: "Checkout is down".into(),
        description: Some("Seen by the agent.".into()),
        urgency: Urgency::High,
    }
}

fn step(action: Action) -> Transition {
    Transition { action, assignee: None, group: None, close_code: None, notes: None }
}

#[tokio::test]
async fn a_key_opens_once_even_if_the_answer_is_lost() {
    let lab = Lab::start().await;
    let new = new(&lab).await;
    let (cx, mark) = writing("lost");
    strike(
        &lab,
        json!({ "match": { "method": "POST", "path_prefix": "/incidents" }, "fault": { "kind": "apply_then_reset" }, "times": 1 }),
    );
    let twice = lab.desk.open(&cx, &new, &mark).await.unwrap_err();
    assert_eq!(twice.code(), Code::Conflict, "sent again, and refused as a duplicate");
    let found = lab.desk.find_opened(&cx, &new.service, &mark).await.unwrap().unwrap();
    assert_eq!(found.title.as_str(), "Checkout is down");
    assert_eq!(found.description.unwrap().as_str(), "Seen by the agent.", "without our mark");
    let sent = lab.asked("/incidents").into_iter().filter(|entry| entry.method == "POST").count();
    assert_eq!(sent, 2);
    let elsewhere = Mark { external_key: Some("another".into()), ..mark };
    assert!(lab.desk.find_opened(&cx, &new.service, &elsewhere).await.unwrap().is_none(), "the key counts");
}

#[tokio::test]
async fn an_alerts_key_finds_the_incident_that_monitoring_opened() {
    let lab = Lab::start().await;
    let storm = lab.storm().await;
    let (cx, mark) = writing("alert");
    let mark = Mark { external_key: Some("pd-checkout-pool-eu".into()), ..mark };
    let service = storm.service_id.as_ref().unwrap().native();
    assert_eq!(lab.desk.find_opened(&cx, service, &mark).await.unwrap().unwrap().id, storm.id);
}

#[tokio::test]
async fn account_keys_write_in_a_users_name() {
    let key = |key: &str| Some(outbound::Auth::Token { token: outbound::Secret::literal(key) });
    let nobody = Lab::with("subdomain = \"halden\"", key("sandbox-pagerduty-account-key")).await;
    let wanted = new(&nobody).await;
    let (cx, mark) = writing("from");
    let refused = nobody.desk.open(&cx, &wanted, &mark).await.unwrap_err();
    assert_eq!(refused.code(), Code::Permission);
    assert!(refused.wire("c").hint.contains("`from`"), "{refused:?}");
    let user = Lab::with("subdomain = \"halden\"", key("sandbox-pagerduty-user-key")).await;
    user.desk.open(&cx, &wanted, &mark).await.unwrap();
    let stranger = "subdomain = \"halden\"\nfrom = \"nobody@halden.example\"";
    let stranger = Lab::with(stranger, key("sandbox-pagerduty-account-key")).await;
    assert_eq!(stranger.desk.open(&cx, &wanted, &mark).await.unwrap_err().code(), Code::Permission);
    let reader = Lab::with_key("sandbox-pagerduty-read-only-key").await;
    assert_eq!(reader.desk.open(&cx, &wanted, &mark).await.unwrap_err().code(), Code::Permission);
    let wrong = Lab::with_key("no such key").await;
    assert_eq!(wrong.desk.open(&cx, &wanted, &mark).await.unwrap_err().code(), Code::UpstreamAuth);
}

#[tokio::test]
async fn escalation_goes_up_to_the_last_level() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("escalate");
    let opened = lab.desk.open(&cx, &new(&lab).await, &mark).await.unwrap();
    let id = opened.id.native();
    let mut called = vec![opened.assignees];
    for _ in 0..2 {
        let after = lab.desk.change(&cx, id, &step(Action::Escalate), &mark).await.unwrap().after;
        assert!(!called.contains(&after.assignees), "somebody else is called: {after:?}");
        called.push(after.assignees);
    }
    assert_eq!(
        lab.desk.change(&cx, id, &step(Action::Escalate), &mark).await.unwrap_err().code(),
        Code::Conflict
    );
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_found_and_its_note_made_up_for() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("lost change");
    let opened = lab.desk.open(&cx, &new(&lab).await, &mark).await.unwrap();
    let id = opened.id.native();
    let to = Transition { notes: Some("Nobody answers.".into()), ..step(Action::Escalate) };
    let sent = |path: &str| lab.asked(path).into_iter().filter(|entry| entry.method != "GET").count();
    let (one, notes) = (format!("/incidents/{id}"), format!("/incidents/{id}/notes"));
    assert!(lab.desk.find_changed(&cx, id, &to, &mark).await.unwrap().is_none(), "nothing was done");
    assert_eq!(sent(&one), 0, "and no note is made up for");

    strike(
        &lab,
        json!({ "match": { "method": "PUT" }, "fault": { "kind": "apply_then_reset" }, "times": 1 }),
    );
    let lost = lab.desk.change(&cx, id, &to, &mark).await.unwrap_err();
    assert_eq!((lost.code(), sent(&notes)), (Code::OutcomeUnknown, 0));
    let found = lab.desk.find_changed(&cx, id, &to, &mark).await.unwrap().unwrap();
    assert_ne!(found.assignees, opened.assignees, "somebody else was called");
    for _ in 0..2 {
        assert!(lab.desk.find_changed(&cx, id, &to, &mark).await.unwrap().is_some());
        assert_eq!((sent(&one), sent(&notes)), (2, 1), "one change and one note");
    }
}

#[tokio::test]
async fn what_is_resolved_stays_resolved_and_says_how() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("resolve");
    let opened = lab.desk.open(&cx, &new(&lab).await, &mark).await.unwrap();
    let id = opened.id.native();
    let noted = Transition { notes: Some("On it.".into()), ..step(Action::Acknowledge) };
    assert_eq!(lab.desk.change(&cx, id, &noted, &mark).await.unwrap().after.state, State::InProgress);
    let done = Transition { notes: Some("Rolled back.".into()), ..step(Action::Resolve) };
    assert_eq!(lab.desk.change(&cx, id, &done, &mark).await.unwrap().after.state, State::Resolved);
    assert_eq!(lab.desk.change(&cx, id, &done, &mark).await.unwrap_err().code(), Code::Conflict);
    let timeline = lab.desk.timeline(&cx, id, 10).await.unwrap();
    let said: Vec<_> = timeline.iter().filter_map(|entry| Some(entry.text.as_ref()?.as_str())).collect();
    assert_eq!(said, ["Rolled back.", "On it."], "newest first");
}

#[tokio::test]
async fn a_team_cannot_be_assigned() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("team");
    let opened = lab.desk.open(&cx, &new(&lab).await, &mark).await.unwrap();
    let team = Transition { group: Some("PABCDEF".into()), ..step(Action::Assign) };
    assert_eq!(
        lab.desk.change(&cx, opened.id.native(), &team, &mark).await.unwrap_err().code(),
        Code::Unsupported
    );
    assert!(!lab.desk.able().assign_group);
}

#[tokio::test]
async fn a_note_whose_answer_was_lost_is_found_and_not_posted_twice() {
    let lab = Lab::start().await;
    let storm = lab.storm().await;
    let id = storm.id.native();
    let (cx, mark) = writing("note");
    let notes = format!("/incidents/{id}/notes");
    strike(
        &lab,
        json!({ "match": { "method": "POST", "path_prefix": notes }, "fault": { "kind": "apply_then_reset" }, "times": 1 }),
    );
    let lost = lab.desk.post(&cx, id, "Rolled back.", Audience::Internal, &mark).await.unwrap_err();
    assert_eq!(lost.code(), Code::OutcomeUnknown);
    let found = lab.desk.find_posted(&cx, id, &mark).await.unwrap().unwrap();
    assert_eq!(found.text.as_str(), "Rolled back.");
    let posts: Vec<_> = lab.asked(&notes).into_iter().filter(|entry| entry.method == "POST").collect();
    assert_eq!(posts.len(), 1, "a note has no key: it is never sent again");
    let body: Value = serde_json::from_str(&posts[0].request_body).unwrap();
    assert!(
        body["note"]["content"].as_str().unwrap().ends_with(&format!("[ref chancery-{}]", mark.operation))
    );
}

#[tokio::test]
async fn an_action_that_helps_ends_the_alerts() {
    let lab = Lab::start().await;
    let storm = lab.storm().await;
    let (cx, mark) = writing("run");
    let offered = lab.desk.remediations(&cx, storm.service_id.as_ref().unwrap().native()).await.unwrap();
    assert_eq!(offered.len(), 3);
    let helps = offered.iter().find(|action| action.name.as_str().starts_with("Recycle")).unwrap();
    let run = lab.desk.run(&cx, helps.id.native(), storm.id.native(), &mark).await.unwrap();
    assert_eq!(run.remediation.name, helps.name);
    let query = AlertQuery { incident: Some(storm.id.native().into()), ..AlertQuery::default() };
    let alerts = lab.desk.alerts(&cx, &query, Fetch { token: None, limit: 100 }).await.unwrap().rows;
    assert!(!alerts.is_empty() && alerts.iter().all(|alert| !alert.firing));
    assert_eq!(
        lab.desk.get(&cx, storm.id.native()).await.unwrap().state,
        State::New,
        "people resolve incidents"
    );
    let bare = Lab::with("subdomain = \"halden\"\nautomation_actions = false", None).await;
    assert!(!bare.desk.able().remediations);
    assert_eq!(bare.desk.remediations(&cx, "PABCDEF").await.unwrap_err().code(), Code::Unsupported);
}

#[tokio::test]
async fn what_is_alike_is_looked_for_behind_a_hundred_others() {
    let lab = Lab::start().await;
    let new = new(&lab).await;
    let mut opened = Vec::new();
    for nth in 0..101 {
        let (cx, mark) = writing(&format!("alike {nth}"));
        opened.push(lab.desk.open(&cx, &new, &mark).await.unwrap().id);
    }
    let related = Signature { incident: None, service: Some(new.service), words: "down".into() };
    let query = Query { related: Some(related), ..Query::default() };
    let rows = lab.desk.search(&cx(), &query, Fetch { token: None, limit: 100 }).await.unwrap().rows;
    assert!(opened.iter().all(|id| rows.iter().any(|row| row.id == *id)), "{} rows", rows.len());
}
