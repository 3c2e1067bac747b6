//! What happens to a Salesforce source besides what every system of customers must do.

use call::{Cx, Operation};
use error::Code;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use sandbox::{Fault, Match, Rule};
use serde_json::{Value, json};
use tool::{Fetch, Mark, Money};

use super::Site;
use crate::book::{
    AccountQuery, ActivityQuery, Book, BriefWant, NewActivity, OpportunityQuery, PipelineQuery, StageChange,
};
use crate::company::Holdings;
use crate::model::{ActivityKind, GroupBy, Noun, Section, Standing};

const DATA: &str = "/services/data/v66.0";

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

fn fail(site: &Site, method: &str, path: &str, fault: Fault, times: u32) {
    let only = Match { method: Some(method.into()), path_prefix: Some(path.into()) };
    site.simulator.control().add_fault(Rule { only, fault, times: Some(times) }).unwrap();
}

fn refusal(status: u16, code: &str, message: &str) -> Fault {
    Fault::Status {
        status,
        headers: Default::default(),
        body: Some(json!([{ "errorCode": code, "message": message }])),
    }
}

async fn nordwind(book: &Book) -> String {
    book.called(&cx(), Noun::Account, "nordwind.example").await.unwrap().remove(0).id
}

fn call_with(about: String) -> NewActivity {
    NewActivity {
        about,
        kind: ActivityKind::Call,
        subject: "Lost answer".into(),
        text: None,
        at: Timestamp::now(),
        minutes: None,
    }
}

/// Requests the simulator got, as `POST /path`.
fn asked(site: &Site) -> Vec<String> {
    site.simulator.control().log(0).into_iter().map(|e| format!("{} {}", e.method, e.path)).collect()
}

#[tokio::test]
async fn a_token_without_a_life_is_used_until_it_is_refused() {
    let site = Site::start().await;
    let book = site.book();
    nordwind(&*book).await;
    site.simulator.control().advance(119 * 60);
    nordwind(&*book).await;
    let tokens = || asked(&site).iter().filter(|a| a.ends_with("/services/oauth2/token")).count();
    assert_eq!(tokens(), 1);
    site.simulator.control().advance(120);
    nordwind(&*book).await;
    assert_eq!(tokens(), 2, "the session was over, and nobody noticed");
    let granted = site.simulator.control().log(0).into_iter().find(|e| e.path.ends_with("/token")).unwrap();
    assert!(!granted.response_body.contains("expires_in") && granted.response_body.contains("instance_url"));
}

#[tokio::test]
async fn a_token_endpoint_that_stumbles_is_asked_again() {
    let site = Site::start().await;
    fail(
        &site,
        "POST",
        "/services/oauth2/token",
        Fault::Status { status: 503, headers: Default::default(), body: None },
        1,
    );
    nordwind(&*site.book()).await;
    assert_eq!(asked(&site)[..2], ["POST /services/oauth2/token"; 2]);
}

#[tokio::test]
async fn a_token_for_another_host_is_not_sent_there() {
    let site = Site::start().await;
    let body = json!({ "access_token": "x", "instance_url": "https://my.salesforce.com.evil.example" });
    let fault = Fault::Status { status: 200, headers: Default::default(), body: Some(body) };
    fail(&site, "POST", "/services/oauth2/token", fault, 1);
    let error = site.book().people(&cx(), "x").await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamGarbled, "{error:?}");
    assert_eq!(asked(&site), ["POST /services/oauth2/token"]);
}

