#![doc = include_str!("../README.md")]
#![allow(clippy::disallowed_methods, reason = "it starts the servers it speaks to")]

mod agent;
mod fleet;
mod report;
mod sales;

pub use agent::{Agent, Outcome};
pub use fleet::{Beside, DOMAINS, Fleet, Server, Setup};
pub use report::{Report, Sink};

/// Whatever went wrong, for a person.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
/// `Result` with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A piece of business that a scripted agent works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workflow {
    /// A page to read before a meeting with a customer.
    Sales,
}

impl Workflow {
    /// All of them, in the order the demo shows them.
    pub const ALL: [Self; 1] = [Self::Sales];

    /// Its name on the command line and in workflow ids.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sales => "sales",
        }
    }

    /// Works it once and tells the report to `sink`. Returns the agent, which knows the run's id.
    ///
    /// # Errors
    /// A server that cannot be connected, or an audit log that does not verify; vendors that fail are in the report.
    pub async fn run(self, fleet: &Fleet, sink: &Sink<'_>) -> Result<Agent> {
        let agent = Agent::connect(fleet, self.name()).await?;
        match self {
            Self::Sales => sales::run(fleet, &agent, sink).await?,
        }
        Ok(agent)
    }
}
