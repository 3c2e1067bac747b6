//! The tools over the reference implementation: two desks, one call at a time, in microseconds.

use std::sync::Arc;

use call::{Caller, Clock, Cx, Operation};
use error::{Code, Error};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tool::testing::{self, Bench, cx, ids, resumed};
use tool::{Consent, Tool as _};

use super::catalog;
use super::post_incident_update::PostIncidentUpdate;
use crate::desk::{Able, Desk};
use crate::model::{Action, State, Urgency};
use crate::vendors::memory::Memory;

/// The domain over `now` (keeps promises and customers, but neither alerts nor rotas) and `pager` (the other way round).
fn desk() -> Bench {
    let now = Able { alerts: false, on_call: false, remediations: false, ..Able::ALL };
    let pager = Able {
        text: false,
        priority: false,
        customer: false,
        empty: &[],
        states: &[State::New, State::InProgress, State::Resolved],
        change_risk: false,
        slas: false,
        urgencies: &[Urgency::High, Urgency::Low],
        customer_updates: false,
        assign_group: false,
        close_code: false,
        ..Able::ALL
    };
    let source = |name: &str, able| {
        let port: Arc<Desk> = Arc::new(Memory::new(name, able));
        testing::source(name, port, Some("sandbox"))
    };
    Bench::new(catalog(), vec![source("now", now), source("pager", pager)])
}

async fn ask(tool: &str, arguments: Value) -> Value {
    desk().ask(tool, arguments).await
}

async fn refused(tool: &str, arguments: Value) -> Error {
    desk().refused(tool, arguments).await
}

