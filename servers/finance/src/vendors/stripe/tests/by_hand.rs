//! The simulator asked by hand, as any other client would: what Stripe refuses it refuses, in Stripe's shape.

use bytes::Bytes;
use http::{Method, Request};
use sandbox::{Answer, Simulator};
use serde_json::Value;

use super::super::sim;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// One client of one simulator, without a socket.
pub(super) struct Desk {
    simulator: Simulator,
    key: String,
}

impl Desk {
    pub(super) async fn open() -> Self {
        let simulator = sim::simulate();
        let running = simulator.start(sandbox::Options::default()).await.unwrap();
        let key = format!("Bearer {}", running.access_token.clone().unwrap());
        running.stop().await;
        Self { simulator, key }
    }

    fn ask(&self, method: Method, target: &str, headers: &[(&str, &str)], body: &str) -> (Answer, Value) {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from(body.to_owned())).unwrap();
        let answer = self.simulator.reply(request).unwrap();
        let body = serde_json::from_slice(&answer.body).unwrap();
        (answer, body)
    }

    pub(super) fn get(&self, target: &str) -> (u16, Value) {
        let (answer, body) = self.ask(Method::GET, target, &[("authorization", &self.key)], "");
        (answer.status.as_u16(), body)
    }

    fn post(&self, target: &str, headers: &[(&str, &str)], body: &str) -> (Answer, Value) {
        let all: Vec<_> =
            [("authorization", &*self.key), FORM].into_iter().chain(headers.iter().copied()).collect();
        self.ask(Method::POST, target, &all, body)
    }
}

fn header(answer: &Answer, name: &str) -> Option<String> {
    let found = answer.headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.to_str().unwrap().to_owned())
}

fn error<'a>(body: &'a Value, field: &str) -> &'a str {
    body["error"][field].as_str().unwrap_or_default()
}

#[tokio::test]
async fn keys_are_asked_for_and_have_limits() {
    let desk = Desk::open().await;
    let (answer, body) = desk.ask(Method::GET, "/v1/charges", &[], "");
    assert_eq!((answer.status.as_u16(), error(&body, "type")), (401, "invalid_request_error"));
    let (answer, body) = desk.ask(Method::GET, "/v1/charges", &[("authorization", "Bearer rk_test_no")], "");
    assert_eq!(answer.status, 401);
    assert!(error(&body, "message").starts_with("Invalid API Key provided"));
    let narrow = format!("Bearer {}", sim::NARROW_KEY);
    let (answer, body) = desk.ask(Method::GET, "/v1/payouts", &[("authorization", &narrow)], "");
    assert_eq!(answer.status, 403);
    assert!(error(&body, "message").contains("rak_payout_read"), "{body}");
}

