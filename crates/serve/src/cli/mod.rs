//! The command line. One file a command; help texts teach by example.

mod approvals;
mod audit;
mod call;
mod check;
mod doors;
mod health;
mod http;
mod kept;
mod keys;
mod operations;
mod page;
mod policy;
#[cfg(feature = "sandbox")]
mod sandbox;
mod stdio;
mod tenants;
mod tools;

use std::fmt::Display;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use crate::config::{Config, LogFormat, Overrides, Problem, ServerTable, address};
use crate::domain::Domain;
use crate::offer::Mode;

/// How a command ended, as exit codes: 0 done, 1 failed, 2 bad usage or configuration.
pub(crate) enum Failure {
    /// It was done and did not succeed.
    Failed(String),
    /// It could not be begun: the command line or the configuration is wrong.
    Usage(String),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Usage(problem.to_string())
    }
}

impl From<error::Error> for Failure {
    /// For an operator: with the detail that an agent never sees, and the cure.
    fn from(error: error::Error) -> Self {
        Self::Failed(told(&error))
    }
}

/// An error for an operator. The standard remedy of its code is for agents and left out.
pub(crate) fn told(error: &error::Error) -> String {
    match cure(error) {
        Some(cure) => format!("{error:?}. {cure}"),
        None => format!("{error:?}"),
    }
}

/// What an error says beyond the standard remedy of its code.
pub(crate) fn cure(error: &error::Error) -> Option<String> {
    Some(error.wire("").hint).filter(|hint| hint != error.code().remedy())
}

pub(crate) type Done = Result<(), Failure>;

/// Prints a line. Whoever reads no further (`| head -1`) has what they wanted.
fn print(line: impl Display) -> Done {
    match writeln!(io::stdout().lock(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(unprintable(error)),
        _ => Ok(()),
    }
}

fn unprintable(error: io::Error) -> Failure {
    Failure::Failed(format!("the answer cannot be printed: {error}"))
}

/// How long a thread that waited for a file stays when nothing more is to wait for. A thread that ends gives memory that
/// is no longer used back to the system, also what others used: a server at rest soon weighs what it needs.
const KEPT_THREAD: Duration = Duration::from_secs(2);

/// The runtime of every command.
fn runtime() -> Result<Runtime, Failure> {
    let runtime = Builder::new_multi_thread().enable_all().thread_keep_alive(KEPT_THREAD).build();
    runtime.map_err(|e| Failure::Failed(format!("the runtime cannot start: {e}")))
}

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Speak MCP on stdin and stdout, for a desktop host
    Stdio(Common),
    /// Serve MCP over HTTP at /mcp, with health and metrics on a listener of their own
    Serve(http::Options),
    /// Ask the running server whether it is ready, for probes that run a command
    Health(health::Options),
    /// Print the whole contract: every tool, without any source
    Tools(tools::Options),
    /// Make one call from the terminal, through the same stack as every other call
    Call(call::Options),
    /// Try configuration, credentials and one cheap read of every source
    Check(Common),
    /// Serve only a vendor's simulator, for other clients
    Sandbox(SandboxOptions),
    /// Verify or search the record of calls
    Audit(audit::Options),
    /// List, show or reconcile writes whose fate is unknown
    Operations(operations::Options),
    /// List, show or decide changes that wait for another person
    Approvals(approvals::Options),
    /// Make, list or revoke API keys
    Keys(keys::Options),
    /// Explain what a role may do, and which rules say so
    Policy(policy::Options),
    /// List, set or remove tenants
    Tenants(tenants::Options),
}

/// What every command that opens the house takes.
#[derive(Args, Clone)]
pub(crate) struct Common {
    /// The configuration [default: $CHANCERY_CONFIG]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Start the vendors' simulators with the demo company and use them; needs no configuration.
    /// `[sandbox] VENDOR = "127.0.0.1:PORT"` names one that `sandbox VENDOR` already serves
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// Offer no tool that changes anything
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Withhold text that somebody outside the company wrote
    #[arg(long)]
    pub(crate) lockdown: bool,
    /// How the log on stderr is written [default: text on a terminal, else json]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
}

/// What `sandbox` takes.
#[derive(Args)]
pub(crate) struct SandboxOptions {
    /// The vendor; the server's `--help` lists them
    pub(crate) vendor: String,
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR", value_parser = address)]
    pub(crate) listen: SocketAddr,
    /// Serve TLS with the demo certificate
    #[arg(long)]
    pub(crate) tls: bool,
}