fn statuses(page: &Value) -> Vec<&str> {
    page["sources"].as_array().unwrap().iter().map(|s| s["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_search_merges_both_desks_newest_first() {
    let page = ask("search_incidents", json!({"state": "open", "service": "checkout api"})).await;
    let mut found = ids(&page);
    found.sort_unstable();
    assert_eq!(found, ["now:INC0010023", "pager:INC0010023"]);
    assert!(page["items"][0].get("description").is_none(), "rows are rows");
    let full = ask("search_incidents", json!({"ids": ["now:INC0010031"], "detail": "full"})).await;
    assert_eq!(full["items"][0]["description"]["from"], "internal");
    assert_eq!(ids(&full).len(), 1);
}

#[tokio::test]
async fn a_filter_that_a_desk_lacks_costs_its_rows_and_is_said() {
    for filter in [
        json!({"priority": "p1"}),
        json!({"text": "pool"}),
        json!({"customer": "nordwind.example"}),
        json!({"where_empty": "assignee"}),
        json!({"state": "on_hold"}),
    ] {
        let page = ask("search_incidents", filter.clone()).await;
        assert!(
            !ids(&page).is_empty() && ids(&page).iter().all(|id| id.starts_with("now:")),
            "{filter}: {page}"
        );
        assert_eq!(statuses(&page), ["ok", "unsupported_filter"], "{filter}");
        let mut alone = filter.clone();
        alone["source"] = json!("pager");
        assert_eq!(refused("search_incidents", alone).await.code(), Code::UnsupportedFilter, "{filter}");
    }
}

#[tokio::test]
async fn a_customer_comes_under_any_of_its_keys_and_the_answer_says_which() {
    for (text, by) in [("Nordwind Handel AG", "name"), ("nordwind.example", "domain"), ("now:nordwind", "id")]
    {
        let page = ask("search_incidents", json!({"customer": text})).await;
        assert_eq!(ids(&page), ["now:INC0010023"], "{text}");
        let meant = json!([{"id": "now:nordwind", "name": "Nordwind Handel AG", "matched_by": by}]);
        assert_eq!(page["customers"], meant, "{text}");
    }
    for nobody in [json!({"customer": "Nobody Inc"}), json!({"customer": "Nobody Inc", "source": "now"})] {
        assert_eq!(refused("search_incidents", nobody).await.code(), Code::NotFound);
    }
}

#[tokio::test]
async fn related_ones_are_found_at_every_desk_by_service_and_error_code() {
    for (cause, shows_own) in [("now:INC0010023", false), ("pager:A-2", true)] {
        let page = ask("search_incidents", json!({"related_to": cause})).await;
        assert!(ids(&page).contains(&"now:INC0010007"), "{cause}: {page}");
        assert!(ids(&page).contains(&"pager:INC0010007"), "{cause}: {page}");
        let own = if cause.starts_with("now") { "now:INC0010023" } else { "pager:INC0010023" };
        assert_eq!(
            ids(&page).contains(&own),
            shows_own,
            "an incident is not like itself, an alert is of its incident"
        );
        assert_eq!(page["items"][0]["relation"], "same service");
    }
}

#[tokio::test]
async fn references_come_in_every_form() {
    for reference in ["now:INC0010023", "https://now.example/INC0010023"] {
        let context = ask("get_incident_context", json!({"incident": reference})).await;
        assert_eq!(context["incident"]["id"], "now:INC0010023", "{reference}");
    }
    for (reference, code) in [
        ("INC0010023", Code::AmbiguousReference),
        ("ledger batch HANGS", Code::AmbiguousReference),
        ("now:INC9999999", Code::NotFound),
        ("https://elsewhere.example/INC0010023", Code::NotFound),
        ("No such title anywhere", Code::NotFound),
        ("other:INC0010023", Code::InvalidArgument),
        ("now:../../secret", Code::NotFound),
    ] {
        assert_eq!(
            refused("get_incident_context", json!({"incident": reference})).await.code(),
            code,
            "{reference}"
        );
    }
    for service in ["Checkout API", "checkout", "now:checkout"] {
        let page = ask("search_incidents", json!({"service": service, "source": "now"})).await;
        assert_eq!(ids(&page), ["now:INC0010023", "now:INC0010007"], "{service}");
    }
    assert_eq!(refused("search_incidents", json!({"service": "now:nothing"})).await.code(), Code::NotFound);
    let several = refused("search_incidents", json!({"group": "Night Watch", "source": "now"})).await;
    assert_eq!((several.code(), several.wire("").candidates.len()), (Code::AmbiguousReference, 2));
    let near = refused("search_incidents", json!({"service": "Checkuot API"})).await;
    assert_eq!(near.wire("").candidates[0].label, "Checkout API (checkout)", "{near:?}");
}

#[tokio::test]
async fn pages_continue_and_belong_to_their_query() {
    let desk = desk();
    let page = |arguments| {
        let desk = desk.clone();
        async move { desk.run(&cx("search_incidents", "k"), arguments).await }
    };
    let first = page(json!({"state": "closed", "limit": 5, "source": "now"})).await.unwrap().value;
    let cursor = first["next_cursor"].clone();
    let second = json!({"state": "closed", "limit": 5, "source": "now", "cursor": cursor});
    let second = page(second).await.unwrap().value;
    assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)));
    let other = json!({"state": "open", "limit": 5, "source": "now", "cursor": cursor});
    assert_eq!(page(other).await.unwrap_err().code(), Code::CursorExpired);
}

#[tokio::test]
async fn a_period_is_the_same_on_every_page() {
    let desk = desk();
    let page = |hours, cursor: Value| {
        let clock = Clock::starting_at(Timestamp::now() + SignedDuration::from_hours(hours));
        let cx = Cx::new("search_incidents", Caller::local("agent"), clock);
        let asked = json!({"opened_after": "PT24H", "limit": 1, "source": "now", "cursor": cursor});
        let desk = desk.clone();
        async move { desk.run(&cx, asked).await.unwrap().value }
    };
    let first = page(0, Value::Null).await;
    let second = page(20, first["next_cursor"].clone()).await;
    assert_eq!([ids(&first), ids(&second)], [["now:INC0010023"], ["now:INC0010031"]]);
}

