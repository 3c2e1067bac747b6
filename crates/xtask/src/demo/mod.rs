//! `cargo demo`: an agent works a backlog that lives in two trackers, in view of the user.

mod agent;
mod clients;
mod house;
mod story;

use crate::Result;

/// What `cargo demo` may be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave the server running afterwards and print client configurations to paste
    #[arg(long)]
    keep: bool,
}

impl Args {
    /// Builds the server, runs the story against it and tells how it went.
    pub(crate) fn run(self) -> Result {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            println!("Chancery: an agent works the backlog of a demo company in Jira and GitHub.");
            println!(
                "No account, no database, no network: both vendors are simulated, everything else is real.\n"
            );
            let mut house = house::House::open("issues").await?;
            let agent = agent::Agent::connect(house.mcp()).await?;
            story::tell(&agent, &house).await?;
            if self.keep {
                clients::print(&house);
                house.wait().await?;
            }
            house.close().await
        })
    }
}
