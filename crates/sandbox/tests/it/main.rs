//! The kit as a vendor's author and a client see it: over real sockets, on real time, judged by outcomes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers fail as tests do")]

mod control;
mod faults;
mod notes;
mod tokens;
mod vendor;
mod wire;
