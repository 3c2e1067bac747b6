use std::time::Duration;

use super::{on_every_engine, others, place::Place, scope};
use crate::{Begin, Claim, Consumed, End, NewPlan, Operations, Plans, Scope, Store};

on_every_engine!(
    a_plan_is_read_back_and_becomes_an_operation,
    of_fifty_at_once_one_consumes_it,
    another_sees_nothing,
    it_expires,
    its_operation_is_not_begun_twice,
);

const ID: &str = "abcdefghijklmnopqrstuvwxyz";

/// What a plan becomes.
fn begin<'a>(scope: &'a Scope, id: &'a str) -> Begin<'a> {
    Begin { scope, id, digest: "d", arguments: b"{\"a\":1,\"plan\":\"p\"}" }
}

async fn propose(store: &Store) -> String {
    let scope = scope();
    let plan = NewPlan {
        scope: &scope,
        digest: "d",
        arguments: b"{\"a\":1}",
        shown: b"a: 0 -> 1",
        record_version: Some("7"),
        expiry: NewPlan::EXPIRY,
    };
    store.propose(plan).await.unwrap()
}

async fn a_plan_is_read_back_and_becomes_an_operation(place: Place) {
    let (here, there) = (place.open().await, place.open().await);
    let handle = propose(&here).await;
    assert_eq!(handle.len(), 26);
    let plan = there.peek(&scope(), &handle).await.unwrap().unwrap();
    assert_eq!(
        (plan.arguments.as_slice(), plan.record_version.as_deref()),
        (b"{\"a\":1}".as_slice(), Some("7"))
    );
    let Consumed::Now(used, Claim::Fresh(held)) = there.consume(begin(&scope(), ID), &handle).await.unwrap()
    else {
        panic!("it is consumed now");
    };
    assert_eq!(used, plan);
    let known = here.find(ID).await.unwrap().remove(0);
    assert_eq!((known.digest.as_str(), known.arguments.as_slice()), ("d", begin(&scope(), ID).arguments));
    there.finish(held, End::Nothing).await.unwrap();
    let Consumed::Before(spent) = here.consume(begin(&scope(), "another"), &handle).await.unwrap() else {
        panic!("it was consumed");
    };
    assert_eq!(spent.operation.as_deref(), Some(ID));
    assert!(here.find("another").await.unwrap().is_empty());
}

async fn of_fifty_at_once_one_consumes_it(place: Place) {
    let replicas = [place.open().await, place.open().await];
    let handle = propose(&replicas[0]).await;
    let calls = (0..50).map(|n| {
        let (store, handle) = (replicas[n % 2].clone(), handle.clone());
        tokio::spawn(async move {
            store.consume(begin(&scope(), &format!("operation {n}")), &handle).await.unwrap()
        })
    });
    let mut begun = 0;
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Consumed::Now(_, Claim::Fresh(_)) => begun += 1,
            Consumed::Before(plan) => assert!(plan.operation.is_some()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(begun, 1);
}

async fn another_sees_nothing(place: Place) {
    let store = place.open().await;
    let handle = propose(&store).await;
    for other in others() {
        assert!(store.peek(&other, &handle).await.unwrap().is_none());
        assert!(matches!(store.consume(begin(&other, ID), &handle).await.unwrap(), Consumed::Unknown));
    }
    for wrong in ["", "x", "' OR 1=1 --", &handle.to_uppercase(), &"a".repeat(100_000)] {
        assert!(store.peek(&scope(), wrong).await.unwrap().is_none());
    }
    assert!(store.peek(&scope(), &handle).await.unwrap().unwrap().operation.is_none());
}

async fn it_expires(place: Place) {
    let handle = propose(&place.open().await).await;
    let late = place.open_after(NewPlan::EXPIRY + Duration::from_secs(60)).await;
    assert!(late.peek(&scope(), &handle).await.unwrap().is_none());
    assert!(matches!(late.consume(begin(&scope(), ID), &handle).await.unwrap(), Consumed::Unknown));
}

async fn its_operation_is_not_begun_twice(place: Place) {
    let store = place.open().await;
    let (first, second) = (propose(&store).await, propose(&store).await);
    let Consumed::Now(_, Claim::Fresh(held)) = store.consume(begin(&scope(), ID), &first).await.unwrap()
    else {
        panic!("it is consumed now");
    };
    store.finish(held, End::Done { answer: b"done", keep: Duration::from_secs(60) }).await.unwrap();
    let claim = store.consume(begin(&scope(), ID), &second).await.unwrap();
    assert!(matches!(claim, Consumed::Now(_, Claim::Done(_))), "{claim:?}");
}
