//! How soon a server can be used after it was started by a desktop host, and what it weighs then.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};

use super::process;
use super::table::median;
use crate::Result;

/// Starts that are measured; the first of all is not, because it may still read from disk.
const STARTS: usize = 9;
/// How long a server is left alone before its memory is read: long enough that what its start alone needed was given
/// back.
const REST: Duration = Duration::from_secs(5);
/// Bytes of a token, roughly: the proxy the budgets are written in.
pub(super) const BYTES_PER_TOKEN: usize = 4;

/// The fresh server.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Startup {
    /// From spawn to the answer of `tools/list`, in milliseconds.
    pub(super) median_ms: f64,
    pub(super) least_ms: f64,
    pub(super) most_ms: f64,
    /// Resident memory after [`REST`].
    pub(super) resident_idle: Option<u64>,
    pub(super) tools: usize,
    /// The whole answer of `tools/list`.
    pub(super) list_bytes: usize,
    /// What a model reads of it: names, descriptions, inputs.
    pub(super) read_bytes: usize,
}

struct Start {
    took: Duration,
    list: String,
    resident: Option<u64>,
}

impl Startup {
    /// Starts the server `command` makes again and again, the median of `starts`.
    pub(super) fn measure(starts: usize, command: impl Fn() -> Command) -> Result<Self> {
        start(command(), Duration::ZERO)?;
        let starts =
            (0..starts.max(1)).map(|_| start(command(), Duration::ZERO)).collect::<Result<Vec<_>>>()?;
        let mut took: Vec<f64> = starts.iter().map(|start| start.took.as_secs_f64() * 1000.0).collect();
        took.sort_by(f64::total_cmp);
        let rested = start(command(), REST)?;
        let answer: Value = serde_json::from_str(&rested.list)?;
        let tools = answer["result"]["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(Self {
            median_ms: median(&took),
            least_ms: took.first().copied().unwrap_or_default(),
            most_ms: took.last().copied().unwrap_or_default(),
            resident_idle: rested.resident,
            tools: tools.len(),
            list_bytes: answer["result"].to_string().len(),
            read_bytes: tools.iter().map(read_bytes).sum(),
        })
    }

    /// As often as the bar asks for.
    pub(super) fn of(command: impl Fn() -> Command) -> Result<Self> {
        Self::measure(STARTS, command)
    }
}

fn read_bytes(tool: &Value) -> usize {
    let read = json!({
        "name": tool["name"], "description": tool["description"], "inputSchema": tool["inputSchema"],
    });
    read.to_string().len()
}

/// One start: spawn, handshake, list, as a desktop host does it.
fn start(mut command: Command, rest: Duration) -> Result<Start> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let begin = Instant::now();
    let mut child = command.spawn()?;
    let talk = (|| {
        let mut stdin = child.stdin.take().ok_or("no standard input")?;
        let mut stdout = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let client = json!({ "name": "bench", "version": "1" });
        let params = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client });
        ask(
            &mut stdin,
            &mut stdout,
            &json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }),
        )?;
        writeln!(stdin, "{}", json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))?;
        let list =
            ask(&mut stdin, &mut stdout, &json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" }))?;
        let took = begin.elapsed();
        std::thread::sleep(rest);
        Ok(Start { took, list, resident: process::resident_bytes(child.id()) })
    })();
    // Standard input is closed by now and the server on its way out; the run does not wait for it.
    let _killed = child.kill();
    child.wait()?;
    talk
}

/// Writes a request and returns the line of its reply.
fn ask(stdin: &mut impl Write, stdout: &mut impl BufRead, request: &Value) -> Result<String> {
    writeln!(stdin, "{request}")?;
    stdin.flush()?;
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line)? == 0 {
            return Err("the server ended before it answered".into());
        }
        let reply: Value = serde_json::from_str(&line)?;
        if reply["id"] == request["id"] {
            return if reply["result"].is_object() {
                Ok(line)
            } else {
                Err(format!("refused: {line}").into())
            };
        }
    }
}