impl Common {
    pub(crate) fn mode(&self) -> Mode {
        let Self { read_only, lockdown, sandbox, .. } = *self;
        Mode { read_only, lockdown, sandbox, asking: false }
    }

    /// The configuration. Without a file it is what the environment says.
    pub(crate) fn load(&self) -> Result<Config, Problem> {
        load(self.config.clone())
    }
}

/// Reads `file`, else the one that `CHANCERY_CONFIG` names, else the environment alone.
pub(crate) fn load(file: Option<PathBuf>) -> Result<Config, Problem> {
    let (file, overrides) = told_by(file);
    Config::load(file.as_deref(), &overrides)
}

/// The `[server]` table of the same; who only looks for the server needs nothing else of it.
fn server_table(file: Option<PathBuf>) -> Result<ServerTable, Problem> {
    let (file, overrides) = told_by(file);
    Config::server(file.as_deref(), &overrides)
}

fn told_by(file: Option<PathBuf>) -> (Option<PathBuf>, Overrides) {
    let file = file.or_else(|| std::env::var_os("CHANCERY_CONFIG").map(PathBuf::from));
    // A variable that is no text sets no key of ours.
    let variables =
        std::env::vars_os().filter_map(|(n, v)| Some((n.into_string().ok()?, v.into_string().ok()?)));
    (file, Overrides::of(variables))
}

/// Parses the command line and does what it says.
pub(crate) fn main(domain: Domain) -> ExitCode {
    let program = domain.catalogue().program();
    let matches = command(&domain).get_matches();
    let line = match Line::from_arg_matches(&matches) {
        Ok(line) => line,
        Err(error) => error.exit(),
    };
    match run(domain, line.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Failed(why)) => complain(&program, &why, 1),
        Err(Failure::Usage(why)) => complain(&program, &why, 2),
    }
}

fn run(domain: Domain, command: Command) -> Done {
    match command {
        Command::Stdio(common) => stdio::run(domain, &common),
        Command::Serve(options) => http::run(domain, &options),
        Command::Health(options) => health::run(&options),
        Command::Tools(options) => tools::run(&domain, &options),
        Command::Call(options) => call::run(domain, &options),
        Command::Check(common) => check::run(domain, &common),
        Command::Sandbox(options) => simulate(&domain, &options),
        Command::Audit(options) => audit::run(&options),
        Command::Operations(options) => operations::run(domain, &options),
        Command::Approvals(options) => approvals::run(&domain, &options),
        Command::Keys(options) => keys::run(&domain, &options),
        Command::Policy(options) => policy::run(&domain, &options),
        Command::Tenants(options) => tenants::run(&domain, &options),
    }
}

#[cfg(feature = "sandbox")]
fn simulate(domain: &Domain, options: &SandboxOptions) -> Done {
    sandbox::run(domain, options)
}

#[cfg(not(feature = "sandbox"))]
fn simulate(domain: &Domain, _: &SandboxOptions) -> Done {
    Err(no_simulators(domain))
}

/// What an image without simulators says when it is asked for one.
#[cfg(not(feature = "sandbox"))]
pub(crate) fn no_simulators(domain: &Domain) -> Failure {
    let catalogue = domain.catalogue();
    let (program, version) = (catalogue.program(), catalogue.version);
    Failure::Usage(format!("this build has no simulators; use the image {program}:{version}-sandbox"))
}

#[allow(clippy::print_stderr, reason = "the command line's own word to its user")]
fn complain(program: &str, why: &str, code: u8) -> ExitCode {
    eprintln!("{program}: {why}");
    ExitCode::from(code)
}

