//! Tokens as the issuers write them.

use serde_json::{Value, json};

use super::*;
use crate::Flaw;

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const APP: &str = "11112222-3333-4444-5555-666677778888";

fn entra(key: &SigningKey, extra: Value) -> Authenticator {
    let mut table = json!({
        "profile": "entra",
        "issuer": format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        "audiences": [format!("api://{APP}")],
        "jwks_url": JWKS,
        "scope_map": { "Crm.Read": "crm:read", "Crm.Write.All": ["crm:write"] },
    });
    table.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    trusting(&Issuer::publishing(&[key]), table)
}

fn entra_claims(version: u8, changes: Value) -> Value {
    let mut claims = json!({
        "sub": "AAAA", "oid": "u-1", "tid": TENANT, "uti": "uti-1", "iat": NOW, "nbf": NOW, "exp": NOW + 4000,
    });
    let own = match version {
        1 => json!({
            "iss": format!("https://sts.windows.net/{TENANT}/"), "aud": format!("api://{APP}"), "ver": "1.0",
            "appid": "client-1", "scp": "Crm.Read",
        }),
        _ => json!({
            "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "aud": APP, "ver": "2.0",
            "azp": "client-1", "scp": "Crm.Read",
        }),
    };
    let object = claims.as_object_mut().unwrap();
    object.extend(own.as_object().unwrap().clone());
    object.extend(changes.as_object().unwrap().clone());
    object.retain(|_, value| !value.is_null());
    claims
}

#[tokio::test(start_paused = true)]
async fn entra_users_of_both_versions() {
    let key = SigningKey::rsa("k");
    let authenticator = entra(&key, json!({}));
    for version in [1, 2] {
        let token =
            key.sign_with(&entra_claims(version, json!({ "roles": ["Seller"], "groups": ["g-1"] })), "JWT");
        let caller = present(&authenticator, &token).await.unwrap();
        assert_eq!((caller.tenant.as_deref(), caller.client.as_deref()), (Some(TENANT), Some("client-1")));
        assert_eq!(caller.token_id.as_deref(), Some("uti-1"));
        assert!(caller.scopes.grant("crm:read") && !caller.scopes.grant("crm:write"));
        assert!(!caller.scopes.grant("Seller"), "a user's role is no scope");
        assert!(caller.claims["roles"].contains("Seller") && caller.claims["groups"].contains("g-1"));
    }
}

#[tokio::test(start_paused = true)]
async fn entra_applications_that_act_for_themselves() {
    let key = SigningKey::rsa("k");
    let authenticator = entra(&key, json!({}));
    for idtyp in [json!("app"), Value::Null] {
        let app = json!({ "scp": null, "idtyp": idtyp, "roles": ["Crm.Write.All"] });
        let caller = present(&authenticator, &key.sign_with(&entra_claims(2, app), "JWT")).await.unwrap();
        assert!(caller.scopes.grant("crm:write"));
    }
}

#[tokio::test(start_paused = true)]
async fn entra_tokens_that_are_refused() {
    let key = SigningKey::rsa("k");
    let authenticator = entra(&key, json!({}));
    for (changes, flaw) in [
        (json!({ "azp": null, "scp": null, "roles": ["Crm.Write.All"], "nonce": "n" }), Flaw::Claim("azp")),
        (json!({ "_claim_names": { "groups": "src1" } }), Flaw::GroupOverage),
        (json!({ "hasgroups": true }), Flaw::GroupOverage),
        (json!({ "tid": "11112222-0000-0000-0000-666677778888" }), Flaw::Tenant),
        (json!({ "tid": null }), Flaw::Claim("tid")),
        (json!({ "ver": "1.0" }), Flaw::Claim("ver")),
        (json!({ "aud": "00000003-0000-0000-c000-000000000000" }), Flaw::Audience),
    ] {
        let token = key.sign_with(&entra_claims(2, changes.clone()), "JWT");
        assert_eq!(present(&authenticator, &token).await, Err(Refusal::Invalid(flaw)), "{changes}");
    }
    assert!(Flaw::GroupOverage.description().contains("ApplicationGroup"), "the cure");
    let token = key.sign_with(&entra_claims(2, json!({ "hasgroups": true })), "JWT");
    let by_role = entra(&key, json!({ "role_claims": ["roles"] }));
    present(&by_role, &token).await.expect("groups do not matter where roles are not told from them");
}

