#![doc = include_str!("../README.md")]
#![allow(clippy::disallowed_methods, reason = "it starts the servers it speaks to")]

mod agent;
mod backlog;
mod compliance;
mod fleet;
mod guarded;
mod operations;
mod procurement;
mod refund;
mod report;
mod sales;
mod show;

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
    /// Suppliers, contracts that end, orders and invoices that are stuck; a requisition and a renewal.
    Procurement,
    /// An alert storm, from the evidence to a resolved or escalated incident.
    Operations,
    /// A page to read before a meeting with a customer.
    Sales,
    /// What should not be, over all systems, with a report and an issue for every finding.
    Compliance,
    /// A release is near: blockers in two trackers, worked while one of them fails and comes back.
    Backlog,
    /// Money given back and a word to the customer: who may, who has to agree, and what is done once.
    Refund,
}

impl Workflow {
    /// All of them, in the order the demo shows them.
    pub const ALL: [Self; 6] =
        [Self::Procurement, Self::Operations, Self::Sales, Self::Compliance, Self::Backlog, Self::Refund];

    /// Its name on the command line and in workflow ids.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Procurement => "procurement",
            Self::Operations => "operations",
            Self::Sales => "sales",
            Self::Compliance => "compliance",
            Self::Backlog => "backlog",
            Self::Refund => "refund",
        }
    }

    /// Works it once and tells the report to `sink`. Returns the agent, which knows the run's id.
    ///
    /// # Errors
    /// A server that cannot be connected, or an audit log that does not verify; vendors that fail are in the report.
    pub async fn run(self, fleet: &Fleet, sink: &Sink<'_>) -> Result<Agent> {
        let agent = Agent::connect(fleet, self.name()).await?;
        match self {
            Self::Procurement => procurement::run(fleet, &agent, sink).await?,
            Self::Operations => operations::run(fleet, &agent, sink).await?,
            Self::Sales => sales::run(fleet, &agent, sink).await?,
            Self::Compliance => compliance::run(fleet, &agent, sink).await?,
            Self::Backlog => backlog::run(fleet, &agent, sink).await?,
            Self::Refund => refund::run(fleet, &agent, sink).await?,
        }
        Ok(agent)
    }
}