/// The command line under the domain's name, with examples.
fn command(domain: &Domain) -> clap::Command {
    let catalogue = domain.catalogue();
    let program = catalogue.program();
    let tool = check::probe(catalogue.specs()).map_or("TOOL", |spec| spec.meta.name);
    let example = |text: &str| {
        let text = text.replace("PROGRAM", &program).replace("DOMAIN", catalogue.name).replace("TOOL", tool);
        format!("Examples:\n{text}")
    };
    Line::command()
        .bin_name(&program)
        .display_name(&program)
        .version(catalogue.version)
        .about(catalogue.instructions)
        .after_help(example(OVERVIEW) + "\nVendors: " + &domain.vendors().join(", "))
        .mut_subcommand("stdio", |c| c.after_help(example(STDIO)))
        .mut_subcommand("serve", |c| c.after_help(example(SERVE)))
        .mut_subcommand("health", |c| c.after_help(example(HEALTH)))
        .mut_subcommand("tools", |c| c.after_help(example(TOOLS)))
        .mut_subcommand("call", |c| c.after_help(example(CALL)))
        .mut_subcommand("check", |c| c.after_help(example(CHECK)))
        .mut_subcommand("sandbox", |c| c.after_help(example(SANDBOX)))
        .mut_subcommand("audit", |c| c.after_help(example(AUDIT)))
        .mut_subcommand("operations", |c| c.after_help(example(OPERATIONS)))
        .mut_subcommand("approvals", |c| c.after_help(example(APPROVALS)))
        .mut_subcommand("keys", |c| c.after_help(example(KEYS)))
        .mut_subcommand("policy", |c| {
            let help = example(POLICY);
            c.after_help(&help).mut_subcommand("explain", |c| c.after_help(help))
        })
        .mut_subcommand("tenants", |c| c.after_help(example(TENANTS)))
}

const OVERVIEW: &str = "  PROGRAM serve --sandbox              try it: simulated vendors, real protocol
  PROGRAM check --config chancery.toml see whether your accounts work
  PROGRAM stdio --config chancery.toml what a desktop host starts
";
const STDIO: &str = "  PROGRAM stdio --sandbox
  PROGRAM stdio --config ~/.config/chancery.toml --read-only";
const SERVE: &str = "  PROGRAM serve --sandbox --listen 127.0.0.1:0
  PROGRAM serve --config chancery.toml
The first line on stderr is JSON with the bound addresses.";
const HEALTH: &str = "  PROGRAM health
  PROGRAM health --admin 127.0.0.1:9091
Exits with 0 where `serve` takes calls, else with 1 and the reason.";
const TOOLS: &str = "  PROGRAM tools
  PROGRAM tools --json";
const CALL: &str = "  PROGRAM call TOOL --sandbox
  PROGRAM call TOOL '{\"source\": \"NAME\"}' --config chancery.toml
The answer is JSON on stdout; the exit code is 1 if it is an error.";
const CHECK: &str = "  PROGRAM check --config chancery.toml
  PROGRAM check --sandbox";
const SANDBOX: &str = "  PROGRAM sandbox VENDOR --listen 127.0.0.1:8100
The first line on stderr is JSON with addresses, demo credentials and a ready token.";
const AUDIT: &str = "  PROGRAM audit verify
  PROGRAM audit query --record source:native --since 2026-11-01T00:00:00Z
  PROGRAM audit query --dir /var/lib/chancery/audit --tool TOOL --text";
const OPERATIONS: &str = "  PROGRAM operations pending --config chancery.toml
  PROGRAM operations show ID
  PROGRAM operations reconcile ID --config chancery.toml
A write began and nobody knows how it ended: the reply was lost, or the process died. `reconcile` looks for its
marker at the vendor and sends nothing. Where it finds nothing and you found nothing either:
  PROGRAM operations reconcile ID --nothing-happened";
const APPROVALS: &str = "  PROGRAM approvals list --config chancery.toml
  PROGRAM approvals show ID
  PROGRAM approvals approve ID --reason \"as agreed with Ada\"
  PROGRAM approvals deny ID --reason \"not this quarter\"
  PROGRAM approvals link ID --approver ada
Whoever asked cannot decide. A link opens the page of `[approvals] listen` for one request, once. After an approval the caller repeats the call with its plan, which works once.";
const KEYS: &str = "  PROGRAM keys create --subject billing-agent --scope DOMAIN:read --days 30
  PROGRAM keys list --config chancery.toml
  PROGRAM keys revoke 4f1c22aa90b1
The key is printed on stdout, alone; everything else is said on stderr.";
const TENANTS: &str = "  PROGRAM tenants list --config chancery.toml
  PROGRAM tenants set acme --terms acme.toml
  echo 'tools = [\"DOMAIN:*\"]' | PROGRAM tenants set acme --terms -
  PROGRAM tenants remove acme
Where `[tenants]` names a file, edit the file.";

const POLICY: &str = "  PROGRAM policy explain --role analyst
  PROGRAM policy explain --role support --tool TOOL
  PROGRAM policy explain --role buyer --tool TOOL --args '{\"source\": \"NAME\"}' --config chancery.toml
Without `[policy] roles` these are the roles of the house. No source is asked and nothing is recorded.";

#[cfg(test)]
mod tests;
