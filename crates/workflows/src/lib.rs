#![doc = include_str!("../README.md")]

mod agent;
mod fleet;
mod report;

pub use agent::{Agent, Outcome};
pub use fleet::{Beside, DOMAINS, Fleet, Server, Setup};
pub use report::{Report, Sink};

/// Whatever went wrong, for a person.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
/// `Result` with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
