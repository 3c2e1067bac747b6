//! What HubSpot refuses, and what the wire does to its answers.

use call::{Cx, Operation};
use error::Code;
use jiff::{Timestamp, tz::TimeZone};
use sandbox::Rule;
use serde_json::{Value, json};
use tool::{Fetch, Mark};

use super::Portal;
use crate::book::{
    AccountQuery, ActivityQuery, Book, BriefWant, CaseQuery, NewFollowUp, OpportunityQuery, PipelineQuery,
    RenewalQuery, StageChange,
};
use crate::model::{AccountBrief, ActivityKind, GroupBy, Section};

const PAGE: Fetch = Fetch { token: None, limit: 5 };

async fn account(book: &Book) -> String {
    let rows = book.accounts(&Cx::for_test(), &AccountQuery::default(), PAGE).await.unwrap();
    rows.rows[0].id.native().to_owned()
}

fn follow_up(about: String) -> NewFollowUp {
    let due = Timestamp::now().to_zoned(TimeZone::UTC).date();
    NewFollowUp { about, subject: "Call".into(), text: None, due, owner: None }
}

fn writing(key: &str) -> (Cx, Mark) {
    let operation = Operation::derive(&["faults"], key);
    let mark = Mark { operation: operation.id.clone(), external_key: None };
    (Cx::for_test().with_operation(operation), mark)
}

/// A rule that strikes requests of this method below a path.
pub(super) fn strike(portal: &Portal, method: &str, path: &str, fault: Value, times: u32) {
    let rule = json!({ "match": { "method": method, "path_prefix": path }, "fault": fault, "times": times });
    let rule: Rule = serde_json::from_value(rule).unwrap();
    portal.running.control.add_fault(rule).unwrap();
}

fn asked(portal: &Portal, method: &str, ending: &str) -> usize {
    let log = portal.running.control.log(0);
    log.iter().filter(|entry| entry.method == method && entry.path.ends_with(ending)).count()
}

#[tokio::test]
async fn a_key_that_may_only_read_is_refused_with_the_scope_it_lacks() {
    let portal = Portal::start().await;
    let book = Portal::connect(&portal.settings(1));
    let (cx, mark) = writing("reading");
    let account = account(&*book).await;
    let error = book.schedule(&cx, &follow_up(account), &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::Permission, "{error:?}");
    assert!(error.wire("").hint.contains("crm.objects.contacts.write"), "{error:?}");
}

#[tokio::test]
async fn a_scope_that_is_missing_costs_what_it_is_for_and_no_more() {
    let portal = Portal::start().await;
    let (book, cx) = (portal.book(), Cx::for_test());
    let body: Value = serde_json::from_str(include_str!("../fixtures/missing_scopes.json")).unwrap();
    let refusal = json!({ "kind": "status", "status": 403, "body": body });
    for path in ["/crm/pipelines/2026-09/tickets", "/crm/properties/2026-09/companies"] {
        strike(&portal, "GET", path, refusal.clone(), 100);
    }
    let account = account(&*book).await;
    assert!(!book.opportunities(&cx, &OpportunityQuery::default(), PAGE).await.unwrap().rows.is_empty());
    let want = BriefWant { sections: Section::ALL.to_vec(), since: Timestamp::UNIX_EPOCH, rows: 5 };
    let brief = book.brief(&cx, &account, &want).await.unwrap();
    assert!(brief.cases.is_none() && brief.contacts.is_some(), "{brief:?}");
    let error = book.cases(&cx, &CaseQuery::default(), PAGE).await.unwrap_err();
    assert_eq!(error.code(), Code::Permission, "{error:?}");
}

#[tokio::test]
async fn a_brief_has_every_section_that_the_key_may_see() {
    let portal = Portal::start().await;
    let (book, cx) = (portal.book(), Cx::for_test());
    let body: Value = serde_json::from_str(include_str!("../fixtures/missing_scopes.json")).unwrap();
    let refusal = json!({ "kind": "status", "status": 403, "body": body });
    let account = account(&*book).await;
    let want = BriefWant { sections: Section::ALL.to_vec(), since: Timestamp::UNIX_EPOCH, rows: 5 };
    let whole = book.brief(&cx, &account, &want).await.unwrap();
    // The company with the ids of all kinds is refused for one of them, which is refused by itself as well.
    strike(&portal, "GET", "/crm/objects/2026-09/companies/", refusal.clone(), 1);
    strike(&portal, "POST", "/crm/associations/2026-09/companies/tickets/", refusal, 1);
    let brief = book.brief(&cx, &account, &want).await.unwrap();
    let missing: Vec<Section> = brief.unavailable.iter().map(|missing| missing.section).collect();
    assert_eq!((brief.cases.is_none(), missing), (true, vec![Section::Cases]));
    let ids = |brief: &AccountBrief| {
        let contacts = brief.contacts.iter().flatten().map(|row| row.id.clone());
        let opportunities = brief.opportunities.iter().flatten().map(|row| row.id.clone());
        let activity = brief.activity.iter().flatten().map(|row| row.id.clone());
        contacts.chain(opportunities).chain(activity).collect::<Vec<_>>()
    };
    assert!(!ids(&whole).is_empty());
    assert_eq!(ids(&brief), ids(&whole));
}

