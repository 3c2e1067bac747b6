//! `cargo xtask bless`: accepts what the code says now as what it shall say.

use std::{fs, process::Command};

use crate::{
    Result, contract, root, tables,
    tidy::{self, Tree},
};

/// The package to select beside one that is meant. Cargo gives a dependency the features that the selected packages ask of
/// it, and the tests over the wire ask for nearly all: so one server finds compiled what another needed.
pub(crate) const BESIDE: &str = "it";

/// What `cargo xtask bless` may be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only this server; without it, all
    server: Option<String>,
}

impl Args {
    /// Rewrites the golden files by the tests that own them, then the tables made from them.
    pub(crate) fn run(self) -> Result {
        let tree = Tree::read(&root())?;
        let all = || tree.folders("servers").into_iter().map(str::to_owned).collect();
        for server in self.server.map_or_else(all, |server| vec![server]) {
            bless_contract(tree.package(&contract::folder(&tree, &server)?))?;
        }
        write_tables()?;
        complete()
    }
}

/// Accepts the contract of one package, which may be new.
pub(crate) fn accept(package: &str) -> Result {
    bless_contract(package)?;
    write_tables()
}

/// The server's own test writes the files it would otherwise compare.
fn bless_contract(server: &str) -> Result {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).env("CHANCERY_BLESS", "1");
    cargo.args([
        "test",
        "--quiet",
        "--package",
        server,
        "--package",
        BESIDE,
        "--lib",
        "--",
        "contract",
        "capabilities",
    ]);
    match cargo.status()?.success() {
        true => Ok(()),
        false => Err(format!("the contract of `{server}` could not be blessed").into()),
    }
}

fn write_tables() -> Result {
    for (path, text) in tables::rewritten(&Tree::read(&root())?) {
        fs::write(root().join(&path), text)?;
        println!("blessed {path}");
    }
    Ok(())
}

/// A server without a test that honors `CHANCERY_BLESS` has blessed nothing, and must not seem to.
fn complete() -> Result {
    match tidy::report_of("tool-contract", &Tree::read(&root())?) {
        missing if missing.is_empty() => Ok(()),
        missing => Err(missing.join("\n\n").into()),
    }
}