#[tokio::test]
async fn a_brief_is_two_requests_at_once_and_a_broken_section_spoils_nothing() {
    let site = Site::start().await;
    let mut settings = site.settings();
    let renewals = toml::toml! {
        from = "contract"
        value = "No_Such_Field__c"
    };
    settings.map.insert("renewals".into(), renewals.into());
    let book = site.connect(&settings);
    let account = nordwind(&*book).await;
    book.opportunities(&cx(), &OpportunityQuery::default(), page(1)).await.unwrap();
    let before = asked(&site).len();
    let since = Timestamp::now() - SignedDuration::from_hours(24 * 90);
    let want = BriefWant { sections: Section::ALL.to_vec(), since, rows: 5 };
    let brief = book.brief(&cx(), &account, &want).await.unwrap();
    assert!(brief.cases.is_some() && brief.contacts.is_some() && brief.renewals.is_none());
    assert_eq!(brief.unavailable.len(), 1, "{:?}", brief.unavailable);
    assert_eq!(brief.unavailable[0].section, Section::Renewals);
    let sent = &asked(&site)[before..];
    let composite = format!("POST {DATA}/composite");
    assert_eq!(sent.iter().filter(|s| **s == composite).count(), 2, "{sent:?}");
    assert!(sent.len() <= 3, "and perhaps one for who wrote the mails: {sent:?}");
}