#[tokio::test]
async fn a_context_joins_what_the_desks_know_and_names_what_is_missing() {
    let context = ask("get_incident_context", json!({"incident": "now:INC0010023"})).await;
    assert_eq!(context["slas"].as_array().unwrap().len(), 3);
    assert!(
        context["alerts"][0]["id"].as_str().unwrap().starts_with("pager:"),
        "its own desk keeps none: {context}"
    );
    assert_eq!(context["on_call"][0]["person"], "Chidi Okafor");
    assert_eq!(context["missing"][0]["section"], "remediations");
    let changes: Vec<_> = context["changes"].as_array().unwrap().iter().map(|c| c["id"].clone()).collect();
    assert!(changes.contains(&json!("now:CHG0030112")) && changes.contains(&json!("pager:CHG0030112")));
    let pager = ask("get_incident_context", json!({"incident": "pager:INC0010023"})).await;
    assert_eq!(pager["remediations"][0]["id"], "pager:restart-checkout");
    assert_eq!(
        pager["missing"][0],
        json!({
            "section": "slas", "code": "unsupported", "message": "no configured source can tell"
        })
    );
}

#[tokio::test]
async fn a_long_incident_is_shortened_to_the_budget_and_says_so() {
    let context = ask("get_incident_context", json!({"incident": "now:INC0010040", "max_bytes": 3072})).await;
    assert!(context.to_string().len() <= 3072, "{}", context.to_string().len());
    assert_eq!(context["truncated"], true);
    assert!(context["incident"]["description"]["flags"].as_array().unwrap().contains(&json!("cut")));
}

#[tokio::test]
async fn hidden_orders_are_data_and_visible() {
    let context = ask("get_incident_context", json!({"incident": "now:INC0010031"})).await;
    let text = context["incident"]["description"].to_string();
    assert!(
        text.contains("untrusted") && text.contains("hidden_characters") && text.contains("html_comments")
    );
    assert!(!text.contains("SYSTEM:") && !text.contains('\u{202e}'), "{text}");
}

