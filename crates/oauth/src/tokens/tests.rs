use std::collections::VecDeque;
use std::sync::Mutex;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use call::BoxFuture;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, Response};
use serde_json::{Value, json};

use super::*;
use crate::Secret;

/// A token endpoint in memory: answers what it was told, in order, the last answer forever; takes 100 ms.
#[derive(Default)]
struct Endpoint {
    answers: Mutex<VecDeque<(u16, String)>>,
    asked: Mutex<Vec<Request<Bytes>>>,
    headers: Vec<(&'static str, &'static str)>,
}

impl Endpoint {
    fn answering(answers: &[(u16, Value)]) -> Arc<Self> {
        let answers = answers.iter().map(|(status, body)| (*status, body.to_string())).collect();
        Arc::new(Self { answers: Mutex::new(answers), ..Self::default() })
    }

    fn granting(life: u64) -> Arc<Self> {
        Self::answering(&[1, 2, 3, 4].map(|n| (200, grant(n, Some(life)))))
    }

    fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn body(&self) -> String {
        String::from_utf8(self.asked.lock().unwrap()[0].body().to_vec()).unwrap()
    }
}

impl Exchange for Endpoint {
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            self.asked.lock().unwrap().push(request);
            let mut answers = self.answers.lock().unwrap();
            let (status, body) =
                if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() };
            if status == 0 {
                return Err(Error::new(Code::UpstreamUnavailable, "cannot be reached"));
            }
            let mut reply = Response::builder().status(status).header(CONTENT_TYPE, "text/json");
            for (name, value) in &self.headers {
                reply = reply.header(*name, *value);
            }
            Ok(reply.body(Bytes::from(body)).unwrap())
        })
    }
}

fn grant(n: u32, life: Option<u64>) -> Value {
    let mut body = json!({ "access_token": format!("canary-token-{n}"), "token_type": "Bearer" });
    if let Some(life) = life {
        body["expires_in"] = json!(life);
    }
    body
}

fn config(extra: Value) -> Config {
    // A secret can only be a reference here, so the variant is built from JSON and its secret replaced.
    let mut config = json!({
        "grant": "client_credentials", "client_id": "a client", "client_secret": "env:NOT_SET",
        "token_url": "https://id.example/token",
    });
    config.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let mut config = serde_json::from_value(config).unwrap();
    if let Config::ClientCredentials { client_secret, .. } = &mut config {
        *client_secret = Secret::literal("canary&secret");
    }
    config
}

fn tokens(endpoint: &Arc<Endpoint>, config: Config) -> Tokens {
    let defaults = Defaults { token_url: None, api_base: Url::parse("https://api.example/v3/").unwrap() };
    let clock = Clock::starting_at("2026-11-21T06:00:00Z".parse().unwrap());
    Tokens::new(config, &defaults, Arc::clone(endpoint) as Arc<dyn Exchange>, clock).unwrap()
}

fn shown(token: &Token) -> &str {
    token.header().to_str().unwrap()
}

