//! Tokens that must be refused, one line each.

use serde_json::{Value, json};

use super::NOW;
use super::issuer::{ISSUER, SigningKey, claims};

/// A bad token.
pub struct Case {
    /// What is wrong with it.
    pub name: &'static str,
    /// The token.
    pub token: String,
    /// What the client is told contains one of these, separated by `|`.
    pub why: &'static str,
}

/// The table of bad tokens. `ec` and `rsa` are the issuer's keys, called `ec` and `rsa`; the first signs a good one,
/// too, which is the second value.
#[must_use]
pub fn cases(ec: &SigningKey, rsa: &SigningKey) -> (Vec<Case>, String) {
    let stranger = SigningKey::ec("ec");
    let payload = claims(&json!({})).to_string();
    let with = |changes: Value| ec.sign(&claims(&changes));
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
        &claims(&json!({})),
        &jsonwebtoken::EncodingKey::from_secret(public.as_bytes()),
    );
    let cases = vec![
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
        ("another's key of the same name", stranger.sign(&claims(&json!({}))), "signature"),
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
        ("an ID token's type", ec.sign_with(&claims(&json!({})), "JWT"), "not an access token"),
        ("no type", ec.sign_with(&claims(&json!({})), ""), "not an access token"),
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
    let case = |(name, token, why)| Case { name, token, why };
    (cases.into_iter().map(case).collect(), good.clone())
}
