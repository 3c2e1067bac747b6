use std::path::PathBuf;

use call::{Caller, CancellationToken, Scopes};
use error::{Code, Error};
use serde_json::{Value, json};
use tempfile::TempDir;
use tool::{Currency, Known, Meta, Money, Settle as _, Stakes, Sum, Within, WriteKind};

use super::{Granted, Rules};
use crate::config::PolicyTable;
use crate::offer::Mode;
use crate::trial::{Act, REAL, SANDBOX, Terms, Trial};

/// Files of policy that a test changes.
struct Files {
    home: TempDir,
    table: PolicyTable,
}

impl Files {
    /// Roles of which whoever calls locally has `clerk`.
    fn of(clerk: &str) -> Self {
        let home = TempDir::new().unwrap();
        let path = |name: &str| Some(home.path().join(name));
        let table = PolicyTable { roles: path("roles.toml"), freeze: path("freeze.toml") };
        let files = Self { home, table };
        files.say(clerk);
        std::fs::write(files.path("freeze.toml"), "").unwrap();
        files
    }

    fn say(&self, clerk: &str) {
        let text = format!(
            "domains = [\"shelf\"]\n[claims.method]\nlocal = [\"clerk\"]\n[role.clerk]\nabout = \"Works.\"\n{clerk}"
        );
        std::fs::write(self.path("roles.toml"), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }
}

/// An open house with these policy files.
fn ruled(mode: Mode, table: &PolicyTable) -> Trial {
    Trial::on(&Terms { mode, policy: table.clone(), ..Terms::default() })
}

/// Looks as often as it takes until a changed file is in force.
fn settle(trial: &Trial) {
    trial.front.rules.look();
    trial.front.rules.look();
}

const EVERYTHING: &str = "read = [\"*\"]\nwrite = [\"*\"]\n";

#[tokio::test]
async fn what_a_role_does_not_allow_is_unknown_and_the_record_says_why() {
    let trial =
        ruled(SANDBOX, &Files::of("read = [\"shelf:get_item\"]\nwrite = [\"shelf:add_item\"]\n").table);
    let specs = trial.front.catalogue.specs().iter();
    let local = Caller::local("local");
    let shown: Vec<&str> =
        specs.filter(|spec| trial.front.shows(spec, &local)).map(|spec| spec.meta.name).collect();
    assert_eq!(shown, ["get_item", "add_item"]);
    let hidden = trial.call("count_items", json!({})).await.unwrap_err();
    let absent = trial.call("count_things", json!({})).await.unwrap_err();
    assert_eq!((hidden.code(), absent.code()), (Code::UnknownTool, Code::UnknownTool));
    let hint = |error: &Error| error.wire("").alternative_tool;
    assert_eq!((hint(&hidden), hint(&absent)), (None, None), "a hidden tool is nobody's alternative");
    let record = trial.tape.records().remove(0);
    let decision = record.decision.unwrap();
    assert_eq!((decision.allow, decision.reasons[0].rule.as_str()), (false, "default"));
    assert!(decision.reasons[0].says.contains("clerk"));
    assert_eq!(record.result.unwrap().status, audit::Status::Denied);

    trial.call("get_item", json!({ "id": "shelf:1" })).await.unwrap();
    let decision = trial.tape.records().pop().unwrap().decision.unwrap();
    assert_eq!((decision.allow, decision.role.as_deref()), (true, Some("clerk")));
    assert!(decision.reasons[0].rule.contains("role.clerk.read"), "{decision:?}");
}

#[tokio::test]
async fn a_role_raises_the_consent_and_a_commit_asks_policy_again() {
    let asking = "consent = { \"shelf:add_item\" = \"preview\" }\n";
    let files = Files::of(&format!("{EVERYTHING}{asking}"));
    let trial = ruled(REAL, &files.table);
    let preview = async || {
        let shown = trial.call("add_item", json!({ "text": "vase" })).await.unwrap().value;
        assert_eq!(shown["status"], "preview", "{shown}");
        shown["plan"].as_str().unwrap().to_owned()
    };
    let commit = async |plan: &str| trial.call("add_item", json!({ "text": "vase", "plan": plan })).await;
    assert_eq!(commit(&preview().await).await.unwrap().value["status"], "committed");

    let plan = preview().await;
    files.say("read = [\"*\"]\nwrite = [\"shelf:set_item\"]\n");
    settle(&trial);
    assert_eq!(commit(&plan).await.unwrap_err().code(), Code::UnknownTool);
    files.say(&format!("{EVERYTHING}consent = {{ \"shelf:add_item\" = \"approve\" }}\n"));
    settle(&trial);
    assert_eq!(commit(&plan).await.unwrap_err().code(), Code::ApprovalRequired, "more is asked now");
    files.say("nonsense");
    settle(&trial);
    assert_eq!(
        commit(&plan).await.unwrap_err().code(),
        Code::ApprovalRequired,
        "a broken file changes nothing"
    );
    let done = trial.shelf.done();
    assert_eq!(done, 1, "one commit reached the shelf");
}

#[tokio::test]
async fn a_freeze_refuses_writes_and_not_their_previews_alone() {
    let files = Files::of(EVERYTHING);
    let trial = ruled(SANDBOX, &files.table);
    trial.front.rules.look();
    std::fs::write(files.path("freeze.toml"), "tools = [\"shelf:add_*\"]\nreason = \"stocktaking\"").unwrap();
    trial.front.rules.look();
    let error = trial.call("add_item", json!({ "text": "x" })).await.unwrap_err();
    assert_eq!(error.code(), Code::Frozen);
    assert!(error.message().contains("stocktaking"), "{error}");
    trial.call("set_item", json!({ "text": "x" })).await.unwrap();
    trial.call("get_item", json!({ "id": "shelf:1" })).await.unwrap();
    let record = trial.tape.records().remove(0);
    assert_eq!(record.decision.unwrap().reasons[0].rule, "control.freeze");
    assert_eq!(trial.shelf.seen().len(), 2, "the frozen one reached nobody");
}

#[tokio::test]
async fn scopes_and_roles_are_one_decision() {
    let trial = ruled(SANDBOX, &Files::of("read = [\"*\"]\n").table);
    let poor = Caller { scopes: Scopes::none(), ..Caller::local("local") };
    let code = async |tool: &str, arguments: Value| {
        let cx = call::Cx::new(tool, poor.clone(), call::Clock::for_test());
        let arguments = arguments.as_object().unwrap().clone();
        let call = tool::Call { tool: tool.to_owned(), arguments };
        trial.front.call(cx, call, &CancellationToken::new()).await.unwrap_err().code()
    };
    assert_eq!(code("get_item", json!({ "id": "shelf:1" })).await, Code::Permission, "a scope would help");
    assert_eq!(code("add_item", json!({ "text": "x" })).await, Code::UnknownTool, "no scope would");
    assert!(trial.shelf.seen().is_empty());
}

#[tokio::test]
async fn the_operator_looks_for_a_write_whatever_the_roles_say_now() {
    let files = Files::of(EVERYTHING);
    let trial = ruled(SANDBOX, &files.table);
    trial.shelf.then(Act::SendThenFail("POST", None, Error::new(Code::OutcomeUnknown, "lost")));
    let lost = trial.call("add_item", json!({ "text": "x", "idempotency_key": "k" })).await.unwrap_err();
    assert_eq!(lost.code(), Code::OutcomeUnknown);
    let operation = trial.shelf.seen()[0].operation.clone().unwrap();
    files.say("read = [\"*\"]\n");
    settle(&trial);
    assert_eq!(trial.refusal("add_item", json!({ "text": "y" })).await, Code::UnknownTool);
    trial.resume("add_item", &operation, json!({ "text": "x", "idempotency_key": "k" })).await.unwrap();
    assert!(trial.shelf.seen()[1].resumed);
}

#[tokio::test]
async fn a_replay_is_treated_for_whoever_reads_it_now() {
    let files = Files::of(&format!("{EVERYTHING}masks = {{ personal = \"mask\" }}\n"));
    let trial = ruled(SANDBOX, &files.table);
    let write = || json!({ "text": "x", "idempotency_key": "k" });
    trial.shelf.then(Act::SendThenFail("POST", None, Error::new(Code::OutcomeUnknown, "lost")));
    trial.call("add_item", write()).await.unwrap_err();
    let operation = trial.shelf.seen()[0].operation.clone().unwrap();
    trial.shelf.then(Act::Say("jane@acme.example wrote".into()));
    let found = trial.resume("add_item", &operation, write()).await.unwrap();
    assert_eq!(
        found.value["record"]["text"], "jane@acme.example wrote",
        "the operator's answer is the house's"
    );

    let replayed = async || {
        let answer = trial.call("add_item", write()).await.unwrap();
        assert_eq!(
            (&answer.value["status"], answer.value.to_string()),
            (&json!("replayed"), answer.text.clone())
        );
        answer.value["record"]["text"].clone()
    };
    assert_eq!(replayed().await, "j***@a***.example wrote");
    files.say(&format!("{EVERYTHING}masks = {{ personal = \"drop\" }}\n"));
    settle(&trial);
    assert_eq!(replayed().await, "[removed] wrote", "what is kept has no masks of its own");
}

#[tokio::test]
async fn a_role_says_what_becomes_of_a_field() {
    let files = Files::of(&format!("{EVERYTHING}fields = {{ \"shelf:text\" = \"drop\" }}\n"));
    let trial = ruled(SANDBOX, &files.table);
    trial.shelf.then(Act::Say("what nobody needs to know".into()));
    let answer = trial.call("get_item", json!({"id": "shelf:1"})).await.unwrap();
    assert!(!answer.text.contains("nobody needs"), "{}", answer.text);
}

const PAY: Meta = Meta::write("pay_back", "Pay back", "shelf:pay", WriteKind::Destructive).money();
const SHOW: Meta = Meta::read("show_item", "Show item", "shelf:read").placed();

/// Rules by which whoever calls locally has all of these roles, over the sources `live` and `test`.
fn of_many(roles: &[(&str, &str)]) -> Rules {
    let home = TempDir::new().unwrap();
    let path = home.path().join("roles.toml");
    let names: Vec<&str> = roles.iter().map(|(name, _)| *name).collect();
    let mut text = format!("domains = [\"shelf\"]\n[claims.method]\nlocal = {names:?}\n");
    for (name, more) in roles {
        text.push_str(&format!("[role.{name}]\nabout = \"Works.\"\n{EVERYTHING}{more}\n"));
    }
    std::fs::write(&path, text).unwrap();
    let house = policy::House {
        domain: "shelf".to_owned(),
        tools: vec![PAY, SHOW],
        fields: std::collections::BTreeSet::new(),
        sources: vec!["live".to_owned(), "test".to_owned()],
    };
    let table = PolicyTable { roles: Some(path), freeze: None };
    Rules::of(house, &table, REAL, call::Clock::for_test()).unwrap()
}

/// A call that was allowed by what its arguments say.
fn begun(rules: &Rules, tool: &Meta, stakes: Stakes) -> Granted {
    let cx = call::Cx::new(tool.name, Caller::local("local"), call::Clock::for_test());
    let granted = rules.ask(&cx, tool, stakes);
    assert!(granted.decision().is_allowed() && granted.is_open());
    granted
}

fn role(granted: &Granted) -> Option<String> {
    granted.decision().role.as_deref().map(str::to_owned)
}

#[test]
fn what_one_role_may_reach_another_may_not_pay_for() {
    let small = "ceilings = { \"shelf:pay_back\" = { EUR = \"200.00\" } }";
    let test = "ceilings = { \"shelf:pay_back\" = { EUR = \"5000.00\" } }\nsources = { shelf = [\"test\"] }";
    let rules = of_many(&[("small", small), ("test", test)]);
    let euros = |amount: &str| Known {
        place: None,
        money: Some(Money::new(amount.parse().unwrap(), Currency::parse("EUR").unwrap())),
    };
    let all_that_is_left = Stakes { money: Sum::Unknown, ..Stakes::default() };
    let granted = begun(&rules, &PAY, all_that_is_left.clone());
    assert_eq!(role(&granted).as_deref(), Some("small"), "every source is within its reach");
    granted.settle(&euros("150.00")).unwrap();
    let granted = begun(&rules, &PAY, all_that_is_left.clone());
    assert_eq!(granted.settle(&euros("4000.00")).unwrap_err().code(), Code::Permission);
    assert!(!granted.decision().is_allowed());
    // Whoever names the source is answered by the role that may pay there.
    let there = Stakes {
        sources: vec!["test".into()],
        money: Sum::of(euros("4000.00").money.unwrap()),
        ..all_that_is_left
    };
    let cx = call::Cx::new(PAY.name, Caller::local("local"), call::Clock::for_test());
    assert_eq!(role(&rules.ask(&cx, &PAY, there)).as_deref(), Some("test"));
}

#[test]
fn a_record_of_one_role_is_not_shown_with_the_masks_of_another() {
    let at = |place: &str, more: &str| format!("places = {{ shelf = [\"{place}\"] }}\n{more}");
    let (attic, barn) = (at("attic", ""), at("barn", ""));
    let cellar = at("cellar", "masks = { personal = \"drop\" }");
    let rules = of_many(&[("attic", &attic), ("barn", &barn), ("cellar", &cellar)]);
    let found = |place: &str| Known { place: Some(place.to_owned()), money: None };
    let begun = || begun(&rules, &SHOW, Stakes { place: Within::OfRecord, ..Stakes::default() });

    let granted = begun();
    granted.settle(&found("attic")).unwrap();
    assert_eq!(role(&granted).as_deref(), Some("attic"));
    let granted = begun();
    granted.settle(&found("barn")).expect("it would have been bound to the same");
    assert_eq!(role(&granted).as_deref(), Some("barn"));
    assert_eq!(begun().settle(&found("cellar")).unwrap_err().code(), Code::Permission);

    let granted = begun();
    granted.settle(&found("attic")).unwrap();
    assert!(granted.settle(&found("barn")).is_err(), "no role has both");
    assert!(!granted.decision().is_allowed());
}
