//! The server under demonstration and the simulators in it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::{Result, root};

/// A running `chancery-<domain> serve --sandbox`.
pub(super) struct House {
    child: Child,
    binary: std::path::PathBuf,
    listening: Value,
    http: reqwest::Client,
}

impl House {
    /// Builds the server if need be and starts it.
    pub(super) async fn open(domain: &str) -> Result<Self> {
        let begun = Instant::now();
        println!("Building chancery-{domain} (a few minutes on a fresh clone, seconds later) ...");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(root()).args(["build", "--package", domain]);
        if !cargo.status().await?.success() {
            return Err(format!("chancery-{domain} does not build").into());
        }
        let here = std::env::current_exe()?;
        let binary = here.with_file_name(format!("chancery-{domain}{}", std::env::consts::EXE_SUFFIX));
        println!("Built in {:.1} s.", begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        let mut child = Command::new(&binary)
            .args(["serve", "--sandbox", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stderr = child.stderr.take().ok_or("the server has no stderr")?;
        let listening = first_line(stderr).await?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        let house = Self { child, binary, listening, http };
        println!("Started in {} ms: MCP at {}\n", begun.elapsed().as_millis(), house.mcp());
        Ok(house)
    }

    /// The MCP endpoint.
    pub(super) fn mcp(&self) -> &str {
        self.listening["mcp"].as_str().unwrap_or_default()
    }

    /// The server's binary.
    pub(super) fn binary(&self) -> &std::path::Path {
        &self.binary
    }

    /// Makes a vendor's simulator answer everything with `fault`.
    pub(super) async fn break_vendor(&self, vendor: &str, fault: Value) -> Result {
        let request =
            self.http.post(self.control(vendor, "faults")?).header("content-type", "application/json");
        request.body(json!({ "fault": fault }).to_string()).send().await?.error_for_status()?;
        Ok(())
    }

    /// Ends that.
    pub(super) async fn heal_vendor(&self, vendor: &str) -> Result {
        self.http.delete(self.control(vendor, "faults")?).send().await?.error_for_status()?;
        Ok(())
    }

    /// How often a vendor's simulator was asked.
    pub(super) async fn asked(&self, vendor: &str) -> Result<usize> {
        let log = self.http.get(self.control(vendor, "log")?).send().await?.text().await?;
        let log: Value = serde_json::from_str(&log)?;
        Ok(log.as_array().or(log["entries"].as_array()).map_or(0, Vec::len))
    }

    fn control(&self, vendor: &str, path: &str) -> Result<String> {
        let all = self.listening["sandbox"].as_array().into_iter().flatten();
        let base = all.into_iter().find(|s| s["vendor"] == vendor).and_then(|s| s["control_url"].as_str());
        let base = base.ok_or_else(|| format!("there is no simulator of {vendor}"))?;
        Ok(format!("{}/{path}", base.trim_end_matches('/')))
    }

    /// Waits for Ctrl-C or for the server to end by itself.
    pub(super) async fn wait(&mut self) -> Result {
        tokio::select! {
            ended = self.child.wait() => Err(format!("the server ended: {}", ended?).into()),
            pressed = tokio::signal::ctrl_c() => Ok(pressed?),
        }
    }

    /// Asks the server to end and waits until it has.
    pub(super) async fn close(mut self) -> Result {
        #[cfg(unix)]
        if let Some(pid) = self.child.id() {
            Command::new("kill").arg("-TERM").arg(pid.to_string()).status().await?;
            // Calls in flight have 25 s to end.
            if let Ok(ended) = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await {
                let ended = ended?;
                return if ended.success() {
                    Ok(())
                } else {
                    Err(format!("the server ended with {ended}").into())
                };
            }
        }
        Ok(self.child.kill().await?)
    }
}

/// The line that says where the server listens; what follows is kept flowing, so that the server never blocks on it.
async fn first_line(stderr: tokio::process::ChildStderr) -> Result<Value> {
    let mut lines = BufReader::new(stderr);
    let mut first = String::new();
    lines.read_line(&mut first).await?;
    match serde_json::from_str(&first) {
        Ok(listening) => {
            tokio::spawn(async move {
                let mut rest = [0; 4096];
                while lines.read(&mut rest).await.is_ok_and(|n| n > 0) {}
            });
            Ok(listening)
        }
        Err(_) => {
            let mut rest = String::new();
            lines.read_to_string(&mut rest).await?;
            Err(format!("the server did not start:\n{first}{rest}").into())
        }
    }
}