#[test]
fn entra_s_clients_are_told_scopes_as_entra_calls_them() {
    let key = SigningKey::rsa("k");
    let told = |extra: Value| {
        let resource = entra(&key, extra).resource("crm", vec!["crm:read".into()]).unwrap();
        let document: Value = serde_json::from_slice(&resource.metadata().unwrap()).unwrap();
        let lacking = Refusal::Insufficient(vec!["crm:write".into()]);
        let challenge = resource.challenge(&lacking, &["crm:write"]);
        let header = challenge.www_authenticate.unwrap().to_str().unwrap().to_owned();
        assert!(challenge.message.contains("crm:write"), "people are told our name");
        (document["scopes_supported"].clone(), header)
    };
    let (scopes, header) = told(json!({}));
    assert_eq!(scopes, json!([format!("api://{APP}/Crm.Read")]));
    assert!(header.contains(&format!("scope=\"api://{APP}/Crm.Write.All\"")), "{header}");
    let (scopes, _) = told(json!({ "audiences": [APP, RESOURCE], "scope_map": {} }));
    assert_eq!(
        scopes,
        json!([format!("{RESOURCE}/crm:read")]),
        "Entra compares it with the `resource` of the request"
    );
}

#[tokio::test(start_paused = true)]
async fn okta() {
    let key = SigningKey::rsa("k");
    let authenticator =
        trusting(&Issuer::publishing(&[&key]), json!({ "profile": "okta", "tenant": "corp" }));
    let claims = |changes: Value| {
        let mut claims = json!({
            "ver": 1, "jti": "AT.1", "iss": ISSUER, "aud": RESOURCE, "iat": NOW, "exp": NOW + 3600,
            "cid": "0oa1", "uid": "00u1", "scp": ["openid", "crm:write"], "sub": "alice@corp", "groups": ["Sales"],
        });
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        claims
    };
    let caller = present(&authenticator, &key.sign_with(&claims(json!({})), "")).await.unwrap();
    assert_eq!((caller.client.as_deref(), caller.tenant.as_deref()), (Some("0oa1"), Some("corp")));
    assert!(caller.scopes.grant("crm:read") && caller.claims["groups"].contains("Sales"));
    let id_token = key.sign_with(&claims(json!({ "at_hash": "h", "nonce": "n" })), "");
    assert_eq!(present(&authenticator, &id_token).await, Err(Refusal::Invalid(Flaw::Type)));
}

#[tokio::test(start_paused = true)]
async fn keycloak() {
    let key = SigningKey::rsa("k");
    let authenticator = trusting(&Issuer::publishing(&[&key]), json!({ "profile": "keycloak" }));
    let claims = |typ: &str| {
        json!({
            "jti": "x", "iss": ISSUER, "aud": [RESOURCE, "account"], "sub": "u", "typ": typ, "azp": "agent",
            "iat": NOW, "exp": NOW + 300, "scope": "profile crm:read", "realm_access": { "roles": ["seller"] },
        })
    };
    let caller = present(&authenticator, &key.sign_with(&claims("Bearer"), "JWT")).await.unwrap();
    assert!(caller.scopes.grant("crm:read") && caller.claims["realm_access.roles"].contains("seller"));
    for typ in ["ID", "Refresh", "Offline"] {
        let refused = present(&authenticator, &key.sign_with(&claims(typ), "JWT")).await;
        assert_eq!(refused, Err(Refusal::Invalid(Flaw::Type)), "{typ}");
    }
}

#[test]
fn configurations_that_are_refused_name_the_key() {
    let issuer = Issuer::publishing(&[]);
    let resource = json!({ "resource": RESOURCE });
    for (identity, table, path) in [
        (json!({}), json!({}), "identity/resource"),
        (json!({ "resource": RESOURCE, "leeway_seconds": 121 }), json!({}), "identity/leeway_seconds"),
        (resource.clone(), json!({ "issuer": "http://id.example" }), "issuer/corp/issuer"),
        (resource.clone(), json!({ "issuer": "https://169.254.169.254/" }), "issuer/corp/issuer"),
        (resource.clone(), json!({ "jwks_url": "http://id.example/k" }), "issuer/corp/jwks_url"),
        (resource.clone(), json!({ "profile": "entra" }), "issuer/corp/audiences"),
        (resource, json!({ "profile": "entra", "audiences": ["api://x"] }), "issuer/corp/issuer"),
    ] {
        let refused = configured(&issuer, identity, &[("corp", table)]).err().expect(path);
        assert!(refused.message().starts_with(path), "{path}: {refused}");
    }
    let typo =
        serde_json::from_value::<IssuerConfig>(json!({ "issuer": ISSUER, "audience": [] })).unwrap_err();
    assert!(typo.to_string().contains("unknown field `audience`"), "{typo}");
}
