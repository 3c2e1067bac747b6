//! `audit verify|query`: the record, read where it lies.

use std::io::{self, Write};
use std::path::PathBuf;

use audit::{Entry, Filter};
use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::kept::{name, say_none};
use super::{Done, Failure, load, print, unprintable};
use crate::config::default_audit_dir;

/// What `audit` takes.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Check every chain of every stream; exit 1 if one is broken
    Verify {
        #[command(flatten)]
        place: Place,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print the records that match, earliest first
    Query(Box<Query>),
}

#[derive(Args)]
struct Place {
    /// An audit directory; may be repeated [default: the one of the configuration]
    #[arg(long = "dir", value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// The configuration [default: $CHANCERY_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Args)]
struct Query {
    #[command(flatten)]
    place: Place,
    /// The record at the vendor, `source:native`
    #[arg(long, value_name = "ID")]
    record: Option<String>,
    /// The caller's subject
    #[arg(long)]
    caller: Option<String>,
    /// The tool
    #[arg(long)]
    tool: Option<String>,
    /// The workflow's id
    #[arg(long)]
    workflow: Option<String>,
    /// The operation's id, as `outcome_unknown` names it
    #[arg(long)]
    operation: Option<String>,
    /// Not before this time, such as 2026-11-01T00:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Not after this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// A line for people, instead of the lines as they stand in the record
    #[arg(long)]
    text: bool,
}

/// Verifies or searches.
pub(crate) fn run(options: &Options) -> Done {
    match &options.what {
        What::Verify { place, json } => verify(&place.dirs()?, *json),
        What::Query(query) => search(query),
    }
}

impl Place {
    fn dirs(&self) -> Result<Vec<PathBuf>, Failure> {
        if !self.dirs.is_empty() {
            return Ok(self.dirs.clone());
        }
        let configured = load(self.config.clone())?.audit.dir;
        let dir = configured.map_or_else(|| default_audit_dir(|name| std::env::var(name).ok()), Ok)?;
        Ok(vec![dir])
    }
}

fn verify(dirs: &[PathBuf], json: bool) -> Done {
    if let Some(dir) = dirs.iter().find(|d| !d.is_dir()) {
        return Err(Failure::Usage(format!("{} is not a directory", dir.display())));
    }
    let report = audit::verify(dirs)?;
    let text = if json { serde_json::to_string(&report).unwrap_or_default() } else { report.to_string() };
    print(text)?;
    if report.holds() { Ok(()) } else { Err(Failure::Failed("the record is damaged".into())) }
}

fn search(query: &Query) -> Done {
    let filter = Filter {
        record: query.record.clone(),
        caller: query.caller.clone(),
        tool: query.tool.clone(),
        workflow: query.workflow.clone(),
        operation: query.operation.clone(),
        since: query.since,
        until: query.until,
        limit: query.limit,
    };
    let mut found = audit::query(&query.place.dirs()?, &filter)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut any = false;
    for entry in found.by_ref() {
        let entry = entry?;
        any = true;
        let written = if query.text { line(&mut out, &entry) } else { writeln!(out, "{}", entry.line) };
        match written {
            // Whoever reads has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written.map_err(unprintable)?,
        }
    }
    out.flush().map_err(unprintable)?;
    if !any {
        say_none();
    }
    match found.skipped() {
        0 => Ok(()),
        lines => Err(Failure::Failed(format!("{lines} lines cannot be read; see `audit verify`"))),
    }
}

/// `2026-11-21T02:47:11Z ok add_item shelf:7 by local through claude-code in wf-17 (op abc)`.
fn line(out: &mut impl Write, entry: &Entry) -> io::Result<()> {
    let record = &entry.record;
    let status = record.result.as_ref().map(|r| serde_json::json!(r.status));
    let status = status.as_ref().and_then(|s| s.as_str()).unwrap_or("intent");
    let tool = if record.tool.is_empty() { "-" } else { &record.tool };
    write!(out, "{} {status:7} {}", entry.ts, name(tool))?;
    if let Some(target) = &record.target {
        write!(out, " {}", name(&target.record_id))?;
    }
    write!(out, " by {} through {}", name(&record.caller.sub), name(&record.agent.name))?;
    if !record.workflow.id.is_empty() {
        write!(out, " in {}", name(&record.workflow.id))?;
    }
    if let Some(op) = &record.op {
        write!(out, " (operation {})", name(&op.id))?;
    }
    match record.result.as_ref().and_then(|r| r.error_code.as_deref()) {
        Some(code) => writeln!(out, ": {code}"),
        None => writeln!(out),
    }
}

/// A moment as it is typed.
fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "write a day, a time and its zone, such as 2026-11-01T00:00:00Z".to_owned())
}
