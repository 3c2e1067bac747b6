use std::time::Duration;

use http::header::{AUTHORIZATION, COOKIE, HOST, LOCATION, ORIGIN, RETRY_AFTER};
use http_body_util::BodyExt as _;
use identity::testing::{Issuer, RESOURCE, SigningKey, claims, configured, trusting};
use jiff::SignedDuration;
use serde_json::json;
use store::{Approvals as _, Rate, Request as Ask, Scope, Store};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use super::*;
use crate::approvals::{Pass, Signer};
use crate::http::PeerRate;
use crate::layers::digest;
use crate::trial::{REAL, Tape, Terms, Trial};

const EVIL: &str = "<img src=x onerror=alert(1)>\"'</dd><script>alert(2)</script>";

struct Page {
    routes: Router,
    store: Store,
    tape: Arc<Tape>,
    seal: tool::Seal,
    clock: Clock,
}

impl Page {
    async fn new() -> Self {
        let (room, page) = Self::furnished(None, "https://ok.example").await;
        Self { routes: routes(Arc::new(room)), ..page }
    }

    /// A page at `origin`, not open to anybody yet, and its room.
    async fn furnished(authenticator: Option<identity::Authenticator>, origin: &str) -> (Room, Self) {
        let (trial, tape) = (Trial::new(REAL), Arc::new(Tape::default()));
        let (seal, clock) = (tool::Seal::ephemeral(), Clock::for_test());
        let store = Store::in_memory(clock).await.unwrap();
        let desk = Desk {
            approvals: Arc::new(store.clone()),
            signer: Signer::new(seal.clone()),
            log: tape.clone(),
            clock,
        };
        let guests = Guests {
            seal: seal.clone(),
            authenticator: authenticator.map(Arc::new),
            tenants: Arc::default(),
            secure: true,
            host: "ok.example".into(),
            origin: origin.into(),
        };
        let room = Room::new(&trial.front.catalogue, desk, Arc::new(store.clone()), guests);
        (room, Self { routes: Router::new(), store, tape, seal, clock })
    }

    async fn request(&self, text: &str) -> Approval {
        self.request_by("https://idp#alice", text).await
    }

    async fn request_by(&self, caller: &str, text: &str) -> Approval {
        let arguments = json!({"text": text});
        let shown = json!({
            "change": {
                "record": {"id": "shelf:7", "label": text, "url": "javascript:alert(3)"},
                "fields": [{"field": "text", "before": "old", "after": text}],
            },
            "arguments": arguments,
        });
        let digest = digest(arguments.as_object().unwrap());
        let request = Ask {
            scope: &Scope::new("", caller, "sell_item").unwrap(),
            operation: &digest,
            digest: &digest,
            shown: &serde_json::to_vec(&shown).unwrap(),
            plan: None,
            expiry: Duration::from_secs(3600),
        };
        self.store.request(request).await.unwrap()
    }

