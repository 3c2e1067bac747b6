//! The client over the simulator, by real HTTP.

use std::sync::Arc;

use call::{Clock, Cx};
use error::Code;
use outbound::{Auth, Kit, Settings};
use proptest::prelude::*;
use sandbox::{Credential, Fault, Match, Options, Rule, Running};

use super::VENDOR;
use crate::behavior::{Subject, holds};
use crate::meter::Meter;

struct Site {
    running: Running,
}

impl Site {
    async fn start() -> Self {
        Self { running: (VENDOR.simulate)().start(Options::default()).await.unwrap() }
    }

    fn settings(&self, secret: &str) -> Settings {
        let to = &self.running.directions;
        let Some(Credential::ClientCredentials { client_id, .. }) = to.credentials.first() else { panic!() };
        let auth = toml::toml! {
            grant = "client_credentials"
            client_id = "x"
            client_secret = "env:X"
        };
        let mut auth: Auth = toml::Value::Table(auth).try_into().unwrap();
        let Auth::ClientCredentials { token_url, client_id: id, client_secret, .. } = &mut auth else {
            panic!()
        };
        *token_url = Some(to.token_url.as_ref().unwrap().parse().unwrap());
        id.clone_from(client_id);
        *client_secret = outbound::Secret::literal(secret);
        let mut settings = Settings::new("warehouse", "warehouse", auth);
        settings.base_url = Some(to.base_url.parse().unwrap());
        settings
    }

    fn meter(&self, secret: &str) -> Arc<Meter> {
        (VENDOR.connect)(&self.settings(secret), &Kit::new(Clock::system())).unwrap()
    }
}

const SECRET: &str = "sandbox-warehouse-secret";

#[tokio::test]
async fn it_behaves() {
    let site = Site::start().await;
    let meter = site.meter(SECRET);
    holds(&Subject { meter: &*meter, customer: "cst_nordwind", domain: "nordwind.example" }).await;
}

#[tokio::test]
async fn a_rejected_credential_is_said_to_be_one() {
    let site = Site::start().await;
    let refused = site.meter("wrong").customers(&Cx::for_test(), "nordwind").await.unwrap_err();
    assert_eq!(refused.code(), Code::UpstreamAuth);
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_sent_again_and_made_once() {
    let site = Site::start().await;
    let rule = Rule {
        only: Match { method: Some("POST".into()), path_prefix: Some("/v1/annotations".into()) },
        fault: Fault::ApplyThenReset {},
        times: Some(1),
    };
    site.running.control.add_fault(rule).unwrap();
    let meter = site.meter(SECRET);
    let (cx, new, mark) = crate::behavior::annotation("cst_nordwind", "lost");
    meter.annotate(&cx, &new, &mark).await.unwrap();
    let made = site.running.control.log(0);
    let made: Vec<_> = made.iter().filter(|e| e.path == "/v1/annotations").map(|e| e.status).collect();
    assert_eq!(made, [Some(201), Some(200)], "the second attempt got the first one's annotation");
}

#[tokio::test]
async fn a_misspelled_key_is_named() {
    let site = Site::start().await;
    let mut settings = site.settings(SECRET);
    settings.rest.insert("base_ulr".into(), "x".into());
    let error = (VENDOR.connect)(&settings, &Kit::new(Clock::system())).err().unwrap();
    assert!(error.message().contains("base_ulr"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a caller writes reaches the warehouse as one value of one parameter: nothing widens a question.
    #[test]
    fn no_text_becomes_a_parameter(text in any::<String>()) {
        let route = outbound::Request::get("/v1/drops", &[]).query("at_least", 10);
        let route = super::filtered(route, "product", Some(&text));
        let route = route.route().unwrap();
        let pairs: Vec<_> = route.split_once('?').unwrap().1.split('&').collect();
        prop_assert_eq!(pairs.len(), 2);
        let value = pairs[1].strip_prefix("product=").unwrap();
        prop_assert!(value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)), "{}", value);
    }
}
