//! The client over the simulator, by real HTTP.

mod exchanges;
mod faults;
mod story;

use std::sync::Arc;

use call::Clock;
use error::Code;
use outbound::{Auth, Kit, Secret, Settings};
use sandbox::{Credential, Options, Running, Simulator, company};

use super::VENDOR;
use crate::behavior::{Subject, holds};
use crate::library::Library;

/// A simulator and a source at it.
struct Wiki {
    simulator: Simulator,
    running: Running,
}

/// The ways into a Confluence.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// A service account through the gateway.
    Gateway,
    /// A service account that knows the site alone, and must find the gateway.
    Found,
    /// An API token at the site.
    Token,
}

impl Wiki {
    async fn start() -> Self {
        let simulator = (VENDOR.simulate)();
        let running = simulator.start(Options::default()).await.unwrap();
        Self { simulator, running }
    }

    fn settings(&self, way: Way) -> Settings {
        let origin = format!("http://{}", self.running.addr);
        let (base, auth) = match way {
            Way::Gateway => (self.running.base_url.clone(), self.service_account()),
            Way::Found => (format!("{origin}/wiki"), self.service_account()),
            Way::Token => (origin.clone(), self.basic()),
        };
        let mut settings = Settings::new("wiki", "confluence", auth);
        settings.base_url = Some(base.parse().unwrap());
        let demo: toml::Table = toml::from_str(VENDOR.demo).unwrap();
        settings.map = demo["map"].as_table().unwrap().clone();
        settings.rest.insert("spaces".into(), demo["spaces"].clone());
        if let Way::Found = way {
            settings.rest.insert("gateway_url".into(), origin.into());
        }
        settings
    }

    fn library(&self, way: Way) -> Arc<Library> {
        connect(&self.settings(way)).unwrap()
    }

    fn service_account(&self) -> Auth {
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
        *token_url = Some(format!("http://{}/oauth/token", self.running.addr).parse().unwrap());
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

fn connect(settings: &Settings) -> error::Result<Arc<Library>> {
    (VENDOR.connect)(settings, &Kit::new(Clock::system()))
}

async fn behaves(way: Way) {
    let wiki = Wiki::start().await;
    let library = wiki.library(way);
    holds(&Subject {
        library: &*library,
        documents: company::documents().into_iter().filter(|d| d.home == "confluence").collect(),
        space: "Operations",
        title: "Runbook: Checkout API, database connection pool exhausted",
        words: "pool checkout exhausted",
        person: "Priya Raman",
    })
    .await;
    let unlisted = exchanges::unlisted(&wiki.simulator);
    assert!(unlisted.is_empty(), "{unlisted:#?}");
}

#[tokio::test]
async fn behaves_through_the_gateway() {
    behaves(Way::Gateway).await;
}

#[tokio::test]
async fn behaves_where_the_site_tells_the_gateway() {
    behaves(Way::Found).await;
}

#[tokio::test]
async fn behaves_with_an_api_token_at_the_site() {
    behaves(Way::Token).await;
}

#[tokio::test]
async fn what_is_misconfigured_is_named() {
    let wiki = Wiki::start().await;
    let settings = wiki.settings(Way::Token);
    for (key, value) in [("space", "OPS"), ("cloud_id", "a/../b")] {
        let mut wrong = settings.clone();
        wrong.rest.insert(key.into(), value.into());
        assert_eq!(connect(&wrong).err().unwrap().code(), Code::InvalidArgument, "{key}");
    }
    let mut wrong = settings.clone();
    wrong.rest.insert("spaces".into(), vec!["OPS\" OR space = \"HR"].into());
    assert!(connect(&wrong).err().unwrap().to_string().contains("spaces"));
    let mut wrong = settings;
    wrong.base_url = None;
    assert!(connect(&wrong).err().unwrap().message().contains("base_url"));
}
