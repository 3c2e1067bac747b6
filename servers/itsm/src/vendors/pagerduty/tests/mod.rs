//! The client over its simulator: real HTTP, real tokens.

mod by_hand;
mod reads;
mod writes;

use std::sync::Arc;

use call::{Clock, Cx, Operation};
use outbound::{Auth, Kit, Secret, Settings};
use sandbox::{Credential, Options, Rule, Running};
use tool::{Fetch, Mark};

use crate::behavior::{self, Subject};
use crate::desk::{Desk, Query};
use crate::model::{Incident, State};

/// A simulator and a source that points at it.
struct Lab {
    running: Running,
    desk: Arc<Desk>,
}

impl Lab {
    /// As the app, with the demo's keys.
    async fn start() -> Self {
        Self::with("", None).await
    }

    /// With an API key.
    async fn with_key(key: &str) -> Self {
        Self::with("", Some(Auth::Token { token: Secret::literal(key) })).await
    }

    /// With these keys of the source instead of the demo's, as the app unless another credential is given.
    async fn with(keys: &str, auth: Option<Auth>) -> Self {
        let simulator = super::sim::simulate();
        let running = simulator.start(Options::default()).await.unwrap();
        let app = running.credentials.iter().find_map(|credential| match credential {
            Credential::ClientCredentials { client_id, client_secret, scope } => {
                Some(Auth::ClientCredentials {
                    token_url: running.token_url.as_deref().and_then(|url| url.parse().ok()),
                    client_id: client_id.clone(),
                    client_secret: Secret::literal(client_secret),
                    scope: Some(scope.clone()),
                    audience: None,
                    body: oauth::BodyFormat::default(),
                    credentials_in: oauth::CredentialsIn::default(),
                })
            }
            _ => None,
        });
        let keys = if keys.is_empty() { super::VENDOR.demo } else { keys };
        let head = "vendor = \"pagerduty\"\nauth = { grant = \"token\", token = \"env:UNUSED\" }";
        let mut settings: Settings = toml::from_str(&format!("{head}\n{keys}")).unwrap();
        settings.name = "pagerduty".into();
        settings.auth = auth.or(app).unwrap();
        settings.base_url = Some(running.base_url.parse().unwrap());
        let desk = (super::VENDOR.connect)(&settings, &Kit::new(Clock::system())).unwrap();
        Self { running, desk }
    }

    /// The open incident with the most to tell: the newest of the checkout.
    async fn storm(&self) -> Incident {
        let query = Query { states: vec![State::New], ..Query::default() };
        let open =
            self.desk.search(&Cx::for_test(), &query, Fetch { token: None, limit: 100 }).await.unwrap().rows;
        open.into_iter()
            .find(|incident| incident.title.as_str().contains("connection pool exhausted"))
            .unwrap()
    }

    /// Requests so far to paths with this beginning.
    fn asked(&self, path: &str) -> Vec<sandbox::Entry> {
        self.running.control.log(0).into_iter().filter(|entry| entry.path.starts_with(path)).collect()
    }
}

fn strike(lab: &Lab, rule: serde_json::Value) {
    let rule: Rule = serde_json::from_value(rule).unwrap();
    lab.running.control.add_fault(rule).unwrap();
}

fn writing(key: &str) -> (Cx, Mark) {
    let operation = Operation::derive(&["pagerduty"], key);
    let mark = Mark { operation: operation.id.clone(), external_key: Some(format!("key/{key}")) };
    (Cx::for_test().with_operation(operation), mark)
}

#[tokio::test]
async fn behaves_as_a_desk() {
    let lab = Lab::start().await;
    let subject = Subject {
        desk: &*lab.desk,
        service: "Checkout API",
        incident: lab.storm().await.id.native().to_owned(),
        person: "Chidi Okafor",
        customer: "",
    };
    behavior::holds(&subject).await;
}
