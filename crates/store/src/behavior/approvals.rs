use std::time::Duration;

use error::Code;

use super::{on_every_engine, others, place::Place, scope};
use crate::{Approval, Approvals, Decision, Request, Scope, Standing, Store, Verdict};

on_every_engine!(
    a_request_is_decided_and_used_once,
    nobody_approves_their_own,
    of_many_deciders_one_decides,
    a_refusal_stands,
    it_expires_and_may_be_asked_for_again,
    tenants_see_their_own,
    the_list_goes_on_where_it_was_left,
    a_caller_has_so_many_open_and_no_more,
    what_waits_is_found_by_its_arguments,
);

const DECIDED: &str = "2026-11-21T10:00:00.25Z";
const HOUR: Duration = Duration::from_secs(3600);

async fn ask(store: &Store, digest: &str) -> error::Result<Approval> {
    ask_for(store, &scope(), "op", digest).await
}

async fn ask_for(store: &Store, scope: &Scope, operation: &str, digest: &str) -> error::Result<Approval> {
    let request = Request { scope, operation, digest, shown: b"a -> b", plan: Some("plan"), expiry: HOUR };
    store.request(request).await
}

async fn decide(store: &Store, id: &str, approver: &str, verdict: Verdict) -> error::Result<Approval> {
    let at = DECIDED.parse().unwrap();
    let decision = Decision { approver, verdict, reason: Some("seen"), at, signature: b"\0signed" };
    store.decide("acme", id, decision).await
}

async fn a_request_is_decided_and_used_once(place: Place) {
    let (here, there) = (place.open().await, place.open().await);
    let asked = ask(&here, "d").await.unwrap();
    assert_eq!(ask(&there, "d").await.unwrap(), asked, "asked again, it is the same request");
    assert_eq!(ask(&there, "e").await.unwrap_err().code(), Code::IdempotencyConflict);
    assert_eq!(there.waiting("acme", None, 10).await.unwrap(), std::slice::from_ref(&asked));
    assert!(!here.redeem(&scope(), "op", "d").await.unwrap(), "nobody has decided");

    let approved = decide(&there, &asked.id, "https://idp#carol", Verdict::Approve).await.unwrap();
    assert_eq!(approved.standing, Standing::Approved);
    assert_eq!(approved.decided_at, Some(DECIDED.parse().unwrap()), "the time that was signed");
    assert_eq!(approved.signature.as_deref(), Some(b"\0signed".as_slice()));
    assert_eq!(here.approval("acme", &asked.id).await.unwrap().unwrap(), approved);
    assert!(here.waiting("acme", None, 10).await.unwrap().is_empty());
    for other in others() {
        assert!(!here.redeem(&other, "op", "d").await.unwrap());
    }
    assert!(!here.redeem(&scope(), "op", "e").await.unwrap(), "other arguments were not approved");
    assert!(here.redeem(&scope(), "op", "d").await.unwrap());
    assert!(!there.redeem(&scope(), "op", "d").await.unwrap(), "once");
    let used = there.asked(&scope(), "op").await.unwrap().unwrap();
    assert_eq!((&used.id, used.standing), (&asked.id, Standing::Redeemed));
    for other in others() {
        assert!(there.asked(&other, "op").await.unwrap().is_none());
    }
    assert_ne!(ask(&here, "d").await.unwrap().id, asked.id);
}

async fn nobody_approves_their_own(place: Place) {
    let store = place.open().await;
    let asked = ask(&store, "d").await.unwrap();
    for verdict in [Verdict::Approve, Verdict::Deny] {
        let refused = decide(&store, &asked.id, scope().caller(), verdict).await.unwrap_err();
        assert_eq!(refused.code(), Code::Permission);
    }
    assert_eq!(store.approval("acme", &asked.id).await.unwrap().unwrap().standing, Standing::Open);
}

async fn of_many_deciders_one_decides(place: Place) {
    let replicas = [place.open().await, place.open().await];
    let id = ask(&replicas[0], "d").await.unwrap().id;
    let deciders = (0..20).map(|n| {
        let (store, id) = (replicas[n % 2].clone(), id.clone());
        let verdict = if n % 3 == 0 { Verdict::Deny } else { Verdict::Approve };
        tokio::spawn(async move { decide(&store, &id, &format!("person {n}"), verdict).await })
    });
    let mut decided = Vec::new();
    for decider in deciders.collect::<Vec<_>>() {
        match decider.await.unwrap() {
            Ok(approval) => decided.push(approval),
            Err(error) => assert_eq!(error.code(), Code::Conflict),
        }
    }
    assert_eq!(decided.len(), 1);
    assert_eq!(replicas[1].approval("acme", &id).await.unwrap().unwrap(), decided[0]);
}

async fn a_refusal_stands(place: Place) {
    let store = place.open().await;
    let id = ask(&store, "d").await.unwrap().id;
    decide(&store, &id, "carol", Verdict::Deny).await.unwrap();
    let again = ask(&store, "d").await.unwrap();
    assert_eq!((again.standing, again.reason.as_deref()), (Standing::Denied, Some("seen")));
    assert!(!store.redeem(&scope(), "op", "d").await.unwrap());
    assert_eq!(ask(&place.open_after(HOUR * 2).await, "d").await.unwrap().standing, Standing::Denied);
}

