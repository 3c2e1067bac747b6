//! Good and bad tokens, one line each: what a client is told.

use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::*;

const BASELINE: &str =
    r#"scope="crm:read", resource_metadata="https://crm.example/.well-known/oauth-protected-resource/mcp""#;

fn told(authenticator: &Authenticator, refusal: &Refusal) -> (StatusCode, String) {
    let resource = authenticator.resource("crm", vec!["crm:read".into()]).unwrap();
    let challenge = resource.challenge(refusal, &[]);
    (challenge.status, challenge.www_authenticate.unwrap().to_str().unwrap().to_owned())
}

#[tokio::test(start_paused = true)]
async fn tokens_that_are_refused() {
    let (ec, rsa) = (SigningKey::ec("ec"), SigningKey::rsa("rsa"));
    let authenticator = trusting(&Issuer::publishing(&[&ec, &rsa]), json!({}));
    let (cases, good) = cases(&ec, &rsa);
    assert!(cases.len() >= 40);
    for Case { name: case, token, why } in cases {
        let refusal = present(&authenticator, &token).await.expect_err(case);
        let (status, header) = told(&authenticator, &refusal);
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{case}: {header}");
        assert!(
            header.starts_with(r#"Bearer error="invalid_token", error_description=""#),
            "{case}: {header}"
        );
        assert!(why.split('|').any(|why| header.contains(why)), "{case}: {header}");
        assert!(header.ends_with(BASELINE), "{case}: {header}");
    }
    present(&authenticator, &good).await.expect("the good one");
}

#[tokio::test(start_paused = true)]
async fn tokens_that_are_taken() {
    let (ec, rsa) = (SigningKey::ec("ec"), SigningKey::rsa("rsa"));
    let authenticator = trusting(&Issuer::publishing(&[&ec, &rsa]), json!({}));
    let times = json!({"exp": (NOW + 600) as f64 + 0.5, "iat": NOW - 100, "nbf": NOW + 29});
    for (case, token) in [
        ("EC", ec.sign(&claims(&json!({})))),
        ("RSA", rsa.sign(&claims(&json!({})))),
        ("a media type", ec.sign_with(&claims(&json!({})), "application/at+jwt")),
        ("an audience among others", ec.sign(&claims(&json!({"aud": ["https://x.example", RESOURCE]})))),
        ("an audience in capitals", ec.sign(&claims(&json!({"aud": "HTTPS://CRM.Example:443/mcp/"})))),
        ("expired within the leeway", ec.sign(&claims(&json!({"iat": NOW - 900, "exp": NOW - 29})))),
        ("times with fractions", ec.sign(&claims(&times))),
        ("extra claims", ec.sign(&claims(&json!({"x": {"y": [1, 2]}})))),
    ] {
        let caller = present(&authenticator, &token).await.unwrap_or_else(|why| panic!("{case}: {why:?}"));
        assert_eq!((caller.subject.as_str(), caller.method), ("alice", "jwt"), "{case}");
        assert_eq!(caller.client.as_deref(), Some("agent"));
        assert_eq!(caller.token_id.as_deref(), Some("t-1"));
        assert!(caller.scopes.grant("crm:read") && !caller.scopes.grant("crm:write"));
    }
}

#[tokio::test(start_paused = true)]
async fn requests_without_a_token_that_can_be_read() {
    let ec = SigningKey::ec("ec");
    let authenticator = trusting(&Issuer::publishing(&[&ec]), json!({}));
    let ask = async |uri: &'static str, values: &[&str]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::try_from(*value).unwrap());
        }
        let refusal = authenticator.authenticate(&Uri::from_static(uri), &headers, None).await.unwrap_err();
        told(&authenticator, &refusal)
    };
    let (status, header) = ask("/mcp", &[]).await;
    assert_eq!((status, header), (StatusCode::UNAUTHORIZED, format!("Bearer {BASELINE}")));
    let (status, header) = ask("/mcp", &["Basic YTpi"]).await;
    assert_eq!((status, header), (StatusCode::UNAUTHORIZED, format!("Bearer {BASELINE}")));
    let large = format!("Bearer {}", "x".repeat((16 << 10) + 1));
    let good = format!("Bearer {}", ec.sign(&claims(&json!({}))));
    for (case, uri, values) in [
        ("in the query string", "/mcp?a=b&access_token=x", vec![]),
        ("also in the query string", "/mcp?%61ccess_token=x", vec![good.as_str()]),
        ("twice", "/mcp", vec![good.as_str(), good.as_str()]),
        ("empty", "/mcp", vec!["Bearer "]),
        ("no token by its characters", "/mcp", vec!["Bearer a b"]),
        ("more than 16 kB", "/mcp", vec![large.as_str()]),
    ] {
        let (status, header) = ask(uri, &values).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{case}");
        assert!(header.starts_with(r#"Bearer error="invalid_request""#), "{case}: {header}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_scope_is_answered_with_all_that_the_call_needs() {
    let ec = SigningKey::ec("ec");
    let authenticator = trusting(&Issuer::publishing(&[&ec]), json!({}));
    let caller = present(&authenticator, &ec.sign(&claims(&json!({"scope": "finance:read"})))).await.unwrap();
    Authenticator::permit(&caller, &["finance:read"]).unwrap();
    let needed = ["finance:read", "finance:payment_run.approve"];
    let refusal = Authenticator::permit(&caller, &needed).unwrap_err();
    let (status, header) = told(&authenticator, &refusal);
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(header.contains(r#"error="insufficient_scope""#), "{header}");
    assert!(
        header.contains(r#"scope="finance:read finance:payment_run.approve", resource_metadata="#),
        "{header}"
    );
}

#[test]
fn the_metadata_stands_at_both_places_and_names_the_resource() {
    let issuer = Issuer::publishing(&[]);
    let resource = trusting(&issuer, json!({})).resource("Chancery CRM", vec!["crm:read".into()]).unwrap();
    let root = "/.well-known/oauth-protected-resource";
    assert_eq!(resource.paths(), [format!("{root}/mcp"), root.to_owned()]);
    let document: Value = serde_json::from_slice(&resource.metadata().unwrap()).unwrap();
    let expected = json!({
        "resource": RESOURCE, "authorization_servers": [ISSUER], "scopes_supported": ["crm:read"],
        "bearer_methods_supported": ["header"], "resource_name": "Chancery CRM",
    });
    assert_eq!(document, expected);
}

#[tokio::test(start_paused = true)]
async fn what_callers_are_told_by_can_be_tried() {
    let key = SigningKey::ec("a");
    let issuer = Issuer::publishing(&[&key]);
    let authenticator = trusting(&issuer, json!({}));
    let found = authenticator.examine().await;
    assert_eq!(found[0].what, format!("issuer {ISSUER}"));
    assert_eq!(found[0].outcome.as_deref().unwrap(), "publishes 1 keys we can use");
    issuer.set_down(true);
    let found = trusting(&issuer, json!({})).examine().await;
    assert!(found[0].outcome.is_err());
}
