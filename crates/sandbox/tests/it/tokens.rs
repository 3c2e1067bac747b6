//! The life of tokens, and what the token endpoint refuses.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sandbox::{Credential, keys};
use serde_json::{Value, json};

use crate::notes::APP;
use crate::wire::{Got, Site, sent};

const FORM: &str = "grant_type=client_credentials&client_id=demo&client_secret=s3cr%3At%7E%2B";

async fn token_request(site: &Site, kind: &str, body: &str) -> Got {
    let url = site.running.token_url.as_deref().unwrap();
    sent(site.http.post(url).header("content-type", kind).body(body.to_owned())).await
}

async fn form(site: &Site, body: &str) -> Got {
    token_request(site, "application/x-www-form-urlencoded", body).await
}

async fn read_with(site: &Site, token: &str) -> Got {
    sent(site.http.get(format!("{}/notes/1", site.running.base_url)).bearer_auth(token)).await
}

#[tokio::test]
async fn a_token_lives_its_time() {
    let site = Site::start().await;
    let granted = form(&site, FORM).await;
    assert_eq!((granted.status, granted.header("cache-control")), (200, "no-store"));
    let reply = granted.json();
    assert_eq!((&reply["token_type"], &reply["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert_eq!((&reply["scope"], &reply["instance"]), (&json!("notes:read notes:write"), &json!("eu1")));
    let token = reply["access_token"].as_str().unwrap();
    assert_eq!(read_with(&site, token).await.status, 200);
    site.running.control.advance(3601);
    let late = read_with(&site, token).await;
    assert_eq!((late.status, late.json()["message"].as_str()), (401, Some("the token has expired")));
}

#[tokio::test]
async fn clients_authenticate_by_form_json_or_basic() {
    let site = Site::start().await;
    let json = r#"{"grant_type":"client_credentials","client_id":"demo","client_secret":"s3cr:t~+"}"#;
    assert_eq!(token_request(&site, "application/json", json).await.status, 200);
    let url = site.running.token_url.as_deref().unwrap();
    let basic = |secret: &'static str| {
        let body = "grant_type=client_credentials&scope=notes:read";
        sent(site.http.post(url).basic_auth("demo", Some(secret)).body(body))
    };
    assert_eq!(basic("s3cr%3At%7E%2B").await.json()["scope"], "notes:read", "as RFC 6749 encodes it");
    assert_eq!(basic("s3cr:t~+").await.status, 200, "as many clients send it");
    let refused = basic("wrong").await;
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Basic realm=\"token\""));
}

#[tokio::test]
async fn the_token_endpoint_refuses_as_rfc_6749_says() {
    let site = Site::start().await;
    for (body, status, error) in [
        ("client_id=demo&client_secret=x", 400, "invalid_request"),
        ("grant_type=password", 400, "unsupported_grant_type"),
        ("grant_type=client_credentials", 401, "invalid_client"),
        ("grant_type=client_credentials&client_id=demo&client_secret=wrong", 401, "invalid_client"),
        (&format!("{FORM}&scope=notes:read%20admin"), 400, "invalid_scope"),
    ] {
        let refused = form(&site, body).await;
        assert_eq!((refused.status, refused.json()["error"].as_str()), (status, Some(error)), "{body}");
    }
}

#[tokio::test]
async fn fewer_scopes_allow_less() {
    let site = Site::start().await;
    let token = form(&site, &format!("{FORM}&scope=notes:read")).await.json();
    let url = format!("{}/notes", site.running.base_url);
    let create = site.http.post(url).bearer_auth(token["access_token"].as_str().unwrap()).body("{}");
    let refused = sent(create).await;
    assert_eq!(
        (refused.status, refused.json()["message"].as_str()),
        (403, Some("the token lacks the scope notes:write"))
    );
}

#[tokio::test]
async fn a_revoked_token_is_refused() {
    let site = Site::start().await;
    let reply = form(&site, FORM).await.json();
    let token = reply["access_token"].as_str().unwrap();
    let url = format!("{}/revoke", site.running.token_url.as_deref().unwrap());
    let revoke = |token: &str| {
        let body = format!("token={token}&client_id=demo&client_secret=s3cr%3At%7E%2B");
        sent(site.http.post(&url).body(body))
    };
    assert_eq!(revoke(token).await.status, 200);
    assert_eq!(revoke("never issued").await.status, 200);
    assert_eq!(read_with(&site, token).await.json()["message"], "the token was revoked");
}

#[tokio::test]
async fn the_printed_credentials_open_the_door() {
    let site = Site::start().await;
    let printed = serde_json::to_value(&site.running).unwrap();
    let credentials: Vec<Credential> = serde_json::from_value(printed["credentials"].clone()).unwrap();
    assert_eq!(read_with(&site, printed["access_token"].as_str().unwrap()).await.status, 200);
    let url = format!("{}/notes/1", printed["base_url"].as_str().unwrap());
    for credential in credentials {
        match credential {
            Credential::ClientCredentials { client_id, client_secret, scope } => {
                let body = json!({ "grant_type": "client_credentials", "client_id": client_id,
                                   "client_secret": client_secret, "scope": scope });
                let granted = token_request(&site, "application/json", &body.to_string()).await;
                assert_eq!(granted.status, 200);
            }
            Credential::Basic { user, secret } => {
                assert_eq!(sent(site.http.get(&url).basic_auth(&user, Some(&secret))).await.status, 200);
                let bearer = read_with(&site, &format!("{user}:{secret}")).await;
                assert_eq!(bearer.status, 401, "a password is not a bearer token");
            }
            Credential::Token { token } => assert_eq!(read_with(&site, &token).await.status, 200),
            Credential::JwtBearer { client_id, subject, audience, private_key } => {
                let claims = json!({
                    "iss": client_id, "sub": subject, "aud": audience, "exp": in_seconds(&site, 120),
                });
                assert_eq!(assertion(&site, &private_key, &claims).await.status, 200);
            }
            Credential::App { app_id, private_key, .. } => {
                let granted = app_request(&site, &private_key, claims(&site, app_id.into(), -60, 540)).await;
                assert_eq!(granted.status, 201);
            }
        }
    }
}

