//! Reads: what the vendor silently leaves out must not be taken for an answer.

use call::Cx;
use error::Code;
use jiff::Timestamp;
use serde_json::json;
use tool::testing::{self, Bench};

use super::*;
use crate::desk::{AlertQuery, ChangeQuery, Noun, OnCallQuery, Query, Signature, SlaQuery};
use crate::model::{Audience, Emptiable, SlaState, State};

#[tokio::test]
async fn times_are_those_that_are_stored() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    // Opened 41 hours ago; what the instance shows is an hour later.
    let incident = lab.desk.get(&cx, &number(LATE_REPORT)).await.unwrap();
    let hours = Timestamp::now().duration_since(incident.opened.0).as_secs_f64() / 3600.0;
    assert!((hours - 41.0).abs() < 0.1, "{hours}");
}

#[tokio::test]
async fn a_record_is_one_by_number_id_and_url() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let incident = lab.desk.get(&cx, &number(LATE_REPORT)).await.unwrap();
    let by_url = lab.desk.recognize(Noun::Incident, &incident.url).unwrap();
    assert_eq!(lab.desk.get(&cx, &by_url).await.unwrap().id, incident.id);
    assert_eq!(incident.id.native(), &number(LATE_REPORT));
    assert_eq!(incident.customer.unwrap().as_str(), "Nordwind Handel AG");
    for absent in ["INC0099999", "0123456789abcdef0123456789abcdef"] {
        assert_eq!(lab.desk.get(&cx, absent).await.unwrap_err().code(), Code::NotFound, "{absent}");
    }
}

#[tokio::test]
async fn carets_in_words_do_not_widen() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let all = lab.desk.search(&cx, &Query::default(), first(1)).await.unwrap().total.unwrap().count;
    for text in ["zzz^NQactive=true", "zzz^ORsys_idISNOTEMPTY", "javascript:gs.getUserID() zzz"] {
        let query = Query { text: Some(text.into()), ..Query::default() };
        assert!(lab.desk.search(&cx, &query, first(5)).await.unwrap().rows.is_empty(), "{text} of {all}");
    }
    let query = Query { text: Some("settlement^report".into()), ..Query::default() };
    let found = lab.desk.search(&cx, &query, first(50)).await.unwrap().rows;
    assert!(found.iter().any(|incident| incident.id.native() == number(LATE_REPORT)));
    for name in ["x^NQactive=true", "javascript:1", "NULL"] {
        assert!(lab.desk.people(&cx, name).await.unwrap().is_empty(), "{name}");
        assert!(lab.desk.customers(&cx, name).await.unwrap().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_filter_that_the_vendor_drops_yields_no_rows() {
    // This account may not read whose an incident is: the condition is dropped, and every incident comes.
    let lab = Lab::with(As::Reader, |_| {}).await;
    let cx = Cx::for_test();
    let query = Query { customer: Some(sys_id("core_company", "nordwind")), ..Query::default() };
    let refused = lab.desk.search(&cx, &query, first(5)).await.unwrap_err();
    assert_eq!(refused.code(), Code::UnsupportedFilter);
    let sent = lab.asked("/api/now/table/incident").into_iter().next_back().unwrap();
    assert!(sent.status == Some(200) && sent.response_body.contains("INC"), "the vendor gave rows");
}

#[tokio::test]
async fn pages_go_on_where_rows_are_kept_from_the_account() {
    let lab = Lab::with(As::Reader, |_| {}).await;
    let cx = Cx::for_test();
    let (mut seen, mut token, mut short) = (0, None, false);
    loop {
        let page = lab.desk.search(&cx, &Query::default(), Fetch { token, limit: 2 }).await.unwrap();
        seen += page.rows.len();
        short |= page.rows.len() < 2 && page.next.is_some();
        assert!(
            page.rows.len() == 2 || page.total.unwrap().kind == tool::Count::Estimate || page.next.is_none()
        );
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    let own = sandbox::company::incidents().into_iter().filter(|one| one.home == "servicenow");
    assert!(short, "some pages are not full");
    assert_eq!(seen, own.filter(|one| one.category != "privacy").count());
}

#[tokio::test]
async fn a_field_that_is_spelled_wrong_matches_nobody() {
    let lab = Lab::with(As::Agent, |settings| {
        let wrong = toml::toml! { domain = "u_misspelled" };
        settings.map.insert("customer".into(), toml::Value::Table(wrong));
    })
    .await;
    let cx = Cx::for_test();
    assert!(lab.desk.customers(&cx, "nordwind.example").await.unwrap().is_empty());
    assert_eq!(lab.desk.customers(&cx, "Nordwind Handel AG").await.unwrap().len(), 1);
}

#[tokio::test]
async fn customers_join_by_domain_and_keys() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let key = |found: Vec<crate::desk::Customer>| {
        found.into_iter().map(|c| (c.key, c.matched_by)).collect::<Vec<_>>()
    };
    let id = sys_id("core_company", "nordwind");
    for (text, by) in [
        ("nordwind handel ag", tool::MatchedBy::Name),
        ("Nordwind.example", tool::MatchedBy::Domain),
        ("17100001", tool::MatchedBy::ErpCustomer),
        ("cus_HaldenNordwind", tool::MatchedBy::BillingCustomer),
        (&id, tool::MatchedBy::Id),
    ] {
        assert_eq!(key(lab.desk.customers(&cx, text).await.unwrap()), [(id.clone(), by)], "{text}");
    }
    let query = Query { customer: Some(id), ..Query::default() };
    let rows = lab.desk.search(&cx, &query, first(50)).await.unwrap().rows;
    assert!(rows.iter().any(|row| row.id.native() == number(OUTAGE)));
}

#[tokio::test]
async fn related_incidents_say_why() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let signature = Signature {
        incident: Some(number(POOL_AGAIN)),
        service: Some(service("checkout-api")),
        words: "ERR_POOL_TIMEOUT".into(),
    };
    let query = Query { related: Some(signature), ..Query::default() };
    let rows = lab.desk.search(&cx, &query, first(50)).await.unwrap().rows;
    let of = |number: &str| rows.iter().find(|row| row.id.native() == number);
    assert!(of(&number(POOL_AGAIN)).is_none(), "not itself");
    let same = of(&number(POOL)).unwrap().relation.clone().unwrap();
    assert!(same.as_str().contains("same problem") && same.as_str().contains("same service"), "{same}");
}

#[tokio::test]
async fn the_timeline_has_notes_comments_and_the_end() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let entries = lab.desk.timeline(&cx, &number(POOL), 20).await.unwrap();
    assert!(entries.windows(2).all(|pair| pair[0].at >= pair[1].at), "newest first");
    let public: Vec<_> = entries.iter().filter(|e| e.audience == Some(Audience::Customer)).collect();
    assert_eq!(public.len(), 1);
    let end = entries.iter().find(|e| e.what.as_str() == "resolved").unwrap();
    assert!(end.text.as_ref().unwrap().as_str().contains("connection pool"));
    assert_eq!(lab.desk.timeline(&cx, &number(POOL), 2).await.unwrap().len(), 2);
}

