//! The client over the simulator, by real HTTP.

mod crowds;
mod faults;
mod names;
mod queries;

use std::sync::Arc;

use call::{Clock, Cx};
use error::Code;
use outbound::{Auth, Kit, Request, Secret, Settings};
use sandbox::{Credential, Options, Running, Simulator};
use serde_json::{Value, json};

use super::{PROFILE, VENDOR};
use crate::behavior::{Subject, holds};
use crate::book::Book;

/// A simulator and a source at it.
struct Portal {
    simulator: Simulator,
    running: Running,
}

impl Portal {
    async fn start() -> Self {
        let simulator = (VENDOR.simulate)();
        let running = simulator.start(Options::default()).await.unwrap();
        Self { simulator, running }
    }

    /// The source as the sandbox configures it, with the key that stands at `key`.
    fn settings(&self, key: usize) -> Settings {
        let tokens = self.simulator.credentials().iter().filter_map(|credential| match credential {
            Credential::Token { token } => Some(token.clone()),
            _ => None,
        });
        let token = tokens.collect::<Vec<_>>().remove(key);
        let auth = Auth::Bearer { token: Secret::literal(token) };
        let mut settings = Settings::new("hubspot", "hubspot", auth);
        settings.base_url = Some(self.running.base_url.parse().unwrap());
        let mut demo: toml::Table = toml::from_str(VENDOR.demo).unwrap();
        settings.map = demo.remove("map").unwrap().try_into().unwrap();
        demo.remove("users");
        settings.rest = demo;
        settings
    }

    fn connect(settings: &Settings) -> Arc<Book> {
        (VENDOR.connect)(settings, &Kit::new(Clock::system())).unwrap()
    }

    fn book(&self) -> Arc<Book> {
        Self::connect(&self.settings(0))
    }

    /// Makes records of a kind, in this order and known to the search.
    async fn create(&self, kind: &str, all: &[Value]) {
        let client = Kit::new(Clock::system()).client(&self.settings(0), PROFILE).unwrap();
        for some in all.chunks(100) {
            let request = Request::post("/crm/objects/2026-09/{type}/batch/create", &[kind]);
            client.send(&Cx::for_test(), request.json(&json!({ "inputs": some }))).await.unwrap();
            self.running.control.advance(10);
        }
    }
}

#[tokio::test]
async fn it_behaves_at_dated_paths() {
    let portal = Portal::start().await;
    holds(&Subject { book: &*portal.book(), home: "hubspot" }).await;
}

#[tokio::test]
async fn it_behaves_at_numbered_paths() {
    let portal = Portal::start().await;
    let mut settings = portal.settings(0);
    settings.rest.insert("api_version".into(), "v3".into());
    settings.rest.remove("portal_id");
    holds(&Subject { book: &*Portal::connect(&settings), home: "hubspot" }).await;
}

#[tokio::test]
async fn it_behaves_without_any_mapping() {
    let portal = Portal::start().await;
    let mut settings = portal.settings(0);
    let keys =
        ["erp_customer", "billing_customer", "renewal_pipeline"].map(|key| (key, settings.map[key].clone()));
    settings.map = keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    holds(&Subject { book: &*Portal::connect(&settings), home: "hubspot" }).await;
}

#[tokio::test]
async fn what_is_misconfigured_is_named() {
    let portal = Portal::start().await;
    let settings = portal.settings(0);
    for (key, value) in [("portal", "1"), ("api_version", "2026/09"), ("api_version", "v2")] {
        let mut wrong = settings.clone();
        wrong.rest.insert(key.into(), value.into());
        let error = (VENDOR.connect)(&wrong, &Kit::new(Clock::system())).err().unwrap();
        assert_eq!(error.code(), Code::InvalidArgument, "{key}");
    }
    for (key, value) in [("segment", "Customer Segment"), ("segmnet", "x")] {
        let mut wrong = settings.clone();
        wrong.map.insert(key.into(), value.into());
        let error = (VENDOR.connect)(&wrong, &Kit::new(Clock::system())).err().unwrap();
        assert_eq!(error.code(), Code::InvalidArgument, "{key}");
    }
}

/// The demo configuration names people by ids that the simulator derives.
#[tokio::test]
async fn the_callers_user_is_somebody_with_accounts() {
    let portal = Portal::start().await;
    let demo: toml::Table = toml::from_str(VENDOR.demo).unwrap();
    let id = demo["users"]["local"].as_str().unwrap();
    let person = portal.book().people(&Cx::for_test(), id).await.unwrap();
    assert_eq!(
        person.first().map(|p| p.email.clone().unwrap()).as_deref(),
        Some("tomas.novak@halden.example")
    );
}
