//! A company with more of everything than HubSpot tells at once: it tells the oldest first.

use call::{Cx, Operation};
use error::Code;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tool::{Fetch, Mark};

use super::Portal;
use crate::book::{AccountQuery, BriefWant, NewActivity};
use crate::model::{AccountBrief, ActivityKind, Section};

/// More than a page of associations.
const MANY: usize = 130;

/// A company, by its native id.
async fn company(portal: &Portal) -> String {
    let page = Fetch { token: None, limit: 1 };
    let rows = portal.book().accounts(&Cx::for_test(), &AccountQuery::default(), page).await.unwrap().rows;
    rows[0].id.native().to_owned()
}

/// Records of a kind with these properties, associated with the company by an association type of HubSpot's.
async fn crowd(portal: &Portal, company: &str, kind: &str, tie: u32, all: impl Iterator<Item = Value>) {
    let (_, id) = company.split_once('/').unwrap();
    let types = json!([{ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": tie }]);
    let ties = json!([{ "to": { "id": id }, "types": types }]);
    let inputs = all.map(|properties| json!({ "properties": properties, "associations": ties }));
    portal.create(kind, &inputs.collect::<Vec<_>>()).await;
}

async fn brief(portal: &Portal, company: &str, section: Section) -> AccountBrief {
    let since = Timestamp::now() - SignedDuration::from_hours(24);
    let want = BriefWant { sections: vec![section], since, rows: 5 };
    let brief = portal.book().brief(&Cx::for_test(), company, &want).await.unwrap();
    assert!(brief.unavailable.is_empty(), "{brief:?}");
    brief
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_is_found_among_many() {
    let portal = Portal::start().await;
    let (book, about) = (portal.book(), company(&portal).await);
    let at = Timestamp::now();
    let old = |_| json!({ "hs_timestamp": at.to_string(), "hs_call_body": "before" });
    crowd(&portal, &about, "calls", 182, (0..2 * MANY).map(old)).await;
    let operation = Operation::derive(&["crowds"], "lost");
    let mark = Mark { operation: operation.id.clone(), external_key: None };
    let cx = Cx::for_test().with_operation(operation);
    super::faults::strike(
        &portal,
        "POST",
        "/crm/objects/2026-09/calls",
        json!({ "kind": "apply_then_reset" }),
        1,
    );
    let new = NewActivity {
        about: about.clone(),
        kind: ActivityKind::Call,
        subject: "Renewal".into(),
        text: None,
        at,
        minutes: None,
    };
    let error = book.log_activity(&cx, &new, &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown, "{error:?}");
    let found = book.find_marked(&cx, ActivityKind::Call, &about, &mark).await.unwrap();
    assert_eq!(found.map(|call| call.subject.to_string()).as_deref(), Some("Renewal"));
}

#[tokio::test]
async fn a_brief_has_the_latest_activity() {
    let portal = Portal::start().await;
    let company = company(&portal).await;
    let (old, now) = (Timestamp::now() - SignedDuration::from_hours(24 * 90), Timestamp::now());
    let email = |at: Timestamp, subject: &str| json!({ "hs_timestamp": at.to_string(), "hs_email_subject": subject, "hs_email_direction": "EMAIL" });
    let all = (0..MANY).map(|_| email(old, "Old")).chain([email(now, "Newest")]);
    crowd(&portal, &company, "emails", 186, all).await;
    let rows = brief(&portal, &company, Section::Activity).await.activity.unwrap();
    assert!(rows.iter().any(|row| row.subject.as_str() == "Newest"), "{rows:?}");
    assert!(rows.iter().all(|row| row.subject.as_str() != "Old"), "{rows:?}");
}

#[tokio::test]
async fn a_brief_has_the_latest_contacts() {
    let portal = Portal::start().await;
    let company = company(&portal).await;
    let person = |first: &str| json!({ "firstname": first, "lastname": "Quell" });
    let all = (0..MANY).map(|n| person(&format!("Zoe {n}"))).chain([person("Aaron")]);
    crowd(&portal, &company, "contacts", 279, all).await;
    let rows = brief(&portal, &company, Section::Contacts).await.contacts.unwrap();
    assert!(rows.iter().any(|row| row.name.as_str() == "Aaron Quell"), "{rows:?}");
}

#[tokio::test]
async fn a_brief_has_every_open_case_however_old() {
    let portal = Portal::start().await;
    let company = company(&portal).await;
    let ticket = |stage: &str, subject: &str| json!({ "subject": subject, "hs_pipeline_stage": stage });
    let open = [ticket("1", "Old and open")].into_iter();
    let all = open.chain((0..MANY).map(|_| ticket("4", "Closed"))).chain([ticket("1", "New and open")]);
    crowd(&portal, &company, "tickets", 339, all).await;
    let rows = brief(&portal, &company, Section::Cases).await.cases.unwrap();
    for subject in ["Old and open", "New and open"] {
        assert!(rows.iter().any(|row| row.subject.as_str() == subject), "{subject}: {rows:?}");
    }
}

#[tokio::test]
async fn associations_without_end_are_too_many_to_look_through() {
    let portal = Portal::start().await;
    let (book, about) = (portal.book(), company(&portal).await);
    let (_, id) = about.split_once('/').unwrap();
    let next = json!({ "next": { "after": "x", "link": "x" } });
    let endless = json!({ "results": [{ "from": { "id": id }, "to": [], "paging": next }] });
    let fault = json!({ "kind": "status", "status": 200, "body": endless });
    super::faults::strike(&portal, "POST", "/crm/associations/2026-09/companies/calls/", fault, 1_000);
    let mark = Mark { operation: "abcdefghijklmnopqrstuvwxyz".into(), external_key: None };
    let error = book.find_marked(&Cx::for_test(), ActivityKind::Call, &about, &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::TooBroad, "{error:?}");
}
