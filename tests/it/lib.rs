//! Real binaries, started and spoken to as a stranger would: the house in which the integration tests live.

#![allow(missing_docs, reason = "the tests are the readers")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests only"
)]

mod client;
mod house;
mod issuer;
mod server;
mod simulator;
mod tap;

pub use client::{Client, Reply, outcome};
pub use house::{Home, SERVERS};
pub use issuer::{Issuer, config as trusting};
pub use server::{Server, Spawn, binary, command, run};
pub use simulator::{Simulator, Vendor};
pub use tap::Tap;
