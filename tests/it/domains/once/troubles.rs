//! Why a client comes to send a write again.

use std::time::Duration;

use it::{Client, Server, Simulator, Spawn, Vendor, run};
use serde_json::{Value, json};
use store::Location;
use store::testing::{Postgres, lapse};
use tempfile::TempDir;

use super::{Call, RETRIES, Which};

/// A server, the vendor it writes to, and what goes wrong between them.
pub(super) trait Trouble {
    fn name(&self) -> String;
    fn server(&self) -> &Server;
    fn simulator(&self) -> &Simulator;

    /// Calls in trouble, and again; the last answer.
    async fn call(&mut self, client: &mut Client, call: Call<'_>) -> Result<Value, String>;
}

/// How a repeat is known to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    ByKey,
    ByNothing,
}

/// The vendor acts, and its answer is lost.
pub(super) struct Lost {
    server: Server,
    simulator: Simulator,
    which: Which,
    named: Named,
}

impl Lost {
    pub(super) async fn new(domain: &str, vendor: &str, which: Which, named: Named) -> Option<Self> {
        let server = Spawn::sandbox(domain).start().await;
        let simulator = server.simulator(vendor);
        Some(Self { server, simulator, which, named })
    }
}

impl Trouble for Lost {
    fn name(&self) -> String {
        format!("lost ({:?}, {:?})", self.which, self.named)
    }

    fn server(&self) -> &Server {
        &self.server
    }

    fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    async fn call(&mut self, client: &mut Client, call: Call<'_>) -> Result<Value, String> {
        let call = if self.named == Named::ByKey { call.keyed() } else { call };
        strike(&self.simulator, "apply_then_reset", self.which, &call).await;
        let first = client.call(call.tool, call.arguments.clone()).await;
        let struck = struck(&self.simulator, call.since).await;
        self.simulator.heal().await;
        if !struck {
            return Err(format!("no answer was lost: {first:?}"));
        }
        settled(client, &call).await
    }
}

/// The vendor acts, and the server is killed before it hears of that.
pub(super) struct Killed {
    domain: String,
    vendor: Vendor,
    simulator: Simulator,
    server: Option<Server>,
    folder: TempDir,
    which: Which,
}

impl Killed {
    pub(super) async fn new(domain: &str, vendor: &str, which: Which) -> Option<Self> {
        let vendor = Vendor::start(domain, vendor).await;
        let (simulator, folder) = (vendor.simulator(), TempDir::new().unwrap());
        let mut killed = Self { domain: domain.into(), vendor, simulator, server: None, folder, which };
        killed.server = Some(killed.start().await);
        Some(killed)
    }

    async fn start(&self) -> Server {
        let store = self.store();
        attached(&self.domain, &self.vendor, &store.display().to_string())
            .audit(&self.folder.path().join("audit"))
            .start()
            .await
    }

    fn store(&self) -> std::path::PathBuf {
        self.folder.path().join("store.db")
    }

    /// Kills the server and starts the next one, for whom nobody holds the operation any more.
    async fn restart(&mut self) {
        if let Some(server) = self.server.take() {
            server.signal("KILL").await;
            server.ended().await;
        }
        let folder = self.folder.path().join("audit");
        let verified = run(&self.domain, &["audit", "verify", "--dir", folder.to_str().unwrap()]).await;
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
        self.server = Some(self.start().await);
        lapse(&Location::File(self.store())).await;
    }
}

impl Trouble for Killed {
    fn name(&self) -> String {
        format!("killed ({:?})", self.which)
    }

    fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    async fn call(&mut self, client: &mut Client, call: Call<'_>) -> Result<Value, String> {
        let call = call.keyed();
        strike(&self.simulator, "apply_then_hang", self.which, &call).await;
        let mut ask = json!({"name": call.tool, "arguments": call.arguments});
        let answered = tokio::select! {
            answer = client.try_request("tools/call", &mut ask) => Some(answer),
            () = until_struck(&self.simulator, call.since) => None,
        };
        if let Some(answer) = answered {
            self.simulator.heal().await;
            return Err(format!("it answered before it could be killed: {answer:?}"));
        }
        self.restart().await;
        self.simulator.heal().await;
        *client = self.server().client();
        settled(client, &call).await
    }
}

