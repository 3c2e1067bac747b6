//! Who answers to a name, however many resemble it.

use call::Cx;
use error::Code;
use serde_json::{Value, json};
use tool::MatchedBy;

use super::Portal;
use crate::model::Noun;

/// Records of a kind with these properties.
async fn create(portal: &Portal, kind: &str, all: &[Value]) {
    let inputs: Vec<Value> = all.iter().map(|properties| json!({ "properties": properties })).collect();
    portal.create(kind, &inputs).await;
}

fn company(name: &str) -> Value {
    json!({ "name": name })
}

#[tokio::test]
async fn a_name_is_as_unique_as_it_is_among_all_records() {
    let portal = Portal::start().await;
    let crowd = |n: usize| company(&format!("Tidewater Freight {n}"));
    let mut all = vec![company("Tidewater Freight")];
    all.extend((0..60).map(crowd));
    create(&portal, "companies", &all).await;
    let (book, cx) = (portal.book(), Cx::for_test());
    let only = book.called(&cx, Noun::Account, "tidewater freight").await.unwrap();
    assert_eq!(only.iter().map(|c| c.matched).collect::<Vec<_>>(), [Some(MatchedBy::Name)], "{only:?}");
    create(&portal, "companies", &[company("TIDEWATER FREIGHT")]).await;
    let two = book.called(&cx, Noun::Account, "Tidewater Freight").await.unwrap();
    assert_eq!(two.iter().filter(|c| c.matched.is_some()).count(), 2, "{two:?}");
    let near = book.called(&cx, Noun::Account, "Tidewater").await.unwrap();
    assert!(near.len() == 10 && near.iter().all(|c| c.matched.is_none()), "{near:?}");
}

#[tokio::test]
async fn one_that_is_the_name_as_shown_is_not_taken_from_a_crowd_that_was_not_seen_whole() {
    let portal = Portal::start().await;
    let mut all = vec![company("Tidewater  Freight")];
    all.extend((0..60).map(|n| company(&format!("Tidewater Freight {n}"))));
    create(&portal, "companies", &all).await;
    let error = portal.book().called(&Cx::for_test(), Noun::Account, "Tidewater Freight").await.unwrap_err();
    assert_eq!(error.code(), Code::AmbiguousReference, "{error:?}");
}

#[tokio::test]
async fn a_full_name_is_known_wherever_it_is_cut_in_two() {
    let portal = Portal::start().await;
    let crowd = |n: usize| json!({ "firstname": "Ana Maria", "lastname": format!("Quell {n}") });
    let mut all: Vec<Value> = (0..60).map(crowd).collect();
    all.push(json!({ "firstname": "Ana", "lastname": "Maria Quell" }));
    all.push(json!({ "firstname": "Ana Maria", "lastname": "Quell" }));
    all.push(json!({ "lastname": "Quellmeister" }));
    create(&portal, "contacts", &all).await;
    let (book, cx) = (portal.book(), Cx::for_test());
    for (name, count) in [("ana maria quell", 2), ("Quellmeister", 1)] {
        let called = book.called(&cx, Noun::Contact, name).await.unwrap();
        let exact = called.iter().filter(|c| c.matched == Some(MatchedBy::Name)).count();
        assert_eq!(exact, count, "{name}: {called:?}");
    }
}
