//! Identity in front of the real handler and the real tool stack, against an issuer in memory.

use std::convert::Infallible;
use std::time::Duration;

use audit::Status;
use call::Caller;
use futures::future::join_all;
use http::StatusCode;
use http::header::{AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http_body_util::StreamBody;
use identity::Authenticator;
use identity::testing::{Case, Issuer, JWKS, SigningKey, cases, claims, configured, mutations, trusting};
use tokio::time::Instant;

use super::super::Gate;
use super::super::gate::LINGER;
use super::*;
use crate::handler::{Handler, needed};
use crate::trial::{SANDBOX, Trial};

const BASELINE: &str =
    r#"scope="shelf:read", resource_metadata="https://crm.example/.well-known/oauth-protected-resource/mcp""#;

/// The whole server behind a gate.
struct Fort {
    trial: Trial,
    issuer: Arc<Issuer>,
    endpoint: Endpoint,
}

impl Fort {
    /// One that trusts an issuer with these keys.
    fn of(keys: &[&SigningKey]) -> Self {
        let issuer = Issuer::publishing(keys);
        let authenticator = trusting(&issuer, json!({}));
        let trial = Trial::new(SANDBOX);
        let front = trial.front.clone();
        let gate = gate(
            authenticator,
            Box::new(move |caller, method, params| needed(&front, caller, method, params)),
        );
        let handler = Handler::new(trial.front.clone(), Caller::new("nobody", "none"));
        Self { endpoint: mount(handler, Config { gate, ..Config::default() }), issuer, trial }
    }

    async fn ask(&self, token: &str, message: &Value) -> Response<super::super::refusal::Body> {
        self.endpoint.handle(bearing(token, message)).await
    }

    /// Status and challenge of a call.
    async fn told(&self, token: &str, message: &Value) -> (StatusCode, String) {
        let response = self.ask(token, message).await;
        let challenge = response.headers().get(WWW_AUTHENTICATE);
        (response.status(), challenge.map(|c| c.to_str().unwrap().to_owned()).unwrap_or_default())
    }
}

fn gate(authenticator: Authenticator, needs: Box<super::super::Needs>) -> Option<Arc<Gate>> {
    let resource = authenticator.resource("chancery-shelf", vec!["shelf:read".into()]).unwrap();
    Some(Arc::new(Gate::new(Arc::new(authenticator), resource, needs)))
}

#[tokio::test]
async fn whoever_floods_is_turned_away_before_the_message_is_read() {
    let key = SigningKey::ec("ec");
    let authenticator = trusting(&Issuer::publishing(&[&key]), json!({}));
    let resource = authenticator.resource("chancery-shelf", vec!["shelf:read".into()]).unwrap();
    let gate = Gate::new(Arc::new(authenticator), resource, Box::new(|_, _, _| None));
    let pace = |caller: &Caller| (caller.subject == "loud").then_some(Duration::from_millis(1_200));
    let gate = Some(Arc::new(gate.paced(Box::new(pace))));
    let endpoint = mount(Probe::new(), Config { gate, ..Config::default() });
    let ask = async |subject: &str, message: &Value| {
        let token = key.sign(&claims(&json!({ "sub": subject })));
        endpoint.handle(bearing(&token, message)).await
    };
    assert_eq!(ask("calm", &call("peer")).await.status(), StatusCode::OK);
    // The issuer's keys are here now: from this line on nothing waits for anything but the clock.
    tokio::time::pause();
    let began = Instant::now();
    let refused = ask("loud", &json!("no message at all")).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[RETRY_AFTER], "2");
    assert!(began.elapsed() >= LINGER.start, "a flood is answered late");
}

fn bearing(token: &str, message: &Value) -> Request<Full<Bytes>> {
    let mut request = request(message.to_string());
    request.headers_mut().insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    request
}

fn tool(name: &str, arguments: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": name, "arguments": arguments } })
}

fn read() -> Value {
    tool("get_item", json!({ "id": "shelf:1" }))
}

