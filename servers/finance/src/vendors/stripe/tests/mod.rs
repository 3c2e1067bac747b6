//! The client over its simulator: real HTTP, real keys.

mod by_hand;
mod faults;
mod reads;
mod schema;
mod writes;

use std::sync::Arc;

use call::{Clock, Cx, Operation};
use outbound::{Auth, Kit, Secret, Settings};
use sandbox::{Options, Running, Simulator};
use tool::Mark;

use crate::behavior::{self, Subject};
use crate::ledger::Ledger;

/// A simulator and a source that points at it.
struct Lab {
    simulator: Simulator,
    running: Running,
    ledger: Arc<Ledger>,
}

impl Lab {
    /// As the demo company configures it.
    async fn start() -> Self {
        Self::with(super::VENDOR.demo, None).await
    }

    /// With other keys, and with the restricted key given.
    async fn with(keys: &str, key: Option<&str>) -> Self {
        let simulator = super::sim::simulate();
        let running = simulator.start(Options::default()).await.unwrap();
        let token = key.map_or_else(|| running.access_token.clone().unwrap(), str::to_owned);
        let head = "vendor = \"stripe\"\nauth = { grant = \"bearer\", token = \"env:UNUSED\" }";
        let mut settings: Settings = toml::from_str(&format!("{head}\n{keys}")).unwrap();
        settings.name = "stripe".into();
        settings.auth = Auth::Bearer { token: Secret::literal(&token) };
        settings.base_url = Some(running.base_url.parse().unwrap());
        let ledger = (super::VENDOR.connect)(&settings, &Kit::new(Clock::system())).unwrap();
        Self { simulator, running, ledger }
    }

    /// Requests so far to paths with this beginning.
    fn asked(&self, path: &str) -> Vec<sandbox::Entry> {
        self.running.control.log(0).into_iter().filter(|entry| entry.path.starts_with(path)).collect()
    }
}

fn writing(key: &str) -> (Cx, Mark) {
    let operation = Operation::derive(&["stripe"], key);
    let mark = Mark { operation: operation.id.clone(), external_key: None };
    (Cx::for_test().with_operation(operation), mark)
}

#[tokio::test]
async fn behaves_as_a_ledger() {
    let lab = Lab::start().await;
    behavior::holds(&Subject { ledger: &*lab.ledger, home: "stripe" }).await;
    lab.running.stop().await;
}