#[tokio::test]
async fn an_upsert_whose_answer_was_lost_is_repeated_and_makes_one_record() {
    let site = Site::start().await;
    let book = site.book();
    let account = nordwind(&*book).await;
    let (cx, mark) = write("upsert");
    fail(&site, "PATCH", &format!("{DATA}/sobjects/Task/Chancery_Id__c"), Fault::ApplyThenReset {}, 1);
    let logged = book.log_activity(&cx, &call_with(account.clone()), &mark).await.unwrap();
    let patches = asked(&site).iter().filter(|a| a.starts_with("PATCH")).count();
    assert_eq!(patches, 2, "sent again");
    let found = book.find_marked(&cx, ActivityKind::Call, &account, &mark).await.unwrap().unwrap();
    assert_eq!(found.id, logged.id);
    let twice = book.log_activity(&cx, &call_with(account), &mark).await.unwrap();
    assert_eq!(twice.id, logged.id, "the same mark is the same record");
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_found_by_its_mark() {
    let site = Site::start().await;
    let mut settings = site.settings();
    settings.map.remove("external_id");
    let book = site.connect(&settings);
    let account = nordwind(&*book).await;
    let (cx, mark) = write("create");
    fail(&site, "POST", &format!("{DATA}/sobjects/Task"), Fault::ApplyThenReset {}, 1);
    let lost = book.log_activity(&cx, &call_with(account.clone()), &mark).await.unwrap_err();
    assert_eq!(lost.code(), Code::OutcomeUnknown, "{lost:?}");
    let found = book.find_marked(&cx, ActivityKind::Call, &account, &mark).await.unwrap().unwrap();
    assert_eq!(found.subject.as_str(), "Lost answer");
    let creates = asked(&site).iter().filter(|a| a.ends_with("/sobjects/Task")).count();
    assert_eq!(creates, 1, "never sent twice");
}

#[tokio::test]
async fn a_key_is_one_records_own_and_what_was_made_is_not_lost_with_its_reading() {
    let site = Site::start().await;
    let book = site.book();
    let accounts = book.accounts(&cx(), &AccountQuery::default(), page(2)).await.unwrap().rows;
    let mut made = Vec::new();
    for (nth, account) in accounts.iter().enumerate() {
        let (cx, mark) = write(&format!("keyed {nth}"));
        let mark = Mark { external_key: Some("quarter".into()), ..mark };
        let new = call_with(account.id.native().to_owned());
        assert!(book.find_marked(&cx, new.kind, &new.about, &mark).await.unwrap().is_none());
        // The answer to the read that follows the write never comes.
        fail(&site, "GET", &format!("{DATA}/query"), refusal(400, "QUERY_TIMEOUT", "too long"), 1);
        made.push(book.log_activity(&cx, &new, &mark).await.unwrap());
        let found = book.find_marked(&cx, new.kind, &new.about, &mark).await.unwrap().unwrap();
        let last = made.last().unwrap();
        assert_eq!((&found.id, &found.subject, found.at), (&last.id, &last.subject, last.at));
    }
    assert_ne!(made[0].id, made[1].id);
}

#[tokio::test]
async fn failures_have_their_codes() {
    let site = Site::start().await;
    for (fault, code) in [
        (refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), Code::QuotaExhausted),
        (refusal(403, "INSUFFICIENT_ACCESS_OR_READONLY", "no"), Code::Permission),
        (refusal(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access"), Code::Conflict),
        (refusal(412, "PRECONDITION_FAILED", "modified"), Code::Conflict),
        (refusal(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "say why"), Code::InvalidArgument),
        (refusal(404, "ENTITY_IS_DELETED", "entity is deleted"), Code::NotFound),
        (refusal(500, "UNKNOWN_EXCEPTION", "oops"), Code::OutcomeUnknown),
    ] {
        // A fresh source each time: what one failure teaches must not hide the next.
        let book = site.book();
        let rows = book.opportunities(&cx(), &OpportunityQuery::default(), page(1)).await.unwrap().rows;
        let (cx, _) = write(code.as_str());
        let stage = book.stages(&cx, rows[0].id.native()).await.unwrap().remove(0);
        let change = StageChange { stage, amount: None, lost_reason: None };
        fail(&site, "PATCH", &format!("{DATA}/sobjects/Opportunity"), fault, 1);
        let error = book.change_stage(&cx, rows[0].id.native(), &change, None).await.unwrap_err();
        assert_eq!(error.code(), code, "{error:?}");
        site.simulator.control().clear_faults();
    }
}

#[tokio::test]
async fn too_many_at_a_time_passes_by_itself() {
    let site = Site::start().await;
    let book = site.book();
    let concurrent = "ConcurrentRequests (Concurrent API Requests) Limit exceeded.";
    fail(&site, "GET", &format!("{DATA}/query"), refusal(403, "REQUEST_LIMIT_EXCEEDED", concurrent), 1);
    assert_eq!(book.people(&cx(), "Ingrid Solheim").await.unwrap().len(), 1);
}

#[tokio::test]
async fn amounts_are_written_digit_by_digit_and_under_the_condition_of_what_was_read() {
    let site = Site::start().await;
    let book = site.book();
    let rows = book.opportunities(&cx(), &OpportunityQuery::default(), page(50)).await.unwrap().rows;
    let euros = rows.iter().find(|o| o.amount.is_some_and(|a| a.currency.code() == "EUR")).unwrap();
    let (cx, _) = write("amount");
    let stage = book.stages(&cx, euros.id.native()).await.unwrap();
    let stage = stage.into_iter().find(|s| s.standing == Standing::Open).unwrap();
    let amount = Some(Money::parse("123456789.01", "EUR").unwrap());
    let change = StageChange { stage, amount, lost_reason: None };
    let moved =
        book.change_stage(&cx, euros.id.native(), &change, euros.updated.map(|at| at.0)).await.unwrap();
    assert_eq!(moved.after.amount, amount);
    let sent = site.simulator.control().log(0).into_iter().find(|e| e.method == "PATCH").unwrap();
    assert!(sent.request_body.contains(r#""Amount":123456789.01"#), "{}", sent.request_body);
    let condition = euros.updated.unwrap().0.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    assert_eq!(sent.request_headers.get("if-unmodified-since"), Some(&condition));
}

#[tokio::test]
async fn a_record_type_admits_fewer_stages() {
    let site = Site::start().await;
    let book = site.book();
    let held = Holdings::of("salesforce");
    let of_kind = |renewal: bool, stage: &str| {
        let found = held.opportunities.iter().find(|o| (o.kind == "renewal") == renewal && o.stage == stage);
        found.unwrap().name.clone()
    };
    for (name, expected) in [(of_kind(false, "proposal"), 6), (of_kind(true, "proposal"), 4)] {
        let id = book.called(&cx(), Noun::Opportunity, &name).await.unwrap().remove(0).id;
        let stages = book.stages(&cx(), &id).await.unwrap();
        assert_eq!(stages.len(), expected, "{name}: {stages:?}");
        assert_eq!(stages.last().map(|s| s.standing), Some(Standing::Lost), "in their order");
    }
}

/// Lets the org describe itself once as if it had one currency.
fn has_one_currency(site: &Site) {
    let stage =
        json!({ "ApiName": "Proposal", "MasterLabel": "Proposal", "IsClosed": false, "IsWon": false });
    let parts = [
        json!({ "fields": [{ "name": "Id" }, { "name": "Amount" }] }),
        json!({ "totalSize": 1, "done": true, "records": [stage] }),
    ];
    let parts = parts.map(|body| json!({ "body": body, "httpStatusCode": 200, "referenceId": "x" }));
    let body = json!({ "compositeResponse": parts });
    let fault = Fault::Status { status: 200, headers: Default::default(), body: Some(body) };
    fail(site, "POST", &format!("{DATA}/composite"), fault, 1);
}

#[tokio::test]
async fn amounts_without_a_currency_are_neither_written_nor_filtered_by() {
    let site = Site::start().await;
    let book = site.book();
    has_one_currency(&site);
    let one = book.opportunities(&cx(), &OpportunityQuery::default(), page(1)).await.unwrap().rows.remove(0);
    assert_eq!((one.amount, one.currency), (None, None));
    let amount = Some(Money::parse("5000000", "JPY").unwrap());
    let query = OpportunityQuery { min_amount: amount, ..OpportunityQuery::default() };
    let error = book.opportunities(&cx(), &query, page(1)).await.unwrap_err();
    assert_eq!(error.code(), Code::UnsupportedFilter, "none would be a lie");
    let stage = book.stages(&cx(), one.id.native()).await.unwrap().remove(0);
    let change = StageChange { stage, amount, lost_reason: None };
    let error = book.change_stage(&write("blind").0, one.id.native(), &change, None).await.unwrap_err();
    assert_eq!(error.code(), Code::Unsupported);
    assert!(asked(&site).iter().all(|request| !request.starts_with("PATCH")));
}

#[tokio::test]
async fn an_org_of_one_currency_sums_by_itself() {
    let site = Site::start().await;
    let mut settings = site.settings();
    settings.rest.insert("currency".into(), "EUR".into());
    let book = site.connect(&settings);
    has_one_currency(&site);
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let (from, before) = (today, today.saturating_add(jiff::Span::new().days(400)));
    for group_by in [GroupBy::Stage, GroupBy::Owner, GroupBy::Forecast] {
        let shares = book.pipeline(&cx(), &PipelineQuery { from, before, group_by }).await.unwrap();
        assert!(shares.complete && shares.shares.iter().any(|share| share.count > 1), "{shares:?}");
        let amounts: Vec<Money> = shares.shares.iter().flat_map(|share| share.totals.iter()).collect();
        assert!(!amounts.is_empty() && amounts.iter().all(|m| m.currency.code() == "EUR"), "{shares:?}");
        assert!(amounts.iter().all(|m| m.amount.scale() == 2), "no digits of a double: {shares:?}");
    }
    let yen = OpportunityQuery {
        min_amount: Some(Money::parse("1", "JPY").unwrap()),
        ..OpportunityQuery::default()
    };
    assert!(book.opportunities(&cx(), &yen, page(5)).await.unwrap().rows.is_empty(), "it has no other");
    let sent = site.simulator.control().log(0);
    let queries: Vec<&str> = sent.iter().flat_map(|e| &e.query).map(|(_, q)| q.as_str()).collect();
    assert!(queries.iter().any(|q| q.contains("SUM(Amount) total")), "{queries:?}");
    assert!(queries.iter().all(|q| !q.contains("CurrencyIsoCode")), "{queries:?}");
}

#[tokio::test]
async fn a_list_ends_where_salesforce_ends_it() {
    let site = Site::start().await;
    let book = site.book();
    for (token, code) in [("2001", Code::TooBroad), ("x", Code::CursorExpired), ("-7", Code::CursorExpired)] {
        let fetch = Fetch { token: Some(token.into()), limit: 5 };
        let error = book.accounts(&cx(), &AccountQuery::default(), fetch).await.unwrap_err();
        assert_eq!(error.code(), code, "{token}");
    }
    let last = Fetch { token: Some("2000".into()), limit: 5 };
    assert!(book.accounts(&cx(), &AccountQuery::default(), last).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn urls_of_this_org_alone_are_recognized() {
    let site = Site::start().await;
    let book = site.book();
    let id = nordwind(&*book).await;
    let base = &site.running.base_url;
    for good in [
        id.clone(),
        id[..15].to_owned(),
        format!("https://halden.lightning.force.com/lightning/r/Account/{id}/view"),
        format!("https://halden.my.salesforce.com/{id}"),
        format!("{base}/lightning/r/Account/{id}/view?x=1"),
        format!("{base}/{id}"),
    ] {
        assert_eq!(book.recognize(Noun::ALL, &good).as_ref(), Some(&id), "{good}");
    }
    for other in [
        format!("https://other.lightning.force.com/lightning/r/Account/{id}/view"),
        format!("{base}/lightning/o/Account/list"),
        format!("{id}x"),
        "005gL000000000AAAA".into(),
    ] {
        assert_eq!(book.recognize(Noun::ALL, &other), None, "{other}");
    }
    assert!(
        book.people(&cx(), "Emre Yıldız").await.unwrap().is_empty(),
        "a customer in a portal is no colleague"
    );
}

/// What the simulator answers without a socket, to a client of another make.
fn sent(site: &Site, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let token = site.running.access_token.clone().unwrap();
    let request = http::Request::builder()
        .method(method)
        .uri(format!("{DATA}/{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("sforce-query-options", "batchSize=200")
        .body(bytes::Bytes::from(body.to_string()));
    let answer = site.simulator.reply(request.unwrap()).unwrap();
    (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
}

#[tokio::test]
async fn the_simulator_hands_out_long_results_in_pages() {
    let site = Site::start().await;
    for nth in 0..2 {
        let day = json!({ "attributes": { "type": "Task" }, "Subject": format!("Day {nth}"), "ActivityDate": "2020-01-01" });
        let (status, made) = sent(&site, "POST", "composite/sobjects", &json!({ "records": vec![day; 125] }));
        assert_eq!((status, made.as_array().unwrap().len(), &made[124]["success"]), (200, 125, &json!(true)));
    }
    let query = "query?q=SELECT+Id+FROM+Task+WHERE+ActivityDate+=+2020-01-01";
    let (status, first) = sent(&site, "GET", query, &Value::Null);
    assert_eq!((status, &first["totalSize"], &first["done"]), (200, &json!(250), &json!(false)));
    assert_eq!(first["records"].as_array().unwrap().len(), 200);
    let next = first["nextRecordsUrl"].as_str().unwrap().strip_prefix(&format!("{DATA}/")).unwrap();
    let (_, second) = sent(&site, "GET", next, &Value::Null);
    assert_eq!((second["records"].as_array().unwrap().len(), &second["done"]), (50, &json!(true)));
    let (status, lost) = sent(&site, "GET", "query/nothing-200", &Value::Null);
    assert_eq!((status, &lost[0]["errorCode"]), (400, &json!("INVALID_QUERY_LOCATOR")));
}

#[tokio::test]
async fn the_simulator_does_all_or_nothing_where_it_is_asked_to() {
    let site = Site::start().await;
    let part = |name: &str, url: &str, body: Value| json!({ "method": "POST", "url": format!("{DATA}/sobjects/{url}"), "referenceId": name, "body": body });
    let account = part("acme", "Account", json!({ "Name": "Acme" }));
    let contact = part("ann", "Contact", json!({ "LastName": "Lee", "AccountId": "@{acme.id}" }));
    let broken = part("bob", "Contact", json!({ "AccountId": "@{acme.id}" }));
    let count = || {
        sent(&site, "GET", "query?q=SELECT+COUNT()+FROM+Contact+WHERE+Account.Name+=+'Acme'", &Value::Null)
    };
    for (parts, statuses, contacts) in [
        (json!([account, contact, broken]), [400, 400, 400], 0),
        (json!([account, contact]), [201, 201, 0], 1),
    ] {
        let body = json!({ "allOrNone": true, "compositeRequest": parts });
        let (_, answer) = sent(&site, "POST", "composite", &body);
        for (part, status) in answer["compositeResponse"].as_array().unwrap().iter().zip(statuses) {
            assert_eq!(part["httpStatusCode"], status, "{answer}");
        }
        assert_eq!(count().1["totalSize"], contacts);
    }
    let query =
        json!({ "method": "GET", "url": format!("{DATA}/query?q=SELECT+Id+FROM+User"), "referenceId": "q" });
    let (status, refused) = sent(&site, "POST", "composite", &json!({ "compositeRequest": vec![query; 6] }));
    assert_eq!(
        (status, &refused[0]["errorCode"]),
        (400, &json!("INVALID_INPUT")),
        "five queries and no more"
    );
}

#[tokio::test]
async fn what_happened_years_ago_is_still_listed_and_what_was_deleted_is_not() {
    let site = Site::start().await;
    let book = site.book();
    let about = nordwind(&*book).await;
    let years = |n: i64| Timestamp::now() - SignedDuration::from_hours(24 * 365 * n + 24);
    let mut made = Vec::new();
    for (kind, key) in
        [(ActivityKind::Call, "call"), (ActivityKind::Meeting, "meeting"), (ActivityKind::Note, "note")]
    {
        let (cx, mark) = write(key);
        let new = NewActivity { kind, subject: key.into(), at: years(2), ..call_with(about.clone()) };
        made.push(book.log_activity(&cx, &new, &mark).await.unwrap().id.native().to_owned());
    }
    let note = made.pop().unwrap();
    assert_eq!(sent(&site, "DELETE", &format!("sobjects/Task/{note}"), &json!({})).0, 204);
    let query =
        ActivityQuery { about: Some(about.clone()), before: Some(years(1)), ..ActivityQuery::default() };
    let found = book.activities(&cx(), &query, page(10)).await.unwrap();
    assert_eq!(found.total.map(|total| total.count), Some(2));
    let mut rows: Vec<&str> = found.rows.iter().map(|row| row.id.native()).collect();
    rows.sort_unstable();
    made.sort_unstable();
    assert_eq!(rows, made);
    let want = BriefWant { sections: vec![Section::Activity], since: years(3), rows: 100 };
    let brief = book.brief(&cx(), &about, &want).await.unwrap().activity.unwrap();
    assert!(made.iter().all(|id| brief.iter().any(|row| row.id.native() == id)), "{brief:?}");
    assert!(brief.iter().all(|row| row.id.native() != note), "{brief:?}");
}

#[tokio::test]
async fn a_stage_says_what_it_makes_of_probability_and_forecast() {
    let site = Site::start().await;
    let book = site.book();
    let one = book.opportunities(&cx(), &OpportunityQuery::default(), page(1)).await.unwrap().rows.remove(0);
    let id = one.id.native();
    let by_hand = json!({ "Probability": 35, "ForecastCategoryName": "Omitted" });
    assert_eq!(sent(&site, "PATCH", &format!("sobjects/Opportunity/{id}"), &by_hand).0, 204);
    let stages = book.stages(&cx(), id).await.unwrap();
    let stage = stages.into_iter().find(|s| s.standing == Standing::Open && s.name != one.stage.as_str());
    let change = StageChange { stage: stage.unwrap(), amount: None, lost_reason: None };
    let moved = book.change_stage(&write("hand").0, id, &change, None).await.unwrap();
    let (before, after) = (&moved.before, &moved.after);
    assert_eq!(
        (before.probability, before.forecast.as_ref().map(|f| f.as_str())),
        (Some(35), Some("Omitted"))
    );
    assert_eq!(change.stage.probability, after.probability);
    assert_eq!(change.stage.forecast, after.forecast);
    let told = change.applied(before);
    assert_eq!((told.probability, told.forecast), (after.probability, after.forecast.clone()));
    assert!(after.probability.is_some() && after.forecast.is_some());
}
