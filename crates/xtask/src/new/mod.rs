//! `cargo xtask new`: a server, a vendor or a tool that compiles and passes every check before a line of it is written.
//!
//! What is made is a [`Draft`]: it is held against the house rules as a whole before anything is written.

mod able;
mod draft;
mod edit;
mod name;
mod port;
mod server;
mod tool;
mod vendor;

#[cfg(test)]
mod tests;

use std::process::Command;

use clap::Subcommand;

use crate::{
    Result, bless, contract, root,
    tidy::{self, Tree},
};
use draft::Draft;

/// What `cargo xtask new` may be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// A server for another domain, copied from the template: `new server hr`
    Server {
        /// The domain: lower-case letters and digits
        domain: String,
        /// What to call its one vendor instead of the template's
        #[arg(long)]
        vendor: Option<String>,
    },
    /// A vendor of a server: `new vendor itsm zendesk`
    Vendor {
        /// The server's folder
        server: String,
        /// The vendor: lower-case letters and digits
        vendor: String,
    },
    /// A tool of a server: `new tool crm merge_contacts`
    Tool {
        /// The server's folder
        server: String,
        /// `verb_noun`
        tool: String,
    },
}

impl Args {
    /// Writes it, accepts its contract and says what to write next.
    pub(crate) fn run(self) -> Result {
        let tree = Tree::read(&root())?;
        let made = match &self.what {
            What::Server { domain, vendor } => server::draft(&tree, domain, vendor.as_deref())?,
            What::Vendor { server, vendor } => vendor::draft(&tree, server, vendor)?,
            What::Tool { server, tool } => tool::draft(&tree, server, tool)?,
        };
        made.draft.hold(&tree)?;
        made.draft.write(&root())?;
        format(&made.package)?;
        bless::accept(&made.package)?;
        let tree = Tree::read(&root())?;
        contract::bump(&tree, &contract::folder(&tree, &made.package)?)?;
        let findings = tidy::report(&Tree::read(&root())?);
        if !findings.is_empty() {
            return Err(format!("it is written, but not tidy:\n\n{}", findings.join("\n\n")).into());
        }
        println!("{}", made.next);
        Ok(())
    }
}

/// What a command makes.
struct Made {
    draft: Draft,
    /// The package it belongs to.
    package: String,
    /// What the person at the terminal does next.
    next: String,
}

fn format(package: &str) -> Result {
    let mut cargo = Command::new(env!("CARGO"));
    match cargo.current_dir(root()).args(["fmt", "--package", package]).status()?.success() {
        true => Ok(()),
        false => Err(format!("`{package}` cannot be formatted").into()),
    }
}
