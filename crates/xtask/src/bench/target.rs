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
        let url = running.next::<Listening>()?.mcp;
        let arguments = json!({ "limit": 10 });
        Ok(Self { name, url, dialect: Dialect::Modern, tool: "search_issues", arguments, running })
    }

    /// The server under test with everything on, its one source at `vendor`.
    pub(super) fn ours(programs: &Programs, vendor: &Vendor, folder: &Folder) -> Result<Self> {
        let mut command = Command::new(&programs.server);
        command.args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log-format", "json"]);
        command.arg("--config").arg(folder.configure(vendor)?);
        command.env("BENCH_TOKEN", "not-a-secret");
        let running = Running::start(&mut command, Voice::Stderr, &folder.log(OURS))?;
        let url = running.next::<Listening>()?.mcp;
        let arguments = json!({ "limit": 10 });
        Ok(Self { name: OURS, url, dialect: Dialect::Modern, tool: "search_issues", arguments, running })
    }

    /// A plan against this server, with half a second to warm up.
    pub(super) fn plan(&self, connections: usize, pace: Pace, measure_ms: u64) -> Plan {
        Plan {
            url: self.url.clone(),
            dialect: self.dialect,
            tool: self.tool.to_owned(),
            arguments: self.arguments.clone(),
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

    /// Where the audit log goes: on the disk that the build is on, made durable as in production.
    pub(super) fn audit(&self) -> PathBuf {
        self.0.join("audit")
    }

    fn configure(&self, vendor: &Vendor) -> Result<PathBuf> {
        let path = self.0.join("config.toml");
        fs::write(&path, configuration(&self.0, &vendor.url))?;
        Ok(path)
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
