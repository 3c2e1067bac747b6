//! Keys that change, and issuers that cannot be reached.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;

use super::*;
use crate::Flaw;

/// A token that names a key which its issuer does not have.
fn invented(key: &SigningKey, kid: &str) -> String {
    let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": kid}).to_string();
    key.sign_raw(&header, &claims(&json!({})).to_string())
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_fetched_once_for_all_who_come_with_it() {
    let (old, new) = (SigningKey::ec("old"), SigningKey::ec("new"));
    let issuer = Issuer::publishing(&[&old]);
    let authenticator = trusting(&issuer, json!({}));
    present(&authenticator, &old.sign(&claims(&json!({})))).await.unwrap();
    issuer.publish(&[&old, &new]);
    let tokens: Vec<_> =
        (0..200).map(|n| [&old, &new][n % 2].sign(&claims(&json!({"jti": n.to_string()})))).collect();
    let found = join_all(tokens.iter().map(|token| present(&authenticator, token))).await;
    assert!(found.iter().all(Result::is_ok), "no false 401");
    assert_eq!(issuer.count(JWKS), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_names_no_key_is_held_against_those_of_its_algorithm() {
    let others: Vec<_> = (0..4).map(|n| SigningKey::rsa(&format!("other-{n}"))).collect();
    let key = SigningKey::ec("ours");
    let issuer = Issuer::publishing(&others.iter().chain([&key]).collect::<Vec<_>>());
    let authenticator = trusting(&issuer, json!({}));
    let header = json!({"alg": "ES256", "typ": "at+jwt"}).to_string();
    let token = key.sign_raw(&header, &claims(&json!({})).to_string());
    present(&authenticator, &token).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn metadata_is_looked_for_behind_a_page_that_stands_in_its_place() {
    let key = SigningKey::ec("ec");
    let issuer = Issuer::publishing(&[&key]);
    let metadata = json!({"issuer": ISSUER, "jwks_uri": JWKS});
    issuer.answer(&format!("{ISSUER}/.well-known/openid-configuration"), 200, json!("<html>"));
    let url = "https://id.example/.well-known/oauth-authorization-server/realms/corp";
    issuer.answer(url, 200, metadata);
    present(&trusting(&issuer, json!({})), &key.sign(&claims(&json!({})))).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_withdrawn_is_refused_though_its_token_was_believed() {
    let (old, new) = (SigningKey::ec("old"), SigningKey::ec("new"));
    let issuer = Issuer::publishing(&[&old]);
    let authenticator = trusting(&issuer, json!({}));
    let token = old.sign(&claims(&json!({})));
    present(&authenticator, &token).await.unwrap();
    issuer.publish(&[&new]);
    present(&authenticator, &new.sign(&claims(&json!({})))).await.unwrap();
    assert_eq!(present(&authenticator, &token).await, Err(Refusal::Invalid(Flaw::Key)));
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_unknown_keys_asks_the_issuer_five_times_and_then_once_in_ten_seconds() {
    let (key, other) = (SigningKey::ec("known"), SigningKey::ec("other"));
    let issuer = Issuer::publishing(&[&key]);
    let authenticator = trusting(&issuer, json!({}));
    let known = |n: usize| key.sign(&claims(&json!({"jti": n.to_string()})));
    present(&authenticator, &known(0)).await.unwrap();
    let mut asked = 1;
    for (round, allowed) in [5, 1, 1].into_iter().enumerate() {
        for n in 0..100 {
            let token = invented(&other, &format!("{round}-{n}"));
            let told = match n < allowed {
                true => Refusal::Invalid(Flaw::Key),
                false => Refusal::Unavailable(Duration::from_secs(10)),
            };
            assert_eq!(present(&authenticator, &token).await, Err(told), "{round}-{n}");
        }
        asked += allowed;
        assert_eq!(issuer.count(JWKS), asked);
        present(&authenticator, &known(round + 1)).await.expect("a key that is known costs nothing");
        seconds(10).await;
    }
}

#[tokio::test(start_paused = true)]
async fn invented_keys_make_no_rotation_a_401() {
    let (old, new) = (SigningKey::ec("old"), SigningKey::ec("new"));
    let issuer = Issuer::publishing(&[&old]);
    let authenticator = trusting(&issuer, json!({}));
    present(&authenticator, &old.sign(&claims(&json!({})))).await.unwrap();
    let first = present(&authenticator, &invented(&old, "x")).await;
    assert_eq!(first, Err(Refusal::Invalid(Flaw::Key)));
    issuer.publish(&[&old, &new]);
    present(&authenticator, &new.sign(&claims(&json!({})))).await.expect("one stranger is in nobody's way");

    let newest = SigningKey::ec("newest");
    for n in 0..10 {
        let _refused = present(&authenticator, &invented(&old, &n.to_string())).await;
    }
    issuer.publish(&[&old, &new, &newest]);
    let token = newest.sign(&claims(&json!({})));
    assert_eq!(present(&authenticator, &token).await, Err(Refusal::Unavailable(Duration::from_secs(10))));
    seconds(10).await;
    present(&authenticator, &token).await.expect("it was never called bad");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_published_while_keys_are_fetched_is_found() {
    let (old, new) = (SigningKey::ec("old"), SigningKey::ec("new"));
    let issuer = Issuer::publishing(&[&old]);
    let authenticator = trusting(&issuer, json!({}));
    present(&authenticator, &old.sign(&claims(&json!({})))).await.unwrap();
    let (stranger, token) = (invented(&old, "x"), new.sign(&claims(&json!({}))));
    let late = async {
        // The issuer has answered the stranger's fetch, and the answer is on its way.
        while issuer.count(JWKS) < 2 {
            tokio::task::yield_now().await;
        }
        issuer.publish(&[&old, &new]);
        present(&authenticator, &token).await
    };
    let (refused, found) = tokio::join!(present(&authenticator, &stranger), late);
    assert_eq!(refused, Err(Refusal::Invalid(Flaw::Key)));
    found.unwrap();
    assert_eq!(issuer.count(JWKS), 3);
}

#[tokio::test(start_paused = true)]
async fn a_new_key_of_an_issuer_that_fails_is_a_matter_of_availability() {
    let (old, new) = (SigningKey::ec("old"), SigningKey::ec("new"));
    let issuer = Issuer::publishing(&[&old]);
    let authenticator = trusting(&issuer, json!({}));
    present(&authenticator, &old.sign(&claims(&json!({})))).await.unwrap();
    issuer.publish(&[&old, &new]);
    issuer.set_down(true);
    let token = new.sign(&claims(&json!({})));
    for _ in 0..50 {
        let told = present(&authenticator, &token).await;
        assert_eq!(told, Err(Refusal::Unavailable(Duration::from_secs(5))));
    }
    assert_eq!(issuer.count(JWKS), 2, "it is left alone");
    present(&authenticator, &old.sign(&claims(&json!({"jti": "t-2"})))).await.expect("what is known holds");
    issuer.set_down(false);
    seconds(5).await;
    present(&authenticator, &token).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn keys_are_served_for_a_day_without_their_issuer() {
    let key = SigningKey::ec("a");
    let issuer = Issuer::publishing(&[&key]);
    let authenticator = trusting(&issuer, json!({}));
    let at =
        |hours: i64| key.sign(&claims(&json!({"iat": NOW + hours * 3600, "exp": NOW + hours * 3600 + 600})));
    present(&authenticator, &at(0)).await.unwrap();
    assert!(authenticator.is_ready());
    issuer.set_down(true);
    seconds(23 * 3600).await;
    present(&authenticator, &at(23)).await.unwrap();
    seconds(2 * 3600).await;
    assert!(matches!(present(&authenticator, &at(25)).await, Err(Refusal::Unavailable(_))), "503, not 401");
    assert!(!authenticator.is_ready());
    issuer.set_down(false);
    seconds(6).await;
    present(&authenticator, &at(25)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_never_answered_is_a_matter_of_availability() {
    let key = SigningKey::ec("a");
    let issuer = Issuer::publishing(&[&key]);
    issuer.set_down(true);
    let authenticator = trusting(&issuer, json!({}));
    let token = key.sign(&claims(&json!({})));
    for _ in 0..50 {
        assert!(matches!(present(&authenticator, &token).await, Err(Refusal::Unavailable(_))));
    }
    assert!(issuer.asked.lock().unwrap().len() <= 2, "both places of metadata, once");
    issuer.set_down(false);
    seconds(5).await;
    present(&authenticator, &token).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_key_name_of_one_issuer_is_nothing_to_another() {
    let (ours, theirs) = (SigningKey::ec("same"), SigningKey::ec("same"));
    let issuer = Issuer::publishing(&[&ours]);
    let other = "https://other.example/";
    issuer.answer("https://other.example/k", 200, json!({ "keys": [theirs.jwk] }));
    let table = json!({ "issuer": other, "jwks_url": "https://other.example/k" });
    let tables = [("corp", json!({})), ("other", table)];
    let authenticator = configured(&issuer, json!({ "resource": RESOURCE }), &tables).unwrap();
    let wrong = Err(Refusal::Invalid(Flaw::Signature));
    present(&authenticator, &ours.sign(&claims(&json!({})))).await.unwrap();
    present(&authenticator, &theirs.sign(&claims(&json!({ "iss": other })))).await.unwrap();
    assert_eq!(present(&authenticator, &theirs.sign(&claims(&json!({})))).await, wrong);
    assert_eq!(present(&authenticator, &ours.sign(&claims(&json!({ "iss": other })))).await, wrong);
}

#[tokio::test(start_paused = true)]
async fn metadata_of_another_issuer_is_not_believed() {
    let key = SigningKey::ec("a");
    for metadata in [
        json!({ "issuer": "https://evil.example", "jwks_uri": JWKS }),
        json!({ "issuer": ISSUER, "jwks_uri": "https://evil.example/jwks" }),
        json!({ "issuer": ISSUER, "jwks_uri": "http://id.example/jwks" }),
        json!({ "issuer": ISSUER }),
    ] {
        let issuer = Issuer::publishing(&[&key]);
        issuer.answer(&format!("{ISSUER}/.well-known/openid-configuration"), 200, metadata);
        let found = present(&trusting(&issuer, json!({})), &key.sign(&claims(&json!({})))).await;
        assert!(matches!(found, Err(Refusal::Unavailable(_))));
    }
}

#[tokio::test(start_paused = true)]
async fn the_finding_on_one_token_never_serves_another() {
    let key = SigningKey::ec("a");
    let authenticator = trusting(&Issuer::publishing(&[&key]), json!({}));
    let of = |sub: &str| key.sign(&claims(&json!({ "sub": sub, "exp": NOW + 90 })));
    let (alice, bob) = (of("alice"), of("bob"));
    for _ in 0..3 {
        assert_eq!(present(&authenticator, &alice).await.unwrap().subject, "alice");
        assert_eq!(present(&authenticator, &bob).await.unwrap().subject, "bob");
    }
    seconds(121).await;
    assert_eq!(present(&authenticator, &alice).await, Err(Refusal::Invalid(Flaw::Expired)));
}
