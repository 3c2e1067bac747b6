//! `cargo xtask bench`: speed and size beside two floors, in one run.
//!
//! Absolute figures of a shared machine say little, so each round measures the floors and ours one after the other
//! and the report compares within the round. Vendor, floors and load generator are hidden subcommands of this
//! binary, each a process of its own: nobody borrows another's memory, files or scheduler.
//!
//! Start reading at `report`, then `cells` (what is measured) and `load` (how).

mod bare;
mod bars;
mod build;
mod cells;
mod floor;
mod gate;
mod issuer;
mod load;
mod measure;
mod mock;
mod peers;
mod process;
mod report;
mod rows;
mod startup;
mod table;
mod target;

use crate::Result;

/// What `cargo xtask bench` may be told.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    options: report::Options,
}

/// The processes a run is made of.
#[derive(clap::Subcommand)]
enum Part {
    /// The vendor: answers every search with the same ten issues
    #[command(hide = true)]
    Mock(mock::Args),
    /// The floor: what an MCP server at least has to do
    #[command(hide = true)]
    Floor(floor::Args),
    /// The second floor: what a server on the same SDK at least has to do
    #[command(hide = true)]
    Bare(bare::Args),
    /// The load generator: one plan, one outcome
    #[command(hide = true)]
    Load(load::Args),
}

impl Args {
    /// Measures, prints the table, writes the JSON file.
    pub(crate) fn run(self) -> Result {
        match self.part {
            None => self.options.run(),
            Some(Part::Mock(args)) => args.run(),
            Some(Part::Floor(args)) => args.run(),
            Some(Part::Bare(args)) => args.run(),
            Some(Part::Load(args)) => args.run(),
        }
    }
}
