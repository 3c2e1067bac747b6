//! What holds across servers, on real binaries over the wire. One binary: linking is what costs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests only"
)]

mod approvals;
mod audit_trail;
mod bad_calls;
mod catalogue;
mod command_line;
mod confirm;
mod crash;
mod domains;
mod gate;
mod identity;
mod limits;
mod matrix;
mod once;
mod outages;
mod policy;
mod redaction;
mod references;
mod secrets;
mod shutdown;
mod tool_selection;
mod vendor_faults;
mod vendor_schemas;
mod workflows;
