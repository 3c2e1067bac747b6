use error::Code;
use serde::{Deserialize, Serialize};

use super::{on_every_engine, place::Place};
use crate::{Tenant, Tenants};

on_every_engine!(documents_are_versioned_and_changes_seen, of_many_writers_of_one_version_one_wins);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Rules {
    tools: Vec<String>,
}

async fn documents_are_versioned_and_changes_seen(place: Place) {
    let (here, there) = (place.open().await, place.open().await);
    let rules = Rules { tools: vec!["get_issue".to_owned()] };
    let text = Tenant::write(&rules).unwrap();
    let first = here.put_tenant("acme", Some(0), Some(&text)).await.unwrap();
    assert_eq!(here.put_tenant("acme", Some(0), Some("{}")).await.unwrap_err().code(), Code::Conflict);
    assert_eq!(here.put_tenant("nobody", Some(7), Some("{}")).await.unwrap_err().code(), Code::Conflict);
    assert_eq!(there.tenant("acme").await.unwrap().unwrap().read::<Rules>().unwrap(), Some(rules));

    let second = there.put_tenant("globex", None, Some("[1]")).await.unwrap();
    assert!(second > first);
    let seen = here.changes(first).await.unwrap();
    assert_eq!(seen.iter().map(|t| t.id.as_str()).collect::<Vec<_>>(), ["globex"]);
    let garbled = seen[0].read::<Rules>().unwrap_err();
    assert!(format!("{garbled:?}").contains("globex"), "{garbled:?}");

    let third = there.put_tenant("acme", Some(first), None).await.unwrap();
    assert_eq!(here.tenant("acme").await.unwrap(), None);
    assert_eq!(here.tenants().await.unwrap().len(), 1);
    assert_eq!(
        here.changes(second).await.unwrap(),
        [Tenant { id: "acme".to_owned(), version: third, document: None }]
    );
    here.put_tenant("acme", Some(0), Some("{}")).await.unwrap();
    assert_eq!(here.put_tenant("", None, None).await.unwrap_err().code(), Code::InvalidArgument);
}

async fn of_many_writers_of_one_version_one_wins(place: Place) {
    let replicas = [place.open().await, place.open().await];
    let version = replicas[0].put_tenant("acme", None, Some("0")).await.unwrap();
    let writers = (0..20).map(|n| {
        let store = replicas[n % 2].clone();
        tokio::spawn(async move { store.put_tenant("acme", Some(version), Some(&n.to_string())).await })
    });
    let mut won = 0;
    for writer in writers.collect::<Vec<_>>() {
        match writer.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error.code(), Code::Conflict),
        }
    }
    assert_eq!(won, 1);
}
