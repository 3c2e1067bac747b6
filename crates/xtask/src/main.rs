#![doc = include_str!("../README.md")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its user")]
#![allow(clippy::disallowed_methods, reason = "automation starts other programs")]

mod bench;
mod bill;
mod bless;
mod company;
mod contract;
mod demo;
mod new;
mod redaction;
mod release;
mod tables;
mod tidy;
mod tokens;
mod trial;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;

/// A command's outcome: a failure is a text for the person at the terminal.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The commands, each a file of its own that has `Args` with `run(self) -> Result`.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Measure speed and size beside a floor and, with --peers, beside rivals
    Bench(bench::Args),
    /// Rewrite what is generated: contract files and README tables
    Bless(bless::Args),
    /// Rewrite the bulk of the demo company from its seed
    Company(company::Args),
    /// Say what changed of the tools since the last release, and what that asks of the version
    Contract(contract::Args),
    /// Run the main job on the embedded sandbox, in view of the user
    Demo(demo::Args),
    /// Print the license texts of others' code in a server's image
    Licenses(bill::Args),
    /// Begin a server, a vendor or a tool
    New(new::Args),
    /// Measure what redaction finds and how fast
    Redaction(redaction::Args),
    /// Make the present contract of a server a version: changelog, version, server.json, commit and tag
    Release(release::Args),
    /// Print the bill of materials of a server's image, CycloneDX
    Sbom(bill::Args),
    /// Check the house rules
    Tidy,
    /// Present changed access tokens, a million of them, and see all refused
    Tokens(tokens::Args),
    /// Try in a copy what contributors are promised: what `new` begins passes every check, each vendor can be deleted
    Trial,
}

fn main() -> ExitCode {
    let outcome = match Command::parse_from(arguments(std::env::args())) {
        Command::Bench(args) => args.run(),
        Command::Bless(args) => args.run(),
        Command::Company(args) => args.run(),
        Command::Contract(args) => args.run(),
        Command::Demo(args) => args.run(),
        Command::Licenses(args) => bill::licenses::run(&args),
        Command::New(args) => args.run(),
        Command::Redaction(args) => args.run(),
        Command::Release(args) => args.run(),
        Command::Sbom(args) => bill::sbom::run(&args),
        Command::Tidy => tidy::run(),
        Command::Tokens(args) => args.run(),
        Command::Trial => trial::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// `cargo demo -- --keep` means the demo's flag: an alias hands on the dashes that cargo itself would take.
fn arguments(mut given: impl Iterator<Item = String>) -> Vec<String> {
    let mut arguments: Vec<String> = given.by_ref().take(2).collect();
    let mut rest = given.peekable();
    rest.next_if(|first| first == "--");
    arguments.extend(rest);
    arguments
}

/// The root of the workspace one stands in, else of the one this was built from.
fn root() -> PathBuf {
    let is_root = |folder: &Path| {
        std::fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|text| text.starts_with("[workspace]"))
    };
    let built = Path::new(env!("CARGO_MANIFEST_DIR"));
    let around = std::env::current_dir().ok();
    let around = around.iter().flat_map(|here| here.ancestors()).find(|folder| is_root(folder));
    around.or_else(|| built.ancestors().nth(2)).unwrap_or(built).to_path_buf()
}

#[cfg(test)]
mod tests {
    #[test]
    fn dashes_behind_a_command_are_cargos() {
        let arguments = |line: &str| super::arguments(line.split(' ').map(str::to_owned)).join(" ");
        assert_eq!(arguments("xtask demo -- --keep sales"), "xtask demo --keep sales");
        assert_eq!(arguments("xtask demo --keep -- sales"), "xtask demo --keep -- sales");
        assert_eq!(arguments("xtask"), "xtask");
    }
}
