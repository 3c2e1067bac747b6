//! The client over the simulator, by real HTTP.

mod story;

use std::sync::Arc;

use call::Clock;
use error::Code;
use outbound::{Auth, Kit, Secret, Settings};
use sandbox::{Credential, Options, Running, Simulator};

use super::VENDOR;
use crate::behavior::{Subject, holds};
use crate::book::Book;

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
        self.signed_by(self.client_credentials())
    }

    fn signed_by(&self, auth: Auth) -> Settings {
        let mut settings = Settings::new("salesforce", "salesforce", auth);
        settings.base_url = Some(self.running.base_url.parse().unwrap());
        let demo: toml::Table = toml::from_str(VENDOR.demo).unwrap();
        settings.map = demo["map"].as_table().unwrap().clone();
        settings.rest.insert("site_url".into(), demo["site_url"].clone());
        settings
    }

    fn book(&self) -> Arc<Book> {
        self.connect(&self.settings())
    }

    fn connect(&self, settings: &Settings) -> Arc<Book> {
        (VENDOR.connect)(settings, &Kit::new(Clock::system())).unwrap()
    }

    fn client_credentials(&self) -> Auth {
        let found = self.simulator.credentials().iter().find_map(|c| match c {
            Credential::ClientCredentials { client_id, client_secret, .. } => {
                Some((client_id.clone(), client_secret))
            }
            _ => None,
        });
        let (client_id, secret) = found.unwrap();
        let table = toml::toml! {
            grant = "client_credentials"
            client_id = "x"
            client_secret = "env:X"
        };
        let mut auth: Auth = toml::Value::Table(table).try_into().unwrap();
        let Auth::ClientCredentials { client_id: id, client_secret, .. } = &mut auth else { panic!() };
        *id = client_id;
        *client_secret = Secret::literal(secret);
        auth
    }

    fn jwt_bearer(&self) -> Auth {
        let found = self.simulator.credentials().iter().find_map(|c| match c {
            Credential::JwtBearer { client_id, subject, private_key, .. } => Some(Auth::JwtBearer {
                token_url: None,
                client_id: client_id.clone(),
                client_secret: None,
                subject: subject.clone(),
                audience: None,
                private_key: Secret::literal(private_key),
                key_id: None,
                scope: None,
            }),
            _ => None,
        });
        found.unwrap()
    }
}

#[tokio::test]
async fn behaves_with_an_external_id_and_client_credentials() {
    let site = Site::start().await;
    holds(&Subject { book: &*site.book(), home: "salesforce" }).await;
}

#[tokio::test]
async fn behaves_without_an_external_id_and_with_a_signed_assertion() {
    let site = Site::start().await;
    let mut settings = site.signed_by(site.jwt_bearer());
    settings.map.remove("external_id");
    holds(&Subject { book: &*site.connect(&settings), home: "salesforce" }).await;
}

#[tokio::test]
async fn behaves_with_no_mapping_at_all() {
    let site = Site::start().await;
    let mut settings = site.settings();
    settings.map.retain(|key, _| key.ends_with("_customer"));
    settings.rest.insert("api_version".into(), "60.0".into());
    holds(&Subject { book: &*site.connect(&settings), home: "salesforce" }).await;
}

#[tokio::test]
async fn what_is_misconfigured_is_named() {
    let site = Site::start().await;
    for (table, key, value) in [
        ("rest", "api_version", toml::Value::from("v66")),
        ("rest", "site", "https://x.example".into()),
        ("rest", "currency", "euro".into()),
        ("map", "segment", "Segment__c = 'x' OR Id".into()),
        ("map", "segmnet", "Segment__c".into()),
        ("map", "renewals", "contract".into()),
    ] {
        let mut settings = site.settings();
        let into = if table == "map" { &mut settings.map } else { &mut settings.rest };
        into.insert(key.into(), value);
        let error = (VENDOR.connect)(&settings, &Kit::new(Clock::system())).err().unwrap();
        assert_eq!(error.code(), Code::InvalidArgument, "{key}");
    }
    let mut settings = site.settings();
    settings.base_url = None;
    let error = (VENDOR.connect)(&settings, &Kit::new(Clock::system())).err().unwrap();
    assert!(error.message().contains("base_url"), "{error}");
}
