use std::sync::Arc;

use call::{Caller, Clock, Scopes};
use error::Error;
use serde_json::{Value, json};
use store::{Store, Tenants as _};
use tool::{Answer, Toolbox};

use super::*;
use crate::trial::{REAL, Terms as Held, Trial, catalog};

/// The tenants of a text, as a book that holds it says.
pub(crate) fn listed(text: &str, toolbox: &Arc<dyn Toolbox>, rates: &Rates) -> Tenants {
    let tenant = |terms: Terms| Tenant {
        toolbox: terms.sources.as_ref().map_or_else(|| toolbox.clone(), |sources| toolbox.within(sources)),
        rates: rates.with(&terms.limits),
        terms,
        domain: "shelf",
    };
    let terms = terms::parse(text).unwrap();
    Tenants::listed(terms.into_iter().map(|(name, terms)| (name, Arc::new(tenant(terms)))).collect())
}

const TWO: &str = r#"
[acme]
limits.caller = { per_second = 1, burst = 20 }
limits.day.caller = { calls = 50 }
[other]
tools = ["shelf:get_item", "shelf:burn_item", "shelf:sell_item", "shelf:put_item"]
[gone]
enabled = false
[poor]
sources = ["cellar"]
"#;

fn two() -> Trial {
    Trial::on(&Held { tenants: Some(TWO), mode: REAL, ..Held::default() })
}

/// Alice, who is known to one issuer in every tenant.
fn alice(tenant: &str) -> Caller {
    let tenant = Some(tenant.to_owned()).filter(|tenant| !tenant.is_empty());
    let issuer = Some("https://i.example".to_owned());
    Caller { tenant, issuer, scopes: Scopes::All, ..Caller::new("alice", "jwt") }
}

async fn call(trial: &Trial, tenant: &str, tool: &str, arguments: Value) -> Result<Answer, Error> {
    trial.call_by(&alice(tenant), "", tool, arguments).await
}

async fn read(trial: &Trial, tenant: &str) -> Result<Answer, Error> {
    call(trial, tenant, "get_item", json!({ "id": "shelf:1" })).await
}

fn code<T>(answer: Result<T, Error>) -> Code {
    answer.err().expect("this call must fail").code()
}

