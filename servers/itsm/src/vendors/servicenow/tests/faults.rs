//! What goes wrong, and what the caller is told.

use call::Cx;
use error::Code;
use sandbox::{Fault, Match, Rule};

use super::*;
use crate::desk::{NewIncident, Query, SlaQuery};
use crate::model::{Audience, Urgency};

fn strike(lab: &Lab, method: &str, path: &str, fault: Fault, times: Option<u32>) {
    let only = Match { method: Some(method.into()), path_prefix: Some(path.into()) };
    lab.running.control.add_fault(Rule { only, fault, times }).unwrap();
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_unknown_and_found_again() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("lost");
    let mark = Mark { external_key: Some("lost-1".into()), ..mark };
    strike(&lab, "POST", "/api/now/table/incident", Fault::ApplyThenReset {}, Some(1));
    let new = NewIncident {
        service: service("payouts"),
        title: "Lost on the way back".into(),
        description: None,
        urgency: Urgency::Low,
    };
    let error = lab.desk.open(&cx, &new, &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown);
    let found = lab.desk.find_opened(&cx, &new.service, &mark).await.unwrap().unwrap();
    assert_eq!(found.title.as_str(), new.title);
    assert_eq!(
        lab.asked("/api/now/table/incident").iter().filter(|e| e.method == "POST").count(),
        1,
        "sent once"
    );
}

#[tokio::test]
async fn a_revoked_token_is_renewed_and_a_page_to_log_in_is_no_answer() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    strike(&lab, "GET", "/api/now", Fault::RevokeToken {}, Some(1));
    assert!(!lab.desk.search(&cx, &Query::default(), first(3)).await.unwrap().rows.is_empty());
    assert_eq!(lab.asked("/oauth_token.do").len(), 2);
    strike(&lab, "GET", "/api/now", Fault::Html200 {}, None);
    let error = lab.desk.search(&cx, &Query::default(), first(3)).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnavailable, "{error:?}");
}

#[tokio::test]
async fn a_limit_says_how_long_to_wait() {
    let lab = Lab::with(As::Agent, |settings| settings.limits.attempts = 1).await;
    let status = serde_json::json!({ "kind": "status", "status": 429, "headers": { "retry-after": "30" } });
    strike(&lab, "GET", "/api/now", serde_json::from_value(status).unwrap(), None);
    let error = lab.desk.search(&Cx::for_test(), &Query::default(), first(3)).await.unwrap_err();
    assert_eq!((error.code(), error.wait().map(|wait| wait.as_secs())), (Code::RateLimited, Some(30)));
}

#[tokio::test]
async fn an_account_with_few_rights_is_told_so() {
    let lab = Lab::with(As::Reader, |_| {}).await;
    let (cx, mark) = writing("reader");
    assert!(!lab.desk.search(&cx, &Query::default(), first(3)).await.unwrap().rows.is_empty());
    let clocks = lab.desk.slas(&cx, &SlaQuery::default(), first(3)).await.unwrap_err();
    assert_eq!(clocks.code(), Code::Permission);
    let timeline = lab.desk.timeline(&cx, &number(LATE_REPORT), 5).await.unwrap_err();
    assert_eq!(timeline.code(), Code::Permission);
    let note = lab.desk.post(&cx, &number(LATE_REPORT), "x", Audience::Internal, &mark).await.unwrap_err();
    assert_eq!(note.code(), Code::Permission);
}

#[tokio::test]
async fn what_the_vendor_drops_in_silence_is_not_taken_for_done() {
    let lab = Lab::with(As::Dispatcher, |_| {}).await;
    let (cx, mark) = writing("dropped");
    let id = number(LATE_REPORT);
    let comment = lab.desk.post(&cx, &id, "We are sorry.", Audience::Customer, &mark).await.unwrap_err();
    assert_eq!(comment.code(), Code::Permission, "answered 200, kept nothing");
    let note = lab.desk.post(&cx, &id, "Called them.", Audience::Internal, &mark).await.unwrap();
    assert_eq!(note.text.as_str(), "Called them.", "written, though this account may not read it again");
    let unread = lab.desk.timeline(&cx, &id, 5).await.unwrap_err();
    assert_eq!(unread.code(), Code::Permission, "answered 200 with nothing, which is not an empty journal");
    let unread = lab.desk.find_posted(&cx, &id, &mark).await.unwrap_err();
    assert_eq!(unread.code(), Code::Permission, "it is there");
    let new = NewIncident {
        service: service("payouts"),
        title: "Without a mark".into(),
        description: None,
        urgency: Urgency::Low,
    };
    let (cx, mark) = writing("unmarked");
    let mark = Mark { external_key: Some("k-1".into()), ..mark };
    lab.desk.open(&cx, &new, &mark).await.unwrap();
    let found = lab.desk.find_opened(&cx, &new.service, &mark).await.unwrap();
    assert!(found.is_none(), "another incident is not taken for it");
}

#[tokio::test]
async fn what_is_misconfigured_is_named() {
    let lab = Lab::start().await;
    let head = "vendor = \"servicenow\"\nbase_url = \"https://acme.service-now.com\"\nauth = { grant = \"bearer\", token = \"env:T\" }";
    for (wrong, key) in [
        ("event_managment = true", "event_managment"),
        ("custom_fields = [\"u_a^b\"]", "custom_fields"),
        ("incident_prefix = \"inc\"", "incident_prefix"),
        ("map.caller = \"me\"", "caller"),
        ("map.customer.domain = \"a=b\"", "customer"),
        ("map.remediations = [{ key = \"x\", item = \"y\", name = \"z\", services = [] }]", "remediations"),
        ("map.states = { \"9\" = \"lost\" }", "map"),
    ] {
        let settings: Settings = toml::from_str(&format!("{head}\n{wrong}")).unwrap();
        let error = (super::super::VENDOR.connect)(&settings, &Kit::new(Clock::system())).err().unwrap();
        assert_eq!(error.code(), Code::InvalidArgument, "{wrong}");
        assert!(error.message().contains(key), "{wrong}: {error}");
    }
    drop(lab);
}
