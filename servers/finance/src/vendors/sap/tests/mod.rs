//! The client over the simulator, by real HTTP.

mod accounts;
mod protocol;
mod writes;

use std::sync::Arc;

use bytes::Bytes;
use call::{Clock, Cx};
use error::Code;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use outbound::{Auth, Kit, Reply, Secret, Settings, Verdict};
use sandbox::{Credential, Options, Running, Simulator};

use super::VENDOR;
use super::judge::judge;
use crate::behavior::{Subject, holds};
use crate::ledger::Ledger;

/// A simulator and a source at it.
struct Site {
    simulator: Simulator,
    running: Running,
}

impl Site {
    async fn start() -> Self {
        let simulator = (VENDOR.simulate)();
        let running = simulator.start(Options::default()).await.unwrap();
        Self { simulator, running }
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings::new("sap", "sap", self.client_credentials());
        settings.base_url = Some(self.running.base_url.parse().unwrap());
        let mut demo: toml::Table = toml::from_str(VENDOR.demo).unwrap();
        settings.map = demo.remove("map").unwrap().as_table().unwrap().clone();
        demo.remove("users");
        settings.rest = demo;
        settings
    }

    fn ledger(&self) -> Arc<Ledger> {
        self.connect(&self.settings())
    }

    fn connect(&self, settings: &Settings) -> Arc<Ledger> {
        (VENDOR.connect)(settings, &Kit::new(Clock::system())).unwrap()
    }

    fn client_credentials(&self) -> Auth {
        let found = self.simulator.credentials().iter().find_map(|c| match c {
            Credential::ClientCredentials { client_id, client_secret, .. } => {
                Some((client_id, client_secret))
            }
            _ => None,
        });
        let (id, secret) = found.unwrap();
        let table = toml::toml! {
            grant = "client_credentials"
            client_id = "x"
            client_secret = "env:X"
        };
        let mut auth: Auth = toml::Value::Table(table).try_into().unwrap();
        let Auth::ClientCredentials { token_url, client_id, client_secret, .. } = &mut auth else { panic!() };
        *token_url = Some(self.running.token_url.as_ref().unwrap().parse().unwrap());
        client_id.clone_from(id);
        *client_secret = Secret::literal(secret);
        auth
    }

    fn basic(&self) -> Auth {
        let found = self.simulator.credentials().iter().find_map(|c| match c {
            Credential::Basic { user, secret } => Some((user.clone(), secret)),
            _ => None,
        });
        let (user, secret) = found.unwrap();
        Auth::Basic { user, password: Secret::literal(secret) }
    }
}

fn cx() -> Cx {
    Cx::for_test()
}

#[tokio::test]
async fn sap_behaves() {
    let site = Site::start().await;
    let ledger = site.ledger();
    holds(&Subject { ledger: &*ledger, home: "sap" }).await;
    let log = site.simulator.control().log(0);
    for version in ["/sap/opu/odata/", "/sap/opu/odata4/"] {
        let continues = log.iter().any(|entry| {
            entry.path.starts_with(version) && entry.query.iter().any(|(name, _)| name == "$skiptoken")
        });
        assert!(continues, "{version}: answers in parts are read to their end");
    }
    let refused: Vec<_> =
        log.iter().filter(|entry| entry.status.is_some_and(|status| status >= 400)).collect();
    assert!(refused.is_empty(), "the system understands every question: {refused:?}");
}

#[tokio::test]
async fn a_source_without_views_says_what_it_cannot() {
    let site = Site::start().await;
    let mut settings = site.settings();
    settings.auth = site.basic();
    settings.rest.remove("views");
    settings.rest.remove("requisition");
    let ledger = site.connect(&settings);
    let able = ledger.able();
    assert!(!able.spend && !able.lateness && !able.budgets && !able.requisitions && able.orders);
    holds(&Subject { ledger: &*ledger, home: "sap" }).await;
}

#[tokio::test]
async fn what_is_misconfigured_is_named() {
    let site = Site::start().await;
    let settings = site.settings();
    let wrong_view: toml::Table = toml::from_str("spend = { service = 'Z', set = '' }").unwrap();
    let wrong_column: toml::Table =
        toml::from_str("spend = { service = 'Z', set = 'Z', amount = 'a or b' }").unwrap();
    for (key, value) in [
        ("sap_clent", "100".into()),
        ("sap_client", "1".into()),
        ("language", "english".into()),
        ("views", toml::Value::Table(wrong_view)),
        ("views", toml::Value::Table(wrong_column)),
    ] {
        let mut wrong = settings.clone();
        wrong.rest.insert(key.into(), value);
        let error = (VENDOR.connect)(&wrong, &Kit::new(Clock::system())).err().unwrap();
        assert_eq!(error.code(), Code::InvalidArgument, "{key}");
    }
}

fn judged(status: u16, headers: HeaderMap, body: &'static str) -> Verdict {
    let status = StatusCode::from_u16(status).unwrap();
    judge(&Reply::new(status, headers, Bytes::from_static(body.as_bytes()), Timestamp::UNIX_EPOCH))
}

#[test]
fn refusals_of_both_versions_are_told_by_field() {
    let body = include_str!("../fixtures/refused_v2.json");
    let Verdict::Refuse(error) = judged(400, HeaderMap::new(), body) else { panic!() };
    assert_eq!(error.code(), Code::InvalidArgument);
    let wire = serde_json::to_value(error.wire("c")).unwrap();
    assert_eq!(wire["fields"][0]["path"], "Plant");
    assert_eq!(wire["fields"][1], serde_json::json!({ "path": "Supplier", "problem": "Enter Supplier" }));
    assert!(!wire.to_string().contains("5105600123"), "the body stays in the log");

    let body = include_str!("../fixtures/refused_v4.json");
    let Verdict::Refuse(error) = judged(400, HeaderMap::new(), body) else { panic!() };
    assert_eq!(error.code(), Code::Conflict);
    assert!(error.is_retryable(), "a lock passes");
}

#[test]
fn statuses_have_their_codes() {
    let required = HeaderMap::from_iter([("x-csrf-token".parse().unwrap(), "Required".parse().unwrap())]);
    assert!(matches!(judged(403, required, ""), Verdict::Accept), "fetched again by whoever wrote");
    for (status, code) in [
        (403, Code::Permission),
        (404, Code::NotFound),
        (412, Code::Conflict),
        (428, Code::Conflict),
        (400, Code::InvalidArgument),
    ] {
        let Verdict::Refuse(error) = judged(status, HeaderMap::new(), "{}") else { panic!("{status}") };
        assert_eq!(error.code(), code, "{status}");
    }
}
