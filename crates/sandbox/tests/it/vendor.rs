//! Routing, shapes, revisions, paging, limits, TLS.

use reqwest::Certificate;
use sandbox::{Options, Scheme, keys};

use crate::notes;
use crate::wire::{Site, drained, sent};

#[tokio::test]
async fn requests_reach_handlers_and_refusals_have_the_vendors_shape() {
    let site = Site::start().await;
    let made = site.create("fourth").await;
    assert_eq!((made.status, made.json()["id"].as_u64()), (201, Some(4)));
    let own_link = format!("http://{}/api/notes/4", site.running.addr);
    assert_eq!(made.json()["self"], own_link.as_str());
    assert_eq!(site.get("/notes/4").await.json()["text"], "fourth");
    for (path, status, message) in [
        ("/notes/99", 404, "no such resource"),
        ("/notes/nine", 404, "no such resource"),
        ("/nothing", 404, "no such resource"),
        ("/notes?page=two", 400, "the parameter page is not valid"),
    ] {
        let got = site.get(path).await;
        assert_eq!((got.status, got.json()["message"].as_str()), (status, Some(message)), "{path}");
        assert_eq!(got.header("x-request-id"), "r-1", "refusals are stamped too");
    }
    let url = format!("{}/notes", site.running.base_url);
    assert_eq!(site.send(site.http.delete(&url)).await.status, 405);
    let bad = site.send(site.http.post(&url).bearer_auth(site.token()).body("{")).await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let site = Site::start().await;
    let body = "x".repeat(17 * 1024 * 1024);
    let request = site.http.post(format!("{}/notes", site.running.base_url)).body(body);
    // The server answers and closes while the client still sends: either is a refusal.
    match request.send().await {
        Ok(response) => assert_eq!(response.status(), 413),
        Err(fault) => assert!(fault.is_request() || fault.is_body()),
    }
    let refused = &site.log().await[0];
    assert_eq!((refused.status, refused.applied, refused.path.as_str()), (Some(413), false, "/api/notes"));
    assert_eq!(refused.response_headers["x-request-id"], "r-1", "it is stamped too");
    assert_eq!(site.count().await, 3);
}

#[tokio::test]
async fn a_stale_version_is_a_conflict() {
    let site = Site::start().await;
    let put = |version: u64| {
        let url = format!("{}/notes/1?version={version}", site.running.base_url);
        site.send(site.http.put(url).bearer_auth(site.token()).body("changed"))
    };
    assert_eq!(put(1).await.json()["version"], 2);
    let stale = put(1).await;
    assert_eq!((stale.status, stale.json()["current"].as_u64()), (409, Some(2)));
}

#[tokio::test]
async fn link_pages_can_be_followed_to_the_end() {
    let site = Site::start().await;
    let first = site.get("/notes?label=a%26b").await;
    assert_eq!(first.json().as_array().unwrap().len(), 2);
    let next = first.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
    assert!(first.header("link").contains("rel=\"next\"") && next.contains("label=a%26b&page=2"), "{next}");
    let last = sent(site.http.get(next).bearer_auth(site.token())).await;
    assert_eq!(last.text, r#"["third"]"#);
    assert!(!last.header("link").contains("next") && last.header("link").contains("rel=\"prev\""));
}

#[tokio::test]
async fn page_tokens_end_with_the_simulators_time() {
    let site = Site::start().await;
    let first = site.get("/export").await.json();
    let next = first["next"].as_str().unwrap();
    assert_eq!(site.get(&format!("/export?token={next}")).await.json()["notes"][0], "third");
    site.control("POST", "clock", r#"{"advance_seconds": 601}"#).await;
    assert_eq!(site.get(&format!("/export?token={next}")).await.status, 410);
}

#[tokio::test]
async fn a_limit_tells_its_budget_and_opens_again() {
    let site = Site::start().await;
    let remaining = |got: crate::wire::Got| (got.status, got.header("x-remaining").to_owned());
    assert_eq!(remaining(site.get("/export").await), (200, "1".into()));
    assert_eq!(remaining(site.get("/export").await), (200, "0".into()));
    assert_eq!(remaining(site.get("/export").await), (429, "0".into()));
    assert_eq!(remaining(site.get("/notes").await), (200, String::new()), "another key");
    site.control("POST", "clock", r#"{"advance_seconds": 61}"#).await;
    assert_eq!(remaining(site.get("/export").await), (200, "1".into()));
}

#[tokio::test]
async fn tls_holds_for_those_who_trust_the_demo_authority() {
    let options = Options { tls: true, ..Options::default() };
    let running = notes::simulator().start(options).await.unwrap();
    let authority = Certificate::from_pem(keys::CA_CERTIFICATE.as_bytes()).unwrap();
    assert_eq!(running.ca_certificate, Some(keys::CA_CERTIFICATE));
    let trusting = reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build().unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("https://{host}:{}/api/notes/1", running.addr.port());
        let got = sent(trusting.get(url).bearer_auth(running.access_token.as_deref().unwrap())).await;
        assert_eq!(got.json()["text"], "first");
    }
    let reset = sandbox::Rule { only: Default::default(), fault: sandbox::Fault::Reset {}, times: Some(1) };
    running.control.add_fault(reset).unwrap();
    let url = format!("{}/notes/1", running.base_url);
    let cut = trusting.get(url).bearer_auth(running.access_token.as_deref().unwrap()).send().await.unwrap();
    assert_eq!(cut.status(), 200, "the head arrived");
    assert!(cut.text().await.is_err(), "the body did not");
    let wary = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(wary.get(&running.base_url).send().await.is_err());
}

#[tokio::test]
async fn a_stopped_simulator_is_gone_and_two_live_side_by_side() {
    let (site, other) = (Site::start().await, Site::start().await);
    site.create("here only").await;
    assert_eq!((site.count().await, other.count().await), (4, 3));
    let open = tokio::net::TcpStream::connect(site.running.addr).await.unwrap();
    site.running.stop().await;
    assert_eq!(drained(open).await.text, "", "stopping closes idle connections too");
    assert_eq!(other.count().await, 3);
}

#[test]
fn without_a_socket_the_same_answers_come() {
    let simulator = notes::simulator();
    let request = http::Request::get("/api/notes/2")
        .header("authorization", "Basic YW5uQG5vdGVzLmV4YW1wbGU6YXBpLXRva2Vu");
    let answer = simulator.reply(request.body(bytes::Bytes::new()).unwrap()).unwrap();
    assert_eq!(&answer.body[..], br#"{"text":"second","version":1}"#);
}

#[test]
fn schemes_read_their_own_form_only() {
    let headers = |name: &'static str, value: &str| {
        sandbox::HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())])
    };
    let shown = |scheme: Scheme, headers: &sandbox::HeaderMap| scheme.read(headers).map(|shown| shown.value);
    let bearer = headers("authorization", "bearer abc");
    assert_eq!(shown(Scheme::Bearer, &bearer).as_deref(), Some("abc"));
    assert_eq!(shown(Scheme::Basic, &bearer), None);
    let lead = headers("authorization", "Token token=k-1");
    assert_eq!(shown(Scheme::Lead("Token token="), &lead).as_deref(), Some("k-1"));
    assert_eq!(shown(Scheme::Lead("Token token="), &bearer), None);
    let own = headers("private-token", "glpat-1");
    assert_eq!(shown(Scheme::Header("private-token"), &own).as_deref(), Some("glpat-1"));
}