#[tokio::test]
async fn evidence_counts_and_samples() {
    let evidence =
        ask("get_alert_evidence", json!({"service": "Checkout API", "samples": 1, "source": "pager"})).await;
    assert_eq!((&evidence["count"], &evidence["firing"]), (&json!(3), &json!(2)));
    assert_eq!(evidence["groups"][0]["count"], 3);
    assert_eq!(evidence["samples"][0]["key"], "checkout/pool");
    assert_eq!(evidence["complete"], true);
    let elsewhere = ask("get_alert_evidence", json!({"incident": "now:INC0010023"})).await;
    assert_eq!(elsewhere["count"], 3, "its own desk keeps none, the other knows the service: {elsewhere}");
    let early = json!({"service": "pager:checkout", "before": "PT1H"});
    assert_eq!(ask("get_alert_evidence", early).await["count"], 2);
    for wrong in [json!({}), json!({"incident": "now:INC0010023", "service": "checkout"})] {
        assert_eq!(refused("get_alert_evidence", wrong).await.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn the_other_reads_answer() {
    let changes = ask("list_service_changes", json!({"service": "checkout", "risk": "high"})).await;
    assert_eq!(ids(&changes), ["now:CHG0030112"]);
    assert_eq!(statuses(&changes), ["ok", "unsupported_filter"]);
    let on_call = ask("get_on_call", json!({"group": "Payments Operations"})).await;
    assert_eq!(on_call["on_call"][1]["level"], 2);
    assert_eq!(statuses(&on_call), ["unsupported", "ok"]);
    assert_eq!(ask("get_on_call", json!({"service": "checkout", "at": "P2D"})).await["on_call"], json!([]));
    let due = |page: Value| ids(&page).iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    assert_eq!(due(ask("list_sla_breaches", json!({})).await), ["now:S2", "now:S1"]);
    assert_eq!(due(ask("list_sla_breaches", json!({"within_minutes": 0})).await), ["now:S2"]);
}

#[tokio::test]
async fn a_dedup_key_opens_once_while_it_is_open() {
    let desk = desk();
    let new = json!({"dedup_key": "checkout/pool", "service": "pager:checkout", "title": "Pool is dry",
        "urgency": "high", "evidence": ["https://grafana.example/d/1", "pager:A-2"]});
    let open = |key| {
        let (desk, new) = (desk.clone(), new.clone());
        async move { desk.run(&cx("open_incident", key), new).await.unwrap() }
    };
    let first = open("a").await;
    assert_eq!(first.value["status"], "committed");
    assert!(first.value["record"]["description"]["untrusted"].as_str().unwrap().contains("grafana"));
    assert_eq!(first.facts.unwrap().target.to_string(), first.value["record"]["id"].as_str().unwrap());
    let again = open("b").await.value;
    assert_eq!(
        (&again["status"], &again["record"]["id"]),
        (&json!("replayed"), &first.value["record"]["id"])
    );
    let resolve = first.value["undo"]["args"].clone();
    desk.run(&cx("change_incident_state", "undo"), resolve).await.unwrap();
    assert_eq!(open("c").await.value["status"], "committed", "what is resolved can be back");
}

#[tokio::test]
async fn an_agent_in_a_loop_is_stopped() {
    let desk = desk();
    for n in 0..4 {
        let new = json!({"dedup_key": format!("k{n}"), "service": "pager:checkout", "title": "x", "urgency": "high"});
        let opened = desk.run(&cx("open_incident", &n.to_string()), new).await;
        match n {
            3 => assert_eq!(opened.unwrap_err().code(), Code::QuotaExhausted),
            _ => drop(opened.unwrap()),
        }
    }
}

#[tokio::test]
async fn escalating_wakes_people_too() {
    let desk = desk();
    for n in 0..4 {
        let escalate = json!({"incident": "pager:INC0010023", "action": "escalate"});
        let done = desk.run(&cx("change_incident_state", &n.to_string()), escalate).await;
        match n {
            3 => assert_eq!(done.unwrap_err().code(), Code::QuotaExhausted),
            _ => drop(done.unwrap()),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_refused() {
    for (wrong, code) in [
        (json!({"service": "checkout"}), Code::AmbiguousReference),
        (json!({"service": "pager:checkout", "urgency": "medium"}), Code::Unsupported),
        (json!({"service": "pager:checkout", "evidence": ["javascript:alert(1)"]}), Code::InvalidArgument),
        (json!({"service": "pager:checkout", "dedup_key": " "}), Code::InvalidArgument),
    ] {
        let mut new = json!({"dedup_key": "k", "title": "x", "urgency": "high"});
        for (name, value) in wrong.as_object().unwrap() {
            new[name] = value.clone();
        }
        assert_eq!(refused("open_incident", new).await.code(), code, "{wrong}");
    }
}

#[tokio::test]
async fn what_a_write_would_do_is_shown_and_not_done() {
    desk()
        .previews(&[
            (
                "open_incident",
                json!({"dedup_key": "storm", "service": "pager:checkout", "title": "x", "urgency": "high"}),
            ),
            (
                "post_incident_update",
                json!({"incident": "now:INC0010023", "text": "Rolled back.", "audience": "internal"}),
            ),
            (
                "run_remediation",
                json!({"incident": "pager:INC0010023", "remediation": "restart checkout api"}),
            ),
            ("change_incident_state", json!({"incident": "now:INC0010031", "action": "acknowledge"})),
        ])
        .await;
}

/// What a write would do.
async fn shown(desk: &Bench, tool: &str, arguments: Value) -> Value {
    let preview = Operation::derive(&[tool], "k").preview();
    desk.run(&cx(tool, "k").with_operation(preview), arguments).await.unwrap().value
}

#[tokio::test]
async fn the_group_is_shown_by_name_and_id() {
    let assign = json!({"incident": "now:INC0010031", "action": "assign", "group": "watch-east"});
    let shown = shown(&desk(), "change_incident_state", assign).await;
    assert_eq!(
        shown["change"]["fields"][1],
        json!({"field": "group", "after": "Night Watch (now:watch-east)"})
    );
}

#[tokio::test]
async fn all_that_will_be_written_is_shown() {
    let desk = desk();
    for (tool, arguments, fields) in [
        (
            "open_incident",
            json!({"dedup_key": "k", "service": "pager:checkout", "title": "x", "urgency": "high",
                "description": "It is down.", "evidence": ["https://grafana.example/d/1", "pager:A-2"]}),
            json!([
                {"field": "title", "after": "x"},
                {"field": "urgency", "after": "high"},
                {"field": "description", "after": "It is down."},
                {"field": "evidence", "after": "https://grafana.example/d/1"},
                {"field": "evidence", "after": "pager:A-2"},
            ]),
        ),
        (
            "post_incident_update",
            json!({"incident": "now:INC0010023", "text": "Rolled back.", "audience": "customer"}),
            json!([{"field": "text", "after": "Rolled back."}, {"field": "audience", "after": "customer"}]),
        ),
    ] {
        let shown = shown(&desk, tool, arguments.clone()).await;
        assert_eq!(shown["change"]["fields"], fields, "{tool}");
        let done = desk.run(&cx(tool, "k"), arguments).await.unwrap();
        assert_eq!(done.value["change"]["fields"], fields, "{tool}");
        assert_eq!(done.facts.unwrap().changes.len(), fields.as_array().unwrap().len(), "{tool}");
    }
}

#[test]
fn what_customers_read_leaves_the_company() {
    for (audience, outside) in [("internal", None), ("customer", Some(tool::Audience::Outside))] {
        let update = json!({"incident": "now:INC0010023", "text": "hi", "audience": audience});
        let update: PostIncidentUpdate = serde_json::from_value(update).unwrap();
        assert_eq!(update.stakes().audience, outside, "{audience}");
    }
}

#[tokio::test]
async fn a_resumed_write_looks_and_never_sends() {
    let desk = desk();
    let new = json!({"dedup_key": "storm", "service": "pager:checkout", "title": "x", "urgency": "high"});
    let update = json!({"incident": "now:INC0010023", "text": "Rolled back.", "audience": "internal"});
    let restart = json!({"incident": "pager:INC0010023", "remediation": "restart checkout api"});
    for (tool, arguments) in
        [("open_incident", new), ("post_incident_update", update), ("run_remediation", restart)]
    {
        let lost = desk.run(&resumed(tool, "lost"), arguments.clone()).await.unwrap_err();
        assert_eq!(lost.code(), Code::OutcomeUnknown, "{tool}");
        assert!(lost.wire("").operation.is_some());
        desk.run(&cx(tool, "arrived"), arguments.clone()).await.unwrap();
        let found = desk.run(&resumed(tool, "arrived"), arguments).await.unwrap().value;
        assert_eq!(found["status"], "replayed", "{tool}");
    }
}

#[tokio::test]
async fn states_change_as_far_as_the_desk_allows() {
    let change = |arguments| ask("change_incident_state", arguments);
    let taken = change(json!({"incident": "now:INC0010031", "action": "acknowledge"})).await;
    assert_eq!(taken["record"]["state"], "in_progress");
    assert_eq!(taken["change"]["fields"][0]["before"], "New");
    let there = change(json!({"incident": "now:INC0010023", "action": "acknowledge"})).await;
    assert_eq!(there["status"], "committed", "it was so already");
    let given =
        change(json!({"incident": "now:INC0010023", "action": "assign", "assignee": "Chidi Okafor"})).await;
    assert_eq!(given["record"]["assignees"], json!(["Chidi Okafor"]));
    assert_eq!(given["undo"]["args"]["assignee"], "ana");
    let done = json!({"incident": "now:INC0010023", "action": "resolve", "close_code": "fixed", "notes": "Rolled back."});
    assert_eq!(change(done).await["record"]["state"], "resolved");
}

#[tokio::test]
async fn a_change_that_is_not_allowed_says_what_is() {
    let closed = json!({"incident": "now:INC0020003", "action": "escalate"});
    assert_eq!(refused("change_incident_state", closed).await.code(), Code::Conflict);
    for (mut wrong, code) in [
        (json!({"action": "resolve", "notes": "x"}), Code::InvalidArgument),
        (json!({"action": "resolve", "close_code": "Fixed"}), Code::InvalidArgument),
        (json!({"action": "assign"}), Code::InvalidArgument),
        (json!({"action": "escalate", "assignee": "me"}), Code::InvalidArgument),
        (json!({"action": "assign", "assignee": "Ana Ruiz"}), Code::AmbiguousReference),
        (json!({"action": "assign", "group": "pager:platform"}), Code::InvalidArgument),
        (json!({"action": "assign", "group": "Night Watch"}), Code::AmbiguousReference),
    ] {
        wrong["incident"] = json!("now:INC0010023");
        assert_eq!(refused("change_incident_state", wrong.clone()).await.code(), code, "{wrong}");
    }
    let codes =
        json!({"incident": "now:INC0010023", "action": "resolve", "close_code": "Magic", "notes": "x"});
    assert_eq!(refused("change_incident_state", codes).await.wire("").allowed, ["Fixed", "Workaround"]);
    let unknown = json!({"incident": "now:INC0010023", "action": "escalate"});
    let fate = desk().run(&resumed("change_incident_state", "k"), unknown).await.unwrap_err();
    assert_eq!(
        fate.code(),
        Code::OutcomeUnknown,
        "nobody is called twice: {Action:?}",
        Action = Action::Escalate
    );
}

#[tokio::test]
async fn only_what_is_on_offer_can_be_run() {
    let run = ask(
        "run_remediation",
        json!({"incident": "pager:INC0010023", "remediation": "pager:restart-checkout"}),
    )
    .await;
    assert_eq!(run["record"]["remediation"]["name"], "Restart Checkout API");
    let other =
        refused("run_remediation", json!({"incident": "pager:INC0010023", "remediation": "rm -rf /"})).await;
    assert_eq!((other.code(), other.wire("").candidates.len()), (Code::NotFound, 1));
    let elsewhere = json!({"incident": "pager:INC0010031", "remediation": "restart-checkout"});
    assert_eq!(refused("run_remediation", elsewhere).await.code(), Code::NotFound, "of another service");
    let unable = json!({"incident": "now:INC0010023", "remediation": "restart-checkout"});
    assert_eq!(refused("run_remediation", unable).await.code(), Code::Unsupported);
}

#[tokio::test]
async fn what_customers_read_needs_a_person() {
    let desk = desk();
    let level = |tool: &str, arguments: Value| desk.consent(tool, arguments);
    let update = |audience: &str| json!({"incident": "now:INC0010023", "text": "hi", "audience": audience});
    assert_eq!(level("post_incident_update", update("internal")), Consent::None);
    assert_eq!(level("post_incident_update", update("customer")), Consent::Confirm);
    assert_eq!(level("run_remediation", json!({"incident": "x", "remediation": "y"})), Consent::Approve);
    assert_eq!(
        level("change_incident_state", json!({"incident": "x", "action": "resolve"})),
        Consent::Preview
    );
    let unreachable = json!({"incident": "pager:INC0010023", "text": "hi", "audience": "customer"});
    assert_eq!(refused("post_incident_update", unreachable).await.code(), Code::Unsupported);
    assert_eq!(ask("post_incident_update", update("customer")).await["record"]["audience"], "customer");
}

#[tokio::test]
async fn a_page_of_ten_rows_is_cheap() {
    let page = ask("search_incidents", json!({"limit": 10, "source": "now"})).await;
    let tokens = page.to_string().len() / 4;
    assert!(tokens <= 900, "{tokens} tokens");
}

/// Vendor texts are `FreeText` or `Label`; these are of the domain's own making.
#[test]
fn every_text_of_an_output_is_marked_or_ours() {
    const OURS: &[&str] = &[
        "at",
        "audience",
        "due",
        "end",
        "first",
        "group_id",
        "incident",
        "last",
        "opened",
        "priority",
        "raised",
        "resolved",
        "risk",
        "section",
        "service_id",
        "severity",
        "start",
        "started",
        "state",
        "updated",
        "urgency",
    ];
    testing::assert_texts_are_marked(&catalog(), OURS);
}

#[test]
fn the_catalogue_is_small_and_plain() {
    testing::assert_small_and_plain(&catalog());
}
