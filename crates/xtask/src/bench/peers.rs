//! The rivals: what people run today, installed from their registries below `target/bench`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use super::bars::{Bar, Limit};
use super::cells::{Bench, Cell, JUDGED, per_second};
use super::load::{Dialect, Pace};
use super::process::{Listening, Running, Voice};
use super::rows;
use super::startup::{BYTES_PER_TOKEN, Startup};
use super::target::{Folder, OURS, Target, Vendor};
use crate::{Result, root};

const PYTHON: &str = "mcp-atlassian";
const TYPESCRIPT: &str = "typescript";
/// Its releases of one minor version behave alike.
const PYTHON_RELEASE: &str = "mcp-atlassian>=0.23,<0.24";
/// An interpreter takes seconds to start; nine of them would take the run.
const STARTS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(60);

/// Where they are installed.
pub(super) struct Peers {
    python: PathBuf,
    typescript: PathBuf,
}

impl Peers {
    /// Installs what is not installed yet.
    pub(super) fn install(folder: &Path) -> Result<Self> {
        let peers = Self { python: folder.join("venv"), typescript: folder.join("typescript") };
        peers.install_python()?;
        peers.install_typescript()?;
        Ok(peers)
    }

    /// Puts them beside ours, and starts each cold.
    pub(super) fn measure(
        &self,
        bench: &Bench<'_>,
        vendor: &Vendor,
        ours: &mut Target,
        startups: &mut BTreeMap<&'static str, Startup>,
    ) -> Result<Cell> {
        eprintln!("cold starts of the rivals");
        startups.insert(TYPESCRIPT, Startup::measure(STARTS, || self.node(&vendor.url, &["stdio"]))?);
        startups.insert(PYTHON, Startup::measure(STARTS, || self.atlassian(&vendor.url, &[]))?);
        let mut typescript = self.serve_typescript(vendor, bench.folder)?;
        let mut python = self.serve_python(vendor, bench.folder)?;
        let what = format!("closed loop beside rivals, {JUDGED} connections");
        let mut targets = [ours, &mut typescript, &mut python];
        bench.interleave(what, bench.rounds, &mut targets, |target| {
            target.plan(JUDGED, Pace::Closed, bench.measure_ms)
        })
    }

    fn install_python(&self) -> Result {
        if self.python.join("bin").join(PYTHON).exists() {
            return Ok(());
        }
        run(Command::new("python3").args(["-m", "venv"]).arg(&self.python))?;
        run(Command::new(self.python.join("bin/pip")).args(["install", "--quiet", PYTHON_RELEASE]))
    }

    fn install_typescript(&self) -> Result {
        let source = root().join("tests/load/peers");
        fs::create_dir_all(&self.typescript)?;
        for file in ["package.json", "search.mjs"] {
            fs::copy(source.join(file), self.typescript.join(file))?;
        }
        let npm = ["install", "--silent", "--no-audit", "--no-fund"];
        run(Command::new("npm").args(npm).current_dir(&self.typescript))
    }

    fn node(&self, vendor: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("node");
        command.arg(self.typescript.join("search.mjs")).args(arguments).env("JIRA_URL", vendor);
        command
    }

    /// All of its tools; without the fallback it wants credentials with every request.
    fn atlassian(&self, vendor: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.python.join("bin").join(PYTHON));
        command.args(arguments).env("JIRA_URL", vendor).env("JIRA_PERSONAL_TOKEN", "not-a-secret");
        command.env("ALLOW_GLOBAL_CRED_FALLBACK", "true").env("TOOLSETS", "all");
        command
    }

    fn serve_typescript(&self, vendor: &Vendor, folder: &Folder) -> Result<Target> {
        let mut command = self.node(&vendor.url, &["serve"]);
        let running = Running::start(&mut command, Voice::Stdout, &folder.log(TYPESCRIPT))?;
        let url = running.next::<Listening>()?.mcp;
        Ok(Target {
            name: TYPESCRIPT,
            url,
            dialect: Dialect::Handshake,
            tool: "search_issues",
            arguments: json!({ "limit": 10 }),
            token: None,
            running,
        })
    }

    fn serve_python(&self, vendor: &Vendor, folder: &Folder) -> Result<Target> {
        let port = free_port()?;
        let text = port.to_string();
        let transport =
            ["--transport", "streamable-http", "--host", "127.0.0.1", "--path", "/mcp", "--port", &text];
        let mut command = self.atlassian(&vendor.url, &transport);
        let running = Running::start(&mut command, Voice::Stderr, &folder.log(PYTHON))?;
        wait_for(port)?;
        let jql = format!("project = {} ORDER BY updated DESC", rows::PROJECT);
        Ok(Target {
            name: PYTHON,
            url: format!("http://127.0.0.1:{port}/mcp"),
            dialect: Dialect::Handshake,
            tool: "jira_search",
            arguments: json!({ "jql": jql, "limit": 10 }),
            token: None,
            running,
        })
    }
}

/// What ours is to reach beside them.
#[allow(clippy::cast_precision_loss, reason = "bytes of a catalogue and memory stay far below 2^52")]
pub(super) fn bars(rivals: &Cell, startups: &BTreeMap<&'static str, Startup>) -> Vec<Bar> {
    let by = |rival| rivals.ratio(OURS, rival, per_second).median;
    let ratio = |figure: fn(&Startup) -> f64| match (startups.get(OURS), startups.get(PYTHON)) {
        (Some(ours), Some(rival)) => figure(ours) / figure(rival),
        _ => f64::NAN,
    };
    vec![
        Bar::new("calls/s by mcp-atlassian's, 32 connections", by(PYTHON), "x", Limit::AtLeast(20.0)),
        Bar::new("calls/s by a minimal TypeScript server's", by(TYPESCRIPT), "x", Limit::AtLeast(3.0)),
        Bar::new("cold start by mcp-atlassian's", ratio(|s| s.median_ms), "x", Limit::AtMost(0.05)),
        Bar::new(
            "idle memory by mcp-atlassian's",
            ratio(|s| s.resident_idle.map_or(f64::NAN, |bytes| bytes as f64)),
            "x",
            Limit::AtMost(0.15),
        ),
        Bar::new(
            "catalogue by mcp-atlassian's, as a model reads it",
            ratio(|s| (s.read_bytes / BYTES_PER_TOKEN) as f64),
            "x",
            Limit::AtMost(0.2),
        ),
    ]
}

fn run(command: &mut Command) -> Result {
    let line = std::iter::once(command.get_program()).chain(command.get_args());
    let line = line.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ");
    eprintln!("{line}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` failed: {status}").into()),
        Err(error) => Err(format!("`{line}` cannot be run: {error}").into()),
    }
}

/// A port that was free a moment ago: this server cannot be told to take any.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn wait_for(port: u16) -> Result {
    let latest = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if Instant::now() > latest {
            return Err("a rival does not listen; see its log".into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
