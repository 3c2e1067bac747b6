//! Good and bad tokens, one line each: what a client is told.

use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::issuer::{Issuer, SigningKey, claims};
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
    let (ec, rsa, stranger) = (SigningKey::ec("ec"), SigningKey::rsa("rsa"), SigningKey::ec("ec"));
    let authenticator = trusting(&Issuer::publishing(&[&ec, &rsa]), json!({}));
    let payload = claims(json!({})).to_string();
    let with = |changes: Value| ec.sign(&claims(changes));
    let raw = |header: &str| ec.sign_raw(header, &payload);
    let body = |changes: &str| ec.sign_raw(r#"{"alg":"ES256","typ":"at+jwt","kid":"ec"}"#, changes);
    let good = with(json!({}));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let public = serde_json::to_string(&rsa.jwk).unwrap();
    let confused = jsonwebtoken::encode(
        &jsonwebtoken::Header {
            kid: Some("rsa".into()),
            typ: Some("at+jwt".into()),
            ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256)
        },
        &claims(json!({})),
        &jsonwebtoken::EncodingKey::from_secret(public.as_bytes()),
    );
    let cases: Vec<(&str, String, &str)> = vec![
        ("no JWT at all", "abc".into(), "no issuer"),
        ("an API key where none are taken", "chancery_a_b".into(), "no issuer"),
        ("two parts", message.into(), "no issuer"),
        ("five parts", format!("{good}.a.b"), "no issuer"),
        ("an empty signature", format!("{message}."), "not well formed|signature"),
        ("a signature cut short", good[..good.len() - 8].into(), "not well formed|signature"),
        (
            "another token's signature",
            format!("{}.{signature}", with(json!({"sub": "bob"})).rsplit_once('.').unwrap().0),
            "signature",
        ),
        ("another's key of the same name", stranger.sign(&claims(json!({}))), "signature"),
        ("alg none", raw(r#"{"alg":"none","typ":"at+jwt","kid":"ec"}"#), "algorithm"),
        ("alg NONE", raw(r#"{"alg":"NONE","typ":"at+jwt","kid":"ec"}"#), "algorithm"),
        ("HS256 with the public key", confused.unwrap(), "algorithm"),
        ("another family", raw(r#"{"alg":"RS256","typ":"at+jwt","kid":"ec"}"#), "algorithm"),
        (
            "the family's other algorithm",
            rsa.sign_raw(r#"{"alg":"PS256","typ":"at+jwt","kid":"rsa"}"#, &payload),
            "algorithm",
        ),
        ("an algorithm that is not taken", raw(r#"{"alg":"ES512","typ":"at+jwt","kid":"ec"}"#), "algorithm"),
        ("no algorithm", raw(r#"{"typ":"at+jwt","kid":"ec"}"#), "not well formed"),
        ("a kid that is a path", raw(r#"{"alg":"ES256","typ":"at+jwt","kid":"../../dev/null"}"#), "key"),
        ("a kid that is SQL", raw(r#"{"alg":"ES256","typ":"at+jwt","kid":"x' UNION SELECT 'k"}"#), "key"),
        (
            "a key set of its own",
            stranger.sign_raw(
                r#"{"alg":"ES256","typ":"at+jwt","kid":"x","jku":"https://evil.example/k"}"#,
                &payload,
            ),
            "key",
        ),
        (
            "a certificate of its own",
            stranger.sign_raw(
                r#"{"alg":"ES256","typ":"at+jwt","kid":"x","x5u":"https://evil.example/k"}"#,
                &payload,
            ),
            "key",
        ),
        (
            "a critical extension",
            raw(r#"{"alg":"ES256","typ":"at+jwt","kid":"ec","crit":["exp"]}"#),
            "not well formed",
        ),
        (
            "a header that repeats itself",
            raw(r#"{"alg":"ES256","alg":"none","typ":"at+jwt","kid":"ec"}"#),
            "not well formed",
        ),
        ("an ID token's type", ec.sign_with(&claims(json!({})), "JWT"), "not an access token"),
        ("no type", ec.sign_with(&claims(json!({})), ""), "not an access token"),
        ("an ID token's claims", with(json!({"at_hash": "x"})), "not an access token"),
        ("another audience", with(json!({"aud": "https://itsm.example/mcp"})), "another resource"),
        (
            "other audiences",
            with(json!({"aud": ["https://itsm.example/mcp", "https://crm.example"]})),
            "another resource",
        ),
        (
            "an audience that begins as ours",
            with(json!({"aud": "https://crm.example/mcp2"})),
            "another resource",
        ),
        ("no audience", with(json!({"aud": null})), "claim"),
        ("an audience that is a number", with(json!({"aud": 7})), "claim|another resource"),
        ("another issuer", with(json!({"iss": "https://evil.example"})), "no issuer"),
        (
            "an issuer that begins as ours",
            with(json!({"iss": format!("{ISSUER}.evil.example")})),
            "no issuer",
        ),
        ("our issuer with a slash", with(json!({"iss": format!("{ISSUER}/")})), "no issuer"),
        ("issuers", with(json!({"iss": [ISSUER]})), "no issuer"),
        ("no issuer", with(json!({"iss": null})), "no issuer"),
        ("expired", with(json!({"iat": NOW - 900, "exp": NOW - 31})), "expired"),
        ("no expiry", with(json!({"exp": null})), "claim"),
        ("an expiry in text", with(json!({"exp": (NOW + 600).to_string()})), "claim|not well formed"),
        ("a negative expiry", with(json!({"exp": -1})), "claim|not well formed"),
        ("not yet valid", with(json!({"nbf": NOW + 31})), "not valid yet"),
        ("issued in the future", with(json!({"iat": NOW + 31})), "not valid yet"),
        ("living for a week", with(json!({"exp": NOW + 7 * 86_400})), "too long"),
        ("no time of issue", with(json!({"iat": null})), "claim"),
        ("no subject", with(json!({"sub": null})), "claim"),
        ("an empty subject", with(json!({"sub": ""})), "claim"),
        ("a subject that is a number", with(json!({"sub": 7})), "claim"),
        ("a subject without end", with(json!({"sub": "x".repeat(256)})), "claim"),
        ("no client", with(json!({"client_id": null})), "claim"),
        ("no id", with(json!({"jti": null})), "claim"),
        ("bound to a certificate that was not shown", with(json!({"cnf": {"x5t#S256": "abc"}})), "bound"),
        ("bound to a key we cannot check", with(json!({"cnf": {"jkt": "abc"}})), "bound"),
        (
            "claims that repeat themselves",
            body(&payload.replacen('{', r#"{"scope":"crm:admin","#, 1)),
            "not well formed",
        ),
        ("claims that are a list", body("[1]"), "no issuer"),
    ];
    assert!(cases.len() >= 40);
    for (case, token, why) in cases {
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
        ("EC", ec.sign(&claims(json!({})))),
        ("RSA", rsa.sign(&claims(json!({})))),
        ("a media type", ec.sign_with(&claims(json!({})), "application/at+jwt")),
        ("an audience among others", ec.sign(&claims(json!({"aud": ["https://x.example", RESOURCE]})))),
        ("an audience in capitals", ec.sign(&claims(json!({"aud": "HTTPS://CRM.Example:443/mcp/"})))),
        ("expired within the leeway", ec.sign(&claims(json!({"iat": NOW - 900, "exp": NOW - 29})))),
        ("times with fractions", ec.sign(&claims(times))),
        ("extra claims", ec.sign(&claims(json!({"x": {"y": [1, 2]}})))),
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
    let good = format!("Bearer {}", ec.sign(&claims(json!({}))));
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
    let caller = present(&authenticator, &ec.sign(&claims(json!({"scope": "finance:read"})))).await.unwrap();
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
