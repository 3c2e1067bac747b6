#![doc = include_str!("../README.md")]

pub mod address;
mod cached;
mod clock;
mod cx;
mod exchange;
mod hex;
mod identity;
mod journal;
mod layer;
mod operation;
mod person;
mod scopes;
mod users;
mod wait;

pub use cached::{Cached, Fresh};
pub use clock::Clock;
pub use cx::{Cx, Progress};
pub use exchange::Exchange;
pub use hex::hex;
pub use identity::{Agent, Caller, Trace, Workflow};
pub use journal::{Journal, Sent};
pub use layer::{Layer, Next, Serve, Stack};
pub use operation::Operation;
pub use person::{Person, Reply, Said};
pub use scopes::Scopes;
pub use users::Users;
pub use wait::{retry_after, written_at};

pub use futures::future::BoxFuture;
pub use tokio_util::sync::CancellationToken;