    fn link(&self, request: &str, approver: &str) -> String {
        let who = call::Caller::new(approver, "link");
        let pass = Pass::new(request, &who, self.clock.now(), SignedDuration::from_mins(15));
        format!("/link/{}", pass.sealed(&self.seal, Door::Link).unwrap())
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        cookie: &str,
        form: &str,
    ) -> (StatusCode, http::HeaderMap, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "ok.example")
            .header(COOKIE, cookie)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.answer(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    async fn answer(&self, request: Request) -> (StatusCode, http::HeaderMap, String) {
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (head.status, head.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Comes in by a new link; the cookie.
    async fn enter(&self, request: &str, approver: &str) -> String {
        let (status, headers, _) = self.send("POST", &self.link(request, approver), "", "").await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert_eq!(headers[LOCATION], format!("/requests/{request}"));
        let cookie = headers[SET_COOKIE].to_str().unwrap();
        assert!(cookie.starts_with("__Host-chancery-approver="), "{cookie}");
        for attribute in ["; HttpOnly", "; SameSite=Strict", "; Secure", "; Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        cookie.split(';').next().unwrap().to_owned()
    }
}

/// The hidden field of the form on a page.
fn token(page: &str) -> String {
    let at = page.split("name=\"token\" value=\"").nth(1).unwrap_or_else(|| panic!("no form in {page}"));
    at.split('"').next().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_by_a_link_decides_once_and_it_is_on_record() {
    let page = Page::new().await;
    let id = page.request("x").await.id;
    let path = format!("/requests/{id}");
    let cookie = page.enter(&id, "carol").await;
    let (status, headers, shown) = page.send("GET", &path, &cookie, "").await;
    assert_eq!(status, StatusCode::OK, "{shown}");
    assert_eq!(headers[CONTENT_SECURITY_POLICY], POLICY);
    assert_eq!(headers[CACHE_CONTROL], "no-store");
    assert!(shown.contains("<h1>Sell item</h1>") && shown.contains("<del>old</del>"), "{shown}");

    let form = format!("token={}&verdict=approve&reason=as+agreed", token(&shown));
    let (status, ..) = page.send("POST", &path, &cookie, &form).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, _, decided) = page.send("GET", &path, &cookie, "").await;
    assert!(decided.contains("Approved by carol") && decided.contains("as agreed"), "{decided}");
    assert!(!decided.contains("<form"), "{decided}");
    let (status, _, again) = page.send("POST", &path, &cookie, &form.replace("approve", "deny")).await;
    assert_eq!(status, StatusCode::CONFLICT, "{again}");
    let approval = page.store.approval("", &id).await.unwrap().unwrap();
    assert_eq!((approval.standing, approval.approver.as_deref()), (Standing::Approved, Some("carol")));
    assert_eq!(page.tape.records()[0].caller.method, "link");
}

#[tokio::test(start_paused = true)]
async fn a_link_works_once_in_time_and_for_its_request_and_looking_at_it_uses_nothing_up() {
    let page = Page::new().await;
    let (id, other) = (page.request("x").await.id, page.request("y").await.id);
    let link = page.link(&id, "carol");
    for _ in 0..3 {
        let (status, _, landing) = page.send("GET", &link, "", "").await;
        assert!(status == StatusCode::OK && landing.contains("Continue as carol"), "{landing}");
    }
    assert_eq!(page.send("POST", &link, "", "").await.0, StatusCode::SEE_OTHER);
    let (status, _, used) = page.send("POST", &link, "", "").await;
    assert!(
        status == StatusCode::FORBIDDEN && used.contains("This link was used, has expired or was altered"),
        "{used}"
    );

    let cookie = page.enter(&id, "carol").await;
    assert_eq!(page.send("GET", &format!("/requests/{other}"), &cookie, "").await.0, StatusCode::FORBIDDEN);
    assert_eq!(
        page.send("GET", "/", &cookie, "").await.0,
        StatusCode::UNAUTHORIZED,
        "the list is not for them"
    );
    let late = page.link(&id, "carol");
    tokio::time::advance(Duration::from_secs(15 * 60)).await;
    assert_eq!(page.send("GET", &late, "", "").await.0, StatusCode::FORBIDDEN);
    assert_eq!(page.send("POST", &late, "", "").await.0, StatusCode::FORBIDDEN);
    assert_eq!(page.send("GET", &format!("/requests/{id}"), &cookie, "").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test(start_paused = true)]
async fn whom_an_operator_shuts_out_has_neither_a_link_nor_stays() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "carol\n").unwrap();
    let issuer = Issuer::publishing(&[&SigningKey::ec("ec")]);
    let identity = json!({"resource": RESOURCE, "revoked_file": file.path()});
    let authenticator = configured(&issuer, identity, &[("corp", json!({}))]).unwrap();
    let (room, page) = Page::furnished(Some(authenticator), "https://ok.example").await;
    let room = Arc::new(room);
    let page = Page { routes: routes(Arc::clone(&room)), ..page };
    let id = page.request("x").await.id;
    for (name, may_come) in [("carol", false), ("https://idp#carol", false), ("dora", true)] {
        let path = page.link(&id, name);
        for method in ["GET", "POST"] {
            let refused = page.send(method, &path, "", "").await.0 == StatusCode::FORBIDDEN;
            assert_eq!(refused, !may_come, "{method} by {name}");
        }
        let pass =
            Pass::new(&id, &call::Caller::new(name, "link"), page.clock.now(), SignedDuration::from_mins(1));
        let cookie = room.reception.cookie(&pass, page.clock.now()).unwrap();
        let (status, ..) = page.send("GET", &format!("/requests/{id}"), &cookie, "").await;
        assert_eq!(status == StatusCode::OK, may_come, "{name} with a cookie of before");
    }
}

#[tokio::test(start_paused = true)]
async fn whose_tenant_is_not_served_has_neither_a_link_nor_comes_with_a_token() {
    let key = SigningKey::ec("ec");
    let issuer = Issuer::publishing(&[&key]);
    let authenticator = trusting(&issuer, json!({ "tenant_claim": "org" }));
    let (mut room, page) = Page::furnished(Some(authenticator), "https://ok.example").await;
    let terms = Terms { tenants: Some("[acme]\n[gone]\nenabled = false"), ..Terms::default() };
    room.reception.tenants = Trial::on(&terms).front.house().await.unwrap().offer.tenants.clone();
    let now = page.clock.now();
    for (tenant, is_served) in [("acme", true), ("gone", false), ("unheard-of", false)] {
        let who = call::Caller { tenant: Some(tenant.to_owned()), ..call::Caller::new("carol", "link") };
        let pass = Pass::new("abc", &who, now, SignedDuration::from_mins(1));
        for door in [Door::Link, Door::Session] {
            let text = pass.sealed(&page.seal, door).unwrap();
            assert_eq!(room.reception.pass(&text, door, now).is_ok(), is_served, "{tenant}");
        }
        let token = key.sign(&claims(&json!({ "org": tenant, "scope": "shelf:approve" })));
        let request = Request::get("/").header(AUTHORIZATION, format!("Bearer {token}")).body(()).unwrap();
        let admitted = room.reception.admit(&request.into_parts().0, now).await;
        assert_eq!(admitted.is_ok(), is_served, "{tenant}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_asked_sees_no_form_and_cannot_send_one() {
    let page = Page::new().await;
    let id = page.request("x").await.id;
    let path = format!("/requests/{id}");
    let (own, cookie) = (page.enter(&id, "alice").await, page.enter(&id, "carol").await);
    let (_, _, shown) = page.send("GET", &path, &own, "").await;
    assert!(shown.contains("another person has to decide") && !shown.contains("<form"), "{shown}");
    let theirs = token(&page.send("GET", &path, &cookie, "").await.2);
    let form = format!("token={theirs}&verdict=approve");
    assert_eq!(page.send("POST", &path, &own, &form).await.0, StatusCode::FORBIDDEN);
    for form in ["verdict=approve", "token=x&verdict=approve", "token=&verdict=maybe", ""] {
        assert_eq!(page.send("POST", &path, &cookie, form).await.0, StatusCode::FORBIDDEN, "{form}");
    }
    assert_eq!(page.send("POST", &path, "", &form).await.0, StatusCode::UNAUTHORIZED);
    let other = page.request("y").await.id;
    let elsewhere = page.enter(&other, "carol").await;
    let status = page.send("POST", &format!("/requests/{other}"), &elsewhere, &form).await.0;
    assert_eq!(status, StatusCode::FORBIDDEN, "a form is for one request");
    assert_eq!(page.store.approval("", &id).await.unwrap().unwrap().standing, Standing::Open);
    assert_eq!(page.send("POST", &path, &cookie, &form).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test(start_paused = true)]
async fn what_a_vendor_wrote_is_shown_and_does_nothing() {
    let page = Page::new().await;
    let id = page.request(EVIL).await.id;
    let cookie = page.enter(&id, "carol<script>").await;
    let (_, _, shown) = page.send("GET", &format!("/requests/{id}"), &cookie, "").await;
    assert!(shown.contains("&lt;script&gt;alert(2)&lt;/script&gt;"), "{shown}");
    for markup in ["<script", "<img", "javascript:"] {
        assert!(!shown.contains(markup), "{markup} in {shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stranger_is_told_how_to_come_in_and_another_host_nothing() {
    let page = Page::new().await;
    for path in ["/", "/requests/abc"] {
        let (status, _, told) = page.send("GET", path, "", "").await;
        assert!(status == StatusCode::UNAUTHORIZED && told.contains("shelf:approve"), "{told}");
    }
    let foreign = |name, value: &str| {
        Request::builder()
            .uri("/")
            .header(HOST, "ok.example")
            .header(name, value)
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(page.answer(foreign(ORIGIN, "https://evil.example")).await.0, StatusCode::FORBIDDEN);
    let rebound = Request::builder().uri("/").header(HOST, "evil.example").body(Body::empty()).unwrap();
    assert_eq!(page.answer(rebound).await.0, StatusCode::FORBIDDEN);
    let style = page.send("GET", "/style.css", "", "").await;
    assert_eq!(
        (style.0, &style.1[CONTENT_TYPE]),
        (StatusCode::OK, &HeaderValue::from_static("text/css; charset=utf-8"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_form_comes_back_from_the_port_that_the_url_names() {
    let (room, page) = Page::furnished(None, "https://ok.example:8443").await;
    let page = Page { routes: routes(Arc::new(room)), ..page };
    let id = page.request("x").await.id;
    let path = format!("/requests/{id}");
    let cookie = page.enter(&id, "carol").await;
    let form = format!("token={}&verdict=approve", token(&page.send("GET", &path, &cookie, "").await.2));
    let from = async |origin: &str| {
        let request = Request::builder()
            .method("POST")
            .uri(path.as_str())
            .header(HOST, "ok.example:8443")
            .header(ORIGIN, origin)
            .header(COOKIE, cookie.as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        page.answer(request.body(Body::from(form.clone())).unwrap()).await.0
    };
    for other in ["https://ok.example", "http://ok.example:8443", "https://ok.example:8444"] {
        assert_eq!(from(other).await, StatusCode::FORBIDDEN, "{other}");
    }
    assert_eq!(from("https://ok.example:8443").await, StatusCode::SEE_OTHER);
}

#[tokio::test(start_paused = true)]
async fn an_address_comes_as_often_as_to_the_other_listener_and_does_not_guess() {
    let key = SigningKey::ec("ec");
    let authenticator = trusting(&Issuer::publishing(&[&key]), json!({}));
    // Loads the issuer's keys, as a server does before it is ready.
    authenticator.examine().await;
    let limit =
        |burst| Some(PeerRate { rate: Rate { burst, interval: Duration::from_secs(30) }, loopback: false });
    let allow = vec!["192.0.2.0/24".parse().unwrap()];
    let limits = PeerLimits { allow, requests: limit(5), failures: limit(2), ..PeerLimits::default() };
    let (room, page) = Page::furnished(Some(authenticator), "https://ok.example").await;
    let page = Page { routes: routes(Arc::new(room.guarded(Arc::new(Peers::new(limits))))), ..page };
    let ask = async |address: &str, token: Option<&str>| {
        let mut request = Request::builder().uri("/").header(HOST, "ok.example").body(Body::empty()).unwrap();
        let address = std::net::SocketAddr::new(address.parse().unwrap(), 7);
        request.extensions_mut().insert(Peer { address, tls: true });
        if let Some(token) = token {
            request.headers_mut().insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
        let (status, headers, _) = page.answer(request).await;
        (status, headers.contains_key(RETRY_AFTER))
    };
    let good = key.sign(&claims(&json!({"scope": "shelf:approve"})));
    assert_eq!(ask("198.51.100.1", Some(&good)).await.0, StatusCode::FORBIDDEN, "not on the list");
    for _ in 0..5 {
        assert_eq!(ask("192.0.2.1", None).await.0, StatusCode::UNAUTHORIZED, "to ask is not to guess");
    }
    assert_eq!(ask("192.0.2.1", None).await, (StatusCode::TOO_MANY_REQUESTS, true));
    for _ in 0..3 {
        assert_eq!(ask("192.0.2.2", Some("guess")).await.0, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ask("192.0.2.2", Some(&good)).await, (StatusCode::TOO_MANY_REQUESTS, true));
    assert_eq!(ask("192.0.2.3", Some(&good)).await.0, StatusCode::OK);
    tokio::time::advance(Duration::from_secs(30)).await;
    assert_eq!(ask("192.0.2.2", Some(&good)).await.0, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_too_long_for_a_page_goes_on_behind_it() {
    let key = SigningKey::ec("ec");
    let authenticator = trusting(&Issuer::publishing(&[&key]), json!({}));
    authenticator.examine().await;
    let (room, page) = Page::furnished(Some(authenticator), "https://ok.example").await;
    let page = Page { routes: routes(Arc::new(room)), ..page };
    let good = key.sign(&claims(&json!({"scope": "shelf:approve"})));
    let look = async |path: &str| {
        let request = Request::builder().uri(path).header(HOST, "ok.example");
        let request = request.header(AUTHORIZATION, format!("Bearer {good}"));
        let (status, _, shown) = page.answer(request.body(Body::empty()).unwrap()).await;
        let newer = shown.split("href=\"/?after=").nth(1);
        let newer = newer.map(|rest| rest.split('"').next().unwrap().to_owned());
        (status, shown, newer)
    };
    for n in 0..MOST {
        page.request_by(&format!("https://idp#agent-{n}"), "x").await;
    }
    let (_, whole, newer) = look("/").await;
    assert!(newer.is_none() && !whole.contains("<nav"), "one page holds them: {whole}");
    page.request_by("https://idp#late", "x").await;
    let (_, first, newer) = look("/").await;
    assert_eq!(first.matches("<li>").count(), usize::from(MOST));
    let (_, second, last) = look(&format!("/?after={}", newer.unwrap())).await;
    assert_eq!((second.matches("<li>").count(), last), (1, None));
    assert!(second.contains("<a href=\"/\">The oldest requests</a>"), "{second}");
    let ids = |shown: &str| -> Vec<String> {
        let links = shown.split("href=\"/requests/").skip(1);
        links.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let all = page.store.waiting("", None, 100).await.unwrap();
    assert_eq!([ids(&first), ids(&second)].concat(), all.into_iter().map(|a| a.id).collect::<Vec<_>>());
    assert_eq!(look("/?after=%27--").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_network_that_is_not_served_is_hung_up_on() {
    for (allow, answered) in [("127.0.0.0/8", true), ("192.0.2.0/24", false)] {
        let (room, _) = Page::furnished(None, "https://ok.example").await;
        let limits = PeerLimits { allow: vec![allow.parse().unwrap()], ..PeerLimits::default() };
        let hall = Hall::bind("approvals.listen", ([127, 0, 0, 1], 0).into()).await.unwrap();
        let (address, stop) = (hall.address(), CancellationToken::new());
        let room = room.guarded(Arc::new(Peers::new(limits)));
        let serving = tokio::spawn(serve(room, hall, None, stop.clone()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        // A connection that is reset was closed, too.
        let head = b"GET /style.css HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let _ = stream.write_all(head).await;
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said).await;
        assert_eq!(said.starts_with(b"HTTP/1.1 200"), answered, "{}", String::from_utf8_lossy(&said));
        assert_eq!(said.is_empty(), !answered);
        stop.cancel();
        serving.await.unwrap();
    }
}

/// A record that is slow to be durable.
struct Slow {
    asked: Arc<Semaphore>,
    release: Arc<Semaphore>,
}

impl crate::layers::Append for Slow {
    fn append(&self, _: audit::Record) -> call::BoxFuture<'_, Result<uuid::Uuid>> {
        Box::pin(async {
            self.asked.add_permits(1);
            self.release.acquire().await.unwrap().forget();
            Ok(uuid::Uuid::now_v7())
        })
    }
}

#[tokio::test]
async fn a_decision_is_taken_though_its_visitor_leaves_and_the_server_stops() {
    let log = Slow { asked: Arc::new(Semaphore::new(0)), release: Arc::new(Semaphore::new(0)) };
    let (asked, release) = (Arc::clone(&log.asked), Arc::clone(&log.release));
    let (mut room, page) = Page::furnished(None, "https://ok.example").await;
    room.desk.log = Arc::new(log);
    let hall = Hall::bind("approvals.listen", ([127, 0, 0, 1], 0).into()).await.unwrap();
    let (address, stop) = (hall.address(), CancellationToken::new());
    let id = page.request("x").await.id;
    let who = Visitor { who: call::Caller::new("carol", "link"), only: Some(id.clone()) };
    let form = format!(
        "verdict=approve&reason=&token={}",
        room.reception.token(&who, &id, page.clock.now()).unwrap()
    );
    let pass = Pass::new(&id, &who.who, page.clock.now(), SignedDuration::from_mins(15));
    let cookie = room.reception.cookie(&pass, page.clock.now()).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let serving = tokio::spawn(serve(room, hall, None, stop.clone()));

    let mut visitor = TcpStream::connect(address).await.unwrap();
    let length = form.len();
    let asks = format!(
        "POST /requests/{id} HTTP/1.1\r\nHost: ok.example\r\nCookie: {cookie}\r\nContent-Length: {length}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}"
    );
    visitor.write_all(asks.as_bytes()).await.unwrap();
    asked.acquire().await.unwrap().forget();
    drop(visitor);
    stop.cancel();
    assert_eq!(page.store.approval("", &id).await.unwrap().unwrap().standing, Standing::Open);
    release.add_permits(1);
    serving.await.unwrap();
    let approval = page.store.approval("", &id).await.unwrap().unwrap();
    assert_eq!((approval.standing, approval.approver.as_deref()), (Standing::Approved, Some("carol")));
}