#[tokio::test]
async fn alerts_of_a_service_are_those_of_its_components_too() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let query = AlertQuery { service: Some(service("checkout-api")), ..AlertQuery::default() };
    let rows = lab.desk.alerts(&cx, &query, first(50)).await.unwrap().rows;
    let storm =
        rows.iter().find(|alert| alert.key.as_ref().is_some_and(|k| k.as_str() == "checkout-pool-eu-1"));
    let storm = storm.unwrap();
    assert!(storm.firing && storm.details.as_ref().unwrap().as_str().contains("waiting=412"));
    let again = lab.desk.alert(&cx, storm.id.native()).await.unwrap();
    assert_eq!(again.id, storm.id);
    let by_id = lab.desk.recognize(Noun::Alert, storm.url.as_ref().unwrap()).unwrap();
    assert_eq!(lab.desk.alert(&cx, &by_id).await.unwrap().id, storm.id);
}

#[tokio::test]
async fn evidence_of_a_service_with_more_components_than_can_be_asked_for_is_not_complete() {
    let lab = Lab::start().await;
    let source = testing::source("servicenow", Arc::clone(&lab.desk), None);
    let bench = Bench::new(crate::tools::catalog(), vec![source]);
    let ask = || bench.ask("get_alert_evidence", json!({ "service": "Checkout API", "after": "P30D" }));
    assert_eq!(ask().await["complete"], true);
    let path = "/api/now/table/cmdb_rel_ci";
    let body: serde_json::Value = serde_json::from_str(&lab.asked(path).remove(0).response_body).unwrap();
    let link = format!("<{}{path}?sysparm_offset=100>;rel=\"next\"", lab.running.base_url);
    let fault = json!({ "kind": "status", "status": 200, "headers": { "link": link }, "body": body });
    let rule = json!({ "match": { "path_prefix": path }, "fault": fault });
    lab.running.control.add_fault(serde_json::from_value(rule).unwrap()).unwrap();
    let cut = ask().await;
    assert!(cut["complete"] == false && cut["count"].as_u64() > Some(0), "{cut}");
}

#[tokio::test]
async fn what_is_not_configured_is_unsupported() {
    let lab = Lab::with(As::Agent, |settings| settings.rest.clear()).await;
    let cx = Cx::for_test();
    assert!(!lab.desk.able().alerts && !lab.desk.able().on_call);
    let alerts = AlertQuery { service: Some(service("ledger")), ..AlertQuery::default() };
    assert_eq!(lab.desk.alerts(&cx, &alerts, first(1)).await.unwrap_err().code(), Code::Unsupported);
    let on_call = OnCallQuery { service: None, group: None, at: cx.now() };
    assert_eq!(lab.desk.on_call(&cx, &on_call).await.unwrap_err().code(), Code::Unsupported);
}

