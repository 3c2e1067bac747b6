#![doc = include_str!("../README.md")]

mod address;
mod answer;
mod ask;
mod client;
mod encode;
mod kit;
mod layers;
mod profile;
mod reply;
mod request;
mod settings;
mod stack;
mod tower;
mod transport;
mod vendor;
mod verdict;

#[cfg(test)]
mod tests;

pub use client::Client;
pub use kit::{Kit, Route};
pub use profile::{Limit, Profile};
pub use reply::Reply;
pub use request::{Class, Repeat, Request};
pub use settings::{Limits, NoKeys, Settings, wrong_key};
pub use tower::{Tower, recover, scope};
pub use vendor::Vendor;
pub use verdict::{Verdict, by_status};

/// The credential types a vendor's client or its tests may have to build.
pub use oauth::{Config as Auth, Secret};
