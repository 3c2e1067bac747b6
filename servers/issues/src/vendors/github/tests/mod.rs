//! The client over its simulator: real HTTP, real tokens.

mod blockers;
mod by_hand;
mod counts;
mod faults;
mod gone;
mod queries;
mod reads;
mod schema;
mod writes;

use std::sync::Arc;

use call::{Clock, Cx, Operation};
use outbound::{Auth, Kit, Secret, Settings};
use sandbox::{Credential, Options, Running, Simulator};

use tool::Mark;

use crate::behavior::{self, Subject};
use crate::tracker::Tracker;

/// A simulator and a source that points at it.
struct Lab {
    simulator: Simulator,
    running: Running,
    tracker: Arc<Tracker>,
}

impl Lab {
    /// As the app, with the demo company's mappings.
    async fn start() -> Self {
        Self::with(|_| (), app).await
    }

    /// As the app, over these repositories.
    async fn over(repositories: &[&str]) -> Self {
        let list = toml::Value::try_from(repositories).unwrap();
        Self::with(|settings| drop(settings.rest.insert("repositories".into(), list)), app).await
    }

    /// As the app, with these mappings.
    async fn mapped(map: toml::Table) -> Self {
        Self::with(|settings| settings.map = map, app).await
    }

    /// With a personal access token.
    async fn with_token(wanted: &str) -> Self {
        let personal = |credential: &Credential| match credential {
            Credential::Token { token } if token == wanted => {
                Some(Auth::Bearer { token: Secret::literal(token) })
            }
            _ => None,
        };
        Self::with(|_| (), personal).await
    }

    async fn with(change: impl FnOnce(&mut Settings), auth: impl Fn(&Credential) -> Option<Auth>) -> Self {
        let simulator = super::sim::simulate();
        let running = simulator.start(Options::default()).await.unwrap();
        let auth = running.credentials.iter().find_map(auth).unwrap();
        let head = "vendor = \"github\"\nauth = { grant = \"bearer\", token = \"env:UNUSED\" }";
        let mut settings: Settings = toml::from_str(&format!("{head}\n{}", super::VENDOR.demo)).unwrap();
        settings.name = "github".into();
        settings.auth = auth;
        settings.base_url = Some(running.base_url.parse().unwrap());
        change(&mut settings);
        let tracker = (super::VENDOR.connect)(&settings, &Kit::new(Clock::system())).unwrap();
        Self { simulator, running, tracker }
    }

    /// Requests so far to paths with this beginning.
    fn asked(&self, path: &str) -> Vec<sandbox::Entry> {
        self.running.control.log(0).into_iter().filter(|entry| entry.path.starts_with(path)).collect()
    }

    /// Requests so far that were to change an issue: method and status.
    fn changes(&self, issue: &str) -> Vec<String> {
        let sent = self.asked(&path(issue)).into_iter().filter(|entry| entry.method != "GET");
        sent.map(|entry| format!("{} {}", entry.method, entry.status.unwrap_or(0))).collect()
    }
}

/// The installation of the app.
fn app(credential: &Credential) -> Option<Auth> {
    let Credential::App { app_id, installation_id, private_key, .. } = credential else { return None };
    Some(Auth::GithubApp {
        app_id: oauth::AppId::Number(*app_id),
        installation_id: *installation_id,
        private_key: Secret::literal(private_key),
        permissions: Default::default(),
        repositories: Vec::new(),
    })
}

/// Where the API has an issue.
fn path(issue: &str) -> String {
    format!("/repos/{}", issue.replace('#', "/issues/"))
}

fn writing(key: &str) -> (Cx, Mark) {
    let operation = Operation::derive(&["github"], key);
    let mark = Mark { operation: operation.id.clone(), external_key: None };
    (Cx::for_test().with_operation(operation), mark)
}

#[tokio::test]
async fn behaves_as_a_tracker() {
    let lab = Lab::start().await;
    let subject = Subject {
        tracker: &*lab.tracker,
        boards: "github",
        project: "halden/web",
        issue: "halden/web#7",
        person: "anaruiz",
    };
    behavior::holds(&subject).await;
}