#[tokio::test]
async fn a_key_may_stand_as_user_name() {
    let desk = Desk::open().await;
    // Base64 of the demo key and a colon.
    let basic = "Basic cmtfdGVzdF81MUhhbGRlbkRlbW9LZXlUaGF0T3BlbnNOb3RoaW5nOg==";
    let (answer, _) = desk.ask(Method::GET, "/v1/account", &[("authorization", basic)], "");
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn requests_that_are_wrong_are_refused_as_documented() {
    let desk = Desk::open().await;
    for (target, status, code, param) in [
        ("/v1/charges?colour=red", 400, "parameter_unknown", "colour"),
        ("/v1/charges?limit=0", 400, "parameter_invalid_integer", "limit"),
        ("/v1/charges?limit=101", 400, "parameter_invalid_integer", "limit"),
        ("/v1/charges?limit=ten", 400, "parameter_invalid_integer", "limit"),
        ("/v1/charges?created[since]=1", 400, "parameter_unknown", "created[since]"),
        ("/v1/charges?starting_after=ch_absent", 404, "resource_missing", "starting_after"),
        ("/v1/charges/ch_absent", 404, "resource_missing", "id"),
        ("/v1/charges/search", 400, "parameter_missing", "query"),
        ("/v1/charges/search?query=amount", 400, "", "query"),
        ("/v1/charges/search?query=email:%22x%22", 400, "", "query"),
        ("/v1/charges?expand[]=data.refunds", 400, "", "expand"),
        ("/v1/nonsense", 404, "", ""),
    ] {
        let (seen, body) = desk.get(target);
        assert_eq!(
            (seen, error(&body, "code"), error(&body, "param")),
            (status, code, param),
            "{target}: {body}"
        );
        assert_eq!(error(&body, "type"), "invalid_request_error", "{target}");
        assert!(!error(&body, "request_log_url").is_empty(), "{target}");
    }
    let (answer, body) = desk.ask(
        Method::GET,
        "/v1/charges",
        &[("authorization", &desk.key), ("stripe-version", "yesterday")],
        "",
    );
    assert!(answer.status == 400 && error(&body, "message").contains("Invalid Stripe API version"));
    let json = [("authorization", &*desk.key), ("content-type", "application/json")];
    assert_eq!(desk.ask(Method::POST, "/v1/customers", &json, "{}").0.status, 400);
}

#[tokio::test]
async fn customers_are_made_changed_found_and_deleted() {
    let desk = Desk::open().await;
    let (answer, made) =
        desk.post("/v1/customers", &[], "name=Jo+%22J%22+Ros%C3%A9n&email=jo%40new.example&metadata[a]=b");
    assert_eq!((answer.status.as_u16(), made["metadata"]["a"].as_str()), (200, Some("b")));
    let path = format!("/v1/customers/{}", made["id"].as_str().unwrap());
    let (_, changed) =
        desk.post(&path, &[], "metadata[a]=&metadata[c]=d&phone=%2B46+1&address[city]=%C3%96rebro");
    assert_eq!(changed["metadata"], serde_json::json!({ "c": "d" }), "empty values remove keys");
    assert_eq!((&changed["name"], &changed["address"]["city"]), (&made["name"], &Value::from("Örebro")));
    let (_, found) = desk.get("/v1/customers/search?query=name:%22jo%20%5C%22j%5C%22%20ros%C3%A9n%22");
    assert_eq!(found["data"][0]["id"], made["id"]);
    assert_eq!(desk.post(&path, &[], "colour=red").1["error"]["code"], "parameter_unknown");
    assert_eq!(desk.post(&path, &[], "email=nobody").0.status, 400);
    let deleted = desk.ask(Method::DELETE, &path, &[("authorization", &desk.key)], "").1;
    assert_eq!(deleted["deleted"], true);
    assert_eq!(desk.get(&path).1["deleted"], true);
    assert_eq!(desk.post(&path, &[], "name=x").0.status, 404);
}

#[tokio::test]
async fn a_key_is_one_write() {
    let desk = Desk::open().await;
    let key = [("idempotency-key", "k-1")];
    let (_, first) = desk.post("/v1/refunds", &key, "charge=ch_3HaldenAurora09&amount=100");
    let (answer, again) = desk.post("/v1/refunds", &key, "amount=100&charge=ch_3HaldenAurora09");
    assert_eq!((&again, header(&answer, "idempotent-replayed").as_deref()), (&first, Some("true")));
    let (answer, other) = desk.post("/v1/refunds", &key, "charge=ch_3HaldenAurora09&amount=200");
    assert_eq!((answer.status.as_u16(), error(&other, "type")), (400, "idempotency_error"));
    let (_, charge) = desk.get("/v1/charges/ch_3HaldenAurora09");
    assert_eq!(charge["amount_refunded"], 100);
    assert_eq!(desk.get("/v1/refunds?charge=ch_3HaldenAurora09").1["data"][0]["id"], first["id"]);
    for (body, status, what) in [
        ("charge=ch_3HaldenAurora09&amount=1.5", 400, "parameter_invalid_integer"),
        ("charge=ch_3HaldenAurora09&reason=because", 400, ""),
        ("charge=ch_3HaldenNordlys14", 400, "charge_disputed"),
        ("charge=ch_3HaldenAurora08", 400, "charge_already_refunded"),
        ("charge=ch_3HaldenGulfSouq03&amount=85125", 400, ""),
        ("payment_intent=pi_absent", 404, "resource_missing"),
        ("", 400, ""),
    ] {
        let (answer, refused) = desk.post("/v1/refunds", &[], body);
        assert_eq!((answer.status.as_u16(), error(&refused, "code")), (status, what), "{body}: {refused}");
    }
}

#[tokio::test]
async fn pages_go_both_ways_and_ids_expand() {
    let desk = Desk::open().await;
    let (_, first) = desk.get("/v1/charges?limit=3");
    let ids = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((ids(&first).len(), &first["has_more"]), (3, &Value::Bool(true)));
    let (_, second) = desk.get(&format!("/v1/charges?limit=3&starting_after={}", ids(&first)[2]));
    let (_, back) = desk.get(&format!("/v1/charges?limit=3&ending_before={}", ids(&second)[0]));
    assert_eq!(ids(&back), ids(&first));
    let (_, whole) =
        desk.get("/v1/charges?limit=1&expand[]=data.customer&expand[0]=data.payment_intent.latest_charge");
    assert_eq!(whole["data"][0]["customer"]["object"], "customer");
    assert_eq!(whole["data"][0]["payment_intent"]["latest_charge"]["id"], whole["data"][0]["id"]);
    let (_, found) = desk.get("/v1/charges/search?query=amount%3E0&limit=1&expand[]=total_count");
    assert!(found["total_count"].as_u64().unwrap() > 10 && found["next_page"].is_string(), "{found}");
    let next = found["next_page"].as_str().unwrap();
    let (_, next) = desk.get(&format!("/v1/charges/search?query=amount%3E0&limit=1&page={next}"));
    assert_ne!(ids(&next), ids(&found));
}
