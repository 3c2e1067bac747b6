//! `cargo demo`: scripted agents work the demo company's business across all servers, in view of the user.

mod chaos;
mod clients;

use std::time::Instant;

use clap::ValueEnum;
use tokio::process::Command;
use workflows::{Fleet, Setup, Workflow};

use crate::{Result, root};

/// What `cargo demo` may be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run only this workflow; all of them if none is named
    #[arg(value_enum)]
    workflow: Option<Choice>,
    /// Kill and slow down vendors meanwhile; the reports say what is missing
    #[arg(long)]
    chaos: bool,
    /// Leave the servers running afterwards and print client configurations to paste
    #[arg(long)]
    keep: bool,
}

/// A workflow by its name.
#[derive(Clone, Copy, ValueEnum)]
enum Choice {
    /// Suppliers, contracts that end, stuck orders and invoices; a requisition and a renewal
    Procurement,
    /// An alert storm, from the evidence to a resolved or escalated incident
    Operations,
    /// A page to read before a meeting with a customer
    Sales,
    /// What should not be, over all systems, with a report and an issue for every finding
    Compliance,
    /// Release blockers in two trackers, worked while one of them fails and comes back
    Backlog,
    /// Money given back: a refusal by role, an approval by a second person, a confirmation, a retry
    Refund,
}

impl Choice {
    fn workflow(self) -> Workflow {
        match self {
            Self::Procurement => Workflow::Procurement,
            Self::Operations => Workflow::Operations,
            Self::Sales => Workflow::Sales,
            Self::Compliance => Workflow::Compliance,
            Self::Backlog => Workflow::Backlog,
            Self::Refund => Workflow::Refund,
        }
    }
}

impl Args {
    /// Builds the servers, runs the workflows against them and tells how it went.
    pub(crate) fn run(self) -> Result {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            println!("Chancery: agents work the business of a demo company across its systems.");
            println!(
                "No account, no database, no network: the vendors are simulated, everything else is real.\n"
            );
            let mut fleet = open().await?;
            let mut worked = self.work(&fleet).await;
            if worked.is_ok() && self.keep {
                clients::print(&fleet);
                worked = fleet.wait().await;
            }
            let stopped = fleet.stop().await;
            worked.and(stopped)
        })
    }

    async fn work(&self, fleet: &Fleet) -> Result {
        let begun = Instant::now();
        let chosen = self.workflow.map_or(Workflow::ALL.to_vec(), |choice| vec![choice.workflow()]);
        for workflow in &chosen {
            if self.chaos {
                chaos::strike(fleet, *workflow).await?;
            }
            workflow.run(fleet, &|line| println!("{line}")).await?;
            if self.chaos {
                chaos::heal(fleet).await?;
            }
        }
        println!("\n{} workflows in {:.1} s.", chosen.len(), begun.elapsed().as_secs_f64());
        Ok(())
    }
}

/// Builds the servers if need be and starts them.
async fn open() -> Result<Fleet> {
    let here = std::env::current_exe()?;
    let binaries = here.parent().ok_or("this program lies in no folder")?;
    let setup = Setup::new(binaries);
    let begun = Instant::now();
    println!("Building {} servers (a few minutes on a fresh clone, seconds later) ...", setup.domains.len());
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).arg("build");
    for domain in &setup.domains {
        // By the name of the program, not of the package: so everything has the features it has in the tests.
        cargo.args(["--bin", &format!("chancery-{domain}")]);
    }
    if !cargo.status().await?.success() {
        return Err("the servers do not build".into());
    }
    println!("Built in {:.1} s.", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let fleet = Fleet::start(&setup).await?;
    println!("Started in {} ms:", begun.elapsed().as_millis());
    for server in fleet.servers() {
        println!("  {:<8} {}", server.domain, server.mcp());
    }
    Ok(fleet)
}
