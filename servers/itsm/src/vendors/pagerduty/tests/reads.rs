//! What is read, and what of it PagerDuty does not do.

use std::sync::Arc;

use call::Cx;
use error::Code;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tool::Fetch;
use tool::testing::{self, Bench};

use super::{Lab, strike};
use crate::desk::{AlertQuery, Noun, OnCallQuery, Query, Signature};
use crate::model::{Severity, State};

fn cx() -> Cx {
    Cx::for_test()
}

fn first() -> Fetch {
    Fetch { token: None, limit: 100 }
}

#[tokio::test]
async fn two_years_are_asked_in_windows_that_pagerduty_takes() {
    let lab = Lab::start().await;
    let after = Timestamp::now() - SignedDuration::from_hours(24 * 720);
    let query = Query { opened_after: Some(after), ..Query::default() };
    let (mut seen, mut token) = (0, None);
    loop {
        let page = lab.desk.search(&cx(), &query, Fetch { token, limit: 100 }).await.unwrap();
        seen += page.rows.len();
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    let asked = lab.asked("/incidents");
    assert!(seen > 2 && asked.len() >= 4, "{seen} in {} requests", asked.len());
    assert!(asked.iter().all(|entry| entry.status == Some(200)));
    let all = lab.desk.search(&cx(), &Query::default(), first()).await.unwrap().rows;
    assert!(!all.is_empty(), "without a stretch, all of time");
}

#[tokio::test]
async fn a_plan_without_insights_leaves_the_service() {
    let lab = Lab::start().await;
    let storm = lab.storm().await;
    let related = Signature {
        incident: Some(storm.id.native().into()),
        service: storm.service_id.as_ref().map(|service| service.native().to_owned()),
        words: "pool".into(),
    };
    let query = Query { related: Some(related), ..Query::default() };
    let rich = lab.desk.search(&cx(), &query, first()).await.unwrap().rows;
    assert!(
        rich.iter().any(|one| one.relation.as_ref().unwrap().as_str().starts_with("like it in the past"))
    );
    let prefix = format!("/incidents/{}/", storm.id.native());
    strike(&lab, json!({ "match": { "path_prefix": prefix }, "fault": { "kind": "status", "status": 402 } }));
    let poor = lab.desk.search(&cx(), &query, first()).await.unwrap().rows;
    assert!(!poor.is_empty());
    assert!(
        poor.iter().all(|one| one.relation.as_ref().unwrap().as_str().starts_with("same service")),
        "{poor:?}"
    );
    let timeline = lab.desk.timeline(&cx(), storm.id.native(), 5).await.unwrap_err();
    assert_eq!(timeline.code(), Code::Permission, "elsewhere a plan's limit is said");
}

#[tokio::test]
async fn ids_meet_the_other_filters() {
    let lab = Lab::start().await;
    let storm = lab.storm().await.id.native().to_owned();
    let ids = vec![storm.clone(), "Q0000000000000".into(), "not an id".into()];
    let query = |states| Query { ids: ids.clone(), states, ..Query::default() };
    let open = lab.desk.search(&cx(), &query(State::OPEN.to_vec()), first()).await.unwrap().rows;
    assert_eq!(open.iter().map(|one| one.id.native()).collect::<Vec<_>>(), [&storm]);
    assert!(lab.desk.search(&cx(), &query(vec![State::Resolved]), first()).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn references_are_this_accounts_own() {
    let lab = Lab::start().await;
    let storm = lab.storm().await;
    let recognize = |noun, text: &str| lab.desk.recognize(noun, text);
    assert_eq!(
        recognize(Noun::Incident, &format!("{}/timeline", storm.url)).as_deref(),
        Some(storm.id.native())
    );
    assert_eq!(recognize(Noun::Incident, "https://other.pagerduty.com/incidents/Q0000000000000"), None);
    assert_eq!(recognize(Noun::Incident, "https://halden.pagerduty.com/services/PABCDEF"), None);
    let directory = "https://halden.pagerduty.com/service-directory/PABCDEF";
    assert_eq!(recognize(Noun::Service, directory).as_deref(), Some("PABCDEF"));
    assert_eq!(recognize(Noun::Alert, "PABCDEF"), None, "an alert is named with its incident");
    assert_eq!(recognize(Noun::Remediation, "PABCDEF"), None);
}

#[tokio::test]
async fn people_come_by_name_address_and_id() {
    let lab = Lab::start().await;
    let agent = lab.desk.people(&cx(), "AGENT@halden.example").await.unwrap();
    let demo: toml::Table = toml::from_str(super::super::VENDOR.demo).unwrap();
    assert_eq!(
        demo["users"]["local"].as_str(),
        Some(agent[0].id.as_str()),
        "the demo's caller is the agent's user"
    );
    let by_id = lab.desk.people(&cx(), &agent[0].id).await.unwrap();
    assert_eq!(by_id, agent);
    assert_eq!(lab.desk.people(&cx(), "Ana Ruiz").await.unwrap().len(), 2, "one name, two people");
    assert!(lab.desk.people(&cx(), "Ruiz").await.unwrap().is_empty(), "a part of a name is no name");
}

#[tokio::test]
async fn a_misspelled_service_is_answered_with_those_there_are() {
    let lab = Lab::start().await;
    let near = lab.desk.places(&cx(), Noun::Service, "Chekout").await.unwrap();
    assert!(near.iter().any(|place| place.name.as_str() == "Checkout API"), "{near:?}");
    let exact = lab.desk.places(&cx(), Noun::Service, "checkout api").await.unwrap();
    assert_eq!(exact.len(), 1);
}

#[tokio::test]
async fn who_is_on_call_depends_on_the_time() {
    let lab = Lab::start().await;
    let service = lab.desk.places(&cx(), Noun::Service, "Checkout API").await.unwrap().remove(0).key;
    let at = |hours| OnCallQuery {
        service: Some(service.clone()),
        group: None,
        at: Timestamp::now() + SignedDuration::from_hours(hours),
    };
    let now = lab.desk.on_call(&cx(), &at(0)).await.unwrap();
    assert_eq!(now.iter().filter_map(|on| on.level).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(now.iter().all(|on| on.email.is_some() && on.schedule.is_some()));
    let next = lab.desk.on_call(&cx(), &at(24 * 7)).await.unwrap();
    assert_ne!(now[0].person, next[0].person, "the turn passes on");
    let never = lab.desk.on_call(&cx(), &at(24 * 60)).await.unwrap();
    assert!(never.is_empty(), "{never:?}");
}

#[tokio::test]
async fn everybody_on_call_is_read_or_they_are_too_many() {
    let lab = Lab::start().await;
    let everybody = OnCallQuery { service: None, group: None, at: Timestamp::now() };
    let all = lab.desk.on_call(&cx(), &everybody).await.unwrap();
    let mut page: serde_json::Value =
        serde_json::from_str(&lab.asked("/oncalls").remove(0).response_body).unwrap();
    page["more"] = json!(true);
    let answer = json!({ "kind": "status", "status": 200, "body": page });
    let rule = json!({ "match": { "path_prefix": "/oncalls" }, "fault": answer, "times": 1 });
    strike(&lab, rule.clone());
    assert_eq!(lab.desk.on_call(&cx(), &everybody).await.unwrap().len(), all.len());
    let offset = ("offset".to_owned(), "100".to_owned());
    assert!(lab.asked("/oncalls").last().unwrap().query.contains(&offset), "the next page is read");
    let mut endless = rule;
    endless["times"] = json!(null);
    strike(&lab, endless);
    let refused = lab.desk.on_call(&cx(), &everybody).await.unwrap_err();
    assert_eq!(refused.code(), Code::TooBroad);
}

#[tokio::test]
async fn alerts_keep_what_the_monitor_sent() {
    let lab = Lab::start().await;
    let storm = lab.storm().await;
    let query = AlertQuery { incident: Some(storm.id.native().into()), ..AlertQuery::default() };
    let alerts = lab.desk.alerts(&cx(), &query, first()).await.unwrap().rows;
    let pool = alerts
        .iter()
        .find(|alert| alert.key.as_ref().is_some_and(|key| key.as_str() == "pd-checkout-pool-eu"));
    let pool = pool.unwrap();
    assert_eq!((pool.severity, pool.firing), (Some(Severity::Critical), true));
    assert!(pool.details.as_ref().unwrap().as_str().contains("ERR_POOL_TIMEOUT"), "{pool:?}");
    let foreign = lab.desk.alert(&cx(), &format!("{}/PABCDEF", storm.id.native())).await.unwrap_err();
    assert_eq!(foreign.code(), Code::NotFound);
}

#[tokio::test]
async fn evidence_counts_every_page_of_an_incidents_alerts_or_says_that_it_did_not() {
    let lab = Lab::start().await;
    let storm = lab.storm().await;
    let path = format!("/incidents/{}/alerts", storm.id.native());
    let source = testing::source("pagerduty", Arc::clone(&lab.desk), None);
    let bench = Bench::new(crate::tools::catalog(), vec![source]);
    let ask = || bench.ask("get_alert_evidence", json!({ "service": "Checkout API", "samples": 0 }));
    let before = ask().await;
    assert_eq!(before["complete"], true);
    let body = lab.asked(&path).remove(0).response_body;
    let mut page: serde_json::Value = serde_json::from_str(&body).unwrap();
    let on_a_page = page["alerts"].as_array().unwrap().len();
    page["more"] = json!(true);
    let only = json!({ "path_prefix": path });
    let answer = json!({ "kind": "status", "status": 200, "body": page });
    let endless = json!({ "match": only, "fault": answer });
    let mut once = endless.clone();
    once["times"] = json!(1);
    strike(&lab, once);
    let after = ask().await;
    assert_eq!(
        (&after["count"], &after["complete"]),
        (&before["count"], &json!(true)),
        "the next page is read"
    );
    let offset = ("offset".to_owned(), "100".to_owned());
    assert!(lab.asked(&path).last().unwrap().query.contains(&offset));
    strike(&lab, endless);
    let cut = ask().await;
    let counted = before["count"].as_u64().unwrap() as usize + 9 * on_a_page;
    assert_eq!((&cut["count"], &cut["complete"]), (&json!(counted), &json!(false)));
}

#[tokio::test]
async fn a_busy_vendor_says_how_long() {
    let lab = Lab::start().await;
    let wait = json!({ "ratelimit-reset": "30", "ratelimit-remaining": "0" });
    strike(
        &lab,
        json!({ "match": { "path_prefix": "/incidents" }, "fault": { "kind": "status", "status": 429, "headers": wait } }),
    );
    let until = tokio::time::Instant::now() + std::time::Duration::from_secs(3);
    let busy = lab.desk.search(&cx().with_deadline(until), &Query::default(), first()).await.unwrap_err();
    assert_eq!(busy.code(), Code::RateLimited);
    assert!(busy.wait().is_some_and(|wait| wait.as_secs() >= 20), "{:?}", busy.wait());
}