async fn it_expires_and_may_be_asked_for_again(place: Place) {
    let store = place.open().await;
    let late = place.open_after(HOUR * 2).await;
    let id = ask(&store, "d").await.unwrap().id;
    assert_eq!(late.approval("acme", &id).await.unwrap().unwrap().standing, Standing::Expired);
    assert!(late.waiting("acme", None, 10).await.unwrap().is_empty());
    assert_eq!(decide(&late, &id, "carol", Verdict::Approve).await.unwrap_err().code(), Code::Conflict);
    decide(&store, &id, "carol", Verdict::Approve).await.unwrap();
    assert!(!late.redeem(&scope(), "op", "d").await.unwrap(), "approved in time and used too late");
    let again = ask(&late, "d").await.unwrap();
    assert_eq!((again.standing, again.approver.as_deref()), (Standing::Open, None));
}

async fn tenants_see_their_own(place: Place) {
    let store = place.open().await;
    let id = ask(&store, "d").await.unwrap().id;
    assert!(store.approval("globex", &id).await.unwrap().is_none());
    assert!(store.waiting("globex", None, 10).await.unwrap().is_empty());
    let at = DECIDED.parse().unwrap();
    let decision = Decision { approver: "eve", verdict: Verdict::Approve, reason: None, at, signature: b"" };
    assert_eq!(store.decide("globex", &id, decision).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(
        decide(&store, "' OR ''='", "eve", Verdict::Approve).await.unwrap_err().code(),
        Code::NotFound
    );
}

async fn the_list_goes_on_where_it_was_left(place: Place) {
    let store = place.open().await;
    for n in 0..5 {
        ask_for(&store, &scope(), &format!("op {n}"), "d").await.unwrap();
    }
    let all = store.waiting("acme", None, 10).await.unwrap();
    let first = store.waiting("acme", None, 2).await.unwrap();
    let left = first[1].place();
    decide(&store, &first[1].id, "carol", Verdict::Deny).await.unwrap();
    let rest = store.waiting("acme", Some(&left), 10).await.unwrap();
    assert_eq!([first, rest].concat(), all, "whatever became of the one before");
    assert!(store.waiting("acme", Some(&all[4].place()), 10).await.unwrap().is_empty());
    assert!(store.waiting("globex", Some(&left), 10).await.unwrap().is_empty());
}

async fn a_caller_has_so_many_open_and_no_more(place: Place) {
    let replicas = [place.open().await, place.open().await];
    let calls = (0..50).map(|n| {
        let store = replicas[n % 2].clone();
        tokio::spawn(async move { ask_for(&store, &scope(), &format!("op {n}"), "d").await })
    });
    let mut open = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Ok(approval) => open.push(approval),
            Err(error) => assert_eq!((error.code(), error.is_retryable()), (Code::RateLimited, true)),
        }
    }
    assert_eq!(open.len(), Request::MOST_OPEN as usize, "also where they come at once");
    let [here, there] = &replicas;
    let [globex, bob, close] = others();
    assert_eq!(there.room(&scope()).await.unwrap_err().code(), Code::RateLimited);
    let other_tool = ask_for(there, &close, "op", "d").await.unwrap_err();
    assert_eq!(other_tool.code(), Code::RateLimited, "it is the caller's bound, not the tool's");
    for other in [globex, bob] {
        here.room(&other).await.unwrap();
        ask_for(here, &other, "op", "d").await.unwrap();
    }
    let again = ask_for(here, &scope(), &open[0].operation, "d").await.unwrap();
    assert_eq!(again, open[0], "asked again, it is one of them");

    decide(here, &open[0].id, "carol", Verdict::Approve).await.unwrap();
    there.room(&scope()).await.unwrap();
    ask_for(there, &scope(), "one more", "d").await.unwrap();
    // Used, it could be asked for again, if there were room.
    assert!(here.redeem(&scope(), &open[0].operation, "d").await.unwrap());
    let refused = ask_for(here, &scope(), &open[0].operation, "d").await.unwrap_err();
    assert_eq!(refused.code(), Code::RateLimited);
    let late = place.open_after(HOUR * 2).await;
    late.room(&scope()).await.unwrap();
    ask_for(&late, &scope(), "late", "d").await.unwrap();
}

async fn what_waits_is_found_by_its_arguments(place: Place) {
    let (here, there) = (place.open().await, place.open().await);
    let asked = ask(&here, "d").await.unwrap();
    assert_eq!(there.still_open(&scope(), "d").await.unwrap(), Some(asked.clone()));
    assert_eq!(there.still_open(&scope(), "e").await.unwrap(), None);
    for other in others() {
        assert_eq!(there.still_open(&other, "d").await.unwrap(), None);
    }
    assert_eq!(place.open_after(HOUR * 2).await.still_open(&scope(), "d").await.unwrap(), None);
    decide(&here, &asked.id, "carol", Verdict::Approve).await.unwrap();
    assert_eq!(there.still_open(&scope(), "d").await.unwrap(), None, "it waits no longer");
}
