use std::time::Duration;

use sqlx::{Connection as _, PgConnection};

use super::{on_every_engine, place::Place, scope};
use crate::{Begin, Budgets as _, Claim, End, Level, NewPlan, Operations as _, Plans as _, Spent, Usage};

on_every_engine!(what_is_past_use_goes_in_bounded_steps);

async fn what_is_past_use_goes_in_bounded_steps(place: Place) {
    let store = place.open().await;
    let scope = scope();
    for id in ["a", "b", "c"] {
        let begin = Begin { scope: &scope, id, digest: "d", arguments: b"" };
        let Claim::Fresh(held) = store.begin(begin).await.unwrap() else { panic!("it is fresh") };
        let end = End::Done { answer: b"", keep: Duration::from_secs(60) };
        store.finish(held, if id == "c" { End::Unknown } else { end }).await.unwrap();
    }
    let shared = scope.of_all_callers();
    let turn = Begin { scope: &shared, id: "t", digest: "", arguments: b"" };
    let Claim::Fresh(_left) = store.begin(turn).await.unwrap() else { panic!("it is fresh") };
    let plan = NewPlan {
        scope: &scope,
        digest: "d",
        arguments: b"",
        shown: b"",
        record_version: None,
        expiry: NewPlan::EXPIRY,
    };
    store.propose(plan).await.unwrap();
    let add = Spent { calls: 1, ..Spent::default() };
    store.spend(&[Usage { tenant: "", level: Level::Tenant, name: "", add }]).await.unwrap();
    assert_eq!(store.sweep(10).await.unwrap().total(), 0);

    let tomorrow = place.open_after(Duration::from_secs(24 * 3600)).await;
    let swept = tomorrow.sweep(1).await.unwrap();
    assert_eq!((swept.operations, swept.plans, swept.total()), (1, 1, 2));
    assert_eq!(tomorrow.sweep(1).await.unwrap().operations, 1);
    assert_eq!(tomorrow.sweep(1).await.unwrap().total(), 0);
    assert_eq!(tomorrow.pending(None, 10).await.unwrap().len(), 1, "a write of unknown fate stays");
    let much_later = place.open_after(Duration::from_secs(60 * 24 * 3600)).await;
    let swept = much_later.sweep(10).await.unwrap();
    assert_eq!((swept.operations, swept.budgets), (2, 1), "with it goes the turn that nobody gave back");
}

/// The embedded database has one writer at a time: there nothing comes in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_replica_takes_while_it_is_swept_stays() {
    let Some(place) = Place::postgres().await else { return };
    let Place::Postgres(url) = &place else { panic!("it is a database") };
    let (store, scope) = (place.open().await, scope());
    let begin = Begin { scope: &scope, id: "a", digest: "d", arguments: b"" };
    let Claim::Fresh(held) = store.begin(begin).await.unwrap() else { panic!("it is fresh") };
    store.finish(held, End::Done { answer: b"", keep: Duration::from_secs(60) }).await.unwrap();
    let later = place.open_after(Duration::from_secs(61)).await;

    let (mut other, mut watch) =
        (PgConnection::connect(url).await.unwrap(), PgConnection::connect(url).await.unwrap());
    let mut taking = other.begin().await.unwrap();
    sqlx::query(TAKEN).execute(&mut *taking).await.unwrap();
    let sweeping = tokio::spawn(async move { later.sweep(10).await.unwrap() });
    while !sweeping.is_finished() && sqlx::query(WAITS).fetch_optional(&mut watch).await.unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    taking.commit().await.unwrap();
    assert_eq!(sweeping.await.unwrap().operations, 0);
    assert!(matches!(store.begin(begin).await.unwrap(), Claim::Running(_)), "nobody else begins it");
}

/// As a claim does it whose transaction is not at its end.
const TAKEN: &str = "UPDATE chancery_operations
    SET state = 'started', lease_until = lease_until + 90000, keep_until = keep_until + 86400000";

const WAITS: &str = "SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";
