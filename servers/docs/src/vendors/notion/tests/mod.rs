//! The client over its simulator: real HTTP, a real token.

mod by_hand;
mod faults;
mod lists;
mod queries;
mod schema;
mod writes;

use std::sync::Arc;

use call::{Clock, Cx, Operation};
use outbound::{Auth, Kit, Secret, Settings};
use sandbox::{Credential, Options, Running, Simulator};
use tool::{Fetch, Mark};

use crate::behavior::{self, Subject};
use crate::library::{Library, Query};
use crate::model::Document;

/// A page with a text before its first heading, and two headings.
const TITLE: &str = "Runbook: Fraud Scoring, the queue grows";

/// A simulator and a source that points at it.
struct Lab {
    simulator: Simulator,
    running: Running,
    library: Arc<Library>,
}

impl Lab {
    /// With the demo company's mapping.
    async fn start() -> Self {
        Self::with(None, |_| ()).await
    }

    /// With another of the simulator's tokens, or other settings.
    async fn with(token: Option<&str>, change: impl Fn(&mut Settings)) -> Self {
        let simulator = super::sim::simulate();
        let running = simulator.start(Options::default()).await.unwrap();
        let first = running.credentials.iter().find_map(|credential| match credential {
            Credential::Token { token } => Some(token.as_str()),
            _ => None,
        });
        let head = "vendor = \"notion\"\nauth = { grant = \"bearer\", token = \"env:UNUSED\" }";
        let mut settings: Settings = toml::from_str(&format!("{head}\n{}", super::VENDOR.demo)).unwrap();
        settings.name = "notion".into();
        settings.auth = Auth::Bearer { token: Secret::literal(token.or(first).unwrap()) };
        settings.base_url = Some(running.base_url.parse().unwrap());
        change(&mut settings);
        let library = (super::VENDOR.connect)(&settings, &Kit::new(Clock::system())).unwrap();
        Self { simulator, running, library }
    }

    /// Requests so far to paths with this beginning.
    fn asked(&self, path: &str) -> Vec<sandbox::Entry> {
        self.running.control.log(0).into_iter().filter(|entry| entry.path.starts_with(path)).collect()
    }

    /// The document of this title.
    async fn titled(&self, title: &str) -> Document {
        let query = Query { text: Some(title.into()), ..Query::default() };
        let rows = self.library.search(&Cx::for_test(), &query, first(20)).await.unwrap().rows;
        rows.into_iter().find(|row| row.title.as_str() == title).unwrap()
    }

    async fn space(&self, name: &str) -> String {
        let spaces = self.library.spaces(&Cx::for_test()).await.unwrap();
        spaces.into_iter().find(|space| space.name.as_str() == name).unwrap().key
    }
}

fn first(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

fn writing(key: &str) -> (Cx, Mark) {
    let cx = Cx::for_test().with_operation(Operation::derive(&["notion"], key));
    let mark = Mark::new(&cx, None).unwrap();
    (cx, mark)
}

#[tokio::test]
async fn behaves_as_a_library() {
    let lab = Lab::start().await;
    behavior::holds(&Subject {
        library: &*lab.library,
        documents: sandbox::company::documents().into_iter().filter(|d| d.home == "notion").collect(),
        space: "Team Runbooks",
        title: TITLE,
        words: "grows Fraud",
        person: "Rafael Gonçalves",
    })
    .await;
}
