//! A server process.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, Command};

use crate::{Client, Simulator};

/// The binary of a domain, built once a test run in the profile of the tests, unless `CHANCERY_BIN_DIR` has it.
pub fn binary(domain: &str) -> PathBuf {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    let directory = DIRECTORY.get_or_init(|| {
        if let Some(directory) = std::env::var_os("CHANCERY_BIN_DIR") {
            return directory.into();
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        // The whole workspace, so that features are those of the tests and nothing is compiled twice.
        let build = std::process::Command::new(env!("CARGO"))
            .current_dir(root)
            .args(["build", "--quiet", "--workspace", "--bins"])
            .status()
            .unwrap();
        assert!(build.success(), "the servers do not build");
        // This test stands in `<target>/<profile>/deps`.
        std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned()
    });
    directory.join(format!("chancery-{domain}"))
}

/// The binary, with nothing of this process's environment and all that it keeps below `home`, a sandbox's record too.
pub fn command(domain: &str, home: &Path) -> Command {
    let mut command = Command::new(binary(domain));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home).env("TMPDIR", home);
    command
}

/// Runs the binary to its end.
pub async fn run(domain: &str, arguments: &[&str]) -> Output {
    let home = TempDir::new().unwrap();
    command(domain, home.path()).args(arguments).stdin(Stdio::null()).output().await.unwrap()
}

/// How to start a server.
pub struct Spawn {
    domain: String,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    home: TempDir,
}

impl Spawn {
    /// `serve` on ports of the system's choice.
    pub fn serve(domain: &str) -> Self {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
        Self {
            domain: domain.into(),
            arguments: arguments.map(str::to_owned).into(),
            environment: Vec::new(),
            home: TempDir::new().unwrap(),
        }
    }

    /// `serve --sandbox`.
    pub fn sandbox(domain: &str) -> Self {
        Self::serve(domain).argument("--sandbox")
    }

    /// Listening elsewhere than on loopback.
    pub fn listen(mut self, address: &str) -> Self {
        self.arguments[2] = address.into();
        self
    }

    /// With another argument.
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With an environment variable.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// With a configuration file.
    pub fn config(self, text: &str) -> Self {
        let path = self.home.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        self.argument("--config").argument(&path.display().to_string())
    }

    /// With the audit log in this directory.
    pub fn audit(self, directory: &Path) -> Self {
        self.variable("CHANCERY_AUDIT__DIR", &directory.display().to_string())
    }

    /// Starts it and waits for its first line.
    pub async fn start(self) -> Server {
        let mut child = command(&self.domain, self.home.path())
            .args(&self.arguments)
            .envs(self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut first = String::new();
        stderr.read_line(&mut first).await.unwrap();
        let listening: Value = serde_json::from_str(&first).unwrap_or_else(|_| panic!("first line: {first}"));
        assert_eq!(listening["event"], "listening", "{first}");
        let log = Log::of(stderr, first);
        Server { child, listening, log, home: self.home }
    }
}

/// What a process says on stderr, gathered while it runs.
struct Log {
    text: std::sync::Arc<std::sync::Mutex<String>>,
    reader: tokio::task::JoinHandle<()>,
}

impl Log {
    fn of(mut stderr: BufReader<ChildStderr>, first: String) -> Self {
        let text = std::sync::Arc::new(std::sync::Mutex::new(first));
        let gathered = text.clone();
        let reader = tokio::spawn(async move {
            let mut line = String::new();
            while stderr.read_line(&mut line).await.is_ok_and(|n| n > 0) {
                gathered.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        Self { text, reader }
    }
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    /// Its first line.
    pub listening: Value,
    log: Log,
    home: TempDir,
}

impl Server {
    /// A client of its MCP endpoint.
    pub fn client(&self) -> Client {
        Client::new(self.listening["mcp"].as_str().unwrap())
    }

    /// `host:port` of its MCP endpoint.
    pub fn address(&self) -> String {
        let url = self.listening["mcp"].as_str().unwrap();
        url.trim_start_matches("http://").trim_end_matches("/mcp").to_owned()
    }

    /// A page of its admin listener.
    pub async fn admin(&self, path: &str) -> (u16, String) {
        let base = self.listening["admin"].as_str().unwrap().trim_end_matches('/');
        let reply = reqwest::get(format!("{base}{path}")).await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    }

    /// The simulator of a vendor that it runs in process.
    pub fn simulator(&self, vendor: &str) -> Simulator {
        let all = self.listening["sandbox"].as_array().expect("a sandbox");
        let own = all.iter().find(|s| s["vendor"] == vendor).expect("the vendor");
        Simulator::at(own["control_url"].as_str().unwrap())
    }

    /// The vendors whose simulators it runs, in the order of their names.
    pub fn vendors(&self) -> Vec<String> {
        let all = self.listening["sandbox"].as_array().expect("a sandbox").iter();
        let mut vendors: Vec<_> = all.map(|s| s["vendor"].as_str().unwrap().to_owned()).collect();
        vendors.sort();
        vendors
    }

    /// The directory of its home, configuration included.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Sends a signal by name: `TERM`, `KILL`.
    pub async fn signal(&self, name: &str) {
        let sent =
            Command::new("kill").arg(format!("-{name}")).arg(self.pid().to_string()).status().await.unwrap();
        assert!(sent.success());
    }

    /// What it has said on stderr so far.
    pub fn said(&self) -> String {
        self.log.text.lock().unwrap().clone()
    }

    /// Waits for its end: exit code, all of stderr, its home.
    pub async fn ended(mut self) -> (Option<i32>, String, TempDir) {
        let status = self.child.wait().await.unwrap();
        self.log.reader.await.unwrap();
        let said = self.log.text.lock().unwrap().clone();
        (status.code(), said, self.home)
    }
}
