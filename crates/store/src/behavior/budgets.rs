use std::time::Duration;

use super::{on_every_engine, place::Place};
use crate::{Budgets, Level, Spent, Usage};

on_every_engine!(what_many_spend_at_once_adds_up, a_day_begins_anew_and_names_do_not_meet);

fn usage<'a>(tenant: &'a str, level: Level, name: &'a str, calls: u64) -> Usage<'a> {
    Usage { tenant, level, name, add: Spent { calls, rows: 10 * calls, bytes: 100 * calls } }
}

async fn what_many_spend_at_once_adds_up(place: Place) {
    let replicas = [place.open().await, place.open().await];
    let calls = (0..40).map(|n| {
        let store = replicas[n % 2].clone();
        tokio::spawn(async move {
            // In another order on each replica, as their maps would have it.
            let mut batch = [usage("acme", Level::Tenant, "", 1), usage("acme", Level::Caller, "ann", 2)];
            if n % 2 == 0 {
                batch.reverse();
            }
            store.spend(&batch).await.unwrap()
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    let read = [usage("acme", Level::Caller, "ann", 0), usage("acme", Level::Tenant, "", 0)];
    let spent = replicas[0].spend(&read).await.unwrap();
    assert_eq!(spent[0], Spent { calls: 80, rows: 800, bytes: 8000 });
    assert_eq!(spent[1], Spent { calls: 40, rows: 400, bytes: 4000 });
}

async fn a_day_begins_anew_and_names_do_not_meet(place: Place) {
    let store = place.open().await;
    store.spend(&[usage("acme", Level::Caller, "ann", 3)]).await.unwrap();
    let others = [usage("acme", Level::Workflow, "ann", 0), usage("globex", Level::Caller, "ann", 0)];
    assert_eq!(store.spend(&others).await.unwrap(), [Spent::default(); 2]);
    let tomorrow = place.open_after(Duration::from_secs(24 * 3600)).await;
    let read = [usage("acme", Level::Caller, "ann", 0)];
    assert_eq!(tomorrow.spend(&read).await.unwrap(), [Spent::default()]);
    assert_eq!(store.spend(&read).await.unwrap()[0].calls, 3);
    let endless = Spent { calls: u64::MAX, rows: u64::MAX, bytes: u64::MAX };
    let most = [Usage { tenant: "acme", level: Level::Tenant, name: "", add: endless }];
    store.spend(&most).await.unwrap();
    store.spend(&most).await.unwrap();
}
