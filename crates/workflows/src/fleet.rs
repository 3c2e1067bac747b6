//! The servers of the house, running with their sandboxes.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::Result;

/// How long a server may take to say where it listens; many start at once, on machines that are busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Every domain that the workflows work in.
pub const DOMAINS: [&str; 6] = ["crm", "docs", "finance", "issues", "itsm", "usage"];

/// How to start a fleet.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where the binaries are: `chancery-crm` and its sisters.
    pub binaries: PathBuf,
    /// The domains to start.
    pub domains: Vec<String>,
    /// Simulators that already serve; the others are the servers' own.
    pub beside: Vec<Beside>,
    /// Where the audit logs go, one directory a server; the servers' own choice if absent.
    pub audit: Option<PathBuf>,
    /// A folder with a configuration for each domain: `finance.toml`. None need be.
    pub configurations: Option<PathBuf>,
}

impl Setup {
    /// All domains, with simulators of their own.
    #[must_use]
    pub fn new(binaries: impl Into<PathBuf>) -> Self {
        let domains = DOMAINS.map(str::to_owned).into();
        Self { binaries: binaries.into(), domains, beside: Vec::new(), audit: None, configurations: None }
    }
}

/// A simulator in a process of its own (`chancery-<domain> sandbox VENDOR`).
#[derive(Clone, Debug)]
pub struct Beside {
    /// The domain whose server uses it.
    pub domain: String,
    /// The vendor.
    pub vendor: String,
    /// Its address: `127.0.0.1:4711`.
    pub address: String,
}

/// Running servers, in the order of their domains.
pub struct Fleet {
    setup: Setup,
    servers: Vec<Server>,
    http: reqwest::Client,
}

impl Fleet {
    /// Starts the servers, all at once, and waits until each listens.
    pub async fn start(setup: &Setup) -> Result<Self> {
        let starting = setup.domains.iter().map(|domain| Server::start(setup, domain));
        let servers = try_join_all(starting).await?;
        Ok(Self { setup: setup.clone(), servers, http: reqwest::Client::builder().no_proxy().build()? })
    }

    /// How it was started.
    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The servers.
    #[must_use]
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The server of a domain.
    pub fn server(&self, domain: &str) -> Result<&Server> {
        let found = self.servers.iter().find(|s| s.domain == domain);
        found.ok_or_else(|| format!("chancery-{domain} is not running").into())
    }

    /// The vendors whose simulators the servers use.
    pub fn vendors(&self) -> impl Iterator<Item = &str> {
        self.servers.iter().flat_map(Server::simulators).filter_map(|s| s["vendor"].as_str())
    }

    /// Makes a vendor's simulator answer everything with `fault` (see the control plane of crate `sandbox`).
    pub async fn break_vendor(&self, vendor: &str, fault: Value) -> Result<()> {
        let request =
            self.http.post(self.control(vendor, "faults")?).header("content-type", "application/json");
        request.body(json!({ "fault": fault }).to_string()).send().await?.error_for_status()?;
        Ok(())
    }

    /// Ends that.
    pub async fn heal_vendor(&self, vendor: &str) -> Result<()> {
        self.http.delete(self.control(vendor, "faults")?).send().await?.error_for_status()?;
        Ok(())
    }