fn granting(key: &SigningKey, scope: &str) -> String {
    key.sign(&claims(&json!({ "scope": scope })))
}

#[tokio::test]
async fn the_whole_table_of_bad_tokens_stays_outside() {
    let (ec, rsa) = (SigningKey::ec("ec"), SigningKey::rsa("rsa"));
    let fort = Fort::of(&[&ec, &rsa]);
    let (cases, _) = cases(&ec, &rsa);
    assert!(cases.len() >= 40);
    for Case { name, token, why } in cases {
        let (status, challenge) = fort.told(&token, &read()).await;
        assert_eq!(status, 401, "{name}: {challenge}");
        assert!(challenge.starts_with(r#"Bearer error="invalid_token""#), "{name}: {challenge}");
        assert!(why.split('|').any(|why| challenge.contains(why)), "{name}: {challenge}");
        assert!(challenge.ends_with(BASELINE), "{name}: {challenge}");
    }
    for changed in mutations(&granting(&ec, "shelf:admin"), 2_000, 3) {
        let status = fort.told(&changed, &read()).await.0;
        // 503: the change made it the token of a key that nobody knows, and the issuer was asked often enough.
        assert!([400, 401, 503].contains(&status.as_u16()), "{status}: {changed}");
    }
    assert!(fort.trial.shelf.seen().is_empty() && fort.trial.tape.records().is_empty());
    assert_eq!(fort.told(&granting(&ec, "shelf:read"), &read()).await.0, 200);
}

#[tokio::test]
async fn requests_without_a_readable_token_are_told_where_to_get_one() {
    let key = SigningKey::ec("ec");
    let fort = Fort::of(&[&key]);
    let response = fort.endpoint.handle(request(read().to_string())).await;
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()[WWW_AUTHENTICATE], format!("Bearer {BASELINE}"));
    assert_eq!(body(response).await["error"]["message"], "this server has to know who calls");

    let token = granting(&key, "shelf:read");
    let mut in_query = request(read().to_string());
    *in_query.uri_mut() = format!("/mcp?access_token={token}").parse().unwrap();
    let mut twice = bearing(&token, &read());
    twice.headers_mut().append(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    let large = bearing(&"x".repeat((16 << 10) + 1), &read());
    for (case, bad) in [("in the query string", in_query), ("twice", twice), ("larger than 16 kB", large)] {
        let response = fort.endpoint.handle(bad).await;
        assert_eq!(response.status(), 400, "{case}");
        let challenge = response.headers()[WWW_AUTHENTICATE].to_str().unwrap();
        assert!(challenge.starts_with(r#"Bearer error="invalid_request""#), "{case}: {challenge}");
    }
    assert!(fort.trial.shelf.seen().is_empty());
}

#[tokio::test]
async fn the_caller_is_who_the_token_says_and_so_is_the_record() {
    let key = SigningKey::ec("ec");
    let fort = Fort::of(&[&key]);
    let token = key.sign(&claims(&json!({ "sub": "bob", "scope": "shelf:read" })));
    assert_eq!(fort.told(&token, &read()).await.0, 200);
    let records = fort.trial.tape.records();
    let caller = &records[0].caller;
    assert_eq!((caller.sub.as_str(), caller.method.as_str()), ("bob", "jwt"));
    assert_eq!(caller.iss.as_deref(), Some(identity::testing::ISSUER));
    assert_eq!((caller.client.as_deref(), caller.token_id.as_deref()), (Some("agent"), Some("t-1")));
}

#[tokio::test]
async fn each_tool_takes_its_scope_and_those_that_include_it() {
    let key = SigningKey::ec("ec");
    let fort = Fort::of(&[&key]);
    let resource = json!({ "jsonrpc": "2.0", "id": 7, "method": "resources/read",
        "params": { "uri": "chancery://shelf/shelf/item/1" } });
    let completion = json!({ "jsonrpc": "2.0", "id": 7, "method": "completion/complete", "params": {
        "ref": { "type": "ref/prompt", "name": "tidy_shelf" }, "argument": { "name": "item", "value": "a" } } });
    let reads = [read(), tool("read_item", json!({ "id": "shelf:1" })), resource, completion];
    let write = tool("add_item", json!({ "text": "x" }));
    for (granted, may_read, may_write) in [
        ("shelf:read", true, false),
        ("shelf:write", true, true),
        ("shelf:admin", true, true),
        ("shelf:read other:admin", true, false),
        ("shelf:item.burn", false, false),
        ("other:admin", false, false),
        ("shelf", false, false),
        ("", false, false),
    ] {
        let token = granting(&key, granted);
        for message in reads.iter().chain([&write]) {
            let (allowed, needed) =
                if message == &write { (may_write, "shelf:write") } else { (may_read, "shelf:read") };
            let seen = fort.trial.shelf.seen().len();
            let (status, challenge) = fort.told(&token, message).await;
            if allowed {
                assert_eq!(status, 200, "{granted}: {message}");
                continue;
            }
            assert_eq!(status, 403, "{granted}: {message}");
            let told = format!(
                r#"Bearer error="insufficient_scope", error_description="the call needs the scope {needed}", {}"#,
                BASELINE.replace("shelf:read", needed)
            );
            assert_eq!(challenge, told);
            assert_eq!(fort.trial.shelf.seen().len(), seen, "refused before the tool ran: {message}");
        }
    }
}

#[tokio::test]
async fn a_refused_call_is_on_record_and_its_answer_names_it() {
    let key = SigningKey::ec("ec");
    let fort = Fort::of(&[&key]);
    let response = fort.ask(&granting(&key, "shelf:read"), &tool("add_item", json!({ "text": "x" }))).await;
    let answer = body(response).await;
    assert_eq!(
        (&answer["id"], &answer["error"]["message"]),
        (&json!(7), &json!("the call needs the scope shelf:write"))
    );
    let records = fort.trial.tape.records();
    assert_eq!(
        (records.len(), records[0].tool.as_str(), records[0].caller.sub.as_str()),
        (1, "add_item", "alice")
    );
    let outcome = records[0].result.as_ref().unwrap();
    assert_eq!((outcome.status, outcome.error_code.as_deref()), (Status::Denied, Some("permission")));
}

#[tokio::test]
async fn who_may_nothing_may_still_see_what_there_is() {
    let key = SigningKey::ec("ec");
    let fort = Fort::of(&[&key]);
    let list = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": {} });
    let unknown = tool("no_such_tool", json!({}));
    let token = granting(&key, "");
    let listed = body(fort.ask(&token, &list).await).await["result"]["tools"].as_array().unwrap().len();
    assert_eq!(listed, 9, "seven tools and two former names");
    assert_eq!(body(fort.ask(&token, &unknown).await).await["error"]["code"], -32602);
}

#[tokio::test]
async fn the_metadata_is_open_at_both_places() {
    let fort = Fort::of(&[&SigningKey::ec("ec")]);
    let ask = async |method: Method, path: &str, host: &str| {
        let request = Request::builder().method(method).uri(path).header("host", host);
        fort.endpoint.handle(request.body(Full::new(Bytes::new())).unwrap()).await
    };
    let root = "/.well-known/oauth-protected-resource";
    for path in [root.to_owned(), format!("{root}/mcp")] {
        let response = ask(Method::GET, &path, "localhost").await;
        assert_eq!(
            (response.status(), response.headers()[CACHE_CONTROL].as_bytes()),
            (StatusCode::OK, &b"public, max-age=300"[..])
        );
        let told = body(response).await;
        assert_eq!(told["resource"], identity::testing::RESOURCE);
        assert_eq!(told["authorization_servers"], json!([identity::testing::ISSUER]));
        assert_eq!(told["scopes_supported"], json!(["shelf:read"]));
        assert_eq!(ask(Method::POST, &path, "localhost").await.status(), 405);
        assert_eq!(ask(Method::GET, &path, "evil.example").await.status(), 403);
    }
    assert_eq!(ask(Method::GET, &format!("{root}/other"), "localhost").await.status(), 404);
}

#[tokio::test]
async fn nothing_is_done_for_a_stranger() {
    let key = SigningKey::ec("ec");
    let fort = Fort::of(&[&key]);
    let never = StreamBody::new(futures::stream::pending::<Result<http_body::Frame<Bytes>, Infallible>>());
    let (head, _) = bearing("no-token", &read()).into_parts();
    assert_eq!(
        fort.endpoint.handle(Request::from_parts(head, never)).await.status(),
        401,
        "the body is not awaited"
    );
    let mut foreign = bearing(&granting(&key, "shelf:read"), &read());
    foreign.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    assert_eq!(fort.endpoint.handle(foreign).await.status(), 403);
    assert_eq!(fort.issuer.asked.lock().unwrap().len(), 0, "no issuer is troubled for either");
}

#[tokio::test]
async fn a_rotation_of_keys_under_load_turns_nobody_away() {
    let (old, new) = (SigningKey::ec("old"), SigningKey::ec("new"));
    let fort = Fort::of(&[&old]);
    assert_eq!(fort.told(&granting(&old, "shelf:read"), &read()).await.0, 200);
    fort.issuer.publish(&[&old, &new]);
    let token =
        |n: usize| [&old, &new][n % 2].sign(&claims(&json!({ "jti": n.to_string(), "scope": "shelf:read" })));
    let asked = (0..200).map(|n| {
        let (fort, token) = (&fort, token(n));
        async move { fort.told(&token, &read()).await.0 }
    });
    assert!(join_all(asked).await.iter().all(|status| *status == 200));
    assert_eq!(fort.issuer.count(JWKS), 2);
}

#[tokio::test]
async fn an_issuer_that_is_down_costs_a_pause_and_no_token() {
    let key = SigningKey::ec("ec");
    let fort = Fort::of(&[&key]);
    fort.issuer.set_down(true);
    let response = fort.ask(&granting(&key, "shelf:read"), &read()).await;
    assert_eq!(
        (response.status(), response.headers()["retry-after"].as_bytes()),
        (StatusCode::SERVICE_UNAVAILABLE, &b"5"[..])
    );
    assert!(response.headers().get(WWW_AUTHENTICATE).is_none());
}

#[tokio::test]
async fn a_client_without_a_token_may_have_a_certificate() {
    let made = rcgen::generate_simple_self_signed(["agent.example.com".to_owned()]).unwrap();
    let certificate = identity::Certificate::read(made.cert.der()).unwrap();
    let certificates = json!([{ "name": "dns:agent.example.com", "subject": "agent-7", "scopes": [] }]);
    let authenticator =
        configured(&Issuer::publishing(&[]), json!({ "certificates": certificates }), &[]).unwrap();
    let gate = gate(authenticator, Box::new(|_, _, _| None));
    let endpoint = mount(Probe::new(), Config { gate, ..Config::default() });
    let mut asked = request(call("head").to_string());
    asked.extensions_mut().insert(Arc::new(certificate));
    assert!(body(endpoint.handle(asked).await).await.to_string().contains("agent-7"));
    assert_eq!(endpoint.handle(request(call("head").to_string())).await.status(), 401);
}

#[tokio::test]
async fn the_token_ends_at_the_gate() {
    let key = SigningKey::ec("ec");
    let token = granting(&key, "");
    let (_, secret) = token.rsplit_once('.').unwrap();
    let gated = gate(trusting(&Issuer::publishing(&[&key]), json!({})), Box::new(|_, _, _| None));
    for gate in [gated, None] {
        let known = gate.is_some();
        let endpoint = mount(Probe::new(), Config { gate, ..Config::default() });
        let seen = body(endpoint.handle(bearing(&token, &call("head"))).await).await.to_string();
        assert!(seen.contains("mcp-protocol-version"), "the handler sees the head: {seen}");
        assert_eq!(seen.contains("alice"), known);
        assert!(!seen.contains(secret) && !seen.to_lowercase().contains("authorization"), "{seen}");
    }
}