#[tokio::test(start_paused = true)]
async fn who_is_of_no_tenant_that_is_served_gets_nothing() {
    let trial = two();
    read(&trial, "acme").await.unwrap();
    for tenant in ["gone", "stranger", ""] {
        assert_eq!(code(read(&trial, tenant).await), Code::Permission, "{tenant:?}");
        let seen =
            trial.front.catalogue.specs().iter().filter(|spec| trial.front.shows(spec, &alice(tenant)));
        assert_eq!(seen.count(), 0, "{tenant:?} sees nothing");
        assert!(trial.front.toolbox(&alice(tenant)).await.is_err(), "{tenant:?} completes nothing");
    }
    let why = |tenant: &'static str| async { read(&two(), tenant).await.unwrap_err().message().to_owned() };
    assert_eq!(why("gone").await, why("stranger").await, "shut out and unknown look the same");
    trial.call("get_item", json!({ "id": "shelf:1" })).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_tenant_has_its_tools_and_the_others_are_unknown() {
    let trial = two();
    let hidden = call(&trial, "other", "set_item", json!({ "text": "x" })).await.unwrap_err();
    let none = call(&trial, "other", "sat_item", json!({ "text": "x" })).await.unwrap_err();
    for error in [&hidden, &none] {
        assert_eq!(error.code(), Code::UnknownTool);
        let near = error.wire("").alternative_tool;
        assert!(near.is_none_or(|near| near == "get_item"), "nothing that is hidden is named");
    }
    let seen = |tenant: &str| {
        let specs = trial.front.catalogue.specs().iter();
        specs.filter(|spec| trial.front.shows(spec, &alice(tenant))).map(|spec| spec.meta.name).collect()
    };
    let (all, some): (Vec<_>, Vec<_>) = (seen("acme"), seen("other"));
    assert_eq!((all.len(), some), (7, vec!["get_item", "add_item", "burn_item", "sell_item"]));
}

#[tokio::test(start_paused = true)]
async fn a_source_of_somebody_else_is_out_of_reach() {
    let trial = two();
    assert_eq!(code(read(&trial, "poor").await), Code::UnknownTool, "it has no source that could");
    assert!(trial.shelf.seen().is_empty());
    let toolbox = trial.front.toolbox(&alice("poor")).await.unwrap();
    assert!(toolbox.sources().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_one_tenants_is_nothing_to_the_other_with_the_same_subject() {
    let trial = two();
    // A plan, and one that waits for approval.
    for (tool, status) in [("burn_item", "preview"), ("sell_item", "pending_approval")] {
        let with = |plan: &Value| json!({ "text": "x", "plan": plan });
        let preview = call(&trial, "acme", tool, json!({ "text": "x" })).await.unwrap().value;
        assert_eq!(preview["status"], status);
        let foreign = call(&trial, "other", tool, with(&preview["plan"])).await.unwrap_err();
        let made_up = call(&trial, "other", tool, with(&json!("aaaaaaaaaaaaaaaaaaaaaaaaaa"))).await;
        assert_eq!(foreign.message(), made_up.unwrap_err().message());
        let own = call(&trial, "acme", tool, with(&preview["plan"])).await;
        match status {
            "preview" => assert_eq!(own.unwrap().value["status"], "committed"),
            _ => assert_eq!(code(own), Code::ApprovalRequired, "it is known to its own tenant"),
        }
    }
    // An idempotency key, and one that the server derives.
    for arguments in [json!({ "text": "y", "idempotency_key": "k" }), json!({ "text": "z" })] {
        for (tenant, status) in [("acme", "committed"), ("other", "committed"), ("acme", "replayed")] {
            let answer = call(&trial, tenant, "add_item", arguments.clone()).await.unwrap();
            assert_eq!(answer.value["status"], status, "{tenant} {arguments}");
        }
    }
    // A limit.
    while read(&trial, "acme").await.is_ok() {}
    for _ in 0..30 {
        read(&trial, "other").await.unwrap();
    }
    // A budget.
    while code(read(&trial, "acme").await) != Code::QuotaExhausted {
        tokio::time::advance(std::time::Duration::from_secs(60)).await;
        while read(&trial, "acme").await.is_ok() {}
    }
    read(&trial, "other").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_report_kept_for_one_tenant_is_not_the_others() {
    let trial = two();
    let count = async |tenant| call(&trial, tenant, "count_items", json!({})).await;
    count("acme").await.unwrap();
    count("acme").await.unwrap();
    assert_eq!(trial.shelf.seen().len(), 1);
    assert_eq!(code(count("other").await), Code::UnknownTool);
}

#[tokio::test(start_paused = true)]
async fn a_report_kept_under_other_terms_is_not_given_again() {
    let trial = two();
    let offer = trial.front.house().await.unwrap().offer.clone();
    let under = async |terms: &str| {
        let list = listed(terms, &offer.toolbox, &Rates::default()).0.unwrap().into_inner();
        offer.tenants.replace(Arc::unwrap_or_clone(list));
        let answer = call(&trial, "acme", "count_items", json!({})).await;
        (answer.is_ok(), trial.shelf.seen().len())
    };
    assert_eq!(under("[acme]").await, (true, 1));
    assert_eq!(under("[acme]\nlimits.day.caller = { calls = 60 }").await, (true, 1), "the first's");
    assert_eq!(under("[acme]\ndatamark = true").await, (true, 2));
    assert_eq!(under("[acme]\nsources = [\"shelf\"]").await, (true, 3));
    assert_eq!(under("[acme]").await, (true, 3), "what was kept for these terms");
}

fn toolbox() -> Arc<dyn Toolbox> {
    Arc::new(catalog()).bind(tool::Sources::new(Vec::new(), tool::Seal::ephemeral()))
}

fn knows(tenants: &Tenants, name: &str) -> bool {
    tenants.of(&alice(name)).is_ok()
}

#[tokio::test]
async fn a_file_is_followed_and_a_broken_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenants.toml");
    let write = |text: &str| std::fs::write(&path, text).unwrap();
    let book = || Book::new(Place::file(path.clone()), "shelf", toolbox(), Rates::default());
    assert!(book().open().await.err().unwrap().contains("tenants.toml` cannot be read"));
    write("[acme]\ntools = [\"shelf:get_itm\"]");
    let why = book().open().await.err().unwrap();
    assert!(why.contains("tenant `acme`") && why.contains("did you mean `shelf:get_item`?"), "{why}");

    write("[acme]");
    let book = book();
    let tenants = book.open().await.unwrap();
    assert!(knows(&tenants, "acme") && !knows(&tenants, "other"));
    assert!(!book.follow(&tenants).await.unwrap(), "nothing has changed");
    write("[acme]\nenabled = flase");
    assert!(!book.follow(&tenants).await.unwrap(), "perhaps it is being written");
    let why = book.follow(&tenants).await.unwrap_err();
    assert!(why.contains("line 2"), "{why}");
    assert!(knows(&tenants, "acme"));
    assert!(!book.follow(&tenants).await.unwrap(), "said once");
    write("[acme]\nsources = [\"cellar\"]");
    assert!(!book.follow(&tenants).await.unwrap());
    assert!(book.follow(&tenants).await.unwrap());
    write("[acme]");
    assert!(!book.follow(&tenants).await.unwrap(), "the rest may be about to come");
    assert!(tenants.of(&alice("acme")).unwrap().unwrap().terms.sources.is_some());
    write("[other]");
    assert!(!book.follow(&tenants).await.unwrap());
    assert!(book.follow(&tenants).await.unwrap());
    assert!(!knows(&tenants, "acme") && knows(&tenants, "other"));
}

#[tokio::test]
async fn documents_are_followed_and_a_broken_one_is_its_tenants_matter() {
    let store = Store::in_memory(Clock::for_test()).await.unwrap();
    let put = async |name: &str, document: Option<&str>| {
        store.put_tenant(name, None, document).await.unwrap();
    };
    put("acme", Some("{}")).await;
    put("broken", Some("{\"enabled\": 3}")).await;
    let book = Book::new(Place::Store(Arc::new(store.clone())), "shelf", toolbox(), Rates::default());
    let tenants = book.open().await.unwrap();
    assert!(knows(&tenants, "acme") && !knows(&tenants, "broken"));

    put("acme", Some("{\"tools\": [\"shelf:none\"]}")).await;
    put("other", Some("{}")).await;
    assert!(book.follow(&tenants).await.unwrap());
    assert!(knows(&tenants, "acme") && knows(&tenants, "other"), "what is broken leaves the old in force");
    put("acme", Some("{\"enabled\": false}")).await;
    put("other", None).await;
    book.follow(&tenants).await.unwrap();
    assert!(!knows(&tenants, "acme") && !knows(&tenants, "other"));
}