    /// Every request a vendor's simulator saw, with its answer.
    pub async fn log(&self, vendor: &str) -> Result<Vec<Value>> {
        let text =
            self.http.get(self.control(vendor, "log")?).send().await?.error_for_status()?.text().await?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Waits for Ctrl-C, or for a server to end by itself.
    pub async fn wait(&mut self) -> Result<()> {
        let ended = futures::future::select_all(self.servers.iter_mut().map(|server| {
            Box::pin(async {
                let status = server.child.wait().await;
                (server.domain.clone(), status)
            })
        }));
        tokio::select! {
            ((domain, status), _, _) = ended => Err(format!("chancery-{domain} ended: {}", status?).into()),
            pressed = tokio::signal::ctrl_c() => Ok(pressed?),
        }
    }

    /// Asks every server to end and waits until all have, whatever becomes of one. Fails as the first that failed.
    pub async fn stop(self) -> Result<()> {
        join_all(self.servers.into_iter().map(Server::stop)).await.into_iter().collect()
    }

    fn control(&self, vendor: &str, path: &str) -> Result<String> {
        let simulator = self.servers.iter().flat_map(Server::simulators).find(|s| s["vendor"] == vendor);
        let base = simulator.and_then(|s| s["control_url"].as_str());
        let base = base.ok_or_else(|| format!("there is no simulator of {vendor}"))?;
        Ok(format!("{base}{path}"))
    }
}

/// A running `chancery-<domain> serve --sandbox`.
pub struct Server {
    /// Its domain.
    pub domain: String,
    /// Its binary.
    pub binary: PathBuf,
    child: Child,
    listening: Value,
}

impl Server {
    async fn start(setup: &Setup, domain: &str) -> Result<Self> {
        let program = format!("chancery-{domain}{}", std::env::consts::EXE_SUFFIX);
        let binary = setup.binaries.join(program);
        let mut command = Command::new(&binary);
        command
            .args(["serve", "--sandbox", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .args(["--log-format", "json"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for Beside { vendor, address, .. } in setup.beside.iter().filter(|b| b.domain == domain) {
            command.env(format!("CHANCERY_SANDBOX__{}", vendor.to_uppercase()), address);
        }
        if let Some(folder) = &setup.configurations {
            command.arg("--config").arg(folder.join(format!("{domain}.toml")));
        }
        if let Some(dir) = &setup.audit {
            command.env("CHANCERY_AUDIT__DIR", dir.join(domain));
        }
        let mut child = command.spawn().map_err(|e| format!("{}: {e}", binary.display()))?;
        let mut stderr = BufReader::new(child.stderr.take().ok_or("a server without stderr")?);
        let told = timeout(PATIENCE, listening(&mut stderr)).await;
        let listening =
            told.map_err(|_| format!("chancery-{domain} did not say within {PATIENCE:?} where it listens"))?;
        let listening = listening.map_err(|said| format!("chancery-{domain} did not start:\n{said}"))?;
        // What follows is kept flowing, so that the server never blocks on it.
        tokio::spawn(async move {
            let mut rest = [0; 4096];
            while stderr.read(&mut rest).await.is_ok_and(|n| n > 0) {}
        });
        Ok(Self { domain: domain.to_owned(), binary, child, listening })
    }

    /// The MCP endpoint.
    #[must_use]
    pub fn mcp(&self) -> &str {
        self.listening["mcp"].as_str().unwrap_or_default()
    }

    /// The page on which people decide, if its configuration has one.
    pub(crate) fn approvals(&self) -> &str {
        self.listening["approvals"].as_str().unwrap_or_default()
    }

    /// Its audit directory.
    #[must_use]
    pub fn audit(&self) -> &Path {
        Path::new(self.listening["audit"].as_str().unwrap_or_default())
    }

    /// The simulators it uses, as `sandbox VENDOR` prints them.
    fn simulators(&self) -> impl Iterator<Item = &Value> {
        self.listening["sandbox"].as_array().into_iter().flatten()
    }

    /// Runs the binary to its end and returns what it printed. Fails with what it complained about.
    pub async fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(&self.binary).args(arguments).stdin(Stdio::null()).output().await?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned().into()),
        }
    }

    async fn stop(mut self) -> Result<()> {
        #[cfg(unix)]
        if let Some(pid) = self.child.id() {
            Command::new("kill").arg("-TERM").arg(pid.to_string()).status().await?;
            // Calls in flight have 25 s to end.
            if let Ok(ended) = timeout(Duration::from_secs(30), self.child.wait()).await {
                let ended = ended?;
                return if ended.success() {
                    Ok(())
                } else {
                    Err(format!("chancery-{} ended with {ended}", self.domain).into())
                };
            }
        }
        Ok(self.child.kill().await?)
    }
}

/// The line that says where a server listens, after whatever else is said before. Fails with that where it ends first.
async fn listening(stderr: &mut (impl AsyncBufRead + Unpin)) -> Result<Value, String> {
    let mut lines = stderr.lines();
    let mut said = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str::<Value>(&line) {
            Ok(listening) if listening["mcp"].is_string() => return Ok(listening),
            _ => said.extend([line.as_str(), "\n"]),
        }
    }
    Err(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_may_say_other_things_before_it_says_where_it_listens() {
        let mut chatty =
            "a library warns\n{\"level\":\"WARN\"}\n{\"mcp\":\"http://here/mcp\"}\nmore\n".as_bytes();
        assert_eq!(listening(&mut chatty).await.unwrap()["mcp"], "http://here/mcp");
        assert_eq!(chatty, b"more\n", "what follows is still to be read");
        assert_eq!(listening(&mut &b"no such\noption\n"[..]).await.unwrap_err(), "no such\noption\n");
    }

    /// Two servers: one that ended badly by itself, one that leaves a word when it is asked to end.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_server_that_ended_badly_does_not_keep_the_others_from_ending_well() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::TempDir::new().unwrap();
        let word = folder.path().join("word");
        let says = r#"echo '{"mcp":"http://here"}' >&2"#;
        let well = format!(
            "trap 'kill $!; echo bye > {}; exit 0' TERM; tail -f /dev/null & {says}; wait",
            word.display()
        );
        for (domain, script) in [("bad", format!("{says}; exit 3")), ("well", well)] {
            let path = folder.path().join(format!("chancery-{domain}"));
            std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let domains = vec!["bad".to_owned(), "well".to_owned()];
        let fleet = Fleet::start(&Setup { domains, ..Setup::new(folder.path()) }).await.unwrap();
        let failed = fleet.stop().await.unwrap_err().to_string();
        assert!(failed.starts_with("chancery-bad ended with"), "{failed}");
        assert_eq!(std::fs::read_to_string(word).unwrap(), "bye\n");
    }
}