/// Two replicas over one PostgreSQL are asked at once.
pub(super) struct Raced {
    here: Server,
    there: Server,
    simulator: Simulator,
    _vendor: Vendor,
}

impl Raced {
    pub(super) async fn new(domain: &str, vendor: &str) -> Option<Self> {
        let database = Postgres::of_this_process()?.database().await;
        let vendor = Vendor::start(domain, vendor).await;
        let replica = || attached(domain, &vendor, &database).start();
        let (here, there) = futures::join!(replica(), replica());
        Some(Self { here, there, simulator: vendor.simulator(), _vendor: vendor })
    }
}

impl Trouble for Raced {
    fn name(&self) -> String {
        "raced".into()
    }

    fn server(&self) -> &Server {
        &self.here
    }

    fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    async fn call(&mut self, client: &mut Client, call: Call<'_>) -> Result<Value, String> {
        let (call, other) = (call.keyed(), self.there.client());
        let mut answers = Vec::new();
        for _ in 0..RETRIES {
            let (here, there) = futures::join!(
                client.call(call.tool, call.arguments.clone()),
                other.call(call.tool, call.arguments.clone()),
            );
            answers.extend([here, there]);
        }
        let committed = |answer: &&Result<Value, Value>| {
            answer.as_ref().is_ok_and(|answer| answer["status"] == "committed")
        };
        let first = answers.iter().filter(committed).count();
        match answers.last() {
            Some(Ok(answer)) if first == 1 && answers.iter().all(Result::is_ok) => Ok(answer.clone()),
            _ => Err(format!("{first} of them did it: {answers:?}")),
        }
    }
}

/// A server of the sandbox at a vendor beside it.
fn attached(domain: &str, vendor: &Vendor, store: &str) -> Spawn {
    let variable = format!("CHANCERY_SANDBOX__{}", vendor.told("vendor").to_uppercase());
    Spawn::sandbox(domain).variable(&variable, vendor.told("addr")).variable("CHANCERY_STORE__URL", store)
}

impl Call<'_> {
    /// The same under a key.
    fn keyed(mut self) -> Self {
        self.arguments["idempotency_key"] = self.name.as_str().into();
        self
    }
}

/// Has the request struck that has the effect. Those before it pass: a delay of nothing is a fault that disturbs nobody.
async fn strike(simulator: &Simulator, kind: &str, which: Which, call: &Call<'_>) {
    let effect = match which {
        Which::First => call.effects.first(),
        Which::Last => call.effects.last(),
    };
    let effect = effect.expect("a write has an effect");
    let passes = json!({"kind": "latency", "ms": 0});
    for path in call.reads {
        simulator.fault(path, passes.clone(), None).await;
    }
    if effect.rank > 0 {
        simulator.fault_on(&effect.method, "/", passes, effect.rank).await;
    }
    simulator.fault_on(&effect.method, "/", json!({"kind": kind}), 1).await;
}

async fn struck(simulator: &Simulator, since: u64) -> bool {
    let is = |entry: &Value| entry["fault"].as_str().is_some_and(|kind| kind.starts_with("apply_then"));
    simulator.log_since(since).await.iter().any(is)
}

async fn until_struck(simulator: &Simulator, since: u64) {
    while !struck(simulator, since).await {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The call, repeated: the last answer, which says what was done.
async fn settled(client: &Client, call: &Call<'_>) -> Result<Value, String> {
    let mut answers = Vec::new();
    for _ in 0..RETRIES {
        answers.push(client.call(call.tool, call.arguments.clone()).await);
    }
    match answers.pop() {
        Some(Ok(answer)) => Ok(answer),
        last => Err(format!("{last:?} after {answers:?}")),
    }
}
