//! The layers of the tool stack, one concern a file. Their order and its reasons stand in `stack.rs`.

mod consent;
mod content;
mod deadline;
mod intent;
mod ledger;
mod limit;
mod meter;
mod once;
mod panic;
mod record;
mod redact;
mod reports;
mod scope;
mod tenant;
mod trace;
mod validate;
mod visible;

pub(crate) use consent::Consent;
pub(crate) use content::Content;
pub(crate) use deadline::Deadline;
pub(crate) use intent::Intent;
pub(crate) use ledger::{Append, Ledger, Reads};
pub(crate) use limit::Limit;
pub(crate) use meter::Meter;
pub(crate) use once::{Once, operation, unknown};
pub(crate) use panic::Panic;
pub(crate) use record::Record;
pub(crate) use reports::Reports;
pub(crate) use scope::{Scope, not_granted};
pub(crate) use tenant::Tenant;
pub(crate) use trace::Trace;
pub(crate) use validate::Validate;
pub(crate) use visible::Visible;
