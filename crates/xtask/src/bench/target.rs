//! The servers that are put under load.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use serde_json::{Value, json};

use super::build::Programs;
use super::load::{Dialect, Pace, Plan};
use super::mock::{Behavior, Told};
use super::process::{Listening, Running, Voice};
use super::rows;
use crate::Result;

/// A server, and how to ask it for the ten issues.
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) url: String,
    pub(super) dialect: Dialect,
    pub(super) tool: &'static str,
    pub(super) arguments: Value,
    /// What its callers prove themselves with; none where it does not ask.
    pub(super) token: Option<String>,
    pub(super) running: Running,
}

/// The vendor that all of them ask.
pub(super) struct Vendor {
    running: Running,
    /// Its base URL.
    pub(super) url: String,
}

/// Where a run keeps configuration, audit and logs.
pub(super) struct Folder(PathBuf);

/// The server whose ratios are reported.
pub(super) const OURS: &str = "chancery";
/// The server it is judged by.
pub(super) const FLOOR: &str = "floor";
/// The server that shows how much of the way from the floor to ours is the SDK's.
pub(super) const BARE: &str = "bare";

impl Target {
    /// One of the floors ([`FLOOR`], [`BARE`]), in front of `vendor`.
    pub(super) fn floor(
        name: &'static str,
        programs: &Programs,
        vendor: &Vendor,
        folder: &Folder,
    ) -> Result<Self> {
        let running = Running::start(programs.part(name).arg(&vendor.url), Voice::Stdout, &folder.log(name))?;
        Self::searching(name, running)
    }

    /// A server that says where it listens, asked for ten issues in the newest revision.
    fn searching(name: &'static str, running: Running) -> Result<Self> {
        let url = running.next::<Listening>()?.mcp;
        let arguments = json!({ "limit": 10 });
        Ok(Self {
            name,
            url,
            dialect: Dialect::Modern,
            tool: "search_issues",
            arguments,
            token: None,
            running,
        })
    }

    /// The server under test with everything on, its one source at `vendor`, for the person at the machine.
    pub(super) fn ours(programs: &Programs, vendor: &Vendor, folder: &Folder) -> Result<Self> {
        Self::server(OURS, programs, vendor, folder, "")
    }

    /// The server under test with these tables besides its usual ones.
    pub(super) fn server(
        name: &'static str,
        programs: &Programs,
        vendor: &Vendor,
        folder: &Folder,
        tables: &str,
    ) -> Result<Self> {
        let mut command = Command::new(&programs.server);
        command.args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log-format", "json"]);
        command.arg("--config").arg(folder.configure(name, vendor, tables)?);
        command.env("BENCH_TOKEN", "not-a-secret");
        let running = Running::start(&mut command, Voice::Stderr, &folder.log(name))?;
        Self::searching(name, running)
    }

    /// A plan against this server, with half a second to warm up.
    pub(super) fn plan(&self, connections: usize, pace: Pace, measure_ms: u64) -> Plan {
        Plan {
            url: self.url.clone(),
            dialect: self.dialect,
            tool: self.tool.to_owned(),
            arguments: self.arguments.clone(),
            token: self.token.clone(),
            connections,
            pace,
            warm_up_ms: 500,
            measure_ms,
        }
    }
}

impl Vendor {
    /// A healthy vendor next door.
    pub(super) fn start(programs: &Programs, folder: &Folder) -> Result<Self> {
        let running = Running::start(&mut programs.part("mock"), Voice::Stdout, &folder.log("mock"))?;
        let url = running.next::<Listening>()?.base_url;
        Ok(Self { running, url })
    }

    /// Behaves like this from now on.
    pub(super) fn behave(&mut self, behavior: &Behavior) -> Result<Told> {
        self.running.tell(behavior)?;
        self.running.next()
    }
}

impl Folder {
    /// An empty folder at `path`; what an earlier run left is gone.
    pub(super) fn fresh(path: PathBuf) -> Result<Self> {
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => fs::create_dir_all(&path)?,
        }
        Ok(Self(path))
    }

    /// Where a process of this name logs to.
    pub(super) fn log(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.log"))
    }

    /// Where the audit log of the server called `name` goes: on the disk that the build is on, made durable as in
    /// production.
    pub(super) fn audit(&self, name: &str) -> PathBuf {
        self.0.join(name).join("audit")
    }

    /// Writes a file and says where.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.0.join(name);
        fs::write(&path, text)?;
        Ok(path)
    }

    fn configure(&self, name: &str, vendor: &Vendor, tables: &str) -> Result<PathBuf> {
        let below = self.0.join(name);
        fs::create_dir_all(&below)?;
        let usual = configuration(&below, &vendor.url);
        self.write(&format!("{name}.toml"), &format!("{usual}{tables}"))
    }
}

/// A production configuration in all but the vendor's address and the bulkhead: that protects a vendor from more
/// than 32 requests at a time, and this vendor is there to be saturated.
fn configuration(folder: &Path, vendor: &str) -> String {
    let text = |text: &str| toml::Value::from(text).to_string();
    let below = |name: &str| text(&folder.join(name).to_string_lossy());
    let (audit, store) = (below("audit"), below("store.db"));
    let (vendor, project) = (text(vendor), rows::PROJECT);
    format!(
        r#"
[audit]
dir = {audit}

[store]
url = {store}

[source.jira]
vendor = "jira"
deployment = "cloud"
base_url = {vendor}
projects = ["{project}"]

[source.jira.auth]
grant = "basic"
user = "bench@example.com"
password = "env:BENCH_TOKEN"

[source.jira.limits]
in_flight = 256
queue = 1024
"#
    )
}
