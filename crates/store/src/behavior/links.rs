use std::time::Duration;

use super::{on_every_engine, place::Place};
use crate::Links as _;

on_every_engine!(a_link_is_used_once);

async fn a_link_is_used_once(place: Place) {
    let replicas = [place.open().await, place.open().await];
    let until: jiff::Timestamp = "2026-11-21T10:15:00Z".parse().unwrap();
    let uses = (0..20).map(|n| {
        let store = replicas[n % 2].clone();
        tokio::spawn(async move { store.use_link("acme", "l", until).await.unwrap() })
    });
    let used = futures::future::join_all(uses).await;
    assert_eq!(used.into_iter().filter(|first| *first.as_ref().unwrap()).count(), 1);
    assert!(replicas[0].use_link("globex", "l", until).await.unwrap(), "another tenant's is another link");

    let ahead = place.open_after(Duration::from_secs(3600)).await;
    assert_eq!(ahead.sweep(10).await.unwrap().total(), 0);
    assert!(!replicas[0].use_link("acme", "l", until).await.unwrap(), "clocks differ");
    let late = place.open_after(Duration::from_secs(25 * 3600)).await;
    assert_eq!(late.sweep(1).await.unwrap().links, 1);
    assert_eq!(late.sweep(10).await.unwrap().total(), 1);
}