#[tokio::test]
async fn who_is_on_call_is_told_by_service_group_and_time() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let now = cx.now();
    let by_service = OnCallQuery { service: Some(service("checkout-api")), group: None, at: now };
    let turns = lab.desk.on_call(&cx, &by_service).await.unwrap();
    let people: Vec<&str> = turns.iter().map(|turn| turn.person.as_str()).collect();
    assert_eq!((turns[0].level, turns.len()), (Some(1), 3), "{people:?}");
    assert!(turns.iter().all(|turn| turn.group.name.as_str() == "Payments Operations"));
    let later = OnCallQuery { at: now + jiff::SignedDuration::from_hours(110), ..by_service };
    let next = lab.desk.on_call(&cx, &later).await.unwrap();
    assert_ne!(next[0].person, turns[0].person, "the next week is another's");
    let everybody = OnCallQuery { service: None, group: None, at: now };
    assert!(lab.desk.on_call(&cx, &everybody).await.unwrap().len() > turns.len());
}

#[tokio::test]
async fn clocks_tell_breaches_from_what_is_at_risk() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let until = cx.now() + jiff::SignedDuration::from_mins(60);
    let query = SlaQuery { due_before: Some(until), ..SlaQuery::default() };
    let rows = lab.desk.slas(&cx, &query, first(1000)).await.unwrap().rows;
    let of =
        |number: &str| rows.iter().find(|clock| clock.incident.native() == number).map(|clock| clock.state);
    assert_eq!(of(&number(STUCK)), Some(SlaState::Breached));
    assert_eq!(of(&number(STALE)), Some(SlaState::Running), "due in 40 minutes");
    assert_eq!(of(&number(MISMAILED)), None, "due in 18 hours");
    assert!(rows.windows(2).all(|pair| pair[0].due <= pair[1].due));
    let own = SlaQuery { incident: Some(number(POOL)), ..SlaQuery::default() };
    let own = lab.desk.slas(&cx, &own, first(50)).await.unwrap().rows;
    assert_eq!(own[0].state, SlaState::Met);
}

#[tokio::test]
async fn a_clock_that_is_paused_is_not_about_to_be_missed() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let query =
        SlaQuery { due_before: Some(cx.now() + jiff::SignedDuration::from_mins(60)), ..SlaQuery::default() };
    let hold = json!({ "state": "3", "hold_reason": "1" });
    for title in [STALE, STUCK] {
        let path = format!("/api/now/table/incident/{}", sys_id("incident", &number(title)));
        assert_eq!(vendor::ask(&lab, "PATCH", &path, Some(hold.clone())).await.0, 200);
    }
    let rows = lab.desk.slas(&cx, &query, first(1000)).await.unwrap().rows;
    let listed = |title| rows.iter().any(|clock| clock.incident.native() == number(title));
    assert!(!listed(STALE), "its end means nothing until it runs again");
    assert!(listed(STUCK), "what was missed stays missed");
    let own = SlaQuery { incident: Some(number(STALE)), ..SlaQuery::default() };
    let own = lab.desk.slas(&cx, &own, first(5)).await.unwrap().rows;
    assert_eq!(own[0].state, SlaState::Paused);
}

#[tokio::test]
async fn changes_of_an_incident_are_what_caused_it() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let none = ChangeQuery { incident: Some(number(LATE_REPORT)), ..ChangeQuery::default() };
    assert!(lab.desk.changes(&cx, &none, first(5)).await.unwrap().rows.is_empty());
    let of_service = ChangeQuery { service: Some(service("checkout-api")), ..ChangeQuery::default() };
    let rows = lab.desk.changes(&cx, &of_service, first(20)).await.unwrap().rows;
    assert!(rows.iter().any(|change| change.id.native() == "CHG0030112"));
}

#[tokio::test]
async fn where_nothing_is_filled_in() {
    let lab = Lab::start().await;
    let cx = Cx::for_test();
    let query = Query { where_empty: Some(Emptiable::Service), ..Query::default() };
    let rows = lab.desk.search(&cx, &query, first(50)).await.unwrap().rows;
    assert!(rows.iter().any(|row| row.id.native() == number(NO_SERVICE)));
    assert!(rows.iter().all(|row| row.service.is_none()));
    let open = Query { states: State::OPEN.to_vec(), ..query };
    let rows = lab.desk.search(&cx, &open, first(50)).await.unwrap().rows;
    assert!(rows.iter().all(|row| row.state.is_open()));
}
