//! The client over its simulator: real HTTP, real tokens.

mod faults;
mod reads;
mod vendor;
mod writes;

use std::sync::Arc;

use call::{Clock, Cx, Operation};
use outbound::{Auth, Kit, Secret, Settings};
use sandbox::{Credential, Options, Running, Simulator};
use tool::{Fetch, Mark};

use super::sim::sys_id;
use crate::behavior::{self, Subject};
use crate::desk::Desk;

/// A simulator and a source that points at it.
struct Lab {
    simulator: Simulator,
    running: Running,
    desk: Arc<Desk>,
}

/// Whose credentials a source has.
#[derive(Clone, Copy, PartialEq)]
enum As {
    /// The integration's OAuth client.
    Agent,
    /// The same user with a password.
    Password,
    /// A client that reads little and writes nothing.
    Reader,
    /// A client whose comments are dropped in silence.
    Dispatcher,
}

impl Lab {
    async fn start() -> Self {
        Self::with(As::Agent, |_| {}).await
    }

    async fn with(who: As, edit: impl Fn(&mut Settings)) -> Self {
        let simulator = (super::VENDOR.simulate)();
        let running = simulator.start(Options::default()).await.unwrap();
        let auth = running.credentials.iter().find_map(|credential| auth(credential, who)).unwrap();
        let head = "vendor = \"servicenow\"\nauth = { grant = \"bearer\", token = \"env:UNUSED\" }";
        let mut settings: Settings = toml::from_str(&format!("{head}\n{}", super::VENDOR.demo)).unwrap();
        settings.name = "servicenow".into();
        settings.auth = auth;
        settings.base_url = Some(running.base_url.parse().unwrap());
        edit(&mut settings);
        let desk = (super::VENDOR.connect)(&settings, &Kit::new(Clock::system())).unwrap();
        Self { simulator, running, desk }
    }

    /// Requests so far to paths with this beginning.
    fn asked(&self, path: &str) -> Vec<sandbox::Entry> {
        self.running.control.log(0).into_iter().filter(|entry| entry.path.starts_with(path)).collect()
    }
}

fn auth(credential: &Credential, who: As) -> Option<Auth> {
    match credential {
        Credential::ClientCredentials { client_id, client_secret, .. } if who != As::Password => {
            let own = match who {
                As::Reader => "reader",
                As::Dispatcher => "dispatcher",
                As::Agent | As::Password => "agent",
            };
            client_id.ends_with(own).then(|| Auth::ClientCredentials {
                // The instance's own endpoint is found by its address.
                token_url: None,
                client_id: client_id.clone(),
                client_secret: Secret::literal(client_secret),
                scope: None,
                audience: None,
                body: Default::default(),
                credentials_in: Default::default(),
            })
        }
        Credential::Basic { user, secret } if who == As::Password => {
            Some(Auth::Basic { user: user.clone(), password: Secret::literal(secret) })
        }
        _ => None,
    }
}

fn first(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

fn writing(key: &str) -> (Cx, Mark) {
    let operation = Operation::derive(&["servicenow"], key);
    let mark = Mark { operation: operation.id.clone(), external_key: None };
    (Cx::for_test().with_operation(operation), mark)
}

fn service(key: &str) -> String {
    sys_id("cmdb_ci_service", key)
}

/// Stories of the demo company, by a part of their titles.
const LATE_REPORT: &str = "settlement report arrives a day late";
const MISMAILED: &str = "mailed to the wrong merchant";
const NO_SERVICE: &str = "Stores cannot pay by card";
const OUTAGE: &str = "checkout unavailable for 50 minutes";
const POOL: &str = "failing: connection pool exhausted";
const POOL_AGAIN: &str = "Checkout errors in the EU region";
const STALE: &str = "portal shows yesterday's balance";
const STUCK: &str = "Payouts to Polish banks are stuck";

/// The number of the incident with this title.
fn number(title: &str) -> String {
    let incidents = sandbox::company::incidents();
    let own = |one: &&sandbox::company::Incident| one.home == "servicenow" && one.title.contains(title);
    incidents.iter().find(own).unwrap_or_else(|| panic!("{title}")).key.clone()
}

async fn behaves(who: As) {
    let lab = Lab::with(who, |_| {}).await;
    let subject = Subject {
        desk: &*lab.desk,
        service: "Merchant Portal",
        incident: number(STALE),
        person: "Björn Åkesson",
        customer: "Nordwind Handel AG",
    };
    behavior::holds(&subject).await;
}

#[tokio::test]
async fn behaves_as_a_desk() {
    behaves(As::Agent).await;
}

#[tokio::test]
async fn behaves_as_a_desk_with_a_password() {
    behaves(As::Password).await;
}
