//! The client over the simulator, by real HTTP; every exchange is held against Atlassian's own description.

mod schema;
mod story;
mod writes;

use std::sync::Arc;

use call::Clock;
use error::Code;
use outbound::{Auth, Kit, Secret, Settings};
use sandbox::{Credential, Options, Running, Simulator};

use super::VENDOR;
use crate::behavior::{Subject, holds};
use crate::tracker::Tracker;

/// A simulator and a source at it.
struct Site {
    simulator: Simulator,
    running: Running,
}

/// The ways into a Jira.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// A service account through the gateway.
    Gateway,
    /// A service account that knows the site alone, and must find the gateway.
    Found,
    /// An API token at the site.
    Token,
    /// A personal access token at a Data Center.
    DataCenter,
}

impl Site {
    async fn start() -> Self {
        let simulator = (VENDOR.simulate)();
        let running = simulator.start(Options::default()).await.unwrap();
        Self { simulator, running }
    }

    /// What somebody else asks of the Cloud's API, beside the client.
    fn by_hand(&self, method: http::Method, path: &str, body: &serde_json::Value) -> sandbox::Answer {
        let base = &self.running.base_url;
        let url = format!("{}/rest/api/3/{path}", &base[base.find("/ex/").unwrap()..]);
        let token = self.running.access_token.clone().unwrap();
        let request = http::Request::builder().method(method).uri(url);
        let request = request.header("authorization", format!("Bearer {token}"));
        self.simulator.reply(request.body(body.to_string().into()).unwrap()).unwrap()
    }

    fn settings(&self, way: Way) -> Settings {
        let origin = format!("http://{}", self.running.addr);
        let (base, auth) = match way {
            Way::Gateway => (self.running.base_url.clone(), self.service_account()),
            Way::Found => (origin, self.service_account()),
            Way::Token => (origin, self.basic()),
            Way::DataCenter => (format!("{origin}/jira"), self.personal()),
        };
        let mut settings = Settings::new("jira", "jira", auth);
        settings.base_url = Some(base.parse().unwrap());
        let demo: toml::Table = toml::from_str(VENDOR.demo).unwrap();
        settings.map = demo["map"].as_table().unwrap().clone();
        settings.rest.insert("projects".into(), demo["projects"].clone());
        if let Way::Found = way {
            settings.rest.insert("deployment".into(), "cloud".into());
            settings.rest.insert("gateway_url".into(), format!("http://{}", self.running.addr).into());
        }
        settings
    }

    fn tracker(&self, way: Way) -> Arc<Tracker> {
        self.connect(&self.settings(way))
    }

    fn connect(&self, settings: &Settings) -> Arc<Tracker> {
        (VENDOR.connect)(settings, &Kit::new(Clock::system())).unwrap()
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

    fn personal(&self) -> Auth {
        let found = self.simulator.credentials().iter().find_map(|c| match c {
            Credential::Token { token } => Some(token),
            _ => None,
        });
        Auth::Bearer { token: Secret::literal(found.unwrap()) }
    }
}

async fn behaves(way: Way) {
    let site = Site::start().await;
    let tracker = site.tracker(way);
    let subject = Subject {
        tracker: &*tracker,
        boards: "jira",
        project: "PAY",
        issue: "PAY-12",
        person: "ana.ruiz@halden.example",
    };
    holds(&subject).await;
    let judged = schema::judge(&site.simulator);
    assert!(judged.faults.is_empty(), "{}", judged.faults.join("\n"));
    let expected = std::env::var_os("CHANCERY_VENDOR_SPECS").is_some() && !matches!(way, Way::DataCenter);
    assert_eq!(judged.checked > 0, expected, "the description was used");
}

#[tokio::test]
async fn cloud_behaves_through_the_gateway() {
    behaves(Way::Gateway).await;
}

#[tokio::test]
async fn cloud_behaves_where_the_site_tells_the_gateway() {
    behaves(Way::Found).await;
}

#[tokio::test]
async fn cloud_behaves_with_an_api_token_at_the_site() {
    behaves(Way::Token).await;
}

#[tokio::test]
async fn data_center_behaves() {
    behaves(Way::DataCenter).await;
}

#[tokio::test]
async fn what_is_misconfigured_is_named() {
    let site = Site::start().await;
    let mut settings = site.settings(Way::Token);
    for (key, value) in [("projets", "PAY"), ("deployment", "server"), ("cloud_id", "a/../b")] {
        let mut wrong = settings.clone();
        wrong.rest.insert(key.into(), value.into());
        let error = (VENDOR.connect)(&wrong, &Kit::new(Clock::system())).err().unwrap();
        assert_eq!(error.code(), Code::InvalidArgument, "{key}");
    }
    settings.base_url = None;
    let error = (VENDOR.connect)(&settings, &Kit::new(Clock::system())).err().unwrap();
    assert!(error.message().contains("base_url"), "{error}");
}