#[tokio::test]
async fn a_company_with_many_deals_still_has_its_renewals() {
    let portal = Portal::start().await;
    let (book, cx) = (portal.book(), Cx::for_test());
    let query =
        RenewalQuery { from: Timestamp::now().to_zoned(TimeZone::UTC).date(), ..RenewalQuery::default() };
    let renewal = book.renewals(&cx, &query, PAGE).await.unwrap().rows.remove(0);
    let account = renewal.account.unwrap().id.unwrap().native().to_owned();
    let (_, id) = account.split_once('/').unwrap();
    let deals = json!({ "results": [], "paging": { "next": { "after": "100", "link": "x" } } });
    let body = json!({
        "id": id, "properties": { "name": "Many" }, "associations": { "deals": deals },
        "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
    });
    let fault = json!({ "kind": "status", "status": 200, "body": body });
    strike(&portal, "GET", "/crm/objects/2026-09/companies/", fault, 1);
    let want = BriefWant { sections: vec![Section::Renewals], since: Timestamp::UNIX_EPOCH, rows: 5 };
    let brief = book.brief(&cx, &account, &want).await.unwrap();
    assert!(brief.renewals.unwrap().iter().any(|row| row.id == renewal.id));
}

#[tokio::test]
async fn of_activities_at_one_moment_none_is_lost_where_a_page_ends() {
    let portal = Portal::start().await;
    let (book, cx) = (portal.book(), Cx::for_test());
    let note = |id: &str| {
        let at = "2026-01-01T00:00:00Z";
        json!({ "id": id, "properties": { "hs_timestamp": at, "hs_note_body": "x" }, "createdAt": at, "updatedAt": at })
    };
    let query = ActivityQuery { kinds: vec![ActivityKind::Note], ..ActivityQuery::default() };
    let one = |token| Fetch { token, limit: 1 };
    // HubSpot has them in an order of its own.
    for (token, rows, id, more) in [
        (None, vec![note("7"), note("5")], Some("note/7"), true),
        (Some("x.x.x.1.x"), vec![note("5")], Some("note/5"), false),
        (Some("x.x.x.1.x"), vec![], None, false),
    ] {
        let fault = json!({ "kind": "status", "status": 200, "body": { "total": 2, "results": rows } });
        strike(&portal, "POST", "/crm/objects/2026-09/notes/search", fault, 1);
        let page = book.activities(&cx, &query, one(token.map(str::to_owned))).await.unwrap();
        assert_eq!(page.rows.first().map(|row| row.id.native()), id);
        assert_eq!(page.next.is_some(), more, "{:?}", page.next);
    }
}

#[tokio::test]
async fn a_wrong_key_is_said_to_be_wrong() {
    let portal = Portal::start().await;
    let mut settings = portal.settings(0);
    settings.auth = outbound::Auth::Bearer { token: outbound::Secret::literal("pat-eu1-wrong") };
    let book = Portal::connect(&settings);
    let error = book.accounts(&Cx::for_test(), &AccountQuery::default(), PAGE).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamAuth, "{error:?}");
}

#[tokio::test]
async fn a_busy_second_is_waited_out_and_a_spent_day_is_not() {
    let portal = Portal::start().await;
    let book = portal.book();
    let limited = |policy: &str, headers: Value| {
        let body = json!({ "status": "error", "errorType": "RATE_LIMIT", "policyName": policy, "message": "canary" });
        json!({ "kind": "status", "status": 429, "body": body, "headers": headers })
    };
    strike(
        &portal,
        "POST",
        "/crm/objects/2026-09/companies/search",
        limited("SECONDLY", json!({ "retry-after": "0" })),
        1,
    );
    assert!(!account(&*book).await.is_empty());
    strike(&portal, "POST", "/crm/objects/2026-09/companies/search", limited("DAILY", json!({})), 1);
    let error = book.accounts(&Cx::for_test(), &AccountQuery::default(), PAGE).await.unwrap_err();
    assert_eq!(error.code(), Code::QuotaExhausted, "{error:?}");
    assert!(!serde_json::to_string(&error.wire("")).unwrap().contains("canary"));
}