fn in_seconds(site: &Site, seconds: i64) -> i64 {
    site.running.control.now().as_second() + seconds
}

async fn assertion(site: &Site, key: &str, claims: &Value) -> Got {
    let key = EncodingKey::from_rsa_pem(key.as_bytes()).unwrap();
    let assertion = jsonwebtoken::encode(&Header::new(Algorithm::RS256), claims, &key).unwrap();
    let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
    form(site, &format!("grant_type={grant}&assertion={assertion}")).await
}

#[tokio::test]
async fn a_signed_assertion_is_traded_for_a_token_of_its_account() {
    let site = Site::start().await;
    let url = site.running.token_url.clone().unwrap();
    let good = json!({ "iss": "signer", "sub": "robot@notes.example", "exp": in_seconds(&site, 180) });
    for audience in [json!("https://login.notes.example"), json!(url), json!(["x", url])] {
        let mut claims = good.clone();
        claims["aud"] = audience;
        let granted = assertion(&site, keys::APP_PRIVATE_KEY, &claims).await;
        let reply = granted.json();
        assert_eq!(granted.status, 200, "{reply}");
        assert!(reply["api"].as_str().unwrap().ends_with("/robot@notes.example"), "{reply}");
        assert_eq!(read_with(&site, reply["access_token"].as_str().unwrap()).await.status, 200);
    }
    for (claim, value) in [
        ("iss", json!("demo")),
        ("sub", json!("ann@notes.example")),
        ("aud", json!("https://elsewhere.example")),
        ("exp", json!(in_seconds(&site, -1))),
        ("exp", json!(in_seconds(&site, 600))),
    ] {
        let mut claims = good.clone();
        claims["aud"] = json!(url);
        claims[claim] = value;
        let refused = assertion(&site, keys::APP_PRIVATE_KEY, &claims).await;
        assert_eq!(
            (refused.status, refused.json()["error"].as_str()),
            (400, Some("invalid_grant")),
            "{claim}"
        );
    }
    let mut lax = good.clone();
    (lax["aud"], lax["exp"]) = (json!(url), json!(in_seconds(&site, 180).to_string()));
    assert_eq!(assertion(&site, keys::APP_PRIVATE_KEY, &lax).await.status, 200, "a time as text");
    let forged = form(&site, "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=a.b.c").await;
    assert_eq!(forged.json()["error"], "invalid_grant");
}

fn claims(site: &Site, issuer: Value, issued: i64, expires: i64) -> Value {
    let now = site.running.control.now().as_second();
    json!({ "iss": issuer, "iat": now + issued, "exp": now + expires })
}

async fn app_request(site: &Site, key: &str, claims: Value) -> Got {
    let key = EncodingKey::from_rsa_pem(key.as_bytes()).unwrap();
    let assertion = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap();
    sent(site.http.post(format!("{}/app/tokens", site.running.base_url)).bearer_auth(assertion)).await
}

#[tokio::test]
async fn an_app_trades_its_assertion_for_a_long_token() {
    let site = Site::start().await;
    for issuer in [json!(APP), json!(APP.to_string()), json!("Iv1.demo")] {
        let granted = app_request(&site, keys::APP_PRIVATE_KEY, claims(&site, issuer, -60, 540)).await.json();
        let token = granted["token"].as_str().unwrap();
        assert!(token.starts_with("ghs_4711_ey") && (500..560).contains(&token.len()), "{}", token.len());
        assert_eq!(read_with(&site, token).await.status, 200);
        site.running.control.advance(3601);
        assert_eq!(read_with(&site, token).await.status, 401);
    }
}

#[tokio::test]
async fn a_wrong_assertion_is_refused_with_its_reason() {
    let site = Site::start().await;
    for (claims, reason) in [
        (claims(&site, json!(1), -60, 540), "'Issuer'"),
        (claims(&site, json!(APP), -60, 0), "'Expiration time' claim ('exp') must lie"),
        (claims(&site, json!(APP), -60, 3600), "'Expiration time' claim ('exp') is too far"),
        (claims(&site, json!(APP), 300, 540), "'Issued at'"),
    ] {
        let refused = app_request(&site, keys::APP_PRIVATE_KEY, claims).await;
        assert_eq!(refused.status, 401);
        assert!(refused.json()["message"].as_str().unwrap().starts_with(reason), "{}", refused.text);
    }
    let url = format!("{}/app/tokens", site.running.base_url);
    let unsigned = sent(site.http.post(&url).bearer_auth("eyJhbGciOiJub25lIn0.e30.")).await;
    assert_eq!(unsigned.json()["message"], "A JSON web token could not be decoded");
    assert_eq!(sent(site.http.post(&url)).await.json()["message"], "no credential was sent");
}
