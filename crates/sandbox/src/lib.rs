#![doc = include_str!("../README.md")]

mod answer;
mod app;
mod ask;
mod assertion;
mod builder;
mod clock;
pub mod company;
mod control;
mod credential;
mod engine;
mod fault;
mod grant;
pub mod keys;
mod limit;
mod log;
pub mod page;
mod records;
mod refusal;
mod route;
mod scheme;
mod server;
mod tls;
mod tokens;
mod wire;

pub use answer::{Answer, Reply};
pub use app::App;
pub use ask::Ask;
pub use assertion::JwtBearer;
pub use builder::Builder;
pub use clock::Clock;
pub use control::Control;
pub use credential::Credential;
pub use engine::Simulator;
pub use fault::{Fault, Match, Rule};
pub use grant::ClientCredentials;
pub use limit::{Budget, Limit};
pub use log::Entry;
pub use records::{Records, Row, Stale};
pub use refusal::{Denial, Refusal};
pub use scheme::{Presented, Scheme};
pub use server::{Directions, Options, Running};
pub use tokens::{Issued, Principal, Tokens};

pub use http::{HeaderMap, Method, StatusCode};
pub use jiff::Timestamp;