#[tokio::test]
async fn a_task_whose_answer_was_lost_is_found_before_the_index_knows_it() {
    let portal = Portal::start().await;
    let book = portal.book();
    let account = account(&*book).await;
    let (cx, mark) = writing("lost");
    strike(&portal, "POST", "/crm/objects/2026-09/tasks", json!({ "kind": "apply_then_reset" }), 1);
    let error = book.schedule(&cx, &follow_up(account.clone()), &mark).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown, "{error:?}");
    assert_eq!(asked(&portal, "POST", "/tasks"), 1, "a create is never sent again");
    let found = book.find_marked(&cx, ActivityKind::Task, &account, &mark).await.unwrap();
    assert_eq!(found.map(|task| task.subject.to_string()).as_deref(), Some("Call"));
    let not_indexed = asked(&portal, "POST", "/companies/tasks/batch/read");
    assert_eq!(not_indexed, 1, "the index did not know it yet");
    portal.running.control.advance(10);
    assert!(book.find_marked(&cx, ActivityKind::Task, &account, &mark).await.unwrap().is_some());
    assert_eq!(asked(&portal, "POST", "/companies/tasks/batch/read"), not_indexed, "now the index does");
}

#[tokio::test]
async fn a_stage_is_set_again_where_the_first_answer_was_lost() {
    let portal = Portal::start().await;
    let book = portal.book();
    let cx = Cx::for_test();
    let deal = book.opportunities(&cx, &OpportunityQuery::default(), PAGE).await.unwrap().rows.remove(0);
    let stages = book.stages(&cx, deal.id.native()).await.unwrap();
    let change = StageChange { stage: stages[1].clone(), amount: None, lost_reason: None };
    let path = "/crm/objects/2026-09/deals/";
    strike(&portal, "PATCH", path, json!({ "kind": "apply_then_reset" }), 1);
    let changed = book.change_stage(&cx, deal.id.native(), &change, None).await.unwrap();
    assert_eq!(changed.after.stage.as_str(), stages[1].name);
}

#[tokio::test]
async fn a_field_that_hubspot_refuses_is_named() {
    let portal = Portal::start().await;
    let book = portal.book();
    let (cx, mark) = writing("owner");
    let account = account(&*book).await;
    let nobody = NewFollowUp { owner: Some("1".into()), ..follow_up(account) };
    let error = book.schedule(&cx, &nobody, &mark).await.unwrap_err();
    assert_eq!((error.code(), error.wire("").fields[0].path.as_str()), (Code::InvalidArgument, "owner"));
}

#[tokio::test]
async fn more_than_can_be_paged_through_is_too_broad() {
    let portal = Portal::start().await;
    let book = portal.book();
    let cx = Cx::for_test();
    let last = Fetch { token: Some("9999".into()), limit: 5 };
    assert!(book.accounts(&cx, &AccountQuery::default(), last).await.unwrap().rows.is_empty());
    let deep = Fetch { token: Some("10000".into()), limit: 5 };
    let error = book.accounts(&cx, &AccountQuery::default(), deep).await.unwrap_err();
    assert_eq!(error.code(), Code::TooBroad);
    let body = json!({ "total": 10_001, "results": [] });
    let fault = json!({ "kind": "status", "status": 200, "body": body });
    strike(&portal, "POST", "/crm/objects/2026-09/deals/search", fault, 1);
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let query = PipelineQuery { from: today, before: today.tomorrow().unwrap(), group_by: GroupBy::Stage };
    assert_eq!(book.pipeline(&cx, &query).await.unwrap_err().code(), Code::TooBroad);
}

#[tokio::test]
async fn what_is_no_answer_is_garbled() {
    let portal = Portal::start().await;
    let book = portal.book();
    for kind in ["html_200", "garbage"] {
        strike(&portal, "POST", "/crm/objects/2026-09/companies/search", json!({ "kind": kind }), 10);
        let error = book.accounts(&Cx::for_test(), &AccountQuery::default(), PAGE).await.unwrap_err();
        assert_eq!(error.code(), Code::UpstreamGarbled, "{kind}");
        portal.running.control.clear_faults();
    }
}
