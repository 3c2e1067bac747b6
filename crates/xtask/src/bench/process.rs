//! The processes of a run: started, watched and ended with it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Result;

/// How long a process may take to say its first word; interpreters with many modules are slow on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that ends when this is dropped.
pub(super) struct Running {
    child: Child,
    said: mpsc::Receiver<String>,
    log: PathBuf,
}

/// What a process says when it can be called.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Listening {
    event: String,
    /// The URL of its MCP endpoint.
    pub(super) mcp: String,
    /// Its base URL.
    #[serde(default)]
    pub(super) base_url: String,
}

/// Where a process speaks; the other stream goes to its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    Stdout,
    Stderr,
}

impl Listening {
    pub(super) fn at(address: SocketAddr) -> Self {
        let base_url = format!("http://{address}");
        Self { event: "listening".to_owned(), mcp: format!("{base_url}/mcp"), base_url }
    }

    /// Says so on standard output.
    pub(super) fn announce(&self) -> Result {
        println!("{}", serde_json::to_string(self)?);
        Ok(())
    }
}

impl Running {
    /// Starts `command` with standard input open; all else that it says goes to the log at `path`.
    pub(super) fn start(command: &mut Command, voice: Voice, path: &Path) -> Result<Self> {
        let log = File::options().create(true).append(true).open(path)?;
        command.stdin(Stdio::piped());
        match voice {
            Voice::Stdout => command.stdout(Stdio::piped()).stderr(log.try_clone()?),
            Voice::Stderr => command.stdout(log.try_clone()?).stderr(Stdio::piped()),
        };
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command.spawn().map_err(|error| format!("cannot start {program}: {error}"))?;
        let said = match voice {
            Voice::Stdout => child.stdout.take().map(|stream| listen(stream, None)),
            Voice::Stderr => child.stderr.take().map(|stream| listen(stream, Some(log))),
        };
        Ok(Self { child, said: said.ok_or("the process has no voice")?, log: path.to_owned() })
    }

    /// Its next line that is a `T`.
    pub(super) fn next<T: DeserializeOwned>(&self) -> Result<T> {
        loop {
            let silence = |_| format!("a process ended or said nothing; see {}", self.log.display());
            let line = self.said.recv_timeout(PATIENCE).map_err(silence)?;
            if let Ok(word) = serde_json::from_str(&line) {
                return Ok(word);
            }
        }
    }

    /// Writes a line to its standard input.
    pub(super) fn tell(&mut self, word: &impl Serialize) -> Result {
        let stdin: &mut ChildStdin = self.child.stdin.as_mut().ok_or("standard input is closed")?;
        writeln!(stdin, "{}", serde_json::to_string(word)?)?;
        Ok(stdin.flush()?)
    }

    /// Its process id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Reads lines for as long as there are any, so that the process never blocks on a full pipe.
fn listen(stream: impl Read + Send + 'static, mut log: Option<File>) -> mpsc::Receiver<String> {
    let (say, said) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(std::result::Result::ok) {
            if let Some(log) = &mut log {
                let _written = writeln!(log, "{line}");
            }
            // Nobody may be listening any more; the pipe still has to be emptied.
            let _heard = say.send(line);
        }
    });
    said
}

/// Resident memory of a process in bytes, where the system tells (Linux: `VmRSS`).
pub(super) fn resident_bytes(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Processor time a process has used in seconds, where the system tells (Linux: in hundredths).
pub(super) fn cpu_seconds(id: u32) -> Option<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in parentheses may hold spaces; user and system time are the 12th and 13th fields after it.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    Some(ticks.sum::<f64>() / TICKS_PER_SECOND)
}

/// Now, in milliseconds since 1970: the clock that all processes of a run share.
pub(super) fn unix_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |now| now.as_secs_f64() * 1000.0)
}

/// Every connection is an open file: takes as many as the system grants, and says how many.
#[cfg(unix)]
pub(super) fn raise_file_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let granted = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    granted.unwrap_or(u64::MAX)
}

/// Elsewhere there is no such limit to raise.
#[cfg(not(unix))]
pub(super) fn raise_file_limit() -> u64 {
    u64::MAX
}