async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_at_expiry_make_one_request() {
    let endpoint = Endpoint::granting(3600);
    let tokens = tokens(&endpoint, config(json!({})));
    tokens.current().await.unwrap();
    seconds(3600).await;
    let calls = futures::future::join_all((0..1000).map(|_| tokens.current())).await;
    assert!(calls.iter().all(|token| shown(token.as_ref().unwrap()) == "Bearer canary-token-2"));
    assert_eq!(endpoint.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_behind_the_callers_backs_before_it_ends() {
    let endpoint = Endpoint::granting(3600);
    let tokens = tokens(&endpoint, config(json!({})));
    tokens.current().await.unwrap();
    seconds(2500).await;
    assert_eq!(shown(&tokens.current().await.unwrap()), "Bearer canary-token-1");
    assert_eq!(endpoint.requests(), 1, "before 72 % of its life");
    seconds(700).await;
    assert_eq!(shown(&tokens.current().await.unwrap()), "Bearer canary-token-1", "nobody waits");
    seconds(1).await;
    assert_eq!(shown(&tokens.current().await.unwrap()), "Bearer canary-token-2");
    assert_eq!(endpoint.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_of_unknown_life_is_kept_until_it_is_rejected() {
    let endpoint = Endpoint::answering(&[(200, grant(1, None)), (200, grant(2, None))]);
    let tokens = tokens(&endpoint, config(json!({})));
    let first = tokens.current().await.unwrap();
    seconds(90 * 24 * 3600).await;
    assert!(Arc::ptr_eq(&first, &tokens.current().await.unwrap()));
    tokens.reject(&first);
    let second = tokens.current().await.unwrap();
    assert_eq!(shown(&second), "Bearer canary-token-2");
    tokens.reject(&first);
    assert!(Arc::ptr_eq(&second, &tokens.current().await.unwrap()), "a late refusal of the old one");
}

#[tokio::test(start_paused = true)]
async fn a_refused_credential_is_tried_three_times_a_minute() {
    let refusal = json!({ "error": "invalid_client", "error_description": "canary-description" });
    let endpoint = Endpoint::answering(&[(401, refusal)]);
    let tokens = tokens(&endpoint, config(json!({})));
    for _ in 0..20 {
        let error = tokens.current().await.unwrap_err();
        assert_eq!(error.code(), Code::UpstreamAuth);
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
    assert_eq!(endpoint.requests(), 3);
    let wait = tokens.current().await.unwrap_err().wait().unwrap();
    assert!(wait > Duration::from_secs(59) && wait <= Duration::from_secs(60), "{wait:?}");
    tokio::time::sleep(wait).await;
    let error = tokens.current().await.unwrap_err();
    assert!(error.message().contains("invalid_client"), "{error}");
    assert_eq!(endpoint.requests(), 4);
}

#[tokio::test(start_paused = true)]
async fn tokens_that_never_work_count_as_refusals_and_those_that_did_do_not() {
    let endpoint = Endpoint::granting(3600);
    let tokens = tokens(&endpoint, config(json!({})));
    for _ in 0..10 {
        let token = tokens.current().await.unwrap();
        tokens.accept(&token);
        tokens.reject(&token);
    }
    assert_eq!(endpoint.requests(), 10, "revoked again and again, but each of them worked");
    for _ in 0..3 {
        let token = tokens.current().await.unwrap();
        tokens.reject(&token);
        tokens.reject(&token);
    }
    assert_eq!(tokens.current().await.unwrap_err().code(), Code::UpstreamAuth);
    assert_eq!(endpoint.requests(), 13);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_down_is_no_matter_of_the_credential() {
    let endpoint = Endpoint::answering(&[
        (503, json!({})),
        (0, json!({})),
        (429, json!({})),
        (200, grant(1, Some(3600))),
    ]);
    let tokens = tokens(&endpoint, config(json!({})));
    let mut codes = Vec::new();
    for _ in 0..5 {
        codes.push(tokens.current().await.unwrap_err().code());
    }
    let down = Code::UpstreamUnavailable;
    assert_eq!(codes, [down, down, Code::RateLimited, down, down]);
    assert_eq!(endpoint.requests(), 3, "then it is left alone for a moment");
    seconds(5).await;
    tokens.current().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_asks_for_a_pause_has_it() {
    // The date is counted from the present time of the test, 100 ms later when the answer comes.
    for (status, value, told) in [
        (429, "30", 30_000),
        (503, "30", 30_000),
        (429, "3600", 60_000),
        (429, "Sat, 21 Nov 2026 06:00:30 GMT", 29_900),
    ] {
        for format in ["form", "json"] {
            let endpoint = Arc::new(Endpoint {
                answers: Mutex::new([(status, "{}".to_owned())].into()),
                headers: vec![("retry-after", value)],
                ..Endpoint::default()
            });
            let tokens = tokens(&endpoint, config(json!({ "body": format })));
            let (told, mut waits) = (Duration::from_millis(told), Vec::new());
            for _ in 0..20 {
                waits.push(tokens.current().await.unwrap_err().wait());
            }
            assert_eq!(waits, [Some(told); 20], "{status} {value}");
            assert_eq!(endpoint.requests(), 1, "{status} {value}");
            tokio::time::sleep(told).await;
            tokens.current().await.unwrap_err();
            assert_eq!(endpoint.requests(), 2);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_during_renewal_is_not_noticed_while_the_token_lives() {
    let endpoint = Endpoint::answering(&[(200, grant(1, Some(3600))), (503, json!({}))]);
    let tokens = tokens(&endpoint, config(json!({})));
    tokens.current().await.unwrap();
    for _ in 0..12 {
        seconds(280).await;
        tokens.current().await.unwrap();
    }
    seconds(240).await;
    assert_eq!(tokens.current().await.unwrap_err().code(), Code::UpstreamUnavailable, "it ended");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_token_is_garbled_and_not_repeated() {
    for body in [json!("canary"), json!({ "token": "canary" }), json!({ "access_token": 7 })] {
        let tokens = tokens(&Endpoint::answering(&[(200, body)]), config(json!({})));
        let error = tokens.current().await.unwrap_err();
        assert_eq!(error.code(), Code::UpstreamGarbled);
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_are_written_as_the_vendor_wants_them() {
    let form = "grant_type=client_credentials&scope=read%2Cwrite&client_id=a+client&client_secret=canary%26secret&audience=x";
    let endpoint = Endpoint::granting(60);
    tokens(&endpoint, config(json!({ "scope": "read,write", "audience": "x" }))).current().await.unwrap();
    assert_eq!(endpoint.body(), form);

    let endpoint = Endpoint::granting(60);
    tokens(&endpoint, config(json!({ "credentials_in": "basic" }))).current().await.unwrap();
    assert_eq!(endpoint.body(), "grant_type=client_credentials");
    // RFC 6749, section 2.3.1: id and secret are form-encoded first.
    let header = endpoint.asked.lock().unwrap()[0].headers()[AUTHORIZATION].clone();
    assert_eq!(header, "Basic YStjbGllbnQ6Y2FuYXJ5JTI2c2VjcmV0");

    let endpoint = Endpoint::granting(60);
    tokens(&endpoint, config(json!({ "body": "json", "scope": "s" }))).current().await.unwrap();
    let body: Value = serde_json::from_str(&endpoint.body()).unwrap();
    let expected = json!({
        "grant_type": "client_credentials", "scope": "s",
        "client_id": "a client", "client_secret": "canary&secret",
    });
    assert_eq!(body, expected);
}

#[tokio::test(start_paused = true)]
async fn sloppy_grants_are_understood_in_both_formats() {
    let long = format!("ghs_1_{}", "x".repeat(2000));
    let body =
        json!({ "access_token": long, "expires_in": "3599", "scope": ["a", "b"], "token_type": "mac" });
    for format in ["form", "json"] {
        let endpoint = Endpoint::answering(&[(201, body.clone())]);
        let tokens = tokens(&endpoint, config(json!({ "body": format })));
        assert_eq!(shown(&tokens.current().await.unwrap()), format!("Bearer {long}"));
        seconds(3598).await;
        tokens.current().await.unwrap();
        assert_eq!(endpoint.requests(), 2, "a life in text is a life");
    }
}

#[tokio::test(start_paused = true)]
async fn a_static_token_in_a_file_is_seen_when_it_changes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("token");
    std::fs::write(&path, "one").unwrap();
    let token = Secret::parse(&format!("file:{}", path.display())).unwrap();
    let tokens = tokens(&Endpoint::granting(1), Config::Bearer { token });
    assert_eq!(shown(&tokens.current().await.unwrap()), "Bearer one");
    std::fs::write(&path, "two").unwrap();
    seconds(11).await;
    tokens.current().await.unwrap();
    seconds(1).await;
    assert_eq!(shown(&tokens.current().await.unwrap()), "Bearer two", "without a refusal");
    std::fs::write(&path, "three").unwrap();
    tokens.reject(&tokens.current().await.unwrap());
    assert_eq!(shown(&tokens.current().await.unwrap()), "Bearer three", "at once after a refusal");
}

#[tokio::test(start_paused = true)]
async fn a_github_app_signs_and_is_granted_a_token_of_any_length() {
    let key = key();
    let long = format!("ghs_17_{}", "a".repeat(520));
    let granted = json!({ "token": long, "expires_at": "2026-11-21T07:00:00Z", "permissions": {} });
    let endpoint = Arc::new(Endpoint {
        answers: Mutex::new([(201, granted.to_string())].into()),
        // Half an hour ahead of us.
        headers: vec![("date", "Sat, 21 Nov 2026 06:30:00 GMT")],
        ..Endpoint::default()
    });
    let app = Config::GithubApp {
        app_id: crate::AppId::Number(17),
        installation_id: 42,
        private_key: Secret::literal(key.serialize_pem()),
        permissions: [("issues".to_owned(), "write".to_owned())].into(),
        repositories: Vec::new(),
    };
    let tokens = tokens(&endpoint, app);
    assert_eq!(shown(&tokens.current().await.unwrap()), format!("Bearer {long}"));
    {
        let asked = endpoint.asked.lock().unwrap();
        assert_eq!(asked[0].uri(), "https://api.example/v3/app/installations/42/access_tokens");
        assert_eq!(asked[0].headers()["x-github-api-version"], "2026-03-10");
        let assertion = asked[0].headers()[AUTHORIZATION].to_str().unwrap().strip_prefix("Bearer ").unwrap();
        let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
        rules.validate_exp = false; // Its time is the test's.
        let public = jsonwebtoken::DecodingKey::from_rsa_pem(key.public_key_pem().as_bytes()).unwrap();
        let claims = jsonwebtoken::decode::<Value>(assertion, &public, &rules).unwrap().claims;
        // 2026-11-21T06:00:00Z
        let now = 1_795_240_800;
        assert_eq!(claims, json!({ "iss": "17", "iat": now - 60, "exp": now + 480 }));
        assert_eq!(asked[0].body(), &Bytes::from(r#"{"permissions":{"issues":"write"}}"#));
        assert!(BASE64_URL_SAFE_NO_PAD.decode(assertion.split('.').next().unwrap()).is_ok());
    }
    seconds(1795).await;
    tokens.current().await.unwrap();
    assert_eq!(endpoint.requests(), 2, "its half hour is counted by the clock that granted it");
}

fn key() -> rcgen::KeyPair {
    rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap()
}

/// A form body, decoded.
fn fields(body: &str) -> std::collections::BTreeMap<String, String> {
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

#[tokio::test(start_paused = true)]
async fn an_assertion_is_exchanged_for_a_token_of_unknown_life_at_an_instance() {
    let key = key();
    let granted = json!({ "access_token": "canary-token", "instance_url": "https://eu9.vendor.example" });
    let endpoint = Endpoint::answering(&[(200, granted)]);
    let bearer = |audience: Option<&str>, secret: Option<&str>| Config::JwtBearer {
        token_url: Some(Url::parse("https://id.example/token").unwrap()),
        client_id: "a client".into(),
        client_secret: secret.map(Secret::literal),
        subject: "agent@halden.example".into(),
        audience: audience.map(str::to_owned),
        private_key: Secret::literal(key.serialize_pem()),
        key_id: Some("k-1".into()),
        scope: Some("api".into()),
    };
    let tokens = tokens(&endpoint, bearer(Some("https://login.example"), None));
    let token = tokens.current().await.unwrap();
    assert_eq!(
        (shown(&token), token.instance()),
        ("Bearer canary-token", Some("https://eu9.vendor.example"))
    );
    let asked = fields(&endpoint.body());
    let names: Vec<&str> = asked.keys().map(String::as_str).collect();
    assert_eq!(names, ["assertion", "grant_type", "scope"]);
    assert_eq!(asked["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    rules.validate_exp = false; // Its time is the test's.
    rules.set_audience(&["https://login.example"]);
    let public = jsonwebtoken::DecodingKey::from_rsa_pem(key.public_key_pem().as_bytes()).unwrap();
    let decoded = jsonwebtoken::decode::<Value>(&asked["assertion"], &public, &rules).unwrap();
    assert_eq!(decoded.header.kid.as_deref(), Some("k-1"));
    let mut claims = decoded.claims;
    let serial = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(serial.as_str().unwrap().len(), 32);
    // 2026-11-21T06:00:00Z and the time the request took before it was signed: none.
    let now = 1_795_240_800;
    let expected = json!({
        "iss": "a client", "sub": "agent@halden.example", "aud": "https://login.example",
        "iat": now, "exp": now + 150,
    });
    assert_eq!(claims, expected);

    let endpoint = Endpoint::granting(60);
    self::tokens(&endpoint, bearer(None, Some("canary"))).current().await.unwrap();
    let asked = fields(&endpoint.body());
    assert_eq!((asked["client_id"].as_str(), asked["client_secret"].as_str()), ("a client", "canary"));
    rules.set_audience(&["https://id.example/token"]);
    jsonwebtoken::decode::<Value>(&asked["assertion"], &public, &rules).unwrap();
}

#[tokio::test(start_paused = true)]
async fn nothing_shows_a_secret() {
    let endpoint = Endpoint::granting(60);
    let config = config(json!({}));
    assert!(!format!("{config:?}").contains("canary"), "{config:?}");
    let tokens = tokens(&endpoint, config);
    let token = tokens.current().await.unwrap();
    let shown = format!("{tokens:?} {token:?} {:?}", token.header());
    assert!(!shown.contains("canary"), "{shown}");
    let app = Config::GithubApp {
        app_id: crate::AppId::Name("Iv1".into()),
        installation_id: 1,
        private_key: Secret::literal("canary, no key at all"),
        permissions: Default::default(),
        repositories: Vec::new(),
    };
    let error = self::tokens(&endpoint, app).current().await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamAuth);
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
}
