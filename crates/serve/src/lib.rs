#![doc = include_str!("../README.md")]

pub mod admin;
mod approvals;
mod catalogue;
mod cli;
mod config;
#[cfg(feature = "sandbox")]
mod demo;
mod domain;
mod envelope;
mod front;
mod hall;
mod handler;
pub mod http;
mod layers;
mod limits;
mod lines;
mod logging;
mod offer;
mod recorder;
mod rules;
mod shutdown;
mod stack;
mod start;
mod state;
mod tenants;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tls;

#[cfg(test)]
mod trial;

use std::process::ExitCode;

pub use domain::Domain;
use mimalloc::MiMalloc;

/// A call takes some thousand small pieces of memory, and the C library's allocator was a seventh of its time.
/// Without huge pages (the feature `no_thp`): with them a server at rest takes more than twice the memory (ADR 0015).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The subject of whoever calls without an identity: over stdio, and over HTTP on loopback. A source's `users` may
/// map it to a vendor's user, so that `me` works.
pub const LOCAL_CALLER: &str = "local";

/// Runs the server of `domain` as its command line says: all that a server's `main` does. The exit code is 0 when
/// it is done, 1 when it failed, 2 when command line or configuration are wrong.
#[must_use]
pub fn run(domain: Domain) -> ExitCode {
    cli::main(domain)
}
